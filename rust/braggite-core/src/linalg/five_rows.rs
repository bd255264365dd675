//! Systems of five diagonals, eliminated from both ends towards the middle.
//!
//! Two independent recurrences meet in the middle, each waiting for one division a row; L systems stand side by side in
//! the lanes of vectors and each goes the way it would go alone, bit for bit.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use std::array::from_fn;

use super::aligned::Aligned;
use super::lanes::{Lanes, lesser, minus, times};
use crate::instruction_set::{InstructionSet, for_each_instruction_set};

/// L systems of equal size, four rows or more, made of weights and ordinates.
///
/// No pivoting: meant for positive definite matrices and for penalties scaled by rows plus a positive diagonal.
pub trait FiveRows<const L: usize> {
    /// The elements of row `i` in columns `i - 2` to `i + 2` (any finite number beyond the ends) and its right-hand side,
    /// from the weight `w` and the ordinate `y` of its point.
    fn row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>);

    /// As [`FiveRows::row`], for rows two or more from either end.
    #[inline(always)]
    fn inner_row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        self.row(i, w, y)
    }
}

/// Room for the eliminated rows, reused by the next solve.
#[derive(Debug, Clone)]
pub struct Workspace<const L: usize = 1> {
    /// Right-hand side and two factors, divided by the pivot.
    rows: Aligned<L>,
}

impl<const L: usize> Workspace<L> {
    /// Room for `n` rows.
    pub fn new(n: usize) -> Self {
        Self { rows: Aligned::new(0.0, 3 * n) }
    }

    /// How many rows fit.
    pub(super) fn capacity(&self) -> usize {
        self.rows.len() / 3
    }
}

for_each_instruction_set! {
    fn solve_with[const L: usize, R: FiveRows<L>](
        rows: &R, points: (&[Lanes<L>], &[Lanes<L>]), z: &mut [Lanes<L>], work: &mut Workspace<L>,
    ) -> [bool; L] = solve_any;
}

/// Solve for `points`, weights and ordinates, into `z`; says of which systems every pivot was positive.
///
/// All are as long as there are rows; `work` must not be shorter.
pub fn solve<const L: usize>(
    rows: &impl FiveRows<L>,
    points: (&[Lanes<L>], &[Lanes<L>]),
    z: &mut [Lanes<L>],
    work: &mut Workspace<L>,
) -> [bool; L] {
    solve_with(InstructionSet::widest(), rows, points, z, work)
}

/// What the two rows before leave for the next one.
#[derive(Clone, Copy)]
struct Sweep<const L: usize> {
    /// One over the last pivot.
    inverse: Lanes<L>,
    /// The last row's element right of its diagonal, not yet divided by the pivot.
    next: Lanes<L>,
    /// Right-hand side and factors of the row before, divided by its pivot.
    last: [Lanes<L>; 3],
    /// The same of the row before that.
    older: [Lanes<L>; 3],
}

impl<const L: usize> Sweep<L> {
    const START: Self = Self { inverse: [0.0; L], next: [0.0; L], last: [[0.0; L]; 3], older: [[0.0; L]; 3] };

    /// Eliminate one row, its elements in the order of the sweep; returns the pivot.
    ///
    /// From one pivot to the next lead a product, a difference and a division; all else waits beside them.
    #[inline(always)]
    fn eliminate(&mut self, ([far, near, diagonal, next, after], rhs): ([Lanes<L>; 5], Lanes<L>)) -> Lanes<L> {
        let coupling = minus(near, times(self.older[1], far));
        let rest = minus(diagonal, times(self.older[2], far));
        let pivot = minus(rest, times(times(self.next, coupling), self.inverse));
        let inverse = pivot.map(|p| 1.0 / p);
        let next = minus(next, times(self.last[2], coupling));
        let rhs = minus(minus(rhs, times(self.older[0], far)), times(self.last[0], coupling));
        self.older = self.last;
        self.last = [times(rhs, inverse), times(next, inverse), times(after, inverse)];
        (self.inverse, self.next) = (inverse, next);
        pivot
    }

