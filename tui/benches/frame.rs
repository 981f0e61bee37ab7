//! How long a frame takes: everything is drawn, nothing is sent. The aim is 4 ms at 200×60.
//!
//! ```text
//! cargo bench -p wasmscope --bench frame
//! ```
//!
//! A sample is recorded and opened; each line is the median of many drawings of one screen.

#[path = "../tests/driver/mod.rs"]
mod driver;
#[path = "../tests/real/mod.rs"]
mod real;

use driver::Screen;
use std::time::{Duration, Instant};

const TIMES: usize = 200;

fn main() {
    // `cargo test` runs benches too, to see that they work.
    let times = if std::env::args().any(|it| it == "--bench") { TIMES } else { 1 };
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        for (name, keys) in [
            ("as it opens", "50%"),
            ("three levels of code, counts", "50% alt-1 v v #"),
            ("the call tree, an op explained", "50% alt-9 e"),
            ("a trace's end, help", "G ?"),
        ] {
            let mut screen = Screen::new(Box::new(real::recorded("demo/demo.wasm", &[])), width, height);
            screen.keys(keys);
            let mut took: Vec<Duration> = (0..times)
                .map(|_| {
                    let begun = Instant::now();
                    let drawn = screen.buffer();
                    let took = begun.elapsed();
                    assert_eq!(drawn.area.width, width);
                    took
                })
                .collect();
            took.sort();
            println!("{width:>4}×{height:<3} {:>8.1?}  {name}", took[took.len() / 2]);
        }
    }
}
