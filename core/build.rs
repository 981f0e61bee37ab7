//! Decides whether handlers may reach each other by sibling calls.
//!
//! They may where the compiler turns `return handler(…)` into a jump: optimised code
//! without debug assertions, on architectures that pass the machine's registers in
//! registers. Everywhere else the step loop runs everything, and `BuildInfo` says why.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(wasmscope_tail)");
    let level = env::var("OPT_LEVEL").unwrap_or_default();
    let why = distrust(&level);
    if why.is_empty() {
        println!("cargo::rustc-cfg=wasmscope_tail");
    }
    println!("cargo::rustc-env=WASMSCOPE_NO_TAIL={why}");
    println!("cargo::rustc-env=WASMSCOPE_OPT_LEVEL={level}");
    println!("cargo::rustc-env=WASMSCOPE_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=WASMSCOPE_RUSTC={}", rustc());
}

/// Why tail calls cannot be trusted in this build; empty if they can.
fn distrust(level: &str) -> String {
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    if env::var_os("CARGO_CFG_MIRI").is_some() {
        "Miri has no tail calls".into()
    } else if !matches!(arch.as_str(), "x86_64" | "aarch64") {
        format!("{arch} does not pass the machine's registers in registers")
    } else if !matches!(level, "2" | "3" | "s") {
        format!("at opt-level {level} a call stays a call")
    } else if env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some() {
        "debug assertions keep values alive across the call".into()
    } else {
        String::new()
    }
}

/// The compiler's version.
fn rustc() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok();
    output.map_or_else(|| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}
