//! Any line convolved with a Gaussian, and any line damped by one, by quadrature around its centre.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::array::from_fn;
use std::f64::consts::{LN_2, PI};

use crate::dispatch::{Kernel, dispatch};
use crate::exponential::exp;
use crate::lineshape::axial_divergence::LEGENDRE_10;
use crate::lineshape::profile::{Pointwise, Profile};
use crate::lineshape::search;

/// Standard deviations up to which a Gaussian counts: there it is 6e-13 of its top.
const KERNEL_REACH: f64 = 7.5;
/// Widest panel of ten nodes, in standard deviations.
const WIDEST_PANEL: f64 = 2.0;
/// First panels beside the centre of the inner line, in scales of it; a line has its poles half a width away.
const FIRST_PANEL: f64 = 0.5;
/// Standard deviations in one scale of the inner line below which the Gaussian changes nothing to 1e-10.
const NO_KERNEL: f64 = 1e-5;
/// Most panels of a grid shared by all points; beyond that each point takes its own.
const MOST_PANELS: f64 = 20_000.0;

/// Nodes summed together, so that the loop over them becomes vector code.
const LANES: usize = 8;

/// Offsets, and weights times value and derivatives of an inner line of `K` rows (that to the centre left out).
struct Grid<const K: usize> {
    offset: Vec<f64>,
    rows: [Vec<f64>; K],
}

impl<const K: usize> Grid<K> {
    /// Over the offsets from `low` to `high`, in panels that double away from the centre up to `widest`.
    fn new<P: Pointwise<K>>(inner: &P, scale: f64, widest: f64, low: f64, high: f64) -> Self {
        let mut grid = Self { offset: Vec::new(), rows: from_fn(|_| Vec::new()) };
        // From the centre, or where that is outside from the end that is nearer to it.
        let start = 0.0_f64.clamp(low, high);
        grid.march(inner, [start, low], scale, widest);
        grid.offset.reverse();
        for row in &mut grid.rows {
            row.reverse();
        }
        grid.march(inner, [start, high], scale, widest);
        grid
    }

    fn march<P: Pointwise<K>>(&mut self, inner: &P, [start, end]: [f64; 2], scale: f64, widest: f64) {
        let side = (end - start).signum();
        let mut at = start;
        while (end - at) * side > 0.0 {
            // Each panel as wide as its distance from the centre allows.
            let width = (at.abs().max(FIRST_PANEL * scale)).min(widest).min((end - at).abs());
            for (node, weight) in LEGENDRE_10 {
                let offset = at + side * width * node;
                let point = inner.at(offset);
                self.offset.push(offset);
                for (row, value) in self.rows.iter_mut().zip(point) {
                    row.push(weight * width * value);
                }
            }
            at += side * width;
        }
    }
}

/// A line times exp(-ln 2 (x / d)²), which ends tails that would hold an infinite area, and of unit area again.
///
/// `K` is one more than `J` of the inner line: the damping length d comes last.
#[derive(Debug, Clone, Copy)]
pub struct Damped<const K: usize, const J: usize, P> {
    inner: P,
    inverse: f64,
    norm: f64,
    /// Derivatives of the logarithm of the norm to the parameters; the first two entries are not used.
    log_norm: [f64; K],
}

impl<const K: usize, const J: usize, P: Pointwise<J>> Damped<K, J, P> {
    /// `inner`, whose width is `scale`, damped to one half at `length`.
    pub fn new(inner: P, scale: f64, length: f64) -> Self {
        let sigma = length / (2.0 * LN_2).sqrt();
        let reach = KERNEL_REACH * sigma;
        let grid = Grid::new(&inner, scale, WIDEST_PANEL * sigma, -reach, reach);
        let mut sums = [0.0; K];
        for (i, &offset) in grid.offset.iter().enumerate() {
            let square = LN_2 * (offset / length).powi(2);
            let damping = (-square).exp();
            for (sum, row) in sums.iter_mut().zip(&grid.rows) {
                *sum += row[i] * damping;
            }
            sums[K - 1] += grid.rows[0][i] * damping * 2.0 * square / length;
        }
        Self { inner, inverse: 1.0 / length, norm: 1.0 / sums[0], log_norm: sums.map(|sum| -sum / sums[0]) }
    }
}

impl<const K: usize, const J: usize, P: Pointwise<J>> Pointwise<K> for Damped<K, J, P> {
    fn at(&self, offset: f64) -> [f64; K] {
        let inner = self.inner.at(offset);
        let square = LN_2 * (offset * self.inverse).powi(2);
        let factor = self.norm * (-square).exp();
        let value = factor * inner[0];
        let mut point: [f64; K] = from_fn(|k| value * self.log_norm[k]);
        for (sum, slope) in point.iter_mut().zip(inner).skip(2) {
            *sum += factor * slope;
        }
        point[0] = value;
        point[1] = factor * inner[1] + 2.0 * LN_2 * offset * self.inverse * self.inverse * value;
        point[K - 1] += 2.0 * square * self.inverse * value;
        point
    }
}

/// A line convolved with a Gaussian, whose full width comes last; `K` is one more than `J` of the inner line.
#[derive(Debug, Clone, Copy)]
pub struct Convolved<const K: usize, const J: usize, P> {
    inner: P,
    scale: f64,
    sigma: f64,
    /// Widest panel that resolves the Gaussian and the inner line.
    widest: f64,
    area: Option<f64>,
}

