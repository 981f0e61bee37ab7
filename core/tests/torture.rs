//! Every op, many times, on a small native stack.
//!
//! A handler that does not reach the next one by a sibling call leaves something on the
//! native stack each time it runs. Here every op that can be in a loop is in one, on a
//! thread with 256 KiB of stack: one lost sibling call overflows it. An op has a handler for
//! each of its forms, and all of them run. The programs are made from the instruction table
//! (`sites`), so a new op is in; what the table cannot spell is written out below, and a last
//! look makes sure that no op and no form is missing.
//!
//! ```text
//! cargo test --test torture                                       100 000 rounds
//! WASMSCOPE_TORTURE_EACH=1 cargo test --test torture -- --nocapture   names the op that fails
//! WASMSCOPE_TORTURE=10000000 cargo test --release --test torture   10 million
//! WASMSCOPE_DISPATCHER=step …                                     a build without tail calls is wanted
//! ```

#[path = "torture/sites.rs"]
mod sites;

use sites::{Site, sites, ways};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use wasmscope_core::code::OpCode;
use wasmscope_core::isa::{Kind, OpInfo, OperandType};
use wasmscope_core::*;

const STACK: usize = 256 * 1024;

fn rounds() -> i32 {
    let wanted = std::env::var("WASMSCOPE_TORTURE").ok();
    wanted.map_or(100_000, |text| text.parse().expect("WASMSCOPE_TORTURE is a number of rounds"))
}

#[test]
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
fn handlers_reach_each_other_by_sibling_calls() {
    match std::env::var("WASMSCOPE_DISPATCHER").as_deref() {
        Ok("step") => {
            assert_ne!(BUILD.no_tail, "", "this build is one in which tail calls cannot be trusted")
        }
        _ => assert_eq!(BUILD.no_tail, "", "this build is optimised, so that tail dispatch is what it says"),
    }
}

/// What every program may use.
const PRELUDE: &str = r#"
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "pair" (func $pair (param i32) (result i32 i64)))
    (import "other" "next" (func $next (param i32) (result i32)))
    (type $f (func (param i32) (result i32)))
    (type $two (func (param i32) (result i32 i64)))
    (memory $near (export "near") 2) (memory $far i64 2)
    (table $t 8 8 funcref) (table $t64 i64 8 8 funcref)
    (elem (table $t) (i32.const 0) func $id $add $next)
    (elem $passive func $id $id)
    (elem declare func $id $next $pair)
    (data $bytes "0123456789")
    (global $g (mut i32) (i32.const 5)) (global $gv (mut v128) (v128.const i64x2 1 2))
    (global $gf (mut funcref) (ref.func $id))
    (tag $e (param i32 i64)) (tag $empty)
    (func $id (type $f) (local.get 0))
    (func $or (type $f) (i32.or (local.get 0) (i32.const 1)))
    (func $void)
    (func $both (type $two) (local.get 0) (i64.const 8))
    (func $add_tail (param i32) (result i32) (return_call $add (local.get 0) (i32.const 1)))
    (func $id_tail (type $f) (return_call $id (local.get 0)))
    (func $ref_tail (param i32 (ref null $f)) (result i32) (return_call_ref $f (local.get 0) (local.get 1)))
    (func $table_tail (param i32 i32) (result i32)
        (return_call_indirect $t (type $f) (local.get 0) (local.get 1)))
    (func $throws (param i32) (throw $e (local.get 0) (i64.const 1)))
"#;

