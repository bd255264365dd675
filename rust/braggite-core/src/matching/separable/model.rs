//! The model of a separable fit: columns drawn, linear unknowns solved, derivatives taken.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::linalg::bounded::improve_non_negative;
use crate::linalg::envelope::Envelope;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::dot;
use crate::matching::column::{Column, Gram};
use crate::matching::separable::joint::{JointCurvature, RIDGE};
use crate::matching::separable::loss::Loss;
use crate::matching::separable::restraint::Restraint;
use crate::matching::separable::{Derivatives, Drawing, Extent, Tails};
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

/// Everything that enters linearly.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// For each unknown whether it may not be negative: those of the drawing, then those of the background columns.
    pub non_negative: &'a [bool],
    /// Background columns.
    pub background: &'a [Column],
    /// What is known of them before the data.
    pub restraints: &'a [Restraint],
    /// Nonlinear unknown that is the rate of an active Shirley background.
    pub loss: Option<usize>,
}

/// Points, what is drawn over them, and all that one evaluation leaves behind.
#[derive(Debug, Clone)]
pub struct Separable<'a, D> {
    points: Points<'a>,
    drawing: D,
    given: Linear<'a>,
    tails: Tails,
    root_weight: Vec<f64>,
    /// What each linear unknown of the drawing multiplies, and where.
    columns: Vec<Column>,
    extents: Vec<Extent>,
    loss: Option<Loss>,
    linear: Vec<f64>,
    /// Sum of what is drawn, and of everything.
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

