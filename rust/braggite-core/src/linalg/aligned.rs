//! Rows of numbers that begin where a vector register's worth of memory begins.

use std::ops::{Deref, DerefMut};

use super::lanes::Lanes;

/// Bytes of the widest register, and of a cache line: vectors that straddle two cost twice.
const BOUNDARY: usize = 64;
const NUMBERS: usize = BOUNDARY / size_of::<f64>();

/// A boxed slice of lanes that begins at such a boundary; L must divide 8.
#[derive(Debug, Clone)]
pub struct Aligned<const L: usize> {
    numbers: Vec<f64>,
    from: usize,
}

impl<const L: usize> Aligned<L> {
    /// `n` times `value`.
    pub fn new(value: f64, n: usize) -> Self {
        let mut numbers = vec![value; n * L + NUMBERS - 1];
        let from = numbers.as_ptr().align_offset(BOUNDARY).min(NUMBERS - 1);
        numbers.truncate(from + n * L);
        Self { numbers, from }
    }
}

impl<const L: usize> Deref for Aligned<L> {
    type Target = [Lanes<L>];

    fn deref(&self) -> &Self::Target {
        self.numbers[self.from..].as_chunks().0
    }
}

impl<const L: usize> DerefMut for Aligned<L> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.numbers[self.from..].as_chunks_mut().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_at_a_boundary_with_what_was_asked_for() {
        for n in [0, 1, 7, 4000] {
            let aligned = Aligned::<4>::new(2.5, n);
            assert_eq!(*aligned, *vec![[2.5; 4]; n]);
            assert_eq!(aligned.as_ptr() as usize % BOUNDARY, 0);
        }
    }
}
