//! THE table of preview 1: every call's name, parameters and answer.
//!
//! The registration with a linker, the names shown by a debugger and the list
//! of what counts as a WASI import are all expanded from it; a line without a
//! function of that name in its group's file does not compile.
//! Always: parameter names are those of the specification, lowered to core
//! types (a string is an address and a length, a result is an address);
//! only `in` and `out` of `poll_oneoff` are spelled out.
//! Elsewhere: what a call does (`args`, `clock`, `fd`, `io`, …).

use super::errno::Errno;
use super::guest::{Adapter, Answer, Fault};
use super::{MODULE, WasiCtx};
use super::{args, clock, fd, io, open, path, poll, process, readdir, sock};
use crate::{Caller, HostError, Linker};
use std::fmt::Write as _;

/// A parameter of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param {
    /// Its name in the specification.
    pub name: &'static str,
    /// How to read its number.
    pub kind: ParamKind,
}

/// How a parameter's number is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// A file descriptor.
    Fd,
    /// An address in the guest's memory.
    Ptr,
    /// A length or count.
    Size,
    /// A flag word or enumeration, 32 bits.
    Flags,
    /// A set of rights, 64 bits.
    Rights,
    /// An offset, size, time or cookie, 64 bits, unsigned.
    Wide,
    /// An offset, 64 bits, signed.
    Delta,
    /// The guest's exit code.
    Code,
}

/// One of the 46 functions.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Its import name.
    pub name: &'static str,
    /// What it takes, in order.
    pub params: &'static [Param],
}

impl Call {
    /// The call as text, for a debugger: `args` and `result` are the bits of
    /// the core values.
    ///
    /// ```text
    /// fd_write(fd 1, iovs 0x1040, iovs_len 2, nwritten 0x1038) = ESUCCESS
    /// ```
    pub fn describe(&self, args: &[u64], result: Option<u64>) -> String {
        let mut text = format!("{}(", self.name);
        for (at, (param, bits)) in self.params.iter().zip(args).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let low = *bits as u32;
            let _ = match param.kind {
                ParamKind::Ptr => write!(text, "{comma}{} {low:#x}", param.name),
                ParamKind::Flags if low != 0 => write!(text, "{comma}{} {low:#x}", param.name),
                ParamKind::Rights => write!(text, "{comma}{} {bits:#x}", param.name),
                ParamKind::Wide => write!(text, "{comma}{} {bits}", param.name),
                ParamKind::Delta => write!(text, "{comma}{} {}", param.name, *bits as i64),
                ParamKind::Fd | ParamKind::Size | ParamKind::Flags | ParamKind::Code => {
                    write!(text, "{comma}{} {low}", param.name)
                }
            };
        }
        text.push(')');
        if let Some(bits) = result {
            let _ = match Errno::from_raw(bits as u32) {
                Some(errno) => write!(text, " = {errno}"),
                None => write!(text, " = {}", bits as u32),
            };
        }
        text
    }
}

/// A parameter as its function takes it, and as it comes from the guest.
pub(crate) trait Arg {
    /// The core type.
    type Wasm;
    const KIND: ParamKind;
    fn of(wasm: Self::Wasm) -> Self;
}

macro_rules! kinds {
    ($($kind:ident($inner:ty) from $wasm:ty;)*) => {
        $(
            #[derive(Clone, Copy)]
            struct $kind($inner);
            impl Arg for $kind {
                type Wasm = $wasm;
                const KIND: ParamKind = ParamKind::$kind;
                fn of(wasm: $wasm) -> $kind {
                    $kind(wasm as $inner)
                }
            }
        )*
    };
}

kinds! {
    Fd(u32) from i32;
    Ptr(u32) from i32;
    Size(u32) from i32;
    Flags(u32) from i32;
    Rights(u64) from i64;
    Wide(u64) from i64;
    Delta(i64) from i64;
    Code(i32) from i32;
}

/// What the guest receives for what a call comes to.
trait Settle {
    /// The core result: an `errno`, or nothing where a call never returns.
    type Wasm;
    fn settle(self) -> Result<Self::Wasm, HostError>;
}

impl Settle for Answer {
    type Wasm = i32;
    fn settle(self) -> Result<i32, HostError> {
        match self {
            Ok(()) => Ok(Errno::Success.raw()),
            Err(Fault::Errno(errno)) => Ok(errno.raw()),
            Err(Fault::Host(error)) => Err(error),
        }
    }
}

impl Settle for HostError {
    type Wasm = ();
    fn settle(self) -> Result<(), HostError> {
        Err(self)
    }
}

