//! Where the lines of a phase stand in a region, how wide and how strong they are, with derivatives.

use crate::lineshape::axial_divergence::{axial_shift, panel_nodes};
use crate::lineshape::pseudo_voigt::add_values;
use crate::lineshape::thompson_cox_hastings::{Mixture, mixture};
use crate::matching::anisotropic_strain::width_over_tangent;
use crate::matching::freedom::{inverse, metric_with_derivatives, product, quadratic};
use crate::matching::phase::Phase;
use crate::matching::region::{EmissionLine, Reach, Region};
use crate::matching::state::{PhaseState, RegionState, State};

const DEGREES: f64 = 180.0 / std::f64::consts::PI;
/// Smallest Gaussian full width, degrees: keeps the shape differentiable.
const GAUSS_FLOOR_DEG: f64 = 0.004;
/// Below this spread, in widths, axial divergence only shifts a line: it would widen it by less than one percent.
const AXIAL_VISIBLE: f64 = 0.25;

/// How far beside the strongest line others of its radiation lie, degrees: K-alpha2 at high angle, W L-alpha2.
const DOUBLET_MARGIN: f64 = 1.0;
const GHOST_MARGIN: f64 = 3.0;
/// Most panels of nodes for one line.
const MAX_PANELS: f64 = 6.0;

/// One component of one line: a wavelength of the source at a node of the axial divergence.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// Centre in degrees 2-theta, all shifts included.
    pub centre: f64,
    /// Derivative of the centre to the position of the line: Bragg's law, shifts and axial divergence.
    pub centre_by_two_theta: f64,
    /// Sine of the Bragg angle of its wavelength.
    pub sine: f64,
    /// Cosine of that.
    pub cosine: f64,
    /// Shift by axial divergence, degrees.
    pub axial_shift: f64,
    /// Share of the line's area.
    pub share: f64,
    /// Widths, those of the emission line included.
    pub mixture: Mixture,
    /// Derivative of the natural width of the emission line to the position of the line; 0 for a sharp one.
    pub natural_by_two_theta: f64,
    /// Half width of its window, degrees.
    pub reach: f64,
}

impl Component {
    /// Points of the region within its reach.
    pub fn window(&self, region: &Region) -> std::ops::Range<usize> {
        let start = region.x.partition_point(|&x| x < self.centre - self.reach);
        let end = start + region.x[start..].partition_point(|&x| x <= self.centre + self.reach);
        start..end
    }
}

/// One line of one phase in one region.
#[derive(Debug, Clone)]
pub struct LinePlace {
    /// Index of the line in its phase.
    pub index: usize,
    /// Radiation it is seen by, 0 the main one, and its share.
    pub radiation: usize,
    /// Strength of its radiation: 1 for the main one, beside the strongest line of that for a ghost.
    pub share: f64,
    /// Unshifted position of the strongest wavelength, degrees 2-theta.
    pub two_theta: f64,
    /// Area for a scale of one, before shares.
    pub area: f64,
    /// Area for a strength (multiplicity times |F|²) of one, before shares.
    pub area_per_strength: f64,
    /// Relative derivative of the area to the logarithm of the March parameter.
    pub by_log_march: f64,
    /// Relative derivative of the area to B.
    pub by_delta_b: f64,
    /// Gaussian and Lorentzian full width, degrees.
    pub widths: [f64; 2],
    /// Their mixture.
    pub mixture: Mixture,
    /// Derivative of the Gaussian full width to U, V and W.
    pub gauss_by: [f64; 3],
    /// Derivative of the Lorentzian full width to size (or X) and strain (or Y).
    pub lorentz_by: [f64; 2],
    /// Derivative of the Gaussian full width to the variance of 1/d² that anisotropic strain makes, 1e-12 angstrom⁻⁴.
    pub gauss_by_variance: f64,
    /// Of the Lorentzian full width.
    pub lorentz_by_variance: f64,
    /// Derivative to the position in degrees 2-theta of the Gaussian full width.
    pub gauss_by_two_theta: f64,
    /// Of the Lorentzian full width.
    pub lorentz_by_two_theta: f64,
    /// Of the area, relative.
    pub area_by_two_theta: f64,
    /// Position of the strongest wavelength with all shifts, degrees 2-theta.
    pub centre: f64,
    /// Derivative of the position to 1/d².
    pub two_theta_by_q: f64,
    /// Covariant image of the indices, for derivatives to the cell.
    pub direct: [f64; 3],
    /// Half width of its window, degrees.
    pub reach: f64,
    /// Nowhere further, degrees.
    pub longest_deg: f64,
}

