//! How residuals become weights, in the widest vectors the processor has.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use crate::exponential::exp;

/// How the residuals of one pass become the weights of the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reweighting {
    /// Asymmetric least squares: `p` above the curve, `1 - p` below (Eilers, Anal. Chem. 76 (2004) 404; Eilers and
    /// Boelens, Leiden 2005).
    Asls {
        /// Weight of points above the curve, 0 to 1.
        p: f64,
    },
    /// Adaptive: zero above, growing exponentially with the pass below (Zhang, Analyst 135 (2010) 1138; the exponent
    /// is positive: its sign is misprinted in equation 9).
    Airpls,
    /// Logistic in the residual, centred at `2 s - m` of the negative residuals (Baek, Analyst 140 (2015) 250).
    Arpls,
    /// Nearly a step at `2 s`, steeper with every pass (Ye, Appl. Opt. 59 (2020) 10933).
    Iarpls,
    /// Nearly a step at `2 s - m`, steeper with every pass (Xu, Appl. Opt. 58 (2019) 3913).
    Drpls,
    /// Logistic of slope `steepness / s`, centred at `s` (Zhang, Spectrosc. Lett. 53 (2020) 222).
    Aspls {
        /// Steepness; the paper prints 2, its figures and tables are met by 0.5.
        steepness: f64,
    },
    /// As asls, the weight above decaying as exp(-d / k) (Oller-Moreno, IEEE SSD (2014) 1).
    Psalsa {
        /// Weight just above the curve, 0 to 1.
        p: f64,
        /// Height at which a point counts as peak, in the unit of the ordinates.
        k: f64,
    },
    /// As asls, the weight above decaying as exp(-(d / k)^2 / 2) (Korepanov, J. Raman Spectrosc. 51 (2020) 2061).
    Derpsalsa {
        /// Weight just above the curve, 0 to 1.
        p: f64,
        /// Height at which a point counts as peak, in the unit of the ordinates.
        k: f64,
    },
}

/// Write the next weights; returns the change that the stop rule compares with `tol`, or `None` where fewer than two
/// points lie below the curve. Either instruction set gives the same bits: neither fuses or reorders a sum.
pub(super) fn update(
    rule: Reweighting,
    pass: usize,
    y: &[f64],
    z: &[f64],
    given: &[f64],
    weights: &[f64],
    next: &mut [f64],
) -> Option<f64> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code, reason = "the processor was asked in the line above")]
        // SAFETY: `update_avx2` needs nothing but AVX2.
        return unsafe { update_avx2(rule, pass, y, z, given, weights, next) };
    }
    rule.update_any(pass, y, z, given, weights, next)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn update_avx2(
    rule: Reweighting,
    pass: usize,
    y: &[f64],
    z: &[f64],
    given: &[f64],
    weights: &[f64],
    next: &mut [f64],
) -> Option<f64> {
    rule.update_any(pass, y, z, given, weights, next)
}

impl Reweighting {
    /// Write the next weights; returns the change that the stop rule compares with `tol`, or `None` where the curve
    /// meets every point so closely that fewer than two lie below it.
    #[inline(always)]
    fn update_any(
        self,
        pass: usize,
        y: &[f64],
        z: &[f64],
        given: &[f64],
        weights: &[f64],
        next: &mut [f64],
    ) -> Option<f64> {
        match self {
            Self::Asls { p } => write(next, y, z, given, |d| if d > 0.0 { p } else { 1.0 - p }),
            Self::Psalsa { p, k } => {
                write(next, y, z, given, |d| if d > 0.0 { p * exp(-d / k) } else { 1.0 - p });
            }
            Self::Derpsalsa { p, k } => {
                write(next, y, z, given, |d| if d > 0.0 { p * exp(-0.5 * (d / k) * (d / k)) } else { 1.0 - p });
            }
            Self::Arpls => {
                let below = Below::of(y, z, given)?;
                let (slope, centre) = (2.0 / below.deviation, 2.0 * below.deviation - below.mean);
                write(next, y, z, given, |d| 1.0 / (1.0 + exp(slope * (d - centre))));
            }
            Self::Aspls { steepness } => {
                let Below { deviation, .. } = Below::of(y, z, given)?;
                let slope = steepness / deviation;
                write(next, y, z, given, |d| 1.0 / (1.0 + exp(slope * (d - deviation))));
            }
            Self::Iarpls => {
                let Below { deviation, .. } = Below::of(y, z, given)?;
                let slope = step_slope(pass, deviation);
                write(next, y, z, given, |d| {
                    let t = (slope * (d - 2.0 * deviation)).clamp(-1e100, 1e100);
                    0.5 * (1.0 - t / (1.0 + t * t).sqrt())
                });
            }
            Self::Drpls => {
                let below = Below::of(y, z, given)?;
                let (slope, centre) = (step_slope(pass, below.deviation), 2.0 * below.deviation - below.mean);
                write(next, y, z, given, |d| {
                    let t = (slope * (d - centre)).clamp(-1e100, 1e100);
                    0.5 * (1.0 - t / (1.0 + t.abs()))
                });
            }
            Self::Airpls => {
                let below = Below::of(y, z, given)?;
                let factor = pass.min(50) as f64 / below.sum;
                for (((next, y), z), given) in next.iter_mut().zip(y).zip(z).zip(given) {
                    let residual = y - z;
                    *next = if residual < 0.0 { given * exp(factor * residual) } else { 0.0 };
                }
                let size: f64 = y.iter().zip(given).map(|(y, g)| if *g > 0.0 { y.abs() } else { 0.0 }).sum();
                return Some(below.sum.abs() / size.max(f64::MIN_POSITIVE));
            }
        }
        Some(relative_change(weights, next))
    }
}

