//! Neighbouring lines fitted together: pseudo-Voigts of one width and one mixing over a level.
//!
//! Few iterations of Levenberg and Marquardt over some thirty points; what the points do not tell (the mixing of a weak
//! line, say) stays where it is expected, and the uncertainties contain how well that is known.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::exponential::exp;

/// Most lines of one group; with what they share and the residual they fill a wide row.
pub const MOST_LINES: usize = 6;
const WIDE: usize = 2 * MOST_LINES + SHARED + 1;
/// Row that holds up to two lines.
const NARROW: usize = 8;
/// Parameters beside position and height of each line: level, ln of the width, mixing.
const SHARED: usize = 3;
const LEVEL: usize = 0;
const WIDTH: usize = 1;
const MIXING: usize = 2;
/// Mixing expected of a line, and its spread: mean and standard deviation of anything between Gauss and Lorentz.
const MIXING_EXPECTED: (f64, f64) = (0.5, 0.288_675);
/// Points whose shapes are computed side by side.
const LANES: usize = 8;
/// Noise may take the mixing this far beyond Gauss and Lorentz.
const MIXING_BEYOND: f64 = 0.3;
const MOST_PASSES: usize = 12;
/// A step that promises less than this share of chi-square's unit ends the fit.
const SETTLED: f64 = 1e-2;
/// Lines stay within this many widths of where they were seen; widths within this factor of the expected one.
const WANDER: f64 = 0.8;
const STRETCH: f64 = 4.0;

/// Area over height times width of a Lorentzian and a Gaussian.
const AREA: [f64; 2] = [PI / 2.0, 1.064_467_019_431_226];

/// Relative change of width and height of a Gaussian and a Lorentzian under a mean over a length, in units of that length
/// over the width, squared (second-order expansion about the half height and the top).
const WIDENED: [f64; 2] = [0.231_049, 0.5];
const LOWERED: [f64; 2] = [0.231_049, 1.0 / 3.0];

/// Points of the spectrum that a group is fitted to.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    pub x: &'a [f64],
    pub y: &'a [f64],
    pub variance: &'a [f64],
}

/// What is expected before the points are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Full width at half maximum.
    pub fwhm: f64,
    /// Relative standard deviation of the width.
    pub spread: f64,
    /// Standard deviation of the level about zero.
    pub level: f64,
    /// Length of axis that each point is the mean over, beyond what the spectrum's own points are; it blurs the lines.
    pub blur: f64,
}

/// One line of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Line {
    pub at: f64,
    pub height: f64,
}

/// Lines of one width and mixing over a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub lines: Vec<Line>,
    pub fwhm: f64,
    pub mixing: f64,
    pub level: f64,
}

/// A fitted group.
#[derive(Debug, Clone)]
pub struct Fit {
    pub group: Group,
    /// Sum of squared residuals in units of their noise, and of deviations from what was expected.
    pub cost: f64,
    /// Squared residuals per point beyond the parameters; at least 1.
    pub scatter: f64,
}

/// A value and its standard uncertainty.
pub type Estimate = (f64, f64);

/// One fitted line with its uncertainties, which grow with the scatter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub position: Estimate,
    pub height: Estimate,
    /// Integral of the whole line, tails included.
    pub area: Estimate,
    pub fwhm: Estimate,
}

impl Group {
    /// Take the lines, without their level, off `y`.
    pub fn remove(&self, x: &[f64], y: &mut [f64]) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[allow(unsafe_code, reason = "the processor was asked in the line above")]
            // SAFETY: `remove_avx2` needs nothing but AVX2.
            return unsafe { self.remove_avx2(x, y) };
        }
        self.remove_any(x, y);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn remove_avx2(&self, x: &[f64], y: &mut [f64]) {
        self.remove_any(x, y);
    }

    #[inline(always)]
    fn remove_any(&self, x: &[f64], y: &mut [f64]) {
        let inverse_fwhm = 1.0 / self.fwhm;
        for line in &self.lines {
            for (y, x) in y.iter_mut().zip(x) {
                *y -= line.height * shape(self, (x - line.at) * inverse_fwhm).0;
            }
        }
    }

    fn parameters(&self) -> usize {
        SHARED + 2 * self.lines.len()
    }

    /// How far down and up each parameter may still go from here.
    fn room(&self, start: &Self, expected: Expected) -> [(f64, f64); WIDE] {
        let mut room = [(f64::NEG_INFINITY, f64::INFINITY); WIDE];
        let stretched = (self.fwhm / expected.fwhm).ln();
        room[WIDTH] = (-STRETCH.ln() - stretched, STRETCH.ln() - stretched);
        room[MIXING] = (-MIXING_BEYOND - self.mixing, 1.0 + MIXING_BEYOND - self.mixing);
        let wander = WANDER * expected.fwhm;
        for (k, (line, from)) in self.lines.iter().zip(&start.lines).enumerate() {
            let moved = line.at - from.at;
            room[SHARED + 2 * k] = (-wander - moved, wander - moved);
        }
        room
    }

    fn moved<const K: usize>(&self, step: &[f64; K]) -> Self {
        let mut to = self.clone();
        to.level += step[LEVEL];
        to.fwhm *= step[WIDTH].exp();
        to.mixing += step[MIXING];
        for (line, step) in to.lines.iter_mut().zip(step[SHARED..].chunks_exact(2)) {
            line.at += step[0];
            line.height += step[1];
        }
        to
    }
}

