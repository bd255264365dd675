//! The model of a fit: curves of phases, their linear unknowns, and derivatives to everything else.

use crate::error::{Error, Result};
use crate::linalg::bounded::solve_non_negative;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::{Symmetric, add_scaled, dot, weighted_dot};
use crate::lineshape::pseudo_voigt::{Window, add_values};
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::links::{Strength, links};
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::state::{Role, State};
use crate::optimise::levenberg_marquardt::Problem;

mod held;

/// Regions and phases with everything that one evaluation leaves behind.
///
/// Linear unknowns are the scales of the phases, shared by all regions, followed by the spline coefficients of each
/// region in turn.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    regions: &'a [Region],
    phases: &'a [&'a Phase],
    roles: Vec<Role>,
    state: State,
    tables: Vec<Vec<LineTable>>,
    /// Curve of each phase for a scale of one, by region and phase.
    curves: Vec<Vec<Vec<f64>>>,
    /// State that the curves were drawn for.
    drawn: Option<State>,
    /// Calculated ordinates by region, background included.
    calculated: Vec<Vec<f64>>,
    /// Ordinates above the background estimate, by region.
    net: Vec<Vec<f64>>,
    linear: Vec<f64>,
    spline_offsets: Vec<usize>,
    spline_normal: Symmetric,
    spline_right: Vec<f64>,
}

