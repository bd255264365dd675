//! Ways a phase may stand in a pattern: cells and widths that are spread evenly over what is possible.

use crate::error::Result;
use crate::matching::column::Column;
use crate::matching::phase::Phase;
use crate::matching::powder::Powder;
use crate::matching::refinement::Freedom;
use crate::matching::region::Region;
use crate::matching::separable::{Drawing, Tails};
use crate::matching::state::{PhaseState, Role, State};

/// Standard deviations to which cells are tried.
const FURTHEST: f64 = 2.0;
/// Finest and broadest size widths, in typical widths of the pattern; the most likely one and the standard deviation.
const SIZES: [f64; 2] = [0.1, 1.6];
const SIZE_MEAN: f64 = 0.35;
const SIZE_SD: f64 = 0.8;
/// Width by strain, in typical widths of the pattern.
const STRAIN: f64 = 0.15;
/// Least and largest change of the logarithm of a length that makes a decoy of a phase.
const ELSEWHERE: [f64; 2] = [0.02, 0.14];

/// A phase by itself, drawn at one placement after the other over the regions of a fit.
///
/// A placement is the change of each group of its cell followed by its size width in degrees.
#[derive(Debug)]
pub struct Stand<'a> {
    powder: Powder<'a>,
    columns: Vec<Column>,
    sd: Vec<f64>,
    is_length: Vec<bool>,
    fwhm_deg: f64,
}

impl<'a> Stand<'a> {
    /// A phase of which nothing is known, with the shifts and the instrument of `state`.
    ///
    /// # Errors
    /// `TooFewPoints` without any region.
    pub fn new(regions: &'a [Region], phase: &'a [&'a Phase; 1], state: &State, freedom: &Freedom) -> Result<Self> {
        let mut own = freedom.start_phase(phase[0], 0.0);
        own.strain_deg = STRAIN * freedom.fwhm_deg;
        Self::as_fitted(regions, phase, state, &own, freedom)
    }

    /// A phase with the numbers `own` that a fit has found, but for its placement.
    ///
    /// # Errors
    /// `TooFewPoints` without any region.
    pub fn as_fitted(
        regions: &'a [Region],
        phase: &'a [&'a Phase; 1],
        state: &State,
        own: &PhaseState,
        freedom: &Freedom,
    ) -> Result<Self> {
        let state = State { phases: vec![own.clone()], ..state.clone() };
        let groups = &phase[0].freedom;
        let is_length: Vec<bool> = groups.iter().map(|members| members.iter().all(|&i| i < 3)).collect();
        let tolerance = phase[0].cell_tolerance;
        let sd =
            is_length.iter().map(|&length| 0.5 * if length { tolerance } else { tolerance.to_degrees() }).collect();
        let roles = (0..groups.len()).map(|group| Role::Cell { phase: 0, group }).chain([Role::Size(0)]).collect();
        let powder = Powder::new(regions, phase, state, roles)?;
        Ok(Self { powder, columns: vec![Column::default()], sd, is_length, fwhm_deg: freedom.fwhm_deg })
    }

    /// Number of numbers of a placement.
    pub fn n_dimensions(&self) -> usize {
        self.sd.len() + 1
    }

    /// The placement at `unit`, each 0 to 1.
    pub fn placement(&self, unit: &[f64]) -> Vec<f64> {
        let cell = self.sd.iter().zip(unit).map(|(sd, u)| FURTHEST * (2.0 * u - 1.0) * sd);
        let size = SIZES[0] * (SIZES[1] / SIZES[0]).powf(unit[self.sd.len()]);
        cell.chain([size * self.fwhm_deg]).collect()
    }

    /// The placement of a phase with the numbers `own`.
    pub fn placement_of(&self, own: &PhaseState) -> Vec<f64> {
        own.cell_change[..self.sd.len()].iter().copied().chain([own.size_deg]).collect()
    }