/// Standard deviation of a Gaussian of unit full width.
fn sigma_by_fwhm() -> f64 {
    0.5 / (2.0 * LN_2).sqrt()
}

impl<const K: usize, const J: usize, P: Pointwise<J>> Convolved<K, J, P> {
    /// `inner`, whose width is `scale`, convolved with a Gaussian of full width `fwhm_gauss`.
    pub fn new(inner: P, scale: f64, fwhm_gauss: f64, area: Option<f64>) -> Self {
        let sigma = fwhm_gauss * sigma_by_fwhm();
        Self { inner, scale, sigma, widest: WIDEST_PANEL * sigma, area }
    }

    /// The same where the inner line is damped to one half at `length`.
    #[must_use]
    pub fn of_damped(self, length: f64) -> Self {
        let sigma = length / (2.0 * LN_2).sqrt();
        Self { scale: self.scale.min(length), widest: self.widest.min(WIDEST_PANEL * sigma), ..self }
    }

    fn is_plain(&self) -> bool {
        self.sigma < NO_KERNEL * self.scale
    }

    fn plain(&self, offset: f64) -> [f64; K] {
        let inner = self.inner.at(offset);
        from_fn(|k| if k < J { inner[k] } else { 0.0 })
    }

    fn grid(&self, low: f64, high: f64) -> Grid<J> {
        let reach = KERNEL_REACH * self.sigma;
        Grid::new(&self.inner, self.scale, self.widest, low - reach, high + reach)
    }
}

/// The sums over a grid that give a convolved line at one offset.
struct Sums<'a, const K: usize, const J: usize> {
    grid: &'a Grid<J>,
    offset: f64,
    sigma: f64,
}

impl<const K: usize, const J: usize> Kernel for Sums<'_, K, J> {
    type Output = [f64; K];

    #[inline(always)]
    fn run(self) -> [f64; K] {
        let Self { grid, offset, sigma } = self;
        let reach = KERNEL_REACH * sigma;
        let start = grid.offset.partition_point(|&node| node < offset - reach);
        let end = start + grid.offset[start..].partition_point(|&node| node <= offset + reach);
        let (inverse, mut sums) = (1.0 / sigma, [[0.0; LANES]; K]);
        for from in (start..end).step_by(LANES) {
            let count = LANES.min(end - from);
            let (mut nodes, mut rows) = ([0.0; LANES], [[0.0; LANES]; J]);
            nodes[..count].copy_from_slice(&grid.offset[from..from + count]);
            for (row, values) in rows.iter_mut().zip(&grid.rows) {
                row[..count].copy_from_slice(&values[from..from + count]);
            }
            for lane in 0..LANES {
                let s = (offset - nodes[lane]) * inverse;
                let weight = exp(-0.5 * s * s);
                let value = weight * rows[0][lane];
                sums[0][lane] += value;
                sums[1][lane] += value * s;
                for k in 2..J {
                    sums[k][lane] += weight * rows[k][lane];
                }
                sums[J][lane] += value * (s * s - 1.0);
            }
        }
        let unit = inverse / (2.0 * PI).sqrt();
        let mut point = sums.map(|lanes| unit * lanes.iter().sum::<f64>());
        point[1] *= inverse;
        point[J] *= inverse * sigma_by_fwhm();
        point
    }
}

impl<const K: usize, const J: usize, P: Pointwise<J>> Pointwise<K> for Convolved<K, J, P> {
    fn at(&self, offset: f64) -> [f64; K] {
        if self.is_plain() {
            return self.plain(offset);
        }
        dispatch(Sums { grid: &self.grid(offset, offset), offset, sigma: self.sigma })
    }
}

impl<const K: usize, const J: usize, P: Pointwise<J>> Profile<K> for Convolved<K, J, P> {
    fn scale(&self) -> f64 {
        self.scale + self.sigma / sigma_by_fwhm()
    }

    fn mode(&self) -> f64 {
        search::mode(self, -self.scale(), self.scale())
    }

    fn area(&self) -> Option<f64> {
        self.area
    }

    fn fill(&self, x: &[f64], centre: f64, mut columns: [&mut [f64]; K]) {
        let (Some(first), Some(last)) = (x.first(), x.last()) else { return };
        let shared = last - first < MOST_PANELS * self.widest;
        let grid = (shared && !self.is_plain()).then(|| self.grid(first - centre, last - centre));
        for (i, position) in x.iter().enumerate() {
            let offset = position - centre;
            let point = match &grid {
                Some(grid) => dispatch(Sums { grid, offset, sigma: self.sigma }),
                None => self.at(offset),
            };
            for (column, value) in columns.iter_mut().zip(point) {
                column[i] = value;
            }
        }
    }

    fn add_values(&self, x: &[f64], centre: f64, scale: f64, target: &mut [f64]) {
        let mut columns: [Vec<f64>; K] = from_fn(|_| vec![0.0; x.len()]);
        self.fill(x, centre, columns.each_mut().map(|column| &mut column[..]));
        for (sum, value) in target.iter_mut().zip(&columns[0]) {
            *sum += scale * value;
        }
    }
}
