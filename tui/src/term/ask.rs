//! What the terminal looks like: which colours suit it.
//!
//! ```text
//! NO_COLOR ─► none
//! ESC ] 11 ; ? ─► rgb:1e1e/1e1e/2e2e ─► dark       a terminal that does not say is asked
//! ESC [ c      ─► ESC [ ? … c                      something it surely answers, so nobody waits long
//! COLORFGBG=0;15 ─► light          else ─► sixteen
//! ```
//!
//! Always: what was typed meanwhile is given back, not lost.

use crate::theme::Scheme;
use std::env;

/// The scheme by what the environment says, if that decides it.
fn from_env() -> Option<Scheme> {
    if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Some(Scheme::None);
    }
    let few = env::var("TERM").is_ok_and(|term| matches!(term.as_str(), "linux" | "vt100" | "ansi" | "dumb"));
    few.then_some(Scheme::Sixteen)
}

/// What COLORFGBG says of the background: the last of its numbers.
fn from_colorfgbg(value: &str) -> Option<Scheme> {
    let background: u8 = value.rsplit(';').next()?.parse().ok()?;
    Some(if matches!(background, 7 | 9..=15) { Scheme::Light } else { Scheme::Dark })
}

/// The background in an answer such as `ESC ] 11 ; rgb:ffff/ffff/ffff ESC \`.
fn from_answer(answer: &[u8]) -> Option<Scheme> {
    let text = String::from_utf8_lossy(answer);
    let (_, colour) = text.split_once("]11;rgb")?;
    let (_, colour) = colour.split_once(':')?;
    let mut channels = colour.split('/').map(|channel| {
        let digits: String = channel.chars().take_while(char::is_ascii_hexdigit).take(4).collect();
        let most = 16f32.powi(digits.len() as i32) - 1.0;
        Some(f32::from(u16::from_str_radix(&digits, 16).ok()?) / most)
    });
    let mut channel = || channels.next().flatten();
    let (red, green, blue) = (channel()?, channel()?, channel()?);
    let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if light > 0.5 { Scheme::Light } else { Scheme::Dark })
}

/// What was typed while the terminal answered: what is no answer.
fn typed(answer: &[u8]) -> Vec<u8> {
    let mut typed = Vec::new();
    let mut rest = answer;
    while let Some((&byte, after)) = rest.split_first() {
        let skipped = match (byte, after.first()) {
            (0x1b, Some(b']')) => {
                let end = after.iter().position(|&it| it == 0x07 || it == b'\\');
                end.map_or(after.len(), |end| end + 1)
            }
            (0x1b, Some(b'[')) if after.get(1) == Some(&b'?') => {
                let end = after.iter().position(|&it| it == b'c');
                end.map_or(after.len(), |end| end + 1)
            }
            _ => {
                typed.push(byte);
                0
            }
        };
        rest = &after[skipped..];
    }
    typed
}

/// The scheme that suits the terminal, which must be in raw mode, and what was typed meanwhile.
pub(super) fn scheme() -> (Scheme, Vec<u8>) {
    if let Some(scheme) = from_env() {
        return (scheme, Vec::new());
    }
    let answer = ask();
    let told = from_answer(&answer);
    let guessed = || from_colorfgbg(&env::var("COLORFGBG").ok()?);
    (told.or_else(guessed).unwrap_or(Scheme::Sixteen), typed(&answer))
}

/// Asks for the background; gives what came within a moment.
#[cfg(unix)]
fn ask() -> Vec<u8> {
    use rustix::event::{PollFd, PollFlags, poll};
    use std::io::{Write, stdin, stdout};
    use std::time::{Duration, Instant};
    let mut answer = Vec::new();
    let mut out = stdout();
    if out.write_all(b"\x1b]11;?\x1b\\\x1b[c").and_then(|()| out.flush()).is_err() {
        return answer;
    }
    // A terminal far away has its time; one that never answers costs it once.
    let until = Instant::now() + Duration::from_millis(600);
    let keys = stdin();
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        let mut ready = [PollFd::new(&keys, PollFlags::IN)];
        let wait = rustix::event::Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        if !matches!(poll(&mut ready, Some(&wait)), Ok(1..)) {
            break;
        }
        let mut bytes = [0; 256];
        match rustix::io::read(&keys, &mut bytes[..]) {
            Ok(count) if count > 0 => answer.extend_from_slice(&bytes[..count]),
            _ => break,
        }
        let complete = answer.windows(3).position(|it| it == b"\x1b[?");
        if complete.is_some_and(|at| answer[at..].contains(&b'c')) || answer.len() > 4096 {
            break;
        }
    }
    answer
}

#[cfg(not(unix))]
fn ask() -> Vec<u8> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_say_light_or_dark() {
        let told = |answer: &str| from_answer(answer.as_bytes());
        assert_eq!(told("\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?1;2c"), Some(Scheme::Light));
        assert_eq!(told("\x1b]11;rgb:1e1e/1e1e/2e2e\x07"), Some(Scheme::Dark));
        assert_eq!(told("\x1b]11;rgba:ff/ff/e0/ff\x07"), Some(Scheme::Light));
        assert_eq!(told("\x1b]11;rgb:00/8\x07"), None);
        assert_eq!(told("\x1b[?1;2c"), None);
        assert_eq!(from_colorfgbg("15;default;0"), Some(Scheme::Dark));
        assert_eq!(from_colorfgbg("0;15"), Some(Scheme::Light));
        assert_eq!(from_colorfgbg("default"), None);
    }

    #[test]
    fn what_was_typed_is_kept() {
        assert_eq!(typed(b"j\x1b]11;rgb:0/0/0\x1b\\n\x1b[?62;4cq"), b"jnq");
        assert_eq!(typed(b"\x1b[?1;2"), b"");
        assert_eq!(typed(b""), b"");
    }
}
