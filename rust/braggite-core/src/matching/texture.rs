//! March-Dollase preferred orientation.

use crate::matching::freedom::{inverse, metric_with_derivatives, product, quadratic};

/// Squared cosines between an axis and the equivalents of every line of a phase, ready for any March parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct March {
    /// Indices of the reciprocal-lattice vector that orientation is about.
    pub axis: [f64; 3],
    cos_squared: Vec<f64>,
    ends: Vec<usize>,
}

impl March {
    /// The angles between the reciprocal-lattice vector `axis` and every equivalent of each of `hkl`.
    pub fn new(axis: [f64; 3], hkl: &[[f64; 3]], laue_rotations: &[[[i32; 3]; 3]], cell: &[f64; 6]) -> Self {
        let (reciprocal, _) = inverse(&metric_with_derivatives(cell).0);
        let along = product(&reciprocal, axis);
        let length = quadratic(&reciprocal, axis);
        let (mut cos_squared, mut ends) = (Vec::with_capacity(hkl.len() * 8), Vec::with_capacity(hkl.len()));
        for &h in hkl {
            let begin = cos_squared.len();
            let square = quadratic(&reciprocal, h) * length;
            for rotation in laue_rotations {
                let image: [f64; 3] =
                    std::array::from_fn(|j| (0..3).map(|i| h[i] * f64::from(rotation[i][j])).sum::<f64>());
                let cosine = image[0] * along[0] + image[1] * along[1] + image[2] * along[2];
                cos_squared.push((cosine * cosine / square).min(1.0));
            }
            merge_equal(&mut cos_squared, begin);
            ends.push(cos_squared.len());
        }
        Self { axis, cos_squared, ends }
    }

    /// Mean over the equivalents of line `index` of (r² cos²α + sin²α / r)^(-3/2), and its derivative to ln r.
    ///
    /// Dollase (1986), J. Appl. Cryst. 19, 267; r < 1 for plates in reflection, 1 without texture.
    pub fn factor(&self, index: usize, log_r: f64) -> (f64, f64) {
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        let equivalents = &self.cos_squared[begin..self.ends[index]];
        let r = log_r.exp();
        let (mut sum, mut slope) = (0.0, 0.0);
        for &cos2 in equivalents {
            let (along, across) = (r * r * cos2, (1.0 - cos2) / r);
            let base = along + across;
            let value = base.powf(-1.5);
            sum += value;
            slope -= 1.5 * value / base * (2.0 * along - across);
        }
        let count = equivalents.len().max(1) as f64;
        (sum / count, slope / count)
    }
}

/// Keep one of every run of equal sets: when all equivalents appear the same number of times, once each suffices.
fn merge_equal(values: &mut Vec<f64>, begin: usize) {
    let tail = &mut values[begin..];
    tail.sort_by(f64::total_cmp);
    let n = tail.len();
    let run = |start: usize| tail[start..].iter().take_while(|v| (*v - tail[start]).abs() < 1e-9).count();
    let mut runs = Vec::new();
    let mut at = 0;
    while at < n {
        let length = run(at);
        runs.push((tail[at], length));
        at += length;
    }
    let common = runs.iter().fold(0, |g, &(_, length)| gcd(g, length));
    if common > 1 {
        values.truncate(begin);
        for (value, length) in runs {
            values.extend(std::iter::repeat_n(value, length / common));
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: [[i32; 3]; 3] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    const SWAP: [[i32; 3]; 3] = [[0, 1, 0], [1, 0, 0], [0, 0, 1]];
    const CUBE: [f64; 6] = [4.0, 4.0, 4.0, 90.0, 90.0, 90.0];

    #[test]
    fn one_without_texture() {
        let march = March::new([0.0, 0.0, 1.0], &[[1.0, 0.0, 2.0], [0.0, 0.0, 1.0]], &[IDENTITY, SWAP], &CUBE);
        for line in 0..2 {
            assert!((march.factor(line, 0.0).0 - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn plates_strengthen_their_own_normal() {
        let march = March::new([0.0, 0.0, 1.0], &[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], &[IDENTITY], &CUBE);
        let log_r = 0.5_f64.ln();
        assert!((march.factor(0, log_r).0 - 8.0).abs() < 1e-12, "Dollase (1986): r^-3 along the axis");
        assert!((march.factor(1, log_r).0 - 0.5_f64.powf(1.5)).abs() < 1e-12, "Dollase (1986): r^(3/2) across it");
    }

    #[test]
    fn derivative_agrees_with_differences() {
        let march = March::new([1.0, 0.0, 1.0], &[[2.0, 1.0, 0.0]], &[IDENTITY, SWAP], &CUBE);
        let (h, at) = (1e-6, -0.4);
        let difference = (march.factor(0, at + h).0 - march.factor(0, at - h).0) / (2.0 * h);
        assert!((march.factor(0, at).1 - difference).abs() < 1e-8, "central difference");
    }
}
