//! What the tables have in common: their head, medians, ratios and their geometric means.

use std::fmt::Write as _;

/// The first two lines of a table whose first column is text.
pub(crate) fn header<'a>(first: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    format!("| {first} | {} |\n|---|{}\n", names.join(" | "), "--:|".repeat(names.len()))
}

/// The one in the middle.
pub(crate) fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Collects the ratios of each column for the last row.
pub(crate) struct Means {
    /// The sum of logarithms of each column, and how many.
    columns: Vec<(f64, u32)>,
    rows: u32,
}

impl Means {
    pub(crate) fn new(columns: usize) -> Means {
        Means { columns: vec![(0.0, 0); columns], rows: 0 }
    }

    /// The cells of a row; what was not measured stays empty.
    pub(crate) fn row(&mut self, ratios: impl Iterator<Item = Option<f64>>) -> String {
        self.rows += 1;
        let mut cells = String::new();
        for (ratio, (log, count)) in ratios.zip(&mut self.columns) {
            let Some(ratio) = ratio else {
                cells.push_str("  |");
                continue;
            };
            *log += ratio.ln();
            *count += 1;
            let _ = write!(cells, " {ratio:.2} |");
        }
        cells
    }

    /// The row of means; where some rows have no ratio, of how many it is.
    pub(crate) fn last_row(&self) -> String {
        let mut row = String::from("| **geometric mean** | **1.00** |");
        for &(log, count) in &self.columns {
            let _ = match (log / f64::from(count)).exp() {
                _ if count == 0 => write!(row, "  |"),
                mean if count < self.rows => write!(row, " **{mean:.2}** of {count} |"),
                mean => write!(row, " **{mean:.2}** |"),
            };
        }
        row + "\n"
    }
}
