//! Open files, beyond `files.txt`: lists of spans, long transfers, limits.

use super::*;

#[test]
fn a_list_moves_as_one_and_is_checked_first() {
    let mut world = world(|builder| builder);
    world.check("open a crw = 4");
    let lists = |world: &mut World, spans: &[(u32, u32)]| {
        for (at, (buf, len)) in spans.iter().enumerate() {
            world.put_u32(IOVS + at as u32 * 8, *buf);
            world.put_u32(IOVS + at as u32 * 8 + 4, *len);
        }
    };
    // Unaligned, empty and overlapping spans are fine.
    world.memory[0x9001..0x9006].copy_from_slice(b"abcde");
    lists(&mut world, &[(0x9001, 3), (0, 0), (0x9003, 3)]);
    io::fd_write(&mut world, 4, IOVS, 3, 0x9101).unwrap();
    assert_eq!(world.u32(0x9101), 6);
    world.check("pread 4 0 99 = abccde");
    // A bad span moves nothing, even behind good ones.
    for bad in [(MEMORY as u32 - 1, 2), (u32::MAX, 1), (0, u32::MAX)] {
        lists(&mut world, &[(0x9001, 3), bad]);
        let written = io::fd_write(&mut world, 4, IOVS, 2, OUT);
        assert_eq!(word(written.map(|()| String::new())), "EFAULT");
    }
    // So does a bad list, a list too long for memory, and a bad result address.
    lists(&mut world, &[(0x9001, 3)]);
    for (iovs, len, result) in [(MEMORY as u32, 1, OUT), (IOVS, u32::MAX, OUT), (IOVS, 1, MEMORY as u32 - 3)]
    {
        let written = io::fd_write(&mut world, 4, iovs, len, result);
        assert_eq!(word(written.map(|()| String::new())), "EFAULT");
        let read = io::fd_read(&mut world, 4, iovs, len, result);
        assert_eq!(word(read.map(|()| String::new())), "EFAULT");
    }
    world.check("fstat 4 = type 4 size 6");
    world.check("tell 4 = 6");
}

#[test]
fn long_transfers_pass_in_chunks() {
    let mut world = world(|builder| builder);
    world.check("open a crw = 4");
    let (at, len) = (0x10000, 0x25000);
    for index in 0..len {
        world.memory[at + index] = (index * 7 % 251) as u8;
    }
    let sent = world.memory[at..at + len].to_vec();
    world.put_u32(IOVS, at as u32);
    world.put_u32(IOVS + 4, 0x11111);
    world.put_u32(IOVS + 8, at as u32 + 0x11111);
    world.put_u32(IOVS + 12, len as u32 - 0x11111);
    io::fd_write(&mut world, 4, IOVS, 2, OUT).unwrap();
    world.memory[at..].fill(0);
    world.put_u32(IOVS, at as u32);
    world.put_u32(IOVS + 4, len as u32);
    io::fd_pread(&mut world, 4, IOVS, 1, 0, IOVS + 64).unwrap();
    assert_eq!(world.u32(IOVS + 64), len as u32);
    assert!(world.memory[at..at + len] == sent);
}

#[test]
fn descriptors_run_out_politely() {
    let mut world = world(|builder| builder);
    world.check("open a c = 4");
    for fd in 5..super::super::descriptor::MAX_OPEN {
        let opened = word(world.run("open a r"));
        // The host may allow fewer; it is the guest's errno either way.
        if opened == "EMFILE" {
            return;
        }
        assert_eq!(opened, fd.to_string());
    }
    world.check("open a r = EMFILE");
}

#[test]
fn now_is_by_the_guests_clock() {
    let mut world = world(|builder| builder.clocks(super::super::FixedClocks::new(5_000, 0)));
    world.check(
        "open a c = 4
         touch a 0 0 10 = ok
         times a = 5000 5000",
    );
}
