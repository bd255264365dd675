//! The model of a separable fit: columns drawn, linear unknowns solved, derivatives taken.

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
pub struct Separable<D> {
    y: Vec<f64>,
    weight: Vec<f64>,
    root_weight: Vec<f64>,
    drawing: D,
    non_negative: Vec<bool>,
    background: Vec<Column>,
    restraints: Vec<Restraint>,
    tails: Tails,
    /// What each linear unknown of the drawing multiplies, and where.
    columns: Vec<Column>,
    extents: Vec<Extent>,
    /// Weighted columns of all linear unknowns over what is near.
    near: Vec<Column>,
    /// An active Shirley background and the nonlinear unknown that is its rate.
    loss: Option<(Loss, usize)>,
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

/// Nonlinear unknowns followed by active linear ones, to first order.
#[derive(Debug, Clone)]
pub struct Tangent {
    /// Weighted derivative of the calculated ordinates to each.
    pub columns: Vec<Column>,
    /// Half the fall of the objective, priors of nonlinear unknowns left out, along each.
    pub descent: Vec<f64>,
    /// Products of the columns, with the restraints.
    pub gram: Gram,
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

impl<D: Drawing> Separable<D> {
    /// A model whose linear unknowns are not solved yet.
    ///
    /// # Errors
    /// `LengthMismatch` where unknowns and columns do not belong together.
    pub fn new(points: Points<'_>, drawing: D, given: Linear<'_>, tails: Tails) -> Result<Self> {
        let n = points.x.len();
        let (expected, got) = (drawing.n_linear() + given.background.len(), given.non_negative.len());
        if expected != got {
            return Err(Error::LengthMismatch { what: "linear unknowns", expected, got });
        }
        if let Some(column) = given.background.iter().find(|column| column.extent().end > n) {
            return Err(Error::LengthMismatch { what: "background column", expected: n, got: column.extent().end });
        }
        Ok(Self {
            y: points.y.to_vec(),
            weight: points.weight.to_vec(),
            non_negative: given.non_negative.to_vec(),
            background: given.background.to_vec(),
            restraints: given.restraints.to_vec(),
            tails,
            root_weight: points.weight.iter().map(|w| w.sqrt()).collect(),
            columns: vec![Column::default(); drawing.n_linear()],
            extents: Vec::new(),
            near: vec![Column::default(); given.non_negative.len()],
            drawing,
            loss: given.loss.map(|index| (Loss::new(points.x), index)),
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

    /// The same, to be told more.
    pub fn drawing_mut(&mut self) -> &mut D {
        &mut self.drawing
    }

    /// The same model of the same evaluation, with other weights and restraints.
    #[must_use]
    pub fn weighted_by(mut self, weight: Vec<f64>, restraints: Vec<Restraint>) -> Self {
        self.root_weight = weight.iter().map(|w| w.sqrt()).collect();
        (self.weight, self.restraints) = (weight, restraints);
        self.weigh_linear();
        self
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
        self.background.len()
    }

    /// Weighted sum of squared residuals.
    pub fn chi_squared(&self) -> f64 {
        self.chi_squared
    }

    /// The same with what the restraints add.
    fn objective_value(&self) -> f64 {
        self.chi_squared + self.restraints.iter().map(|r| r.penalty(&self.linear)).sum::<f64>()
    }

    /// Go to `theta` without drawing.
    pub(super) fn place(&mut self, theta: &[f64], tails: Tails) -> Result<()> {
        self.drawing.place(theta, tails)?;
        self.drawing.extents(&mut self.extents);
        if let Some((loss, index)) = &mut self.loss {
            loss.rate = theta[*index];
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
        if let Some((loss, _)) = &self.loss {
            for (sum, area) in self.calculated.iter_mut().zip(loss.integral(0, &self.signal)) {
                *sum += loss.rate * area;
            }
        }
        for (column, &value) in self.background.iter().zip(background) {
            column.add_to(&mut self.calculated, value);
        }
        let points = self.y.iter().zip(&self.weight).zip(&self.calculated);
        for ((residual, pull), ((y, w), c)) in self.residual.iter_mut().zip(&mut self.pull.on_all).zip(points) {
            *residual = y - c;
            *pull = w * *residual;
        }
        self.chi_squared = dot(&self.residual, &self.pull.on_all);
        self.pull.on_signal = self.loss.as_ref().map(|(loss, _)| loss.adjoint(&self.pull.on_all));
    }

    /// The pull that sums over all points a column times background column `index`, weighted.
    pub(super) fn pull_of_background(&self, index: usize) -> Pull {
        let column = &self.background[index];
        let mut on_all = vec![0.0; self.y.len()];
        column.add_to(&mut on_all, 1.0);
        on_all.iter_mut().zip(&self.weight).for_each(|(value, w)| *value *= w);
        let on_signal = self.loss.as_ref().map(|(loss, _)| loss.adjoint(&on_all));
        Pull { on_all, on_signal }
    }

    /// Weight a column of derivatives; one of the signal brings its background along.
    fn weigh(&self, column: &mut Column, is_signal: bool) {
        if let (Some((loss, _)), true) = (&self.loss, is_signal) {
            let integral = loss.integral(column.start, &column.values);
            column.values.resize(integral.len(), 0.0);
            for (value, area) in column.values.iter_mut().zip(integral) {
                *value += loss.rate * area;
            }
        }
        for (value, root) in column.values.iter_mut().zip(&self.root_weight[column.start..]) {
            *value *= root;
        }
    }

    /// Weigh the columns of all linear unknowns, cut to what is near.
    pub(super) fn weigh_linear(&mut self) {
        let mut near = std::mem::take(&mut self.near);
        let drawn = self.columns.iter().zip(&self.extents).map(|(column, extent)| (column, Some(&extent.near)));
        let background = self.background.iter().map(|column| (column, None));
        for (weighted, (column, extent)) in near.iter_mut().zip(drawn.chain(background)) {
            weighted.copy_part(column, extent);
            self.weigh(weighted, extent.is_some());
        }
        self.near = near;
    }

    /// Sums over all points of the derivatives to the linear unknowns times `pull`.
    pub(super) fn linear_along(&self, pull: &Pull) -> Vec<f64> {
        let lines = self.columns.iter().map(|column| column.along(pull.on_signal()));
        lines.chain(self.background.iter().map(|column| column.along(&pull.on_all))).collect()
    }

    /// Products of weighted columns, of which `of` says where a linear unknown stands, with the restraints.
    pub(super) fn gram(&self, columns: &[&Column], of: impl Fn(usize) -> Option<usize>) -> Gram {
        let couplings: Vec<Vec<usize>> = self
            .restraints
            .iter()
            .map(|restraint| restraint.terms.iter().filter_map(|&(unknown, _)| of(unknown)).collect())
            .collect();
        let mut gram = Gram::coupled(columns, couplings.iter().map(Vec::as_slice));
        let rows = gram.rows();
        for restraint in &self.restraints {
            restraint.add_curvature(&mut gram.matrix, |unknown| of(unknown).map(|column| rows[column]));
        }
        gram
    }

    /// Solve for the linear unknowns: Newton steps with the near normal matrix and the whole gradient.
    fn solve_linear(&mut self) -> Result<()> {
        self.weigh_linear();
        let Gram { order, mut matrix } = self.gram(&self.near.iter().collect::<Vec<&Column>>(), Some);
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
        self.restraints.iter().for_each(|restraint| restraint.add_descent(&self.linear, &mut descent));
        let descent = sorted(&descent);
        let right: Vec<f64> = matrix.times(&before).iter().zip(&descent).map(|(p, g)| p + g).collect();
        let mut after = before.clone();
        if after.iter().all(|&value| value == 0.0) {
            after = (0..right.len()).map(|i| right[i].max(0.0) / matrix.get(i, i)).collect();
        }
        let non_negative: Vec<bool> = order.iter().map(|&i| self.non_negative[i]).collect();
        improve_non_negative(matrix, &right, &non_negative, &mut after)?;
        for (&i, value) in order.iter().zip(&after) {
            self.linear[i] = *value;
        }
        Ok(after.iter().zip(&before).zip(&descent).map(|((a, b), g)| (a - b) * g).sum())
    }

    /// Which linear unknowns take part: those that are free and those above zero.
    pub fn active_linear(&self) -> Vec<usize> {
        let moving = |&i: &usize| !self.non_negative[i] || self.linear[i] > 0.0;
        (0..self.linear.len()).filter(moving).collect()
    }

    /// Weighted derivative columns to theta, and for each of `pulls` the sums over all points of the derivatives to theta
    /// times it.
    pub(super) fn derivatives(&self, n_theta: usize, pulls: &[&Pull]) -> (Vec<Column>, Vec<Vec<f64>>) {
        let on_signal: Vec<&[f64]> = pulls.iter().map(|pull| pull.on_signal()).collect();
        let Derivatives { mut columns, mut sums } = self.drawing.derivatives(&self.linear, n_theta, &on_signal);
        for column in &mut columns {
            self.weigh(column, true);
        }
        if let Some((loss, index)) = &self.loss {
            let mut rise = Column { start: 0, values: loss.integral(0, &self.signal) };
            sums.iter_mut().zip(pulls).for_each(|(sum, pull)| sum[*index] += rise.along(&pull.on_all));
            self.weigh(&mut rise, false);
            columns[*index] = rise;
        }
        (columns, sums)
    }

    /// How the calculated ordinates change with `n_theta` nonlinear and the active linear unknowns.
    pub fn tangent(&self, n_theta: usize) -> Tangent {
        let (mut columns, sums) = self.derivatives(n_theta, &[&self.pull]);
        let gram = self.joint(&columns);
        let mut along = self.linear_along(&self.pull);
        self.restraints.iter().for_each(|restraint| restraint.add_descent(&self.linear, &mut along));
        let active = self.active_linear();
        columns.extend(active.iter().map(|&unknown| self.near[unknown].clone()));
        let descent = sums[0].iter().copied().chain(active.iter().map(|&unknown| along[unknown])).collect();
        Tangent { columns, descent, gram }
    }

    /// Residuals times the root of their weights.
    pub fn weighted_residual(&self) -> Vec<f64> {
        self.residual.iter().zip(&self.root_weight).map(|(r, root)| r * root).collect()
    }

    /// Weigh something drawn as the columns of the model are weighed.
    pub fn weigh_drawn(&self, column: &mut Column) {
        self.weigh(column, true);
    }

    /// Normal matrix over `n_theta` nonlinear and the active linear unknowns, without priors, and which unknown each of
    /// its columns is: nonlinear ones first.
    pub fn information(&self, n_theta: usize) -> (Gram, Vec<usize>) {
        let (theta, _) = self.derivatives(n_theta, &[]);
        let unknowns = (0..n_theta).chain(self.active_linear().into_iter().map(|i| n_theta + i)).collect();
        (self.joint(&theta), unknowns)
    }

    /// Products of weighted derivative columns to `theta` followed by those to the active linear unknowns, with the
    /// restraints.
    pub(super) fn joint(&self, theta: &[Column]) -> Gram {
        let active = self.active_linear();
        let columns: Vec<&Column> = theta.iter().chain(active.iter().map(|&unknown| &self.near[unknown])).collect();
        self.gram(&columns, |unknown| active.binary_search(&unknown).ok().map(|place| theta.len() + place))
    }
}

impl<D: Drawing> Problem<JointCurvature> for Separable<D> {
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
        *curvature = JointCurvature::new(self.joint(&columns), theta.len());
        descent.copy_from_slice(&gradient[0]);
        Ok(())
    }

    fn rounding(&self) -> f64 {
        self.rounding
    }
}
