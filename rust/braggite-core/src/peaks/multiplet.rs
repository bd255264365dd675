//! Neighbouring lines of one width and one mixing over a level: their curve, and all products of its derivatives.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use std::f64::consts::LN_2;

use crate::dispatch::{Kernel, dispatch};
use crate::exponential::exp;

/// Most lines fitted together.
pub const MOST_LINES: usize = 6;
/// Unknowns beside position and height of each line: level, ln of the width, mixing.
pub const SHARED: usize = 3;
pub const LEVEL: usize = 0;
pub const LN_WIDTH: usize = 1;
pub const MIXING: usize = 2;
/// Points whose shapes are computed side by side.
const LANES: usize = 8;
type Lanes = [f64; LANES];

/// One line.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Line {
    pub at: f64,
    pub height: f64,
}

/// Pseudo-Voigts of one width and mixing over a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Multiplet {
    pub lines: Vec<Line>,
    pub fwhm: f64,
    pub mixing: f64,
    pub level: f64,
}

impl Multiplet {
    /// Level, ln of the width, mixing; then position and height of each line.
    pub fn unknowns(&self) -> Vec<f64> {
        let shared = [self.level, self.fwhm.ln(), self.mixing];
        shared.into_iter().chain(self.lines.iter().flat_map(|line| [line.at, line.height])).collect()
    }

    /// The inverse of [`Multiplet::unknowns`].
    pub fn of(unknowns: &[f64]) -> Self {
        let lines = unknowns[SHARED..].chunks_exact(2).map(|pair| Line { at: pair[0], height: pair[1] });
        let (level, mixing) = (unknowns[LEVEL], unknowns[MIXING]);
        Self { lines: lines.collect(), fwhm: unknowns[LN_WIDTH].exp(), mixing, level }
    }

    /// Take the lines, without their level, off `y`.
    pub fn remove(&self, x: &[f64], y: &mut [f64]) {
        dispatch(Removal { multiplet: self, x, y });
    }
}

struct Removal<'a> {
    multiplet: &'a Multiplet,
    x: &'a [f64],
    y: &'a mut [f64],
}

impl Kernel for Removal<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Multiplet { lines, fwhm, mixing, .. } = self.multiplet;
        let per_width = 1.0 / fwhm;
        for line in lines {
            for (y, x) in self.y.iter_mut().zip(self.x) {
                *y -= line.height * shape((x - line.at) * per_width, *mixing).0;
            }
        }
    }
}

/// Shape at `u` widths from its top, its derivative by `u`, and its derivative by the mixing.
#[inline(always)]
fn shape(u: f64, mixing: f64) -> (f64, f64, f64) {
    let lorentz = 1.0 / (1.0 + 4.0 * u * u);
    let gauss = exp(-4.0 * LN_2 * u * u);
    let value = mixing * lorentz + (1.0 - mixing) * gauss;
    let slope = -8.0 * u * (mixing * lorentz * lorentz + LN_2 * (1.0 - mixing) * gauss);
    (value, slope, lorentz - gauss)
}

/// Points in the order of the lanes, the last ones filled up without weight.
#[derive(Debug, Default)]
pub struct WeightedPoints {
    x: Vec<Lanes>,
    y: Vec<Lanes>,
    root_weight: Vec<Lanes>,
}

impl WeightedPoints {
    /// Take the place of what was held before.
    pub fn set(&mut self, x: &[f64], y: &[f64], variance: &[f64]) {
        let last = x.last().copied().unwrap_or_default();
        in_lanes(&mut self.x, x, last, |x| x);
        in_lanes(&mut self.y, y, 0.0, |y| y);
        in_lanes(&mut self.root_weight, variance, 0.0, |v| v.sqrt().recip());
    }
}

fn in_lanes(lanes: &mut Vec<Lanes>, values: &[f64], beyond: f64, of: impl Fn(f64) -> f64) {
    lanes.clear();
    lanes.extend(values.chunks(LANES).map(|values| {
        let mut chunk = [beyond; LANES];
        chunk.iter_mut().zip(values).for_each(|(lane, value)| *lane = of(*value));
        chunk
    }));
}

/// Sums over points of the products of a multiplet's derivatives and (last) its residuals, in units of the noise.
#[derive(Debug, Default)]
pub struct Products {
    columns: Vec<Lanes>,
    sums: Vec<f64>,
    unknowns: usize,
}

impl Products {
    pub fn evaluate(&mut self, points: &WeightedPoints, unknowns: &[f64]) {
        self.unknowns = unknowns.len();
        let order = unknowns.len() + 1;
        self.columns.resize(order * points.x.len(), [0.0; LANES]);
        self.sums.resize(order * order, 0.0);
        dispatch(Evaluation { points, unknowns, columns: &mut self.columns, sums: &mut self.sums });
    }

    /// Sum of the squared residuals.
    pub fn chi_squared(&self) -> f64 {
        self.sums[self.sums.len() - 1]
    }

    /// Derivative of the curve by unknown `i` times the residual.
    pub fn descent(&self, i: usize) -> f64 {
        self.between(i, self.unknowns)
    }

    /// Product of the derivatives by the unknowns `i` and `j`, `j` not before `i`.
    pub fn between(&self, i: usize, j: usize) -> f64 {
        self.sums[i * (self.unknowns + 1) + j]
    }
}

struct Evaluation<'a> {
    points: &'a WeightedPoints,
    unknowns: &'a [f64],
    columns: &'a mut [Lanes],
    sums: &'a mut [f64],
}

