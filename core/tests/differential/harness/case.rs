//! A case, and what is seen of its run.

use super::host::HostState;
use super::rng::Rng;

/// The bytes of one memory, at most. More is refused, by both engines.
pub const MEMORY_BYTES: u64 = 1 << 23;
/// The elements of one table, at most.
pub const TABLE_ELEMENTS: u64 = 1 << 14;
/// Calls made of one module.
const MOST_CALLS: usize = 24;
/// What the exported global `fuel` is set to before each call.
pub const FUEL: i32 = 150;

/// A module, and how to use it.
pub struct Case {
    /// The module.
    pub wasm: Vec<u8>,
    /// What the calls and their arguments follow from.
    pub seed: u64,
    /// Whether wasmi knows all that the module uses.
    pub oracle: bool,
}

impl Case {
    /// Whether host functions may find something to call.
    pub fn calls_back(&self) -> bool {
        self.wasm.windows(5).any(|window| window == b"\x04back")
    }
}

/// A type of value; references are only told from null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
    Extern,
    /// One that only our engine knows, and nobody outside makes.
    Other,
}

/// A value, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    /// Whether it is null.
    Func(bool),
    Extern(Option<u32>),
    Other(bool),
}

impl Value {
    /// What a host makes of some bits where a value of this type is wanted.
    pub fn of(ty: Type, bits: u64) -> Value {
        match ty {
            Type::I32 => Value::I32(bits as i32),
            Type::I64 => Value::I64(bits as i64),
            // Numbers a program may have seen before, and any bits.
            Type::F32 if bits & 3 != 0 => Value::F32(((bits as i16) as f32 / 4.0).to_bits()),
            Type::F32 => Value::F32((bits >> 16) as u32),
            Type::F64 if bits & 3 != 0 => Value::F64(((bits as i32) as f64 / 4.0).to_bits()),
            Type::F64 => Value::F64(bits),
            Type::V128 => Value::V128((bits as u128) << 64 | super::rng::mix(bits) as u128),
            Type::Func => Value::Func(true),
            Type::Extern => Value::Extern((bits & 1 == 1).then_some((bits >> 1) as u32 & 0xffff)),
            Type::Other => Value::Other(true),
        }
    }

    /// Some of its bits.
    pub fn bits(self) -> u64 {
        match self {
            Value::I32(value) => value as u32 as u64,
            Value::I64(value) => value as u64,
            Value::F32(bits) => bits as u64,
            Value::F64(bits) => bits,
            Value::V128(bits) => bits as u64 ^ super::rng::mix((bits >> 64) as u64),
            Value::Func(null) | Value::Other(null) => null as u64,
            Value::Extern(value) => value.map_or(u64::MAX, u64::from),
        }
    }
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It returned these.
    Returned(Vec<Value>),
    /// It trapped: the specification's words.
    Trap(String),
    /// A host function failed.
    Host,
    /// Something of the engine's own.
    Other(String),
}

impl End {
    pub fn returned(&self) -> bool {
        matches!(self, End::Returned(_))
    }
}

/// The state at one moment, as far as exports show it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Look {
    /// Exported globals, by name.
    pub globals: Vec<(String, Value)>,
    /// Exported memories: length, and a hash of the bytes.
    pub memories: Vec<(String, u64, u64)>,
    /// Exported tables: length, and a hash of which elements are null.
    pub tables: Vec<(String, u64, u64)>,
    /// What the host remembers.
    pub host: HostState,
}

/// What is seen of a run: of instantiation and of each call.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Seen {
    pub ends: Vec<End>,
    pub looks: Vec<Look>,
}

impl Seen {
    /// Whether something ended by this trap.
    pub fn ended_by(&self, trap: &str) -> bool {
        self.ends.iter().any(|end| matches!(end, End::Trap(text) if text == trap))
    }

    /// The first difference, in words.
    pub fn difference(&self, other: &Seen) -> Option<String> {
        for at in 0..self.ends.len().max(other.ends.len()) {
            let (a, b) = (self.ends.get(at), other.ends.get(at));
            if a != b {
                return Some(format!("operation {at} ends with {a:x?} and {b:x?}"));
            }
            let (Some(a), Some(b)) = (self.looks.get(at), other.looks.get(at)) else { continue };
            for (a, b) in a.globals.iter().zip(&b.globals) {
                if a != b {
                    return Some(format!("after operation {at} a global is {a:x?} and {b:x?}"));
                }
            }
            if a != b {
                let (mut a, mut b) = (a.clone(), b.clone());
                (a.globals, b.globals) = Default::default();
                return Some(format!("after operation {at} there is {a:x?} and {b:x?}"));
            }
        }
        None
    }
}

/// A function that can be called: its name and parameters.
pub type Callable = (String, Vec<Type>);

/// The calls of a case: which of these functions, with what.
pub fn calls(seed: u64, functions: &[Callable]) -> Vec<(usize, Vec<Value>)> {
    let mut rng = Rng::new(seed);
    if functions.is_empty() {
        return Vec::new();
    }
    let rounds = 1 + rng.below(3) as usize;
    let first = rng.below(functions.len() as u64) as usize;
    let all = (0..functions.len() * rounds).map(|at| (first + at) % functions.len());
    all.take(MOST_CALLS)
        .map(|at| (at, functions[at].1.iter().map(|&ty| argument(&mut rng, ty)).collect()))
        .collect()
}

/// An argument: often one with a meaning.
fn argument(rng: &mut Rng, ty: Type) -> Value {
    const SMALL: [i64; 14] = [0, 1, 2, 3, 5, 7, 8, 10, 31, 63, 100, 255, 4096, 65535];
    const EDGE: [i64; 8] =
        [-1, -2, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN, u32::MAX as i64, 1 << 33];
    let number = match rng.below(4) {
        0 | 1 => SMALL[rng.below(SMALL.len() as u64) as usize],
        2 => EDGE[rng.below(EDGE.len() as u64) as usize],
        _ => rng.next() as i64,
    };
    match ty {
        Type::F32 if rng.below(3) > 0 => Value::F32((number as f32 * 0.5).to_bits()),
        Type::F64 if rng.below(3) > 0 => Value::F64((number as f64 * 0.5).to_bits()),
        Type::F32 => {
            Value::F32([0x7fc0_0000, 0xff80_0000, 0x8000_0000, 1, rng.next() as u32][rng.below(5) as usize])
        }
        Type::F64 => {
            Value::F64([f64::NAN.to_bits(), 0xfff0 << 48, 1 << 63, 1, rng.next()][rng.below(5) as usize])
        }
        Type::V128 => Value::V128((rng.next() as u128) << 64 | number as u64 as u128),
        ty => Value::of(ty, number as u64),
    }
}

/// A hash for looks.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    for &byte in chunks.remainder() {
        hash = (hash.rotate_left(5) ^ byte as u64).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    super::rng::mix(hash)
}
