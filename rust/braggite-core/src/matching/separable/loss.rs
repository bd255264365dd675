//! The active Shirley background: every signal raises the background above it by its running integral.

/// Running integrals over ascending points, and their adjoint.
#[derive(Debug, Clone)]
pub struct Loss {
    /// Half the distances of neighbouring points.
    halves: Vec<f64>,
    /// Rise of the background per unit of integrated signal, for the latest theta.
    pub rate: f64,
}

impl Loss {
    /// Over the points `x`.
    pub fn new(x: &[f64]) -> Self {
        Self { halves: x.windows(2).map(|w| 0.5 * (w[1] - w[0])).collect(), rate: 0.0 }
    }

    /// Integral of `values`, zero left of `start`, by trapezia up to each point from `start` to the end of the range.
    pub fn integral(&self, start: usize, values: &[f64]) -> Vec<f64> {
        let length = self.halves.len() + 1 - start;
        let (mut sum, mut before) = (0.0, 0.0);
        let mut integral = Vec::with_capacity(length);
        for i in 0..length {
            let here = values.get(i).copied().unwrap_or(0.0);
            if start + i > 0 {
                sum += self.halves[start + i - 1] * (before + here);
            }
            before = here;
            integral.push(sum);
        }
        integral
    }

    /// What pulls at the signal when `pull` pulls at signal plus background.
    pub fn adjoint(&self, pull: &[f64]) -> Vec<f64> {
        let mut adjoint = pull.to_vec();
        let mut above = 0.0;
        for i in (0..pull.len()).rev() {
            let right = if i < self.halves.len() { self.halves[i] * above } else { 0.0 };
            above += pull[i];
            let left = if i > 0 { self.halves[i - 1] * above } else { 0.0 };
            adjoint[i] += self.rate * (left + right);
        }
        adjoint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adjoint_belongs_to_the_integral() {
        let x: Vec<f64> = (0..9).map(|i| f64::from(i) + 0.04 * f64::from(i * i)).collect();
        let loss = Loss { rate: 0.3, ..Loss::new(&x) };
        let pull: Vec<f64> = (0..9).map(|i| (f64::from(i) * 1.7).sin()).collect();
        for (start, length) in [(0, 9), (2, 4), (8, 1), (0, 1)] {
            let signal: Vec<f64> = (0..length).map(|i| 1.0 + f64::from(i)).collect();
            let integral = loss.integral(start, &signal);
            let direct: f64 = signal.iter().zip(&pull[start..]).map(|(s, p)| s * p).sum();
            let behind: f64 = integral.iter().zip(&pull[start..]).map(|(s, p)| loss.rate * s * p).sum();
            let adjoint: f64 = signal.iter().zip(&loss.adjoint(&pull)[start..]).map(|(s, p)| s * p).sum();
            assert!((direct + behind - adjoint).abs() < 1e-12, "identity: <Ts, p> = <s, T'p>");
        }
    }
}
