//! What a preview 1 call answers: the 77 error numbers.
//!
//! One table: number, variant, POSIX name, meaning. The numbers are those of
//! the specification's `errno`, which sorts them by name; they have nothing to
//! do with the host's.
//! Elsewhere: which call answers what (the file of its group).

use std::fmt;
use std::io;

macro_rules! errnos {
    ($($number:literal $variant:ident $name:literal $meaning:literal;)*) => {
        /// An error number of WASI preview 1; zero is success.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u16)]
        pub enum Errno {
            $(#[doc = $meaning] $variant = $number,)*
        }

        impl Errno {
            /// Every error number, in order.
            pub const ALL: &[Errno] = &[$(Errno::$variant,)*];

            /// The POSIX name: `ENOENT`; `ESUCCESS` for zero.
            pub fn name(self) -> &'static str {
                match self { $(Errno::$variant => $name,)* }
            }

            /// What it means, in a few words.
            pub fn meaning(self) -> &'static str {
                match self { $(Errno::$variant => $meaning,)* }
            }
        }
    };
}

errnos! {
    0 Success "ESUCCESS" "no error";
    1 TooBig "E2BIG" "argument list too long";
    2 Acces "EACCES" "permission denied";
    3 Addrinuse "EADDRINUSE" "address in use";
    4 Addrnotavail "EADDRNOTAVAIL" "address not available";
    5 Afnosupport "EAFNOSUPPORT" "address family not supported";
    6 Again "EAGAIN" "resource unavailable, or operation would block";
    7 Already "EALREADY" "connection already in progress";
    8 Badf "EBADF" "bad file descriptor";
    9 Badmsg "EBADMSG" "bad message";
    10 Busy "EBUSY" "device or resource busy";
    11 Canceled "ECANCELED" "operation canceled";
    12 Child "ECHILD" "no child processes";
    13 Connaborted "ECONNABORTED" "connection aborted";
    14 Connrefused "ECONNREFUSED" "connection refused";
    15 Connreset "ECONNRESET" "connection reset";
    16 Deadlk "EDEADLK" "resource deadlock would occur";
    17 Destaddrreq "EDESTADDRREQ" "destination address required";
    18 Dom "EDOM" "mathematics argument out of domain of function";
    19 Dquot "EDQUOT" "disk quota exceeded";
    20 Exist "EEXIST" "file exists";
    21 Fault "EFAULT" "bad address";
    22 Fbig "EFBIG" "file too large";
    23 Hostunreach "EHOSTUNREACH" "host is unreachable";
    24 Idrm "EIDRM" "identifier removed";
    25 Ilseq "EILSEQ" "illegal byte sequence";
    26 Inprogress "EINPROGRESS" "operation in progress";
    27 Intr "EINTR" "interrupted function";
    28 Inval "EINVAL" "invalid argument";
    29 Io "EIO" "input or output error";
    30 Isconn "EISCONN" "socket is connected";
    31 Isdir "EISDIR" "is a directory";
    32 Loop "ELOOP" "too many levels of symbolic links";
    33 Mfile "EMFILE" "too many open files";
    34 Mlink "EMLINK" "too many links";
    35 Msgsize "EMSGSIZE" "message too large";
    36 Multihop "EMULTIHOP" "multihop attempted";
    37 Nametoolong "ENAMETOOLONG" "file name too long";
    38 Netdown "ENETDOWN" "network is down";
    39 Netreset "ENETRESET" "connection aborted by network";
    40 Netunreach "ENETUNREACH" "network unreachable";
    41 Nfile "ENFILE" "too many files open in system";
    42 Nobufs "ENOBUFS" "no buffer space available";
    43 Nodev "ENODEV" "no such device";
    44 Noent "ENOENT" "no such file or directory";
    45 Noexec "ENOEXEC" "executable file format error";
    46 Nolck "ENOLCK" "no locks available";
    47 Nolink "ENOLINK" "link has been severed";
    48 Nomem "ENOMEM" "not enough space";
    49 Nomsg "ENOMSG" "no message of the desired type";
    50 Noprotoopt "ENOPROTOOPT" "protocol not available";
    51 Nospc "ENOSPC" "no space left on device";
    52 Nosys "ENOSYS" "function not supported";
    53 Notconn "ENOTCONN" "the socket is not connected";
    54 Notdir "ENOTDIR" "not a directory or a symbolic link to a directory";
    55 Notempty "ENOTEMPTY" "directory not empty";
    56 Notrecoverable "ENOTRECOVERABLE" "state not recoverable";
    57 Notsock "ENOTSOCK" "not a socket";
    58 Notsup "ENOTSUP" "not supported";
    59 Notty "ENOTTY" "inappropriate i/o control operation";
    60 Nxio "ENXIO" "no such device or address";
    61 Overflow "EOVERFLOW" "value too large to be stored in data type";
    62 Ownerdead "EOWNERDEAD" "previous owner died";
    63 Perm "EPERM" "operation not permitted";
    64 Pipe "EPIPE" "broken pipe";
    65 Proto "EPROTO" "protocol error";
    66 Protonosupport "EPROTONOSUPPORT" "protocol not supported";
    67 Prototype "EPROTOTYPE" "protocol wrong type for socket";
    68 Range "ERANGE" "result too large";
    69 Rofs "EROFS" "read-only file system";
    70 Spipe "ESPIPE" "invalid seek";
    71 Srch "ESRCH" "no such process";
    72 Stale "ESTALE" "stale file handle";
    73 Timedout "ETIMEDOUT" "connection timed out";
    74 Txtbsy "ETXTBSY" "text file busy";
    75 Xdev "EXDEV" "cross-device link";
    76 Notcapable "ENOTCAPABLE" "capabilities insufficient";
}

