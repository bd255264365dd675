//! What a further curve would add to a fitted model when everything in the model may give way.

use crate::error::Result;
use crate::linalg::envelope::EnvelopeCholesky;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::{Symmetric, dot};
use crate::matching::column::{Column, Gram};
use crate::matching::model::{Model, add_to_theta};
use crate::matching::separable::model::Tangent;
use crate::matching::state::Refined;

/// A fitted model, to first order, as further curves see it.
#[derive(Debug, Clone)]
pub struct Projection<'m, 'a> {
    model: &'m Model<'a>,
    /// Weighted derivative columns to the unknowns that the data determine, in the order of `factor`.
    columns: Vec<Column>,
    factor: EnvelopeCholesky,
    /// The step that the unknowns still had before them.
    step: Vec<f64>,
    residual: Vec<f64>,
}

/// Chi-square as a function of the scale s of a further curve, everything else refitted: s² `information` - 2 s `pull`,
/// up to a constant. The scale may be negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Addition {
    /// Half the fall of chi-square by the first bit of the curve.
    pub pull: f64,
    /// One over the variance of the scale.
    pub information: f64,
    /// The same if everything else were known.
    pub alone: f64,
}

impl Addition {
    /// Share of the curve that nothing else can take over.
    pub fn kept(&self) -> f64 {
        self.information / self.alone
    }
}

/// What the unknowns of a model take over of a further curve; room that calls reuse.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    along: Vec<f64>,
    solved: Vec<f64>,
}

/// Mean squares of the sum of residuals over some points, to first order about the fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    /// By counting.
    pub counting: f64,
    /// By a misfit equal to the net signal times a number of variance one for each run of points.
    pub misfit: f64,
}

impl<'a> Model<'a> {
    /// The model at its latest evaluation as further curves see it; its moving numbers are those of `refined`.
    ///
    /// # Errors
    /// `NotPositiveDefinite`.
    pub fn projection(&self, refined: &[Refined]) -> Result<Projection<'_, 'a>> {
        let Tangent { columns, mut descent, gram } = self.fit.tangent(refined.len());
        let mut gram = gram;
        let mut curvature = vec![0.0; refined.len()];
        for (i, entry) in refined.iter().enumerate() {
            if let Some(prior) = entry.parameter.prior {
                curvature[i] = prior.sd.powi(-2);
                descent[i] -= (self.state().get(entry.role) - prior.mean) * curvature[i];
            }
        }
        add_to_theta(&mut gram, &curvature);
        let Gram { order, matrix } = gram;
        let keep: Vec<usize> = (0..order.len()).filter(|&row| matrix.get(row, row) > 0.0).collect();
        let factor = matrix.restricted(&keep).cholesky("projection", f64::EPSILON)?;
        let mut step: Vec<f64> = keep.iter().map(|&row| descent[order[row]]).collect();
        factor.solve(&mut step);
        let columns = keep.iter().map(|&row| columns[order[row]].clone()).collect();
        Ok(Projection { model: self, columns, factor, step, residual: self.fit.weighted_residual() })
    }
}

impl Projection<'_, '_> {
    /// What `curve`, drawn over the points of the model, would add; it becomes weighed.
    pub fn of(&self, curve: &mut Column, taken: &mut Taken) -> Addition {
        self.take(curve, taken);
        let alone = dot(&curve.values, &curve.values);
        Addition {
            pull: curve.along(&self.residual) - dot(&taken.along, &self.step),
            information: alone - dot(&taken.along, &taken.solved),
            alone,
        }
    }

