//! Bytes in and out of descriptors: `fd_read`, `fd_write`, `fd_pread`,
//! `fd_pwrite`, `fd_seek`, `fd_tell`.
//!
//! ```text
//! guest   [ iov 0 ][ iov 1 ]…      a list of spans, seen as one sequence
//! host    [   at most CHUNK   ]    one system call a chunk
//! ```
//!
//! Always: descriptor, rights, the list, every span and the place of the
//! result are checked before the first byte moves, so a half bad list moves
//! nothing. Like POSIX a call may move less than asked: no more than
//! [`MAX_SPANS`] spans and [`MAX_MOVE`] bytes, and from anything but a regular
//! file what one system call gives.
//! Appending and synchronous writing are done here, not by the host's flags,
//! because `fd_fdstat_set_flags` may change them.

use super::descriptor::{Descriptor, Kind};
use super::errno::Errno;
use super::guest::{Answer, CHUNK, Fault, Guest};
use super::types::{FdFlags, Rights};
use crate::{HostError, Stream};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// The most spans of a list that one call looks at.
pub(crate) const MAX_SPANS: u32 = 1024;

/// The most bytes one call moves.
const MAX_MOVE: u32 = i32::MAX as u32;

/// Reads from where the descriptor is.
pub(crate) fn fd_read(guest: &mut dyn Guest, fd: u32, iovs: u32, len: u32, nread: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    let flags = descriptor.flags;
    let from_input = match descriptor.kind {
        Kind::Directory(_) => return Err(Errno::Isdir.into()),
        Kind::Input => true,
        Kind::File(_) | Kind::Output(_) => false,
    };
    descriptor.holds(Rights::FD_READ)?;
    let mut spans = Spans::read(guest, iovs, len)?;
    guest.check(nread, 4)?;
    let done = if from_input {
        read_input(guest, &mut spans, flags)?
    } else {
        read_file(guest, fd, &mut spans, |file, buf, _| file.read(buf))?
    };
    guest.write_u32(nread, done)
}

/// Reads at `offset`, leaving the descriptor where it is.
pub(crate) fn fd_pread(
    guest: &mut dyn Guest,
    fd: u32,
    iovs: u32,
    len: u32,
    offset: u64,
    nread: u32,
) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    descriptor.as_file(Rights::FD_READ | Rights::FD_SEEK, Errno::Spipe)?;
    let mut spans = Spans::read(guest, iovs, len)?;
    guest.check(nread, 4)?;
    let done = read_file(guest, fd, &mut spans, |file, buf, done| read_at(file, buf, add(offset, done)?))?;
    guest.write_u32(nread, done)
}

/// Writes where the descriptor is, or at the end of an appended file.
pub(crate) fn fd_write(guest: &mut dyn Guest, fd: u32, iovs: u32, len: u32, nwritten: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    let flags = descriptor.flags;
    let to_stream = match descriptor.kind {
        Kind::Directory(_) => return Err(Errno::Isdir.into()),
        Kind::Output(stream) => Some(stream),
        Kind::File(_) | Kind::Input => None,
    };
    descriptor.holds(Rights::FD_WRITE)?;
    let mut spans = Spans::read(guest, iovs, len)?;
    guest.check(nwritten, 4)?;
    let done = match to_stream {
        Some(stream) => write_output(guest, stream, &mut spans)?,
        None => write_file(guest, fd, &mut spans, |file, bytes, _| {
            if flags.has(FdFlags::APPEND) {
                file.seek(SeekFrom::End(0))?;
            }
            file.write(bytes)
        })?,
    };
    guest.write_u32(nwritten, done)
}

/// Writes at `offset`, leaving the descriptor where it is.
pub(crate) fn fd_pwrite(
    guest: &mut dyn Guest,
    fd: u32,
    iovs: u32,
    len: u32,
    offset: u64,
    nwritten: u32,
) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    descriptor.as_file(Rights::FD_WRITE | Rights::FD_SEEK, Errno::Spipe)?;
    let mut spans = Spans::read(guest, iovs, len)?;
    guest.check(nwritten, 4)?;
    let done =
        write_file(guest, fd, &mut spans, |file, bytes, done| write_at(file, bytes, add(offset, done)?))?;
    guest.write_u32(nwritten, done)
}

