//! What a match of a whole pattern says: cells, amounts, strengths and their uncertainties.

use crate::matching::fit::Fit;
use crate::matching::fit_covariance::FitCovariance;
use crate::matching::freedom::{inverse, metric_with_derivatives};
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::pawley::unresolved;
use crate::matching::phase::{Hold, Phase};
use crate::matching::region::Region;
use crate::matching::state::{Refined, Role, State};
use crate::matching::statistics::Statistics;
use crate::optimise::levenberg_marquardt::StopReason;

/// One refined number of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedParameter {
    /// Its place in the model.
    pub role: Role,
    /// Value.
    pub value: f64,
    /// Standard uncertainty, widened for serial correlation; None without influence on the data.
    pub su: Option<f64>,
    /// Standard uncertainty from counting alone.
    pub su_counting: Option<f64>,
    /// Whether it ended at a bound.
    pub at_bound: bool,
    /// The bounds it was held between.
    pub bounds: (f64, f64),
}

/// One phase of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedPhase {
    /// Cell lengths in angstrom, angles in degrees.
    pub cell: [f64; 6],
    /// Standard uncertainties of the cell; None where symmetry fixes the number.
    pub cell_su: [Option<f64>; 6],
    /// Counting uncertainties of the cell.
    pub cell_su_counting: [Option<f64>; 6],
    /// Volume of the cell in cubic angstrom, its uncertainty, its counting uncertainty.
    pub volume: Known,
    /// Weight fraction among the phases of the match, its uncertainty (None for a scale of zero), its counting
    /// uncertainty; None where a phase has no scale.
    pub weight_fraction: Option<Known>,
    /// Sum of the strengths of lines in range (area without Lorentz and polarisation factors), its uncertainty and
    /// its counting uncertainty.
    pub strength: Known,
    /// Bragg R factor in percent, observed intensities by Rietveld's partition; None without intensity.
    pub r_bragg_percent: Option<f64>,
    /// Curve without background.
    pub curve: Vec<f64>,
    /// Index of each reflection in the phase's list.
    pub line: Vec<usize>,
    /// Its position in the pattern, degrees 2-theta.
    pub two_theta_deg: Vec<f64>,
    /// Its calculated area.
    pub area: Vec<f64>,
    /// Uncertainty of that where the line has a strength of its own.
    pub area_su: Vec<Option<f64>>,
    /// Group of lines of the phase that the data cannot tell apart to which it belongs, from 0; None where it stands alone.
    pub group: Vec<Option<usize>>,
    /// Its observed area, partitioned in proportion to the calculated curves.
    pub area_observed: Vec<f64>,
}

/// A number, its standard uncertainty, its counting uncertainty.
pub type Known = (f64, Option<f64>, Option<f64>);

/// A match of a whole pattern.
#[derive(Debug, Clone)]
pub struct PatternMatch {
    /// Why the fit ended.
    pub stop: StopReason,
    /// Steps tried.
    pub iterations: usize,
    /// Agreement, by counting variances.
    pub statistics: Statistics,
    /// Calculated ordinates, background included.
    pub calculated: Vec<f64>,
    /// Fitted background.
    pub background: Vec<f64>,
    /// Highest order of the polynomials it is made of, if it is.
    pub background_order: Option<usize>,
    /// Phases in the order given.
    pub phases: Vec<MatchedPhase>,
    /// Refined numbers.
    pub parameters: Vec<MatchedParameter>,
    /// Scale of each phase, its uncertainty, its counting uncertainty; None where its strengths are free.
    pub scales: Vec<Option<Known>>,
    /// Covariance of the refined numbers followed by the scales there are, widened as their uncertainties are; no row for
    /// a number without influence.
    pub covariance: Vec<Option<Vec<f64>>>,
    /// State at the end.
    pub state: State,
    /// The phase of which two axes changed places before the match agreed.
    pub exchanged: Option<usize>,
}

/// How uncertain refined numbers, strengths and scales are.
#[derive(Debug, Clone)]
pub struct Uncertainty {
    /// From counting alone.
    pub counting: FitCovariance,
    /// By the misfit that the lines show, where it is more than that from counting widened.
    pub by_misfit: Option<FitCovariance>,
    /// Factor on standard uncertainties of what is not from counting alone.
    pub widening: f64,
}

impl Uncertainty {
    fn by_misfit(&self) -> &FitCovariance {
        self.by_misfit.as_ref().unwrap_or(&self.counting)
    }

    /// Uncertainty of the sum of unknowns times their factors.
    fn su(&self, gradient: &[(usize, f64)]) -> Option<f64> {
        root(self.by_misfit().variance_of_sum(gradient)).map(|su| self.widening * su)
    }

    fn su_counting(&self, gradient: &[(usize, f64)]) -> Option<f64> {
        root(self.counting.variance_of_sum(gradient))
    }

