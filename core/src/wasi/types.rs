//! The flag words and records of preview 1, as the guest lays them out.
//!
//! ```text
//! iovec    0 buf · 4 len                                                  8 bytes
//! fdstat   0 type · 2 flags · 8 rights · 16 inheriting                   24
//! filestat 0 dev · 8 ino · 16 type · 24 links · 32 size · 40 a · 48 m · 56 c  64
//! dirent   0 next · 8 ino · 16 name length · 20 type                      24
//! ```
//!
//! All little-endian; the gaps are written as zeros. No address needs to be
//! aligned.
//! Elsewhere: subscriptions and events (`poll`), error numbers (`errno`).

use super::errno::Errno;
use cap_fs_ext::{FileTypeExt, MetadataExt};
use std::time::{SystemTime, UNIX_EPOCH};

/// Declares a flag word: a transparent integer with named bits.
macro_rules! flags {
    ($(#[$doc:meta])* $name:ident: $int:ty { $($flag:ident = $bit:expr;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub(crate) struct $name(pub(crate) $int);

        #[allow(dead_code, reason = "the table names every flag of the specification")]
        impl $name {
            $(pub(crate) const $flag: $name = $name($bit);)*
            const KNOWN: $int = 0 $(| $bit)*;

            /// All of `other`'s bits are set.
            pub(crate) fn has(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            /// At least one of `other`'s bits is set.
            pub(crate) fn meets(self, other: $name) -> bool {
                self.0 & other.0 != 0
            }

            /// The flags of a guest's word; `EINVAL` when a bit has no meaning.
            pub(crate) fn checked(raw: u32) -> Result<$name, Errno> {
                match <$int>::try_from(raw) {
                    Ok(raw) if raw & !$name::KNOWN == 0 => Ok($name(raw)),
                    _ => Err(Errno::Inval),
                }
            }
        }

        impl std::ops::BitOr for $name {
            type Output = $name;
            fn bitor(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }
        }

        impl std::ops::BitAnd for $name {
            type Output = $name;
            fn bitand(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }
    };
}

flags! {
    /// What may be done with a descriptor.
    Rights: u64 {
        FD_DATASYNC = 1 << 0;
        FD_READ = 1 << 1;
        FD_SEEK = 1 << 2;
        FD_FDSTAT_SET_FLAGS = 1 << 3;
        FD_SYNC = 1 << 4;
        FD_TELL = 1 << 5;
        FD_WRITE = 1 << 6;
        FD_ADVISE = 1 << 7;
        FD_ALLOCATE = 1 << 8;
        PATH_CREATE_DIRECTORY = 1 << 9;
        PATH_CREATE_FILE = 1 << 10;
        PATH_LINK_SOURCE = 1 << 11;
        PATH_LINK_TARGET = 1 << 12;
        PATH_OPEN = 1 << 13;
        FD_READDIR = 1 << 14;
        PATH_READLINK = 1 << 15;
        PATH_RENAME_SOURCE = 1 << 16;
        PATH_RENAME_TARGET = 1 << 17;
        PATH_FILESTAT_GET = 1 << 18;
        PATH_FILESTAT_SET_SIZE = 1 << 19;
        PATH_FILESTAT_SET_TIMES = 1 << 20;
        FD_FILESTAT_GET = 1 << 21;
        FD_FILESTAT_SET_SIZE = 1 << 22;
        FD_FILESTAT_SET_TIMES = 1 << 23;
        PATH_SYMLINK = 1 << 24;
        PATH_REMOVE_DIRECTORY = 1 << 25;
        PATH_UNLINK_FILE = 1 << 26;
        POLL_FD_READWRITE = 1 << 27;
        SOCK_SHUTDOWN = 1 << 28;
        SOCK_ACCEPT = 1 << 29;
    }
}

impl Rights {
    /// No rights: what a call needs that everybody may make.
    pub(crate) const NONE: Rights = Rights(0);
    /// What makes sense for an open file.
    pub(crate) const FILE: Rights = Rights(
        Rights::FD_DATASYNC.0
            | Rights::FD_READ.0
            | Rights::FD_SEEK.0
            | Rights::FD_FDSTAT_SET_FLAGS.0
            | Rights::FD_SYNC.0
            | Rights::FD_TELL.0
            | Rights::FD_WRITE.0
            | Rights::FD_ADVISE.0
            | Rights::FD_ALLOCATE.0
            | Rights::FD_FILESTAT_GET.0
            | Rights::FD_FILESTAT_SET_SIZE.0
            | Rights::FD_FILESTAT_SET_TIMES.0
            | Rights::POLL_FD_READWRITE.0,
    );
    /// What makes sense for a directory.
    pub(crate) const DIRECTORY: Rights = Rights(
        Rights::FD_FDSTAT_SET_FLAGS.0
            | Rights::FD_DATASYNC.0
            | Rights::FD_SYNC.0
            | Rights::FD_ADVISE.0
            | Rights::FD_READDIR.0
            | Rights::FD_FILESTAT_GET.0
            | Rights::FD_FILESTAT_SET_TIMES.0
            | Rights::PATH_CREATE_DIRECTORY.0
            | Rights::PATH_CREATE_FILE.0
            | Rights::PATH_LINK_SOURCE.0
            | Rights::PATH_LINK_TARGET.0
            | Rights::PATH_OPEN.0
            | Rights::PATH_READLINK.0
            | Rights::PATH_RENAME_SOURCE.0
            | Rights::PATH_RENAME_TARGET.0
            | Rights::PATH_FILESTAT_GET.0
            | Rights::PATH_FILESTAT_SET_SIZE.0
            | Rights::PATH_FILESTAT_SET_TIMES.0
            | Rights::PATH_SYMLINK.0
            | Rights::PATH_REMOVE_DIRECTORY.0
            | Rights::PATH_UNLINK_FILE.0,
    );
    /// What may be passed on from a preopened directory.
    pub(crate) const INHERITABLE: Rights = Rights(Rights::DIRECTORY.0 | Rights::FILE.0);
    /// The guest's input stream: no seeking, which is how libc knows a terminal.
    pub(crate) const INPUT: Rights = Rights(
        Rights::FD_READ.0
            | Rights::FD_FDSTAT_SET_FLAGS.0
            | Rights::FD_FILESTAT_GET.0
            | Rights::POLL_FD_READWRITE.0,
    );
    /// The guest's output streams.
    pub(crate) const OUTPUT: Rights = Rights(
        Rights::FD_WRITE.0
            | Rights::FD_DATASYNC.0
            | Rights::FD_SYNC.0
            | Rights::FD_FDSTAT_SET_FLAGS.0
            | Rights::FD_FILESTAT_GET.0
            | Rights::POLL_FD_READWRITE.0,
    );
}

flags! {
    /// How a descriptor behaves.
    FdFlags: u16 { APPEND = 1; DSYNC = 2; NONBLOCK = 4; RSYNC = 8; SYNC = 16; }
}
flags! {
    /// How `path_open` opens.
    OFlags: u16 { CREAT = 1; DIRECTORY = 2; EXCL = 4; TRUNC = 8; }
}
flags! {
    /// How a path is resolved.
    LookupFlags: u32 { SYMLINK_FOLLOW = 1; }
}
flags! {
    /// Which file times to set, and to what.
    FstFlags: u16 { ATIM = 1; ATIM_NOW = 2; MTIM = 4; MTIM_NOW = 8; }
}

/// What kind of thing a descriptor or a path names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum FileType {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketStream = 6,
    SymbolicLink = 7,
}

impl FileType {
    /// The type of a file in a preopened directory.
    pub(crate) fn of(host: cap_std::fs::FileType) -> FileType {
        if host.is_dir() {
            FileType::Directory
        } else if host.is_file() {
            FileType::RegularFile
        } else if host.is_symlink() {
            FileType::SymbolicLink
        } else if host.is_char_device() {
            FileType::CharacterDevice
        } else if host.is_block_device() {
            FileType::BlockDevice
        } else if host.is_socket() {
            FileType::SocketStream
        } else {
            FileType::Unknown
        }
    }
}

/// `fdstat`: how a descriptor may be used.
pub(crate) fn fdstat(kind: FileType, flags: FdFlags, base: Rights, inheriting: Rights) -> [u8; 24] {
    let mut out = [0; 24];
    out[0] = kind as u8;
    out[2..4].copy_from_slice(&flags.0.to_le_bytes());
    out[8..16].copy_from_slice(&base.0.to_le_bytes());
    out[16..24].copy_from_slice(&inheriting.0.to_le_bytes());
    out
}

/// `filestat`: what the host knows of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FileStat {
    pub(crate) dev: u64,
    pub(crate) ino: u64,
    pub(crate) kind: FileType,
    pub(crate) links: u64,
    pub(crate) size: u64,
    /// Nanoseconds since 1970, as the two after it.
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

impl FileStat {
    /// A stream: nothing is known of it but its type.
    pub(crate) fn stream(kind: FileType) -> FileStat {
        FileStat { dev: 0, ino: 0, kind, links: 0, size: 0, accessed: 0, modified: 0, changed: 0 }
    }

    /// From what the host answers.
    pub(crate) fn of(meta: &cap_std::fs::Metadata) -> FileStat {
        let time = |time: std::io::Result<cap_std::time::SystemTime>| {
            time.map_or(0, |time| nanoseconds(time.into_std()))
        };
        FileStat {
            dev: meta.dev(),
            ino: meta.ino(),
            kind: FileType::of(meta.file_type()),
            links: meta.nlink(),
            size: meta.len(),
            accessed: time(meta.accessed()),
            modified: time(meta.modified()),
            changed: changed(meta),
        }
    }

    /// As the guest reads it.
    pub(crate) fn encode(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[0..8].copy_from_slice(&self.dev.to_le_bytes());
        out[8..16].copy_from_slice(&self.ino.to_le_bytes());
        out[16] = self.kind as u8;
        out[24..32].copy_from_slice(&self.links.to_le_bytes());
        out[32..40].copy_from_slice(&self.size.to_le_bytes());
        out[40..48].copy_from_slice(&self.accessed.to_le_bytes());
        out[48..56].copy_from_slice(&self.modified.to_le_bytes());
        out[56..64].copy_from_slice(&self.changed.to_le_bytes());
        out
    }
}

#[cfg(unix)]
fn changed(meta: &cap_std::fs::Metadata) -> u64 {
    use cap_std::fs::MetadataExt as _;
    let (seconds, nanos) = (meta.ctime(), meta.ctime_nsec());
    u64::try_from(i128::from(seconds) * 1_000_000_000 + i128::from(nanos)).unwrap_or(0)
}

#[cfg(not(unix))]
fn changed(meta: &cap_std::fs::Metadata) -> u64 {
    meta.modified().map_or(0, |time| nanoseconds(time.into_std()))
}

/// Nanoseconds since 1970; times before it are zero.
pub(crate) fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}
