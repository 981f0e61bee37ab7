//! The screen over the toy machine of the tests: `cargo run -p wasmscope --example fake [live|broken]`.

#[path = "../tests/toy/mod.rs"]
mod toy;

fn main() -> anyhow::Result<()> {
    let toy = match std::env::args().nth(1).as_deref() {
        Some("live") => toy::Toy::live(),
        Some("broken") => toy::Toy::broken(),
        _ => toy::Toy::replay(),
    };
    let left = wasmscope_tui::run(Box::new(toy), wasmscope_tui::Options::default())?;
    if let wasmscope_tui::Left::Signal(signal) = left {
        std::process::exit(128 + signal);
    }
    Ok(())
}
