//! `fd_readdir`: a directory's entries, from a cookie on.
//!
//! ```text
//! cookie   0    1    2    3 …          entry n is followed by cookie n + 1
//!          .    ..   a    b            by name, so that runs agree
//! ```
//!
//! Cookie 0 reads the directory; later cookies go on in that reading, so
//! entries neither repeat nor vanish while a guest walks a directory it
//! changes.
//! Always: the buffer is filled as far as entries reach, the last one cut; less
//! than a full buffer means the end.

use super::errno::Errno;
use super::guest::{Answer, Guest};
use super::types::{FileType, Rights};
use cap_fs_ext::{DirEntryExt as _, MetadataExt as _};
use cap_std::fs::Dir;
use std::io;

/// One reading of a directory.
#[derive(Debug)]
pub(crate) struct Listing {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: Vec<u8>,
    ino: u64,
    kind: FileType,
}

impl Listing {
    /// Reads `dir`. An entry that is gone before it is looked at is left out.
    /// The entry itself is asked for its inode: what the directory says of a
    /// mount point or a file in an overlay is not what `path_filestat_get` says.
    fn read(dir: &Dir) -> io::Result<Listing> {
        let ino = dir.dir_metadata()?.ino();
        let mut entries = Vec::new();
        for entry in dir.entries()? {
            let entry = entry?;
            let Ok(meta) = entry.full_metadata() else { continue };
            let name = entry.file_name().as_encoded_bytes().to_vec();
            entries.push(Entry { name, ino: meta.ino(), kind: FileType::of(meta.file_type()) });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        // The parent may be outside the sandbox, so `..` tells nothing of it.
        let dots =
            [b"." as &[u8], b".."].map(|name| Entry { name: name.to_vec(), ino, kind: FileType::Directory });
        entries.splice(0..0, dots);
        Ok(Listing { entries })
    }
}

/// Fills `buf` with entries from `cookie` on.
pub(crate) fn fd_readdir(
    guest: &mut dyn Guest,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    used: u32,
) -> Answer {
    guest.check(buf, u64::from(buf_len))?;
    guest.check(used, 4)?;
    let directory = guest.ctx().descriptors.get(fd)?.as_directory(Rights::FD_READDIR)?;
    let listing = match directory.listing.take() {
        Some(listing) if cookie > 0 => listing,
        _ => Listing::read(&directory.dir)?,
    };
    let listing = directory.listing.insert(listing);
    let start = usize::try_from(cookie).map_err(|_| Errno::Inval)?;
    let mut out = Vec::new();
    for (index, entry) in listing.entries.iter().enumerate().skip(start) {
        if out.len() >= buf_len as usize {
            break;
        }
        out.extend_from_slice(&(index as u64 + 1).to_le_bytes());
        out.extend_from_slice(&entry.ino.to_le_bytes());
        out.extend_from_slice(&(entry.name.len() as u32).to_le_bytes());
        out.extend_from_slice(&[entry.kind as u8, 0, 0, 0]);
        out.extend_from_slice(&entry.name);
    }
    out.truncate(buf_len as usize);
    guest.write(buf, &out)?;
    guest.write_u32(used, out.len() as u32)
}
