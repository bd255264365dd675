//! Systems of five diagonals that need not be symmetric, eliminated from both ends towards the middle.

use super::pentadiagonal::{Workspace, meet};
use crate::error::{Error, Result};
use crate::grid::{check_length, check_points};

/// What the two rows before leave for the next one.
#[derive(Clone, Copy, Default)]
struct Sweep {
    /// Scaled right-hand side and the two factors of the row before.
    last: [f64; 3],
    /// The same of the row before that.
    older: [f64; 3],
}

impl Sweep {
    /// Eliminate one row: elements in the order of the sweep. Returns the pivot.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the two sweeps must interleave in one loop body")]
    fn eliminate(&mut self, [far, near, diagonal, next, after]: [f64; 5], rhs: f64) -> f64 {
        let coupling = near - self.older[1] * far;
        let pivot = diagonal - self.older[2] * far - self.last[1] * coupling;
        let inverse = 1.0 / pivot;
        let row = [
            (rhs - self.older[0] * far - self.last[0] * coupling) * inverse,
            (next - self.last[2] * coupling) * inverse,
            after * inverse,
        ];
        self.older = self.last;
        self.last = row;
        pivot
    }
}

/// Solve A z = `rhs` into `z`; `rows[i]` holds A's elements in columns `i - 2` to `i + 2` (zero beyond the ends).
///
/// No pivoting: meant for penalties scaled by rows plus a positive diagonal.
///
/// # Errors
/// `LengthMismatch`; `TooFewPoints` below four rows; `NotPositiveDefinite` when a pivot is not positive.
pub fn solve(rows: &[[f64; 5]], rhs: &[f64], z: &mut [f64], work: &mut Workspace) -> Result<()> {
    let n = rows.len();
    if n < 4 {
        return Err(Error::TooFewPoints { what: "rows", got: n, needed: 4 });
    }
    check_length("right-hand side", rhs, n)?;
    check_length("z", z, n)?;
    let (e, f) = work.factors();
    check_points("workspace", e, n)?;
    let (rhs, z, e, f) = (&rhs[..n], &mut z[..n], &mut e[..n], &mut f[..n]);
    let half = n / 2;
    let (mut up, mut down) = (Sweep::default(), Sweep::default());
    let mut smallest = f64::INFINITY;
    for i in 0..half {
        let j = n - 1 - i;
        let [a, b, c, d, g] = rows[j];
        smallest = smallest.min(up.eliminate(rows[i], rhs[i])).min(down.eliminate([g, d, c, b, a], rhs[j]));
        [z[i], e[i], f[i]] = up.last;
        [z[j], e[j], f[j]] = down.last;
    }
    if n - half > half {
        smallest = smallest.min(up.eliminate(rows[half], rhs[half]));
        [z[half], e[half], f[half]] = up.last;
    }
    let sound = smallest > 0.0 && meet(z, e, f) > 0.0;
    if sound { Ok(()) } else { Err(Error::NotPositiveDefinite { what: "five diagonals", row: half }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solves_what_it_was_given(
            rows in proptest::collection::vec((proptest::array::uniform4(-1.0_f64..1.0), 4.1_f64..6.0, -5.0_f64..5.0), 4..40),
        ) {
            let n = rows.len();
            let inside = |i: usize, k: usize| i + k >= 2 && i + k < n + 2;
            let matrix: Vec<[f64; 5]> = rows.iter().enumerate().map(|(i, (off, diagonal, _))| {
                let mut row = [off[0], off[1], *diagonal, off[2], off[3]];
                for (k, v) in row.iter_mut().enumerate() { if !inside(i, k) { *v = 0.0 } }
                row
            }).collect();
            let rhs: Vec<f64> = rows.iter().map(|r| r.2).collect();
            let mut z = vec![0.0; n];
            solve(&matrix, &rhs, &mut z, &mut Workspace::new(n)).unwrap();
            for (i, row) in matrix.iter().enumerate() {
                let sum: f64 = (0..5).filter(|k| inside(i, *k)).map(|k| row[k] * z[i + k - 2]).sum();
                // diagonally dominant: rounding of each row's own terms
                prop_assert!((sum - rhs[i]).abs() < 1e-12 * 100.0);
            }
        }
    }

    #[test]
    fn refuses_a_singular_matrix() {
        let error = solve(&[[0.0; 5]; 6], &[1.0; 6], &mut [0.0; 6], &mut Workspace::new(6));
        assert!(matches!(error, Err(Error::NotPositiveDefinite { .. })));
    }
}
