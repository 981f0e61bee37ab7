// Names of C++: namespaces, templates, members; and the constructor is inlined.
//
//   clang++-22 --target=wasm32 -O1 -g -nostdlib --no-wasm-opt -ffile-prefix-map=$PWD=/src
//     -Wl,--no-entry -Wl,--no-demangle -Wl,--export=pay till.cpp -o till.wasm

namespace shop {
template <class T> struct Box {
    T value;
    __attribute__((noinline)) T share(int among) const { return value / among; }
};
struct Till {
    Box<int> box;
    explicit Till(int coins) : box{coins} {}
    int take(int among, const char *) { return box.share(among); }
};
} // namespace shop

extern "C" int pay(int among) {
    return shop::Till(12).take(among, "");
}
