//! Solve and reweight until the weights no longer change: one spectrum, or several side by side.

use std::array::from_fn;
use std::borrow::Cow;

use super::reweighting::{Pass, Reweighting, update};
use super::whittaker::{WhittakerOptions, largest, within_rounding};
use super::{Background, Ending};
use crate::cancel::CancelFlag;
use crate::error::{Error, Result};
use crate::linalg::aligned::Aligned;
use crate::linalg::five_rows::Workspace;
use crate::linalg::lanes::Lanes;

/// Buffers of L fits side by side, reused by the next of the same length.
#[derive(Debug, Clone)]
pub struct Room<const L: usize = 1> {
    pub(super) solver: Workspace<L>,
    pub(super) y: Aligned<L>,
    /// Factors on the weights of every pass but the first.
    pub(super) given: Aligned<L>,
    pub(super) weights: Aligned<L>,
    pub(super) curve: Aligned<L>,
    /// Where `given` holds anything but 1.
    masked: [bool; L],
}

/// Write `values`, or `otherwise` where there are none, into one lane.
fn fill<const L: usize>(lanes: &mut [Lanes<L>], lane: usize, values: &[f64], otherwise: f64) {
    if values.is_empty() {
        for point in lanes {
            point[lane] = otherwise;
        }
    } else {
        lanes.iter_mut().zip(values).for_each(|(point, value)| point[lane] = *value);
    }
}

impl<const L: usize> Room<L> {
    /// Room for `n` points.
    pub fn new(n: usize) -> Self {
        let (y, curve) = (Aligned::new(0.0, n), Aligned::new(0.0, n));
        let (given, weights) = (Aligned::new(1.0, n), Aligned::new(1.0, n));
        Self { solver: Workspace::new(n), y, given, weights, curve, masked: [false; L] }
    }

    /// Put a spectrum into `lane`; without one a constant, which costs no method anything.
    fn put(&mut self, lane: usize, start: Option<&Start<'_>>) {
        let given = start.and_then(|start| start.given.as_deref());
        fill(&mut self.y, lane, start.map_or(&[], |start| start.y), 0.0);
        fill(&mut self.weights, lane, start.and_then(|start| start.first.as_deref()).unwrap_or_default(), 1.0);
        if given.is_some() || self.masked[lane] {
            fill(&mut self.given, lane, given.unwrap_or_default(), 1.0);
        }
        self.masked[lane] = given.is_some();
    }

    /// Whether the curve in `lane` passes through every point that counts, but for rounding of the `largest` ordinate.
    fn meets(&self, lane: usize, largest: f64) -> bool {
        let mut points = self.y.iter().zip(self.curve.iter()).zip(self.given.iter());
        points.all(|((y, z), given)| within_rounding(y[lane], z[lane], given[lane], largest))
    }
}

/// One spectrum before its first pass.
pub(super) struct Start<'a> {
    pub y: &'a [f64],
    pub rule: Reweighting,
    /// Weights of the first pass; `None`: all 1.
    pub first: Option<Cow<'a, [f64]>>,
    /// Factors on the weights of every later pass; `None`: all 1.
    pub given: Option<Cow<'a, [f64]>>,
}

/// How a row begins.
pub(super) enum Begun<'a> {
    Fit(Start<'a>),
    /// Its curve is known without a pass.
    Known(Vec<f64>),
}

/// The systems that L spectra side by side solve in each pass.
pub(super) trait Matrix<const L: usize> {
    /// Another spectrum has taken its place in `lane`.
    fn begin(&mut self, _lane: usize, _room: &Room<L>) {}

    /// Solve for the curves of the room; its last curves are those of the pass before.
    fn solve(&mut self, room: &mut Room<L>) -> [Result<()>; L];
}

/// Say of every system whether it could be solved.
pub(super) fn definite<const L: usize>(sound: [bool; L]) -> [Result<()>; L] {
    sound.map(|sound| if sound { Ok(()) } else { Err(Error::NotPositiveDefinite { what: "whittaker", row: 0 }) })
}

/// Positive weights always have a solution in exact arithmetic; only weights that vanish leave none.
fn undetermined(error: Error) -> Error {
    match error {
        Error::NotPositiveDefinite { .. } => Error::Undetermined("the weights of nearly all points vanish"),
        other => other,
    }
}

/// What every row of a run shares.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub rows: usize,
    pub options: WhittakerOptions<'a>,
    pub cancel: &'a CancelFlag,
}

/// A row on its way through the passes.
#[derive(Clone, Copy)]
struct Seat {
    row: usize,
    rule: Reweighting,
    passes: usize,
    largest: f64,
}

