//! Every member of the Whittaker family, for many spectra at once.

use super::adaptive::{self, Adaptive};
use super::passes::{Room, Run};
use super::screening::{Screening, factors, peak_height};
use super::whittaker::{Smoother, begin, check_door};
use super::{Ending, Reweighting, WhittakerOptions};
use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::grid::Grid;
use crate::linalg::pentadiagonal::Penalty;

/// Spectra that go through the passes side by side, in the lanes of vectors. Eight would save divisions but no longer
/// fit the cache nearest to a core at 4,000 points.
const SIDE_BY_SIDE: usize = 4;
/// Fewer spectra are fitted one by one: vectors with empty lanes cost as much as full ones.
const WORTH_WHILE: usize = 3;

/// A member of the family with what only it is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Member {
    /// One whose weights alone make it, the same for every spectrum.
    Reweighted(Reweighting),
    /// psalsa; see [`Reweighting::Psalsa`].
    Psalsa {
        /// Weight just above the curve, 0 to 1.
        p: f64,
        /// Height at which a point counts as peak; `None`: by the spread of each spectrum.
        k: Option<f64>,
    },
    /// derpsalsa; see [`Reweighting::Derpsalsa`].
    Derpsalsa {
        /// Weight just above the curve, 0 to 1.
        p: f64,
        /// As for psalsa.
        k: Option<f64>,
        /// How flanks and tops are recognised.
        screening: Screening,
    },
    /// One with a matrix of its own.
    Adaptive(Adaptive),
}

/// A member at work on spectra of one length.
#[derive(Debug, Clone, Copy)]
pub struct Family<'a> {
    /// Which member.
    pub member: Member,
    /// The penalty, for as many points as each spectrum has.
    pub penalty: &'a Penalty,
    /// Positions, where steps are unequal.
    pub x: Option<Grid<'a>>,
    /// When to stop, and what every pass keeps.
    pub options: WhittakerOptions<'a>,
}

impl Family<'_> {
    /// The backgrounds of the rows that follow one another in `y`, into `curves`; each is what it would be alone.
    ///
    /// # Errors
    /// `Cancelled`; of the first row that is refused what [`whittaker`](super::whittaker()), [`derpsalsa`](super::derpsalsa)
    /// and [`adaptive`](super::adaptive()) refuse.
    pub fn rows(&self, y: &[f64], cancel: &CancelFlag, curves: &mut [f64]) -> Result<Vec<Ending>> {
        let n = self.penalty.len();
        let run = Run { rows: y.len() / n, options: self.options, cancel };
        if run.rows < WORTH_WHILE {
            self.side_by_side(run, y, &mut Room::<1>::new(n), curves)
        } else {
            self.side_by_side(run, y, &mut Room::<SIDE_BY_SIDE>::new(n), curves)
        }
    }

    fn side_by_side<const L: usize>(
        &self,
        run: Run<'_>,
        y: &[f64],
        room: &mut Room<L>,
        curves: &mut [f64],
    ) -> Result<Vec<Ending>> {
        let Self { member, penalty, x, options } = *self;
        let n = penalty.len();
        let row_of = |row: usize| &y[row * n..(row + 1) * n];
        let height = |row, k: Option<f64>| k.unwrap_or_else(|| peak_height(row_of(row), options.weights));
        let smoother = &mut Smoother(penalty);
        match member {
            Member::Adaptive(member) => adaptive::rows(run, y, x, penalty, member, room, curves),
            Member::Reweighted(rule) => {
                run.side_by_side(|row| begin(row_of(row), n, rule, options, None), smoother, room, curves)
            }
            Member::Psalsa { p, k } => {
                let rule = |row| Reweighting::Psalsa { p, k: height(row, k) };
                run.side_by_side(|row| begin(row_of(row), n, rule(row), options, None), smoother, room, curves)
            }
            Member::Derpsalsa { p, k, screening } => {
                let start = |row| {
                    let rule = Reweighting::Derpsalsa { p, k: height(row, k) };
                    check_door(row_of(row), n, rule, options)?;
                    let later = factors(row_of(row), screening, options)?;
                    begin(row_of(row), n, rule, options, Some(later.into()))
                };
                run.side_by_side(start, smoother, room, curves)
            }
        }
    }
}
