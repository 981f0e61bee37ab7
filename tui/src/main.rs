//! The binary `wasmscope`: the command line (`cli`) over the library's terminal interface.

#![forbid(unsafe_code)]

mod cli;

fn main() {
    cli::main();
}
