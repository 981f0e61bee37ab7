//! What the build script makes of `RUSTFLAGS`: a build that undoes what the profile says has no tail calls.

#[allow(dead_code)]
#[path = "../build.rs"]
mod build;

use build::Flags;

#[test]
fn flags_say_what_the_profile_does_not() {
    let of = |words: &[&str]| Flags::of(&words.join("\x1f"));
    assert_eq!(of(&[]), Flags::default());
    assert_eq!(of(&["-Ctarget-cpu=native", "-g", "-Cpasses=sancov-module"]), Flags::default());
    let level = |words: &[&str]| of(words).level;
    assert_eq!(level(&["-Copt-level=0"]).as_deref(), Some("0"));
    assert_eq!(level(&["-C", "opt-level=1", "--codegen=opt_level=s"]).as_deref(), Some("s"));
    assert_eq!(level(&["--codegen", "opt-level=z", "-O"]).as_deref(), Some("3"));
    let assertions = |words: &[&str]| of(words).assertions;
    assert_eq!(assertions(&["-Cdebug-assertions"]), Some(true));
    assert_eq!(assertions(&["-C", "debug-assertions=on", "-Cdebug-assertions=off"]), Some(false));
    let foreign = |words: &[&str]| of(words).foreign;
    assert_eq!(foreign(&["-Zsanitizer=address"]).as_deref(), Some("sanitizer=address"));
    assert_eq!(foreign(&["-Cinstrument-coverage"]).as_deref(), Some("instrument-coverage"));
    assert_eq!(foreign(&["-Cinstrument-coverage=off"]), None);
    assert_eq!(foreign(&["-Z", "codegen-backend=cranelift"]).as_deref(), Some("codegen-backend=cranelift"));
}
