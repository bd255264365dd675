//! One family of shapes with its parameters set: what a family must say, and what follows from that.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use crate::dispatch::{Kernel, dispatch};
use crate::lineshape::search;

/// What can be computed point by point; `K` is two more than the number of parameters.
pub trait Pointwise<const K: usize>: Copy {
    /// Value, derivative to the centre and derivatives to the parameters at `offset` from the centre.
    fn at(&self, offset: f64) -> [f64; K];
}

/// A line with its parameters set.
pub trait Profile<const K: usize>: Pointwise<K> {
    /// A length of the order of the width.
    fn scale(&self) -> f64;

    /// Offset of the maximum.
    fn mode(&self) -> f64 {
        0.0
    }

    /// Maximum and its derivatives to the parameters.
    fn height(&self, gradient: &mut [f64]) -> f64 {
        // At a maximum its own movement does not count.
        let top = self.at(self.mode());
        gradient.copy_from_slice(&top[2..]);
        top[0]
    }

    /// Full width at half maximum and its derivatives to the parameters.
    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        search::fwhm(self, gradient)
    }

    /// Distances below and above the centre outside which the value is below `tail` times the maximum.
    fn reach(&self, tail: f64) -> (f64, f64) {
        search::reach(self, tail)
    }

    /// Area, None where it is infinite; such lines have unit height.
    fn area(&self) -> Option<f64> {
        Some(1.0)
    }

    /// Area between two finite offsets from the centre.
    fn area_between(&self, from: f64, to: f64) -> f64 {
        search::area(self, from, to)
    }

    /// Write value and derivatives over the ascending points `x`.
    fn fill(&self, x: &[f64], centre: f64, columns: [&mut [f64]; K]) {
        fill(*self, x, centre, columns);
    }

    /// Add `scale` times the values over the ascending points `x` to `target`.
    fn add_values(&self, x: &[f64], centre: f64, scale: f64, target: &mut [f64]) {
        add(*self, x, centre, scale, target);
    }
}

/// Write value and derivatives over the points `x`.
pub fn fill<const K: usize, P: Pointwise<K>>(profile: P, x: &[f64], centre: f64, columns: [&mut [f64]; K]) {
    dispatch(Fill { profile, x, centre, columns });
}

/// Add `scale` times the values over the points `x` to `target`.
pub fn add<const K: usize, P: Pointwise<K>>(profile: P, x: &[f64], centre: f64, scale: f64, target: &mut [f64]) {
    dispatch(Add::<K, P> { profile, x, centre, scale, target });
}

/// The columns before and from point `at` on.
pub fn split_columns<const K: usize>(columns: [&mut [f64]; K], at: usize) -> ([&mut [f64]; K], [&mut [f64]; K]) {
    let mut before = std::array::from_fn(|_| <&mut [f64]>::default());
    let mut after = std::array::from_fn(|_| <&mut [f64]>::default());
    for (k, column) in columns.into_iter().enumerate() {
        (before[k], after[k]) = column.split_at_mut(at);
    }
    (before, after)
}

/// Points taken together, so that the loop over them becomes vector code.
const LANES: usize = 8;

struct Fill<'a, const K: usize, P> {
    profile: P,
    x: &'a [f64],
    centre: f64,
    columns: [&'a mut [f64]; K],
}

impl<const K: usize, P: Pointwise<K>> Fill<'_, K, P> {
    #[inline(always)]
    fn block(&self, x: [f64; LANES]) -> [[f64; LANES]; K] {
        let mut rows = [[0.0; LANES]; K];
        for lane in 0..LANES {
            let point = self.profile.at(x[lane] - self.centre);
            for k in 0..K {
                rows[k][lane] = point[k];
            }
        }
        rows
    }
}

impl<const K: usize, P: Pointwise<K>> Kernel for Fill<'_, K, P> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let blocks = self.x.chunks_exact(LANES);
        let (rest, done) = (blocks.remainder(), self.x.len() - blocks.remainder().len());
        let mut x = [0.0; LANES];
        for (i, block) in blocks.enumerate() {
            x.copy_from_slice(block);
            let rows = self.block(x);
            for (column, row) in self.columns.iter_mut().zip(&rows) {
                column[i * LANES..][..LANES].copy_from_slice(row);
            }
        }
        if !rest.is_empty() {
            x = [rest[0]; LANES];
            x[..rest.len()].copy_from_slice(rest);
            let rows = self.block(x);
            for (column, row) in self.columns.iter_mut().zip(&rows) {
                column[done..].copy_from_slice(&row[..rest.len()]);
            }
        }
    }
}

struct Add<'a, const K: usize, P> {
    profile: P,
    x: &'a [f64],
    centre: f64,
    scale: f64,
    target: &'a mut [f64],
}

impl<const K: usize, P: Pointwise<K>> Kernel for Add<'_, K, P> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (sum, &position) in self.target.iter_mut().zip(self.x) {
            *sum += self.scale * self.profile.at(position - self.centre)[0];
        }
    }
}
