//! The model of a separable fit: lines drawn, linear unknowns solved, derivatives taken.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::linalg::bounded::improve_non_negative;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::{add_scaled, dot};
use crate::lineshape::columns::ShapeColumns;
use crate::matching::column::{Column, Gram};
use crate::matching::separable::joint::{JointCurvature, RIDGE};
use crate::matching::separable::loss::Loss;
use crate::matching::separable::{Arrangement, Placed};
use crate::optimise::levenberg_marquardt::Problem;

/// Points of a region.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    /// Positions, strictly ascending.
    pub x: &'a [f64],
    /// Ordinates.
    pub y: &'a [f64],
    /// One over the variance of each ordinate; 0 leaves the point out.
    pub weight: &'a [f64],
}

/// How far from its centre a line is followed, as a share of its maximum; 0 means everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// In the model and the gradient: what is cut here is missing from the answer.
    pub model: f64,
    /// In the curvature: what is cut here costs a little of the rate of convergence and nothing of the answer.
    pub curvature: f64,
}

/// Everything that enters linearly.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// For each unknown whether it may not be negative: those of the lines, then those of the background columns.
    pub non_negative: &'a [bool],
    /// Background columns.
    pub background: &'a [Column],
    /// Nonlinear unknown that is the rate of an active Shirley background.
    pub loss: Option<usize>,
}

/// A region, its lines, and all that one evaluation leaves behind.
#[derive(Debug, Clone)]
pub struct Separable<'a, A> {
    points: Points<'a>,
    arrangement: &'a A,
    given: Linear<'a>,
    tails: Tails,
    root_weight: Vec<f64>,
    placed: Vec<Placed>,
    /// What each linear unknown of the lines multiplies.
    columns: Vec<Column>,
    loss: Option<Loss>,
    linear: Vec<f64>,
    /// Sum of the lines, and of everything.
    signal: Vec<f64>,
    calculated: Vec<f64>,
    residual: Vec<f64>,
    /// Half the negative gradient of chi-square.
    pull: Pull,
    chi_squared: f64,
    /// What chi-square comes to where residuals are nothing but rounding.
    rounding: f64,
}

/// A weight on each calculated ordinate: what it gives with a column is a sum over all points.
#[derive(Debug, Clone, Default)]
pub(super) struct Pull {
    on_all: Vec<f64>,
    /// On the signal, whose background comes along; None where it is the same.
    on_signal: Option<Vec<f64>>,
}

impl Pull {
    fn on_signal(&self) -> &[f64] {
        self.on_signal.as_deref().unwrap_or(&self.on_all)
    }
}

/// Relative error of a residual that is rounding.
const ROUNDING: f64 = 1e-14;
/// Passes that settle the linear unknowns, at most.
const PASSES: usize = 12;
/// Settled with the pass that lowers chi-square by less than this share of it: the next would gain the square of the
/// share of the curvature that is cut less, a factor of at most 1e-4.
const SETTLED: f64 = 1e-11;

impl<'a, A: Arrangement> Separable<'a, A> {
    /// A model whose linear unknowns are not solved yet.
    ///
    /// # Errors
    /// `LengthMismatch` or `InvalidOption` where unknowns, lines and columns do not belong together.
    pub fn new(points: Points<'a>, arrangement: &'a A, given: Linear<'a>, tails: Tails) -> Result<Self> {
        let n = points.x.len();
        let Some(own) = given.non_negative.len().checked_sub(given.background.len()) else {
            let (expected, got) = (given.background.len(), given.non_negative.len());
            return Err(Error::LengthMismatch { what: "linear unknowns", expected, got });
        };
        if let Some(line) = arrangement.lines().iter().find(|line| line.linear >= own) {
            let value = line.linear as f64;
            return Err(Error::InvalidOption { name: "linear", value, reason: "no such linear unknown" });
        }
        if let Some(column) = given.background.iter().find(|column| column.extent().end > n) {
            return Err(Error::LengthMismatch { what: "background column", expected: n, got: column.extent().end });
        }
        Ok(Self {
            points,
            arrangement,
            given,
            tails,
            root_weight: points.weight.iter().map(|w| w.sqrt()).collect(),
            placed: vec![Placed::default(); arrangement.lines().len()],
            columns: vec![Column::default(); own],
            loss: given.loss.map(|_| Loss::new(points.x)),
            linear: vec![0.0; given.non_negative.len()],
            signal: vec![0.0; n],
            calculated: vec![0.0; n],
            residual: vec![0.0; n],
            pull: Pull { on_all: vec![0.0; n], on_signal: None },
            chi_squared: 0.0,
            rounding: ROUNDING.powi(2) * points.y.iter().zip(points.weight).map(|(y, w)| w * y * y).sum::<f64>(),
        })
    }

