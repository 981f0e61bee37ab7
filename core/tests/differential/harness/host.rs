//! What host functions do: a script that follows from their arguments and from the calls before.
//!
//! An engine's adapter does the acts in order and tells what came of each; then the results follow.

use super::case::{Type, Value};
use super::rng::mix;

/// The embedder's data: all a host function remembers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HostState {
    /// Of everything seen so far.
    pub hash: u64,
    /// Calls so far.
    pub calls: u64,
    /// Host calls that wait for the guest.
    pub depth: u32,
}

/// One thing a host function does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Writes to the exported memory `memory`, at this place modulo its length.
    Write(u64, Vec<u8>),
    /// Tells what stands there.
    Read(u64),
    /// Grows it by so many pages.
    Grow(u64),
    /// Calls the export `back`, if it takes an i32 and gives one.
    Back(i32),
    /// The same, and a failure is forgotten.
    TryBack(i32),
    /// Sets the exported global `kept` to an i64.
    Set(i64),
    /// Fails.
    Fail,
    /// Traps, as `unreachable` does.
    Trap,
}

/// What this call does.
pub fn acts(state: &mut HostState, name: &str, args: &[Value]) -> Vec<Act> {
    state.calls += 1;
    for byte in name.bytes() {
        state.hash = mix(state.hash ^ byte as u64);
    }
    for arg in args {
        state.hash = mix(state.hash ^ arg.bits());
    }
    let mut number = mix(state.hash);
    let mut acts = Vec::new();
    for _ in 0..number % 3 {
        number = mix(number);
        let low = number >> 8;
        acts.push(match number & 31 {
            0..=8 => Act::Write(low, low.to_le_bytes()[..1 + (number >> 5) as usize % 8].to_vec()),
            9..=13 => Act::Read(low),
            14 => Act::Grow(low & 1),
            15..=18 if state.depth < 3 => Act::Back(low as i32 & 0xff),
            19..=20 if state.depth < 3 => Act::TryBack(low as i32 & 0xff),
            21..=25 => Act::Set(low as i64),
            26 if low & 7 == 0 => Act::Fail,
            27 if low & 7 == 0 => Act::Trap,
            _ => continue,
        });
    }
    acts
}

/// An act gave this number.
pub fn came(state: &mut HostState, number: u64) {
    state.hash = mix(state.hash.rotate_left(7) ^ number);
}

/// The results of the call.
pub fn results(state: &HostState, types: impl IntoIterator<Item = Type>) -> Vec<Value> {
    let mut number = mix(!state.hash);
    types
        .into_iter()
        .map(|ty| {
            number = mix(number);
            // Small ones half of the time: they become addresses and indices.
            Value::of(ty, if number & 0x100 == 0 { number } else { number >> 50 })
        })
        .collect()
}

/// What an import that is no function holds.
pub fn imported(name: &str, ty: Type) -> Value {
    let number = name.bytes().fold(17, |hash, byte| mix(hash ^ byte as u64));
    Value::of(ty, number)
}
