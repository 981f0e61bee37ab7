//! Writes a corpus to start from: the tests' traces and their parts.
//!
//! ```text
//! cargo run --manifest-path trace-format/fuzz/Cargo.toml --bin seeds
//! ```

mod shared;

use shared::{base, common, forge};
use std::fs;
use std::path::Path;
use wasmscope_trace_format::Profile;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    let files = [("log", common::write(Profile::Log)), ("full", common::write(Profile::Full)), ("plain", base().to_vec())];
    for (name, bytes) in &files {
        for target in ["frames", "signed"] {
            put(target, name, bytes)?;
            put(target, &format!("{name}-cut"), &bytes[..bytes.len() * 2 / 3])?;
        }
    }
    let parts = [
        ("host_log", &[5][..]),
        ("checkpoint", &[6, 7]),
        ("records", &[1, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15]),
        ("columns", &[9]),
    ];
    for (target, kinds) in parts {
        for (number, frame) in shared::frames_of(kinds).into_iter().enumerate() {
            let mut bytes = vec![number as u8];
            if target == "columns" {
                bytes.push(0);
            }
            bytes.extend_from_slice(&base()[frame.payload()]);
            put(target, &format!("{number}"), &bytes)?;
        }
    }
    for number in 0..64u8 {
        let bytes: Vec<u8> = (0..40u8).map(|at| at.wrapping_mul(37).wrapping_add(number.wrapping_mul(91))).collect();
        put("iterate", &format!("{number}"), &bytes)?;
    }
    let _ = forge::FILE_HEADER;
    println!("{}", corpus.display());
    Ok(())
}
