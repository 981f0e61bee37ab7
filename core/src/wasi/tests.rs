//! How WASI calls are tested: text in, text out, on a plain vector of bytes.
//!
//! ```text
//! [a file is read again]
//! open a crw = 4
//! write 4 hello = 5
//! seek 4 0 set = 0
//! read 4 99 = hello
//! open d rw = EISDIR      # node: ENOENT
//! ```
//!
//! Each line is a call with its arguments and what it comes to: its value, `ok`
//! or an errno. A path is below descriptor 3, an empty temporary directory,
//! unless it says otherwise (`5:name`). The `.txt` files hold what needs no more
//! than that; `node:wasi` runs them as well (`oracle`), and where it answers
//! something else the line says what.
//! Elsewhere: one file for the rest of each group of calls.

mod engine;
mod files;
mod oracle;
mod paths;
mod sandbox;
mod streams;
mod waiting;

use super::guest::{Answer, Fault, Guest};
use super::types::{FdFlags, LookupFlags, OFlags, Rights};
use super::{Capture, Input, WasiCtx, WasiCtxBuilder};
use super::{args, clock, fd, io, open, path, poll, process, readdir, sock};
use crate::{HostError, Stream};

/// Where a script's calls put their paths, buffers and results.
const PATH: u32 = 0x100;
const SECOND_PATH: u32 = 0x2100;
const IOVS: u32 = 0x8000;
const BUF: u32 = 0x8100;
const OUT: u32 = 0x8008;
const MEMORY: usize = 0x40000;

/// A guest whose memory is a vector, with what it printed.
pub(super) struct World {
    pub(super) ctx: WasiCtx,
    pub(super) memory: Vec<u8>,
    pub(super) printed: Vec<(Stream, Vec<u8>)>,
    pub(super) root: tempfile::TempDir,
}

impl Guest for World {
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.ctx
    }

    fn memory_size(&mut self) -> u64 {
        self.memory.len() as u64
    }

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Answer {
        let at = at as usize;
        let from = self.memory.get(at..at + bytes.len()).ok_or(super::Errno::Fault)?;
        bytes.copy_from_slice(from);
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Answer {
        let at = at as usize;
        let to = self.memory.get_mut(at..at + bytes.len()).ok_or(super::Errno::Fault)?;
        to.copy_from_slice(bytes);
        Ok(())
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) {
        self.printed.push((stream, bytes.to_vec()));
    }
}

/// A world with an empty temporary directory at descriptor 3.
pub(super) fn world(with: impl FnOnce(WasiCtxBuilder) -> WasiCtxBuilder) -> World {
    let root = tempfile::tempdir().expect("a temporary directory");
    let builder = with(WasiCtx::builder()).preopen(root.path(), "/").expect("the directory opens");
    World { ctx: builder.build(), memory: vec![0; MEMORY], printed: Vec::new(), root }
}

/// The scripts that need nothing but an empty directory, by file.
const SCRIPTS: &[(&str, &str)] = &[
    ("files", include_str!("tests/files.txt")),
    ("paths", include_str!("tests/paths.txt")),
    ("sandbox", include_str!("tests/sandbox.txt")),
    ("streams", include_str!("tests/streams.txt")),
    ("surroundings", include_str!("tests/surroundings.txt")),
];

/// Each script with its title, and what the line `[title]` stands above.
fn scripts() -> impl Iterator<Item = (String, &'static str)> {
    SCRIPTS.iter().flat_map(|(file, text)| {
        text.split("\n[").map(move |part| {
            let (title, script) = part.split_once("]\n").expect("`[title]`");
            (format!("{file}: {}", title.trim_start_matches('[')), script)
        })
    })
}

/// Some errnos of path calls are the host's own choice; they are those of Linux.
#[test]
#[cfg(target_os = "linux")]
fn scripts_come_to_what_they_say() {
    for (title, script) in scripts() {
        println!("in {title}:");
        let given =
            |builder: WasiCtxBuilder| builder.args(["prog", "one", ""]).env("A", "b").env("LONG", "c d");
        world(given).check(script);
    }
}

/// What a call came to, in a script's words.
pub(super) fn word(answer: Answer<String>) -> String {
    match answer {
        Ok(value) if value.is_empty() => "ok".to_owned(),
        Ok(value) => value,
        Err(Fault::Errno(errno)) => errno.name().to_owned(),
        Err(Fault::Host(HostError::WaitForInput)) => "waits".to_owned(),
        Err(Fault::Host(HostError::Interrupted)) => "interrupted".to_owned(),
        Err(Fault::Host(HostError::Exit(code))) => format!("exit {code}"),
        Err(Fault::Host(other)) => format!("{other:?}"),
    }
}

