//! Open descriptors: what each number names, and what may be done with it.
//!
//! ```text
//! 0 stdin · 1 stdout · 2 stderr · 3… preopened directories · then what is opened
//! ```
//!
//! A new descriptor takes the lowest free number. Rights only ever shrink:
//! a call that needs one the descriptor lacks answers `ENOTCAPABLE` (which libc
//! turns into `EBADF`), a file where a directory is needed `ENOTDIR`, a
//! directory where a file is needed `EISDIR`, a stream that cannot seek `ESPIPE`.
//! Always: at most [`MAX_OPEN`] descriptors, so the host's own limit is not
//! the guest's to exhaust.
//! Elsewhere: the calls on descriptors (`fd`, `io`), stdio (`stdio`).

use super::errno::Errno;
use super::readdir::Listing;
use super::types::{FdFlags, FileType, Rights};
use crate::Stream;
use cap_std::fs::{Dir, Metadata};
use std::fs::File;

/// The most descriptors a guest may have open at once.
pub(crate) const MAX_OPEN: usize = 1024;

/// What a descriptor names.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The guest's input.
    Input,
    /// One of its outputs.
    Output(Stream),
    /// A file in a preopened directory.
    File(File),
    /// A directory, preopened or below one.
    Directory(Directory),
}

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) dir: Dir,
    /// The name the guest knows a preopened directory by.
    pub(crate) preopen: Option<String>,
    /// What `fd_readdir` read when it last started over.
    pub(crate) listing: Option<Listing>,
}

/// One open descriptor.
#[derive(Debug)]
pub(crate) struct Descriptor {
    pub(crate) kind: Kind,
    pub(crate) flags: FdFlags,
    pub(crate) base: Rights,
    pub(crate) inheriting: Rights,
}

impl Descriptor {
    /// An open file.
    pub(crate) fn file(file: File, flags: FdFlags, base: Rights, inheriting: Rights) -> Descriptor {
        Descriptor { kind: Kind::File(file), flags, base: base & Rights::FILE, inheriting }
    }

    /// An open directory.
    pub(crate) fn directory(dir: Dir, base: Rights, inheriting: Rights) -> Descriptor {
        Descriptor {
            kind: Kind::Directory(Directory { dir, preopen: None, listing: None }),
            flags: FdFlags::default(),
            base: base & Rights::DIRECTORY,
            inheriting,
        }
    }

    /// A directory the embedder gives, called `name` by the guest.
    pub(crate) fn preopen(dir: Dir, name: String) -> Descriptor {
        Descriptor {
            kind: Kind::Directory(Directory { dir, preopen: Some(name), listing: None }),
            flags: FdFlags::default(),
            base: Rights::DIRECTORY,
            inheriting: Rights::INHERITABLE,
        }
    }

    /// `ENOTCAPABLE` unless `rights` are held.
    pub(crate) fn holds(&self, rights: Rights) -> Result<(), Errno> {
        if self.base.has(rights) { Ok(()) } else { Err(Errno::Notcapable) }
    }

    /// The file, if it is one and `rights` are held; `EISDIR` for a directory,
    /// `stream` for stdio.
    pub(crate) fn as_file(&mut self, rights: Rights, stream: Errno) -> Result<&mut File, Errno> {
        match self.kind {
            Kind::Directory(_) => return Err(Errno::Isdir),
            Kind::Input | Kind::Output(_) => return Err(stream),
            Kind::File(_) => self.holds(rights)?,
        }
        match &mut self.kind {
            Kind::File(file) => Ok(file),
            _ => Err(stream),
        }
    }

    /// The directory, if it is one and `rights` are held; else `ENOTDIR`.
    pub(crate) fn as_directory(&mut self, rights: Rights) -> Result<&mut Directory, Errno> {
        if matches!(self.kind, Kind::Directory(_)) {
            self.holds(rights)?;
        }
        match &mut self.kind {
            Kind::Directory(directory) => Ok(directory),
            _ => Err(Errno::Notdir),
        }
    }

    /// The type the guest is told; `terminal` says whether stdio is one.
    pub(crate) fn file_type(&self, terminal: impl Fn(Option<Stream>) -> bool) -> FileType {
        let stream = |of| {
            if terminal(of) { FileType::CharacterDevice } else { FileType::Unknown }
        };
        match &self.kind {
            Kind::Input => stream(None),
            Kind::Output(of) => stream(Some(*of)),
            Kind::Directory(_) => FileType::Directory,
            Kind::File(file) => {
                Metadata::from_file(file).map_or(FileType::Unknown, |meta| FileType::of(meta.file_type()))
            }
        }
    }
}

/// All open descriptors of a guest.
#[derive(Debug, Default)]
pub(crate) struct Descriptors {
    open: Vec<Option<Descriptor>>,
}

impl FromIterator<Descriptor> for Descriptors {
    /// Numbered from 0, however many the embedder gives.
    fn from_iter<I: IntoIterator<Item = Descriptor>>(descriptors: I) -> Descriptors {
        Descriptors { open: descriptors.into_iter().map(Some).collect() }
    }
}

impl Descriptors {
    /// The descriptor `fd`, or `EBADF`.
    pub(crate) fn get(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.open.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    /// Gives `descriptor` the lowest free number; `EMFILE` when all are taken.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let free = self.open.iter().position(Option::is_none).unwrap_or(self.open.len());
        if free >= MAX_OPEN {
            return Err(Errno::Mfile);
        }
        if free == self.open.len() {
            self.open.push(None);
        }
        self.open[free] = Some(descriptor);
        Ok(free as u32)
    }

    /// Whether one more descriptor fits.
    pub(crate) fn has_room(&self) -> bool {
        self.open.len() < MAX_OPEN || self.open.iter().any(Option::is_none)
    }

    /// Closes `fd`; `EBADF` if it is not open.
    pub(crate) fn close(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        self.open.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::Badf)
    }

    /// Makes `to` name what `from` names, and closes `from`; both must be open.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.get(from)?;
        self.get(to)?;
        if from != to {
            self.open.swap(from as usize, to as usize);
            self.close(from)?;
        }
        Ok(())
    }

    /// Two directories at once, for calls that name a path in each.
    pub(crate) fn directories(
        &mut self,
        (first, first_rights): (u32, Rights),
        (second, second_rights): (u32, Rights),
    ) -> Result<(&Dir, &Dir), Errno> {
        self.get(first)?.as_directory(first_rights)?;
        self.get(second)?.as_directory(second_rights)?;
        Ok((self.directory(first)?, self.directory(second)?))
    }

    fn directory(&self, fd: u32) -> Result<&Dir, Errno> {
        match self.open.get(fd as usize) {
            Some(Some(Descriptor { kind: Kind::Directory(directory), .. })) => Ok(&directory.dir),
            _ => Err(Errno::Badf),
        }
    }
}
