//! Every op, many times, on a small native stack.
//!
//! A handler that does not reach the next one by a sibling call leaves something on the
//! native stack each time it runs. Here every op that can be in a loop is in one, on a
//! thread with 256 KiB of stack: one lost sibling call overflows it. The programs of the
//! arithmetic families are made from the instruction table, so a new op is in; what the
//! table cannot spell is written out below, and a last look makes sure that nothing is
//! missing.
//!
//! ```text
//! cargo test --test torture                                       100 000 rounds
//! WASMSCOPE_TORTURE_EACH=1 cargo test --test torture -- --nocapture   names the op that fails
//! WASMSCOPE_TORTURE=10000000 cargo test --release --test torture   10 million
//! WASMSCOPE_DISPATCHER=step …                                     a build without tail calls is wanted
//! ```

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use wasmscope_core::code::{OPS, OpCode};
use wasmscope_core::isa::{Kind, OpInfo, OperandType, Role};
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
    (tag $e (param i32 i64)) (tag $empty)
    (func $id (type $f) (local.get 0))
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
            (local $exn exnref)
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

/// Runs the loop under both fast dispatchers and both lowerings on a small stack.
fn torture(bodies: &[String]) {
    for body in bodies {
        let text = program(body);
        for lowering in [Lowering::Plain, Lowering::Fused] {
            for dispatch in [Dispatch::Tail, Dispatch::Counted] {
                eprintln!("{dispatch:?} {lowering:?}: {body}");
                let (mut store, run) = store(dispatch, lowering, &text);
                let small = std::thread::Builder::new().stack_size(STACK);
                let thread = small.spawn(move || run.call_values(&mut store, &[Val::I32(rounds())]));
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

/// The operator's name in text, of an op named after one.
fn operator(op: &OpInfo) -> String {
    op.name.trim_end_matches("_at").trim_end_matches("_imm").replacen('_', ".", 1)
}

/// Operators that become this op, which stands for several; each expression, with its type.
fn several(op: &OpInfo) -> Option<(&'static str, &'static [&'static str])> {
    Some(match op.name {
        "i32_add_shl" => (
            "i32",
            &[
                "(i32.add (local.get $x) (i32.shl (local.get $i32) (i32.const 2)))",
                "(i32.add (i32.mul (local.get $i32) (local.get $i32)) (i32.shl (local.get $i32) (i32.const 35)))",
                "(i32.add (local.get $x) (i32.shl (i32.mul (local.get $i32) (local.get $i32)) (i32.const 2)))",
                "(i32.add (i32.shl (local.get $i32) (i32.const 31)) (local.get $x))",
            ],
        ),
        "i32_bits" => (
            "i32",
            &[
                "(i32.and (i32.shr_u (i32.sub (local.get $x) (i32.const 77)) (i32.const 37)) (i32.const -2))",
                "(i32.and (i32.shr_u (local.get $i32) (i32.const 1)) (i32.const 255))",
            ],
        ),
        "f64_mul_add" => (
            "f64",
            &[
                "(f64.add (local.get $f64) (f64.mul (local.get $f64) (f64.neg (local.get $f64))))",
                "(f64.add (f64.mul (f64.neg (local.get $f64)) (local.get $f64)) (local.get $f64))",
                "(f64.add (f64.neg (local.get $f64)) (f64.mul (local.get $f64) (local.get $f64)))",
            ],
        ),
        _ => return None,
    })
}

/// An op of a numeric or vector family as text, if it is one.
fn numeric(op: &OpInfo) -> Option<String> {
    if let Some((_, expressions)) = several(op) {
        return Some(expressions.iter().map(|text| format!("(drop {text})\n")).collect());
    }
    let family = op.name.split('_').next()?;
    let numeric = ["i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"];
    if !numeric.contains(&family) || !matches!(op.kind, Kind::Infallible | Kind::Fallible) {
        return None;
    }
    let (mut operands, mut lane, mut drops) = (String::new(), "", String::new());
    for operand in op.operands {
        let ty = match operand.ty {
            OperandType::I32 => "i32",
            OperandType::I64 => "i64",
            OperandType::F32 => "f32",
            OperandType::F64 => "f64",
            OperandType::V128 => "v128",
            _ => "",
        };
        match operand.role {
            Role::Out => drops += "(drop)",
            Role::In => write!(operands, "(local.get ${ty})").ok()?,
            Role::Imm if operand.name == "lane" => lane = "1",
            Role::Imm if operand.name == "lanes" => lane = "0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31",
            Role::Imm if op.name.ends_with("_const") => {
                lane = if ty == "v128" { "i64x2 5 6" } else { "5" };
            }
            Role::Imm => write!(operands, "({family}.const 3)").ok()?,
            _ => return None,
        }
    }
    Some(format!("{operands} ({} {lane}) {drops}\n", operator(op)))
}

#[test]
fn numbers() {
    let scalar = |op: &&OpInfo| !op.name.contains('x') || op.name.contains("ext");
    let bodies: Vec<String> = OPS.iter().filter(|op| scalar(op)).filter_map(numeric).collect();
    assert!(bodies.len() > 150, "{}", bodies.len());
    torture(&together(bodies, 32));
}

#[test]
fn vectors() {
    let bodies: Vec<String> = OPS.iter().filter(|op| op.name.contains('x')).filter_map(numeric).collect();
    assert!(bodies.len() > 200, "{}", bodies.len());
    torture(&together(bodies, 32));
}

/// Every way in which values reach an op and leave it: operands from the op before, the
/// result for the op behind. Each result goes to a place of its own in memory.
fn formed(op: &OpInfo, places: &mut u32) -> Option<String> {
    let family = op.name.split('_').next()?;
    let ins = op.operands.iter().filter(|operand| operand.role == Role::In).map(|operand| ty(operand.ty));
    let ins: Vec<&str> = ins.collect::<Option<_>>()?;
    let [out] = op.operands.iter().filter(|operand| operand.role == Role::Out).collect::<Vec<_>>()[..] else {
        return None;
    };
    let out = ty(out.ty)?;
    if !matches!(op.kind, Kind::Infallible | Kind::Fallible) || op.name.ends_with("_const") {
        return None;
    }
    let immediate = op.operands.iter().any(|operand| operand.role == Role::Imm);
    let local = |ty: &str| format!("(local.get ${ty})");
    let computed = |ty: &str| match ty {
        "i32" | "i64" => format!("({ty}.or (local.get ${ty}) ({ty}.const 1))"),
        _ => format!("({ty}.add (local.get ${ty}) (local.get ${ty}))"),
    };
    let mut text = String::new();
    if let Some((ty, expressions)) = several(op) {
        for expression in expressions {
            writeln!(text, "(i32.const {places}) {expression} ({ty}.store)").ok()?;
            *places += 8;
        }
        return Some(text);
    }
    for fresh in 0..=ins.len() {
        let mut operands: Vec<String> = ins.iter().map(|ty| local(ty)).collect();
        if let Some(operand) = operands.get_mut(fresh) {
            *operand = computed(ins[fresh]);
        }
        if immediate {
            operands.push(format!("({family}.const 3)"));
        }
        let value = format!("{} ({})", operands.concat(), operator(op));
        for consumer in ["", if out.starts_with('i') { "popcnt" } else { "neg" }] {
            let consumer = if consumer.is_empty() { String::new() } else { format!("({out}.{consumer})") };
            writeln!(text, "(i32.const {places}) {value} {consumer} ({out}.store)").ok()?;
            *places += 8;
        }
    }
    Some(text)
}

/// A scalar number type in text.
fn ty(ty: OperandType) -> Option<&'static str> {
    Some(match ty {
        OperandType::I32 => "i32",
        OperandType::I64 => "i64",
        OperandType::F32 => "f32",
        OperandType::F64 => "f64",
        _ => return None,
    })
}

/// Where a value is does not change what an op makes of it.
#[test]
fn every_form_gives_the_same() {
    let mut places = 64;
    let bodies: Vec<String> = OPS.iter().filter_map(|op| formed(op, &mut places)).collect();
    assert!(bodies.len() > 150 && places < 1 << 16, "{} {places}", bodies.len());
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
                    .find(|line| line.starts_with(&place))
                    .map(str::to_owned)
            });
            assert_eq!(body, None, "{dispatch:?} {lowering:?}");
        }
    }
    torture(&together(bodies, 32));
}

