//! Filters on the scale of a line: its own shape, and the shape's second derivative, which sees shoulders.

use std::f64::consts::TAU;

/// Points that share one kernel; widths change slowly along the axis.
const BLOCK: usize = 64;
/// Kernels end at this many standard deviations.
const REACH: f64 = 4.0;

/// What is correlated with the spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kernel {
    /// The Gaussian: the most sensitive to a lone line on flat ground.
    Line,
    /// Minus its second derivative: blind to level and slope, and to the convex tails of neighbours.
    Curvature,
}

impl Kernel {
    /// Kernel and its first two derivatives with respect to the distance `d`, for standard deviation `t`.
    pub fn at(self, d: f64, t: f64) -> [f64; 3] {
        let u = d / t;
        let g = (-0.5 * u * u).exp();
        match self {
            Self::Line => [g, -u * g / t, (u * u - 1.0) * g / (t * t)],
            Self::Curvature => {
                let u2 = u * u;
                [(1.0 - u2) * g, (u2 - 3.0) * u * g / t, (6.0 * u2 - u2 * u2 - 3.0) * g / (t * t)]
            }
        }
    }

    /// Expected crossings of a level, as a factor on `exp(-z^2 / 2)`, per standard deviation of the kernel
    /// (Rice, Bell Syst. Tech. J. 24 (1945) 46, with the spectrum of white noise behind the kernel).
    pub fn crossings(self) -> f64 {
        let second_moment = match self {
            Self::Line => 0.5,
            Self::Curvature => 2.5,
        };
        f64::sqrt(second_moment) / TAU
    }

    /// Height above noise that white noise exceeds `false_alarms` times over `lengths` standard deviations of the kernel.
    pub fn threshold(self, lengths: f64, false_alarms: f64) -> f64 {
        let rate = (self.crossings() * lengths / false_alarms).max(1.0);
        (2.0 * rate.ln()).sqrt().max(1.0)
    }
}

/// A filtered spectrum with the standard deviation of its noise.
#[derive(Debug, Clone)]
pub struct Response {
    pub value: Vec<f64>,
    pub sigma: Vec<f64>,
}

impl Response {
    /// Correlate with a kernel of unit norm whose standard deviation, in points, is `scale(i)`.
    ///
    /// A curvature cut off by an end of the spectrum would see its level; it is left at zero.
    pub fn new(kernel: Kernel, y: &[f64], variance: &[f64], scale: impl Fn(usize) -> f64) -> Self {
        let n = y.len();
        let (mut value, mut noise) = (vec![0.0; n], vec![0.0; n]);
        for from in (0..n).step_by(BLOCK) {
            let to = (from + BLOCK).min(n);
            let t = scale(usize::midpoint(from, to)).max(0.3);
            let reach = (REACH * t).ceil() as usize;
            let norm = taps(kernel, t, reach).map(|(_, k)| k * k).sum::<f64>().sqrt().recip();
            let mean = if kernel == Kernel::Curvature {
                taps(kernel, t, reach).map(|(_, k)| k).sum::<f64>() / (2 * reach + 1) as f64
            } else {
                0.0
            };
            for (offset, k) in taps(kernel, t, reach) {
                let k = (k - mean) * norm;
                let first = from.max(offset.min(0).unsigned_abs());
                let last = to.min(n.saturating_sub(offset.max(0).unsigned_abs()));
                if first >= last {
                    continue;
                }
                let start = first.saturating_add_signed(offset);
                let source = y[start..].iter().zip(&variance[start..]);
                for ((value, noise), (y, v)) in value[first..last].iter_mut().zip(&mut noise[first..last]).zip(source) {
                    *value += k * y;
                    *noise += k * k * v;
                }
            }
            if kernel == Kernel::Curvature {
                let core = (2.0 * t).ceil() as usize;
                for i in (from..to).filter(|i| *i < core || *i + core >= n) {
                    value[i] = 0.0;
                }
            }
        }
        for v in &mut noise {
            *v = v.sqrt();
        }
        Self { value, sigma: noise }
    }

    /// Height over noise.
    pub fn significance(&self, i: usize) -> f64 {
        self.value[i] / self.sigma[i].max(f64::MIN_POSITIVE)
    }

    /// Maxima that stand out of the valleys beside them by `depth` times the noise.
    pub fn maxima(&self, depth: f64) -> Vec<usize> {
        let mut found = Vec::new();
        let (mut top, mut bottom, mut rising) = (0, 0, true);
        for (i, &v) in self.value.iter().enumerate() {
            if rising {
                if v > self.value[top] {
                    top = i;
                } else if v < self.value[top] - depth * self.sigma[top] {
                    found.push(top);
                    (bottom, rising) = (i, false);
                }
            } else if v < self.value[bottom] {
                bottom = i;
            } else if v > self.value[bottom] + depth * self.sigma[i] {
                (top, rising) = (i, true);
            }
        }
        if rising {
            found.push(top);
        }
        found.retain(|&i| i > 0 && i + 1 < self.value.len());
        found
    }
}

fn taps(kernel: Kernel, t: f64, reach: usize) -> impl Iterator<Item = (isize, f64)> {
    let reach = isize::try_from(reach).unwrap_or(0);
    (-reach..=reach).map(move |offset| (offset, kernel.at(offset as f64, t)[0]))
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_kernel() {
        let (t, h) = (1.7, 1e-5);
        for kernel in [Kernel::Line, Kernel::Curvature] {
            for d in [-3.0, -0.4, 0.0, 1.1, 2.5] {
                let [_, first, second] = kernel.at(d, t);
                let (a, b) = (kernel.at(d - h, t), kernel.at(d + h, t));
                // central differences: h^2 of the next derivative
                assert!((first - (b[0] - a[0]) / (2.0 * h)).abs() < 1e-8);
                assert!((second - (b[1] - a[1]) / (2.0 * h)).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn white_noise_crosses_as_often_as_stated() {
        let (n, t) = (200_000, 3.0);
        let noise = normal(17, n);
        for kernel in [Kernel::Line, Kernel::Curvature] {
            let response = Response::new(kernel, &noise, &vec![1.0; n], |_| t);
            let level = kernel.threshold(n as f64 / t, 100.0);
            let crossings = response.value.windows(2).filter(|w| w[0] <= level && w[1] > level).count();
            // 100 expected: three Poisson deviations
            assert!((70..=130).contains(&crossings), "{kernel:?}: {crossings}");
        }
    }
}
