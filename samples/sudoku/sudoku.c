// sudoku: solves puzzles read from standard input, 81 characters each; '.' or '0' is empty.
//
//     sudoku [-a]     -a  count all solutions (up to 1000) instead of printing the first
//
// What to look for: the candidates of a cell are nine bits; placing a digit clears one bit in
// its row, column and box. solve() takes the cell with the fewest candidates, so the call
// stack is the list of guesses. When a guess fails the board is copied back (memory.copy):
// set a breakpoint on the second return of solve() and look at the depth.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { N = 9, CELLS = N * N, ALL = 0x1ff };

struct board {
    uint8_t digit[CELLS]; // 0: empty
    uint16_t row[N], column[N], box[N]; // digits still free, bit d - 1
};

static unsigned guesses, limit;

static int box_of(int cell) { return cell / 27 * 3 + cell % N / 3; }

static unsigned candidates(const struct board *b, int cell) {
    return b->row[cell / N] & b->column[cell % N] & b->box[box_of(cell)];
}

static bool place(struct board *b, int cell, unsigned digit) {
    unsigned bit = 1u << (digit - 1);
    if (!(candidates(b, cell) & bit)) return false;
    b->digit[cell] = (uint8_t)digit;
    b->row[cell / N] ^= bit;
    b->column[cell % N] ^= bit;
    b->box[box_of(cell)] ^= bit;
    return true;
}

// Fills in the first solution; returns how many there are, counting no further than `limit`.
static unsigned solve(struct board *b) {
    int best = -1, fewest = 10;
    for (int cell = 0; cell < CELLS && fewest > 1; cell++) {
        if (b->digit[cell]) continue;
        int n = __builtin_popcount(candidates(b, cell));
        if (n < fewest) {
            fewest = n;
            best = cell;
        }
    }
    if (best < 0) return 1;
    unsigned found = 0;
    struct board first = {0}, saved = *b;
    for (unsigned set = candidates(b, best); set && found < limit; set &= set - 1) {
        if (fewest > 1) guesses++;
        place(b, best, (unsigned)__builtin_ctz(set) + 1);
        unsigned n = solve(b);
        if (n && !found) first = *b;
        found += n;
        *b = saved;
    }
    if (found) *b = first;
    return found;
}

static void print(const struct board *b) {
    for (int cell = 0; cell < CELLS; cell++) {
        printf("%d%s", b->digit[cell], cell % N == 8 ? "\n" : cell % 3 == 2 ? " | " : " ");
        if (cell == 26 || cell == 53) puts("------+-------+------");
    }
}

int main(int argc, char **argv) {
    bool all = argc > 1 && strcmp(argv[1], "-a") == 0;
    char line[128];
    int status = 0;
    limit = all ? 1000 : 1;
    for (int number = 1; fgets(line, sizeof line, stdin); number++) {
        size_t length = strcspn(line, "\r\n");
        if (length == 0) continue;
        struct board b = {0};
        for (int i = 0; i < N; i++) b.row[i] = b.column[i] = b.box[i] = ALL;
        bool good = length == CELLS;
        for (int cell = 0; good && cell < CELLS; cell++) {
            char c = line[cell];
            if (c == '.' || c == '0') continue;
            good = c >= '1' && c <= '9' && place(&b, cell, (unsigned)(c - '0'));
        }
        if (!good) {
            printf("%d: not a puzzle\n", number);
            status = 1;
            continue;
        }
        guesses = 0;
        unsigned found = solve(&b);
        printf("%d: %u solution%s, %u guesses\n", number, found, found == 1 ? "" : "s", guesses);
        if (found && !all) print(&b);
    }
    return status;
}
