//! Calls on an open descriptor other than moving bytes: its state, its file's
//! size and times, closing and renumbering.
//!
//! Where the host has no portable call, the effect is what counts:
//! `fd_allocate` makes the file long enough (it reserves nothing), `fd_advise`
//! checks its arguments and does nothing, synchronising a directory or a
//! stream does nothing beyond flushing.
//! Elsewhere: reading and writing (`io`), opening (`open`).

use super::WasiCtx;
use super::clock::ClockId;
use super::descriptor::Kind;
use super::errno::Errno;
use super::guest::{Answer, Guest};
use super::types::{FdFlags, FileStat, FstFlags, Rights, fdstat};
use cap_fs_ext::{DirExt as _, SystemTimeSpec};
use cap_std::fs::Metadata;
use std::fs::FileTimes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Says how a file will be used; `EINVAL` for advice that does not exist.
pub(crate) fn fd_advise(guest: &mut dyn Guest, fd: u32, offset: u64, len: u64, advice: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    if matches!(descriptor.kind, Kind::Input | Kind::Output(_)) {
        return Err(Errno::Spipe.into());
    }
    descriptor.holds(Rights::FD_ADVISE)?;
    if advice > 5 || offset.checked_add(len).is_none() {
        return Err(Errno::Inval.into());
    }
    Ok(())
}

/// Makes a file at least `offset + len` bytes long.
pub(crate) fn fd_allocate(guest: &mut dyn Guest, fd: u32, offset: u64, len: u64) -> Answer {
    let file = guest.ctx().descriptors.get(fd)?.as_file(Rights::FD_ALLOCATE, Errno::Spipe)?;
    if len == 0 {
        return Err(Errno::Inval.into());
    }
    let end = offset.checked_add(len).filter(|end| i64::try_from(*end).is_ok());
    let end = end.ok_or(Errno::Fbig)?;
    if file.metadata()?.len() < end {
        file.set_len(end)?;
    }
    Ok(())
}

/// Closes a descriptor, preopened ones and stdio included.
pub(crate) fn fd_close(guest: &mut dyn Guest, fd: u32) -> Answer {
    guest.ctx().descriptors.close(fd)?;
    Ok(())
}

/// Brings a file's data to the disk.
pub(crate) fn fd_datasync(guest: &mut dyn Guest, fd: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    descriptor.holds(Rights::FD_DATASYNC)?;
    if let Kind::File(file) = &descriptor.kind {
        file.sync_data()?;
    }
    Ok(())
}

/// Brings a file's data and metadata to the disk.
pub(crate) fn fd_sync(guest: &mut dyn Guest, fd: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    descriptor.holds(Rights::FD_SYNC)?;
    if let Kind::File(file) = &descriptor.kind {
        file.sync_all()?;
    }
    Ok(())
}

/// A descriptor's type, flags and rights.
pub(crate) fn fd_fdstat_get(guest: &mut dyn Guest, fd: u32, stat: u32) -> Answer {
    let kind = guest.ctx().file_type(fd)?;
    let descriptor = guest.ctx().descriptors.get(fd)?;
    let record = fdstat(kind, descriptor.flags, descriptor.base, descriptor.inheriting);
    guest.write(stat, &record)
}

/// Changes how a descriptor behaves.
pub(crate) fn fd_fdstat_set_flags(guest: &mut dyn Guest, fd: u32, flags: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    descriptor.holds(Rights::FD_FDSTAT_SET_FLAGS)?;
    descriptor.flags = FdFlags::checked(flags)?;
    Ok(())
}

/// Takes rights away; `ENOTCAPABLE` for one the descriptor does not have.
pub(crate) fn fd_fdstat_set_rights(guest: &mut dyn Guest, fd: u32, base: u64, inheriting: u64) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    let (base, inheriting) = (Rights(base), Rights(inheriting));
    if !descriptor.base.has(base) || !descriptor.inheriting.has(inheriting) {
        return Err(Errno::Notcapable.into());
    }
    descriptor.base = base;
    descriptor.inheriting = inheriting;
    Ok(())
}

/// What the host knows of an open file.
pub(crate) fn fd_filestat_get(guest: &mut dyn Guest, fd: u32, buf: u32) -> Answer {
    let kind = guest.ctx().file_type(fd)?;
    let descriptor = guest.ctx().descriptors.get(fd)?;
    descriptor.holds(Rights::FD_FILESTAT_GET)?;
    let stat = match &descriptor.kind {
        Kind::Input | Kind::Output(_) => FileStat::stream(kind),
        Kind::File(file) => FileStat::of(&Metadata::from_file(file)?),
        Kind::Directory(directory) => FileStat::of(&directory.dir.dir_metadata()?),
    };
    guest.write(buf, &stat.encode())
}