/// A loop around `body`, which leaves the stack as it found it.
fn program(body: &str) -> String {
    format!(
        r#"(module {PRELUDE}
        (func (export "run") (param $n i32)
            (local $i32 i32) (local $i64 i64) (local $f32 f32) (local $f64 f64) (local $v128 v128)
            (local $x i32) (local $y i64) (local $w v128) (local $fun funcref) (local $ref (ref null $f))
            (local $exn exnref) (local $z i32)
            (local $oi32 i32) (local $oi64 i64) (local $of32 f32) (local $of64 f64) (local $ov128 v128)
            (local.set $i32 (i32.const 3)) (local.set $i64 (i64.const 7)) (local.set $f32 (f32.const 1.5))
            (local.set $f64 (f64.const 2.5)) (local.set $v128 (v128.const i32x4 1 2 3 4))
            (local.set $ref (ref.func $id)) (local.set $fun (ref.func $id))
            (loop $l
                {body}
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
        )"#
    )
}

fn store(dispatch: Dispatch, lowering: Lowering, text: &str) -> (Store<()>, Func) {
    let (store, run, _) = store_and_memory(dispatch, lowering, text);
    (store, run)
}

fn store_and_memory(dispatch: Dispatch, lowering: Lowering, text: &str) -> (Store<()>, Func, Memory) {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let mut store = Store::new(&engine, ());
    store.set_dispatch(dispatch);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b));
    linker.func_wrap("host", "pair", |a: i32| (a, 1i64));
    let module = |text: &str| {
        let wasm = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Module::new(&engine, wasm).unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let other =
        module(r#"(module (memory 1) (func (export "next") (param i32) (result i32) (local.get 0)))"#);
    let other = linker.instantiate(&mut store, &other).expect("it imports nothing");
    linker.instance(&store, "other", other);
    let instance = linker.instantiate(&mut store, &module(text)).expect("all imports exist");
    let run = instance.func(&store, "run").expect("it is exported");
    let memory = instance.memory(&store, "near").expect("it is exported");
    (store, run, memory)
}

/// Runs the loop under fast dispatchers and both lowerings on a small stack. Of the handlers
/// plain lowering has none that the other has not, so it is enough to see them once there.
fn torture(dispatchers: &[Dispatch], bodies: &[String]) {
    for body in bodies {
        let text = program(body);
        for lowering in [Lowering::Plain, Lowering::Fused] {
            for &dispatch in dispatchers {
                eprintln!("{dispatch:?} {lowering:?}: {body}");
                let (mut store, run) = store(dispatch, lowering, &text);
                let small = std::thread::Builder::new().stack_size(STACK);
                let rounds = if lowering == Lowering::Plain { rounds().min(100_000) } else { rounds() };
                let thread = small.spawn(move || run.call_values(&mut store, &[Val::I32(rounds)]));
                let outcome = thread.expect("a thread can be had").join().expect("it does not panic");
                outcome.unwrap_or_else(|error| panic!("{dispatch:?} {lowering:?} {error}: {body}"));
            }
        }
    }
}

/// Several bodies in one, to have fewer loops; WASMSCOPE_TORTURE_EACH=1 runs each alone,
/// to find the one that overflows the stack.
fn together(bodies: Vec<String>, count: usize) -> Vec<String> {
    let count = if std::env::var_os("WASMSCOPE_TORTURE_EACH").is_some() { 1 } else { count };
    bodies.chunks(count).map(|chunk| chunk.concat()).collect()
}

/// The programs of the ops for which `which` holds, each way of a site a line.
fn bodies(which: impl Fn(&OpInfo) -> bool, mut places: Option<&mut u32>) -> Vec<String> {
    let ops = all_ops().filter(|op| which(op.info()));
    let sites = ops.flat_map(|op| sites(op.info()).into_iter().map(move |site: Site| (site, op.forms())));
    sites.map(|(site, forms)| ways(&site, &forms, places.as_deref_mut())).collect()
}

fn all_ops() -> impl Iterator<Item = OpCode> {
    (0..OpCode::COUNT as u16).map(|number| OpCode::from_u16(number).expect("the table is dense"))
}

/// Whether an op is one of vectors, which are in no accumulator, or names its memory.
fn is_wide(op: &OpInfo) -> bool {
    op.name.ends_with("_at") || op.operands.iter().any(|operand| operand.ty == OperandType::V128)
}

/// Whether counted dispatch has handlers of its own for the op: those of all others are tail's.
fn is_counted(op: &OpInfo) -> bool {
    !matches!(op.kind, Kind::Infallible | Kind::Fallible | Kind::Reads)
}

/// Where a value is does not change what an op makes of it.
#[test]
fn every_form_gives_the_same() {
    let mut places = 64;
    let bodies = bodies(|_| true, Some(&mut places));
    assert!(bodies.len() > 500 && places < 2 << 16, "{} {places}", bodies.len());
    let text = program(&bodies.concat());
    let mut expected = None;
    for lowering in [Lowering::Plain, Lowering::Fused] {
        for dispatch in [Dispatch::Step, Dispatch::Counted, Dispatch::Tail] {
            let (mut store, run, memory) = store_and_memory(dispatch, lowering, &text);
            run.call_values(&mut store, &[Val::I32(2)]).expect("it returns");
            let mut bytes = vec![0; places as usize];
            memory.read(&store, 0, &mut bytes).expect("the memory is larger");
            let first = expected.get_or_insert_with(|| bytes.clone());
            let at = first.iter().zip(&bytes).position(|(a, b)| a != b);
            let place = at.map(|at| format!("(i32.const {}) ", at / 8 * 8));
            let body = place.and_then(|place| {
                bodies
                    .iter()
                    .flat_map(|body| body.lines())
                    .find(|line| line.contains(&place))
                    .map(str::to_owned)
            });
            assert_eq!(body, None, "{dispatch:?} {lowering:?}");
        }
    }
}

#[test]
fn scalars() {
    torture(&[Dispatch::Tail], &together(bodies(|op| !is_wide(op), None), 16));
    let counted = bodies(|op| !is_wide(op) && is_counted(op), None);
    torture(&[Dispatch::Counted], &together(counted, 16));
}

#[test]
fn vectors_and_other_memories() {
    torture(&[Dispatch::Tail], &together(bodies(is_wide, None), 16));
    let counted = bodies(|op| is_wide(op) && is_counted(op), None);
    torture(&[Dispatch::Counted], &together(counted, 16));
}

/// What is not named after one operator.
fn others() -> Vec<String> {
    let many = "(local.get $x) (drop) ".repeat(80);
    [
        // Variables.
        "(local.set $x (local.get $i32)) (local.set $w (local.get $v128)) (drop (local.tee $w (local.get $v128)))",
        "(global.set $g (i32.add (global.get $g) (local.get $i32)))",
        "(global.set $gv (i8x16.add (global.get $gv) (local.get $v128)))",
        "(drop (select (local.get $i64) (i64.const 4) (local.get $i32)))",
        "(drop (select (local.get $v128) (local.get $w) (local.get $x)))",
        many.trim(),
        "(i64.add128 (local.get $i64) (local.get $y) (local.get $y) (local.get $i64)) (drop) (drop)",
        "(i64.sub128 (local.get $i64) (local.get $y) (local.get $y) (local.get $i64)) (drop) (drop)",
        "(i64.mul_wide_s (local.get $i64) (local.get $y)) (drop) (drop)",
        "(i64.mul_wide_u (local.get $i64) (local.get $y)) (drop) (drop)",
        "(local.set $x (local.get $i32)) (local.set $y (local.get $i64)) (local.set $i32 (local.get $x))",
        // Branches.
        "(block (br 0)) (block (br_if 0 (local.get $i32))) (if (local.get $x) (then (local.set $x (i32.const 0))))",
        "(drop (block (result i32) (i32.const 1) (br_if 0 (i32.const 2) (local.get $i32)) (drop)))",
        "(block (result i32 i64) (f32.const 1) (i32.const 1) (i64.const 2) (br 0)) (drop) (drop)",
        "(block (br_table 0 0 (local.get $i32)))",
        "(block (result i32) (f32.const 1) (br_table 0 0 (i32.const 9) (local.get $i32))) (drop)",
        "(block (br_if 0 (i32.eqz (local.get $x)))) (block (br_if 0 (i64.eqz (local.get $i64))))",
        // Calls.
        "(call $void) (drop (call $id (local.get $i32))) (call $both (local.get $i32)) (drop) (drop)",
        "(drop (call $add (local.get $i32) (i32.const 1))) (drop (call $next (local.get $i32)))",
        "(call $pair (local.get $i32)) (drop) (drop)",
        "(drop (call_indirect $t (type $f) (local.get $i32) (i32.const 0)))",
        "(drop (call_indirect $t (type $f) (local.get $i32) (i32.const 2)))",
        "(drop (call_indirect $t (param i32 i32) (result i32) (local.get $i32) (local.get $i32) (i32.const 1)))",
        "(drop (call_ref $f (local.get $i32) (local.get $ref)))",
        "(drop (call_ref $f (local.get $i32) (ref.func $next)))",
        "(call_ref $two (local.get $i32) (ref.func $pair)) (drop) (drop)",
        "(drop (call $add_tail (local.get $i32))) (drop (call $id_tail (local.get $i32)))",
        "(drop (call $ref_tail (local.get $i32) (ref.func $next))) (drop (call $ref_tail (local.get $i32) (local.get $ref)))",
        "(drop (call $table_tail (local.get $i32) (i32.const 2)))",
        // References.
        "(drop (ref.is_null (ref.null func))) (drop (ref.as_non_null (local.get $ref)))",
        "(drop (ref.is_null (global.get $gf))) (drop (i32.rotl (ref.is_null (global.get $gf)) (local.get $x)))",
        "(drop (ref.as_non_null (global.get $gf)))",
        "(block (drop (br_on_null 0 (local.get $ref)))) (block (drop (br_on_null 0 (ref.null $f))))",
        "(drop (block (result (ref $f)) (br_on_non_null 0 (local.get $ref)) (unreachable)))",
        // Memories.
        "(drop (memory.size)) (drop (memory.size $far)) (drop (memory.grow (i32.const 0)))",
        "(drop (memory.grow $far (i64.const 0))) (memory.fill (i32.const 3) (local.get $i32) (i32.const 70))",
        "(memory.copy (i32.const 3) (i32.const 5) (i32.const 70))",
        "(memory.copy $far $near (i64.const 3) (i32.const 5) (i32.const 70))",
        "(memory.init $bytes (i32.const 3) (i32.const 0) (i32.const 0)) (data.drop $bytes)",
        // Tables.
        "(table.set $t (i32.const 3) (table.get $t (i32.const 0))) (drop (table.size $t))",
        "(table.set $t64 (i64.const 3) (table.get $t64 (i64.const 3))) (drop (table.size $t64))",
        "(drop (table.grow $t (ref.null func) (i32.const 0))) (drop (table.grow $t64 (ref.null func) (i64.const 0)))",
        "(table.fill $t (i32.const 4) (local.get $fun) (i32.const 3))",
        "(table.copy $t $t64 (i32.const 6) (i64.const 3) (i32.const 1))",
        "(table.init $t $passive (i32.const 4) (i32.const 0) (i32.const 0)) (elem.drop $passive)",
        // Exceptions.
        "(block $h (result i32 i64) (try_table (catch $e $h) (call $throws (local.get $i32))) (unreachable)) (drop) (drop)",
        "(block $h (try_table (catch_all $h) (throw $empty)))",
        // The reference is taken once: a store keeps what references were made to.
        "(if (ref.is_null (local.get $exn)) (then (local.set $exn
            (block $h (result exnref) (try_table (catch_all_ref $h) (throw $empty)) (unreachable)))))
         (block $h (try_table (catch $empty $h) (throw_ref (local.get $exn))))",
    ]
    .map(str::to_owned)
    .into()
}

