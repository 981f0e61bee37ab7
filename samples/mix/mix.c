// mix: a mixed workload for measuring. The work grows with the first argument.
//
//     mix [ROUNDS [SEED]]     default 1 round: about two million instructions
//
// What to look for: six kernels with different habits: sieve (stores to a bit array), sort
// (compares, calls, branches nobody can foretell), matrix (nested loops, multiplication),
// crc (table look-ups, shifts), tree (allocation, pointers, recursion), machine (a little
// interpreter: br_table in a loop). Each returns a number that depends on all of its work;
// the last line tells whether two engines computed the same.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state;

static uint32_t draw(void) { // xorshift32
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

// ---- how many primes below LIMIT + offset, a bit for each odd number

enum { LIMIT = 16384 };

static uint32_t sieve(void) {
    static uint8_t composite[LIMIT / 16];
    memset(composite, 0, sizeof composite);
    uint32_t count = 1, sum = 2;
    for (uint32_t n = 3; n < LIMIT; n += 2) {
        if (composite[n >> 4] >> (n >> 1 & 7) & 1) continue;
        count++;
        sum += n;
        for (uint32_t k = n * n; k < LIMIT && n < 128; k += 2 * n) composite[k >> 4] |= (uint8_t)(1u << (k >> 1 & 7));
    }
    return count ^ sum << 8;
}

// ---- quicksort of pseudo-random numbers

enum { NUMBERS = 1500 };

static void quicksort(uint32_t *a, int low, int high) {
    while (low < high) {
        uint32_t pivot = a[low + (high - low) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot) i++;
            while (a[j] > pivot) j--;
            if (i > j) break;
            uint32_t t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
        if (j - low < high - i) {
            quicksort(a, low, j);
            low = i;
        } else {
            quicksort(a, i, high);
            high = j;
        }
    }
}

static uint32_t sort(void) {
    static uint32_t a[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) a[i] = draw();
    quicksort(a, 0, NUMBERS - 1);
    uint32_t check = 0;
    for (int i = 0; i < NUMBERS; i++) check = check * 31 + a[i] + (uint32_t)(i && a[i] < a[i - 1]);
    return check;
}

// ---- product of two matrices, 64-bit sums

enum { SIDE = 22 };

static uint32_t matrix(void) {
    static uint32_t a[SIDE][SIDE], b[SIDE][SIDE];
    uint64_t check = 0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            a[i][j] = draw();
            b[i][j] = draw();
        }
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            uint64_t sum = 0;
            for (int k = 0; k < SIDE; k++) sum += (uint64_t)a[i][k] * b[k][j];
            check = check * 3 + sum;
        }
    return (uint32_t)(check ^ check >> 32);
}

// ---- CRC-32 of pseudo-random bytes

static uint32_t crc(void) {
    static uint32_t table[256];
    static uint8_t bytes[8192];
    if (!table[1])
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t c = n;
            for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
            table[n] = c;
        }
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(draw() >> 11);
    uint32_t c = ~0u;
    for (size_t i = 0; i < sizeof bytes; i++) c = table[(c ^ bytes[i]) & 0xff] ^ c >> 8;
    return ~c;
}

// ---- a binary search tree on the heap, built, summed and given back

struct tree {
    struct tree *left, *right;
    uint32_t key, count;
};

static void insert(struct tree **at, uint32_t key) {
    while (*at && (*at)->key != key) at = key < (*at)->key ? &(*at)->left : &(*at)->right;
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at) exit(3);
        (*at)->key = key;
    }
    (*at)->count++;
}

static uint32_t consume(struct tree *t, uint32_t depth) {
    if (!t) return 0;
    uint32_t sum = t->key * depth + t->count + consume(t->left, depth + 1) + 7 * consume(t->right, depth + 1);
    free(t);
    return sum;
}

static uint32_t tree(void) {
    struct tree *root = NULL;
    for (int i = 0; i < 400; i++) insert(&root, draw() >> 20);
    return consume(root, 1);
}

// ---- an interpreter in the interpreter: a loop that computes a * b by adding

enum op { LOAD, ADD, DEC, JNZ, XOR, ROT, HALT };

struct insn {
    uint8_t op, a, b;
};

static uint32_t machine(void) {
    static const struct insn code[] = {
        {LOAD, 0, 0}, {LOAD, 1, 250}, {LOAD, 2, 17},              // r0 = 0, r1 = 250, r2 = 17
        {ADD, 0, 2},  {ROT, 0, 3},    {XOR, 3, 0},   {ADD, 3, 1}, // r0 += r2, r0 rotl 3, r3 ^= r0, r3 += r1
        {DEC, 1, 0},  {JNZ, 1, 3},    {HALT, 3, 0},
    };
    uint32_t r[4] = {0, 0, 0, draw()};
    for (const struct insn *i = code;; i++) {
        switch ((enum op)i->op) {
        case LOAD: r[i->a] = i->b; break;
        case ADD: r[i->a] += r[i->b]; break;
        case DEC: r[i->a]--; break;
        case JNZ:
            if (r[i->a]) i = code + i->b - 1;
            break;
        case XOR: r[i->a] ^= r[i->b]; break;
        case ROT: r[i->a] = r[i->a] << i->b | r[i->a] >> (32 - i->b); break;
        case HALT: return r[i->a];
        }
    }
}

int main(int argc, char **argv) {
    static const struct kernel {
        const char *name;
        uint32_t (*run)(void);
    } kernels[] = {{"sieve", sieve}, {"sort", sort}, {"matrix", matrix}, {"crc", crc}, {"tree", tree}, {"machine", machine}};
    enum { KERNELS = sizeof kernels / sizeof *kernels };
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    state = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 2463534242u;
    if (!state) state = 1;

    uint32_t checks[KERNELS] = {0}, all = 0;
    for (unsigned long round = 0; round < rounds; round++)
        for (int k = 0; k < KERNELS; k++) checks[k] = checks[k] * 33 + kernels[k].run();
    for (int k = 0; k < KERNELS; k++) {
        printf("%-8s %08x\n", kernels[k].name, (unsigned)checks[k]);
        all = all * 31 + checks[k];
    }
    printf("%lu rounds %08x\n", rounds, (unsigned)all);
    return 0;
}