/// Cuts a file or fills it up with zeros.
pub(crate) fn fd_filestat_set_size(guest: &mut dyn Guest, fd: u32, size: u64) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    let file = descriptor.as_file(Rights::FD_FILESTAT_SET_SIZE, Errno::Inval)?;
    if i64::try_from(size).is_err() {
        return Err(Errno::Inval.into());
    }
    file.set_len(size)?;
    Ok(())
}

/// Sets the times of an open file or directory.
pub(crate) fn fd_filestat_set_times(
    guest: &mut dyn Guest,
    fd: u32,
    atim: u64,
    mtim: u64,
    flags: u32,
) -> Answer {
    let times = Times::of(guest.ctx(), atim, mtim, flags)?;
    let descriptor = guest.ctx().descriptors.get(fd)?;
    if matches!(descriptor.kind, Kind::Input | Kind::Output(_)) {
        return Err(Errno::Inval.into());
    }
    descriptor.holds(Rights::FD_FILESTAT_SET_TIMES)?;
    match &descriptor.kind {
        Kind::File(file) => {
            let mut host = FileTimes::new();
            if let Some(time) = times.accessed {
                host = host.set_accessed(time);
            }
            if let Some(time) = times.modified {
                host = host.set_modified(time);
            }
            file.set_times(host)?;
        }
        Kind::Directory(directory) => {
            let (accessed, modified) = times.specs();
            directory.dir.set_times(".", accessed, modified)?;
        }
        Kind::Input | Kind::Output(_) => {}
    }
    Ok(())
}

/// That a descriptor is a preopened directory, and how long its name is;
/// `EBADF` for every other, which is how libc knows where they end.
pub(crate) fn fd_prestat_get(guest: &mut dyn Guest, fd: u32, prestat: u32) -> Answer {
    let name_len = preopen_name(guest.ctx(), fd)?.len() as u32;
    let mut record = [0; 8];
    record[4..8].copy_from_slice(&name_len.to_le_bytes());
    guest.write(prestat, &record)
}

/// The name of a preopened directory, without a NUL.
pub(crate) fn fd_prestat_dir_name(guest: &mut dyn Guest, fd: u32, path: u32, len: u32) -> Answer {
    let name = preopen_name(guest.ctx(), fd)?;
    if name.len() > len as usize {
        return Err(Errno::Nametoolong.into());
    }
    guest.write(path, name.as_bytes())
}

/// Makes `to` name what `fd` names and closes `fd`; both must be open.
pub(crate) fn fd_renumber(guest: &mut dyn Guest, fd: u32, to: u32) -> Answer {
    Ok(guest.ctx().descriptors.renumber(fd, to)?)
}

fn preopen_name(ctx: &mut WasiCtx, fd: u32) -> Result<String, Errno> {
    match &ctx.descriptors.get(fd)?.kind {
        Kind::Directory(directory) => directory.preopen.clone().ok_or(Errno::Badf),
        _ => Err(Errno::Badf),
    }
}

/// The times a guest wants a file to have; `None` leaves one as it is.
pub(crate) struct Times {
    accessed: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl Times {
    /// `EINVAL` for unknown flags, for a time that is both given and *now*,
    /// and for one the host cannot hold. *Now* is by the guest's clock.
    pub(crate) fn of(ctx: &mut WasiCtx, atim: u64, mtim: u64, flags: u32) -> Result<Times, Errno> {
        let flags = FstFlags::checked(flags)?;
        let mut time = |given: FstFlags, now: FstFlags, value: u64| {
            let nanos = match (flags.has(given), flags.has(now)) {
                (true, true) => return Err(Errno::Inval),
                (true, false) => value,
                (false, true) => ctx.clocks.now(ClockId::Realtime).ok_or(Errno::Notsup)?,
                (false, false) => return Ok(None),
            };
            match UNIX_EPOCH.checked_add(Duration::from_nanos(nanos)) {
                Some(time) => Ok(Some(time)),
                None => Err(Errno::Inval),
            }
        };
        let accessed = time(FstFlags::ATIM, FstFlags::ATIM_NOW, atim)?;
        let modified = time(FstFlags::MTIM, FstFlags::MTIM_NOW, mtim)?;
        Ok(Times { accessed, modified })
    }

    /// As the sandbox takes them.
    pub(crate) fn specs(&self) -> (Option<SystemTimeSpec>, Option<SystemTimeSpec>) {
        let spec = |time: Option<SystemTime>| {
            time.map(|time| SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(time)))
        };
        (spec(self.accessed), spec(self.modified))
    }
}