/// Shape at `u` widths from its top, its derivative by `u`, and its derivative by the mixing.
#[inline(always)]
fn shape(group: &Group, u: f64) -> (f64, f64, f64) {
    let lorentz = 1.0 / (1.0 + 4.0 * u * u);
    let gauss = exp(-4.0 * LN_2 * u * u);
    let value = group.mixing * lorentz + (1.0 - group.mixing) * gauss;
    let slope = -8.0 * u * (group.mixing * lorentz * lorentz + LN_2 * (1.0 - group.mixing) * gauss);
    (value, slope, lorentz - gauss)
}

/// Fit the lines of `start` (at most [`MOST_LINES`]) to `points`; `None` where the equations are singular.
pub fn fit(points: Points<'_>, start: &Group, expected: Expected) -> Option<Fit> {
    if start.parameters() < NARROW {
        fit_rows::<NARROW>(points, start, expected)
    } else {
        fit_rows::<WIDE>(points, start, expected)
    }
}

fn fit_rows<const K: usize>(points: Points<'_>, start: &Group, expected: Expected) -> Option<Fit> {
    let mut here = start.clone();
    let n = here.parameters();
    let mut normal = equations::<K>(points, &here, expected);
    let mut damping = 1e-4;
    for _ in 0..MOST_PASSES {
        let step = normal.step_within(&here.room(start, expected)[..n], damping)?;
        let to = here.moved(&step);
        let promised: f64 = (0..n).map(|k| step[k] * normal.row(k)).sum();
        let next = equations::<K>(points, &to, expected);
        if next.cost <= normal.cost {
            (here, normal, damping) = (to, next, damping * 0.1);
        } else {
            damping *= 30.0;
        }
        if promised < SETTLED || damping > 1e8 {
            break;
        }
    }
    let freedom = points.x.len().saturating_sub(n).max(1) as f64;
    Some(Fit { group: here, cost: normal.cost, scatter: (normal.chi_square / freedom).max(1.0) })
}

impl Fit {
    /// The lines with the uncertainties that `points` and what was `expected` leave them.
    pub fn measured(&self, points: Points<'_>, expected: Expected) -> Option<Vec<Measured>> {
        if self.group.parameters() < NARROW {
            self.measured_rows::<NARROW>(points, expected)
        } else {
            self.measured_rows::<WIDE>(points, expected)
        }
    }

    fn measured_rows<const K: usize>(&self, points: Points<'_>, expected: Expected) -> Option<Vec<Measured>> {
        let Group { fwhm, mixing, .. } = self.group;
        let covariance = equations::<K>(points, &self.group, expected).inverse(self.group.parameters())?;
        let su = |index: usize| (self.scatter * covariance[index][index]).sqrt();
        let share = AREA[1] + mixing * (AREA[0] - AREA[1]);
        let blur = (expected.blur / fwhm).powi(2);
        let widened = 1.0 + blur * (WIDENED[0] + mixing * (WIDENED[1] - WIDENED[0]));
        let lowered = 1.0 - blur * (LOWERED[0] + mixing * (LOWERED[1] - LOWERED[0]));
        let lines = self.group.lines.iter().enumerate();
        let measured = lines.map(|(k, Line { at, height })| {
            let (by_at, by_height) = (SHARED + 2 * k, SHARED + 2 * k + 1);
            let area = height * fwhm * share;
            let gradient = [(WIDTH, area), (MIXING, height * fwhm * (AREA[0] - AREA[1])), (by_height, fwhm * share)];
            let variance: f64 =
                gradient.iter().flat_map(|(i, a)| gradient.map(|(j, b)| a * b * covariance[*i][j])).sum();
            Measured {
                position: (*at, su(by_at)),
                height: (height / lowered, su(by_height)),
                area: (area, (self.scatter * variance).sqrt()),
                fwhm: (fwhm / widened, fwhm * su(WIDTH)),
            }
        });
        Some(measured.collect())
    }
}

