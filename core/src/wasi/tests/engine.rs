//! The calls behind a real linker: a guest that imports them, under every
//! dispatcher.

use super::super::{CALLS, FixedClocks, MODULE, WasiCtx, add_to_linker};
use super::{Capture, Input};
use crate::{CallError, Dispatch, Engine, Extern, Linker, Module, Store};

/// Copies stdin to stdout until it ends, then exits with the number of bytes.
const ECHO: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (global $total (mut i32) (i32.const 0))
    (func (export "_start")
        (loop $again
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 5))
            (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
                (then (call $exit (i32.const 99))))
            (if (i32.eqz (i32.load (i32.const 8)))
                (then (call $exit (global.get $total))))
            (global.set $total (i32.add (global.get $total) (i32.load (i32.const 8))))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))
                (then (call $exit (i32.const 98))))
            (br $again))))"#;

fn start(text: &str, ctx: WasiCtx, dispatch: Dispatch) -> (Store<WasiCtx>, CallError) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    let mut store = Store::new(&engine, ctx);
    store.set_dispatch(dispatch);
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.export(&store, "_start").and_then(Extern::into_func).unwrap();
    let error = main.call(&mut store, &[], &mut []).expect_err("it ends by an exit");
    (store, error)
}

#[test]
fn a_program_reads_prints_and_exits() {
    for dispatch in [Dispatch::Tail, Dispatch::Counted, Dispatch::Step] {
        let printed = Capture::new();
        let ctx = WasiCtx::builder().stdin(Input::from_bytes("hello world")).stdout(printed.clone());
        let (_, error) = start(ECHO, ctx.build(), dispatch);
        assert!(matches!(error, CallError::Exit(11)), "{dispatch:?}: {error}");
        assert_eq!(printed.bytes(), b"hello world");
    }
}

#[test]
fn a_parked_program_goes_on_when_input_comes() {
    for dispatch in [Dispatch::Tail, Dispatch::Counted, Dispatch::Step] {
        let (input, printed) = (Input::new(), Capture::new());
        let ctx = WasiCtx::builder().stdin(input.clone()).stdout(printed.clone());
        let (mut store, error) = start(ECHO, ctx.build(), dispatch);
        assert!(matches!(error, CallError::WaitingForInput), "{dispatch:?}: {error}");
        input.push(b"abc");
        let outcome = store.resume().expect("it is parked");
        assert!(matches!(outcome, Err(CallError::WaitingForInput)), "{dispatch:?}: {outcome:?}");
        assert_eq!(printed.bytes(), b"abc");
        input.push(b"defghi");
        input.close();
        let outcome = store.resume().expect("it is parked");
        assert!(matches!(outcome, Err(CallError::Exit(9))), "{dispatch:?}: {outcome:?}");
        assert_eq!(printed.bytes(), b"abcdefghi");
    }
}

/// Each function under its core type, so that a wrong parameter is a link error.
#[test]
fn all_46_are_defined_with_their_types() {
    use super::super::ParamKind;
    let mut text = String::from("(module\n");
    for call in CALLS {
        let params: Vec<&str> = call
            .params
            .iter()
            .map(|param| match param.kind {
                ParamKind::Rights | ParamKind::Wide | ParamKind::Delta => "i64",
                _ => "i32",
            })
            .collect();
        let result = if call.name == "proc_exit" { "" } else { "(result i32)" };
        let name = call.name;
        text += &format!("(import \"{MODULE}\" \"{name}\" (func (param {}) {result}))\n", params.join(" "));
    }
    text += "(func $exit (import \"wasi_snapshot_preview1\" \"proc_exit\") (param i32))
        (func (export \"_start\") (call $exit (i32.const 0))))";
    let ctx = WasiCtx::builder().clocks(FixedClocks::new(0, 1)).build();
    let (_, error) = start(&text, ctx, Dispatch::Step);
    assert!(matches!(error, CallError::Exit(0)), "{error}");
}

#[test]
fn a_guest_without_memory_gets_efault() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (func (export "_start") (call $exit (call $random (i32.const 0) (i32.const 1)))))"#;
    let (_, error) = start(text, WasiCtx::builder().build(), Dispatch::Step);
    assert!(matches!(error, CallError::Exit(21)), "{error}");
}
