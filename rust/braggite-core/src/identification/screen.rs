//! How much of what is still unexplained each candidate could explain alone.

use std::f64::consts::LN_2;

use crate::matching::lines::{LineTable, place_lines};
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::state::{RegionState, State};

const DEGREES: f64 = 180.0 / std::f64::consts::PI;
/// Lines of a candidate that take part in the screen.
const MAX_LINES: usize = 80;
/// The screen blurs lines by this factor, to catch what is slightly off.
const BLUR: f64 = 1.4;

/// Lines of a candidate for the screen: positions, areas and tan(theta), lines closer than a width merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    lines: Vec<(f64, f64, f64)>,
    tolerance: f64,
}

/// The best placement of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Fall of the weighted sum of squares.
    pub gain: f64,
    /// Relative stretch of the cell.
    pub strain: f64,
}

impl Fingerprint {
    /// The strongest lines of `phase` inside `region`.
    pub fn new(phase: &Phase, region: &Region, mut start: State, fwhm_deg: f64) -> Self {
        let table = LineTable::new(phase, region);
        start.regions = vec![RegionState::default()];
        let (low, high) = (region.x[0], region.x[region.x.len() - 1]);
        let mut lines: Vec<(f64, f64, f64)> = place_lines(phase, &table, 0, &start, 0, region)
            .filter(|line| line.two_theta > low && line.two_theta < high)
            .map(|line| (line.two_theta, line.area, (0.5 * line.two_theta / DEGREES).tan()))
            .collect();
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        merge(&mut lines, 0.6 * fwhm_deg);
        lines.sort_by(|a, b| b.1.total_cmp(&a.1));
        lines.truncate(MAX_LINES);
        Self { lines, tolerance: phase.cell_tolerance }
    }

    /// The stretch and common shift at which this candidate explains most of the residual.
    pub fn place(&self, residual: &Residual, shifts: &[f64]) -> Placement {
        let step = (0.5 * residual.fwhm_deg / (2.0 * 0.6 * DEGREES)).min(self.tolerance);
        let count = (self.tolerance / step).ceil() as i32;
        let mut best = Placement { gain: 0.0, strain: 0.0 };
        for k in -count..=count {
            let strain = self.tolerance * f64::from(k) / f64::from(count.max(1));
            // Large strains are less likely before the data are seen: one sd is half the tolerance.
            let penalty = (2.0 * strain / self.tolerance).powi(2);
            for &shift in shifts {
                let gain = self.gain(residual, strain, shift) - penalty;
                if gain > best.gain {
                    best = Placement { gain, strain };
                }
            }
        }
        best
    }

    fn gain(&self, residual: &Residual, strain: f64, shift: f64) -> f64 {
        let (mut overlap, mut norm) = (0.0, 0.0);
        for &(two_theta, area, tangent) in &self.lines {
            let (signal, power) = residual.at(two_theta - 2.0 * tangent * strain * DEGREES + shift);
            overlap += area * signal;
            norm += area * area * power;
        }
        if overlap > 0.0 && norm > 0.0 { overlap * overlap / norm } else { 0.0 }
    }
}

fn merge(lines: &mut Vec<(f64, f64, f64)>, distance: f64) {
    let mut merged: Vec<(f64, f64, f64)> = Vec::with_capacity(lines.len());
    for &(position, area, tangent) in lines.iter() {
        match merged.last_mut() {
            Some(last) if position - last.0 < distance => {
                let total = last.1 + area;
                last.0 += (position - last.0) * area / total;
                last.1 = total;
            }
            _ => merged.push((position, area, tangent)),
        }
    }
    *lines = merged;
}

/// What a set of phases leaves unexplained, correlated with a line at every point.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    x: Vec<f64>,
    signal: Vec<f64>,
    power: Vec<f64>,
    fwhm_deg: f64,
}

impl Residual {
    /// From the region and its calculated ordinates, for lines of full width `fwhm_deg`.
    pub fn new(region: &Region, calculated: &[f64], fwhm_deg: f64) -> Self {
        let width = BLUR * fwhm_deg;
        let n = region.x.len();
        let (mut signal, mut power) = (vec![0.0; n], vec![0.0; n]);
        let norm = 2.0 * (LN_2 / std::f64::consts::PI).sqrt() / width;
        for i in 0..n {
            let low = region.x.partition_point(|&x| x < region.x[i] - 1.5 * width);
            for (k, observed) in region.y.iter().enumerate().skip(low) {
                let u = (region.x[k] - region.x[i]) / width;
                if u > 1.5 {
                    break;
                }
                let shape = norm * (-4.0 * LN_2 * u * u).exp();
                let weight = region.weight[k];
                signal[i] += weight * shape * (observed - calculated[k]);
                power[i] += weight * shape * shape;
            }
        }
        Self { x: region.x.clone(), signal, power, fwhm_deg }
    }

