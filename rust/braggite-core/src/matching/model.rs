//! The model of a fit: phases over regions as a separable problem, with the background of each region.

use crate::error::Result;
use crate::linalg::envelope::EnvelopeCholesky;
use crate::linalg::normal::Normal;
use crate::matching::column::{Column, Gram};
use crate::matching::fit_covariance::FitCovariance;
use crate::matching::phase::Phase;
use crate::matching::powder::Powder;
use crate::matching::region::Region;
use crate::matching::separable::joint::JointCurvature;
use crate::matching::separable::model::{Linear, Points, Separable};
use crate::matching::separable::restraint::Restraint;
use crate::matching::separable::{Drawing, Tails};
use crate::matching::state::{Role, State};
use crate::optimise::levenberg_marquardt::Problem;

mod held;
pub mod projection;

/// Regions and phases with everything that one evaluation leaves behind.
///
/// Linear unknowns are those of the phases ([`Powder`]), shared by all regions, followed by the background coefficients of
/// each region in turn.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    regions: &'a [Region],
    phases: &'a [&'a Phase],
    /// First background coefficient of each region among all unknowns, and the end.
    backgrounds: Vec<usize>,
    fit: Separable<Powder<'a>>,
}

/// Windows of lines do not depend on tails: they are given by [`super::lines::LineTable`].
const WINDOWS: Tails = Tails { model: 0.0, curvature: 0.0 };

impl<'a> Model<'a> {
    /// A model at `state` in which the numbers named by `roles` will move, its strengths and scales held by `restraints`.
    ///
    /// # Errors
    /// `TooFewPoints` without any region.
    pub fn new(
        regions: &'a [Region],
        phases: &'a [&'a Phase],
        state: State,
        roles: Vec<Role>,
        restraints: &[Restraint],
    ) -> Result<Self> {
        let powder = Powder::new(regions, phases, state, roles)?;
        let own = powder.n_linear();
        let mut backgrounds = vec![own];
        let mut background: Vec<Column> = Vec::new();
        for (r, region) in regions.iter().enumerate() {
            let start = powder.points(r).start;
            let shifted = |column: &Column| Column { start: start + column.start, values: column.values.clone() };
            background.extend(region.basis.columns().iter().map(shifted));
            backgrounds.push(own + background.len());
        }
        let all = |column: fn(&Region) -> &[f64]| -> Vec<f64> { regions.iter().flat_map(column).copied().collect() };
        let net = all(|region| &region.y).iter().zip(all(|region| &region.background)).map(|(y, b)| y - b).collect();
        let (x, y, weight): (_, Vec<f64>, _) = (all(|region| &region.x), net, all(|region| &region.weight));
        let restraints = [restraints, &background_restraints(regions, &backgrounds)].concat();
        let non_negative: Vec<bool> = (0..own + background.len()).map(|i| i < own).collect();
        let linear =
            Linear { non_negative: &non_negative, background: &background, restraints: &restraints, loss: None };
        let points = Points { x: &x, y: &y, weight: &weight };
        Ok(Self { regions, phases, backgrounds, fit: Separable::new(points, powder, linear, WINDOWS)? })
    }

    /// The state of the latest evaluation.
    pub fn state(&self) -> &State {
        self.fit.drawing().state()
    }

    /// Scale of each phase at the latest evaluation; one for a phase without.
    pub fn scales(&self) -> Vec<f64> {
        let scale = |p: usize| self.phases[p].scale().map_or(1.0, |of| self.strengths(p)[of]);
        (0..self.phases.len()).map(scale).collect()
    }

    /// Linear unknowns of phase `p` at the latest evaluation.
    pub fn strengths(&self, p: usize) -> &[f64] {
        &self.fit.linear()[self.fit.drawing().unknowns(p)]
    }

    /// Where the linear unknowns of phase `p` stand in a covariance, which begins with the moving numbers.
    pub fn unknowns(&self, p: usize) -> std::ops::Range<usize> {
        let (own, n_theta) = (self.fit.drawing().unknowns(p), self.n_theta());
        n_theta + own.start..n_theta + own.end
    }

    fn n_theta(&self) -> usize {
        self.fit.drawing().roles().len()
    }

    /// Curve of a phase as it is in the pattern of a region, without background.
    pub fn curve(&self, region: usize, phase: usize) -> Vec<f64> {
        self.drawn(region, phase, |unknown| self.fit.linear()[unknown])
    }

    /// The same for a scale of one.
    pub fn unit_curve(&self, region: usize, phase: usize) -> Vec<f64> {
        self.drawn(region, phase, |_| 1.0)
    }

    /// Sum of what the linear unknowns of a phase draw in a region, each at its `strength`.
    fn drawn(&self, region: usize, phase: usize, strength: impl Fn(usize) -> f64) -> Vec<f64> {
        let points = self.fit.drawing().points(region);
        let mut sum = vec![0.0; points.end];
        for unknown in self.fit.drawing().unknowns(phase) {
            self.fit.columns()[unknown].add_before(&mut sum, strength(unknown));
        }
        sum.split_off(points.start)
    }

    /// Calculated ordinates of a region, background included.
    pub fn calculated(&self, region: usize) -> Vec<f64> {
        let above = &self.fit.calculated()[self.fit.drawing().points(region)];
        above.iter().zip(&self.regions[region].background).map(|(a, b)| a + b).collect()
    }

    /// Calculated ordinates of a region without background.
    pub fn lines(&self, region: usize) -> &[f64] {
        &self.fit.signal()[self.fit.drawing().points(region)]
    }

    /// Fitted background of a region.
    pub fn background(&self, region: usize) -> Vec<f64> {
        let mut sum = self.regions[region].background.clone();
        let coefficients = &self.fit.linear()[self.backgrounds[region]..self.backgrounds[region + 1]];
        self.regions[region].basis.add_to(&mut sum, coefficients);
        sum
    }

    /// Number of unknowns that the fit determined: moving numbers, strengths and scales above zero, background coefficients.
    pub fn n_free(&self) -> usize {
        self.n_theta() + self.fit.active_linear().len()
    }

    /// Let the numbers named by `roles` move from here on, at their present values.
    pub fn move_also(&mut self, roles: Vec<Role>) {
        self.fit.drawing_mut().move_also(roles);
    }

    /// Covariance of moving numbers (first) and the linear unknowns of the phases, `extra` being the curvature of priors.
    ///
    /// Numbers without influence (a scale held at zero) get no variance.
    pub fn covariance(&self, extra: &[f64]) -> FitCovariance {
        let Information { of_kept, factor, .. } = self.information(extra);
        let total = self.n_theta() + self.fit.drawing().n_linear();
        let Some(factor) = factor else { return FitCovariance::of_rows(vec![None; total]) };
        let mut rows = vec![None; total];
        for (row, &unknown) in of_kept.iter().enumerate().filter(|&(_, &unknown)| unknown < total) {
            rows[unknown] = Some(row);
        }
        FitCovariance::of_information(rows, factor)
    }

    /// The same where the ordinates vary otherwise than the weights of the fit say: `varied` are the regions with
    /// weights of squared fit weight times true variance, and without restraint of the background.
    ///
    /// The sandwich of Huber (1967), Proc. Fifth Berkeley Symp. 1, 221.
    pub fn covariance_under(&self, extra: &[f64], varied: &[Region]) -> Vec<Option<Vec<f64>>> {
        let information = self.information(extra);
        let weight = varied.iter().flat_map(|region| &region.weight).copied().collect();
        let filling = self.fit.clone().weighted_by(weight, background_restraints(varied, &self.backgrounds));
        let mut filling = filling.information(self.n_theta()).0;
        add_to_theta(&mut filling, extra);
        let filling = filling.matrix.restricted(&information.keep).to_dense();
        let total = self.n_theta() + self.fit.drawing().n_linear();
        let mut rows = vec![None; total];
        let Some(inverse) = information.factor.map(|factor| factor.inverse()) else { return rows };
        let covariance = inverse.congruent(&filling);
        let wanted = || information.of_kept.iter().enumerate().filter(|&(_, &unknown)| unknown < total);
        for (a, &i) in wanted() {
            let mut row = vec![0.0; total];
            wanted().for_each(|(b, &j)| row[j] = covariance.get(a, b));
            rows[i] = Some(row);
        }
        rows
    }

    /// The unknowns that the data determine and the factor of their normal matrix; None where it is singular.
    fn information(&self, extra: &[f64]) -> Information {
        let (mut gram, unknowns) = self.fit.information(self.n_theta());
        add_to_theta(&mut gram, extra);
        let Gram { order, matrix } = gram;
        let keep: Vec<usize> = (0..order.len()).filter(|&row| matrix.get(row, row) > 0.0).collect();
        let factor = matrix.restricted(&keep).cholesky("covariance", f64::EPSILON).ok();
        let of_kept = keep.iter().map(|&row| unknowns[order[row]]).collect();
        Information { keep, of_kept, factor }
    }
}

