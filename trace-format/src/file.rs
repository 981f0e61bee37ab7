//! Files: the only place that opens any.
//!
//! A trace holds guest memory, arguments and environment, so files are created
//! for the owner alone, and an existing one is not overwritten unasked.
//! Paths inside a trace are never opened.

use crate::error::{ReadError, ReadErrorKind};
use crate::read::TraceReader;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Something that can be read at any offset, by several threads at once.
pub trait ReadAt: Send + Sync {
    /// Reads up to `buf.len()` bytes at `at`; 0 at and after the end.
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// The length in bytes.
    fn size(&self) -> io::Result<u64>;
}

impl ReadAt for [u8] {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or(&[]);
        let len = from.len().min(buf.len());
        buf[..len].copy_from_slice(&from[..len]);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(at, buf)
    }

    fn size(&self) -> io::Result<u64> {
        self.as_slice().size()
    }
}

impl<R: ReadAt + ?Sized> ReadAt for &R {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(at, buf)
    }

    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }
}

impl<R: ReadAt + ?Sized> ReadAt for std::sync::Arc<R> {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(at, buf)
    }

    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }
}

impl ReadAt for File {
    #[cfg(unix)]
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buf, at)
    }

    #[cfg(windows)]
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buf, at)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

/// Creates a file for a trace, readable by its owner only.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if it exists and `force` is not set;
/// whatever the system says otherwise.
pub fn create(path: impl AsRef<Path>, force: bool) -> io::Result<File> {
    let path = path.as_ref();
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // Mode applies to new files only; one that was there is narrowed too, if
    // it is a file at all and not a pipe or device somebody named on purpose.
    #[cfg(unix)]
    if force && file.metadata()?.is_file() {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(owner_only)?;
    }
    Ok(file)
}

/// Opens a trace file.
///
/// # Errors
/// As [`TraceReader::open`]; a file that cannot be opened is an error at byte 0.
pub fn open(path: impl AsRef<Path>) -> Result<TraceReader, ReadError> {
    let file = File::open(path).map_err(|error| ReadError::new(0, ReadErrorKind::Io(error)))?;
    TraceReader::open(file)
}
