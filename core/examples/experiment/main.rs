//! Measures the experiment and writes the tables of `docs/experiment.md`.
//!
//! ```text
//! cargo run --release -p wasmscope-core --features experiment --example experiment
//!
//! times      programs ──every variant, interleaved──► medians
//! engines    the same programs under other engines ──► processor time of whole processes
//! nightly    this program under a nightly compiler ──► times of guaranteed tail calls
//! counts     a few programs under callgrind ──► instructions, mispredicted branches
//! code       symbols of this very binary, sources ──► bytes, lines, `unsafe`
//! compile    this crate with and without each dispatcher ──► processor time
//! ```
//!
//! The page's text is written by hand; what stands between `<!-- name -->` and
//! `<!-- end -->` is made here. What a table needs and is not there (nightly, wasmi,
//! valgrind, nm) leaves the table as it is, and is named.
//!
//! | option | says |
//! |---|---|
//! | `--only NAME,…` | only these tables |
//! | `--runs N` | how often each program runs (5; compiling at most 3 times) |
//! | `--seconds S` | how long a program takes wasmi (1.5) |
//! | `--engine NAME=PATH` | where an engine is, if not on `PATH` |
//! | `--print` | print the tables, leave the page |

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;
use wasmscope_core::BUILD;
use wasmscope_core::experiment::{VARIANTS, Variant};

mod child;
mod code;
mod compile;
mod counts;
mod engines;
mod nightly;
#[path = "../../benches/shared/programs.rs"]
mod programs;
mod table;
mod times;

/// Makes a table, if what it needs is there.
type Make = fn(&Options) -> Option<String>;

/// The tables, by their names on the page; first what takes a moment.
const TABLES: [(&str, Make); 8] = [
    ("machine", |_| Some(machine())),
    ("sources", |_| Some(code::sources())),
    ("sizes", |_| code::sizes()),
    ("times", |options| Some(times::table(&real_variants(), options.runs))),
    ("counts", |_| counts::table()),
    ("engines", engines::table),
    ("nightly", nightly::table),
    ("compile", compile::table),
];

/// What the command line says.
struct Options {
    /// The tables to make.
    only: Vec<String>,
    runs: usize,
    seconds: f64,
    engines: BTreeMap<String, PathBuf>,
    print: bool,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [one, name, variant, rounds] = &args[..]
        && one == counts::ONE
    {
        counts::run_one(name, variant, rounds);
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    for (name, make) in TABLES.iter().filter(|(name, _)| options.only.iter().any(|only| only == name)) {
        match make(&options) {
            Some(table) if options.print => println!("<!-- {name} -->\n{table}\n<!-- end -->\n"),
            Some(table) => write(name, &table),
            None => eprintln!("{name}: this table is left as it is"),
        }
    }
    ExitCode::SUCCESS
}

/// Puts a table into the page.
fn write(name: &str, table: &str) {
    let path = child::root().join("docs/experiment.md");
    let mut page = std::fs::read_to_string(&path).expect("the page is there");
    let range = between(&page, name).unwrap_or_else(|| panic!("the page has no <!-- {name} -->"));
    page.replace_range(range, &format!("{table}\n"));
    std::fs::write(&path, page).expect("the page can be written");
}

/// Where a table stands in a page.
fn between(page: &str, name: &str) -> Option<Range<usize>> {
    let begin = format!("<!-- {name} -->\n");
    let from = page.find(&begin)? + begin.len();
    Some(from..from + page[from..].find("<!-- end -->")?)
}

/// The variants that this build runs as they are described.
fn real_variants() -> Vec<&'static Variant> {
    VARIANTS.iter().filter(|variant| variant.is_real()).collect()
}

/// Where this was measured.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let said = |name: &str| {
        let mut lines = info.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
    };
    // Virtual machines hide the name, but not which generation it is.
    let cpu = match (said("model name"), said("cpu family"), said("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        (name, ..) => name.unwrap_or("unknown processor").to_owned(),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cpu}, {cores} cores; {}; {}; opt-level {}.", BUILD.rustc, BUILD.target, BUILD.opt_level)
}

impl Options {
    fn parse(args: Vec<String>) -> Result<Options, String> {
        let all = TABLES.iter().map(|(name, _)| (*name).to_owned());
        let mut options = Options {
            only: match cfg!(feature = "become") {
                true => vec!["nightly".to_owned()],
                false => all.collect(),
            },
            runs: 5,
            seconds: 1.5,
            engines: BTreeMap::new(),
            print: false,
        };
        let mut args = args.into_iter();
        while let Some(option) = args.next() {
            if option == "--print" {
                options.print = true;
                continue;
            }
            let value =
                args.next().ok_or_else(|| format!("{option}: no such option, or nothing behind it"))?;
            let wrong = || format!("{option} {value}: not understood");
            match option.as_str() {
                "--runs" => options.runs = value.parse().ok().filter(|&runs| runs > 0).ok_or_else(wrong)?,
                "--seconds" => options.seconds = value.parse().map_err(|_| wrong())?,
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--engine" => {
                    let (name, path) = value.split_once('=').ok_or_else(wrong)?;
                    if !engines::ENGINES.iter().any(|(known, _)| *known == name) {
                        return Err(wrong());
                    }
                    options.engines.insert(name.to_owned(), path.into());
                }
                _ => return Err(wrong()),
            }
        }
        match options.only.iter().find(|only| TABLES.iter().all(|(name, _)| name != only)) {
            Some(unknown) => Err(format!("--only {unknown}: there is no such table")),
            None => Ok(options),
        }
    }
}