/// Quantities of a phase in a region that stay fixed while the state moves.
#[derive(Debug, Clone)]
pub struct LineTable {
    /// Reach of each line in full widths.
    pub(super) reach: Vec<f64>,
    /// The longest, degrees.
    pub(super) longest_deg: f64,
}

impl LineTable {
    /// Reach of every line, from its strength beside the strongest.
    pub fn new(phase: &Phase, region: &Region) -> Self {
        let (reciprocal, _) = inverse(&metric_with_derivatives(&phase.cell).0);
        let wavelength = region.wavelength_angstrom();
        let rough: Vec<f64> = phase
            .hkl
            .iter()
            .zip(&phase.strength)
            .map(|(&h, strength)| {
                let sine = 0.5 * wavelength * quadratic(&reciprocal, h).sqrt();
                strength / (sine * sine).max(1e-6)
            })
            .collect();
        let strongest = rough.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let Reach { weakest, strongest: further, longest_deg } = region.reach;
        let reach = rough.iter().map(|r| weakest + further * (r / strongest).sqrt()).collect();
        Self { reach, longest_deg }
    }
}

/// Lines of `phase` whose windows may touch the region by its main radiation, in the order of the phase.
pub fn place_lines<'a>(
    phase: &'a Phase,
    table: &'a LineTable,
    index: usize,
    state: &'a State,
    region_index: usize,
    region: &'a Region,
) -> impl Iterator<Item = LinePlace> + 'a {
    place_lines_by(0, phase, table, index, state, region_index, region)
}

/// The same by any radiation of the region: 0 is the main one, ghosts follow.
pub fn place_lines_by<'a>(
    radiation: usize,
    phase: &'a Phase,
    table: &'a LineTable,
    index: usize,
    state: &'a State,
    region_index: usize,
    region: &'a Region,
) -> impl Iterator<Item = LinePlace> + 'a {
    let cell = state.cell(index, phase);
    let (reciprocal, _) = inverse(&metric_with_derivatives(&cell).0);
    let numbers = &state.phases[index];
    let shifts = state.regions[region_index];
    let optics = &region.optics;
    let wavelength = optics.lines(radiation).first().map_or(f64::NAN, |line| line.wavelength_angstrom);
    let (share, margin) = match radiation.checked_sub(1) {
        None => (1.0, DOUBLET_MARGIN),
        Some(ghost) => (shifts.ghost_shares[ghost], GHOST_MARGIN),
    };
    let mono = (optics.monochromator_two_theta_deg / DEGREES).cos().powi(2);
    let (low, high) = (region.x[0], region.x[region.x.len() - 1]);
    phase.hkl.iter().enumerate().filter_map(move |(line, &h)| {
        let q = quadratic(&reciprocal, h);
        let sine = 0.5 * wavelength * q.sqrt();
        if sine.is_nan() || sine >= 0.9999 {
            return None;
        }
        let cosine = (1.0 - sine * sine).sqrt();
        let tangent = sine / cosine;
        let two_theta = 2.0 * sine.asin() * DEGREES;
        let strained = phase.anisotropic_strain.as_ref().map_or(Strained::EVENLY, |strain| {
            Strained::new(strain.variance(&numbers.strain_terms, line), q, strain.lorentzian_share)
        });
        let widths = Widths::new(state, numbers, &strained, tangent, cosine);
        let mixture = mixture(widths.gauss, widths.lorentz);
        let reach = (table.reach[line] * mixture.fwhm).min(table.longest_deg);
        let centre = two_theta + shifts.shift(sine, cosine, optics.radius_mm).0;
        if centre + reach + margin < low || centre - reach - margin > high {
            return None;
        }
        let cos_two_theta = 1.0 - 2.0 * sine * sine;
        let polarised = 1.0 + mono * cos_two_theta * cos_two_theta;
        let slit = if optics.variable_divergence { sine } else { 1.0 };
        let (texture, slope) = phase.march.as_ref().map_or((1.0, 0.0), |m| m.factor(line, numbers.log_march));
        let area_per_strength =
            polarised / (sine * sine * cosine) * slit * texture * (-0.5 * numbers.delta_b * q).exp();
        let area_by_theta = -8.0 * mono * cos_two_theta * sine * cosine / polarised - 2.0 / tangent
            + tangent
            + if optics.variable_divergence { 1.0 / tangent } else { 0.0 }
            - numbers.delta_b * q / tangent;
        let per_degree = 0.5 / DEGREES;
        Some(LinePlace {
            index: line,
            radiation,
            share,
            two_theta,
            area: phase.strength_at(line, &numbers.b_iso_angstrom2) * area_per_strength,
            area_per_strength,
            by_log_march: slope / texture,
            by_delta_b: -0.5 * q,
            widths: [widths.gauss, widths.lorentz],
            mixture,
            gauss_by: widths.gauss_by,
            gauss_by_variance: widths.gauss_by_variance,
            gauss_by_two_theta: widths.gauss_by_theta * per_degree,
            lorentz_by: [1.0 / cosine, tangent],
            lorentz_by_variance: widths.lorentz_by_variance,
            lorentz_by_two_theta: widths.lorentz_by_theta * per_degree,
            area_by_two_theta: area_by_theta * per_degree,
            centre,
            two_theta_by_q: DEGREES * wavelength / (2.0 * q.sqrt() * cosine),
            direct: product(&reciprocal, h),
            reach,
            longest_deg: table.longest_deg,
        })
    })
}

