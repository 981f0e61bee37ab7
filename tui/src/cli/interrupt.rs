//! Signals: the first Ctrl-C asks what is going on to stop, the second ends the process; a limit on the size of files
//! is an error of whoever writes.

/// Calls `stop` at the first SIGINT, SIGTERM or SIGHUP.
#[cfg(unix)]
pub(crate) fn on_signal(stop: impl Fn() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for (number, _) in signals.forever().enumerate() {
            if number > 0 {
                std::process::exit(super::Exit::INTERRUPTED.0);
            }
            stop();
        }
    })?;
    Ok(())
}

/// Elsewhere the process just ends.
#[cfg(not(unix))]
pub(crate) fn on_signal(_stop: impl Fn() + Send + 'static) -> std::io::Result<()> {
    Ok(())
}

/// From now on a file that may not grow any more (`ulimit -f`) fails to be written, as on a full disk; without this
/// the system ends the process, and the guest of a recording with it.
#[cfg(unix)]
pub(crate) fn outlive_file_limits() {
    let noticed = std::sync::Arc::default();
    // Where the handler cannot be set, all is as it was.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, noticed);
}

/// Elsewhere there is no such signal.
#[cfg(not(unix))]
pub(crate) fn outlive_file_limits() {}
