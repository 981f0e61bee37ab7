//! Where a recording is written: a new file, which a thread brings to the disk from time to
//! time, or standard output.
//!
//! Always: whoever writes never waits for the disk; what was flushed is on it soon after.

use super::exit::usage;
use super::load;
use anyhow::anyhow;
use std::fs::File;
use std::io::{self, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use wasmscope_core::record::Files;

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

/// The files of a recording of which only the end is kept: the one that comes lies beside it,
/// with `.part` behind its name, and takes its place.
pub(crate) struct Rolling {
    first: Option<Counted<Output>>,
    written: Arc<AtomicU64>,
    path: PathBuf,
    part: PathBuf,
    /// There is one that comes.
    coming: bool,
}

impl Rolling {
    /// Begins with `first`, which is written to `path`.
    pub(crate) fn new(first: Counted<Output>, path: &Path) -> Rolling {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let (written, path) = (first.written.clone(), path.to_owned());
        Rolling { first: Some(first), written, path, part: part.into(), coming: false }
    }
}

impl Files for Rolling {
    type Out = Counted<Output>;

    fn begin(&mut self) -> io::Result<Counted<Output>> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let out = Output::create(&self.part, true, &load::shown(&self.part)).map_err(io::Error::other)?;
        self.coming = true;
        Ok(Counted { out, written: self.written.clone() })
    }

    fn replace(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.coming) {
            std::fs::rename(&self.part, &self.path)?;
        }
        Ok(())
    }
}

impl Drop for Rolling {
    fn drop(&mut self) {
        if self.coming {
            // All that is in it is in the other one too.
            let _ = std::fs::remove_file(&self.part);
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