impl World {
    /// Runs every line and compares.
    pub(super) fn check(&mut self, script: &str) {
        let mut differences = String::new();
        for line in script.lines().map(str::trim) {
            let text = line.split_once('#').map_or(line, |(text, _)| text);
            if text.is_empty() {
                continue;
            }
            let (call, expected) =
                text.split_once(" = ").unwrap_or_else(|| panic!("not `call = answer`: {line:?}"));
            let answer = word(self.run(call.trim()));
            if answer != expected.trim() {
                differences.push_str(&format!("\n`{line}`: {answer}"));
            }
        }
        assert!(differences.is_empty(), "{differences}");
    }

    fn run(&mut self, call: &str) -> Answer<String> {
        let words: Vec<&str> = call.split_whitespace().collect();
        let text = |at: usize| words.get(at).copied().unwrap_or("");
        let number = |at: usize| -> i64 { text(at).parse().expect("a number") };
        let fd = || number(1) as u32;
        let nothing = |answer: Answer| answer.map(|()| String::new());
        match words[0] {
            "open" => self.open(text(1), text(2)),
            "close" => nothing(fd::fd_close(self, fd())),
            "renumber" => nothing(fd::fd_renumber(self, fd(), number(2) as u32)),
            "read" => self.read_with(number(2), |guest, iovs| io::fd_read(guest, fd(), iovs, 1, OUT)),
            "pread" => self.read_with(number(3), |guest, iovs| {
                io::fd_pread(guest, fd(), iovs, 1, number(2) as u64, OUT)
            }),
            "write" => self.write_with(text(2), |guest, iovs| io::fd_write(guest, fd(), iovs, 1, OUT)),
            "pwrite" => self.write_with(text(3), |guest, iovs| {
                io::fd_pwrite(guest, fd(), iovs, 1, number(2) as u64, OUT)
            }),
            "seek" => {
                let whence = ["set", "cur", "end"].iter().position(|word| *word == text(3));
                let whence = whence.map_or(9, |at| at as u32);
                io::fd_seek(self, fd(), number(2), whence, OUT)?;
                Ok(self.u64(OUT).to_string())
            }
            "tell" => {
                io::fd_tell(self, fd(), OUT)?;
                Ok(self.u64(OUT).to_string())
            }
            "size" => nothing(fd::fd_filestat_set_size(self, fd(), number(2) as u64)),
            "allocate" => nothing(fd::fd_allocate(self, fd(), number(2) as u64, number(3) as u64)),
            "advise" => nothing(fd::fd_advise(self, fd(), 0, number(2) as u64, number(3) as u32)),
            "sync" => nothing(fd::fd_sync(self, fd()).and(fd::fd_datasync(self, fd()))),
            "flags" => nothing(fd::fd_fdstat_set_flags(self, fd(), number(2) as u32)),
            "drop" => self.change_rights(fd(), number(2) as u64, 0),
            "grant" => self.change_rights(fd(), 0, number(2) as u64),
            "fdstat" => {
                fd::fd_fdstat_get(self, fd(), OUT)?;
                Ok(format!("type {} flags {}", self.memory[OUT as usize], self.u16(OUT + 2)))
            }
            "fstat" => {
                fd::fd_filestat_get(self, fd(), OUT)?;
                Ok(self.filestat())
            }
            "stat" | "lstat" => {
                let (fd, path, len) = self.path(PATH, text(1));
                let follow = u32::from(words[0] == "stat");
                path::path_filestat_get(self, fd, follow, path, len, OUT)?;
                Ok(self.filestat())
            }
            "touch" | "ltouch" => {
                let (fd, path, len) = self.path(PATH, text(1));
                let (a, m) = (number(2) as u64, number(3) as u64);
                let (follow, flags) = (u32::from(words[0] == "touch"), number(4) as u32);
                nothing(path::path_filestat_set_times(self, fd, follow, path, len, a, m, flags))
            }
            "ftouch" => {
                let (a, m) = (number(2) as u64, number(3) as u64);
                nothing(fd::fd_filestat_set_times(self, fd(), a, m, number(4) as u32))
            }
            "times" | "ltimes" => {
                let (fd, path, len) = self.path(PATH, text(1));
                path::path_filestat_get(self, fd, u32::from(words[0] == "times"), path, len, OUT)?;
                Ok(format!("{} {}", self.u64(OUT + 40), self.u64(OUT + 48)))
            }
            "mkdir" => {
                let (fd, path, len) = self.path(PATH, text(1));
                nothing(path::path_create_directory(self, fd, path, len))
            }
            "rmdir" => {
                let (fd, path, len) = self.path(PATH, text(1));
                nothing(path::path_remove_directory(self, fd, path, len))
            }
            "unlink" => {
                let (fd, path, len) = self.path(PATH, text(1));
                nothing(path::path_unlink_file(self, fd, path, len))
            }
            "rename" => {
                let (from, old, old_len) = self.path(PATH, text(1));
                let (to, new, new_len) = self.path(SECOND_PATH, text(2));
                nothing(path::path_rename(self, from, old, old_len, to, new, new_len))
            }
            "link" => {
                let (from, old, old_len) = self.path(PATH, text(1));
                let (to, new, new_len) = self.path(SECOND_PATH, text(2));
                let follow = u32::from(text(3) == "follow");
                nothing(path::path_link(self, from, follow, old, old_len, to, new, new_len))
            }
            "symlink" => {
                let (_, old, old_len) = self.path(PATH, text(1));
                let (to, new, new_len) = self.path(SECOND_PATH, text(2));
                nothing(path::path_symlink(self, old, old_len, to, new, new_len))
            }
            "readlink" => {
                let (fd, path, len) = self.path(PATH, text(1));
                path::path_readlink(self, fd, path, len, BUF, number(2) as u32, OUT)?;
                Ok(self.text(BUF, self.u32(OUT)))
            }
            "ls" => self.list(fd(), number(2) as u32),
            "prestat" => {
                fd::fd_prestat_get(self, fd(), OUT)?;
                let len = self.u32(OUT + 4);
                fd::fd_prestat_dir_name(self, fd(), BUF, len)?;
                Ok(self.text(BUF, len))
            }
            "args" => self.strings(args::args_sizes_get, args::args_get),
            "environ" => self.strings(args::environ_sizes_get, args::environ_get),
            "clock" => nothing(clock::clock_time_get(self, fd(), 1, OUT)),
            "resolution" => nothing(clock::clock_res_get(self, fd(), OUT)),
            "random" => nothing(clock::random_get(self, BUF, number(1) as u32)),
            "poll" => self.poll(&words[1..]),
            "accept" => nothing(sock::sock_accept(self, fd(), 0, OUT)),
            "recv" => nothing(sock::sock_recv(self, fd(), IOVS, 0, 0, OUT, OUT)),
            "send" => nothing(sock::sock_send(self, fd(), IOVS, 0, 0, OUT)),
            "shutdown" => nothing(sock::sock_shutdown(self, fd(), number(2) as u32)),
            "raise" => nothing(process::proc_raise(self, 6)),
            "yield" => nothing(process::sched_yield(self)),
            "exit" => Err(Fault::Host(process::proc_exit(self, number(1) as i32))),
            other => panic!("no such call in a script: {other}"),
        }
    }