    /// Variance of the scale of `curve` by errors of the ordinates with such weights, over what [`Projection::of`] says
    /// of it: below one where the weights of the model allow for more than those errors.
    pub fn variance_by(&self, weights: &[f64], mut curve: Column) -> f64 {
        let mut taken = Taken::default();
        let information = self.of(&mut curve, &mut taken).information;
        let mut apart = curve;
        self.columns.iter().zip(&taken.solved).for_each(|(column, taken)| column.add_to(&mut apart.values, -taken));
        let modelled = self.model.regions.iter().flat_map(|region| &region.weight);
        let variance = apart.values.iter().zip(modelled).zip(weights).filter(|(_, weight)| **weight > 0.0);
        variance.map(|((value, modelled), weight)| value * value * modelled / weight).sum::<f64>() / information
    }

    /// Weigh a curve and find what of it each unknown takes over.
    fn take(&self, curve: &mut Column, taken: &mut Taken) {
        self.model.fit.weigh_drawn(curve);
        taken.along.clear();
        taken.along.extend(self.columns.iter().map(|column| column.times(curve)));
        taken.solved.clone_from(&taken.along);
        self.factor.solve(&mut taken.solved);
    }

    /// What the fit leaves of errors of the ordinates in sums over each of `runs`, disjoint points; `fitted` are the
    /// weights of the fit, proportional to those of counting over a run, `net` is the signal that a misfit goes with.
    ///
    /// Residuals are (1 - J A⁻¹ Jᵀ W) times the errors, with J the derivatives, W the weights and A the normal matrix;
    /// priors are taken at their word: what they hold back is as wrong as they say.
    pub fn left_of_sums(&self, runs: &[&[usize]], fitted: &[f64], counting: &[f64], net: &[f64]) -> Vec<Left> {
        let over = |points: &[usize], factor: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let sum = |column: &Column| points.iter().filter_map(|&i| Some(factor(i) * column.at(i)?)).sum();
            self.columns.iter().map(sum).collect()
        };
        let mut filling = Symmetric::zeros(self.columns.len());
        let pulls: Vec<Vec<f64>> = runs.iter().map(|points| over(points, &|i| fitted[i].sqrt() * net[i])).collect();
        for pull in &pulls {
            for (i, a) in pull.iter().enumerate() {
                pull.iter().take(i + 1).enumerate().for_each(|(j, b)| filling.add(i, j, a * b));
            }
        }
        let left = |(points, pull): (&&[usize], &Vec<f64>)| {
            let slopes = over(points, &|i| fitted[i].sqrt().recip());
            let mut answer = slopes.clone();
            self.factor.solve(&mut answer);
            let total = |of: &dyn Fn(usize) -> f64| points.iter().map(|&i| of(i)).sum::<f64>();
            let signal = total(&|i| net[i]);
            let ratio = total(&|i| fitted[i] / counting[i]) / points.len() as f64;
            Left {
                counting: total(&|i| counting[i].recip()) - ratio * dot(&slopes, &answer),
                misfit: signal * (signal - 2.0 * dot(&answer, pull)) + dot(&answer, &filling.times(&answer)),
            }
        };
        runs.iter().zip(&pulls).map(left).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::region::Region;
    use crate::matching::separable::Drawing;
    use crate::matching::specimen::{cubic, region, state, triclinic};
    use crate::matching::state::Role;
    use crate::optimise::levenberg_marquardt::Problem;
    use crate::optimise::parameter::Parameter;

    /// A region in which a cubic phase stands and `amount` of a triclinic one, and the curve of the second.
    fn mixed(amount: f64) -> (Region, Column) {
        let mut region = region(20.0, 60.0, 0.02, 3);
        let (a, b) = (cubic(), triclinic());
        let phases = [&a, &b];
        let given = [region.clone()];
        let mut drawing = Model::new(&given, &phases, state(2, 1), Vec::new(), &[]).unwrap();
        drawing.objective(&[]).unwrap();
        let (first, second) = (drawing.unit_curve(0, 0), drawing.unit_curve(0, 1));
        for ((y, a), b) in region.y.iter_mut().zip(first).zip(&second) {
            *y += 0.05 * a + amount * b;
        }
        (region, Column { start: 0, values: second })
    }