    /// Follow lines by other tails from here on.
    pub fn set_tails(&mut self, tails: Tails) {
        self.tails = tails;
    }

    /// Linear unknowns at the latest evaluation: those of the lines, then those of the background columns.
    pub fn linear(&self) -> &[f64] {
        &self.linear
    }

    /// The lines at the latest evaluation.
    pub fn placed(&self) -> &[Placed] {
        &self.placed
    }

    /// Sum of the lines at each point.
    pub fn signal(&self) -> &[f64] {
        &self.signal
    }

    /// Calculated ordinates.
    pub fn calculated(&self) -> &[f64] {
        &self.calculated
    }

    /// Number of background columns.
    pub fn n_background(&self) -> usize {
        self.given.background.len()
    }

    /// Weighted sum of squared residuals.
    pub fn chi_squared(&self) -> f64 {
        self.chi_squared
    }

    /// Whether every line has numbers its shape can draw.
    ///
    /// # Errors
    /// The shape's, naming the number.
    fn place(&mut self, theta: &[f64]) -> Result<()> {
        for (index, placed) in self.placed.iter_mut().enumerate() {
            self.arrangement.place(index, theta, placed);
            self.arrangement.lines()[index].shape.check(placed.parameters())?;
        }
        if let (Some(loss), Some(index)) = (&mut self.loss, self.given.loss) {
            loss.rate = theta[index];
        }
        Ok(())
    }

    /// Points at which line `index` is above `tail` times its maximum.
    fn window(&self, index: usize, tail: f64) -> Range<usize> {
        let x = self.points.x;
        if tail <= 0.0 {
            return 0..x.len();
        }
        let placed = &self.placed[index];
        let (from, to) = self.arrangement.lines()[index].shape.window(placed.centre(), placed.parameters(), tail);
        let start = x.partition_point(|&at| at < from);
        start..start + x[start..].partition_point(|&at| at <= to)
    }

    /// Points of each of `n` unknowns that lines touch: `of` names those of a line.
    fn hulls(&self, n: usize, tail: f64, of: impl Fn(usize, &mut dyn FnMut(usize))) -> Vec<Range<usize>> {
        let mut hulls = vec![0..0; n];
        for index in 0..self.placed.len() {
            let window = self.window(index, tail);
            of(index, &mut |unknown: usize| {
                let hull = &mut hulls[unknown];
                *hull = if hull.start >= hull.end {
                    window.clone()
                } else {
                    hull.start.min(window.start)..hull.end.max(window.end)
                };
            });
        }
        hulls
    }

    fn draw(&mut self) {
        let hulls = self.hulls(self.columns.len(), self.tails.model, |index, touch| {
            touch(self.arrangement.lines()[index].linear);
        });
        for (column, hull) in self.columns.iter_mut().zip(hulls) {
            column.clear_over(hull);
        }
        for (index, line) in self.arrangement.lines().iter().enumerate() {
            let window = self.window(index, self.tails.model);
            let placed = &self.placed[index];
            let target = self.columns[line.linear].over(window.clone());
            line.shape.add_values(&self.points.x[window], placed.centre(), placed.parameters(), line.factor, target);
        }
    }

