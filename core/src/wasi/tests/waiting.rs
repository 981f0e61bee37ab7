//! `poll_oneoff`: what is ready, what waits, and what fails.

use super::super::{FixedClocks, Interrupt};
use super::*;
use std::time::{Duration, Instant};

const EVENTS: u32 = 0x20000;
const COUNT: u32 = 0x1fff0;

/// Something to wait for.
#[derive(Clone, Copy)]
enum For {
    Clock { id: u32, timeout: u64, flags: u16 },
    Read(u32),
    Write(u32),
}

const fn after(timeout: u64) -> For {
    For::Clock { id: 1, timeout, flags: 0 }
}

/// Polls; each event as `subscription:errno:bytes`, `!` for a hang-up.
fn wait(world: &mut World, list: &[For]) -> String {
    for (index, what) in list.iter().enumerate() {
        let at = BUF as usize + index * 48;
        world.memory[at..at + 48].fill(0);
        world.memory[at] = index as u8;
        let (tag, word) = match what {
            For::Clock { id, .. } => (0, *id),
            For::Read(fd) => (1, *fd),
            For::Write(fd) => (2, *fd),
        };
        world.memory[at + 8] = tag;
        world.put_u32(at as u32 + 16, word);
        if let For::Clock { timeout, flags, .. } = what {
            world.memory[at + 24..at + 32].copy_from_slice(&timeout.to_le_bytes());
            world.memory[at + 40..at + 42].copy_from_slice(&flags.to_le_bytes());
        }
    }
    let polled = poll::poll_oneoff(world, BUF, EVENTS, list.len() as u32, COUNT);
    word(polled.map(|()| {
        let events: Vec<String> = (0..world.u32(COUNT))
            .map(|index| {
                let at = EVENTS + index * 32;
                let errno = super::super::Errno::from_raw(world.u16(at + 8).into()).unwrap();
                let hangup = if world.u16(at + 24) == 1 { "!" } else { "" };
                format!("{}:{errno}:{}{hangup}", world.u64(at), world.u64(at + 16))
            })
            .collect();
        events.join(" ")
    }))
}

#[test]
fn what_is_ready_is_told_at_once() {
    let mut world = world(|builder| builder.stdin(Input::from_bytes("abc")));
    world.check("open f crw = 4");
    world.check("write 4 hello = 5");
    world.check("seek 4 1 set = 1");
    let list = [For::Write(1), after(u64::MAX), For::Read(0), For::Read(4), For::Write(2)];
    assert_eq!(wait(&mut world, &list), "0:ESUCCESS:1 2:ESUCCESS:3 3:ESUCCESS:4 4:ESUCCESS:1");
    world.check("read 0 9 = abc");
    assert_eq!(wait(&mut world, &[For::Read(0)]), "0:ESUCCESS:0!");
}

#[test]
fn a_bad_subscription_is_an_event() {
    let mut world = world(|builder| builder);
    let list = [For::Read(99), For::Write(0), For::Clock { id: 9, timeout: 0, flags: 0 }];
    assert_eq!(wait(&mut world, &list), "0:EBADF:0 1:ENOTCAPABLE:0 2:EINVAL:0");
    assert_eq!(wait(&mut world, &[For::Read(3)]), "0:ENOTCAPABLE:0");
    assert_eq!(wait(&mut world, &[For::Clock { id: 1, timeout: 0, flags: 2 }]), "EINVAL");
    assert_eq!(wait(&mut world, &[]), "EINVAL");
    for (subscriptions, events, count) in
        [(BUF, EVENTS, u32::MAX), (MEMORY as u32, EVENTS, 1), (BUF, MEMORY as u32 - 31, 1)]
    {
        let answer = poll::poll_oneoff(&mut world, subscriptions, events, count, COUNT);
        let expected = if count == 1 { "EFAULT" } else { "EINVAL" };
        assert_eq!(word(answer.map(|()| String::new())), expected);
    }
}

#[test]
fn fixed_clocks_pass_without_waiting() {
    let mut world = world(|builder| builder.clocks(FixedClocks::new(0, 0)).stdin(Input::new()));
    let hour = 3_600_000_000_000;
    let list = [after(2 * hour), For::Read(0), after(hour)];
    assert_eq!(wait(&mut world, &list), "2:ESUCCESS:0");
    clock::clock_time_get(&mut world, 1, 0, OUT).unwrap();
    assert_eq!(world.u64(OUT), hour);
    // A point in time that has passed is ready.
    let past = For::Clock { id: 1, timeout: hour, flags: 1 };
    assert_eq!(wait(&mut world, &[past, For::Read(0)]), "0:ESUCCESS:0");
}

#[test]
fn input_alone_parks_the_run() {
    let input = Input::new();
    let mut world = world(|builder| builder.stdin(input.clone()));
    assert_eq!(wait(&mut world, &[For::Read(0)]), "waits");
    input.push(b"x");
    assert_eq!(wait(&mut world, &[For::Read(0)]), "0:ESUCCESS:1");
}

#[test]
fn real_clocks_and_input_race() {
    let input = Input::new();
    let mut world = world(|builder| builder.stdin(input.clone()));
    let start = Instant::now();
    assert_eq!(wait(&mut world, &[For::Read(0), after(30_000_000)]), "1:ESUCCESS:0");
    assert!(start.elapsed() >= Duration::from_millis(30));
    let feeder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        input.push(b"xy");
    });
    assert_eq!(wait(&mut world, &[For::Read(0), after(60_000_000_000)]), "0:ESUCCESS:2");
    feeder.join().unwrap();
}

#[test]
fn a_wait_can_be_interrupted() {
    let interrupt = Interrupt::new();
    let mut world = world(|builder| builder.interrupt(interrupt.clone()));
    let raiser = {
        let interrupt = interrupt.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            interrupt.raise();
        })
    };
    assert_eq!(wait(&mut world, &[after(u64::MAX)]), "interrupted");
    raiser.join().unwrap();
    interrupt.clear();
    assert_eq!(wait(&mut world, &[after(1)]), "0:ESUCCESS:0");
}