    #[test]
    fn is_what_a_fit_with_the_curve_as_a_phase_finds() {
        let (region, mut curve) = mixed(0.02);
        let (a, b) = (cubic(), triclinic());
        let (regions, one, both) = ([region], [&a], [&a, &b]);
        let mut model = Model::new(&regions, &one, state(1, 1), Vec::new(), &[]).unwrap();
        model.objective(&[]).unwrap();
        let addition = model.projection(&[]).unwrap().of(&mut curve, &mut Taken::default());
        let mut whole = Model::new(&regions, &both, state(2, 1), Vec::new(), &[]).unwrap();
        whole.objective(&[]).unwrap();
        let (scale, got) = (whole.scales()[1], addition.pull / addition.information);
        // Scales of a fit carry a ridge of 1e-10 of their curvature.
        assert!((got / scale - 1.0).abs() < 1e-6, "identity: {got} against the fit's {scale}");
        let variance = whole.covariance(&[]).variance(1).unwrap();
        assert!((addition.information * variance - 1.0).abs() < 1e-6, "identity: one over the fit's variance");
        assert!(addition.information < addition.alone, "what others share is lost");
    }

    #[test]
    fn amounts_below_zero_are_said() {
        let amount = |true_amount: f64| {
            let (region, mut curve) = mixed(true_amount);
            let (regions, a) = ([region], cubic());
            let phases = [&a];
            let mut model = Model::new(&regions, &phases, state(1, 1), Vec::new(), &[]).unwrap();
            model.objective(&[]).unwrap();
            let addition = model.projection(&[]).unwrap().of(&mut curve, &mut Taken::default());
            addition.pull / addition.information
        };
        let (more, less) = (amount(0.02), amount(-0.02));
        assert!((more - less - 0.04).abs() < 1e-9, "identity: linear in the truth, {less} to {more}");
        assert!(less < 0.0);
    }

    #[test]
    fn moving_numbers_give_way_as_the_dense_normal_matrix_says() {
        let (region, curve) = mixed(0.02);
        let (regions, a) = ([region], cubic());
        let phases = [&a];
        let roles = [Role::Zero(0), Role::GaussW, Role::Size(0)];
        let start = state(1, 1);
        let refined = roles.map(|role| {
            let value = start.get(role);
            let parameter = Parameter::bounded(value, value - 1.0, value + 1.0).with_prior(value, 0.1);
            Refined { role, parameter }
        });
        let mut model = Model::new(&regions, &phases, start, roles.to_vec(), &[]).unwrap();
        model.objective(&refined.clone().map(|entry| entry.parameter.value)).unwrap();
        let got = model.projection(&refined).unwrap().of(&mut curve.clone(), &mut Taken::default());

        let weight = &regions[0].weight;
        let mut dense = derivatives(&model);
        dense.push(curve.values);
        let n = dense.len();
        let mut normal = products(&dense, weight);
        (0..roles.len()).for_each(|i| normal.add(i, i, 100.0));
        (roles.len() + 1..n - 1).for_each(|i| normal.add(i, i, regions[0].basis_sd.powi(-2)));
        let variance = normal.cholesky("test").unwrap().inverse().get(n - 1, n - 1);
        assert!((got.information * variance - 1.0).abs() < 1e-8, "dense inverse, Schur complement");
    }

    #[test]
    fn a_variance_by_counting_is_the_share_that_its_weights_make() {
        let (region, curve) = mixed(0.02);
        let (regions, a) = ([region], cubic());
        let phases = [&a];
        let mut model = Model::new(&regions, &phases, state(1, 1), Vec::new(), &[]).unwrap();
        model.objective(&[]).unwrap();
        let projection = model.projection(&[]).unwrap();
        let weight = &regions[0].weight;
        let same = projection.variance_by(weight, curve.clone());
        // The restraint of the background's splines is no error of an ordinate.
        assert!((1.0 - same).abs() < 1e-3, "identity: all of the variance, {same}");
        let doubled: Vec<f64> = weight.iter().map(|w| 2.0 * w).collect();
        let half = projection.variance_by(&doubled, curve);
        assert!((half / same - 0.5).abs() < 1e-12, "identity: half the variance");
    }