impl<'a> Model<'a> {
    /// A model at `state` in which the numbers named by `roles` will move.
    ///
    /// # Errors
    /// `TooFewPoints` without any region.
    pub fn new(regions: &'a [Region], phases: &'a [&'a Phase], state: State, roles: Vec<Role>) -> Result<Self> {
        if regions.is_empty() {
            return Err(Error::TooFewPoints { what: "regions", got: 0, needed: 1 });
        }
        let mut spline_offsets = vec![phases.len()];
        for (r, region) in regions.iter().enumerate() {
            spline_offsets.push(spline_offsets[r] + region.spline.columns().len());
        }
        let (spline_normal, spline_right) = spline_equations(regions, &spline_offsets);
        let tables = regions.iter().map(|r| phases.iter().map(|p| LineTable::new(p, r)).collect()).collect();
        let curves = regions.iter().map(|r| vec![vec![0.0; r.x.len()]; phases.len()]).collect();
        let calculated = regions.iter().map(|r| r.background.clone()).collect();
        let net = regions.iter().map(|r| r.y.iter().zip(&r.background).map(|(y, b)| y - b).collect()).collect();
        let linear = vec![0.0; spline_normal.order()];
        Ok(Self {
            regions,
            phases,
            roles,
            state,
            tables,
            curves,
            drawn: None,
            calculated,
            net,
            linear,
            spline_offsets,
            spline_normal,
            spline_right,
        })
    }

    /// The state of the latest evaluation.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Scale of each phase at the latest evaluation.
    pub fn scales(&self) -> &[f64] {
        &self.linear[..self.phases.len()]
    }

    /// Curve of a phase for a scale of one.
    pub fn curve(&self, region: usize, phase: usize) -> &[f64] {
        &self.curves[region][phase]
    }

    /// Calculated ordinates of a region, background included.
    pub fn calculated(&self, region: usize) -> &[f64] {
        &self.calculated[region]
    }

    /// Calculated ordinates of a region without background.
    pub fn lines(&self, region: usize) -> Vec<f64> {
        let mut sum = vec![0.0; self.regions[region].x.len()];
        for (curve, &scale) in self.curves[region].iter().zip(&self.linear) {
            add_scaled(&mut sum, scale, curve);
        }
        sum
    }

    /// Fitted background of a region.
    pub fn background(&self, region: usize) -> Vec<f64> {
        let mut sum = self.regions[region].background.clone();
        let range = self.spline_offsets[region]..self.spline_offsets[region + 1];
        self.regions[region].spline.add_to(&mut sum, &self.linear[range]);
        sum
    }

    /// Number of unknowns that the fit determined: moving numbers, scales above zero, spline coefficients.
    pub fn n_free(&self) -> usize {
        self.roles.len() + self.scales().iter().filter(|&&s| s > 0.0).count() + self.linear.len() - self.phases.len()
    }

    /// Let the numbers named by `roles` move from here on, at their present values.
    pub fn move_also(&mut self, roles: Vec<Role>) {
        self.roles.extend(roles);
    }

    fn apply(&mut self, theta: &[f64]) {
        for (&role, &value) in self.roles.iter().zip(theta) {
            self.state.set(role, value);
        }
    }

    fn fill_curves(&mut self) {
        let mut components = Vec::new();
        for (r, region) in self.regions.iter().enumerate() {
            for (p, phase) in self.phases.iter().enumerate() {
                if self.drawn.as_ref().is_some_and(|drawn| drawn.draws_alike(&self.state, r, p)) {
                    continue;
                }
                let curve = &mut self.curves[r][p];
                curve.fill(0.0);
                for line in place_lines(phase, &self.tables[r][p], p, &self.state, r, region) {
                    let shift = self.state.regions[r];
                    let offset = shift.zero_deg + line.centre_by_displacement * shift.displacement_mm;
                    line.components(region, offset, shift.axial_ratio, &mut components);
                    for component in &components {
                        let range = line.window(region, component);
                        let area = line.area * component.share;
                        add_values(&mut curve[range.clone()], &region.x[range], component.centre, &line.mixture, area);
                    }
                }
            }
        }
        self.drawn = Some(self.state.clone());
    }

    /// Solve scales and spline coefficients for the present curves.
    fn solve_linear(&mut self) -> Result<()> {
        let n_phases = self.phases.len();
        let mut normal = self.spline_normal.clone();
        let mut right = self.spline_right.clone();
        for (r, region) in self.regions.iter().enumerate() {
            for (p, curve) in self.curves[r].iter().enumerate() {
                for (q, other) in self.curves[r].iter().enumerate().take(p + 1) {
                    normal.add(p, q, weighted_dot(&region.weight, curve, other));
                }
                for (k, column) in region.spline.columns().iter().enumerate() {
                    let points = column.start..column.start + column.values.len();
                    let overlap = weighted_dot(&region.weight[points.clone()], &curve[points], &column.values);
                    normal.add(self.spline_offsets[r] + k, p, overlap);
                }
                right[p] += weighted_dot(&region.weight, curve, &self.net[r]);
            }
        }
        // A phase without a line in range gets the scale zero instead of a singular matrix.
        for p in 0..n_phases {
            if normal.get(p, p) <= 0.0 {
                normal.set(p, p, 1.0);
            } else {
                normal.set(p, p, normal.get(p, p) * (1.0 + 1e-10));
            }
        }
        let bounded: Vec<bool> = (0..right.len()).map(|i| i < n_phases).collect();
        self.linear = solve_non_negative(&normal, &right, &bounded)?;
        Ok(())
    }

    fn fill_calculated(&mut self) {
        for (r, region) in self.regions.iter().enumerate() {
            let total = &mut self.calculated[r];
            total.copy_from_slice(&region.background);
            region.spline.add_to(total, &self.linear[self.spline_offsets[r]..self.spline_offsets[r + 1]]);
            for (curve, &scale) in self.curves[r].iter().zip(&self.linear) {
                add_scaled(total, scale, curve);
            }
        }
    }

    /// Weighted sum of squared residuals plus the restraint of the splines.
    fn chi_squared(&self) -> f64 {
        let mut sum = 0.0;
        for (r, region) in self.regions.iter().enumerate() {
            let residuals = region.y.iter().zip(&self.calculated[r]).zip(&region.weight);
            sum += residuals.map(|((y, c), w)| w * (y - c) * (y - c)).sum::<f64>();
            let coefficients = &self.linear[self.spline_offsets[r]..self.spline_offsets[r + 1]];
            sum += coefficients.iter().map(|c| (c / region.spline_sd).powi(2)).sum::<f64>();
        }
        sum
    }

    /// Derivatives of the calculated ordinates of region `r` to every moving number.
    fn derivative_columns(&self, r: usize) -> Vec<Vec<f64>> {
        let region = &self.regions[r];
        let mut columns = vec![vec![0.0; region.x.len()]; self.roles.len()];
        let mut components = Vec::new();
        let mut shape = Window::default();
        for (p, phase) in self.phases.iter().enumerate() {
            let scale = self.linear[p];
            if scale <= 0.0 {
                continue;
            }
            let links = links(&self.roles, &self.state, r, p, phase);
            if links.is_empty() {
                continue;
            }
            for line in place_lines(phase, &self.tables[r][p], p, &self.state, r, region) {
                let shift = self.state.regions[r];
                let offset = shift.zero_deg + line.centre_by_displacement * shift.displacement_mm;
                line.components(region, offset, shift.axial_ratio, &mut components);
                let strengths: Vec<Strength> =
                    links.iter().map(|link| link.strength(&line, shift.axial_ratio)).collect();
                for component in &components {
                    let range = line.window(region, component);
                    shape.fill(&region.x[range.clone()], component.centre, &line.mixture);
                    let area = scale * line.area * component.share;
                    for (link, strength) in links.iter().zip(&strengths) {
                        let (channel, factor) = strength.on(component, &shape);
                        add_scaled(&mut columns[link.column][range.clone()], factor * area, channel);
                    }
                }
            }
        }
        columns
    }

    /// Half the Hessian and half the negative gradient over moving numbers followed by linear unknowns.
    fn joint_equations(&self) -> (Symmetric, Vec<f64>) {
        let n_theta = self.roles.len();
        let mut normal = Symmetric::zeros(n_theta + self.linear.len());
        let mut right = vec![0.0; n_theta + self.linear.len()];
        for i in 0..self.spline_normal.order() {
            for j in 0..=i {
                normal.set(n_theta + i, n_theta + j, self.spline_normal.get(i, j));
            }
        }
        for (r, region) in self.regions.iter().enumerate() {
            let columns = self.derivative_columns(r);
            let residual: Vec<f64> =
                region.y.iter().zip(&self.calculated[r]).zip(&region.weight).map(|((y, c), w)| w * (y - c)).collect();
            let all: Vec<&[f64]> = columns.iter().chain(&self.curves[r]).map(Vec::as_slice).collect();
            let mut weighted = Vec::with_capacity(region.x.len());
            for (i, column) in all.iter().enumerate() {
                weighted.clear();
                weighted.extend(column.iter().zip(&region.weight).map(|(c, w)| c * w));
                for (j, other) in all.iter().enumerate().take(i + 1) {
                    normal.add(i, j, dot(&weighted, other));
                }
                right[i] += dot(column, &residual);
                for (k, spline) in region.spline.columns().iter().enumerate() {
                    let part = &weighted[spline.start..][..spline.values.len()];
                    normal.add(n_theta + self.spline_offsets[r] + k, i, dot(part, &spline.values));
                }
            }
        }
        (normal, right)
    }

    /// Which linear unknowns take part: scales above zero and all spline coefficients.
    fn active_linear(&self) -> Vec<usize> {
        (0..self.linear.len()).filter(|&i| i >= self.phases.len() || self.linear[i] > 0.0).collect()
    }

    /// Covariance of moving numbers (first) and scales (after them), `extra` being the curvature of the priors.
    ///
    /// Numbers without influence (a scale held at zero) get no variance: their row is None.
    pub fn covariance(&self, extra: &[f64]) -> Vec<Option<Vec<f64>>> {
        let (keep, inverse) = self.inverse(extra);
        self.rows(&keep, inverse.as_ref())
    }

    /// The same where the ordinates vary otherwise than the weights of the fit say: `varied` are the regions with
    /// weights of squared fit weight times true variance, and without restraint of the splines.
    ///
    /// The sandwich of Huber (1967), Proc. Fifth Berkeley Symp. 1, 221.
    pub fn covariance_under(&self, extra: &[f64], varied: &[Region]) -> Vec<Option<Vec<f64>>> {
        let (keep, inverse) = self.inverse(extra);
        let (spline_normal, _) = spline_equations(varied, &self.spline_offsets);
        let (mut filling, _) = Model { regions: varied, spline_normal, ..self.clone() }.joint_equations();
        for (i, value) in extra.iter().enumerate() {
            filling.add(i, i, *value);
        }
        let covariance = inverse.map(|inverse| inverse.congruent(&filling.restricted(&keep)));
        self.rows(&keep, covariance.as_ref())
    }

    /// The unknowns that the data determine and the inverse of their normal matrix; None where it is singular.
    fn inverse(&self, extra: &[f64]) -> (Vec<usize>, Option<Symmetric>) {
        let n_theta = self.roles.len();
        let (mut normal, _) = self.joint_equations();
        for (i, value) in extra.iter().enumerate() {
            normal.add(i, i, *value);
        }
        let keep: Vec<usize> = (0..n_theta)
            .chain(self.active_linear().into_iter().map(|i| n_theta + i))
            .filter(|&i| normal.get(i, i) > 0.0)
            .collect();
        let factor = normal.restricted(&keep).cholesky("covariance").ok();
        (keep, factor.map(|factor| factor.inverse()))
    }

    /// Rows of `matrix` over moving numbers and scales, by unknown.
    fn rows(&self, keep: &[usize], matrix: Option<&Symmetric>) -> Vec<Option<Vec<f64>>> {
        let total = self.roles.len() + self.phases.len();
        let mut rows = vec![None; total];
        let Some(matrix) = matrix else { return rows };
        for (a, &i) in keep.iter().enumerate().filter(|&(_, &i)| i < total) {
            let mut row = vec![0.0; total];
            for (b, &j) in keep.iter().enumerate().filter(|&(_, &j)| j < total) {
                row[j] = matrix.get(a, b);
            }
            rows[i] = Some(row);
        }
        rows
    }
}

impl Problem for Model<'_> {
    fn objective(&mut self, theta: &[f64]) -> Result<f64> {
        self.apply(theta);
        self.fill_curves();
        self.solve_linear()?;
        self.fill_calculated();
        Ok(self.chi_squared())
    }