/// A branch that compares, taken and not, if the op is one.
fn comparing(op: &OpInfo) -> Option<String> {
    let families = ["i32_", "i64_", "f64_"];
    let name = op.name.strip_prefix("br_")?;
    families.iter().find(|family| name.starts_with(**family))?;
    let (ty, imm) = (&name[..3], name.ends_with("_imm"));
    let rhs = if imm { format!("({ty}.const 3)") } else { format!("(local.get ${ty})") };
    let name = name.trim_end_matches("_imm").replacen('_', ".", 1);
    let condition = match name.as_str() {
        "i32.nand" => format!("(i32.eqz (i32.and (local.get $i32) {rhs}))"),
        name if name.contains(".not_") => {
            format!("(i32.eqz ({} (local.get ${ty}) {rhs}))", name.replace("not_", ""))
        }
        name => format!("({name} (local.get ${ty}) {rhs})"),
    };
    Some(format!("(block (br_if 0 {condition}) (local.set $x (i32.const 1)))\n"))
}

/// Comparisons that become branches, taken and not.
#[test]
fn comparisons() {
    torture(&together(OPS.iter().filter_map(comparing).collect(), 32));
}

/// A load or store as text, of memory 0 or, for an op that names its memory, of another.
fn access(op: &OpInfo) -> Option<String> {
    let (family, action) = op.name.split_once('_')?;
    let is_load = action.starts_with("load");
    if !is_load && !action.starts_with("store") {
        return None;
    }
    let far = op.name.ends_with("_at");
    let (memory, addr) = if far { ("$far", "i64") } else { ("", "i32") };
    let lane = if action.contains("lane") { "1" } else { "" };
    let value = match (op.name.ends_with("_imm"), is_load, lane) {
        (true, ..) => format!("({family}.const 6)"),
        (_, true, "") => String::new(),
        _ => format!("(local.get ${family})"),
    };
    let drop = if is_load { "(drop)" } else { "" };
    Some(format!("(local.get ${addr}) {value} ({} {memory} offset=9 {lane}) {drop}\n", operator(op)))
}

#[test]
fn loads_and_stores() {
    let bodies: Vec<String> = OPS.iter().filter_map(access).collect();
    assert!(bodies.len() > 90, "{}", bodies.len());
    torture(&together(bodies, 32));
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
    torture(&others());
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
    let generated = OPS.iter().filter_map(|op| numeric(op).or_else(|| access(op)));
    let compares = OPS.iter().filter_map(comparing);
    let bodies: Vec<String> = generated.chain(compares).chain(others()).collect();
    let bodies = bodies.concat();
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let (mut store, run) = store(Dispatch::Step, lowering, &program(&bodies));
        store.set_observer(Some(Box::new(Seen(seen.clone()))));
        run.call_values(&mut store, &[Val::I32(2)]).expect("it returns");
    }
    let seen = seen.lock().expect("nobody panics holding it");
    let all = (0..OpCode::COUNT as u16).map(|number| OpCode::from_u16(number).expect("the table is dense"));
    // These end the run.
    let never = [OpCode::unreachable, OpCode::stop];
    let missing: Vec<&str> =
        all.filter(|op| !seen.contains(op) && !never.contains(op)).map(|op| op.info().name).collect();
    assert!(missing.is_empty(), "no torture for {missing:?}");
}
