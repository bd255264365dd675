//! What is written down about one peak once it is found.

use super::SIGMA_PER_FWHM;
use super::filter::Kernel;

/// Net spectrum and its noise.
#[derive(Debug, Clone, Copy)]
pub struct Net<'a> {
    pub x: &'a [f64],
    pub y: &'a [f64],
    pub sigma: &'a [f64],
}

/// A position with its standard uncertainty.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    pub value: f64,
    pub su: f64,
}

impl Net<'_> {
    fn window(&self, from: f64, to: f64) -> std::ops::Range<usize> {
        let start = self.x.partition_point(|&v| v < from);
        start..self.x.partition_point(|&v| v <= to).max(start)
    }

    /// Length of axis that point `i` stands for.
    fn cell(&self, i: usize) -> f64 {
        let last = self.x.len() - 1;
        (self.x[(i + 1).min(last)] - self.x[i.saturating_sub(1)]) / if i == 0 || i == last { 1.0 } else { 2.0 }
    }

    /// The maximum of the filtered spectrum near `start`, by Newton steps kept within `t` of it.
    ///
    /// The uncertainty is that of the slope's zero: noise of the first derivative over the second.
    pub fn position(&self, kernel: Kernel, start: f64, t: f64) -> Position {
        let mut at = start;
        let mut su = t;
        for _ in 0..6 {
            let (mut slope, mut curvature, mut noise) = (0.0, 0.0, 0.0);
            for i in self.window(at - 4.0 * t, at + 4.0 * t) {
                let [_, first, second] = kernel.at(self.x[i] - at, t);
                slope -= first * self.y[i];
                curvature += second * self.y[i];
                noise += (first * self.sigma[i]).powi(2);
            }
            if curvature >= 0.0 {
                return Position { value: start, su: t };
            }
            su = noise.sqrt() / -curvature;
            let step = (-slope / curvature).clamp(-0.5 * t, 0.5 * t);
            at = (at + step).clamp(start - t, start + t);
            if step.abs() < 1e-4 * t {
                break;
            }
        }
        Position { value: at, su }
    }

    /// Height at `at`: the top of the parabola through the points within 0.3 widths (at least the five nearest).
    pub fn height(&self, at: f64, fwhm: f64) -> f64 {
        let mut window = self.window(at - 0.3 * fwhm, at + 0.3 * fwhm);
        let nearest = window.start.min(self.x.len() - 1);
        if window.len() < 5 {
            window = nearest.saturating_sub(2)..(nearest + 3).min(self.x.len());
        }
        let half = (0.5 * (self.x[window.end - 1] - self.x[window.start])).max(f64::MIN_POSITIVE);
        let mut normal = [[0.0; 3]; 3];
        let mut right = [0.0; 3];
        for i in window {
            let u = (self.x[i] - at) / half;
            let basis = [1.0, u, u * u];
            for (row, p) in basis.iter().enumerate() {
                right[row] += p * self.y[i];
                for (column, q) in basis.iter().enumerate() {
                    normal[row][column] += p * q;
                }
            }
        }
        first_unknown(normal, right).unwrap_or(self.y[nearest])
    }

    /// Full width at half maximum, interpolated on the lightly smoothed spectrum and freed of the smoothing, with its
    /// uncertainty.
    ///
    /// A side where a neighbour's half-way point (`bounds`) comes first takes the other side's half width; `None`
    /// where both sides are covered.
    pub fn fwhm(&self, at: f64, expected: f64, bounds: (f64, f64)) -> Option<(f64, f64)> {
        let t = 0.35 * SIGMA_PER_FWHM * expected;
        let height = self.smoothed(at, t)?.0;
        let left = self.half_width(at, height, t, bounds.0);
        let right = self.half_width(at, height, t, bounds.1);
        let (width, su) = match (left, right) {
            (Some(a), Some(b)) => (a.0 + b.0, a.1.hypot(b.1)),
            (Some(a), None) | (None, Some(a)) => (2.0 * a.0, 2.0 * a.1),
            (None, None) => return None,
        };
        let smoothing = t / SIGMA_PER_FWHM;
        Some(((width * width - smoothing * smoothing).max(0.25 * width * width).sqrt(), su))
    }

    fn half_width(&self, at: f64, height: f64, t: f64, bound: f64) -> Option<(f64, f64)> {
        let direction = (bound - at).signum();
        let stride = 0.5 * t;
        let steps = ((bound - at).abs() / stride) as usize;
        let mut before = (height, 0.0);
        for k in 1..=steps {
            let here = self.smoothed(at + direction * stride * k as f64, t)?;
            if here.0 < 0.5 * height {
                let fall = before.0 - here.0;
                let share = ((before.0 - 0.5 * height) / fall).clamp(0.0, 1.0);
                return Some((stride * (k as f64 - 1.0 + share), here.1 * stride / fall));
            }
            before = here;
        }
        None
    }

    /// Value and noise of the spectrum smoothed by a Gaussian of standard deviation `t` (at least the nearest point).
    fn smoothed(&self, at: f64, t: f64) -> Option<(f64, f64)> {
        let mut window = self.window(at - 3.0 * t, at + 3.0 * t);
        if window.len() < 2 {
            let right = self.x.partition_point(|&v| v < at).clamp(1, self.x.len() - 1);
            window = right - 1..right + 1;
        }
        let (mut weight, mut value, mut noise) = (0.0, 0.0, 0.0);
        for i in window.clone() {
            let w = if window.len() == 2 {
                (1.0 - (self.x[i] - at).abs() / (self.x[window.end - 1] - self.x[window.start])).max(0.0)
            } else {
                Kernel::Line.at(self.x[i] - at, t)[0]
            };
            weight += w;
            value += w * self.y[i];
            noise += (w * self.sigma[i]).powi(2);
        }
        (weight > 0.0).then(|| (value / weight, noise.sqrt() / weight))
    }

    /// Sum over `[from, to]` times the step, with its counting uncertainty.
    pub fn area(&self, from: f64, to: f64) -> (f64, f64) {
        let (mut area, mut variance) = (0.0, 0.0);
        for i in self.window(from, to) {
            let cell = self.cell(i);
            area += self.y[i] * cell;
            variance += (self.sigma[i] * cell).powi(2);
        }
        (area, variance.sqrt())
    }
}

/// The first unknown of a symmetric 3 x 3 system by Cramer's rule; `None` where it is singular.
fn first_unknown(a: [[f64; 3]; 3], b: [f64; 3]) -> Option<f64> {
    let minor = |i: usize, j: usize| a[1][i] * a[2][j] - a[1][j] * a[2][i];
    let determinant = a[0][0] * minor(1, 2) - a[0][1] * minor(0, 2) + a[0][2] * minor(0, 1);
    let (p, q, r) = (b[0], b[1], b[2]);
    let value = p * minor(1, 2) - a[0][1] * (q * a[2][2] - a[1][2] * r) + a[0][2] * (q * a[2][1] - a[1][1] * r);
    let size = a[0][0].abs().powi(3);
    (determinant.abs() > 1e-12 * size).then(|| value / determinant)
}