    /// Covariance between unknowns.
    fn between(&self, unknowns: &[usize]) -> Vec<Option<Vec<f64>>> {
        let mut rows = self.by_misfit().between(unknowns);
        rows.iter_mut().flatten().flatten().for_each(|entry| *entry *= self.widening * self.widening);
        rows
    }
}

fn root(variance: Option<f64>) -> Option<f64> {
    variance.filter(|variance| *variance >= 0.0).map(f64::sqrt)
}

/// What a fit of `phases` to `region` says, its numbers as uncertain as `uncertainty` holds.
pub fn matched(
    region: &Region,
    phases: &[&Phase],
    result: &Fit<'_>,
    refined: &[Refined],
    statistics: Statistics,
    uncertainty: &Uncertainty,
) -> PatternMatch {
    let model = &result.model;
    let both = |i: usize| (uncertainty.su(&[(i, 1.0)]), uncertainty.su_counting(&[(i, 1.0)]));
    let parameters = refined.iter().enumerate().map(|(i, entry)| {
        let (su, su_counting) = both(i);
        let bounds = (entry.parameter.lower, entry.parameter.upper);
        let at_bound = entry.parameter.at_bound(result.theta[i]);
        MatchedParameter { role: entry.role, value: result.theta[i], su, su_counting, at_bound, bounds }
    });
    let places: Vec<Option<usize>> =
        phases.iter().enumerate().map(|(p, phase)| Some(model.unknowns(p).start + phase.scale()?)).collect();
    let scales = model.scales().into_iter().zip(&places).map(|(scale, place)| {
        let (su, su_counting) = both((*place)?);
        Some((scale, su, su_counting))
    });
    let shown: Vec<usize> = (0..refined.len()).chain(places.iter().flatten().copied()).collect();
    let covariance = uncertainty.between(&shown);
    let calculated = model.calculated(0);
    let background = model.background(0);
    let report = Report { region, phases, result, refined, uncertainty };
    let matched = (0..phases.len()).map(|p| report.phase(p, &calculated, &background)).collect();
    PatternMatch {
        stop: result.stop,
        iterations: result.iterations,
        statistics,
        phases: matched,
        parameters: parameters.collect(),
        scales: scales.collect(),
        calculated,
        background,
        background_order: region.polynomial_order(),
        state: model.state().clone(),
        covariance,
        exchanged: None,
    }
}

struct Report<'a> {
    region: &'a Region,
    phases: &'a [&'a Phase],
    result: &'a Fit<'a>,
    refined: &'a [Refined],
    uncertainty: &'a Uncertainty,
}