    fn at(&self, position: f64) -> (f64, f64) {
        let above = self.x.partition_point(|&x| x < position);
        if above == 0 || above >= self.x.len() {
            return (0.0, 0.0);
        }
        let t = (position - self.x[above - 1]) / (self.x[above] - self.x[above - 1]);
        let between = |column: &[f64]| column[above - 1] + t * (column[above] - column[above - 1]);
        (between(&self.signal), between(&self.power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::freedom::Metric;
    use crate::matching::model::Model;
    use crate::matching::specimen;
    use crate::optimise::levenberg_marquardt::Problem;

    const FWHM_DEG: f64 = 0.15;

    fn candidate(edge: f64) -> Phase {
        specimen::phase(Metric::Cubic, [edge, edge, edge, 90.0, 90.0, 90.0])
    }

    fn start() -> State {
        let mut state = specimen::state(1, 1);
        state.regions = vec![RegionState::default()];
        state.gauss = [0.0, 0.0, 0.01];
        state.phases[0].cell_change = [0.0; 6];
        state
    }

    /// A pattern of `phase` stretched by `strain` and shifted by `shift` on a flat background.
    fn pattern(phase: &Phase, strain: f64, shift: f64) -> Region {
        let mut region = specimen::region(20.0, 80.0, 0.02, 3);
        region.optics.emission.truncate(1);
        let mut state = start();
        state.regions[0].zero_deg = shift;
        state.phases[0].cell_change[0] = strain;
        let phases = [phase];
        let drawing = std::slice::from_ref(&region);
        let mut model = Model::new(drawing, &phases, state, Vec::new(), &[]).unwrap();
        model.objective(&[]).unwrap();
        let y = region.background.iter().zip(model.unit_curve(0, 0)).map(|(b, c)| b + 0.05 * c).collect();
        region.y = y;
        region
    }

    #[test]
    fn finds_the_stretch_and_the_shift() {
        let phase = candidate(4.1);
        let shifts = [-0.1, 0.0, 0.1];
        for (strain, shift) in [(0.0, 0.0), (0.004, 0.0), (-0.006, 0.1), (0.005, -0.1)] {
            let region = pattern(&phase, strain, shift);
            let residual = Residual::new(&region, &region.background, FWHM_DEG);
            let fingerprint = Fingerprint::new(&phase, &region, start(), FWHM_DEG);
            let placement = fingerprint.place(&residual, &shifts);
            // Its steps: half a width at tan(theta) = 0.6.
            let step = 0.5 * FWHM_DEG / (1.2 * DEGREES);
            assert!((placement.strain - strain).abs() < 1.01 * step, "truth {strain}, got {}", placement.strain);
            let alone = fingerprint.place(&residual, &[shift]);
            assert!(alone.gain > 0.999 * placement.gain, "the true shift explains most");
            let power: f64 = region
                .weight
                .iter()
                .zip(&region.y)
                .zip(&region.background)
                .map(|((w, y), b)| w * (y - b).powi(2))
                .sum();
            assert!(placement.gain < power, "bound: no more than everything, {power}");
            assert!(placement.gain > 0.5 * power, "half of {power} in spite of blur, got {}", placement.gain);
        }
    }

    #[test]
    fn prefers_the_phase_that_is_there() {
        let (there, other) = (candidate(4.1), candidate(4.33));
        let region = pattern(&there, 0.003, 0.0);
        let residual = Residual::new(&region, &region.background, FWHM_DEG);
        let gain = |phase: &Phase| Fingerprint::new(phase, &region, start(), FWHM_DEG).place(&residual, &[0.0]).gain;
        assert!(gain(&there) > 3.0 * gain(&other), "{} against {}", gain(&there), gain(&other));
    }

    #[test]
    fn nothing_to_explain_gains_nothing() {
        let phase = candidate(4.1);
        let region = pattern(&phase, 0.0, 0.0);
        let residual = Residual::new(&region, &region.y, FWHM_DEG);
        let placement = Fingerprint::new(&phase, &region, start(), FWHM_DEG).place(&residual, &[0.0]);
        assert_eq!(placement, Placement { gain: 0.0, strain: 0.0 });
    }
}