    /// What a placement costs before the data: the sum of its squared deviations in standard deviations.
    pub fn penalty(&self, placement: &[f64]) -> f64 {
        let cell: f64 = placement.iter().zip(&self.sd).map(|(value, sd)| (value / sd).powi(2)).sum();
        cell + ((placement[self.sd.len()] / self.fwhm_deg - SIZE_MEAN) / SIZE_SD).powi(2)
    }

    /// A placement at which the phase cannot be: the same lines, of the same strengths, elsewhere.
    pub fn decoy(&self, unit: &[f64]) -> Vec<f64> {
        let mut placement = self.placement(unit);
        for (group, value) in placement.iter_mut().enumerate().take(self.sd.len()) {
            if self.is_length[group] {
                let side = 2.0 * unit[group] - 1.0;
                *value = (side.signum() * (ELSEWHERE[0] + (ELSEWHERE[1] - ELSEWHERE[0]) * side.abs())).exp() - 1.0;
            }
        }
        placement
    }

    /// Its curve at a placement for a scale of one.
    ///
    /// # Errors
    /// Where nothing can be drawn.
    pub fn at(&mut self, placement: &[f64]) -> Result<&Column> {
        self.powder.place(placement, Tails { model: 0.0, curvature: 0.0 })?;
        self.powder.draw(&mut self.columns);
        Ok(&self.columns[0])
    }
}

/// `count` points that fill the unit cube of `dimensions` evenly: Roberts's additive recurrence with the generalised
/// golden ratio, the root above one of x^(d + 1) = x + 1.
pub fn evenly(count: usize, dimensions: usize) -> impl Iterator<Item = Vec<f64>> {
    let exponent = 1.0 / (dimensions as f64 + 1.0);
    let ratio = (0..64).fold(2.0_f64, |x, _| (1.0 + x).powf(exponent));
    let steps: Vec<f64> =
        std::iter::successors(Some(ratio.recip()), |step| Some(step / ratio)).take(dimensions).collect();
    (1..=count).map(move |k| steps.iter().map(|step| (0.5 + k as f64 * step).fract()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::specimen;

    #[test]
    fn points_fill_the_cube_evenly() {
        for dimensions in 1..5 {
            let points: Vec<Vec<f64>> = evenly(400, dimensions).collect();
            assert!(points.iter().flatten().all(|u| (0.0..1.0).contains(u)));
            for dimension in 0..dimensions {
                let mut sorted: Vec<f64> = points.iter().map(|point| point[dimension]).collect();
                sorted.sort_by(f64::total_cmp);
                let expected = |i: usize| (i as f64 + 0.5) / 400.0;
                let furthest = sorted.iter().enumerate().map(|(i, u)| (u - expected(i)).abs()).fold(0.0, f64::max);
                // Kolmogorov's distance of random points is below 0.03 once in seven.
                assert!(
                    furthest < 0.03,
                    "nearer to even than random points, {furthest} in {dimension} of {dimensions}"
                );
            }
        }
    }

    #[test]
    fn a_decoy_stands_where_the_phase_cannot() {
        let phase = specimen::triclinic();
        let phases = [&phase];
        let regions = [specimen::region(20.0, 60.0, 0.02, 3)];
        let freedom = specimen::freedom(0.1);
        let stand = Stand::new(&regions, &phases, &specimen::state(1, 1), &freedom).unwrap();
        assert_eq!(stand.n_dimensions(), 7);
        for unit in evenly(200, 7) {
            let (placement, decoy) = (stand.placement(&unit), stand.decoy(&unit));
            for group in 0..3 {
                assert!(placement[group].abs() <= phase.cell_tolerance, "within the tolerance: {}", placement[group]);
                assert!(decoy[group].abs() > 1.9 * phase.cell_tolerance, "elsewhere: {}", decoy[group]);
            }
            assert!(stand.penalty(&placement) < 6.0 * FURTHEST.powi(2) + 4.0, "bound: two standard deviations each");
        }
        let centre = stand.placement(&[0.5; 7]);
        assert!(centre[..6].iter().all(|change| *change == 0.0), "identity: the reference");
    }
}