/// What anisotropic strain adds to a line over tan(theta), and its derivatives.
struct Strained {
    width: f64,
    /// To the variance of 1/d².
    by_variance: f64,
    /// To the logarithm of 1/d² for a given variance.
    by_log_q: f64,
    lorentzian_share: f64,
}

impl Strained {
    /// Where strain is the same in every direction, which the width of the phase covers.
    const EVENLY: Self = Self { width: 0.0, by_variance: 0.0, by_log_q: 0.0, lorentzian_share: 1.0 };

    fn new(variance: f64, q: f64, lorentzian_share: f64) -> Self {
        let (width, by_variance) = width_over_tangent(variance, q);
        Self { width, by_variance, by_log_q: -2.0 * variance * by_variance, lorentzian_share }
    }
}

/// Full widths of a line in degrees, with derivatives.
struct Widths {
    gauss: f64,
    lorentz: f64,
    /// To U, V and W.
    gauss_by: [f64; 3],
    /// To the variance of 1/d².
    gauss_by_variance: f64,
    lorentz_by_variance: f64,
    /// To the Bragg angle in radians.
    gauss_by_theta: f64,
    lorentz_by_theta: f64,
}

impl Widths {
    fn new(state: &State, numbers: &PhaseState, strained: &Strained, tangent: f64, cosine: f64) -> Self {
        let ([u, v, w], [x, y]) = (state.gauss, state.lorentz);
        let (over_cosine, over_tangent) = (x + numbers.size_deg, y + numbers.strain_deg);
        let (share, narrow) = (strained.lorentzian_share, (1.0 - strained.lorentzian_share).powi(2));
        let strain = strained.width * tangent;
        let square = u * tangent * tangent + v * tangent + w + narrow * strain * strain;
        let gauss = square.max(GAUSS_FLOOR_DEG * GAUSS_FLOOR_DEG).sqrt();
        let by_square = if square > GAUSS_FLOOR_DEG * GAUSS_FLOOR_DEG { 0.5 / gauss } else { 0.0 };
        let secant_squared = 1.0 + tangent * tangent;
        // 1/d² goes with the square of sin(theta).
        let strain_by_theta = strained.width * secant_squared + 2.0 * strained.by_log_q;
        let strain_by_variance = strained.by_variance * tangent;
        Self {
            gauss,
            lorentz: (over_cosine / cosine + over_tangent * tangent + share * strain).max(0.0),
            gauss_by: [tangent * tangent, tangent, 1.0].map(|t| t * by_square),
            gauss_by_variance: 2.0 * narrow * strain * strain_by_variance * by_square,
            lorentz_by_variance: share * strain_by_variance,
            gauss_by_theta: ((2.0 * u * tangent + v) * secant_squared + 2.0 * narrow * strain * strain_by_theta)
                * by_square,
            lorentz_by_theta: over_cosine * tangent / cosine + over_tangent * secant_squared + share * strain_by_theta,
        }
    }
}

