//! `path_open`: from a directory's descriptor and a path to a new descriptor.
//!
//! ```text
//! rights asked ∩ rights the directory passes on ∩ rights of the file's type
//! ```
//!
//! Toolchains ask for more rights than they need, so what cannot be passed on
//! is dropped; only when the right to read or to write would be lost is the
//! answer `ENOTCAPABLE`.
//! Always: the path is resolved by the sandbox, which lets no `..`, absolute
//! path or symbolic link out of the directory (`EPERM`).

use super::descriptor::{Descriptor, Directory};
use super::errno::Errno;
use super::guest::{Answer, Guest};
use super::types::{FdFlags, LookupFlags, OFlags, Rights};
use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsMaybeDirExt as _};
use cap_std::fs::{Dir, OpenOptions};
use std::io;

/// Opens or creates a file, or opens a directory.
#[expect(clippy::too_many_arguments, reason = "the specification's signature")]
pub(crate) fn path_open(
    guest: &mut dyn Guest,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    base: u64,
    inheriting: u64,
    fdflags: u32,
    opened_fd: u32,
) -> Answer {
    let path = guest.path(path, path_len)?;
    guest.check(opened_fd, 4)?;
    let descriptors = &mut guest.ctx().descriptors;
    let room = descriptors.has_room();
    let parent = descriptors.get(fd)?;
    let inheritable = parent.inheriting;
    let request = Request {
        follow: LookupFlags::checked(dirflags)?.has(LookupFlags::SYMLINK_FOLLOW),
        oflags: OFlags::checked(oflags)?,
        fdflags: FdFlags::checked(fdflags)?,
        base: Rights(base) & inheritable,
        inheriting: Rights(inheriting) & inheritable,
    };
    let directory = parent.as_directory(request.needs())?;
    let lost = Rights(base & !inheritable.0);
    if lost.meets(Rights::FD_READ | Rights::FD_WRITE) {
        return Err(Errno::Notcapable.into());
    }
    if !room {
        return Err(Errno::Mfile.into());
    }
    let opened = request.open(directory, &path)?;
    let number = guest.ctx().descriptors.insert(opened)?;
    guest.write_u32(opened_fd, number)
}

struct Request {
    follow: bool,
    oflags: OFlags,
    fdflags: FdFlags,
    base: Rights,
    inheriting: Rights,
}

impl Request {
    /// What the directory's descriptor must allow.
    fn needs(&self) -> Rights {
        let mut needs = Rights::PATH_OPEN;
        if self.oflags.has(OFlags::CREAT) {
            needs = needs | Rights::PATH_CREATE_FILE;
        }
        if self.oflags.has(OFlags::TRUNC) {
            needs = needs | Rights::PATH_FILESTAT_SET_SIZE;
        }
        needs
    }

    fn open(&self, directory: &Directory, path: &str) -> Result<Descriptor, Errno> {
        if self.oflags.has(OFlags::DIRECTORY) {
            self.open_directory(&directory.dir, path)
        } else {
            self.open_any(&directory.dir, path)
        }
    }

    fn open_directory(&self, dir: &Dir, path: &str) -> Result<Descriptor, Errno> {
        if self.oflags.meets(OFlags::CREAT | OFlags::EXCL | OFlags::TRUNC) {
            return Err(Errno::Inval);
        }
        let opened = if self.follow { dir.open_dir(path)? } else { dir.open_dir_nofollow(path)? };
        if self.base.has(Rights::FD_WRITE) {
            return Err(Errno::Isdir);
        }
        Ok(Descriptor::directory(opened, self.base, self.inheriting))
    }

    fn open_any(&self, dir: &Dir, path: &str) -> Result<Descriptor, Errno> {
        let create = self.oflags.has(OFlags::CREAT);
        let exclusive = create && self.oflags.has(OFlags::EXCL);
        let truncate = self.oflags.has(OFlags::TRUNC);
        let changes = self.base.meets(Rights::FD_WRITE | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE);
        let write = changes || create || truncate;
        let mut options = OpenOptions::new();
        options
            // Something must be asked of the host even if the guest wants no
            // right; what it may do is up to `base`.
            .read(self.base.has(Rights::FD_READ) || !write)
            .write(write)
            .create(create && !exclusive)
            .create_new(exclusive)
            .truncate(truncate)
            .follow(if self.follow { FollowSymlinks::Yes } else { FollowSymlinks::No })
            .maybe_dir(true);
        #[cfg(unix)]
        if self.fdflags.has(FdFlags::NONBLOCK) {
            use cap_fs_ext::OpenOptionsSyncExt as _;
            options.nonblock(true);
        }
        let file = dir.open_with(path, &options)?.into_std();
        if file.metadata()?.is_dir() {
            let opened = Dir::from_std_file(file);
            return Ok(Descriptor::directory(opened, self.base, self.inheriting));
        }
        Ok(Descriptor::file(file, self.fdflags, self.base, self.inheriting))
    }
}

/// The directory at `host_path`, opened with the process's own rights.
pub(crate) fn open_ambient(host_path: &std::path::Path) -> io::Result<Dir> {
    Dir::open_ambient_dir(host_path, cap_std::ambient_authority())
}