/// Normal equations of one step; the last column holds the right-hand side.
struct Equations<const K: usize> {
    matrix: [[f64; K]; K],
    chi_square: f64,
    cost: f64,
}

fn equations<const K: usize>(points: Points<'_>, group: &Group, expected: Expected) -> Equations<K> {
    let matrix = products::<K>(points, group);
    let chi_square = matrix[K - 1][K - 1];
    let mut normal = Equations { matrix, chi_square, cost: chi_square };
    let pulls = [
        (LEVEL, group.level, expected.level),
        (WIDTH, (group.fwhm / expected.fwhm).ln(), expected.spread),
        (MIXING, group.mixing - MIXING_EXPECTED.0, MIXING_EXPECTED.1),
    ];
    for (index, deviation, spread) in pulls {
        let weight = 1.0 / (spread * spread);
        normal.matrix[index][index] += weight;
        normal.matrix[index][K - 1] -= weight * deviation;
        normal.cost += weight * deviation * deviation;
    }
    normal
}

impl<const K: usize> Equations<K> {
    fn row(&self, k: usize) -> f64 {
        self.matrix[k][K - 1]
    }

    /// The damped step; what would leave its room goes to the bound, and the others take that into account.
    fn step_within(&self, room: &[(f64, f64)], damping: f64) -> Option<[f64; K]> {
        let n = room.len();
        let mut step = self.step(n, damping)?;
        let outside = |step: &[f64; K]| (0..n).find(|k| step[*k] < room[*k].0 || step[*k] > room[*k].1);
        let Some(mut k) = outside(&step) else { return Some(step) };
        let mut rest = Self { ..*self };
        for _ in 0..n {
            let bound = step[k].min(room[k].1).max(room[k].0);
            for i in (0..n).filter(|i| *i != k) {
                rest.matrix[i][K - 1] -= rest.matrix[i.min(k)][i.max(k)] * bound;
                rest.matrix[i.min(k)][i.max(k)] = 0.0;
            }
            rest.matrix[k][K - 1] = rest.matrix[k][k] * bound * (1.0 + damping);
            step = rest.step(n, damping)?;
            step[k] = bound;
            match outside(&step) {
                Some(next) if next != k => k = next,
                _ => break,
            }
        }
        for (step, (low, high)) in step.iter_mut().zip(room) {
            *step = step.min(*high).max(*low);
        }
        Some(step)
    }

    /// Upper Cholesky factor of the leading `n` rows, scaled to unit diagonal and damped; with the scales.
    fn factor(&self, n: usize, damping: f64) -> Option<([[f64; K]; K], [f64; K])> {
        let mut scale = [0.0; K];
        for (k, scale) in scale.iter_mut().enumerate().take(n) {
            *scale = 1.0 / self.matrix[k][k].max(f64::MIN_POSITIVE).sqrt();
        }
        let mut upper = [[0.0; K]; K];
        for i in 0..n {
            for j in i..n {
                let inner: f64 = (0..i).map(|k| upper[k][i] * upper[k][j]).sum();
                let entry = self.matrix[i][j] * scale[i] * scale[j] - inner;
                if i == j {
                    let pivot = entry + damping;
                    if !(pivot > 1e-14 && pivot.is_finite()) {
                        return None;
                    }
                    upper[i][i] = pivot.sqrt();
                } else {
                    upper[i][j] = entry / upper[i][i];
                }
            }
        }
        Some((upper, scale))
    }

    fn step(&self, n: usize, damping: f64) -> Option<[f64; K]> {
        let (upper, scale) = self.factor(n, damping)?;
        let mut z = [0.0; K];
        for i in 0..n {
            let inner: f64 = (0..i).map(|k| upper[k][i] * z[k]).sum();
            z[i] = (self.row(i) * scale[i] - inner) / upper[i][i];
        }
        for i in (0..n).rev() {
            let inner: f64 = (i + 1..n).map(|k| upper[i][k] * z[k]).sum();
            z[i] = (z[i] - inner) / upper[i][i];
        }
        for (z, scale) in z.iter_mut().zip(scale) {
            *z *= scale;
        }
        Some(z)
    }

