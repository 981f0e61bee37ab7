//! Paths, beyond `paths.txt`: reading directories, paths that are none.

use super::*;

#[test]
fn entries_come_in_order_through_any_buffer() {
    let mut world = world(|builder| builder);
    world.check("ls 3 4096 = . ..");
    for name in ["b", "a", "a-much-longer-name", "c"] {
        world.check(&format!("mkdir {name} = ok"));
    }
    world.check("open f c = 4");
    let all = ". .. a a-much-longer-name b c f";
    for len in [4096, 256, 100, 48, 42] {
        world.check(&format!("ls 3 {len} = {all}"));
    }
    world.check("ls 4 100 = ENOTDIR");
    world.check("ls 9 100 = EBADF");

    // An entry's cookie goes on after it, in the same reading.
    readdir::fd_readdir(&mut world, 3, BUF, 4096, 0, OUT).unwrap();
    let (next, ino) = (world.u64(BUF), world.u64(BUF + 8));
    assert_eq!(next, 1);
    fd::fd_filestat_get(&mut world, 3, OUT).unwrap();
    assert_eq!(world.u64(OUT + 8), ino);
    world.check("rmdir b = ok");
    readdir::fd_readdir(&mut world, 3, BUF, 4096, 4, OUT).unwrap();
    assert_eq!(world.text(BUF + 24, 1), "b");
    assert_eq!(world.memory[BUF as usize + 20], 3);
    // Past the end there is nothing.
    readdir::fd_readdir(&mut world, 3, BUF, 4096, u64::MAX, OUT).unwrap();
    assert_eq!(world.u32(OUT), 0);
    // A short buffer holds the start of an entry.
    readdir::fd_readdir(&mut world, 3, BUF, 10, 0, OUT).unwrap();
    assert_eq!(world.u32(OUT), 10);
    let bad = readdir::fd_readdir(&mut world, 3, BUF, u32::MAX, 0, OUT);
    assert_eq!(word(bad.map(|()| String::new())), "EFAULT");
}

/// `readdir` and `lstat` say the same of an entry, as POSIX programs rely on.
#[test]
fn an_entry_has_the_inode_and_type_of_its_file() {
    let mut world = world(|builder| builder);
    world.check("open a c = 4\nmkdir d = ok\nsymlink a s = ok\nlink a h = ok");
    for (cookie, name) in [(2, "a"), (3, "d"), (4, "h"), (5, "s")] {
        readdir::fd_readdir(&mut world, 3, BUF, 4096, cookie, OUT).unwrap();
        assert_eq!(world.text(BUF + 24, 1), name);
        let (ino, kind) = (world.u64(BUF + 8), world.memory[BUF as usize + 20]);
        let (fd, path, len) = world.path(PATH, name);
        path::path_filestat_get(&mut world, fd, 0, path, len, OUT).unwrap();
        assert_eq!((world.u64(OUT + 8), world.memory[OUT as usize + 16]), (ino, kind), "{name}");
    }
}

#[test]
fn bad_paths_have_their_errno() {
    let mut world = world(|builder| builder);
    let mut open = |at: u32, len: u32| {
        let opened = open::path_open(&mut world, 3, 0, at, len, 0, 0, 0, 0, OUT);
        word(opened.map(|()| String::new()))
    };
    assert_eq!(open(PATH, 0), "ENOENT");
    assert_eq!(open(PATH, 1), "EINVAL", "a NUL");
    assert_eq!(open(PATH, 4097), "ENAMETOOLONG");
    assert_eq!(open(PATH, u32::MAX), "ENAMETOOLONG");
    assert_eq!(open(MEMORY as u32 - 1, 2), "EFAULT");
    assert_eq!(open(u32::MAX, 1), "EFAULT");
    world.memory[PATH as usize] = 0xff;
    let opened = open::path_open(&mut world, 3, 0, PATH, 1, 0, 0, 0, 0, OUT);
    assert_eq!(word(opened.map(|()| String::new())), "EILSEQ");
    // Flags without meaning.
    for (lookup, oflags, fdflags) in [(2, 0, 0), (0, 16, 0), (0, 0, 32), (0, 1 << 16, 0)] {
        let (_, path, len) = world.path(PATH, "a");
        let opened = open::path_open(&mut world, 3, lookup, path, len, oflags, 0, 0, fdflags, OUT);
        assert_eq!(word(opened.map(|()| String::new())), "EINVAL");
    }
}
