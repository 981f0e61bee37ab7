//! Decides whether handlers may reach each other by sibling calls.
//!
//! They may where the compiler turns `return handler(…)` into a jump: optimised code
//! without debug assertions, on architectures that pass the machine's registers in
//! registers. Everywhere else the step loop runs everything.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(wasmscope_tail)");
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let level = env::var("OPT_LEVEL").unwrap_or_default();
    let assertions = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    let miri = env::var_os("CARGO_CFG_MIRI").is_some();
    let optimised = matches!(level.as_str(), "2" | "3" | "s");
    if matches!(arch.as_str(), "x86_64" | "aarch64") && optimised && !assertions && !miri {
        println!("cargo::rustc-cfg=wasmscope_tail");
    }
}