impl LinePlace {
    /// The components of the line: every wavelength, each spread by axial divergence where that shows.
    ///
    /// Finger, Cox and Jephcoat (1994), J. Appl. Cryst. 27, 892, for equal slit and sample heights, with the height
    /// difference as the variable of integration, which leaves no singularity.
    pub fn components(&self, region: &Region, shifts: RegionState, into: &mut Vec<Component>) {
        into.clear();
        let (sine, cosine) = (0.5 * self.two_theta / DEGREES).sin_cos();
        let lines = region.optics.lines(self.radiation);
        let unit = if self.radiation == 0 { 1.0 } else { region.optics.strongest_share() };
        for line in lines {
            let line_sine = sine * line.wavelength_angstrom / lines[0].wavelength_angstrom;
            if line_sine >= 1.0 {
                continue;
            }
            let line_cosine = (1.0 - line_sine * line_sine).sqrt();
            let by_first = line_sine / line_cosine * cosine / sine;
            let seen = self.seen_by(line, line_sine, line_cosine, by_first);
            let (shift, slope) = shifts.shift(line_sine, line_cosine, region.optics.radius_mm);
            let first = into.len();
            spread(seen, shifts.axial_ratio, into);
            for component in &mut into[first..] {
                component.centre += shift;
                component.centre_by_two_theta = (component.centre_by_two_theta + slope) * by_first;
                component.share *= unit * line.weight;
            }
        }
    }

    /// The line as one emission line sees it, at the angle of this sine and cosine, which moves `by_first` times as far.
    fn seen_by(&self, line: &EmissionLine, sine: f64, cosine: f64, by_first: f64) -> Component {
        let mut seen = Component {
            centre: 2.0 * sine.asin() * DEGREES,
            centre_by_two_theta: 1.0,
            sine,
            cosine,
            axial_shift: 0.0,
            share: 1.0,
            mixture: self.mixture,
            natural_by_two_theta: 0.0,
            reach: self.reach,
        };
        if line.width_angstrom > 0.0 {
            // Bragg's law: 2 d(theta) = 2 tan(theta) d(lambda) / lambda.
            let tangent = sine / cosine;
            let relative = line.width_angstrom / line.wavelength_angstrom;
            let [gauss, lorentz] = self.widths;
            seen.mixture = mixture(gauss, lorentz + 2.0 * tangent * relative * DEGREES);
            seen.natural_by_two_theta = relative * (1.0 + tangent * tangent) * by_first;
            seen.reach = (self.reach * seen.mixture.fwhm / self.mixture.fwhm).min(self.longest_deg);
        }
        seen
    }
}

/// Components of `seen`, one wavelength, spread by axial divergence; their shares sum to one.
fn spread(seen: Component, axial_ratio: f64, into: &mut Vec<Component>) {
    let (two_theta, fwhm) = (seen.centre, seen.mixture.fwhm);
    let largest = axial_shift(two_theta, 2.0 * axial_ratio);
    let component = |axial_shift: f64, by: f64, share: f64| Component {
        centre: two_theta + axial_shift,
        centre_by_two_theta: 1.0 + by,
        axial_shift,
        share,
        ..seen
    };
    let by_two_theta = |height: f64, axial: f64| {
        (1.0 + height * height).sqrt() * (two_theta / DEGREES).sin() / ((two_theta + axial) / DEGREES).sin() - 1.0
    };
    if largest.abs() < AXIAL_VISIBLE * fwhm {
        // The mean of the spread, a sixth of its end, keeps the centroid.
        into.push(component(largest / 6.0, by_two_theta(2.0 * axial_ratio, largest) / 6.0, 1.0));
        return;
    }
    // One panel of nodes for every width and a half of spread keeps the sum smooth.
    let panels = (largest.abs() / (1.5 * fwhm)).ceil().clamp(1.0, MAX_PANELS);
    let first = into.len();
    for (u, weight) in panel_nodes(panels as usize) {
        let height = 2.0 * axial_ratio * u;
        let axial = axial_shift(two_theta, height);
        // The overlap of slit and sample falls linearly to the end.
        let density = (1.0 - u) / ((1.0 + height * height) * ((two_theta + axial) / DEGREES).sin());
        into.push(component(axial, by_two_theta(height, axial), density * weight));
    }
    let total: f64 = into[first..].iter().map(|component| component.share).sum();
    into[first..].iter_mut().for_each(|component| component.share /= total);
}

impl LinePlace {
    /// Mean of `ratio` under the shape of the line.
    pub fn mean_ratio(&self, region: &Region, components: &[Component], ratio: &[f64]) -> f64 {
        let (mut sum, mut norm) = (0.0, 0.0);
        let mut shape = Vec::new();
        for component in components {
            let range = component.window(region);
            shape.clear();
            shape.resize(range.len(), 0.0);
            add_values(&mut shape, &region.x[range.clone()], component.centre, &component.mixture, component.share);
            sum += shape.iter().zip(&ratio[range]).map(|(s, r)| s * r).sum::<f64>();
            norm += shape.iter().sum::<f64>();
        }
        if norm > 0.0 { sum / norm } else { 1.0 }
    }
}

#[cfg(test)]
mod tests;
