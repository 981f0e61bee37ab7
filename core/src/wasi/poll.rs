//! `poll_oneoff`: waiting for the first of several things.
//!
//! ```text
//! subscription 0 userdata · 8 tag · 16 clock {id, 24 timeout, 32 precision, 40 flags}
//!                                   16 fd                             48 bytes
//! event        0 userdata · 8 errno · 10 tag · 16 bytes · 24 flags     32
//! ```
//!
//! Files and outputs are always ready, so only clocks and stdin wait:
//!
//! ```text
//! something ready now          its events, at once
//! stdin alone, may yet come    parks the run (or blocks: the process's own)
//! clocks, with or without it   waits for the shortest, or for input
//! ```
//!
//! Always: at most [`MAX_SUBSCRIPTIONS`]; all of them are read before an event
//! is written, so the two arrays may overlap.
//! Elsewhere: the queue (`stdio`), sleeping (`clock`).

use super::clock::ClockId;
use super::descriptor::Kind;
use super::errno::Errno;
use super::guest::{Answer, Fault, Guest};
use super::types::Rights;
use crate::HostError;
use std::io::Seek as _;
use std::time::{Duration, Instant};

/// The most things one call waits for; more is `EINVAL`.
const MAX_SUBSCRIPTIONS: u32 = 4096;

const SUBSCRIPTION_LEN: usize = 48;
const EVENT_LEN: u64 = 32;

const TAG_CLOCK: u8 = 0;
const TAG_READ: u8 = 1;
const TAG_WRITE: u8 = 2;

/// `subscription_clock_abstime`: the timeout is a point in time.
const ABSOLUTE: u16 = 1;

/// `eventrwflags::fd_readwrite_hangup`: no more will come.
const HANGUP: u16 = 1;

#[derive(Clone, Copy)]
struct Event {
    userdata: u64,
    error: Errno,
    tag: u8,
    bytes: u64,
    flags: u16,
}

/// What a subscription is in for.
enum State {
    /// It happened.
    Ready(Event),
    /// A clock; time left until it happens, never zero.
    Sleeps(Event, Duration),
    /// Stdin, empty and not closed.
    Waits(Event),
}

/// Waits until one of the subscriptions happens, and tells all that did.
pub(crate) fn poll_oneoff(
    guest: &mut dyn Guest,
    subscriptions: u32,
    events: u32,
    count: u32,
    nevents: u32,
) -> Answer {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval.into());
    }
    guest.check(events, u64::from(count) * EVENT_LEN)?;
    guest.check(nevents, 4)?;
    let mut bytes = vec![0; count as usize * SUBSCRIPTION_LEN];
    guest.read(subscriptions, &mut bytes)?;
    let mut states = Vec::with_capacity(count as usize);
    for raw in bytes.chunks_exact(SUBSCRIPTION_LEN) {
        states.push(Subscription(raw).state(guest)?);
    }
    let mut out = Vec::new();
    for event in happened(guest, &states)? {
        out.extend_from_slice(&event.userdata.to_le_bytes());
        out.extend_from_slice(&(event.error as u16).to_le_bytes());
        out.extend_from_slice(&[event.tag, 0, 0, 0, 0, 0]);
        out.extend_from_slice(&event.bytes.to_le_bytes());
        out.extend_from_slice(&event.flags.to_le_bytes());
        out.extend_from_slice(&[0; 6]);
    }
    guest.write(events, &out)?;
    guest.write_u32(nevents, (out.len() as u64 / EVENT_LEN) as u32)
}

/// Waits if nothing is ready.
fn happened(guest: &mut dyn Guest, states: &[State]) -> Answer<Vec<Event>> {
    let ready: Vec<Event> = states
        .iter()
        .filter_map(|state| if let State::Ready(event) = state { Some(*event) } else { None })
        .collect();
    if !ready.is_empty() {
        return Ok(ready);
    }
    let shortest = states
        .iter()
        .filter_map(|state| if let State::Sleeps(_, left) = state { Some(*left) } else { None })
        .min();
    let wants_input = states.iter().any(|state| matches!(state, State::Waits(_)));
    let ctx = guest.ctx();
    let interrupt = ctx.interrupt.clone();
    let (input, blocks) = ctx.stdin.start();
    let input = input.clone();
    let input_came = match shortest {
        None if blocks => input.wait(None, &interrupt),
        None => return Err(Fault::Host(HostError::WaitForInput)),
        Some(left) if wants_input && ctx.clocks.is_real() => {
            input.wait(Instant::now().checked_add(left), &interrupt)
        }
        Some(left) => {
            if !ctx.clocks.sleep(left, &interrupt) {
                return Err(Fault::Host(HostError::Interrupted));
            }
            false
        }
    };
    if !input_came && interrupt.is_raised() {
        return Err(Fault::Host(HostError::Interrupted));
    }
    let (available, closed) = input.look();
    Ok(states
        .iter()
        .filter_map(|state| match state {
            State::Waits(event) if input_came => Some(event.input(available, closed)),
            State::Sleeps(event, left) if !input_came && Some(*left) <= shortest => Some(*event),
            _ => None,
        })
        .collect())
}

