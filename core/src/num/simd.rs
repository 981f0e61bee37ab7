//! Vectors: the lanes of a `v128`, as pure functions over `u128`.
//!
//! Lane 0 is in the lowest bits, so a `u128` is the vector's 16 bytes read as little-endian.
