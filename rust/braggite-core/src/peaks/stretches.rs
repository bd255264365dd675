//! Where in a long spectrum it is worth to look at single points.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use std::ops::Range;

use crate::dispatch::{Kernel, dispatch};

/// Points that are looked at together.
const PART: usize = 8;

/// Ascending stretches, a few points long or more, outside which no pair of `values` and `others` stands `out`.
pub fn stretches(values: &[f64], others: &[f64], out: impl Fn(f64, f64) -> bool) -> Vec<Range<usize>> {
    dispatch(Search { values, others, out })
}

struct Search<'a, F> {
    values: &'a [f64],
    others: &'a [f64],
    out: F,
}

impl<F: Fn(f64, f64) -> bool> Kernel for Search<'_, F> {
    type Output = Vec<Range<usize>>;

    #[inline(always)]
    fn run(self) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let parts = self.values.chunks(PART).zip(self.others.chunks(PART));
        for (part, (values, others)) in parts.enumerate() {
            // without a way out at each pair the loop runs in vectors
            if values.iter().zip(others).fold(false, |any, (a, b)| any | (self.out)(*a, *b)) {
                let from = PART * part;
                match found.last_mut() {
                    Some(last) if last.end == from => last.end += values.len(),
                    _ => found.push(from..from + values.len()),
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;
    use crate::dispatch::chosen::with_each;

    #[test]
    fn no_point_that_stands_out_is_passed_over() {
        let (values, others) = (normal(47, 1003), normal(48, 1003));
        let out = |a: f64, b: f64| a > 2.0 + b;
        let results = with_each(|| stretches(&values, &others, out));
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
        let inside: Vec<usize> = results[0].iter().cloned().flatten().collect();
        assert!(inside.is_sorted_by(|a, b| a < b) && inside.len() < 900 && inside.iter().all(|i| *i < 1003));
        assert!((0..1003).all(|i| !out(values[i], others[i]) || inside.binary_search(&i).is_ok()));
    }
}
