// kernels: one program of each kind, to compare engines and dispatchers with.
//
//     kernels [KERNEL [ROUNDS]]     default: every kernel once
//
// What to look for: each kernel stays in one habit for its whole run, so that a difference
// between two engines has a name: fib (calls), collatz (a tight loop), sieve (stores to a
// large array), chase (loads that wait for each other), nbody and mandel (floats), keccak
// (64-bit words), chacha (32-bit words), sort (branches nobody can foretell), queens
// (recursion and arrays), strings (bytes, and the C library), virtual (calls through
// pointers), stack (an interpreter in the interpreter), heap (malloc and free).
// Each prints a number that depends on all of its work.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state = 2463534242u;

static uint32_t draw(void) { // xorshift32
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

// ---- calls

static uint32_t fib_of(uint32_t n) { return n < 2 ? n : fib_of(n - 1) + fib_of(n - 2); }

static uint32_t fib(void) { return fib_of(23); }

// ---- a tight loop

static uint32_t collatz(void) {
    uint32_t longest = 0;
    for (uint32_t start = 1; start < 3000; start++) {
        uint32_t steps = 0;
        for (uint32_t n = start; n != 1; steps++) n = n & 1 ? 3 * n + 1 : n >> 1;
        if (steps > longest) longest = steps;
    }
    return longest;
}

// ---- memory: wide strides, and a walk in which each load needs the one before

enum { LIMIT = 1 << 17, LINKS = 1 << 16 };

static uint32_t sieve(void) {
    static uint8_t composite[LIMIT];
    memset(composite, 0, sizeof composite);
    uint32_t sum = 0;
    for (uint32_t n = 2; n < LIMIT; n++) {
        if (composite[n]) continue;
        sum += n;
        for (uint32_t k = 2 * n; k < LIMIT; k += n) composite[k] = 1;
    }
    return sum;
}

static uint32_t chase(void) {
    static uint32_t next[LINKS];
    if (next[0] == next[1]) {
        for (uint32_t i = 0; i < LINKS; i++) next[i] = i;
        for (uint32_t i = LINKS - 1; i > 0; i--) { // one cycle through all (Sattolo)
            uint32_t j = draw() % i, t = next[i];
            next[i] = next[j];
            next[j] = t;
        }
    }
    uint32_t at = 0, sum = 0;
    for (uint32_t i = 0; i < 4 * LINKS; i++) sum += at = next[at];
    return sum ^ at;
}

// ---- floats

static uint32_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint32_t)(bits ^ bits >> 32);
}

static uint32_t nbody(void) {
    static double p[5][3] = {{0, 0, 0}, {4.8, -1.2, -0.1}, {8.3, 4.1, -0.4}, {12.9, -15.1, -0.2}, {15.4, -25.9, 0.2}};
    static double v[5][3] = {{0, 0, 0}, {0.6, 2.8, 0}, {-1.0, 1.8, 0}, {1.1, 0.9, 0}, {1.0, 0.6, 0}};
    static const double m[5] = {39.5, 0.04, 0.01, 0.0017, 0.002};
    for (int step = 0; step < 1500; step++) {
        for (int i = 0; i < 5; i++)
            for (int j = i + 1; j < 5; j++) {
                double d[3], square = 0.01;
                for (int k = 0; k < 3; k++) {
                    d[k] = p[i][k] - p[j][k];
                    square += d[k] * d[k];
                }
                double pull = 0.001 / (square * __builtin_sqrt(square));
                for (int k = 0; k < 3; k++) {
                    v[i][k] -= d[k] * m[j] * pull;
                    v[j][k] += d[k] * m[i] * pull;
                }
            }
        for (int i = 0; i < 5; i++)
            for (int k = 0; k < 3; k++) p[i][k] += 0.001 * v[i][k];
    }
    return bits_of(p[1][0]);
}

static uint32_t mandel(void) {
    uint32_t inside = 0;
    for (int py = 0; py < 60; py++)
        for (int px = 0; px < 60; px++) {
            float x0 = (float)px / 24 - 2, y0 = (float)py / 30 - 1, x = 0, y = 0;
            int n = 0;
            for (; n < 60 && x * x + y * y < 4; n++) {
                float t = x * x - y * y + x0;
                y = 2 * x * y + y0;
                x = t;
            }
            inside += (uint32_t)n;
        }
    return inside;
}

// ---- cryptography

static uint64_t rotl64(uint64_t x, int n) { return n ? x << n | x >> (64 - n) : x; }

