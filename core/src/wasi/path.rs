//! Calls that name a file by a directory's descriptor and a path.
//!
//! Always: the sandbox resolves the path below the directory; what would leave
//! it is `EPERM`. A final symbolic link is followed only where the call has
//! lookup flags and they say so.
//! Elsewhere: `path_open` (`open`), reading directories (`readdir`).

use super::errno::Errno;
use super::fd::Times;
use super::guest::{Answer, Guest};
use super::types::{FileStat, LookupFlags, Rights};
use cap_fs_ext::DirExt as _;
use cap_std::fs::Dir;

/// Makes a directory.
pub(crate) fn path_create_directory(guest: &mut dyn Guest, fd: u32, path: u32, len: u32) -> Answer {
    let path = guest.path(path, len)?;
    Ok(directory(guest, fd, Rights::PATH_CREATE_DIRECTORY)?.create_dir(path)?)
}

/// What the host knows of a file.
pub(crate) fn path_filestat_get(
    guest: &mut dyn Guest,
    fd: u32,
    flags: u32,
    path: u32,
    len: u32,
    buf: u32,
) -> Answer {
    let follow = follows(flags)?;
    let path = guest.path(path, len)?;
    let follow = follow || names_directory(&path);
    let dir = directory(guest, fd, Rights::PATH_FILESTAT_GET)?;
    let meta = if follow { dir.metadata(path)? } else { dir.symlink_metadata(path)? };
    guest.write(buf, &FileStat::of(&meta).encode())
}

/// Sets a file's times.
#[expect(clippy::too_many_arguments, reason = "the specification's signature")]
pub(crate) fn path_filestat_set_times(
    guest: &mut dyn Guest,
    fd: u32,
    flags: u32,
    path: u32,
    len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Answer {
    let follow = follows(flags)?;
    let path = guest.path(path, len)?;
    let follow = follow || names_directory(&path);
    let (accessed, modified) = Times::of(guest.ctx(), atim, mtim, fst_flags)?.specs();
    let dir = directory(guest, fd, Rights::PATH_FILESTAT_SET_TIMES)?;
    if follow {
        dir.set_times(path, accessed, modified)?;
    } else {
        dir.set_symlink_times(path, accessed, modified)?;
    }
    Ok(())
}

/// Makes a hard link. A symbolic link is linked itself; following it is
/// `EINVAL`, as the sandbox cannot do it in one step.
#[expect(clippy::too_many_arguments, reason = "the specification's signature")]
pub(crate) fn path_link(
    guest: &mut dyn Guest,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Answer {
    if follows(old_flags)? {
        return Err(Errno::Inval.into());
    }
    let old_path = guest.path(old_path, old_len)?;
    let new_path = guest.path(new_path, new_len)?;
    let from = (old_fd, Rights::PATH_LINK_SOURCE);
    let to = (new_fd, Rights::PATH_LINK_TARGET);
    let (old, new) = guest.ctx().descriptors.directories(from, to)?;
    Ok(old.hard_link(old_path, new, new_path)?)
}

/// Reads where a symbolic link points, cut to the buffer.
pub(crate) fn path_readlink(
    guest: &mut dyn Guest,
    fd: u32,
    path: u32,
    len: u32,
    buf: u32,
    buf_len: u32,
    used: u32,
) -> Answer {
    let path = guest.path(path, len)?;
    let target = directory(guest, fd, Rights::PATH_READLINK)?.read_link(path)?;
    let target = target.as_os_str().as_encoded_bytes();
    let target = &target[..target.len().min(buf_len as usize)];
    guest.check(used, 4)?;
    guest.write(buf, target)?;
    guest.write_u32(used, target.len() as u32)
}

/// Removes an empty directory.
pub(crate) fn path_remove_directory(guest: &mut dyn Guest, fd: u32, path: u32, len: u32) -> Answer {
    let path = guest.path(path, len)?;
    let dir = directory(guest, fd, Rights::PATH_REMOVE_DIRECTORY)?;
    Ok(dir.remove_dir(without_slashes(&path))?)
}

/// Renames a file or directory.
pub(crate) fn path_rename(
    guest: &mut dyn Guest,
    old_fd: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Answer {
    let old_path = guest.path(old_path, old_len)?;
    let new_path = guest.path(new_path, new_len)?;
    let from = (old_fd, Rights::PATH_RENAME_SOURCE);
    let to = (new_fd, Rights::PATH_RENAME_TARGET);
    let (old, new) = guest.ctx().descriptors.directories(from, to)?;
    // The sandbox drops trailing slashes, with which only a directory may be named.
    let must_be_directory = old_path.ends_with('/') || new_path.ends_with('/');
    if must_be_directory && !old.symlink_metadata(without_slashes(&old_path))?.is_dir() {
        return Err(Errno::Notdir.into());
    }
    Ok(old.rename(old_path, new, new_path)?)
}

/// Makes a symbolic link to `old_path`, which must be relative.
pub(crate) fn path_symlink(
    guest: &mut dyn Guest,
    old_path: u32,
    old_len: u32,
    fd: u32,
    new_path: u32,
    new_len: u32,
) -> Answer {
    let old_path = guest.path(old_path, old_len)?;
    let new_path = guest.path(new_path, new_len)?;
    let dir = directory(guest, fd, Rights::PATH_SYMLINK)?;
    Ok(dir.symlink(old_path, new_path)?)
}

/// Removes a file or a symbolic link.
pub(crate) fn path_unlink_file(guest: &mut dyn Guest, fd: u32, path: u32, len: u32) -> Answer {
    let path = guest.path(path, len)?;
    Ok(directory(guest, fd, Rights::PATH_UNLINK_FILE)?.remove_file_or_symlink(path)?)
}

fn directory(guest: &mut dyn Guest, fd: u32, rights: Rights) -> Answer<&Dir> {
    Ok(&guest.ctx().descriptors.get(fd)?.as_directory(rights)?.dir)
}

/// A path without its trailing slashes; the root stays what it is.
fn without_slashes(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => path,
        stripped => stripped,
    }
}

/// Whether what follows the last name makes it a directory's: a symbolic link
/// there is followed, whatever the flags say, and a file is `ENOTDIR`. (The
/// sandbox would take such a path for that of the link or file itself.)
fn names_directory(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.")
}

fn follows(flags: u32) -> Result<bool, Errno> {
    Ok(LookupFlags::checked(flags)?.has(LookupFlags::SYMLINK_FOLLOW))
}
