#!/bin/sh
# cc.sh [OPTION ...] SOURCE -o MODULE: C to a WASI module, the way all samples are built.
#
# Function names are kept. Debug information (DWARF) is kept only with -g, and only that of
# the sample itself: Debian's C library comes with its own, which is twice the size of the
# program and names sources nobody has. So the library is linked from a copy without it.
set -eu

CC=${CC:-clang-22} LD=${LD:-wasm-ld-22} AR=${AR:-ar}
sysroot=${WASI_LIB:-/usr/lib/wasm32-wasi}
here=$(cd "$(dirname "$0")" && pwd)
lib=$here/../target/wasi-lib

if [ ! -e "$lib/libc.a" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/in" "$work/out"
    # two members are called errno.o, and extracting keeps the last
    (cd "$work/in" && "$AR" xN 1 "$sysroot/libc.a" errno.o && mv errno.o errno-1.o && "$AR" x "$sysroot/libc.a")
    for object in "$work"/in/*.o; do
        "$LD" -r --strip-debug "$object" -o "$work/out/${object##*/}"
    done
    mkdir -p "$lib"
    (cd "$work/out" && "$AR" rcs libc.a -- *.o)
    mv "$work/out/libc.a" "$lib/libc.a"
fi

strip=-Wl,--strip-debug
for option in "$@"; do
    case $option in -g*) strip= ;; esac
done
# --no-wasm-opt: clang would run Binaryen's optimiser if there is one, and lose the names.
exec "$CC" --target=wasm32-wasi -Wno-deprecated --no-wasm-opt -std=c11 -Wall -Wextra \
    -ffile-prefix-map="$PWD"=. $strip -L"$lib" "$@"
