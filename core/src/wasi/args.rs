//! What the guest is started with: `args_*` and `environ_*`.
//!
//! ```text
//! argv      → ptr ptr ptr        one 32-bit address a string
//! argv_buf  → "name\0arg\0arg\0" the strings, each with its NUL
//! ```
//!
//! Elsewhere: where the strings come from (`ctx`).

use super::errno::Errno;
use super::guest::{Answer, Guest};

/// The arguments, into an array of addresses and a buffer.
pub(crate) fn args_get(guest: &mut dyn Guest, argv: u32, buf: u32) -> Answer {
    let strings = guest.ctx().args.clone();
    lay_out(guest, &strings, argv, buf)
}

/// How many arguments, and how many bytes with their NULs.
pub(crate) fn args_sizes_get(guest: &mut dyn Guest, count: u32, size: u32) -> Answer {
    let sizes = sizes(&guest.ctx().args)?;
    guest.write_u32(count, sizes.0)?;
    guest.write_u32(size, sizes.1)
}

/// The environment, as `KEY=value`.
pub(crate) fn environ_get(guest: &mut dyn Guest, environ: u32, buf: u32) -> Answer {
    let strings = guest.ctx().env.clone();
    lay_out(guest, &strings, environ, buf)
}

/// How many variables, and how many bytes with their NULs.
pub(crate) fn environ_sizes_get(guest: &mut dyn Guest, count: u32, size: u32) -> Answer {
    let sizes = sizes(&guest.ctx().env)?;
    guest.write_u32(count, sizes.0)?;
    guest.write_u32(size, sizes.1)
}

fn sizes(strings: &[Vec<u8>]) -> Result<(u32, u32), Errno> {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    match (u32::try_from(strings.len()), u32::try_from(bytes)) {
        (Ok(count), Ok(bytes)) => Ok((count, bytes)),
        _ => Err(Errno::Overflow),
    }
}

fn lay_out(guest: &mut dyn Guest, strings: &[Vec<u8>], array: u32, buf: u32) -> Answer {
    let (count, bytes) = sizes(strings)?;
    guest.check(array, u64::from(count) * 4)?;
    guest.check(buf, u64::from(bytes))?;
    let mut addresses = Vec::with_capacity(strings.len() * 4);
    let mut text = Vec::with_capacity(bytes as usize);
    for string in strings {
        // In bounds, so the sum fits.
        addresses.extend_from_slice(&(buf + text.len() as u32).to_le_bytes());
        text.extend_from_slice(string);
        text.push(0);
    }
    guest.write(array, &addresses)?;
    guest.write(buf, &text)
}