/// `given` times the weight of each residual.
#[inline(always)]
fn write(next: &mut [f64], y: &[f64], z: &[f64], given: &[f64], weight: impl Fn(f64) -> f64) {
    for (((next, y), z), given) in next.iter_mut().zip(y).zip(z).zip(given) {
        *next = given * weight(y - z);
    }
}

/// Slope of the nearly stepped weights: e^pass deviations, pass 100 being a step in any arithmetic.
fn step_slope(pass: usize, deviation: f64) -> f64 {
    (exp(pass.min(100) as f64) / deviation).min(1e100)
}

/// The residuals below the curve, outside the mask.
struct Below {
    sum: f64,
    mean: f64,
    deviation: f64,
}

const LANES: usize = 8;

impl Below {
    /// `None` when fewer than two points lie below the curve.
    #[inline(always)]
    fn of(y: &[f64], z: &[f64], given: &[f64]) -> Option<Self> {
        let (mut count, mut sum, mut square) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let mut add = |lane: usize, residual: f64, given: f64| {
            let below = if residual < 0.0 && given > 0.0 { 1.0 } else { 0.0 };
            let d = residual * below;
            count[lane] += below;
            sum[lane] += d;
            square[lane] += d * d;
        };
        let (ys, zs, gs) = (y.chunks_exact(LANES), z.chunks_exact(LANES), given.chunks_exact(LANES));
        let rest = ys.remainder().iter().zip(zs.remainder()).zip(gs.remainder());
        for ((y, z), given) in rest {
            add(0, y - z, *given);
        }
        for ((y, z), given) in ys.zip(zs).zip(gs) {
            for lane in 0..LANES {
                add(lane, y[lane] - z[lane], given[lane]);
            }
        }
        let (count, sum, square): (f64, f64, f64) = (count.iter().sum(), sum.iter().sum(), square.iter().sum());
        if count < 2.0 {
            return None;
        }
        let mean = sum / count;
        let variance = (square - sum * mean).max(0.0) / (count - 1.0);
        Some(Self { sum, mean, deviation: variance.sqrt().max(f64::MIN_POSITIVE) })
    }
}

/// |new - old| / |old|, Euclidean.
#[inline(always)]
fn relative_change(old: &[f64], new: &[f64]) -> f64 {
    let (mut change, mut size) = ([0.0; LANES], [0.0; LANES]);
    let (olds, news) = (old.chunks_exact(LANES), new.chunks_exact(LANES));
    for (o, n) in olds.remainder().iter().zip(news.remainder()) {
        change[0] += (n - o) * (n - o);
        size[0] += o * o;
    }
    for (old, new) in olds.zip(news) {
        for lane in 0..LANES {
            let d = new[lane] - old[lane];
            change[lane] += d * d;
            size[lane] += old[lane] * old[lane];
        }
    }
    (change.iter().sum::<f64>() / size.iter().sum::<f64>().max(f64::MIN_POSITIVE)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_instruction_set_gives_the_same_bits() {
        let n = 1003;
        let y: Vec<f64> = (0..n).map(|i| f64::from((i * 7919) % 101)).collect();
        let z: Vec<f64> = (0..n).map(|i| 40.0 + 0.01 * f64::from(i)).collect();
        let ones = vec![1.0; n as usize];
        for rule in [
            Reweighting::Asls { p: 0.01 },
            Reweighting::Airpls,
            Reweighting::Arpls,
            Reweighting::Iarpls,
            Reweighting::Drpls,
            Reweighting::Aspls { steepness: 0.5 },
            Reweighting::Psalsa { p: 0.5, k: 3.0 },
            Reweighting::Derpsalsa { p: 0.01, k: 3.0 },
        ] {
            let (mut wide, mut plain) = (ones.clone(), ones.clone());
            let one = update(rule, 2, &y, &z, &ones, &ones, &mut wide);
            assert_eq!(one, rule.update_any(2, &y, &z, &ones, &ones, &mut plain));
            assert_eq!(wide, plain);
        }
    }
}
