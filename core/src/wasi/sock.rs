//! Sockets, of which a guest has none: every open descriptor is `ENOTSOCK`,
//! every other `EBADF`, a flag without meaning `EINVAL`.

use super::errno::Errno;
use super::guest::{Answer, Guest};
use super::types::FdFlags;

/// Would accept a connection.
pub(crate) fn sock_accept(guest: &mut dyn Guest, fd: u32, flags: u32, _opened: u32) -> Answer {
    FdFlags::checked(flags)?;
    not_a_socket(guest, fd)
}

/// Would receive a message.
pub(crate) fn sock_recv(
    guest: &mut dyn Guest,
    fd: u32,
    _data: u32,
    _data_len: u32,
    _flags: u32,
    _received: u32,
    _received_flags: u32,
) -> Answer {
    not_a_socket(guest, fd)
}

/// Would send a message.
pub(crate) fn sock_send(
    guest: &mut dyn Guest,
    fd: u32,
    _data: u32,
    _data_len: u32,
    _flags: u32,
    _sent: u32,
) -> Answer {
    not_a_socket(guest, fd)
}

/// Would close one or both directions.
pub(crate) fn sock_shutdown(guest: &mut dyn Guest, fd: u32, how: u32) -> Answer {
    if !(1..=3).contains(&how) {
        return Err(Errno::Inval.into());
    }
    not_a_socket(guest, fd)
}

fn not_a_socket(guest: &mut dyn Guest, fd: u32) -> Answer {
    guest.ctx().descriptors.get(fd)?;
    Err(Errno::Notsock.into())
}