    fn linearise(&mut self, _theta: &[f64], curvature: &mut Symmetric, descent: &mut [f64]) -> Result<()> {
        let n_theta = self.roles.len();
        let (normal, right) = self.joint_equations();
        let linear: Vec<usize> = self.active_linear().into_iter().map(|i| n_theta + i).collect();
        let factor = normal.restricted(&linear).cholesky("linear unknowns")?;
        // Schur complement: z_i = L⁻¹ B_i for each moving number i.
        let reduced: Vec<Vec<f64>> = (0..n_theta)
            .map(|i| {
                let mut column: Vec<f64> = linear.iter().map(|&l| normal.get(l, i)).collect();
                factor.solve_lower(&mut column);
                column
            })
            .collect();
        for i in 0..n_theta {
            for j in 0..=i {
                curvature.set(i, j, normal.get(i, j) - dot(&reduced[i], &reduced[j]));
            }
            descent[i] = right[i];
        }
        Ok(())
    }
}

fn spline_equations(regions: &[Region], offsets: &[usize]) -> (Symmetric, Vec<f64>) {
    let total = offsets[regions.len()];
    let mut normal = Symmetric::zeros(total);
    let mut right = vec![0.0; total];
    for (r, region) in regions.iter().enumerate() {
        let restraint = region.spline_sd.powi(-2);
        let columns = region.spline.columns();
        for (i, a) in columns.iter().enumerate() {
            let weights = &region.weight[a.start..][..a.values.len()];
            let weighted: Vec<f64> = a.values.iter().zip(weights).map(|(v, w)| v * w).collect();
            for (j, b) in columns.iter().enumerate().take(i + 1) {
                let low = a.start.max(b.start);
                let high = (a.start + a.values.len()).min(b.start + b.values.len());
                if low < high {
                    let value = dot(&weighted[low - a.start..high - a.start], &b.values[low - b.start..high - b.start]);
                    normal.add(offsets[r] + i, offsets[r] + j, value);
                }
            }
            // A spline piece over excluded points only stays at zero.
            let floor = if normal.get(offsets[r] + i, offsets[r] + i) > 0.0 { restraint } else { restraint.max(1.0) };
            normal.add(offsets[r] + i, offsets[r] + i, floor);
            let points = a.start..a.start + a.values.len();
            right[offsets[r] + i] =
                weighted.iter().zip(points).map(|(w, k)| w * (region.y[k] - region.background[k])).sum();
        }
    }
    (normal, right)
}

#[cfg(test)]
mod tests;
