//! Penalised least squares with second differences: (W + lam D'D) z = W y.
//!
//! The matrix has five diagonals. It is factored as L D L' from both ends at once (two independent recurrences that
//! meet in the middle), carrying `u = D e` so that each step waits for one division only.
//! Whittaker, Proc. Edinburgh Math. Soc. 41 (1923) 63; Eilers, Anal. Chem. 75 (2003) 3631.

use crate::error::{Error, Result};
use crate::grid::{Grid, check_length, check_points};

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
    /// Divided differences of unequal steps; the three bands of the upper triangle.
    Divided {
        /// Main diagonal.
        diagonal: Vec<f64>,
        /// `a[i, i + 1]`.
        first: Vec<f64>,
        /// `a[i, i + 2]`.
        second: Vec<f64>,
    },
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
        let mean = grid.mean_step();
        let (mut diagonal, mut first, mut second) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        for i in 1..n - 1 {
            let (left, right) = ((x[i] - x[i - 1]) / mean, (x[i + 1] - x[i]) / mean);
            let cell = 0.5 * (left + right);
            let (a, c) = (1.0 / (cell * left), 1.0 / (cell * right));
            let (b, weight) = (-(a + c), lam * cell);
            diagonal[i - 1] += weight * a * a;
            diagonal[i] += weight * b * b;
            diagonal[i + 1] += weight * c * c;
            first[i - 1] += weight * a * b;
            first[i] += weight * b * c;
            second[i - 1] += weight * a * c;
        }
        Ok(Self::Divided { diagonal, first, second })
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        match self {
            Self::Uniform { n, .. } => *n,
            Self::Divided { diagonal, .. } => diagonal.len(),
        }
    }

    /// Whether the steps count as equal.
    pub fn is_uniform(&self) -> bool {
        matches!(self, Self::Uniform { .. })
    }

    /// lam D'D, row by row: the elements in columns `i - 2` to `i + 2`, zero beyond the ends.
    pub fn rows(&self) -> Vec<[f64; 5]> {
        match self {
            Self::Uniform { n, lam } => all_rows(*n, &Equal { n: *n, lam: *lam }),
            Self::Divided { diagonal, first, second } => all_rows(diagonal.len(), &Stored { diagonal, first, second }),
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
        check_points("workspace", &work.first, n)?;
        match self {
            Self::Uniform { lam, .. } => two_ended(&Equal { n, lam: *lam }, w, y, z, work),
            Self::Divided { diagonal, first, second } => two_ended(&Stored { diagonal, first, second }, w, y, z, work),
        }
    }
}

fn check_lam(lam: f64) -> Result<()> {
    if lam.is_finite() && lam > 0.0 && lam <= 1e20 {
        return Ok(());
    }
    Err(Error::InvalidOption { name: "lam", value: lam, reason: "must be above 0 and at most 1e20" })
}

/// Factors of one solve, reused by the next.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Workspace {
    /// Room for `n` points.
    pub fn new(n: usize) -> Self {
        Self { first: vec![0.0; n], second: vec![0.0; n] }
    }

    /// The two factors of every row.
    pub(super) fn factors(&mut self) -> (&mut [f64], &mut [f64]) {
        (&mut self.first, &mut self.second)
    }
}

/// Rows of a symmetric matrix with five diagonals.
trait Bands {
    fn diagonal(&self, i: usize) -> f64;
    /// `a[i, i + 1]`; zero for the last row.
    fn first(&self, i: usize) -> f64;
    /// `a[i, i + 2]`; zero for the last two rows.
    fn second(&self, i: usize) -> f64;
}

struct Equal {
    n: usize,
    lam: f64,
}

impl Bands for Equal {
    #[inline]
    fn diagonal(&self, i: usize) -> f64 {
        let from_end = i.min(self.n - 1 - i);
        self.lam * if from_end > 1 { 6.0 } else { [1.0, 5.0][from_end] }
    }

    #[inline]
    fn first(&self, i: usize) -> f64 {
        self.lam * if i == 0 || i + 2 == self.n { -2.0 } else { -4.0 }
    }

    #[inline]
    fn second(&self, _: usize) -> f64 {
        self.lam
    }
}

struct Stored<'a> {
    diagonal: &'a [f64],
    first: &'a [f64],
    second: &'a [f64],
}

impl Bands for Stored<'_> {
    #[inline]
    fn diagonal(&self, i: usize) -> f64 {
        self.diagonal[i]
    }

    #[inline]
    fn first(&self, i: usize) -> f64 {
        self.first[i]
    }

    #[inline]
    fn second(&self, i: usize) -> f64 {
        self.second[i]
    }
}

