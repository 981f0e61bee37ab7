//! Programs out of the instruction table: for an op, Wasm text that becomes it, in every form
//! that it has.
//!
//! A *site* is an expression or a statement with places for operands. Filled with locals, the op
//! reads slots; with something just computed, it reads an accumulator; and if the next operator
//! takes the result at once, that need not be in a slot.

use std::fmt::Write;
use wasmscope_core::isa::{OpInfo, OperandType, Role};

/// Where an op can stand.
pub(super) struct Site {
    /// The types of its operands, in the order in which the op names what it reads.
    ins: Vec<&'static str>,
    /// The type of its value, if it is an expression.
    out: Option<&'static str>,
    /// Its text; `{0}`, `{1}` … are the operands.
    text: String,
}

impl Site {
    fn new(ins: &[&'static str], out: Option<&'static str>, text: impl Into<String>) -> Site {
        Site { ins: ins.to_vec(), out, text: text.into() }
    }

    fn with(&self, operands: &[String]) -> String {
        let fill = |text: String, (n, operand): (usize, &String)| text.replace(&format!("{{{n}}}"), operand);
        operands.iter().enumerate().fold(self.text.clone(), fill)
    }
}

/// A scalar number type in text.
fn ty(ty: OperandType) -> Option<&'static str> {
    Some(match ty {
        OperandType::I32 => "i32",
        OperandType::I64 => "i64",
        OperandType::F32 => "f32",
        OperandType::F64 => "f64",
        OperandType::V128 => "v128",
        _ => return None,
    })
}

/// The operator's name in text, of an op named after one.
pub(super) fn operator(op: &OpInfo) -> String {
    let name = op.name.trim_end_matches("_at").trim_end_matches("_imm").replacen('_', ".", 1);
    // With the constant on the left.
    name.replace(".rsub", ".sub").replace(".rdiv", ".div")
}

/// Where the op can stand, if it is one whose values can be in accumulators; one of them at least
/// is in the place that its name says.
pub(super) fn sites(op: &OpInfo) -> Vec<Site> {
    if let Some(sites) = several(op) {
        return sites;
    }
    if let Some(site) = comparing(op).or_else(|| access(op)).or_else(|| numeric(op)) {
        return vec![site];
    }
    Vec::new()
}

/// Ops that stand for several operators, or for one whose operands are of any type.
fn several(op: &OpInfo) -> Option<Vec<Site>> {
    let i32s = ["i32", "i32"];
    Some(match op.name {
        "i32_add_shl" => vec![
            Site::new(&i32s, Some("i32"), "(i32.add {0} (i32.shl {1} (i32.const 2)))"),
            Site::new(&[i32s[1], i32s[0]], Some("i32"), "(i32.add (i32.shl {0} (i32.const 35)) {1})"),
        ],
        "i32_bits" => {
            vec![
                Site::new(
                    &["i32"],
                    Some("i32"),
                    "(i32.and (i32.shr_u (i32.sub {0} (i32.const 77)) (i32.const 37)) (i32.const -2))",
                ),
                Site::new(&["i32"], Some("i32"), "(i32.and (i32.shr_u {0} (i32.const 1)) (i32.const 255))"),
            ]
        }
        "f64_mul_add" => vec![
            Site::new(&["f64"; 3], Some("f64"), "(f64.add {2} (f64.mul {0} {1}))"),
            Site::new(&["f64"; 3], Some("f64"), "(f64.add (f64.mul {0} {1}) {2})"),
        ],
        "select" => vec![Site::new(&["i32", "i64", "i64"], Some("i64"), "(select {1} {2} {0})")],
        "copy" => vec![Site::new(&["i32"], None, "(local.set $x {0}) (local.set $z (local.tee $x {0}))")],
        "f32_const" | "f64_const" => {
            let ty = &op.name[..3];
            // A constant that no op can hold.
            vec![Site::new(&[], Some(leak(ty)), format!("({ty}.const 5)"))]
        }
        "global_get" => vec![Site::new(&[], Some("i32"), "(global.get $g)")],
        "global_set" => vec![Site::new(&["i32"], None, "(global.set $g {0})")],
        "br_if" => vec![Site::new(&["i32"], None, "(block (br_if 0 {0}) (local.set $x (i32.const 1)))")],
        "br_unless" => vec![Site::new(&["i32"], None, "(if {0} (then (local.set $x (i32.const 1))))")],
        "br_table" => {
            vec![Site::new(&["i32"], None, "(block (block (br_table 0 1 {0})) (local.set $x (i32.const 1)))")]
        }
        "ret_value" => vec![Site::new(&["i32"], None, "(drop (call $id {0})) (drop (call $or {0}))")],
        name => {
            let (family, rest) = name.split_once("_")?;
            let constant = |text: &str| format!("({family}.const {text})");
            let (ins, text) = match rest {
                "select" => (3, "(select {1} {2} {0})".to_owned()),
                "select_imm" => (2, format!("(select {{1}} {} {{0}})", constant("-3"))),
                "rselect_imm" => (2, format!("(select {} {{1}} {{0}})", constant("-3"))),
                "select_imms" => (1, format!("(select {} {} {{0}})", constant("-3"), constant("6"))),
                _ => return None,
            };
            let family = leak(family);
            vec![Site::new(&["i32", family, family][..ins], Some(family), text)]
        }
    })
}

/// The names of the number types, which live as long as the program.
fn leak(name: &str) -> &'static str {
    ["i32", "i64", "f32", "f64"].into_iter().find(|known| *known == name).expect("a number type")
}

