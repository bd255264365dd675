//! What a further curve would add to a fitted model when everything in the model may give way.

use crate::error::Result;
use crate::linalg::envelope::EnvelopeCholesky;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::dot;
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
    /// What `curve`, drawn over the points of the model, would add.
    pub fn of(&self, mut curve: Column) -> Addition {
        self.model.fit.weigh_drawn(&mut curve);
        let along: Vec<f64> = self.columns.iter().map(|column| column.times(&curve)).collect();
        let mut solved = along.clone();
        self.factor.solve(&mut solved);
        let alone = dot(&curve.values, &curve.values);
        Addition {
            pull: curve.along(&self.residual) - dot(&along, &self.step),
            information: alone - dot(&along, &solved),
            alone,
        }
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
        let (region, curve) = mixed(0.02);
        let (a, b) = (cubic(), triclinic());
        let (regions, one, both) = ([region], [&a], [&a, &b]);
        let mut model = Model::new(&regions, &one, state(1, 1), Vec::new(), &[]).unwrap();
        model.objective(&[]).unwrap();
        let addition = model.projection(&[]).unwrap().of(curve);
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
            let (region, curve) = mixed(true_amount);
            let (regions, a) = ([region], cubic());
            let phases = [&a];
            let mut model = Model::new(&regions, &phases, state(1, 1), Vec::new(), &[]).unwrap();
            model.objective(&[]).unwrap();
            let addition = model.projection(&[]).unwrap().of(curve);
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
        let got = model.projection(&refined).unwrap().of(curve.clone());

        let weight = &regions[0].weight;
        let mut columns = model.fit.drawing().derivatives(model.fit.linear(), roles.len(), &[]).columns;
        columns.push(Column { start: 0, values: model.unit_curve(0, 0) });
        columns.extend(regions[0].basis.columns().iter().cloned());
        columns.push(curve);
        let dense: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| {
                let mut values = vec![0.0; weight.len()];
                column.add_to(&mut values, 1.0);
                values
            })
            .collect();
        let n = dense.len();
        let mut normal = crate::linalg::symmetric::Symmetric::zeros(n);
        for i in 0..n {
            for j in 0..=i {
                normal.add(i, j, dense[i].iter().zip(&dense[j]).zip(weight).map(|((a, b), w)| w * a * b).sum());
            }
        }
        (0..roles.len()).for_each(|i| normal.add(i, i, 100.0));
        (roles.len() + 1..n - 1).for_each(|i| normal.add(i, i, regions[0].basis_sd.powi(-2)));
        let variance = normal.cholesky("test").unwrap().inverse().get(n - 1, n - 1);
        assert!((got.information * variance - 1.0).abs() < 1e-8, "dense inverse, Schur complement");
    }
}
