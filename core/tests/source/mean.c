// Functions in functions: mean() calls sum(), sum() calls get(), and all of it is one.
//
//   clang-22 --target=wasm32 -O1 -g -nostdlib --no-wasm-opt -ffile-prefix-map=$PWD=/src
//     -Wl,--no-entry -Wl,--export=mean -Wl,--export=entry mean.c -o mean.wasm

static inline int get(const int *values, int at) {
    return values[at];
}

static inline int sum(const int *values, int count) {
    int total = 0;
    for (int i = 0; i < count; i++)
        total += get(values, i);
    return total;
}

__attribute__((noinline)) int mean(const int *values, int count) {
    int total = sum(values, count);
    return total / count;
}

int entry(int count) {
    return mean((const int *)1024, count) + 1;
}
