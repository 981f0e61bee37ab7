//! Time and randomness: `clock_*`, `random_get`, and where both come from.
//!
//! Real by default. The fixed clocks and the seeded generator make a run
//! reproducible without a log: time stands still but for one step a reading
//! (so that a loop waiting for it ends), and sleeping moves it instead of
//! taking it.
//! Elsewhere: waiting for a clock (`poll`).

use super::errno::Errno;
use super::guest::{Answer, CHUNK, Guest};
use super::stdio::Interrupt;
use super::types::nanoseconds;
use std::fmt;
use std::io;
use std::time::{Duration, Instant, SystemTime};

/// The clocks of preview 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockId {
    /// Time since 1970-01-01T00:00:00Z.
    Realtime,
    /// Time that never goes back, since some moment.
    Monotonic,
    /// Processor time used by the process.
    ProcessCpu,
    /// Processor time used by the thread.
    ThreadCpu,
}

impl ClockId {
    /// The clock a guest means by `raw`; `EINVAL` if there is none.
    pub(crate) fn of(raw: u32) -> Result<ClockId, Errno> {
        Ok(match raw {
            0 => ClockId::Realtime,
            1 => ClockId::Monotonic,
            2 => ClockId::ProcessCpu,
            3 => ClockId::ThreadCpu,
            _ => return Err(Errno::Inval),
        })
    }
}

/// Where a guest's time comes from. Times are in nanoseconds.
pub trait Clocks: Send + fmt::Debug {
    /// What the clock shows; `None` if there is no such clock here.
    fn now(&mut self, clock: ClockId) -> Option<u64>;

    /// The smallest difference the clock can show, at least 1.
    fn resolution(&self, clock: ClockId) -> Option<u64>;

    /// Lets `duration` pass; `false` if interrupted before its end.
    fn sleep(&mut self, duration: Duration, interrupt: &Interrupt) -> bool;

    /// Whether time passes by itself, so that waiting for input may end by it.
    fn is_real(&self) -> bool {
        true
    }
}

/// The host's clocks; the monotonic one starts with the guest.
#[derive(Debug)]
pub struct SystemClocks {
    start: Instant,
}

impl SystemClocks {
    /// Starts the monotonic clock.
    pub fn new() -> SystemClocks {
        SystemClocks { start: Instant::now() }
    }
}

impl Default for SystemClocks {
    fn default() -> SystemClocks {
        SystemClocks::new()
    }
}

impl Clocks for SystemClocks {
    fn now(&mut self, clock: ClockId) -> Option<u64> {
        match clock {
            ClockId::Realtime => Some(nanoseconds(SystemTime::now())),
            ClockId::Monotonic => Some(self.start.elapsed().as_nanos() as u64),
            ClockId::ProcessCpu | ClockId::ThreadCpu => processor_time(clock),
        }
    }

    fn resolution(&self, clock: ClockId) -> Option<u64> {
        match clock {
            ClockId::Realtime | ClockId::Monotonic => Some(1),
            ClockId::ProcessCpu | ClockId::ThreadCpu => processor_time(clock).map(|_| 1),
        }
    }

    fn sleep(&mut self, duration: Duration, interrupt: &Interrupt) -> bool {
        interrupt.sleep(duration)
    }
}

#[cfg(unix)]
fn processor_time(clock: ClockId) -> Option<u64> {
    use rustix::time::{ClockId as Host, clock_gettime};
    let host = match clock {
        ClockId::ThreadCpu => Host::ThreadCPUTime,
        _ => Host::ProcessCPUTime,
    };
    let time = clock_gettime(host);
    u64::try_from(i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)).ok()
}

#[cfg(not(unix))]
fn processor_time(_clock: ClockId) -> Option<u64> {
    None
}

/// Clocks that depend on nothing: each reading of any clock is one step later.
#[derive(Clone, Debug)]
pub struct FixedClocks {
    /// What the real-time clock shows first.
    realtime: u64,
    /// Time passed since.
    passed: u64,
    /// Time between two readings.
    step: u64,
}

impl FixedClocks {
    /// `realtime` nanoseconds since 1970 at first, `step` more each reading.
    pub fn new(realtime: u64, step: u64) -> FixedClocks {
        FixedClocks { realtime, passed: 0, step }
    }
}

impl Clocks for FixedClocks {
    fn now(&mut self, clock: ClockId) -> Option<u64> {
        let passed = self.passed;
        self.passed = passed.saturating_add(self.step);
        Some(match clock {
            ClockId::Realtime => self.realtime.saturating_add(passed),
            _ => passed,
        })
    }

    fn resolution(&self, _clock: ClockId) -> Option<u64> {
        Some(self.step.max(1))
    }

    fn sleep(&mut self, duration: Duration, _interrupt: &Interrupt) -> bool {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.passed = self.passed.saturating_add(nanos);
        true
    }

    fn is_real(&self) -> bool {
        false
    }
}

/// Where a guest's random bytes come from.
pub trait Random: Send + fmt::Debug {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// When the source has none; the guest is told.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::from)
    }
}

/// SplitMix64 from a seed: the same bytes every time. Not for secrets.
#[derive(Clone, Debug)]
pub struct SeededRandom {
    state: u64,
}

impl SeededRandom {
    /// The generator `seed` names.
    pub fn new(seed: u64) -> SeededRandom {
        SeededRandom { state: seed }
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        for chunk in bytes.chunks_mut(8) {
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// The resolution of a clock.
pub(crate) fn clock_res_get(guest: &mut dyn Guest, id: u32, resolution: u32) -> Answer {
    let clock = ClockId::of(id)?;
    let value = guest.ctx().clocks.resolution(clock).ok_or(Errno::Notsup)?;
    guest.write_u64(resolution, value)
}

/// What a clock shows.
pub(crate) fn clock_time_get(guest: &mut dyn Guest, id: u32, _lag: u64, time: u32) -> Answer {
    let clock = ClockId::of(id)?;
    guest.check(time, 8)?;
    let value = guest.ctx().clocks.now(clock).ok_or(Errno::Notsup)?;
    guest.write_u64(time, value)
}

/// Random bytes, in pieces of at most [`CHUNK`].
pub(crate) fn random_get(guest: &mut dyn Guest, buf: u32, len: u32) -> Answer {
    guest.check(buf, u64::from(len))?;
    let mut bytes = vec![0; CHUNK.min(len as usize)];
    let mut done = 0;
    while done < len {
        let piece = &mut bytes[..CHUNK.min((len - done) as usize)];
        guest.ctx().random.fill(piece)?;
        guest.write(buf + done, piece)?;
        done += piece.len() as u32;
    }
    Ok(())
}
