//! The way to cells that are far off: the pattern and its lines are blurred alike, less and less.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::matching::fit::fit;
use crate::matching::phase::Phase;
use crate::matching::refinement::Freedom;
use crate::matching::region::{Reach, Region};
use crate::matching::state::State;
use crate::optimise::levenberg_marquardt::Options;

/// Blur as a relative change of d-spacings: half of the base of the kernel, step by step.
const STRAINS: [f64; 4] = [0.01, 0.004, 0.0015, 0.0006];
/// Full width at half maximum of the Gaussian that stands for two boxes, in half widths of one box.
const FWHM_OF_TWO_BOXES: f64 = 1.922_7;
/// Points that a blurred line keeps within the half width of a box.
const POINTS_PER_HALF_WIDTH: f64 = 2.5;
/// Misfit as a share of the net signal: strengths are those of the reference, and strong lines must not drown others.
const MISFIT: f64 = 0.15;
/// Blurred lines are Gaussian: their feet are near.
const REACH: Reach = Reach { weakest: 1.5, strongest: 1.0, longest_deg: 30.0 };
const FIT: Options = Options { max_iterations: 15, relative_tolerance: 1e-3 };
const DEGREES: f64 = 180.0 / std::f64::consts::PI;

/// `state` with cells and shift brought near, from cells and shift that may be far off.
///
/// Each pattern is blurred over the distance that its lines may be away from their places, so that the fit sees every
/// line it looks for; the blur goes with tan(theta), as the distance does.
///
/// # Errors
/// Those of the engine, and `Cancelled`.
pub fn approach(
    region: &Region,
    phases: &[&Phase],
    mut state: State,
    freedom: &Freedom,
    cancel: &CancelFlag,
) -> Result<State> {
    let gauss_u = state.gauss[0];
    for strain in STRAINS {
        let blurred = blur(region, strain, freedom.fwhm_deg)?;
        state.gauss[0] = gauss_u + (FWHM_OF_TWO_BOXES * 2.0 * strain * DEGREES).powi(2);
        let refined = freedom.places(phases, &state, region.optics.radius_mm);
        let result = fit(std::slice::from_ref(&blurred), phases, state, &refined, FIT, cancel)?;
        state = result.model.state().clone();
    }
    state.gauss[0] = gauss_u;
    Ok(state)
}

/// The net pattern, averaged twice over what a relative change `strain` of d-spacings moves a line, on as many points as
/// that leaves worth keeping.
fn blur(region: &Region, strain: f64, fwhm_deg: f64) -> Result<Region> {
    let half_width = |x: f64| 2.0 * strain * (0.5 * x / DEGREES).tan() * DEGREES;
    let net: Vec<f64> = region.y.iter().zip(&region.background).map(|(y, b)| y - b).collect();
    let once = averaged(&region.x, &net, &region.x, half_width);
    let (mut x, mut at) = (Vec::new(), region.x[0]);
    let mut next = 0;
    while let Some(&position) = region.x[next..].iter().find(|&&position| position >= at) {
        next += region.x[next..].partition_point(|&p| p < position) + 1;
        x.push(position);
        at = position + half_width(position).hypot(fwhm_deg) / POINTS_PER_HALF_WIDTH;
    }
    let y = averaged(&region.x, &once, &x, half_width);
    let floor = typical_variance(region);
    let weight = y.iter().map(|net| 1.0 / (floor + (MISFIT * net).powi(2))).collect();
    let background = vec![0.0; x.len()];
    let blurred = Region::new(x, y, weight, background, 1, region.basis_sd, region.optics.clone())?;
    Ok(Region { reach: REACH, ..blurred })
}

fn typical_variance(region: &Region) -> f64 {
    let used = region.weight.iter().filter(|&&w| w > 0.0);
    let (sum, n) = used.fold((0.0, 0.0), |(sum, n), w| (sum + 1.0 / w, n + 1.0));
    sum / f64::max(n, 1.0)
}

/// Mean of `y` over boxes of half width `half_width` about the positions `at`, all ascending.
fn averaged(x: &[f64], y: &[f64], at: &[f64], half_width: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0];
    sums.extend(y.iter().scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    }));
    at.iter()
        .map(|&centre| {
            let half = half_width(centre);
            let start = x.partition_point(|&position| position < centre - half);
            let end = x.partition_point(|&position| position <= centre + half);
            (sums[end] - sums[start]) / (end - start) as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::fit::evaluate;
    use crate::matching::freedom::Metric;
    use crate::matching::specimen;

    #[test]
    fn averages_over_boxes() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| x * x).collect();
        let mean = averaged(&x, &y, &[0.0, 4.0, 9.0], |at| if at > 8.0 { 0.0 } else { 1.0 });
        assert!((mean[0] - 0.5).abs() < 1e-12 && (mean[1] - 50.0 / 3.0).abs() < 1e-12, "by hand: {mean:?}");
        assert!((mean[2] - 81.0).abs() < 1e-12, "a box of no width is its point");
    }

    #[test]
    fn comes_near_from_one_percent_off() {
        let phase = specimen::phase(Metric::Tetragonal, [4.1, 4.1, 5.0, 90.0, 90.0, 90.0]);
        let phase = Phase { cell_tolerance: 0.02, ..phase };
        let freedom = specimen::freedom(0.12);
        for away in [[0.01, 0.01], [0.01, -0.01], [-0.008, 0.01], [-0.01, -0.01]] {
            let mut region = specimen::region(15.0, 100.0, 0.02, 3);
            let mut truth = freedom.start_with(&[&phase]);
            truth.phases[0].cell_change[..2].copy_from_slice(&away);
            truth.regions[0].shifts_mm[0] = 0.1;
            let phases = [&phase];
            let drawn = region.clone();
            let (model, _) = evaluate(std::slice::from_ref(&drawn), &phases, truth.clone()).unwrap();
            region.y = region.background.iter().zip(model.unit_curve(0, 0)).map(|(b, c)| b + 0.02 * c).collect();
            let start = freedom.start_with(&[&phase]);
            let near = approach(&region, &[&phase], start, &freedom, &CancelFlag::new()).unwrap();
            for (found, true_change) in near.phases[0].cell_change.iter().zip(away) {
                assert!((found - true_change).abs() < 3e-4, "simulated truth {true_change}, got {found}");
            }
        }
    }
}
