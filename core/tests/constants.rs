//! Constants as operands of f64 operators, on either side, for a value and for a branch: whatever op an operator and
//! its constant become, it computes what the host does.

use std::fmt::Write as _;
use wasmscope_core::{Config, Dispatch, Engine, Instance, Linker, Lowering, Module, Store, num};

/// A NaN whose bits are not the canonical ones.
const ODD_NAN: f64 = f64::from_bits(0xfff0_dead_beef_0001);
const VALUES: [f64; 9] =
    [0.0, -0.0, 1.0, -1.5, 0.1, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, ODD_NAN];

type Arithmetic = fn(f64, f64) -> f64;
const ARITHMETIC: [(&str, Arithmetic); 4] =
    [("add", num::f64_add), ("sub", num::f64_sub), ("mul", num::f64_mul), ("div", num::f64_div)];

type Comparison = fn(f64, f64) -> bool;
const COMPARISONS: [(&str, Comparison); 6] = [
    ("eq", num::f64_eq),
    ("ne", num::f64_ne),
    ("lt", num::f64_lt),
    ("gt", num::f64_gt),
    ("le", num::f64_le),
    ("ge", num::f64_ge),
];

/// A constant as text, bit for bit.
fn constant(value: f64) -> String {
    match value.is_nan() {
        true => format!("(f64.const -nan:0x{:x})", value.to_bits() << 12 >> 12),
        false => format!("(f64.const {value:?})"),
    }
}

/// Both orders of a constant and the parameter.
fn orders(value: f64) -> [String; 2] {
    let (constant, param) = (constant(value), "(local.get 0)");
    [format!("{param} {constant}"), format!("{constant} {param}")]
}

/// A module of functions `add 0` …: operator and the number of its constant, results for both orders.
fn text() -> String {
    let mut text = String::from("(module\n");
    for (at, &value) in VALUES.iter().enumerate() {
        let [right, left] = orders(value);
        for (name, _) in ARITHMETIC {
            writeln!(
                text,
                "(func (export \"{name} {at}\") (param f64) (result i64 i64)
                   (i64.reinterpret_f64 (f64.{name} {right})) (i64.reinterpret_f64 (f64.{name} {left})))"
            )
            .unwrap();
        }
        for (name, _) in COMPARISONS {
            // Bit by bit: the value, a branch if it holds, a branch if it does not; of either order.
            writeln!(text, "(func (export \"{name} {at}\") (param f64) (result i32) (local i32)").unwrap();
            for (bit, operands) in [right.as_str(), &left].into_iter().enumerate() {
                let set =
                    |bit: usize| format!("(local.set 1 (i32.or (local.get 1) (i32.const {})))", 1 << bit);
                writeln!(
                    text,
                    "(local.set 1 (i32.or (local.get 1) (i32.shl (f64.{name} {operands}) (i32.const {}))))
                     (block (br_if 0 (i32.eqz (f64.{name} {operands}))) {})
                     (block (block (br_if 0 (f64.{name} {operands})) (br 1)) {})
                     (if (f64.{name} {operands}) (then {}))",
                    bit * 4,
                    set(bit * 4 + 1),
                    set(bit * 4 + 2),
                    set(bit * 4 + 3),
                )
                .unwrap();
            }
            text += "(local.get 1))\n";
        }
    }
    text + ")"
}

fn bits(store: &mut Store<()>, instance: Instance, name: &str, arg: f64) -> (i64, i64) {
    let func = instance.typed_func::<f64, (i64, i64)>(store, name).expect("it is exported");
    func.call(store, arg).expect("it cannot fail")
}

#[test]
fn a_constant_is_an_operand_like_any_other() {
    let binary = wat::parse_str(text()).expect("the text is valid");
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, &binary).expect("the module is valid");
        for dispatch in [Dispatch::Tail, Dispatch::Counted, Dispatch::Step] {
            let mut store = Store::new(&engine, ());
            store.set_dispatch(dispatch);
            let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("it needs nothing");
            for (at, &constant) in VALUES.iter().enumerate() {
                for param in VALUES {
                    let what = format!("{param:?}, constant {constant:?}, {lowering:?}, {dispatch:?}");
                    for (name, compute) in ARITHMETIC {
                        let found = bits(&mut store, instance, &format!("{name} {at}"), param);
                        let expected =
                            (compute(param, constant).to_bits(), compute(constant, param).to_bits());
                        assert_eq!((found.0 as u64, found.1 as u64), expected, "f64.{name} {what}");
                    }
                    for (name, holds) in COMPARISONS {
                        let func = instance.typed_func::<f64, i32>(&store, &format!("{name} {at}"));
                        let found = func.expect("it is exported").call(&mut store, param);
                        let all = |holds: bool| if holds { 0xf } else { 0 };
                        let expected = all(holds(param, constant)) | all(holds(constant, param)) << 4;
                        assert_eq!(found.expect("it cannot fail"), expected, "f64.{name} {what}");
                    }
                }
            }
        }
    }
}
