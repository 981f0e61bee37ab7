//! Where a recording is written: a new file, which a thread brings to the disk from time to
//! time, or standard output.
//!
//! Always: whoever writes never waits for the disk; what was flushed is on it soon after.

use super::exit::usage;
use super::load;
use anyhow::anyhow;
use std::fs::File;
use std::io::{self, Stdout, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// Where a recording is written.
pub(crate) enum Output {
    /// Standard output.
    Stdout(Stdout),
    /// A file, and the thread that syncs it.
    File(File, Option<(Sender<()>, JoinHandle<()>)>),
}

impl Output {
    /// What is made of the recording `from`: a file, or standard output for `-`; and its name
    /// for messages.
    pub(crate) fn made_of(from: &Path, to: &Path, force: bool) -> anyhow::Result<(Output, String)> {
        if to.as_os_str() == "-" {
            return Ok((Output::Stdout(io::stdout()), "standard output".to_owned()));
        }
        let shown = load::shown(to);
        if let (Ok(from), Ok(to)) = (from.canonicalize(), to.canonicalize())
            && from == to
        {
            return Err(usage(format!("{shown} is the recording itself")));
        }
        Ok((Output::create(to, force, &shown)?, shown))
    }

    /// Creates a file that only its owner may read. `shown` is its name for messages.
    pub(crate) fn create(path: &Path, force: bool, shown: &str) -> anyhow::Result<Output> {
        let file = wasmscope_trace_format::create(path, force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => anyhow!("{shown} exists; --force overwrites it"),
            _ => anyhow::Error::new(error).context(shown.to_owned()),
        })?;
        let (wanted, asked) = channel::<()>();
        let synced = file.try_clone();
        let sync = move |file: File| {
            while asked.recv().is_ok() {
                // One for all that were asked for meanwhile. A device or pipe cannot be synced.
                while asked.try_recv().is_ok() {}
                let _ = file.sync_data();
            }
        };
        let thread = synced
            .and_then(|file| std::thread::Builder::new().name("sync".into()).spawn(move || sync(file)))
            .ok();
        Ok(Output::File(file, thread.map(|thread| (wanted, thread))))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(out) => out.write(bytes),
            Output::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(out) => out.flush(),
            Output::File(_, thread) => {
                if let Some((wanted, _)) = thread {
                    // The thread lives as long as this.
                    let _ = wanted.send(());
                }
                Ok(())
            }
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Output::File(_, thread) = self
            && let Some((wanted, thread)) = thread.take()
        {
            drop(wanted);
            let _ = thread.join();
        }
    }
}

/// Counts what goes through.
pub(crate) struct Counted<W> {
    pub(crate) out: W,
    pub(crate) written: Arc<AtomicU64>,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.written.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