static uint32_t keccak(void) {
    static uint64_t a[25];
    static const uint8_t turn[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                     25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
    for (int permutation = 0; permutation < 60; permutation++) {
        uint8_t lfsr = 1;
        for (int round = 0; round < 24; round++) {
            uint64_t c[5], b[25];
            for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            for (int x = 0; x < 5; x++) {
                uint64_t d = c[(x + 4) % 5] ^ rotl64(c[(x + 1) % 5], 1);
                for (int y = 0; y < 25; y += 5) a[y + x] ^= d;
            }
            for (int x = 0; x < 5; x++)
                for (int y = 0; y < 5; y++) b[y + 5 * ((2 * x + 3 * y) % 5)] = rotl64(a[x + 5 * y], turn[x + 5 * y]);
            for (int y = 0; y < 25; y += 5)
                for (int x = 0; x < 5; x++) a[y + x] = b[y + x] ^ (~b[y + (x + 1) % 5] & b[y + (x + 2) % 5]);
            for (int j = 0; j < 7; j++) {
                if (lfsr & 1) a[0] ^= 1ull << ((1 << j) - 1);
                lfsr = (uint8_t)(lfsr << 1 ^ (lfsr >> 7) * 0x71);
            }
        }
    }
    return (uint32_t)(a[0] ^ a[24] >> 32);
}

#define QUARTER(a, b, c, d)                                                                                            \
    a += b, d = (d ^ a) << 16 | (d ^ a) >> 16, c += d, b = (b ^ c) << 12 | (b ^ c) >> 20, a += b,                      \
        d = (d ^ a) << 8 | (d ^ a) >> 24, c += d, b = (b ^ c) << 7 | (b ^ c) >> 25

static uint32_t chacha(void) {
    static uint32_t s[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    uint32_t sum = 0;
    for (int block = 0; block < 400; block++) {
        uint32_t x[16];
        memcpy(x, s, sizeof x);
        for (int round = 0; round < 10; round++) {
            QUARTER(x[0], x[4], x[8], x[12]);
            QUARTER(x[1], x[5], x[9], x[13]);
            QUARTER(x[2], x[6], x[10], x[14]);
            QUARTER(x[3], x[7], x[11], x[15]);
            QUARTER(x[0], x[5], x[10], x[15]);
            QUARTER(x[1], x[6], x[11], x[12]);
            QUARTER(x[2], x[7], x[8], x[13]);
            QUARTER(x[3], x[4], x[9], x[14]);
        }
        for (int i = 0; i < 16; i++) sum = sum * 31 + x[i] + s[i];
        s[12]++;
    }
    return sum;
}

// ---- branches and recursion

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
        quicksort(a, low, j);
        low = i;
    }
}

static uint32_t sort(void) {
    enum { NUMBERS = 6000 };
    static uint32_t a[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) a[i] = draw();
    quicksort(a, 0, NUMBERS - 1);
    uint32_t check = 0;
    for (int i = 0; i < NUMBERS; i++) check = check * 31 + a[i];
    return check;
}

