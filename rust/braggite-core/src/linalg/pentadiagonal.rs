//! Penalised least squares with second differences: (W + lam D'D) z = W y.
//!
//! The matrix has five diagonals; see [`five_rows`](super::five_rows) for how it is solved.
//! Whittaker, Proc. Edinburgh Math. Soc. 41 (1923) 63; Eilers, Anal. Chem. 75 (2003) 3631.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

pub use super::five_rows::Workspace;
use super::five_rows::{self, FiveRows};
use super::lanes::{Lanes, plus, times};
use crate::error::{Error, Result};
use crate::grid::{Grid, check_length};

/// The bands of lam D'D, where D takes second differences.
#[derive(Debug, Clone, PartialEq)]
pub enum Penalty {
    /// Equal steps: D holds (1, -2, 1).
    Uniform {
        /// Number of points.
        n: usize,
        /// Strength of the penalty.
        lam: f64,
    },
    /// Divided differences of unequal steps: of every row the elements in columns `i - 2` to `i + 2`, zero beyond the
    /// ends.
    Divided(Vec<[f64; 5]>),
}

impl Penalty {
    /// The penalty for `n` points at equal steps; `lam` as the literature writes it.
    ///
    /// # Errors
    /// `TooFewPoints` below four points; `InvalidOption` unless `lam` is positive and finite.
    pub fn uniform(n: usize, lam: f64) -> Result<Self> {
        if n < 4 {
            return Err(Error::TooFewPoints { what: "y", got: n, needed: 4 });
        }
        check_lam(lam)?;
        Ok(Self::Uniform { n, lam })
    }

    /// The penalty for the positions of `grid`: the integral of the squared second derivative, in units of the mean
    /// step, so that equal steps give [`Penalty::uniform`].
    ///
    /// # Errors
    /// As [`Penalty::uniform`].
    pub fn on_grid(grid: Grid<'_>, lam: f64) -> Result<Self> {
        let (x, n) = (grid.x(), grid.len());
        let uniform = Self::uniform(n, lam)?;
        if grid.is_even() {
            return Ok(uniform);
        }
        let (mean, mut rows) = (grid.mean_step(), vec![[0.0; 5]; n]);
        for i in 1..n - 1 {
            let (left, right) = ((x[i] - x[i - 1]) / mean, (x[i + 1] - x[i]) / mean);
            let cell = 0.5 * (left + right);
            let (a, c) = (1.0 / (cell * left), 1.0 / (cell * right));
            let difference = [a, -(a + c), c];
            for (r, p) in difference.iter().enumerate() {
                for (column, q) in difference.iter().enumerate() {
                    rows[i - 1 + r][2 + column - r] += lam * cell * p * q;
                }
            }
        }
        Ok(Self::Divided(rows))
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        match self {
            Self::Uniform { n, .. } => *n,
            Self::Divided(rows) => rows.len(),
        }
    }

    /// Whether the steps count as equal.
    pub fn is_uniform(&self) -> bool {
        matches!(self, Self::Uniform { .. })
    }

    /// lam D'D, row by row: the elements in columns `i - 2` to `i + 2`, zero beyond the ends.
    pub fn rows(&self) -> Vec<[f64; 5]> {
        match self {
            Self::Uniform { n, lam } => {
                let inside = |i: usize, k: usize| i + k >= 2 && i + k < n + 2;
                let bands = Equal { n: *n, lam: *lam };
                (0..*n)
                    .map(|i| std::array::from_fn(|k| if inside(i, k) { bands.elements(i)[k] } else { 0.0 }))
                    .collect()
            }
            Self::Divided(rows) => rows.clone(),
        }
    }

    /// Solve (W + lam D'D) z = W y into `z` without allocating.
    ///
    /// # Errors
    /// `LengthMismatch`; `NotPositiveDefinite` when fewer than two weights are positive.
    pub fn solve(&self, w: &[f64], y: &[f64], z: &mut [f64], work: &mut Workspace) -> Result<()> {
        let n = self.len();
        for (what, values) in [("weights", w), ("y", y), ("z", &*z)] {
            check_length(what, values, n)?;
        }
        if work.capacity() < n {
            return Err(Error::LengthMismatch { what: "workspace", expected: n, got: work.capacity() });
        }
        let [sound] = self.solve_lanes(w.as_chunks().0, y.as_chunks().0, z.as_chunks_mut().0, work);
        if sound { Ok(()) } else { Err(Error::NotPositiveDefinite { what: "whittaker", row: n / 2 }) }
    }

    /// As [`Penalty::solve`] for spectra side by side, of [`Penalty::len`] points; says which systems were definite.
    pub(crate) fn solve_lanes<const L: usize>(
        &self,
        w: &[Lanes<L>],
        y: &[Lanes<L>],
        z: &mut [Lanes<L>],
        work: &mut Workspace<L>,
    ) -> [bool; L] {
        match self {
            Self::Uniform { n, lam } => five_rows::solve(&Equal { n: *n, lam: *lam }, (w, y), z, work),
            Self::Divided(rows) => five_rows::solve(&Stored(rows), (w, y), z, work),
        }
    }
}

