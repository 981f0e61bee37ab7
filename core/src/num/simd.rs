//! Vectors: the lanes of a `v128`, as pure functions over `u128`. The operator's name is the function's name.
//!
//! ```text
//! u128   bits 127 ······························ 0
//! i8x16  lane  15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0
//! i32x4  lane   3           2         1       0
//! ```
//!
//! Lane 0 is in the lowest bits, so a `u128` is the vector's 16 bytes read as little-endian. A function takes lanes
//! apart into an array, works on each, and puts them together. Of most of them the compiler makes vector instructions;
//! where it does not, or not in every build, x86-64 has functions of its own (`x86`), with the same results.
//!
//! Always: float arithmetic makes canonical NaNs, as for scalars; `pmin`, `pmax`, `abs` and `neg` keep bits. Relaxed
//! operators take the specification's deterministic choice (`relaxed`). A comparison's lane is all ones or zero.
//! Elsewhere: loads and stores themselves (`handlers`); what a load does with the loaded bits is here (`lanes`).

mod float;
mod int;
mod lanes;
mod relaxed;
mod widen;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

pub use float::*;
pub use int::*;
pub use lanes::*;
pub use relaxed::*;
pub use widen::*;

#[cfg(test)]
mod tests;

/// Takes a vector apart and puts it together, for each type of lane.
macro_rules! shapes {
    ($($take:ident $put:ident: [$lane:ident; $count:literal];)*) => {$(
        #[inline(always)]
        fn $take(vector: u128) -> [$lane; $count] {
            const SIZE: usize = size_of::<$lane>();
            let bytes = vector.to_le_bytes();
            std::array::from_fn(|lane| {
                $lane::from_le_bytes(std::array::from_fn(|byte| bytes[lane * SIZE + byte]))
            })
        }
        #[inline(always)]
        fn $put(lanes: [$lane; $count]) -> u128 {
            const SIZE: usize = size_of::<$lane>();
            let mut bytes = [0; 16];
            for (lane, value) in lanes.into_iter().enumerate() {
                bytes[lane * SIZE..][..SIZE].copy_from_slice(&value.to_le_bytes());
            }
            u128::from_le_bytes(bytes)
        }
    )*};
}

shapes! {
    take_i8 put_i8: [i8; 16];
    take_u8 put_u8: [u8; 16];
    take_i16 put_i16: [i16; 8];
    take_u16 put_u16: [u16; 8];
    take_i32 put_i32: [i32; 4];
    take_u32 put_u32: [u32; 4];
    take_i64 put_i64: [i64; 2];
    take_u64 put_u64: [u64; 2];
    take_f32 put_f32: [f32; 4];
    take_f64 put_f64: [f64; 2];
}

/// Functions that work on each lane alone.
macro_rules! unary {
    ($take:ident $put:ident: $($(#[$doc:meta])* $name:ident = |$a:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(a: u128) -> u128 {
            $put($take(a).map(|$a| $body))
        }
    )*};
}

/// Functions that work on each pair of lanes alone.
macro_rules! binary {
    ($take:ident $put:ident: $($(#[$doc:meta])* $name:ident = |$a:ident, $b:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(a: u128, b: u128) -> u128 {
            let (a, b) = ($take(a), $take(b));
            $put(std::array::from_fn(|lane| {
                let ($a, $b) = (a[lane], b[lane]);
                $body
            }))
        }
    )*};
}

use {binary, unary};