impl<'a, D: Drawing> Separable<'a, D> {
    /// A model whose linear unknowns are not solved yet.
    ///
    /// # Errors
    /// `LengthMismatch` where unknowns and columns do not belong together.
    pub fn new(points: Points<'a>, drawing: D, given: Linear<'a>, tails: Tails) -> Result<Self> {
        let n = points.x.len();
        let (expected, got) = (drawing.n_linear() + given.background.len(), given.non_negative.len());
        if expected != got {
            return Err(Error::LengthMismatch { what: "linear unknowns", expected, got });
        }
        if let Some(column) = given.background.iter().find(|column| column.extent().end > n) {
            return Err(Error::LengthMismatch { what: "background column", expected: n, got: column.extent().end });
        }
        Ok(Self {
            points,
            given,
            tails,
            root_weight: points.weight.iter().map(|w| w.sqrt()).collect(),
            columns: vec![Column::default(); drawing.n_linear()],
            extents: Vec::new(),
            drawing,
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

    /// Linear unknowns at the latest evaluation: those of the drawing, then those of the background columns.
    pub fn linear(&self) -> &[f64] {
        &self.linear
    }

    /// What is drawn, at the latest evaluation.
    pub fn drawing(&self) -> &D {
        &self.drawing
    }

    /// What each linear unknown of the drawing multiplies.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Sum of what is drawn at each point.
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

    /// The same with what the restraints add.
    fn objective_value(&self) -> f64 {
        self.chi_squared + self.given.restraints.iter().map(|r| r.penalty(&self.linear)).sum::<f64>()
    }

    /// Go to `theta` without drawing.
    pub(super) fn place(&mut self, theta: &[f64], tails: Tails) -> Result<()> {
        self.drawing.place(theta, tails)?;
        self.drawing.extents(&mut self.extents);
        if let (Some(loss), Some(index)) = (&mut self.loss, self.given.loss) {
            loss.rate = theta[index];
        }
        Ok(())
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

    /// Weighted columns of all linear unknowns over what is near.
    fn linear_columns(&self) -> Vec<Column> {
        let lines = self.columns.iter().zip(&self.extents).map(|(column, extent)| {
            let drawn = column.extent();
            let start = extent.near.start.clamp(drawn.start, drawn.end);
            self.weighted(column, start..extent.near.end.clamp(start, drawn.end), true)
        });
        lines.chain(self.given.background.iter().map(|column| self.weighted(column, column.extent(), false))).collect()
    }

    /// Sums over all points of the derivatives to the linear unknowns times `pull`.
    pub(super) fn linear_along(&self, pull: &Pull) -> Vec<f64> {
        let lines = self.columns.iter().map(|column| column.along(pull.on_signal()));
        lines.chain(self.given.background.iter().map(|column| column.along(&pull.on_all))).collect()
    }

    /// Products of weighted columns, of which `of` says where a linear unknown stands, with the restraints.
    pub(super) fn gram(&self, columns: &[Column], of: impl Fn(usize) -> Option<usize>) -> Gram {
        let couplings: Vec<Vec<usize>> = self
            .given
            .restraints
            .iter()
            .map(|restraint| restraint.terms.iter().filter_map(|&(unknown, _)| of(unknown)).collect())
            .collect();
        let mut gram = Gram::coupled(columns, couplings.iter().map(Vec::as_slice));
        let rows = gram.rows();
        for restraint in self.given.restraints {
            restraint.add_curvature(&mut gram.matrix, |unknown| of(unknown).map(|column| rows[column]));
        }
        gram
    }

    /// Solve for the linear unknowns: Newton steps with the near normal matrix and the whole gradient.
    fn solve_linear(&mut self) -> Result<()> {
        let Gram { order, mut matrix } = self.gram(&self.linear_columns(), Some);
        (0..order.len()).for_each(|row| matrix.stiffen(row, RIDGE));
        self.sum();
        for _ in 0..PASSES {
            let gain = self.newton(&order, &matrix)?;
            self.sum();
            if gain <= SETTLED * self.chi_squared + self.rounding || self.is_exact() {
                break;
            }
        }
        Ok(())
    }

    /// Whether the normal matrix leaves nothing out, so that one step settles the linear unknowns.
    #[allow(clippy::float_cmp, reason = "the same number or another one")]
    fn is_exact(&self) -> bool {
        self.tails.model == self.tails.curvature
    }

    /// One step of the linear unknowns, and the fall of the objective it promises.
    fn newton(&mut self, order: &[usize], matrix: &Envelope) -> Result<f64> {
        let sorted = |values: &[f64]| order.iter().map(|&i| values[i]).collect::<Vec<f64>>();
        let before = sorted(&self.linear);
        let mut descent = self.linear_along(&self.pull);
        self.given.restraints.iter().for_each(|restraint| restraint.add_descent(&self.linear, &mut descent));
        let descent = sorted(&descent);
        let right: Vec<f64> = matrix.times(&before).iter().zip(&descent).map(|(p, g)| p + g).collect();
        let mut after = before.clone();
        if after.iter().all(|&value| value == 0.0) {
            after = (0..right.len()).map(|i| right[i].max(0.0) / matrix.get(i, i)).collect();
        }
        let non_negative: Vec<bool> = order.iter().map(|&i| self.given.non_negative[i]).collect();
        improve_non_negative(matrix, &right, &non_negative, &mut after)?;
        for (&i, value) in order.iter().zip(&after) {
            self.linear[i] = *value;
        }
        Ok(after.iter().zip(&before).zip(&descent).map(|((a, b), g)| (a - b) * g).sum())
    }

    /// Which linear unknowns take part: those that are free and those above zero.
    pub(super) fn active_linear(&self) -> Vec<usize> {
        let moving = |&i: &usize| !self.given.non_negative[i] || self.linear[i] > 0.0;
        (0..self.linear.len()).filter(moving).collect()
    }

    /// Weighted derivative columns to theta followed by those to the active linear unknowns, and for each of `pulls` the
    /// sums over all points of the derivatives to theta times it.
    pub(super) fn derivatives(&self, n_theta: usize, pulls: &[&Pull]) -> (Vec<Column>, Vec<Vec<f64>>) {
        let on_signal: Vec<&[f64]> = pulls.iter().map(|pull| pull.on_signal()).collect();
        let Derivatives { columns, mut sums } = self.drawing.derivatives(&self.linear, n_theta, &on_signal);
        let mut weighted: Vec<Column> =
            columns.iter().map(|column| self.weighted(column, column.extent(), true)).collect();
        if let (Some(loss), Some(index)) = (&self.loss, self.given.loss) {
            let rise = Column { start: 0, values: loss.integral(0, &self.signal) };
            sums.iter_mut().zip(pulls).for_each(|(sum, pull)| sum[index] += rise.along(&pull.on_all));
            weighted[index] = self.weighted(&rise, rise.extent(), false);
        }
        let active = self.active_linear();
        let linear = self.linear_columns().into_iter().enumerate();
        weighted.extend(linear.filter(|(i, _)| active.binary_search(i).is_ok()).map(|(_, column)| column));
        (weighted, sums)
    }

    /// Products of the columns that [`Self::derivatives`] gives, with the restraints.
    pub(super) fn joint(&self, columns: &[Column], n_theta: usize) -> Gram {
        let active = self.active_linear();
        self.gram(columns, |unknown| active.binary_search(&unknown).ok().map(|place| n_theta + place))
    }
}

impl<D: Drawing> Problem<JointCurvature> for Separable<'_, D> {
    fn objective(&mut self, theta: &[f64]) -> Result<f64> {
        if self.place(theta, self.tails).is_err() {
            return Ok(f64::INFINITY);
        }
        self.drawing.draw(&mut self.columns);
        self.solve_linear()?;
        Ok(self.objective_value())
    }

    fn linearise(&mut self, theta: &[f64], curvature: &mut JointCurvature, descent: &mut [f64]) -> Result<()> {
        let (columns, gradient) = self.derivatives(theta.len(), &[&self.pull]);
        *curvature = JointCurvature::new(self.joint(&columns, theta.len()), theta.len());
        descent.copy_from_slice(&gradient[0]);
        Ok(())
    }

    fn rounding(&self) -> f64 {
        self.rounding
    }
}
