//! Decides whether handlers may reach each other by sibling calls.
//!
//! They may where the compiler turns `return handler(…)` into a jump: optimised code
//! without debug assertions, on architectures that pass the machine's registers in
//! registers. Everywhere else the step loop runs everything, and `BuildInfo` says why;
//! also where `WASMSCOPE_TAIL=off` asks for it.
//!
//! Also gives the numbering of steps a name, by which a recording of another one is known.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=WASMSCOPE_TAIL");
    println!("cargo::rustc-check-cfg=cfg(wasmscope_tail)");
    let flags = Flags::of(&env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default());
    let level = flags.level.clone().unwrap_or_else(|| env::var("OPT_LEVEL").unwrap_or_default());
    let why = distrust(&level, &flags);
    if why.is_empty() {
        println!("cargo::rustc-cfg=wasmscope_tail");
    }
    println!("cargo::rustc-env=WASMSCOPE_NO_TAIL={why}");
    println!("cargo::rustc-env=WASMSCOPE_OPT_LEVEL={level}");
    println!("cargo::rustc-env=WASMSCOPE_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=WASMSCOPE_RUSTC={}", rustc());
    println!("cargo::rustc-env=WASMSCOPE_NUMBERING={:016x}", numbering());
}

/// What `RUSTFLAGS` says behind the profile's back: Cargo tells build scripts of the profile alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// The level of optimisation, if it is given there.
    pub(crate) level: Option<String>,
    /// Whether debug assertions are on, if that is given.
    pub(crate) assertions: Option<bool>,
    /// What makes calls of handlers something else than handlers.
    pub(crate) foreign: Option<String>,
}

impl Flags {
    /// Reads flags as Cargo hands them on, apart by `0x1f`. Of two levels the later counts, as it does for the
    /// compiler; what is foreign once is distrusted.
    pub(crate) fn of(encoded: &str) -> Flags {
        let mut flags = Flags::default();
        let mut words = encoded.split('\x1f').filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            let setting = match word {
                "-O" => "opt-level=3",
                "-C" | "--codegen" | "-Z" => words.next().unwrap_or_default(),
                _ => {
                    ["-C", "--codegen=", "-Z"].iter().find_map(|it| word.strip_prefix(it)).unwrap_or_default()
                }
            };
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            match name.replace('_', "-").as_str() {
                "opt-level" => flags.level = Some(value.to_owned()),
                "debug-assertions" => {
                    flags.assertions = Some(matches!(value, "" | "y" | "yes" | "on" | "true"))
                }
                "sanitizer" | "codegen-backend" => flags.foreign = Some(setting.to_owned()),
                "instrument-coverage" if !matches!(value, "n" | "no" | "off" | "false" | "0") => {
                    flags.foreign = Some(setting.to_owned());
                }
                _ => {}
            }
        }
        flags
    }
}

/// Why tail calls cannot be trusted in this build; empty if they can.
fn distrust(level: &str, flags: &Flags) -> String {
    let assertions = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    if env::var("WASMSCOPE_TAIL").is_ok_and(|wish| wish == "off") {
        "WASMSCOPE_TAIL=off was set when it was built".into()
    } else if env::var_os("CARGO_CFG_MIRI").is_some() {
        "Miri has no tail calls".into()
    } else if !matches!(arch.as_str(), "x86_64" | "aarch64") {
        format!("{arch} does not pass the machine's registers in registers")
    } else if !matches!(level, "2" | "3" | "s") {
        format!("opt-level {level} is none of 2, 3 and s, at which every handler is known to jump")
    } else if let Some(foreign) = &flags.foreign {
        format!("{foreign} puts something of its own between a call and the return")
    } else if flags.assertions.unwrap_or(assertions) {
        "debug assertions keep values alive across the call".into()
    } else {
        String::new()
    }
}

/// What the numbers of steps depend on: a hash of the instruction table and of lowering. A change
/// that alters no number alters it as well, which costs whoever opens an older recording some time
/// and nothing else.
fn numbering() -> u64 {
    let mut files = Vec::new();
    for part in ["src/isa", "src/lower"] {
        println!("cargo::rerun-if-changed={part}.rs");
        println!("cargo::rerun-if-changed={part}");
        files.push(PathBuf::from(part).with_extension("rs"));
        gather(Path::new(part), &mut files);
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for path in files {
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // FNV-1a. Line ends differ between checkouts.
        for byte in text.into_iter().filter(|&byte| byte != b'\r') {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// The source files of a folder and of those in it.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The compiler's version.
fn rustc() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok();
    output.map_or_else(|| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}