    /// Ordinates, residuals and chi-square for the present linear unknowns.
    fn sum(&mut self) {
        let (own, background) = self.linear.split_at(self.columns.len());
        self.signal.fill(0.0);
        for (column, &value) in self.columns.iter().zip(own) {
            column.add_to(&mut self.signal, value);
        }
        self.calculated.copy_from_slice(&self.signal);
        if let Some(loss) = &self.loss {
            for (sum, area) in self.calculated.iter_mut().zip(loss.integral(0, &self.signal)) {
                *sum += loss.rate * area;
            }
        }
        for (column, &value) in self.given.background.iter().zip(background) {
            column.add_to(&mut self.calculated, value);
        }
        let points = self.points.y.iter().zip(self.points.weight).zip(&self.calculated);
        for ((residual, pull), ((y, w), c)) in self.residual.iter_mut().zip(&mut self.pull.on_all).zip(points) {
            *residual = y - c;
            *pull = w * *residual;
        }
        self.chi_squared = dot(&self.residual, &self.pull.on_all);
        self.pull.on_signal = self.loss.as_ref().map(|loss| loss.adjoint(&self.pull.on_all));
    }

    /// The pull that sums over all points a column times background column `index`, weighted.
    pub(super) fn pull_of_background(&self, index: usize) -> Pull {
        let column = &self.given.background[index];
        let mut on_all = vec![0.0; self.points.x.len()];
        column.add_to(&mut on_all, 1.0);
        on_all.iter_mut().zip(self.points.weight).for_each(|(value, w)| *value *= w);
        let on_signal = self.loss.as_ref().map(|loss| loss.adjoint(&on_all));
        Pull { on_all, on_signal }
    }

    /// A column of the model times the root of the weights; one of the signal brings its background along.
    fn weighted(&self, column: &Column, range: Range<usize>, is_signal: bool) -> Column {
        let part = &column.values[range.start - column.start..range.end - column.start];
        let mut values = part.to_vec();
        if let (Some(loss), true) = (&self.loss, is_signal) {
            let integral = loss.integral(range.start, part);
            values.resize(integral.len(), 0.0);
            for (value, area) in values.iter_mut().zip(integral) {
                *value += loss.rate * area;
            }
        }
        for (value, root) in values.iter_mut().zip(&self.root_weight[range.start..]) {
            *value *= root;
        }
        Column { start: range.start, values }
    }

    /// Weighted columns of all linear unknowns, cut by `tail`.
    fn linear_columns(&self, tail: f64) -> Vec<Column> {
        let hulls = self.hulls(self.columns.len(), tail, |index, touch| {
            touch(self.arrangement.lines()[index].linear);
        });
        let lines = self.columns.iter().zip(hulls).map(|(column, hull)| {
            let extent = column.extent();
            let start = hull.start.clamp(extent.start, extent.end);
            let range = start..hull.end.clamp(start, extent.end);
            self.weighted(column, range, true)
        });
        lines.chain(self.given.background.iter().map(|column| self.weighted(column, column.extent(), false))).collect()
    }

    /// Sums over all points of the derivatives to the linear unknowns times `pull`.
    pub(super) fn linear_along(&self, pull: &Pull) -> Vec<f64> {
        let lines = self.columns.iter().map(|column| column.along(pull.on_signal()));
        lines.chain(self.given.background.iter().map(|column| column.along(&pull.on_all))).collect()
    }

    /// Solve for the linear unknowns: Newton steps with the windowed normal matrix and the whole gradient.
    fn solve_linear(&mut self) -> Result<()> {
        let Gram { order, mut matrix } = Gram::of(&self.linear_columns(self.tails.curvature));
        (0..order.len()).for_each(|row| matrix.stiffen(row, RIDGE));
        let sorted = |values: &[f64]| order.iter().map(|&i| values[i]).collect::<Vec<f64>>();
        let non_negative: Vec<bool> = order.iter().map(|&i| self.given.non_negative[i]).collect();
        self.sum();
        for _ in 0..PASSES {
            let before = sorted(&self.linear);
            let descent = sorted(&self.linear_along(&self.pull));
            let right: Vec<f64> = matrix.times(&before).iter().zip(&descent).map(|(p, g)| p + g).collect();
            let mut after = before.clone();
            if after.iter().all(|&value| value == 0.0) {
                after = (0..right.len()).map(|i| right[i].max(0.0) / matrix.get(i, i)).collect();
            }
            improve_non_negative(&matrix, &right, &non_negative, &mut after)?;
            let step: Vec<f64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
            let small = dot(&step, &descent) <= SETTLED * self.chi_squared + self.rounding;
            for (&i, value) in order.iter().zip(after) {
                self.linear[i] = value;
            }
            self.sum();
            if small {
                break;
            }
        }
        Ok(())
    }