/// Moves a file's position; asking for where it is needs no right to move it.
pub(crate) fn fd_seek(guest: &mut dyn Guest, fd: u32, offset: i64, whence: u32, new_offset: u32) -> Answer {
    let target = match whence {
        0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
        1 => SeekFrom::Current(offset),
        2 => SeekFrom::End(offset),
        _ => return Err(Errno::Inval.into()),
    };
    if target == SeekFrom::Current(0) {
        return fd_tell(guest, fd, new_offset);
    }
    guest.ctx().descriptors.get(fd)?.as_file(Rights::FD_SEEK, Errno::Spipe)?;
    guest.check(new_offset, 8)?;
    let file = guest.ctx().descriptors.get(fd)?.as_file(Rights::FD_SEEK, Errno::Spipe)?;
    let at = file.seek(target)?;
    guest.write_u64(new_offset, at)
}

/// Where a file's position is.
pub(crate) fn fd_tell(guest: &mut dyn Guest, fd: u32, offset: u32) -> Answer {
    let descriptor = guest.ctx().descriptors.get(fd)?;
    // The right to seek includes this one.
    let right = if descriptor.base.has(Rights::FD_SEEK) { Rights::NONE } else { Rights::FD_TELL };
    let at = descriptor.as_file(right, Errno::Spipe)?.stream_position()?;
    guest.write_u64(offset, at)
}

/// A guest's list of spans, each in bounds, used up front to back.
struct Spans {
    list: Vec<(u32, u32)>,
    /// The span to use next.
    next: usize,
    /// Bytes left in all spans.
    left: u32,
}

impl Spans {
    /// Reads the list; `EFAULT` if it or any span is out of bounds.
    fn read(guest: &mut dyn Guest, iovs: u32, len: u32) -> Answer<Spans> {
        guest.check(iovs, u64::from(len) * 8)?;
        let mut bytes = vec![0; len.min(MAX_SPANS) as usize * 8];
        guest.read(iovs, &mut bytes)?;
        let mut spans = Spans { list: Vec::with_capacity(bytes.len() / 8), next: 0, left: 0 };
        for iovec in bytes.chunks_exact(8) {
            let word =
                |at: usize| u32::from_le_bytes([iovec[at], iovec[at + 1], iovec[at + 2], iovec[at + 3]]);
            let (buf, len) = (word(0), word(4));
            guest.check(buf, u64::from(len))?;
            let len = len.min(MAX_MOVE - spans.left);
            if len > 0 {
                spans.left += len;
                spans.list.push((buf, len));
            }
        }
        Ok(spans)
    }

    /// A buffer for the next chunk; empty when nothing is left.
    fn chunk(&self) -> usize {
        CHUNK.min(self.left as usize)
    }

    /// Takes up to `most` bytes of the next span: address and length.
    fn take(&mut self, most: usize) -> (u32, usize) {
        let (at, len) = &mut self.list[self.next];
        let taken = (*at, most.min(*len as usize));
        *at = at.wrapping_add(taken.1 as u32);
        *len -= taken.1 as u32;
        self.left -= taken.1 as u32;
        if *len == 0 {
            self.next += 1;
        }
        taken
    }

    /// Writes `bytes` into the next spans, which have room.
    fn scatter(&mut self, guest: &mut dyn Guest, mut bytes: &[u8]) -> Answer {
        while !bytes.is_empty() {
            let (at, len) = self.take(bytes.len());
            guest.write(at, &bytes[..len])?;
            bytes = &bytes[len..];
        }
        Ok(())
    }

    /// Fills `bytes` from the next spans, which have enough.
    fn gather(&mut self, guest: &mut dyn Guest, mut bytes: &mut [u8]) -> Answer {
        while !bytes.is_empty() {
            let (at, len) = self.take(bytes.len());
            let (head, tail) = std::mem::take(&mut bytes).split_at_mut(len);
            guest.read(at, head)?;
            bytes = tail;
        }
        Ok(())
    }
}

/// Reads until the spans are full, the file ends, or (unless it is a regular
/// file) a first chunk is there. `read` is told how much was read before.
fn read_file(
    guest: &mut dyn Guest,
    fd: u32,
    spans: &mut Spans,
    mut read: impl FnMut(&mut File, &mut [u8], u32) -> io::Result<usize>,
) -> Answer<u32> {
    let mut buf = vec![0; spans.chunk()];
    let mut done = 0;
    while spans.left > 0 {
        let want = spans.chunk();
        let descriptor = guest.ctx().descriptors.get(fd)?;
        let file = descriptor.as_file(Rights::FD_READ, Errno::Notcapable)?;
        if done > 0 && !file.metadata().is_ok_and(|meta| meta.is_file()) {
            break;
        }
        match retry(|| read(file, &mut buf[..want], done)) {
            Ok(len) => {
                spans.scatter(guest, &buf[..len])?;
                done += len as u32;
                if len < want {
                    break;
                }
            }
            Err(error) if done == 0 => return Err(error.into()),
            Err(_) => break,
        }
    }
    Ok(done)
}