    /// As [`Sweep::eliminate`], with the elements in the order of the matrix.
    #[inline(always)]
    fn eliminate_upwards(&mut self, ([a, b, c, d, e], rhs): ([Lanes<L>; 5], Lanes<L>)) -> Lanes<L> {
        self.eliminate(([e, d, c, b, a], rhs))
    }
}

#[inline(always)]
fn solve_any<const L: usize, R: FiveRows<L>>(
    rows: &R,
    (w, y): (&[Lanes<L>], &[Lanes<L>]),
    z: &mut [Lanes<L>],
    work: &mut Workspace<L>,
) -> [bool; L] {
    let n = z.len();
    let (w, y, eliminated) = (&w[..n], &y[..n], &mut work.rows.as_chunks_mut().0[..n]);
    let half = n / 2;
    let (mut down, mut up) = (Sweep::START, Sweep::START);
    let mut smallest = [f64::INFINITY; L];
    for i in 0..2 {
        let j = n - 1 - i;
        let pivots = lesser(down.eliminate(rows.row(i, w[i], y[i])), up.eliminate_upwards(rows.row(j, w[j], y[j])));
        smallest = lesser(pivots, smallest);
        (eliminated[i], eliminated[j]) = (down.last, up.last);
    }
    for i in 2..half {
        let j = n - 1 - i;
        let (above, below) = (rows.inner_row(i, w[i], y[i]), rows.inner_row(j, w[j], y[j]));
        smallest = lesser(lesser(down.eliminate(above), up.eliminate_upwards(below)), smallest);
        (eliminated[i], eliminated[j]) = (down.last, up.last);
    }
    if n - half > half {
        smallest = lesser(down.eliminate(rows.row(half, w[half], y[half])), smallest);
        eliminated[half] = down.last;
    }
    let determinant = meet(eliminated, z);
    from_fn(|k| smallest[k] > 0.0 && determinant[k] > 0.0)
}

/// Substitute back from the middle, where the sweeps met; the first `n - n / 2` rows were eliminated from above.
/// Returns the determinants of the two rows in the middle.
#[inline(always)]
fn meet<const L: usize>(rows: &[[Lanes<L>; 3]], z: &mut [Lanes<L>]) -> Lanes<L> {
    let n = z.len();
    let half = n / 2;
    let right = n - half;
    let (determinant, [above, below]) = join(right, rows);
    (z[right - 1], z[right]) = (above, below);
    let (mut a, mut b) = ([above, below], [below, above]);
    for k in 1..half {
        let (i, j) = (right - 1 - k, right + k);
        let (upper, lower) = (substitute(rows[i], a), substitute(rows[j], b));
        (z[i], z[j]) = (upper, lower);
        (a, b) = ([upper, a[0]], [lower, b[0]]);
    }
    if right > half {
        z[0] = substitute(rows[0], a);
    }
    determinant
}

#[inline(always)]
fn substitute<const L: usize>([rhs, first, second]: [Lanes<L>; 3], [near, far]: [Lanes<L>; 2]) -> Lanes<L> {
    minus(minus(rhs, times(second, far)), times(first, near))
}