macro_rules! calls {
    ($($group:ident { $($name:ident($($param:ident: $kind:ident),*);)* })*) => {
        /// All 46 functions, in the order of the table.
        pub const CALLS: &[Call] = &[$($(
            Call {
                name: stringify!($name),
                params: &[$(Param { name: stringify!($param), kind: <$kind as Arg>::KIND },)*],
            },
        )*)*];

        /// Defines all 46 functions of `wasi_snapshot_preview1` in `linker`;
        /// `get` finds the WASI state in the host's data.
        pub fn add_to_linker<T, F>(linker: &mut Linker<T>, get: F)
        where
            T: Send + 'static,
            F: Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
        {
            $($(
                linker.func_wrap(
                    MODULE,
                    stringify!($name),
                    move |mut caller: Caller<'_, T> $(, $param: <$kind as Arg>::Wasm)*|
                        -> Result<_, HostError> {
                        let mut guest = Adapter::new(&mut caller, get);
                        $group::$name(&mut guest $(, <$kind as Arg>::of($param).0)*).settle()
                    },
                );
            )*)*
        }
    };
}

calls! {
    args {
        args_get(argv: Ptr, argv_buf: Ptr);
        args_sizes_get(argc: Ptr, argv_buf_size: Ptr);
        environ_get(environ: Ptr, environ_buf: Ptr);
        environ_sizes_get(environc: Ptr, environ_buf_size: Ptr);
    }
    clock {
        clock_res_get(id: Flags, resolution: Ptr);
        clock_time_get(id: Flags, precision: Wide, time: Ptr);
        random_get(buf: Ptr, buf_len: Size);
    }
    fd {
        fd_advise(fd: Fd, offset: Wide, len: Wide, advice: Flags);
        fd_allocate(fd: Fd, offset: Wide, len: Wide);
        fd_close(fd: Fd);
        fd_datasync(fd: Fd);
        fd_fdstat_get(fd: Fd, stat: Ptr);
        fd_fdstat_set_flags(fd: Fd, flags: Flags);
        fd_fdstat_set_rights(fd: Fd, fs_rights_base: Rights, fs_rights_inheriting: Rights);
        fd_filestat_get(fd: Fd, buf: Ptr);
        fd_filestat_set_size(fd: Fd, size: Wide);
        fd_filestat_set_times(fd: Fd, atim: Wide, mtim: Wide, fst_flags: Flags);
        fd_prestat_get(fd: Fd, prestat: Ptr);
        fd_prestat_dir_name(fd: Fd, path: Ptr, path_len: Size);
        fd_renumber(fd: Fd, to: Fd);
        fd_sync(fd: Fd);
    }
    io {
        fd_pread(fd: Fd, iovs: Ptr, iovs_len: Size, offset: Wide, nread: Ptr);
        fd_pwrite(fd: Fd, iovs: Ptr, iovs_len: Size, offset: Wide, nwritten: Ptr);
        fd_read(fd: Fd, iovs: Ptr, iovs_len: Size, nread: Ptr);
        fd_seek(fd: Fd, offset: Delta, whence: Flags, newoffset: Ptr);
        fd_tell(fd: Fd, offset: Ptr);
        fd_write(fd: Fd, iovs: Ptr, iovs_len: Size, nwritten: Ptr);
    }
    readdir {
        fd_readdir(fd: Fd, buf: Ptr, buf_len: Size, cookie: Wide, bufused: Ptr);
    }
    open {
        path_open(fd: Fd, dirflags: Flags, path: Ptr, path_len: Size, oflags: Flags,
            fs_rights_base: Rights, fs_rights_inheriting: Rights, fdflags: Flags, opened_fd: Ptr);
    }
    path {
        path_create_directory(fd: Fd, path: Ptr, path_len: Size);
        path_filestat_get(fd: Fd, flags: Flags, path: Ptr, path_len: Size, buf: Ptr);
        path_filestat_set_times(fd: Fd, flags: Flags, path: Ptr, path_len: Size,
            atim: Wide, mtim: Wide, fst_flags: Flags);
        path_link(old_fd: Fd, old_flags: Flags, old_path: Ptr, old_path_len: Size,
            new_fd: Fd, new_path: Ptr, new_path_len: Size);
        path_readlink(fd: Fd, path: Ptr, path_len: Size, buf: Ptr, buf_len: Size, bufused: Ptr);
        path_remove_directory(fd: Fd, path: Ptr, path_len: Size);
        path_rename(fd: Fd, old_path: Ptr, old_path_len: Size,
            new_fd: Fd, new_path: Ptr, new_path_len: Size);
        path_symlink(old_path: Ptr, old_path_len: Size, fd: Fd, new_path: Ptr, new_path_len: Size);
        path_unlink_file(fd: Fd, path: Ptr, path_len: Size);
    }
    poll {
        poll_oneoff(subscriptions: Ptr, events: Ptr, nsubscriptions: Size, nevents: Ptr);
    }
    process {
        proc_exit(rval: Code);
        proc_raise(sig: Flags);
        sched_yield();
    }
    sock {
        sock_accept(fd: Fd, flags: Flags, opened_fd: Ptr);
        sock_recv(fd: Fd, ri_data: Ptr, ri_data_len: Size, ri_flags: Flags,
            ro_datalen: Ptr, ro_flags: Ptr);
        sock_send(fd: Fd, si_data: Ptr, si_data_len: Size, si_flags: Flags, so_datalen: Ptr);
        sock_shutdown(fd: Fd, how: Flags);
    }
}