/// A branch that compares.
fn comparing(op: &OpInfo) -> Option<Site> {
    let name = op.name.strip_prefix("br_")?;
    let family = ["i32", "i64", "f32", "f64"].into_iter().find(|ty| name.starts_with(&format!("{ty}_")))?;
    let (rhs, ins): (String, &[_]) = match name.ends_with("_imm") {
        true => (format!("({family}.const 3)"), &[family]),
        false => ("{1}".into(), &[family, family]),
    };
    let name = name.trim_end_matches("_imm").replacen('_', ".", 1);
    let condition = match name.as_str() {
        "i32.nand" => format!("(i32.eqz (i32.and {{0}} {rhs}))"),
        name if name.contains(".not_") => format!("(i32.eqz ({} {{0}} {rhs}))", name.replace("not_", "")),
        name => format!("({name} {{0}} {rhs})"),
    };
    Some(Site::new(ins, None, format!("(block (br_if 0 {condition}) (local.set $x (i32.const 1)))")))
}

/// A load or store: of memory 0 or, for an op that names its memory, of another.
pub(super) fn access(op: &OpInfo) -> Option<Site> {
    let (family, action) = op.name.split_once('_')?;
    let is_load = action.starts_with("load");
    if !is_load && !action.starts_with("store") {
        return None;
    }
    let far = op.name.ends_with("_at");
    let (memory, addr) = if far { ("$far", "i64") } else { ("", "i32") };
    let lane = if action.contains("lane") { "1" } else { "" };
    let constant = format!("({family}.const 6)");
    let family = ["i32", "i64", "f32", "f64", "v128"].into_iter().find(|known| *known == family)?;
    let (value, ins): (_, &[_]) = match (op.name.ends_with("_imm"), is_load, lane) {
        (true, ..) => (constant.as_str(), &[addr]),
        (_, true, "") => ("", &[addr]),
        _ => ("{1}", &[addr, family]),
    };
    let text = format!("({} {memory} offset=9 {lane} {{0}} {value})", operator(op));
    Some(Site::new(ins, is_load.then_some(family), text))
}

/// An op of a numeric or vector family.
fn numeric(op: &OpInfo) -> Option<Site> {
    let family = op.name.split('_').next()?;
    let numeric = ["i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"];
    if !numeric.contains(&family) {
        return None;
    }
    let (mut ins, mut out, mut lane, mut constants) = (Vec::new(), None, "", ["", ""].map(String::from));
    for operand in op.operands {
        match operand.role {
            Role::Out if out.is_some() => return None,
            Role::Out => out = Some(ty(operand.ty)?),
            Role::In => ins.push(ty(operand.ty)?),
            Role::Imm if operand.name == "lane" => lane = "1",
            Role::Imm if operand.name == "lanes" => lane = "0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31",
            Role::Imm if op.name.ends_with("_const") => {
                lane = if op.name.starts_with("v128") { "i64x2 5 6" } else { "5" };
            }
            Role::Imm => constants[usize::from(operand.name != "lhs")] = format!("({family}.const 3)"),
            _ => return None,
        }
    }
    let mut operands = String::new();
    for n in 0..ins.len() {
        write!(operands, " {{{n}}}").ok()?;
    }
    let [before, behind] = constants;
    Some(Site::new(&ins, out, format!("({} {lane} {before}{operands}{behind})", operator(op))))
}

/// What makes an op's value be in an accumulator, and nowhere else if it is read at once.
fn computed(ty: &str) -> String {
    match ty {
        "i32" | "i64" => format!("({ty}.or (local.get ${ty}) ({ty}.const 1))"),
        "v128" => "(v128.not (local.get $v128))".into(),
        _ => format!("({ty}.add (local.get ${ty}) (local.get ${ty}))"),
    }
}

/// A site in the ways that make these forms of its op, one to a line. With `places`, what it
/// computes goes to a place of its own in memory.
pub(super) fn ways(site: &Site, forms: &[u8], mut places: Option<&mut u32>) -> String {
    let mut text = String::new();
    let locals: Vec<String> = site.ins.iter().map(|ty| format!("(local.get ${ty})")).collect();
    let mut stored = |ty: &str, local: &str| {
        let Some(place) = places.as_deref_mut() else { return String::new() };
        let store = format!(" ({ty}.store (i32.const {place}) (local.get ${local}))");
        *place += 16;
        store
    };
    // From slots; the first value from the accumulator; the second.
    for (form, fresh) in [(0, usize::MAX), (1, 0), (2, 1)].into_iter().filter(|it| forms.contains(&it.0)) {
        let mut operands = locals.clone();
        if let Some(operand) = operands.get_mut(fresh) {
            *operand = computed(site.ins[fresh]);
        }
        let value = site.with(&operands);
        let Some(out) = site.out else {
            let _ = writeln!(text, "(local.set $x (i32.const 0)) {value}{}", stored("i32", "x"));
            continue;
        };
        let mut values = vec![value];
        if forms.contains(&(form | 4)) {
            // Read at once, by an op that has no constants.
            values.push(match out {
                "i32" | "i64" => format!("({out}.rotl {} (local.get ${out}))", values[0]),
                _ => format!("({out}.min (local.get ${out}) {})", values[0]),
            });
        }
        for value in values {
            let _ = writeln!(text, "(local.set $o{out} {value}){}", stored(out, &format!("o{out}")));
        }
    }
    text
}