fn all_rows(n: usize, bands: &impl Bands) -> Vec<[f64; 5]> {
    let element =
        |i: usize, shift: usize, value: fn(&_, usize) -> f64| if i + shift < n { value(bands, i) } else { 0.0 };
    (0..n)
        .map(|i| {
            let (first, second) = (|i| element(i, 1, Bands::first), |i| element(i, 2, Bands::second));
            let before = [i.checked_sub(2).map_or(0.0, second), i.checked_sub(1).map_or(0.0, first)];
            [before[0], before[1], bands.diagonal(i), first(i), second(i)]
        })
        .collect()
}

/// State of the elimination that runs in from one end.
#[derive(Clone, Copy, Default)]
struct Sweep {
    u: f64,
    e: f64,
    f: f64,
    f_before: f64,
    c: f64,
    c_before: f64,
    s: f64,
    s_before: f64,
}

impl Sweep {
    /// Eliminate one row: its diagonal `a`, couplings `b`, `c` to the next two rows and right-hand side. Returns the
    /// pivot and (scaled right-hand side, first factor, second factor).
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the two sweeps must interleave in one loop body")]
    fn eliminate(&mut self, a: f64, b: f64, c: f64, rhs: f64) -> (f64, [f64; 3]) {
        let pivot = a - self.c_before * self.f_before - self.u * self.e;
        let inverse = 1.0 / pivot;
        let u = b - self.u * self.f;
        let s = rhs - self.f_before * self.s_before - self.e * self.s;
        self.s_before = self.s;
        self.f_before = self.f;
        self.c_before = self.c;
        (self.s, self.u, self.c) = (s, u, c);
        self.e = u * inverse;
        self.f = c * inverse;
        (pivot, [s * inverse, self.e, self.f])
    }
}

fn two_ended(bands: &impl Bands, w: &[f64], y: &[f64], z: &mut [f64], work: &mut Workspace) -> Result<()> {
    let n = z.len();
    let (w, y, e, f) = (&w[..n], &y[..n], &mut work.first[..n], &mut work.second[..n]);
    let half = n / 2;
    let (mut up, mut down) = (Sweep::default(), Sweep::default());
    let mut smallest = f64::INFINITY;
    for i in 0..half {
        let j = n - 1 - i;
        let (p, left) = up.eliminate(w[i] + bands.diagonal(i), bands.first(i), bands.second(i), w[i] * y[i]);
        let (q, right) = down.eliminate(w[j] + bands.diagonal(j), bands.first(j - 1), bands.second(j - 2), w[j] * y[j]);
        smallest = smallest.min(p).min(q);
        [z[i], e[i], f[i]] = left;
        [z[j], e[j], f[j]] = right;
    }
    let right = n - half; // first row that was eliminated from above
    if right > half {
        let (p, row) =
            up.eliminate(w[half] + bands.diagonal(half), bands.first(half), bands.second(half), w[half] * y[half]);
        smallest = smallest.min(p);
        [z[half], e[half], f[half]] = row;
    }
    if smallest > 0.0 && meet(z, e, f) > 0.0 {
        Ok(())
    } else {
        Err(Error::NotPositiveDefinite { what: "whittaker", row: right })
    }
}

/// Substitute back from the middle, where two eliminations met: every row holds its scaled right-hand side (in `z`) and
/// its factors towards the middle; the upper `n - n / 2` rows were eliminated from above. Returns the determinant of
/// the two rows in the middle.
pub(super) fn meet(z: &mut [f64], e: &[f64], f: &[f64]) -> f64 {
    let half = z.len() / 2;
    let right = z.len() - half;
    let determinant = join(right, z, e, f);
    let (mut a, mut b) = ([z[right - 1], z[right]], [z[right], z[right - 1]]);
    for k in 1..half {
        let (l, r) = (right - 1 - k, right + k);
        let (left, last) = (z[l] - f[l] * a[1] - e[l] * a[0], z[r] - f[r] * b[1] - e[r] * b[0]);
        (z[l], z[r]) = (left, last);
        (a, b) = ([left, a[0]], [last, b[0]]);
    }
    if right > half {
        z[0] -= f[0] * a[1] + e[0] * a[0];
    }
    determinant
}

/// Solve the two rows where the sweeps meet (`b - 1` from the left, `b` from the right); returns the determinant.
fn join(b: usize, z: &mut [f64], e: &[f64], f: &[f64]) -> f64 {
    let a = b - 1;
    let m = [[1.0 - f[a] * f[b + 1], e[a] - f[a] * e[b + 1]], [e[b] - f[b] * e[a - 1], 1.0 - f[b] * f[a - 1]]];
    let rhs = [z[a] - f[a] * z[b + 1], z[b] - f[b] * z[a - 1]];
    let determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    z[a] = (rhs[0] * m[1][1] - m[0][1] * rhs[1]) / determinant;
    z[b] = (m[0][0] * rhs[1] - m[1][0] * rhs[0]) / determinant;
    determinant
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