    /// `open path letters`: c(reat) d(irectory) x(cl) t(runc) f(ollow) r(ead)
    /// w(rite) a(ppend) s(ync) n(onblocking); all rights are asked for but those of reading and writing.
    fn open(&mut self, path: &str, letters: &str) -> Answer<String> {
        let (fd, path, len) = self.path(PATH, path);
        let mut oflags = OFlags::default();
        let writes = Rights::FD_WRITE | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE;
        let writes = writes | Rights::FD_DATASYNC;
        let mut base = Rights::INHERITABLE.0 & !(Rights::FD_READ | writes).0;
        let (mut lookup, mut fdflags) = (LookupFlags::default(), FdFlags::default());
        for letter in letters.chars() {
            match letter {
                'c' => oflags = oflags | OFlags::CREAT,
                'd' => oflags = oflags | OFlags::DIRECTORY,
                'x' => oflags = oflags | OFlags::EXCL,
                't' => oflags = oflags | OFlags::TRUNC,
                'f' => lookup = LookupFlags::SYMLINK_FOLLOW,
                'r' => base |= Rights::FD_READ.0,
                'w' => base |= writes.0,
                'a' => fdflags = fdflags | FdFlags::APPEND,
                's' => fdflags = fdflags | FdFlags::SYNC,
                'n' => fdflags = fdflags | FdFlags::NONBLOCK,
                other => panic!("no such letter: {other}"),
            }
        }
        let inheriting = u64::MAX;
        let oflags = u32::from(oflags.0);
        let flags = u32::from(fdflags.0);
        open::path_open(self, fd, lookup.0, path, len, oflags, base, inheriting, flags, OUT)?;
        Ok(self.u32(OUT).to_string())
    }

    /// Writes a path to `at`; its directory, address and length.
    pub(super) fn path(&mut self, at: u32, path: &str) -> (u32, u32, u32) {
        let (fd, path) = match path.split_once(':') {
            Some((fd, path)) => (fd.parse().expect("a descriptor"), path),
            None => (3, path),
        };
        self.memory[at as usize..][..path.len()].copy_from_slice(path.as_bytes());
        (fd, at, path.len() as u32)
    }