    fn inverse(&self, n: usize) -> Option<[[f64; K]; K]> {
        let (upper, scale) = self.factor(n, 0.0)?;
        let mut root = [[0.0; K]; K]; // the inverse of `upper`
        for j in 0..n {
            root[j][j] = 1.0 / upper[j][j];
            for i in (0..j).rev() {
                let inner: f64 = (i + 1..=j).map(|k| upper[i][k] * root[k][j]).sum();
                root[i][j] = -inner / upper[i][i];
            }
        }
        let mut all = [[0.0; K]; K];
        for i in 0..n {
            for j in 0..n {
                let inner: f64 = (i.max(j)..n).map(|k| root[i][k] * root[j][k]).sum();
                all[i][j] = inner * scale[i] * scale[j];
            }
        }
        Some(all)
    }
}

/// Sums over the points of all products of the derivatives and (last) the residual, in units of the noise; the lower
/// left quarter, which mirrors the upper right one, is left at zero.
fn products<const K: usize>(points: Points<'_>, group: &Group) -> [[f64; K]; K] {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code, reason = "the processor was asked in the line above")]
        // SAFETY: `products_avx2` needs nothing but AVX2.
        return unsafe { products_avx2(points, group) };
    }
    products_any(points, group)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn products_avx2<const K: usize>(points: Points<'_>, group: &Group) -> [[f64; K]; K] {
    products_any(points, group)
}