impl Event {
    fn ready(self, bytes: u64) -> State {
        State::Ready(Event { bytes, ..self })
    }

    fn failed(self, error: Errno) -> State {
        State::Ready(Event { error, ..self })
    }

    /// Stdin, with so many bytes there.
    fn input(self, available: usize, closed: bool) -> Event {
        let flags = if closed && available == 0 { HANGUP } else { 0 };
        Event { bytes: available as u64, flags, ..self }
    }
}

/// A subscription as the guest wrote it.
struct Subscription<'a>(&'a [u8]);

impl Subscription<'_> {
    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|byte| self.0[at + byte]))
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|byte| self.0[at + byte]))
    }

    /// How it stands now. A bad descriptor or clock is an event that says so;
    /// only an unknown tag or flag fails the whole call.
    fn state(&self, guest: &mut dyn Guest) -> Answer<State> {
        let tag = self.0[8];
        let event = Event { userdata: self.u64(0), error: Errno::Success, tag, bytes: 0, flags: 0 };
        match tag {
            TAG_CLOCK => self.clock(guest, event),
            TAG_READ => Ok(readable(guest, self.u32(16), event)),
            TAG_WRITE => Ok(writable(guest, self.u32(16), event)),
            _ => Err(Errno::Inval.into()),
        }
    }

    fn clock(&self, guest: &mut dyn Guest, event: Event) -> Answer<State> {
        let (timeout, flags) = (self.u64(24), self.u32(40) as u16);
        if flags & !ABSOLUTE != 0 {
            return Err(Errno::Inval.into());
        }
        let clock = match ClockId::of(self.u32(16)) {
            Ok(clock @ (ClockId::Realtime | ClockId::Monotonic)) => clock,
            Ok(_) => return Ok(event.failed(Errno::Notsup)),
            Err(errno) => return Ok(event.failed(errno)),
        };
        let left = if flags == ABSOLUTE {
            match guest.ctx().clocks.now(clock) {
                Some(now) => timeout.saturating_sub(now),
                None => return Ok(event.failed(Errno::Notsup)),
            }
        } else {
            timeout
        };
        Ok(match left {
            0 => event.ready(0),
            left => State::Sleeps(event, Duration::from_nanos(left)),
        })
    }
}

fn readable(guest: &mut dyn Guest, fd: u32, event: Event) -> State {
    let ctx = guest.ctx();
    let descriptor = match ctx.descriptors.get(fd) {
        Ok(descriptor) => descriptor,
        Err(errno) => return event.failed(errno),
    };
    if let Err(errno) = descriptor.holds(Rights::FD_READ | Rights::POLL_FD_READWRITE) {
        return event.failed(errno);
    }
    match &mut descriptor.kind {
        Kind::Input => match ctx.stdin.start().0.look() {
            (0, false) => State::Waits(event),
            (available, closed) => State::Ready(event.input(available, closed)),
        },
        Kind::File(file) => {
            let len = file.metadata().map_or(0, |meta| meta.len());
            event.ready(len.saturating_sub(file.stream_position().unwrap_or(0)))
        }
        Kind::Output(_) | Kind::Directory(_) => event.failed(Errno::Badf),
    }
}

fn writable(guest: &mut dyn Guest, fd: u32, event: Event) -> State {
    let descriptor = match guest.ctx().descriptors.get(fd) {
        Ok(descriptor) => descriptor,
        Err(errno) => return event.failed(errno),
    };
    match descriptor.holds(Rights::FD_WRITE | Rights::POLL_FD_READWRITE) {
        Ok(()) => event.ready(1),
        Err(errno) => event.failed(errno),
    }
}
