//! The world a guest is started in, and what has become of it.
//!
//! Nothing of the host is given unless the builder is told to: no arguments,
//! no environment, no directory, an empty stdin, outputs that go nowhere.
//! Only time and randomness are real by default.
//! Elsewhere: descriptors (`descriptor`), streams (`stdio`), clocks (`clock`).

use super::clock::{Clocks, FixedClocks, Random, SeededRandom, SystemClocks, SystemRandom};
use super::descriptor::{Descriptor, Descriptors, Kind};
use super::errno::Errno;
use super::open::open_ambient;
use super::stdio::{Input, Interrupt, Output, Stdin};
use super::types::{FdFlags, FileType, Rights};
use crate::Stream;
use cap_std::fs::Dir;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

/// The WASI state of one guest; made by [`WasiCtx::builder`].
#[derive(Debug)]
pub struct WasiCtx {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) descriptors: Descriptors,
    pub(crate) stdin: Stdin,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    pub(crate) clocks: Box<dyn Clocks>,
    pub(crate) random: Box<dyn Random>,
    pub(crate) interrupt: Interrupt,
}

impl WasiCtx {
    /// Starts from a world in which there is nothing.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }

    /// The queue stdin reads from; clones share it.
    pub fn input(&self) -> Input {
        self.stdin.input.clone()
    }

    /// What ends the guest's waits from another thread.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    pub(crate) fn output(&mut self, stream: Stream) -> &mut Output {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// The type of what `fd` names.
    pub(crate) fn file_type(&mut self, fd: u32) -> Result<FileType, Errno> {
        let terminal = |stream: Option<Stream>| match stream {
            None => self.stdin.terminal,
            Some(Stream::Stdout) => self.stdout.terminal,
            Some(Stream::Stderr) => self.stderr.terminal,
        };
        Ok(self.descriptors.get(fd)?.file_type(terminal))
    }
}

/// Says what a guest is given.
///
/// ```
/// use wasmscope_core::wasi::{Capture, Input, WasiCtx};
///
/// let (input, printed) = (Input::from_bytes("2 + 2"), Capture::new());
/// let ctx = WasiCtx::builder()
///     .arg("calc").arg("--verbose")
///     .env("LANG", "C")
///     .stdin(input)
///     .stdout(printed.clone())
///     .build();
/// # drop(ctx);
/// ```
#[derive(Debug)]
#[must_use]
pub struct WasiCtxBuilder {
    args: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    preopens: Vec<(Dir, String)>,
    stdin: Stdin,
    stdout: Output,
    stderr: Output,
    clocks: Box<dyn Clocks>,
    random: Box<dyn Random>,
    interrupt: Interrupt,
}

impl WasiCtxBuilder {
    fn new() -> WasiCtxBuilder {
        WasiCtxBuilder {
            args: Vec::new(),
            env: Vec::new(),
            preopens: Vec::new(),
            stdin: Stdin::queue(Input::from_bytes([])),
            stdout: Output::new(io::sink(), false),
            stderr: Output::new(io::sink(), false),
            clocks: Box::new(SystemClocks::new()),
            random: Box::new(SystemRandom),
            interrupt: Interrupt::new(),
        }
    }

    /// One more argument; the first is the program's name. It ends at a NUL.
    pub fn arg(mut self, arg: impl Into<Vec<u8>>) -> WasiCtxBuilder {
        self.args.push(until_nul(arg.into()));
        self
    }

    /// More arguments.
    pub fn args<A: Into<Vec<u8>>>(self, args: impl IntoIterator<Item = A>) -> WasiCtxBuilder {
        args.into_iter().fold(self, WasiCtxBuilder::arg)
    }

    /// One more environment variable. It ends at a NUL.
    pub fn env(mut self, key: impl Into<Vec<u8>>, value: impl AsRef<[u8]>) -> WasiCtxBuilder {
        let mut variable = key.into();
        variable.push(b'=');
        variable.extend_from_slice(value.as_ref());
        self.env.push(until_nul(variable));
        self
    }

    /// Gives the directory at `host_path`, which the guest calls `guest_name`.
    ///
    /// # Errors
    ///
    /// When it cannot be opened as a directory.
    pub fn preopen(self, host_path: impl AsRef<Path>, guest_name: &str) -> io::Result<WasiCtxBuilder> {
        let dir = open_ambient(host_path.as_ref())?;
        Ok(self.preopen_dir(dir, guest_name))
    }