#[inline(always)]
fn products_any<const K: usize>(points: Points<'_>, group: &Group) -> [[f64; K]; K] {
    let mut sums = [[0.0; K]; K];
    let inverse_fwhm = 1.0 / group.fwhm;
    let chunks = points.x.chunks(LANES).zip(points.y.chunks(LANES)).zip(points.variance.chunks(LANES));
    for ((x, y), variance) in chunks {
        let mut rows = [[0.0; K]; LANES];
        for (row, y) in rows.iter_mut().zip(y) {
            row[LEVEL] = 1.0;
            row[K - 1] = y - group.level;
        }
        for (k, line) in group.lines.iter().enumerate() {
            let mut at = [line.at; LANES];
            at[..x.len()].copy_from_slice(x);
            let mut shapes = [[0.0; LANES]; 4];
            for lane in 0..LANES {
                let u = (at[lane] - line.at) * inverse_fwhm;
                let (value, slope, by_mixing) = shape(group, u);
                shapes[0][lane] = line.height * value;
                shapes[1][lane] = value;
                shapes[2][lane] = -line.height * slope;
                shapes[3][lane] = line.height * by_mixing;
            }
            let [heights, values, slopes, mixings] = shapes;
            for (lane, row) in rows.iter_mut().enumerate() {
                row[K - 1] -= heights[lane];
                row[WIDTH] += slopes[lane] * (at[lane] - line.at) * inverse_fwhm;
                row[MIXING] += mixings[lane];
                row[SHARED + 2 * k] = slopes[lane] * inverse_fwhm;
                row[SHARED + 2 * k + 1] = values[lane];
            }
        }
        for (row, variance) in rows.iter().zip(variance) {
            let weight = 1.0 / variance;
            for i in 0..K / 2 {
                let scaled = weight * row[i];
                for j in 0..K {
                    sums[i][j] += scaled * row[j];
                }
            }
            for i in K / 2..K {
                let scaled = weight * row[i];
                for j in K / 2..K {
                    sums[i][j] += scaled * row[j];
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;

    const EXPECTED: Expected = Expected { fwhm: 0.15, spread: 0.3, level: 1.0, blur: 0.0 };

    fn group(lines: &[(f64, f64)]) -> Group {
        let lines = lines.iter().map(|(at, height)| Line { at: *at, height: *height }).collect();
        Group { lines, fwhm: 0.14, mixing: 0.35, level: 0.2 }
    }

    fn axis() -> Vec<f64> {
        (0..50).map(|i| -0.5 + 0.02 * f64::from(i)).collect()
    }

    fn values(x: &[f64], group: &Group) -> Vec<f64> {
        let mut negative = vec![0.0; x.len()];
        group.remove(x, &mut negative);
        negative.iter().map(|v| group.level - v).collect()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let (x, variance, h) = (axis(), vec![1.0; 50], 1e-6);
        let here = group(&[(-0.05, 90.0), (0.11, 60.0)]);
        let y: Vec<f64> = x.iter().map(|x| 50.0 - 20.0 * x).collect();
        let points = Points { x: &x, y: &y, variance: &variance };
        let normal = products::<NARROW>(points, &here);
        for k in 0..here.parameters() {
            let moved = |by: f64| {
                let mut step = [0.0; NARROW];
                step[k] = by;
                let to = here.moved(&step);
                y.iter().zip(values(&x, &to)).map(|(y, v)| (y - v).powi(2)).sum::<f64>()
            };
            let slope = (moved(h) - moved(-h)) / (2.0 * h);
            // central differences of a sum of squares near 1e5
            assert!((-2.0 * normal[k][NARROW - 1] / slope - 1.0).abs() < 1e-5, "parameter {k}");
        }
    }

    #[test]
    fn wide_rows_and_either_instruction_set_agree() {
        let (x, y) = (axis(), normal(3, 50));
        let variance: Vec<f64> = (0..50).map(|i| 1.0 + 0.1 * f64::from(i)).collect();
        let points = Points { x: &x, y: &y, variance: &variance };
        let here = group(&[(-0.05, 90.0), (0.11, 60.0)]);
        let (narrow, plain) = (products::<NARROW>(points, &here), products_any::<NARROW>(points, &here));
        assert_eq!(narrow, plain, "the same operations in the same order");
        let wide = products::<WIDE>(points, &here);
        for i in 0..here.parameters() {
            for j in i..here.parameters() {
                let mirrored = i < NARROW / 2 || j >= NARROW / 2;
                assert!(!mirrored || wide[i][j].to_bits() == narrow[i][j].to_bits());
            }
            assert_eq!(wide[i][WIDE - 1].to_bits(), narrow[i][NARROW - 1].to_bits());
        }
    }

    #[test]
    fn recovers_lines_with_their_uncertainties() {
        let (x, variance) = (axis(), vec![1.0; 50]);
        for lines in
            [vec![(0.01, 40.0)], vec![(-0.06, 80.0), (0.1, 50.0)], vec![(-0.2, 60.0), (0.0, 90.0), (0.2, 70.0)]]
        {
            let truth = group(&lines);
            let clean = values(&x, &truth);
            let mut squares = [0.0; 4];
            let trials: u32 = 200;
            for trial in 0..trials {
                let noise = normal(100 + u64::from(trial), 50);
                let y: Vec<f64> = clean.iter().zip(&noise).map(|(y, e)| y + e).collect();
                let points = Points { x: &x, y: &y, variance: &variance };
                let moved: Vec<(f64, f64)> = lines.iter().map(|(at, height)| (at + 0.02, 0.8 * height)).collect();
                let start = Group { mixing: 0.5, fwhm: 0.15, level: 0.0, ..group(&moved) };
                let fit = fit(points, &start, EXPECTED).unwrap();
                let line = fit.measured(points, EXPECTED).unwrap()[0];
                let share = AREA[1] + truth.mixing * (AREA[0] - AREA[1]);
                let (at, height) = lines[0];
                let pairs = [
                    (line.position, at),
                    (line.height, height),
                    (line.fwhm, truth.fwhm),
                    (line.area, height * truth.fwhm * share),
                ];
                for (sum, ((value, su), true_value)) in squares.iter_mut().zip(pairs) {
                    *sum += ((value - true_value) / su).powi(2) / f64::from(trials);
                }
            }
            for (what, square) in ["position", "height", "fwhm", "area"].iter().zip(squares) {
                // 1 expected; what was expected of width and mixing makes it smaller, 200 trials scatter by 0.1
                assert!((0.4..1.4).contains(&square), "{what} of {} lines: {square}", lines.len());
            }
        }
    }

    #[test]
    fn a_gaussian_and_a_lorentzian_stand_at_the_bounds_of_the_mixing() {
        let (x, variance) = (axis(), vec![1.0; 50]);
        for mixing in [0.0, 1.0] {
            let truth = Group { mixing, ..group(&[(0.003, 5000.0)]) };
            let y = values(&x, &truth);
            let points = Points { x: &x, y: &y, variance: &variance };
            let start = Group { mixing: 0.5, fwhm: 0.15, level: 0.0, ..group(&[(0.0, 4500.0)]) };
            let fit = fit(points, &start, EXPECTED).unwrap();
            // noise-free: what is expected of mixing and width pulls by a small share of an uncertainty
            assert!((fit.group.fwhm / truth.fwhm - 1.0).abs() < 1e-3, "{fit:?}");
            assert!((fit.group.lines[0].height / 5000.0 - 1.0).abs() < 1e-3);
        }
    }
}