impl Errno {
    /// The error number `raw`, if the specification has it.
    pub fn from_raw(raw: u32) -> Option<Errno> {
        Errno::ALL.get(usize::try_from(raw).ok()?).copied()
    }

    /// As the guest receives it.
    pub fn raw(self) -> i32 {
        i32::from(self as u16)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<io::Error> for Errno {
    /// The host's error in the guest's numbers. Errors without a system
    /// number are those of the sandbox: a path that leaves it is `EPERM`.
    fn from(error: io::Error) -> Errno {
        #[cfg(unix)]
        if let Some(errno) = rustix::io::Errno::from_io_error(&error).and_then(from_unix) {
            return errno;
        }
        from_kind(error.kind())
    }
}

fn from_kind(kind: io::ErrorKind) -> Errno {
    use io::ErrorKind as Kind;
    match kind {
        Kind::NotFound => Errno::Noent,
        Kind::PermissionDenied => Errno::Perm,
        Kind::AlreadyExists => Errno::Exist,
        Kind::BrokenPipe => Errno::Pipe,
        Kind::WouldBlock => Errno::Again,
        Kind::Interrupted => Errno::Intr,
        Kind::InvalidInput | Kind::InvalidData => Errno::Inval,
        Kind::NotADirectory => Errno::Notdir,
        Kind::IsADirectory => Errno::Isdir,
        Kind::DirectoryNotEmpty => Errno::Notempty,
        Kind::ReadOnlyFilesystem => Errno::Rofs,
        Kind::StorageFull => Errno::Nospc,
        Kind::QuotaExceeded => Errno::Dquot,
        Kind::FileTooLarge => Errno::Fbig,
        Kind::ResourceBusy => Errno::Busy,
        Kind::ExecutableFileBusy => Errno::Txtbsy,
        Kind::NotSeekable => Errno::Spipe,
        Kind::TooManyLinks => Errno::Mlink,
        Kind::ArgumentListTooLong => Errno::TooBig,
        Kind::CrossesDevices => Errno::Xdev,
        Kind::StaleNetworkFileHandle => Errno::Stale,
        Kind::TimedOut => Errno::Timedout,
        Kind::Unsupported => Errno::Notsup,
        Kind::OutOfMemory => Errno::Nomem,
        _ => Errno::Io,
    }
}

#[cfg(unix)]
fn from_unix(host: rustix::io::Errno) -> Option<Errno> {
    use rustix::io::Errno as Host;
    macro_rules! same {
        ($($host:ident $errno:ident)*) => { match host { $(Host::$host => Some(Errno::$errno),)* _ => None } };
    }
    // ENOTSUP and EOPNOTSUPP, EAGAIN and EWOULDBLOCK are one number on Linux.
    same! {
        TOOBIG TooBig ACCESS Acces AGAIN Again BADF Badf BUSY Busy DEADLK Deadlk DQUOT Dquot
        EXIST Exist FAULT Fault FBIG Fbig ILSEQ Ilseq INTR Intr INVAL Inval IO Io ISDIR Isdir
        LOOP Loop MFILE Mfile MLINK Mlink NAMETOOLONG Nametoolong NFILE Nfile NODEV Nodev
        NOENT Noent NOLCK Nolck NOMEM Nomem NOSPC Nospc NOSYS Nosys NOTDIR Notdir
        NOTEMPTY Notempty NOTSUP Notsup NOTTY Notty NXIO Nxio OVERFLOW Overflow PERM Perm
        PIPE Pipe ROFS Rofs SPIPE Spipe STALE Stale TIMEDOUT Timedout TXTBSY Txtbsy XDEV Xdev
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_agree() {
        for (number, errno) in Errno::ALL.iter().enumerate() {
            assert_eq!(*errno as usize, number);
            assert_eq!(Errno::from_raw(number as u32), Some(*errno));
        }
        assert_eq!(Errno::from_raw(77), None);
        assert_eq!(Errno::from_raw(44).unwrap().name(), "ENOENT");
    }

    #[test]
    fn host_errors_keep_their_meaning() {
        assert_eq!(Errno::from(io::Error::from(io::ErrorKind::BrokenPipe)), Errno::Pipe);
        let missing = std::fs::File::open("no such file here").unwrap_err();
        assert_eq!(Errno::from(missing), Errno::Noent);
    }
}