/// Takes what the input queue has; waits or parks if that is nothing.
fn read_input(guest: &mut dyn Guest, spans: &mut Spans, flags: FdFlags) -> Answer<u32> {
    let mut buf = vec![0; spans.chunk()];
    let mut done = 0;
    while spans.left > 0 {
        let want = spans.chunk();
        let ctx = guest.ctx();
        let (input, blocks) = ctx.stdin.start();
        match input.take(&mut buf[..want]) {
            Some(0) => break,
            Some(len) => {
                spans.scatter(guest, &buf[..len])?;
                done += len as u32;
            }
            None if done > 0 => break,
            None if flags.has(FdFlags::NONBLOCK) => return Err(Errno::Again.into()),
            None if !blocks => return Err(Fault::Host(HostError::WaitForInput)),
            None if input.wait(None, &ctx.interrupt) => {}
            None => return Err(Fault::Host(HostError::Interrupted)),
        }
    }
    Ok(done)
}

/// Writes until the spans are used up or the file takes no more. `write` is
/// told how much was written before.
fn write_file(
    guest: &mut dyn Guest,
    fd: u32,
    spans: &mut Spans,
    mut write: impl FnMut(&mut File, &[u8], u32) -> io::Result<usize>,
) -> Answer<u32> {
    let mut buf = vec![0; spans.chunk()];
    let mut done = 0;
    while spans.left > 0 {
        let bytes = &mut buf[..spans.chunk()];
        spans.gather(guest, bytes)?;
        let descriptor = guest.ctx().descriptors.get(fd)?;
        let file = descriptor.as_file(Rights::FD_WRITE, Errno::Notcapable)?;
        match retry(|| write(file, bytes, done)) {
            Ok(len) => {
                done += len as u32;
                if len < bytes.len() {
                    break;
                }
            }
            Err(error) if done == 0 => return Err(error.into()),
            Err(_) => break,
        }
    }
    synchronize(guest.ctx().descriptors.get(fd)?)?;
    Ok(done)
}

/// Prints, and says what was printed. A closed pipe is `EPIPE`.
fn write_output(guest: &mut dyn Guest, stream: Stream, spans: &mut Spans) -> Answer<u32> {
    let mut buf = vec![0; spans.chunk()];
    let mut done = 0;
    while spans.left > 0 {
        let bytes = &mut buf[..spans.chunk()];
        spans.gather(guest, bytes)?;
        match guest.ctx().output(stream).write(bytes) {
            Ok(len) => {
                guest.output(stream, &bytes[..len]);
                done += len as u32;
                if len < bytes.len() {
                    break;
                }
            }
            Err(error) if done == 0 => return Err(error.into()),
            Err(_) => break,
        }
    }
    Ok(done)
}

/// After a write: to the disk, if the descriptor is synchronous.
fn synchronize(descriptor: &mut Descriptor) -> io::Result<()> {
    let Kind::File(file) = &descriptor.kind else {
        return Ok(());
    };
    if descriptor.flags.has(FdFlags::SYNC) {
        file.sync_all()
    } else if descriptor.flags.has(FdFlags::DSYNC) {
        file.sync_data()
    } else {
        Ok(())
    }
}

fn retry(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn add(offset: u64, done: u32) -> io::Result<u64> {
    offset.checked_add(u64::from(done)).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

#[cfg(unix)]
fn read_at(file: &mut File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(unix)]
fn write_at(file: &mut File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

/// Windows moves the position as well, so it is put back.
#[cfg(windows)]
fn read_at(file: &mut File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    let at = file.stream_position()?;
    let len = std::os::windows::fs::FileExt::seek_read(file, buf, offset);
    file.seek(SeekFrom::Start(at))?;
    len
}

#[cfg(windows)]
fn write_at(file: &mut File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    let at = file.stream_position()?;
    let len = std::os::windows::fs::FileExt::seek_write(file, bytes, offset);
    file.seek(SeekFrom::Start(at))?;
    len
}
