//! Stdio, arguments, environment, time, randomness, exit.

use super::super::{CALLS, Errno, FixedClocks, MODULE, SeededRandom, call, is_wasi_import};
use super::*;
use std::io::Write;

#[test]
fn printed_bytes_reach_the_writer_and_the_recorder() {
    let (out, err) = (Capture::new(), Capture::new());
    let mut world = world(|builder| builder.stdout(out.clone()).stderr(err.clone()));
    world.check(
        "write 1 hello = 5
         write 2 oops = 4
         write 1 again = 5",
    );
    assert_eq!(out.bytes(), b"helloagain");
    assert_eq!(err.take(), b"oops");
    let printed: Vec<_> = world.printed.iter().map(|(stream, bytes)| (*stream, &bytes[..])).collect();
    assert_eq!(
        printed,
        [(Stream::Stdout, &b"hello"[..]), (Stream::Stderr, &b"oops"[..]), (Stream::Stdout, &b"again"[..])]
    );
}

/// Takes so many bytes, then breaks like a closed pipe.
struct Closing(usize);

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        let len = bytes.len().min(self.0);
        self.0 -= len;
        Ok(len)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_an_errno() {
    let mut world = world(|builder| builder.stdout(Closing(3)));
    world.check(
        "write 1 hello = 3
         write 1 lo = EPIPE
         write 1 lo = EPIPE",
    );
    assert_eq!(world.printed, [(Stream::Stdout, b"hel".to_vec())]);
}

#[test]
fn input_parks_the_run_until_there_is_some() {
    let input = Input::new();
    let mut world = world(|builder| builder.stdin(input.clone()));
    world.check("read 0 9 = waits");
    input.push(b"abcdef");
    world.check(
        "read 0 4 = abcd
         read 0 9 = ef
         read 0 9 = waits
         flags 0 4 = ok
         read 0 9 = EAGAIN
         fdstat 0 = type 0 flags 4",
    );
    input.push(b"g");
    input.close();
    input.push(b"lost");
    world.check(
        "read 0 9 = g
         read 0 9 = end
         read 0 9 = end",
    );
    assert!(input.is_closed());
    assert_eq!(input.available(), 0);
}

#[test]
fn by_default_there_is_nothing() {
    let mut world = world(|builder| builder);
    world.check(
        "read 0 9 = end
         write 1 x = 1
         prestat 3 = /
         prestat 4 = EBADF
         prestat 0 = EBADF",
    );
    args::args_sizes_get(&mut world, OUT, OUT + 4).unwrap();
    assert_eq!((world.u32(OUT), world.u32(OUT + 4)), (0, 0));
    args::environ_sizes_get(&mut world, OUT, OUT + 4).unwrap();
    assert_eq!((world.u32(OUT), world.u32(OUT + 4)), (0, 0));
}

#[test]
fn arguments_and_environment_are_laid_out() {
    let mut world = world(|builder| builder.args(["prog", "", "x y"]).env("K", "V=1"));
    args::args_sizes_get(&mut world, OUT, OUT + 4).unwrap();
    assert_eq!((world.u32(OUT), world.u32(OUT + 4)), (3, 10));
    args::args_get(&mut world, IOVS, BUF).unwrap();
    assert_eq!(world.text(BUF, 10), "prog\0\0x y\0");
    assert_eq!([0, 4, 8].map(|at| world.u32(IOVS + at) - BUF), [0, 5, 6]);
    args::environ_sizes_get(&mut world, OUT, OUT + 4).unwrap();
    assert_eq!((world.u32(OUT), world.u32(OUT + 4)), (1, 6));
    args::environ_get(&mut world, IOVS, BUF).unwrap();
    assert_eq!(world.text(BUF, 6), "K=V=1\0");
    let end = MEMORY as u32;
    for (array, buf) in [(end - 8, BUF), (IOVS, end - 9)] {
        let answer = args::args_get(&mut world, array, buf);
        assert_eq!(word(answer.map(|()| String::new())), "EFAULT");
    }
}

#[test]
fn a_terminal_is_a_character_device() {
    let mut world = world(|builder| builder.terminal(true));
    world.check(
        "fdstat 0 = type 2 flags 0
         fdstat 1 = type 2 flags 0
         fstat 2 = type 2 size 0",
    );
}

#[test]
fn fixed_clocks_and_seeds_repeat() {
    let mut world = world(|builder| builder.clocks(FixedClocks::new(1_000, 10)).random(SeededRandom::new(1)));
    let mut read = |id| {
        clock::clock_time_get(&mut world, id, 0, OUT).unwrap();
        world.u64(OUT)
    };
    assert_eq!([read(0), read(1), read(0)], [1_000, 10, 1_020]);
    clock::clock_res_get(&mut world, 1, OUT).unwrap();
    assert_eq!(world.u64(OUT), 10);
    for id in [4, u32::MAX] {
        let answer = clock::clock_time_get(&mut world, id, 0, OUT);
        assert_eq!(word(answer.map(|()| String::new())), "EINVAL");
    }
    clock::random_get(&mut world, BUF, 16).unwrap();
    // SplitMix64 with seed 1, as published.
    assert_eq!(world.u64(BUF), 0x910a_2dec_8902_5cc1);
    let answer = clock::random_get(&mut world, BUF, u32::MAX);
    assert_eq!(word(answer.map(|()| String::new())), "EFAULT");
}

#[test]
fn real_time_passes_and_random_bytes_differ() {
    let mut world = world(|builder| builder);
    for id in 0..4 {
        clock::clock_time_get(&mut world, id, 0, OUT).unwrap();
        let first = world.u64(OUT);
        clock::clock_time_get(&mut world, id, 0, OUT).unwrap();
        assert!(world.u64(OUT) >= first);
        clock::clock_res_get(&mut world, id, OUT).unwrap();
        assert!(world.u64(OUT) > 0);
    }
    clock::random_get(&mut world, 0x10000, 0x20000).unwrap();
    assert_ne!(world.memory[0x10000..0x10020], world.memory[0x2ffe0..0x30000]);
}

#[test]
fn the_table_has_all_46_calls() {
    assert_eq!(CALLS.len(), 46);
    let mut names: Vec<_> = CALLS.iter().map(|call| call.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 46);
    assert!(is_wasi_import(MODULE, "fd_write"));
    assert!(!is_wasi_import(MODULE, "fd_dup"));
    assert!(!is_wasi_import("env", "fd_write"));
    let write = call(MODULE, "fd_write").unwrap();
    assert_eq!(
        write.describe(&[1, 0x1040, 2, 0x1038], Some(Errno::Pipe as u64)),
        "fd_write(fd 1, iovs 0x1040, iovs_len 2, nwritten 0x1038) = EPIPE"
    );
    let seek = call(MODULE, "fd_seek").unwrap();
    assert_eq!(
        seek.describe(&[4, -1_i64 as u64, 2, 8], None),
        "fd_seek(fd 4, offset -1, whence 0x2, newoffset 0x8)"
    );
}
