//! Other programs: how they are run, and the processor time they take.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Seconds of processor time.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) user: f64,
    pub(crate) system: f64,
}

/// Runs a program to its end; what it printed, and what it and its own children took.
pub(crate) fn timed(command: &mut Command) -> io::Result<(Output, Spent)> {
    let before = spent();
    let output = command.output()?;
    let after = spent();
    Ok((output, Spent { user: after.user - before.user, system: after.system - before.system }))
}

/// What children that have ended took so far.
#[cfg(unix)]
fn spent() -> Spent {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeVal;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("a process may ask about its children");
    Spent { user: seconds(usage.user_time()), system: seconds(usage.system_time()) }
}

/// By the clock: one at a time runs.
#[cfg(not(unix))]
fn spent() -> Spent {
    Spent { user: crate::programs::now(), system: 0.0 }
}

/// The Cargo that runs this, in the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

/// The target folder this was built in: it is `release/examples/experiment` there.
pub(crate) fn target() -> PathBuf {
    let exe = std::env::current_exe().expect("a program knows where it is");
    exe.ancestors().nth(3).expect("it is in a target folder").to_owned()
}

/// The last line a program said something in.
pub(crate) fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let text = if text.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { text };
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing").trim().to_owned()
}
