//! The binary `wasmscope`: the command line (`cli`) over the library's terminal interface.

mod cli;

fn main() {
    cli::main();
}
