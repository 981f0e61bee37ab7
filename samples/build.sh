#!/bin/sh
# build.sh [SAMPLE ...]: builds the named samples, or all, by the `build` line of sample.toml.
#
# Neither running nor testing the samples needs this: the modules are committed.
# Made with, on Debian 12:
#     clang-22, lld-22, libclang-rt-22-dev-wasm32   22.1.8-1~deb12u1
#     wasi-libc                                     0.0~git20220510.9886d3d-2
#     wasm-tools                                    1.263.0
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- */
for sample in "$@"; do
    sample=${sample%/}
    line=$(sed -n 's/^build = "\(.*\)"$/\1/p' "$sample/sample.toml")
    echo "$sample: $line"
    (cd "$sample" && eval "$line")
done