impl Report<'_> {
    fn phase(&self, p: usize, calculated: &[f64], background: &[f64]) -> MatchedPhase {
        let (phase, model) = (self.phases[p], &self.result.model);
        let cell = model.state().cell(p, phase);
        let (mut cell_su, mut cell_su_counting) = ([None; 6], [None; 6]);
        for (i, group) in self.groups(p) {
            for &number in &phase.freedom[group] {
                let gradient = [(i, if number < 3 { phase.cell[number] } else { 1.0 })];
                cell_su[number] = self.uncertainty.su(&gradient);
                cell_su_counting[number] = self.uncertainty.su_counting(&gradient);
            }
        }
        let mut matched = MatchedPhase {
            cell,
            cell_su,
            cell_su_counting,
            volume: self.volume(p, &cell),
            weight_fraction: self.weight_fraction(p),
            strength: (0.0, None, None),
            r_bragg_percent: None,
            curve: model.curve(0, p),
            line: Vec::new(),
            two_theta_deg: Vec::new(),
            area: Vec::new(),
            area_su: Vec::new(),
            group: Vec::new(),
            area_observed: Vec::new(),
        };
        self.partition(p, calculated, background, &mut matched);
        matched
    }

    /// Refined numbers that are groups of the cell of phase `p`.
    fn groups(&self, p: usize) -> impl Iterator<Item = (usize, usize)> {
        self.refined.iter().enumerate().filter_map(move |(i, entry)| match entry.role {
            Role::Cell { phase, group } if phase == p => Some((i, group)),
            _ => None,
        })
    }

    /// Hill and Howard (1987), J. Appl. Cryst. 20, 467.
    fn weight_fraction(&self, p: usize) -> Option<Known> {
        let (model, state) = (&self.result.model, self.result.model.state());
        let mut places = Vec::new();
        let mut masses = Vec::new();
        for (q, phase) in self.phases.iter().enumerate() {
            let (_, determinant) = inverse(&metric_with_derivatives(&state.cell(q, phase)).0);
            places.push(model.unknowns(q).start + phase.scale()?);
            masses.push(phase.cell_mass * determinant.max(0.0).sqrt());
        }
        let scales = model.scales();
        let total: f64 = masses.iter().zip(&scales).map(|(m, s)| m * s).sum();
        let fraction = if total > 0.0 { masses[p] * scales[p] / total } else { 0.0 };
        let slope = |q: usize| {
            let own = if q == p { 1.0 } else { 0.0 };
            (places[q], masses[q] * (own - fraction) / total.max(f64::MIN_POSITIVE))
        };
        let gradient: Vec<(usize, f64)> = (0..self.phases.len()).map(slope).collect();
        let present = |su: Option<f64>| su.filter(|_| scales[p] > 0.0);
        Some((fraction, present(self.uncertainty.su(&gradient)), present(self.uncertainty.su_counting(&gradient))))
    }

    /// Volume of the cell and its uncertainties, from the covariance of everything in the cell that moved.
    fn volume(&self, p: usize, cell: &[f64; 6]) -> Known {
        let phase = self.phases[p];
        let (metric, metric_by) = metric_with_derivatives(cell);
        let (reciprocal, determinant) = inverse(&metric);
        let volume = determinant.max(0.0).sqrt();
        // d ln V = trace(G⁻¹ dG) / 2, off-diagonal entries counted twice.
        let by = |number: usize| {
            let products: [f64; 6] = std::array::from_fn(|k| reciprocal[k] * metric_by[number][k]);
            let chain = if number < 3 { phase.cell[number] } else { 1.0 };
            chain * volume * (0.5 * products[..3].iter().sum::<f64>() + products[3..].iter().sum::<f64>())
        };
        let slope = |(i, group): (usize, usize)| (i, phase.freedom[group].iter().map(|&number| by(number)).sum());
        let gradient: Vec<(usize, f64)> = self.groups(p).map(slope).collect();
        // A phase with a scale of zero has no say in its cell: unknown, not zero.
        let known = |su: &f64| *su > 0.0;
        let (su, counting) = (self.uncertainty.su(&gradient), self.uncertainty.su_counting(&gradient));
        (volume, su.filter(known), counting.filter(known))
    }

    /// Observed areas by Rietveld's partition: each point is shared among lines as the calculated pattern shares it.
    fn partition(&self, p: usize, calculated: &[f64], background: &[f64], matched: &mut MatchedPhase) {
        let (region, phase, model) = (self.region, self.phases[p], &self.result.model);
        let state = model.state();
        let ratio = shares(region, calculated, background);
        let table = LineTable::new(phase, region);
        let unknowns = model.unknowns(p);
        let mut strengths = Vec::new();
        let groups = unresolved(region, phase, p, state);
        let (low, high) = (region.x[0], region.x[region.x.len() - 1]);
        let (mut components, mut difference, mut sum) = (Vec::new(), 0.0, 0.0);
        for line in place_lines(phase, &table, p, state, 0, region) {
            let (shifts, centre) = (state.regions[0], line.centre);
            if centre < low || centre > high {
                continue;
            }
            line.components(region, shifts, &mut components);
            let share = line.mean_ratio(region, &components, &ratio);
            let (unknown, factor) = phase.drawn_by(line.index, line.area, line.area_per_strength);
            let area = model.strengths(p)[unknown] * factor;
            strengths.push((unknowns.start + unknown, factor / line.area_per_strength, area / line.area_per_strength));
            let own = [(unknowns.start + unknown, factor)];
            matched
                .area_su
                .push(self.uncertainty.su(&own).filter(|_| matches!(phase.hold, Hold::Free | Hold::Restrained)));
            matched.group.push(groups.iter().position(|group| group.contains(&line.index)));
            matched.line.push(line.index);
            matched.two_theta_deg.push(centre);
            matched.area.push(area);
            matched.area_observed.push(area * share);
            difference += (area * share - area).abs();
            sum += (area * share).abs();
        }
        let gradient = summed(&strengths);
        let (su, su_counting) = (self.uncertainty.su(&gradient), self.uncertainty.su_counting(&gradient));
        matched.strength = (strengths.iter().map(|s| s.2).sum(), su, su_counting);
        matched.r_bragg_percent = (sum > 0.0).then(|| 100.0 * difference / sum);
    }
}

/// Observed over calculated ordinates without background: by it a pattern is shared out among lines.
pub(super) fn shares(region: &Region, calculated: &[f64], background: &[f64]) -> Vec<f64> {
    let share = |i: usize| {
        let model = calculated[i] - background[i];
        if model > 0.0 && region.weight[i] > 0.0 { (region.y[i] - background[i]) / model } else { 1.0 }
    };
    (0..region.x.len()).map(share).collect()
}

/// Gradient of a sum over lines, those of one unknown taken together.
fn summed(strengths: &[(usize, f64, f64)]) -> Vec<(usize, f64)> {
    let mut gradient: Vec<(usize, f64)> = Vec::new();
    for &(unknown, factor, _) in strengths {
        match gradient.last_mut() {
            Some(last) if last.0 == unknown => last.1 += factor,
            _ => gradient.push((unknown, factor)),
        }
    }
    gradient
}