    /// Which linear unknowns take part: those that are free and those above zero.
    pub(super) fn active_linear(&self) -> Vec<usize> {
        let moving = |&i: &usize| !self.given.non_negative[i] || self.linear[i] > 0.0;
        (0..self.linear.len()).filter(moving).collect()
    }

    /// Weighted derivative columns to theta followed by those to the active linear unknowns, cut by `tail`; and for each
    /// of `pulls` the sums over all points of the derivatives to theta times it.
    pub(super) fn derivatives(&self, n_theta: usize, tail: f64, pulls: &[&Pull]) -> (Vec<Column>, Vec<Vec<f64>>) {
        let hulls = self.hulls(n_theta, tail, |index, touch| {
            if self.linear[self.arrangement.lines()[index].linear] != 0.0 {
                self.placed[index].links.iter().for_each(|link| touch(link.theta));
            }
        });
        let mut columns: Vec<Column> =
            hulls.into_iter().map(|hull| Column { start: hull.start, values: vec![0.0; hull.len()] }).collect();
        let mut sums = vec![vec![0.0; n_theta]; pulls.len()];
        let mut shape = ShapeColumns::default();
        for (index, line) in self.arrangement.lines().iter().enumerate() {
            let amplitude = line.factor * self.linear[line.linear];
            let placed = &self.placed[index];
            if amplitude == 0.0 || placed.links.is_empty() {
                continue;
            }
            let (whole, near) = (self.window(index, self.tails.model), self.window(index, tail));
            let near = near.start.clamp(whole.start, whole.end)..near.end.clamp(whole.start, whole.end);
            line.shape.fill(&self.points.x[whole.clone()], placed.centre(), placed.parameters(), &mut shape);
            for link in &placed.links {
                let by = &shape.by[link.number];
                for (sum, pull) in sums.iter_mut().zip(pulls) {
                    sum[link.theta] += amplitude * link.slope * dot(by, &pull.on_signal()[whole.clone()]);
                }
                let part = &by[near.start - whole.start..near.end - whole.start];
                add_scaled(columns[link.theta].over(near.clone()), amplitude * link.slope, part);
            }
        }
        let mut weighted: Vec<Column> =
            columns.iter().map(|column| self.weighted(column, column.extent(), true)).collect();
        if let (Some(loss), Some(index)) = (&self.loss, self.given.loss) {
            let rise = Column { start: 0, values: loss.integral(0, &self.signal) };
            sums.iter_mut().zip(pulls).for_each(|(sum, pull)| sum[index] += rise.along(&pull.on_all));
            weighted[index] = self.weighted(&rise, rise.extent(), false);
        }
        let linear = self.linear_columns(tail);
        let active = self.active_linear();
        weighted
            .extend(linear.into_iter().enumerate().filter(|(i, _)| active.binary_search(i).is_ok()).map(|(_, c)| c));
        (weighted, sums)
    }
}

impl<A: Arrangement> Problem<JointCurvature> for Separable<'_, A> {
    fn objective(&mut self, theta: &[f64]) -> Result<f64> {
        if self.place(theta).is_err() {
            return Ok(f64::INFINITY);
        }
        self.draw();
        self.solve_linear()?;
        Ok(self.chi_squared)
    }

    fn linearise(&mut self, theta: &[f64], curvature: &mut JointCurvature, descent: &mut [f64]) -> Result<()> {
        let (columns, gradient) = self.derivatives(theta.len(), self.tails.curvature, &[&self.pull]);
        *curvature = JointCurvature::new(Gram::of(&columns), theta.len());
        descent.copy_from_slice(&gradient[0]);
        Ok(())
    }

    fn rounding(&self) -> f64 {
        self.rounding
    }
}
