//! A pseudo-terminal with a program in it: keys in, an emulator's screen out.

#![allow(dead_code, unreachable_pub, reason = "a module of several tests, none of which uses all of it")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

pub struct Pty {
    pub master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub keys: Box<dyn Write + Send>,
    pub screen: Arc<Mutex<vt100::Parser>>,
    pub bytes: Arc<Mutex<Vec<u8>>>,
    /// Nothing is shown to the emulator meanwhile.
    pub blind: Arc<AtomicBool>,
}

pub fn example() -> PathBuf {
    let mut path = std::env::current_exe().expect("a test has a path");
    path.pop();
    path.pop();
    path.join("examples/fake")
}

impl Pty {
    pub fn open(rows: u16, cols: u16, args: &[&str], env: &[(&str, &str)]) -> Pty {
        Pty::run(example(), rows, cols, args, env)
    }

    /// The real thing.
    pub fn wasmscope(rows: u16, cols: u16, args: &[&str]) -> Pty {
        Pty::run(env!("CARGO_BIN_EXE_wasmscope").into(), rows, cols, args, &[])
    }

    pub fn run(program: PathBuf, rows: u16, cols: u16, args: &[&str], env: &[(&str, &str)]) -> Pty {
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal can be opened");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        // Nothing of the user's is read or written.
        command.env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"));
        command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the example is built");
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 0)));
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let mut output = pair.master.try_clone_reader().expect("a reader");
        let blind = Arc::new(AtomicBool::new(false));
        let (to_screen, to_bytes, unseen) = (screen.clone(), bytes.clone(), blind.clone());
        thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut some) {
                if !unseen.load(Ordering::SeqCst) {
                    to_screen.lock().unwrap().process(&some[..n]);
                }
                to_bytes.lock().unwrap().extend_from_slice(&some[..n]);
            }
        });
        Pty {
            keys: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            child,
            screen,
            bytes,
            blind,
        }
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen shows something.
    pub fn shows(&self, what: &str) -> &Pty {
        self.until(what, |pty| pty.text().contains(what))
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, so: impl Fn(&Pty) -> bool) -> &Pty {
        let until = Instant::now() + Duration::from_secs(20);
        while !so(self) {
            assert!(Instant::now() < until, "not so: {what}\n{}", self.text());
            thread::sleep(Duration::from_millis(5));
        }
        self
    }

    /// Everything that was sent to the terminal.
    pub fn sent(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// Makes the terminal these sizes, rows and columns, one after the other. The emulator does not bear
    /// small ones: it looks away until the last.
    pub fn resized(&self, sizes: &[(u16, u16)]) {
        self.blind.store(true, Ordering::SeqCst);
        let (last, first) = sizes.split_last().expect("a size");
        let resize = |&(rows, cols): &(u16, u16)| {
            let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
            self.master.resize(size).expect("it can be resized");
        };
        for size in first {
            resize(size);
            thread::sleep(Duration::from_millis(60));
        }
        *self.screen.lock().unwrap() = vt100::Parser::new(last.0, last.1, 0);
        self.blind.store(false, Ordering::SeqCst);
        resize(last);
        // A key that comes together with the signal is read with the next key only (crossterm's
        // reader returns after the signal, and is not woken again for what lies there already).
        self.until("it has drawn itself again", |pty| !pty.text().trim().is_empty());
        thread::sleep(Duration::from_millis(200));
    }

    pub fn types(&mut self, keys: &str) -> &mut Pty {
        self.keys.write_all(keys.as_bytes()).expect("keys can be typed");
        self.keys.flush().expect("keys can be typed");
        self
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill can be run").success());
    }

    /// Waits for the end; the code, after a check that the terminal was given back.
    pub fn left(&mut self) -> u32 {
        let until = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status;
            }
            assert!(Instant::now() < until, "still running\n{}", self.text());
            thread::sleep(Duration::from_millis(5));
        };
        thread::sleep(Duration::from_millis(50));
        let screen = self.screen.lock().unwrap();
        assert!(!screen.screen().alternate_screen(), "the alternate screen was left");
        assert!(!screen.screen().hide_cursor(), "the cursor is shown");
        status.exit_code()
    }
}
