//! Programs and terminals that try to break the screen, with the real binary in a pseudo-terminal.
//! Elsewhere: what any terminal may do (`pty`), hostile texts without a terminal (`screens`).

#![cfg(unix)]

mod terminal;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use terminal::Pty;

/// Writes a program to a file and opens it at a size.
fn debug(name: &str, program: &str, rows: u16, cols: u16) -> Pty {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("strength");
    std::fs::create_dir_all(&dir).expect("a folder can be made");
    let file = dir.join(format!("{name}.wat"));
    std::fs::write(&file, program).expect("a file can be written");
    let file = file.to_str().expect("the folder's name is text");
    Pty::wasmscope(rows, cols, &["--theme", "dark", "debug", "--fresh", file])
}

/// As small as can be, and then that large.
const SHRUNK_AND_GROWN: &[(u16, u16)] = &[(1, 1), (3, 1), (1, 90), (24, 80)];

#[test]
fn ten_thousand_frames() {
    let program = "(module
      (func $down (param $n i32) (result i32)
        (if (result i32) (local.get $n)
          (then (i32.add (i32.const 1) (call $down (i32.sub (local.get $n) (i32.const 1)))))
          (else (i32.const 0))))
      (func (export \"_start\") (drop (call $down (i32.const 10000)))))";
    let mut pty = debug("deep", program, 24, 80);
    pty.shows("start of the run");
    pty.types(":break down if r0 == 0\r").shows("breakpoint 1");
    pty.types("c").shows("depth 10001");
    pty.types("\x1b4").shows("10001 down");
    // The frame at the bottom, and the program stepped from there.
    pty.types("20000j").shows("_start");
    pty.types("l");
    pty.resized(SHRUNK_AND_GROWN);
    // The breakpoint stops on the way back, too.
    pty.types("O").shows("30,002/");
    pty.types("O").shows("depth 10000");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn a_memory_of_a_gibibyte() {
    let program = "(module (memory 16384)
      (func (export \"_start\")
        (i32.store (i32.const 0x3ffffff8) (i32.const 0x6b63617a))
        (i32.store (i32.const 0x400) (i32.const 0x3ffffff8))
        (i32.store (i32.const 0x3ffffffc) (i32.const 7))))";
    let mut pty = debug("huge", program, 36, 120);
    pty.shows("start of the run");
    pty.types("c").shows("the program ended");
    pty.types("a0x400\r").shows("00000400");
    pty.types("\r").shows("3ffffff8");
    pty.types("[").shows("was written by step");
    // Bytes that stand at the very end are found from the start.
    pty.types("G").shows("the program ended");
    pty.types("a0\r").shows("00000000 ");
    pty.types(":bytes zack\r").shows("3ffffff8");
    pty.resized(SHRUNK_AND_GROWN);
    pty.types("gg").shows("start");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn names_that_are_no_text() {
    let program = "(module (@name \"\\1b[2J\\1b]0;owned\\07\")
      (import \"wasi_snapshot_preview1\" \"sched_yield\" (func (result i32)))
      (func $f (@name \"\\1b[31m\\e5\\ad\\97\\e2\\80\\ae e\\cc\\81\\0d\\0a\\09\\00\") (param $p (@name \"\\c2\\9b2J\") i32)
        (drop (call 0)))
      (func (export \"_start\") (call $f (i32.const 1))))";
    let mut pty = debug("names", program, 24, 80);
    pty.shows("start of the run");
    pty.types("jjj").shows("字");
    pty.types("\x1b4").types("\x1b8").types("?").shows("Moving");
    // An escape that is read together with the next key is Alt and that key.
    pty.types("\x1b").until("help is closed", |pty| !pty.text().contains("Moving"));
    pty.resized(SHRUNK_AND_GROWN);
    pty.types("G").types("q");
    assert_eq!(pty.left(), 0);
    let bytes = pty.sent();
    for sent in ["\x1b]0;", "\u{9b}", "\u{202e}", "\x1b[31m"] {
        assert!(!bytes.contains(sent), "{sent:?} was sent to the terminal");
    }
}

/// What is typed before an answer has come is done on the screen it leads to, not on the one before.
#[test]
fn typed_ahead() {
    let program = "(module (memory 1) (data (i32.const 0x400) \"abcd\")
      (func (export \"_start\") (local $n i32)
        (loop $l
          (i32.store (i32.const 0x800) (local.get $n))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $l (i32.lt_u (local.get $n) (i32.const 200000))))
        (i32.store (i32.const 0x400) (i32.const 0x900))
        (i32.store (i32.const 0x900) (i32.const 7))))";
    let mut pty = debug("ahead", program, 24, 80);
    pty.shows("start of the run");
    // To the end, where 0x400 holds a pointer by then; to what it points to; to who wrote that.
    pty.types("ca0x400\r\r[").shows("0x900 was written by step");
    // Back to the start: memory stays where one looked.
    pty.types("gga0x400\rjj").shows("6162 6364");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

/// Over a slow line keys come late and in pieces; none is lost and none is taken for Esc.
#[test]
fn a_slow_line() {
    let mut pty = Pty::wasmscope(24, 80, &["--theme", "dark"]);
    pty.shows("start of the run");
    for part in ["j", "\x1b[B", "\x1b[", "B", "1", "0j"] {
        pty.types(part);
        thread::sleep(Duration::from_millis(200));
    }
    pty.shows("step 13 of");
    // And all at once: what was typed ahead is done in order.
    pty.types("jjjkkjjjjj10kggjj").shows("step 2 of");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

/// A source file at the path that the module names is shown unasked, and not when that is switched off.
#[test]
fn source_where_the_module_says() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut wasm = std::fs::read(root.join("samples/ledger/ledger.wasm")).expect("the sample is there");
    // Its line table has this folder, and a file in the compiler's own, which is made one of the folder.
    let (folder, file) = (b"/usr/include/wasm32-wasi\0".as_slice(), b"\0ledger.c\0\0".as_slice());
    let at =
        |wasm: &[u8], text: &[u8]| wasm.windows(text.len()).position(|it| it == text).expect("it is there");
    let dir = tempfile::tempdir_in("/tmp").expect("a folder can be made");
    let mut named = dir.path().to_str().expect("its name is text").to_owned();
    let wanted = folder.len() - 1;
    assert!(named.len() + 1 < wanted, "{named} is short");
    named.extend("/./././././././././././.".chars().take(wanted - named.len() - 1));
    named.push('/');
    let (in_folder, in_file) = (at(&wasm, folder), at(&wasm, file));
    wasm[in_folder..in_folder + wanted].copy_from_slice(named.as_bytes());
    wasm[in_file + file.len() - 1] = 1;
    let source = std::fs::read_to_string(root.join("samples/ledger/ledger.c")).expect("the sample is there");
    std::fs::write(dir.path().join("ledger.c"), source).expect("a file can be written");
    let path = dir.path().join("ledger.wasm");
    std::fs::write(&path, wasm).expect("a file can be written");
    let path = path.to_str().expect("its name is text");
    for (more, shown) in [(None, "from[i] != "), (Some("--source-only"), "--source DIR")] {
        let args = ["--theme", "dark", "debug", "--fresh", path].into_iter().chain(more).collect::<Vec<_>>();
        let mut pty = Pty::wasmscope(36, 120, &args);
        pty.shows("start of the run");
        pty.types("20G").shows("step 20");
        pty.types("\x1b1zvvv").shows(shown);
        pty.types("q");
        assert_eq!(pty.left(), 0);
    }
}