    fn read_with(&mut self, len: i64, call: impl FnOnce(&mut World, u32) -> Answer) -> Answer<String> {
        self.put_u32(IOVS, BUF);
        self.put_u32(IOVS + 4, len as u32);
        call(self, IOVS)?;
        let text = self.text(BUF, self.u32(OUT));
        Ok(if text.is_empty() { "end".to_owned() } else { text })
    }

    fn write_with(&mut self, text: &str, call: impl FnOnce(&mut World, u32) -> Answer) -> Answer<String> {
        self.memory[BUF as usize..][..text.len()].copy_from_slice(text.as_bytes());
        self.put_u32(IOVS, BUF);
        self.put_u32(IOVS + 4, text.len() as u32);
        call(self, IOVS)?;
        Ok(self.u32(OUT).to_string())
    }

    /// Every entry's name, read with a buffer of `len` bytes.
    fn list(&mut self, fd: u32, len: u32) -> Answer<String> {
        let (mut cookie, mut names) = (0, Vec::new());
        loop {
            readdir::fd_readdir(self, fd, BUF, len, cookie, OUT)?;
            let used = self.u32(OUT);
            let mut at = 0;
            while at + 24 <= used && at + 24 + self.u32(BUF + at + 16) <= used {
                let name_len = self.u32(BUF + at + 16);
                names.push(self.text(BUF + at + 24, name_len));
                cookie = self.u64(BUF + at);
                at += 24 + name_len;
            }
            if used < len {
                return Ok(names.join(" "));
            }
        }
    }

    /// A list of strings, each with a bar for its NUL.
    fn strings(
        &mut self,
        sizes: fn(&mut dyn Guest, u32, u32) -> Answer,
        get: fn(&mut dyn Guest, u32, u32) -> Answer,
    ) -> Answer<String> {
        sizes(self, OUT, OUT + 4)?;
        let (count, size) = (self.u32(OUT), self.u32(OUT + 4));
        get(self, IOVS, BUF)?;
        assert!(count == 0 || self.u32(IOVS) == BUF);
        Ok(self.text(BUF, size).replace('\0', "|"))
    }

    /// `clock:ID:NANOSECONDS[:abs]`, `read:FD`, `write:FD`; the events that come, each as its subscription's number
    /// and errno.
    fn poll(&mut self, words: &[&str]) -> Answer<String> {
        for (index, word) in words.iter().enumerate() {
            let parts: Vec<&str> = word.split(':').collect();
            let number = |at: usize| parts.get(at).map_or(0, |part| part.parse().expect("a number"));
            let mut record = [0; 48];
            record[0] = index as u8;
            record[8] = ["clock", "read", "write"].iter().position(|what| *what == parts[0]).unwrap() as u8;
            record[16..20].copy_from_slice(&(number(1) as u32).to_le_bytes());
            record[24..32].copy_from_slice(&u64::to_le_bytes(number(2)));
            record[40] = u8::from(parts.len() == 4);
            self.memory[BUF as usize + index * 48..][..48].copy_from_slice(&record);
        }
        poll::poll_oneoff(self, BUF, SECOND_PATH, words.len() as u32, OUT)?;
        let events = (0..self.u32(OUT)).map(|index| SECOND_PATH + index * 32);
        let events = events.map(|at| {
            let errno = super::Errno::from_raw(self.u16(at + 8).into()).expect("an errno");
            format!("{}:{}", self.u64(at), errno.name())
        });
        Ok(events.collect::<Vec<_>>().join(" "))
    }

    fn change_rights(&mut self, fd: u32, dropped: u64, added: u64) -> Answer<String> {
        fd::fd_fdstat_get(self, fd, OUT)?;
        let (base, inheriting) = (self.u64(OUT + 8), self.u64(OUT + 16));
        fd::fd_fdstat_set_rights(self, fd, base & !dropped | added, inheriting & !dropped)?;
        Ok(String::new())
    }

    fn filestat(&self) -> String {
        format!("type {} size {}", self.memory[OUT as usize + 16], self.u64(OUT + 32))
    }

    pub(super) fn put_u32(&mut self, at: u32, value: u32) {
        self.memory[at as usize..][..4].copy_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u16(&self, at: u32) -> u16 {
        u16::from_le_bytes(self.memory[at as usize..][..2].try_into().unwrap())
    }

    pub(super) fn u32(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.memory[at as usize..][..4].try_into().unwrap())
    }

    pub(super) fn u64(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.memory[at as usize..][..8].try_into().unwrap())
    }

    pub(super) fn text(&self, at: u32, len: u32) -> String {
        String::from_utf8_lossy(&self.memory[at as usize..][..len as usize]).into_owned()
    }
}
