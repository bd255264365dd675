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

/// The greater of a and b; a where they do not compare.
#[inline(always)]
pub fn greater<const L: usize>(a: Lanes<L>, b: Lanes<L>) -> Lanes<L> {
    from_fn(|k| if b[k] > a[k] { b[k] } else { a[k] })
}

/// The sum of all lanes, from the first to the last.
///
/// Never inlined: summed up in place, the lanes would no longer stay together in a vector in the loop before.
#[inline(never)]
pub fn total<const L: usize>(lanes: &Lanes<L>) -> f64 {
    lanes.iter().sum()
}

/// The first values, filled up by zeros.
pub fn filled<const L: usize>(values: &[f64]) -> Lanes<L> {
    from_fn(|k| values.get(k).copied().unwrap_or_default())
}
