use super::*;
use crate::cancel::CancelFlag;
use crate::matching::fit::{Fit, evaluate, fit};
use crate::matching::freedom::Metric;
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::shifts::Shift;
use crate::matching::specimen::{phase, region, state};
use crate::matching::state::Refined;
use crate::optimise::levenberg_marquardt::Options;
use crate::optimise::parameter::Parameter;

const REFINED: [Role; 3] = [Role::Size(0), Role::Strain(0), Role::Shift(0, Shift::Displacement)];

fn covariance(variance: f64) -> Vec<Vec<f64>> {
    (0..7).map(|i| (0..7).map(|j| if i == j { variance } else { 0.0 }).collect()).collect()
}

/// A region that one phase explains to the last digit.
fn explained(phases: &[&Phase]) -> Region {
    let mut region = region(20.0, 70.0, 0.02, 4);
    let (model, _) = evaluate(std::slice::from_ref(&region), phases, state(1, 1)).unwrap();
    region.y = region.background.iter().zip(model.unit_curve(0, 0)).map(|(b, c)| b + 0.01 * c).collect();
    region
}

fn refit<'a>(regions: &'a [Region], phases: &'a [&'a Phase], start: State) -> Fit<'a> {
    let refined = REFINED.map(|role| Refined { role, parameter: Parameter::bounded(start.get(role), -1.0, 1.0) });
    let options = Options { max_iterations: 50, relative_tolerance: 1e-14 };
    fit(regions, phases, start, &refined, options, &CancelFlag::default()).unwrap()
}

#[test]
fn a_fit_follows_the_numbers_it_holds() {
    let cubic = phase(Metric::Cubic, [4.1, 4.1, 4.1, 90.0, 90.0, 90.0]);
    let phases = [&cubic];
    let regions = [explained(&phases)];
    let best = refit(&regions, &phases, state(1, 1));
    let slopes = best.model.slopes(&[0.0; 3], &ROLES).unwrap();
    let step = 1e-5;
    for (role, slope) in ROLES.into_iter().zip(&slopes) {
        let moved = |by: f64| {
            let mut start = state(1, 1);
            start.set(role, start.get(role) + by);
            refit(&regions, &phases, start).theta
        };
        let (up, down) = (moved(step), moved(-step));
        for ((u, d), analytic) in up.iter().zip(&down).zip(slope) {
            let numeric = (u - d) / (2.0 * step);
            // Axial divergence enters to second order of its shift: 4e-4 of it; and fits stop at a relative 1e-14.
            assert!((numeric - analytic).abs() < 2e-3 * (1.0 + analytic.abs()), "{role:?}: {numeric} and {analytic}");
        }
    }
}

#[test]
fn uncertainty_of_x_becomes_uncertainty_of_size() {
    let cubic = phase(Metric::Cubic, [4.1, 4.1, 4.1, 90.0, 90.0, 90.0]);
    let phases = [&cubic];
    let regions = [explained(&phases)];
    let best = refit(&regions, &phases, state(1, 1));
    let mut known = covariance(0.0);
    (known[3][3], known[4][4]) = (4e-6, 9e-6);
    let instrument = Instrument::new([0.0; 7], &known).unwrap();
    let inherited = instrument.inherited(&best.model, &[0.0; 3]).unwrap();
    // Size and X are coefficients of the same function of the angle, and so are strain and Y.
    assert!((inherited.get(0, 0) - 4e-6).abs() < 1e-11, "identity: size + X stays");
    assert!((inherited.get(1, 1) - 9e-6).abs() < 1e-11, "identity: strain + Y stays");
    assert!(inherited.get(1, 0).abs() < 1e-11, "identity: X and Y do not mix");
}

#[test]
fn impossible_instruments_are_refused() {
    let good = covariance(1e-6);
    assert!(Instrument::new([0.0; 7], &good).is_ok());
    assert!(Instrument::new([f64::NAN; 7], &good).is_err());
    assert!(Instrument::new([0.0, 0.0, 0.0, 0.0, 0.0, -0.1, 0.0], &good).is_err());
    assert!(Instrument::new([0.0; 7], &covariance(-1.0)).is_err());
    assert!(Instrument::new([0.0; 7], &good[..6]).is_err());
    assert!(Instrument::new([0.0; 7], &vec![vec![0.0; 6]; 7]).is_err());
}