impl Run<'_> {
    /// Fit every row, L at a time; a row that is done leaves its place to the next. Curves go to `curves`, row by row.
    ///
    /// # Errors
    /// `Cancelled`; that of the first row that fails.
    pub fn side_by_side<'b, const L: usize>(
        self,
        mut begin: impl FnMut(usize) -> Result<Begun<'b>>,
        matrix: &mut impl Matrix<L>,
        room: &mut Room<L>,
        curves: &mut [f64],
    ) -> Result<Vec<Ending>> {
        let mut endings: Vec<Option<Result<Ending>>> = vec![None; self.rows];
        let mut waiting = 0..self.rows;
        let n = room.y.len();
        let mut seat = |lane: usize, matrix: &mut _, room: &mut Room<L>, endings: &mut [_], curves: &mut [f64]| {
            for row in waiting.by_ref() {
                match begin(row) {
                    Err(error) => endings[row] = Some(Err(error)),
                    Ok(Begun::Known(curve)) => {
                        curves[row * n..][..n].copy_from_slice(&curve);
                        endings[row] = Some(Ok(Ending { converged: true, iterations: 1, final_tolerance: 0.0 }));
                    }
                    Ok(Begun::Fit(start)) => {
                        room.put(lane, Some(&start));
                        let largest = largest(start.y, start.given.as_deref());
                        Matrix::begin(matrix, lane, room);
                        return Some(Seat { row, rule: start.rule, passes: 0, largest });
                    }
                }
            }
            room.put(lane, None);
            None
        };
        let mut seats: [Option<Seat>; L] = from_fn(|lane| seat(lane, matrix, room, &mut endings, curves));
        while let Some(any) = seats.iter().flatten().next() {
            self.cancel.check()?;
            let rules = from_fn(|lane| seats[lane].as_ref().unwrap_or(any).rule);
            let number = from_fn(|lane| seats[lane].map_or(1, |seat| seat.passes + 1));
            let solved = matrix.solve(room);
            let Room { y, given, weights, curve, .. } = &mut *room;
            let changes = update(&rules, &mut Pass { number, y, z: curve, given, weights });
            for (lane, (solved, change)) in solved.into_iter().zip(changes).enumerate() {
                let Some(sitting) = &mut seats[lane] else { continue };
                sitting.passes += 1;
                let met = sitting.passes == 1 && room.meets(lane, sitting.largest);
                let ending = match solved {
                    Ok(()) => self.ending(sitting.passes, if met { None } else { change }).map(Ok),
                    Err(error) => Some(Err(undetermined(error))),
                };
                if ending.is_none() {
                    continue;
                }
                let row = sitting.row;
                endings[row] = ending;
                curves[row * n..][..n].iter_mut().zip(room.curve.iter()).for_each(|(to, z)| *to = z[lane]);
                seats[lane] = seat(lane, matrix, room, &mut endings, curves);
            }
        }
        endings.into_iter().flatten().collect()
    }

    /// Whether `passes` are enough: the weights no longer change, nothing is left to reweight (`None`), or there are as
    /// many as allowed.
    fn ending(self, passes: usize, change: Option<f64>) -> Option<Ending> {
        let final_tolerance = change.unwrap_or_default();
        let converged = change.is_none_or(|change| change < self.options.tol);
        let over = converged || passes > self.options.max_iterations;
        over.then_some(Ending { converged, iterations: passes, final_tolerance })
    }
}

/// What every pass of one fit needs that solves by other means.
#[derive(Clone, Copy)]
pub(super) struct Passes<'a> {
    pub y: &'a [f64],
    /// Factors on the weights of every pass but the first.
    pub given: &'a [f64],
    pub reweighting: Reweighting,
    pub options: WhittakerOptions<'a>,
}

impl Passes<'_> {
    /// Solve and reweight from the weights `first` on; `solve` finds the last pass's curve in its second argument.
    pub fn run(self, first: &[f64], solve: impl FnMut(&[f64], &mut [f64]) -> Result<()>) -> Result<Background> {
        let Self { y, given, reweighting: rule, options } = self;
        let start = |_| Ok(Begun::Fit(Start { y, rule, first: Some(first.into()), given: Some(given.into()) }));
        alone(y.len(), options, |run, curve| {
            run.side_by_side(start, &mut ByHand(solve), &mut Room::<1>::new(y.len()), curve)
        })
    }
}

/// One row of `n` points by `fit`.
pub(super) fn alone(
    n: usize,
    options: WhittakerOptions<'_>,
    fit: impl FnOnce(Run<'_>, &mut [f64]) -> Result<Vec<Ending>>,
) -> Result<Background> {
    let (mut curve, cancel) = (vec![0.0; n], CancelFlag::new());
    let endings = fit(Run { rows: 1, options, cancel: &cancel }, &mut curve)?;
    let Ending { converged, iterations, final_tolerance } = endings.into_iter().next().unwrap_or_default();
    Ok(Background { curve, converged, iterations, final_tolerance })
}

/// Systems that a closure solves, one spectrum at a time.
struct ByHand<F>(F);

impl<F: FnMut(&[f64], &mut [f64]) -> Result<()>> Matrix<1> for ByHand<F> {
    fn solve(&mut self, room: &mut Room<1>) -> [Result<()>; 1] {
        [(self.0)(room.weights.as_flattened(), room.curve.as_flattened_mut())]
    }
}
