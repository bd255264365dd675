//! Arithmetic on several numbers at once: arrays so short that the compiler keeps them in vector registers.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use std::array::from_fn;

/// L numbers that go the same way side by side.
pub type Lanes<const L: usize> = [f64; L];

/// a + b.
#[inline(always)]
pub fn plus<const L: usize>(a: Lanes<L>, b: Lanes<L>) -> Lanes<L> {
    from_fn(|k| a[k] + b[k])
}

/// a - b.
#[inline(always)]
pub fn minus<const L: usize>(a: Lanes<L>, b: Lanes<L>) -> Lanes<L> {
    from_fn(|k| a[k] - b[k])
}

/// a b.
#[inline(always)]
pub fn times<const L: usize>(a: Lanes<L>, b: Lanes<L>) -> Lanes<L> {
    from_fn(|k| a[k] * b[k])
}

/// The lesser of a and b; a where they do not compare.
#[inline(always)]
pub fn lesser<const L: usize>(a: Lanes<L>, b: Lanes<L>) -> Lanes<L> {
    from_fn(|k| if b[k] < a[k] { b[k] } else { a[k] })
}
