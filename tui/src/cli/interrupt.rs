//! Ctrl-C while something long is going on: the first asks it to stop, the second ends the process.

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