#[test]
fn everything_else() {
    torture(&[Dispatch::Tail, Dispatch::Counted], &others());
}

/// A function that calls itself in place of itself is a loop too.
#[test]
fn tail_recursion() {
    let text = program("(drop (i32.const 1))").replace(
        r#"(func (export "run") (param $n i32)"#,
        r#"(func $count (param i32 i64) (result i32)
            (if (result i32) (local.get 0)
                (then (return_call $count (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
                (else (i32.const 0))))
        (func (export "count") (param $n i32) (drop (call $count (local.get $n) (i64.const 1))))
        (func (export "run") (param $n i32)"#,
    );
    for dispatch in [Dispatch::Tail, Dispatch::Counted] {
        let text = text.replace(r#"(export "run")"#, "").replace(r#"(export "count")"#, r#"(export "run")"#);
        let (mut store, run) = store(dispatch, Lowering::Fused, &text);
        let small = std::thread::Builder::new().stack_size(STACK);
        let thread = small.spawn(move || run.call_values(&mut store, &[Val::I32(rounds())]).map(drop));
        thread.expect("a thread can be had").join().expect("it does not panic").expect("it returns");
    }
}

/// Notes every op that returned.
struct Seen(Arc<Mutex<BTreeSet<OpCode>>>);

impl Observer for Seen {
    fn after(&mut self, step: &Step<'_>, _: Returned<'_>) -> Watch {
        self.0.lock().expect("nobody panics holding it").insert(step.op);
        Watch::Continue
    }
}

#[test]
fn no_op_is_missing() {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let bodies = bodies(|_| true, None).concat() + &others().concat();
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let (mut store, run) = store(Dispatch::Step, lowering, &program(&bodies));
        store.set_observer(Some(Box::new(Seen(seen.clone()))));
        run.call_values(&mut store, &[Val::I32(2)]).expect("it returns");
    }
    let seen = seen.lock().expect("nobody panics holding it");
    // These end the run.
    let never = [OpCode::unreachable, OpCode::stop];
    let missing: Vec<&str> =
        all_ops().filter(|op| !seen.contains(op) && !never.contains(op)).map(|op| op.info().name).collect();
    assert!(missing.is_empty(), "no torture for {missing:?}");
}

/// A handler that no program reaches is not tortured.
#[test]
fn no_form_is_missing() {
    let bodies = bodies(|_| true, None).concat() + &others().concat();
    let wasm = wat::parse_str(program(&bodies)).expect("it is text");
    let module = Module::new(&Engine::default(), wasm).expect("it is valid");
    let met: BTreeSet<(OpCode, u8)> = [Lowering::Plain, Lowering::Fused]
        .into_iter()
        .flat_map(|lowering| module.op_forms(lowering))
        .collect();
    let missing: Vec<_> = all_ops()
        .flat_map(|op| op.forms().into_iter().map(move |form| (op, form)))
        .filter(|handler| !met.contains(handler) && ![OpCode::unreachable, OpCode::stop].contains(&handler.0))
        .collect();
    assert!(missing.is_empty(), "no torture for {} of {} forms: {missing:?}", missing.len(), met.len());
}