/// Solve the two rows where the sweeps meet (`b - 1` from above, `b` from below); their determinant and solution.
#[inline(always)]
fn join<const L: usize>(b: usize, rows: &[[Lanes<L>; 3]]) -> (Lanes<L>, [Lanes<L>; 2]) {
    let [[r, e, f], [s, g, h]] = [rows[b - 1], rows[b]];
    let [[r_before, e_before, f_before], [s_after, g_after, h_after]] = [rows[b - 2], rows[b + 1]];
    let one = [1.0; L];
    let m = [
        [minus(one, times(f, h_after)), minus(e, times(f, g_after))],
        [minus(g, times(h, e_before)), minus(one, times(h, f_before))],
    ];
    let rhs = [minus(r, times(f, s_after)), minus(s, times(h, r_before))];
    let determinant = minus(times(m[0][0], m[1][1]), times(m[0][1], m[1][0]));
    let share = |value: Lanes<L>| from_fn(|k| value[k] / determinant[k]);
    let above = share(minus(times(rhs[0], m[1][1]), times(m[0][1], rhs[1])));
    let below = share(minus(times(m[0][0], rhs[1]), times(m[1][0], rhs[0])));
    (determinant, [above, below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIDE_BY_SIDE: usize = 8;

    /// Matrices and right-hand sides as they stand.
    struct Plain<const L: usize>(Vec<([Lanes<L>; 5], Lanes<L>)>);

    impl<const L: usize> FiveRows<L> for Plain<L> {
        fn row(&self, i: usize, _: Lanes<L>, _: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
            self.0[i]
        }
    }

    type Row = ([f64; 4], f64, f64);

    fn rows(least: usize) -> impl Strategy<Value = Vec<Row>> {
        let row = (proptest::array::uniform4(-1.0_f64..1.0), 4.1_f64..6.0, -5.0_f64..5.0);
        proptest::collection::vec(row, least..40)
    }

    /// Elements beyond the ends stay: they must not matter.
    fn system((off, diagonal, rhs): &Row) -> ([f64; 5], f64) {
        ([off[0], off[1], *diagonal, off[2], off[3]], *rhs)
    }

    fn alone(rows: &[Row]) -> (Vec<[f64; 1]>, [bool; 1]) {
        let plain = Plain(
            rows.iter()
                .map(|row| {
                    let (row, rhs) = system(row);
                    (row.map(|v| [v]), [rhs])
                })
                .collect(),
        );
        let mut z = vec![[0.0]; rows.len()];
        let nothing = vec![[0.0]; rows.len()];
        let sound = solve(&plain, (&nothing, &nothing), &mut z, &mut Workspace::new(rows.len()));
        (z, sound)
    }

    proptest! {
        #[test]
        fn solves_what_it_was_given(rows in rows(4)) {
            let n = rows.len();
            let (z, sound) = alone(&rows);
            prop_assert_eq!(sound, [true]);
            for (i, row) in rows.iter().enumerate() {
                let (row, rhs) = system(row);
                let inside = |k: &usize| i + k >= 2 && i + k < n + 2;
                let sum: f64 = (0..5).filter(inside).map(|k| row[k] * z[i + k - 2][0]).sum();
                // diagonally dominant: rounding of each row's own terms
                prop_assert!((sum - rhs).abs() < 1e-12 * 100.0);
            }
        }

        #[test]
        fn side_by_side_as_alone_with_any_instruction_set(rows in rows(11)) {
            let n = rows.len();
            let turned = |lane: usize| rows.iter().cycle().skip(lane).take(n).copied().collect::<Vec<Row>>();
            let lanes: [Vec<Row>; SIDE_BY_SIDE] = from_fn(turned);
            let plain = Plain((0..n).map(|i| (
                from_fn(|e| from_fn(|lane| system(&lanes[lane][i]).0[e])), from_fn(|lane| system(&lanes[lane][i]).1),
            )).collect());
            for set in InstructionSet::available() {
                let (nothing, mut z) = (vec![[0.0; SIDE_BY_SIDE]; n], vec![[0.0; SIDE_BY_SIDE]; n]);
                let sound = solve_with(set, &plain, (&nothing, &nothing), &mut z, &mut Workspace::new(n));
                prop_assert_eq!(sound, [true; SIDE_BY_SIDE]);
                for (lane, rows) in lanes.iter().enumerate() {
                    prop_assert!(alone(rows).0.iter().zip(&z).all(|(one, all)| one[0].to_bits() == all[lane].to_bits()));
                }
            }
        }
    }

    #[test]
    fn tells_which_matrix_is_singular() {
        let sound = ([[0.0, 1.0], [0.0; 2], [0.0, 4.0], [0.0; 2], [0.0, 1.0]], [1.0; 2]);
        let plain = Plain(vec![sound; 6]);
        assert_eq!(
            solve(&plain, (&[[0.0; 2]; 6], &[[0.0; 2]; 6]), &mut [[0.0; 2]; 6], &mut Workspace::new(6)),
            [false, true]
        );
    }
}