    /// Derivatives of the ordinates to the moving numbers, the scale of the one phase, the background.
    fn derivatives(model: &Model<'_>) -> Vec<Vec<f64>> {
        let region = &model.regions[0];
        let mut columns = model.fit.drawing().derivatives(model.fit.linear(), model.n_theta(), &[]).columns;
        columns.push(Column { start: 0, values: model.unit_curve(0, 0) });
        columns.extend(region.basis.columns().iter().cloned());
        let dense = |column: &Column| {
            let mut values = vec![0.0; region.x.len()];
            column.add_to(&mut values, 1.0);
            values
        };
        columns.iter().map(dense).collect()
    }

    fn products(columns: &[Vec<f64>], weight: &[f64]) -> Symmetric {
        let mut normal = Symmetric::zeros(columns.len());
        for (i, one) in columns.iter().enumerate() {
            for (j, other) in columns.iter().enumerate().take(i + 1) {
                normal.add(i, j, one.iter().zip(other).zip(weight).map(|((a, b), w)| w * a * b).sum());
            }
        }
        normal
    }

    #[test]
    fn what_a_fit_leaves_is_what_the_dense_projector_leaves() {
        let (mut region, _) = mixed(0.02);
        region.basis_sd = f64::INFINITY;
        let counting: Vec<f64> = region.weight.iter().map(|w| 1.7 * w).collect();
        let (regions, a) = ([region], cubic());
        let phases = [&a];
        let roles = [Role::Zero(0), Role::GaussW, Role::Size(0)];
        let start = state(1, 1);
        let refined = roles.map(|role| Refined { role, parameter: Parameter::bounded(start.get(role), -9.0, 9.0) });
        let mut model = Model::new(&regions, &phases, start, roles.to_vec(), &[]).unwrap();
        model.objective(&refined.clone().map(|entry| entry.parameter.value)).unwrap();
        let (weight, net) = (&regions[0].weight, model.curve(0, 0));
        let points: Vec<usize> = (0..weight.len()).collect();
        let runs: Vec<&[usize]> = points.chunks(9).collect();
        let left = model.projection(&refined).unwrap().left_of_sums(&runs, weight, &counting, &net);

        let columns = derivatives(&model);
        let inverse = products(&columns, weight).cholesky("test").unwrap().inverse().rows();
        for (run, left) in runs.iter().zip(left).step_by(20) {
            let slopes: Vec<f64> = columns.iter().map(|column| run.iter().map(|&i| column[i]).sum()).collect();
            let taken: Vec<f64> = inverse.iter().map(|row| dot(row, &slopes)).collect();
            // The sum of the residuals of the run is that of the errors times this.
            let share = |i: usize| -> f64 {
                let fitted: f64 = columns.iter().zip(&taken).map(|(column, t)| column[i] * t).sum();
                f64::from(u8::from(run.contains(&i))) - weight[i] * fitted
            };
            let by_counting: f64 = points.iter().map(|&i| share(i).powi(2) / counting[i]).sum();
            let along = |run: &&[usize]| run.iter().map(|&i| share(i) * net[i]).sum::<f64>().powi(2);
            let by_misfit: f64 = runs.iter().map(along).sum();
            // Linear unknowns of the fit carry a ridge of 1e-10 of their curvature.
            assert!((left.counting / by_counting - 1.0).abs() < 1e-6, "dense: {} of {by_counting}", left.counting);
            let size = net.iter().map(|n| n * n).fold(0.0, f64::max);
            assert!((left.misfit - by_misfit).abs() < 1e-6 * size, "dense: {} of {by_misfit}", left.misfit);
        }
    }
}