    /// Gives an open directory, which the guest calls `guest_name`.
    pub fn preopen_dir(mut self, dir: Dir, guest_name: &str) -> WasiCtxBuilder {
        self.preopens.push((dir, guest_name.to_owned()));
        self
    }

    /// Stdin from a queue; when it is empty and not closed, the run is parked
    /// (`HostError::WaitForInput`). Default: empty and closed.
    pub fn stdin(mut self, input: Input) -> WasiCtxBuilder {
        self.stdin = Stdin::queue(input);
        self
    }

    /// Stdin from the process's own, from the guest's first read on; waiting
    /// for it blocks the thread.
    pub fn inherit_stdin(mut self) -> WasiCtxBuilder {
        self.stdin = Stdin::inherit();
        self
    }

    /// Stdout to a writer, for instance a [`Capture`](super::Capture) or [`std::io::sink`] (the
    /// default). It is flushed after every call of the guest.
    pub fn stdout(mut self, writer: impl Write + Send + 'static) -> WasiCtxBuilder {
        self.stdout = Output::new(writer, false);
        self
    }

    /// Stderr to a writer.
    pub fn stderr(mut self, writer: impl Write + Send + 'static) -> WasiCtxBuilder {
        self.stderr = Output::new(writer, false);
        self
    }

    /// Stdout to the process's own.
    pub fn inherit_stdout(mut self) -> WasiCtxBuilder {
        self.stdout = Output::new(io::stdout(), io::stdout().is_terminal());
        self
    }

    /// Stderr to the process's own.
    pub fn inherit_stderr(mut self) -> WasiCtxBuilder {
        self.stderr = Output::new(io::stderr(), io::stderr().is_terminal());
        self
    }

    /// All three streams from and to the process's own.
    pub fn inherit_stdio(self) -> WasiCtxBuilder {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Whether the guest is told that its streams are terminals, whatever they
    /// are; a libc then prints line by line. Call it after the streams are set.
    pub fn terminal(mut self, terminal: bool) -> WasiCtxBuilder {
        self.stdin.terminal = terminal;
        self.stdout.terminal = terminal;
        self.stderr.terminal = terminal;
        self
    }

    /// Where time comes from. Default: [`SystemClocks`].
    pub fn clocks(mut self, clocks: impl Clocks + 'static) -> WasiCtxBuilder {
        self.clocks = Box::new(clocks);
        self
    }

    /// Where random bytes come from. Default: [`SystemRandom`].
    pub fn random(mut self, random: impl Random + 'static) -> WasiCtxBuilder {
        self.random = Box::new(random);
        self
    }

    /// Time and randomness that are the same in every run: 2020-01-01, one
    /// millisecond a reading, seed 0.
    pub fn deterministic(self) -> WasiCtxBuilder {
        self.clocks(FixedClocks::new(1_577_836_800_000_000_000, 1_000_000)).random(SeededRandom::new(0))
    }

    /// What ends the guest's waits from another thread.
    pub fn interrupt(mut self, interrupt: Interrupt) -> WasiCtxBuilder {
        self.interrupt = interrupt;
        self
    }

    /// The world, ready for a guest.
    pub fn build(self) -> WasiCtx {
        let stream =
            |kind, base| Descriptor { kind, flags: FdFlags::default(), base, inheriting: Rights::NONE };
        let stdio = [
            stream(Kind::Input, Rights::INPUT),
            stream(Kind::Output(Stream::Stdout), Rights::OUTPUT),
            stream(Kind::Output(Stream::Stderr), Rights::OUTPUT),
        ];
        let preopens = self.preopens.into_iter().map(|(dir, name)| Descriptor::preopen(dir, name));
        WasiCtx {
            args: self.args,
            env: self.env,
            descriptors: stdio.into_iter().chain(preopens).collect(),
            stdin: self.stdin,
            stdout: self.stdout,
            stderr: self.stderr,
            clocks: self.clocks,
            random: self.random,
            interrupt: self.interrupt,
        }
    }
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(nul);
    }
    bytes
}