impl Kernel for Evaluation<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { points, unknowns, columns, sums } = self;
        let chunks = points.x.len();
        derivatives(points, unknowns, columns);
        let order = unknowns.len() + 1;
        for i in 0..order {
            let one = &columns[i * chunks..(i + 1) * chunks];
            for j in i..order {
                sums[i * order + j] = dot(one, &columns[j * chunks..(j + 1) * chunks]);
            }
        }
    }
}

/// One column an unknown, and the residuals last.
#[inline(always)]
fn derivatives(points: &WeightedPoints, unknowns: &[f64], columns: &mut [Lanes]) {
    let chunks = points.x.len();
    let (level, per_width, mixing) = (unknowns[LEVEL], (-unknowns[LN_WIDTH]).exp(), unknowns[MIXING]);
    for c in 0..chunks {
        let (x, root) = (&points.x[c], &points.root_weight[c]);
        let mut residual = points.y[c].map(|y| y - level);
        let (mut by_width, mut by_mixing) = ([0.0; LANES], [0.0; LANES]);
        for (k, line) in unknowns[SHARED..].chunks_exact(2).enumerate() {
            let (at, height) = (line[0], line[1]);
            let (mut by_at, mut by_height) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let u = (x[lane] - at) * per_width;
                let (value, slope, towards_lorentz) = shape(u, mixing);
                residual[lane] -= height * value;
                by_width[lane] -= height * slope * u;
                by_mixing[lane] += height * towards_lorentz;
                by_at[lane] = -height * slope * per_width * root[lane];
                by_height[lane] = value * root[lane];
            }
            columns[(SHARED + 2 * k) * chunks + c] = by_at;
            columns[(SHARED + 2 * k + 1) * chunks + c] = by_height;
        }
        for lane in 0..LANES {
            residual[lane] *= root[lane];
            by_width[lane] *= root[lane];
            by_mixing[lane] *= root[lane];
        }
        columns[LEVEL * chunks + c] = *root;
        columns[LN_WIDTH * chunks + c] = by_width;
        columns[MIXING * chunks + c] = by_mixing;
        columns[unknowns.len() * chunks + c] = residual;
    }
}

#[inline(always)]
fn dot(a: &[Lanes], b: &[Lanes]) -> f64 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dispatch::chosen::with_each;

    pub fn multiplet(lines: &[(f64, f64)]) -> Multiplet {
        let lines = lines.iter().map(|(at, height)| Line { at: *at, height: *height }).collect();
        Multiplet { lines, fwhm: 0.14, mixing: 0.35, level: 0.2 }
    }

    /// Fifty points, so that the last lanes are filled up.
    pub fn axis() -> Vec<f64> {
        (0..50).map(|i| -0.5 + 0.02 * f64::from(i)).collect()
    }

    pub fn curve(x: &[f64], multiplet: &Multiplet) -> Vec<f64> {
        let mut negative = vec![0.0; x.len()];
        multiplet.remove(x, &mut negative);
        negative.iter().map(|v| multiplet.level - v).collect()
    }

    fn two_lines() -> (WeightedPoints, Vec<f64>, Vec<f64>, Vec<f64>) {
        let x = axis();
        let y: Vec<f64> = x.iter().map(|x| 50.0 - 20.0 * x).collect();
        let variance: Vec<f64> = (0..50).map(|i| 1.0 + 0.1 * f64::from(i)).collect();
        let mut points = WeightedPoints::default();
        points.set(&x, &y, &variance);
        (points, x, y, variance)
    }

    #[test]
    fn products_agree_with_differences_of_the_curve() {
        let (points, x, y, variance) = two_lines();
        let unknowns = multiplet(&[(-0.05, 90.0), (0.11, 60.0)]).unknowns();
        let mut products = Products::default();
        products.evaluate(&points, &unknowns);
        let moved = |k: usize, by: f64| {
            let mut to = unknowns.clone();
            to[k] += by;
            curve(&x, &Multiplet::of(&to))
        };
        let slopes: Vec<Vec<f64>> = (0..unknowns.len())
            .map(|k| moved(k, 1e-6).iter().zip(moved(k, -1e-6)).map(|(a, b)| (a - b) / 2e-6).collect())
            .collect();
        let here = curve(&x, &Multiplet::of(&unknowns));
        let residual: Vec<f64> = y.iter().zip(&here).map(|(y, v)| y - v).collect();
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).zip(&variance).map(|((a, b), v)| a * b / v).sum::<f64>();
        assert!((products.chi_squared() / sum(&residual, &residual) - 1.0).abs() < 1e-12, "rounding of fifty terms");
        for i in 0..unknowns.len() {
            // central differences with a step of 1e-6 of curves near 100, over the size of both columns
            let near = |got: f64, a: &[f64], b: &[f64]| (got - sum(a, b)).abs() < 1e-6 * (sum(a, a) * sum(b, b)).sqrt();
            assert!(near(products.descent(i), &slopes[i], &residual), "unknown {i}");
            assert!((i..unknowns.len()).all(|j| near(products.between(i, j), &slopes[i], &slopes[j])), "row {i}");
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let (points, x, ..) = two_lines();
        let lines = multiplet(&[(-0.05, 90.0), (0.11, 60.0), (0.2, 20.0)]);
        let results = with_each(|| {
            let mut products = Products::default();
            products.evaluate(&points, &lines.unknowns());
            (products.sums, curve(&x, &lines))
        });
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