/// What the data say of the unknowns they determine.
struct Information {
    /// Rows of the normal matrix that are determined, and the unknown of each.
    keep: Vec<usize>,
    of_kept: Vec<usize>,
    factor: Option<EnvelopeCholesky>,
}

fn add_to_theta(gram: &mut Gram, extra: &[f64]) {
    for (row, &column) in gram.order.iter().enumerate() {
        if let Some(value) = extra.get(column) {
            gram.matrix.add_to_diagonal(row, *value);
        }
    }
}

fn background_restraints(regions: &[Region], backgrounds: &[usize]) -> Vec<Restraint> {
    let of_region = |r: usize| {
        let sd = regions[r].basis_sd;
        (backgrounds[r]..backgrounds[r + 1]).filter(move |_| sd.is_finite()).map(move |k| Restraint::to_zero(k, sd))
    };
    (0..regions.len()).flat_map(of_region).collect()
}

impl Problem<JointCurvature> for Model<'_> {
    fn objective(&mut self, theta: &[f64]) -> Result<f64> {
        self.fit.objective(theta)
    }

    fn linearise(&mut self, theta: &[f64], curvature: &mut JointCurvature, descent: &mut [f64]) -> Result<()> {
        self.fit.linearise(theta, curvature, descent)
    }

    fn rounding(&self) -> f64 {
        self.fit.rounding()
    }
}

#[cfg(test)]
mod tests;