fn check_lam(lam: f64) -> Result<()> {
    if lam.is_finite() && lam > 0.0 && lam <= 1e20 {
        return Ok(());
    }
    Err(Error::InvalidOption { name: "lam", value: lam, reason: "must be above 0 and at most 1e20" })
}

/// (W + lam D'D) z = W y at equal steps.
struct Equal {
    n: usize,
    lam: f64,
}

impl Equal {
    /// Row `i` of lam D'D in columns `i - 2` to `i + 2`, as if it went on beyond the ends.
    fn elements(&self, i: usize) -> [f64; 5] {
        let from_end = i.min(self.n - 1 - i);
        let diagonal = if from_end > 1 { 6.0 } else { [1.0, 5.0][from_end] };
        let beside = |corner: bool| self.lam * if corner { -2.0 } else { -4.0 };
        let (before, after) = (beside(i == 1 || i + 1 == self.n), beside(i == 0 || i + 2 == self.n));
        [self.lam, before, self.lam * diagonal, after, self.lam]
    }
}

impl<const L: usize> FiveRows<L> for Equal {
    #[inline(always)]
    fn row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        weighted(self.elements(i), w, y)
    }

    #[inline(always)]
    fn inner_row(&self, _: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        let (lam, beside) = (self.lam, self.lam * -4.0);
        weighted([lam, beside, lam * 6.0, beside, lam], w, y)
    }
}

/// The same at unequal steps, from the rows of lam D'D.
struct Stored<'a>(&'a [[f64; 5]]);

impl<const L: usize> FiveRows<L> for Stored<'_> {
    #[inline(always)]
    fn row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        weighted(self.0[i], w, y)
    }
}

#[inline(always)]
fn weighted<const L: usize>(elements: [f64; 5], w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
    let mut row = elements.map(|v| [v; L]);
    row[2] = plus(w, row[2]);
    (row, times(w, y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// lam D'D by its definition, dense; `x` in units of the mean step.
    fn dense(x: &[f64], lam: f64) -> Vec<Vec<f64>> {
        let n = x.len();
        let mut a = vec![vec![0.0; n]; n];
        for i in 1..n - 1 {
            let (h, k) = (x[i] - x[i - 1], x[i + 1] - x[i]);
            let cell = 0.5 * (h + k);
            let row = [(i - 1, 1.0 / (h * cell)), (i, -(1.0 / h + 1.0 / k) / cell), (i + 1, 1.0 / (k * cell))];
            for (r, p) in row {
                for (c, q) in row {
                    a[r][c] += lam * cell * p * q;
                }
            }
        }
        a
    }

    fn residual(a: &[Vec<f64>], w: &[f64], y: &[f64], z: &[f64]) -> f64 {
        let mut worst = 0.0_f64;
        for i in 0..z.len() {
            let row: f64 = a[i].iter().zip(z).map(|(p, q)| p * q).sum();
            let size: f64 = a[i].iter().zip(z).map(|(p, q)| (p * q).abs()).sum::<f64>() + (w[i] * y[i]).abs();
            worst = worst.max((row + w[i] * (z[i] - y[i])).abs() / size.max(1e-300));
        }
        worst
    }

    proptest! {
        #[test]
        fn solves_the_normal_equations(
            rows in proptest::collection::vec((0.2_f64..3.0, 0.01_f64..1.0, -5.0_f64..5.0), 4..60), log_lam in -2.0_f64..6.0, equal: bool,
        ) {
            let n = rows.len();
            let mut x: Vec<f64> = rows.iter().scan(0.0, |at, r| { *at += r.0; Some(*at) }).collect();
            if equal { x = (0..n).map(|i| i as f64).collect(); }
            let mean = (x[n - 1] - x[0]) / (n - 1) as f64;
            let scaled: Vec<f64> = x.iter().map(|v| v / mean).collect();
            let (w, y): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.1, r.2)).unzip();
            let lam = 10f64.powf(log_lam);
            let mut z = vec![0.0; n];
            Penalty::on_grid(Grid::new(&x).unwrap(), lam).unwrap().solve(&w, &y, &mut z, &mut Workspace::new(n)).unwrap();
            // backward error of a stable factorisation: rounding of each row's own terms
            prop_assert!(residual(&dense(&scaled, lam), &w, &y, &z) < 1e-9);
        }
    }

    #[test]
    fn equal_steps_are_the_literature_s_matrix() {
        let x: Vec<f64> = (0..50).map(|i| 10.0 + 0.02 * f64::from(i)).collect();
        assert_eq!(Penalty::on_grid(Grid::new(&x).unwrap(), 7.0).unwrap(), Penalty::uniform(50, 7.0).unwrap());
    }

    #[test]
    fn refuses_by_name() {
        assert!(matches!(Penalty::uniform(100, f64::NAN), Err(Error::InvalidOption { name: "lam", .. })));
        assert!(matches!(Penalty::uniform(3, 1.0), Err(Error::TooFewPoints { .. })));
        let penalty = Penalty::uniform(10, 1.0).unwrap();
        let error = penalty.solve(&[0.0; 10], &[1.0; 10], &mut [0.0; 10], &mut Workspace::new(10));
        assert!(matches!(error, Err(Error::NotPositiveDefinite { .. })));
    }
}