static uint32_t place(int row, uint32_t columns, uint32_t left, uint32_t right) {
    if (row == 8) return 1;
    uint32_t count = 0;
    for (uint32_t free = ~(columns | left | right) & 0xff; free; free &= free - 1) {
        uint32_t bit = free & -free;
        count += place(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}

static uint32_t queens(void) {
    uint32_t sum = 0;
    for (int i = 0; i < 12; i++) sum = sum * 3 + place(0, 0, 0, 0);
    return sum;
}

// ---- bytes and the C library

static uint32_t strings(void) {
    static char text[4096];
    static const char *words[] = {"step", "tick", "event", "moment", "frame", "outcome", "timeline", "slot"};
    size_t at = 0;
    while (at < sizeof text - 24) at += (size_t)sprintf(text + at, "%s %u ", words[draw() >> 29], (unsigned)(draw() >> 20));
    uint32_t hash = 5381, found = 0;
    for (const char *c = text; *c; c++) hash = hash * 33 ^ (uint8_t)*c;
    for (int w = 0; w < 8; w++)
        for (const char *hit = text; (hit = strstr(hit, words[w])); hit++) found++;
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        size_t len = strlen(word);
        for (size_t i = 0; i < len / 2; i++) {
            char t = word[i];
            word[i] = word[len - 1 - i];
            word[len - 1 - i] = t;
        }
        hash = hash * 33 + (uint32_t)strtoul(word, NULL, 10) + (strcmp(word, "kcit") == 0);
    }
    return hash + found;
}

// ---- calls through pointers

static uint32_t f0(uint32_t x) { return x + 1; }
static uint32_t f1(uint32_t x) { return x ^ x >> 3; }
static uint32_t f2(uint32_t x) { return x * 5; }
static uint32_t f3(uint32_t x) { return x << 7 | x >> 25; }

static uint32_t virtual(void) {
    static uint32_t (*const functions[])(uint32_t) = {f0, f1, f2, f3};
    uint32_t x = 1;
    for (int i = 0; i < 60000; i++) x = functions[(x >> 5 ^ (uint32_t)i) & 3](x);
    return x;
}

// ---- an interpreter in the interpreter: a stack machine that sums primes

static uint32_t stack(void) {
    enum { PUSH, LOAD, STORE, ADD, MUL, MOD, LESS, JUMP, JUMPZ, HALT };
    // The program is assembled here, so that its jumps are right by construction.
    int16_t p[96];
    int n = 0, test, inner, prime, next, done;
#define OP(...)                                                                                                        \
    do {                                                                                                               \
        const int16_t words[] = {__VA_ARGS__};                                                                         \
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) p[n++] = words[i];                                   \
    } while (0)
    OP(PUSH, 2, STORE, 0, PUSH, 0, STORE, 1);
    test = n;
    OP(LOAD, 0, PUSH, 600, LESS, JUMPZ, 0);
    done = n - 1;
    OP(PUSH, 2, STORE, 2);
    inner = n;
    OP(LOAD, 2, LOAD, 2, MUL, LOAD, 0, PUSH, 1, ADD, LESS, JUMPZ, 0);
    prime = n - 1;
    OP(LOAD, 0, LOAD, 2, MOD, JUMPZ, 0);
    next = n - 1;
    OP(LOAD, 2, PUSH, 1, ADD, STORE, 2, JUMP, (int16_t)inner);
    p[prime] = (int16_t)n;
    OP(LOAD, 1, LOAD, 0, ADD, STORE, 1);
    p[next] = (int16_t)n;
    OP(LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, (int16_t)test);
    p[done] = (int16_t)n;
    OP(HALT);
#undef OP
    int32_t values[16], memory[4] = {0};
    int top = 0;
    for (const int16_t *pc = p;;) {
        switch (*pc++) {
        case PUSH: values[top++] = *pc++; break;
        case LOAD: values[top++] = memory[*pc++]; break;
        case STORE: memory[*pc++] = values[--top]; break;
        case ADD: top--, values[top - 1] += values[top]; break;
        case MUL: top--, values[top - 1] *= values[top]; break;
        case MOD: top--, values[top - 1] %= values[top]; break;
        case LESS: top--, values[top - 1] = values[top - 1] < values[top]; break;
        case JUMP: pc = p + *pc; break;
        case JUMPZ: pc = values[--top] ? pc + 1 : p + *pc; break;
        case HALT: return (uint32_t)memory[1];
        }
    }
}

// ---- the heap

static uint32_t heap(void) {
    static char *blocks[256];
    uint32_t sum = 0;
    for (int i = 0; i < 6000; i++) {
        uint32_t at = draw() >> 24, size = 8 + (draw() >> 23);
        if (blocks[at]) sum += (uint8_t)blocks[at][0];
        free(blocks[at]);
        blocks[at] = malloc(size);
        if (!blocks[at]) exit(3);
        blocks[at][0] = (char)size;
    }
    for (int i = 0; i < 256; i++) {
        free(blocks[i]);
        blocks[i] = NULL;
    }
    return sum;
}

int main(int argc, char **argv) {
    static const struct kernel {
        const char *name;
        uint32_t (*run)(void);
    } kernels[] = {
        {"fib", fib},         {"collatz", collatz}, {"sieve", sieve},     {"chase", chase}, {"nbody", nbody},
        {"mandel", mandel},   {"keccak", keccak},   {"chacha", chacha},   {"sort", sort},   {"queens", queens},
        {"strings", strings}, {"virtual", virtual}, {"stack", stack},     {"heap", heap},
    };
    unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    int found = 0;
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        if (argc > 1 && strcmp(argv[1], kernels[k].name) != 0) continue;
        uint32_t check = 0;
        for (unsigned long round = 0; round < rounds; round++) check = check * 33 + kernels[k].run();
        printf("%-8s %08x\n", kernels[k].name, (unsigned)check);
        found = 1;
    }
    return found ? 0 : 2;
}
