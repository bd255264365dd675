//! Spikes of one to a few points (cosmic rays, glitches) found and replaced; lines are left alone.
//!
//! A gate proposes runs of points that stand out; [`sharpness`] lets only those pass that are sharper than any line.

mod gate;
pub mod replicates;
mod sharpness;

pub use gate::Gate;
pub use replicates::{Replicate, ReplicateOptions, despike_replicates};

use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length, check_points};
use gate::{Proposal, noise_scale};

/// What counts as a spike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DespikeOptions {
    /// How runs are proposed, and what replaces them.
    pub gate: Gate,
    /// Score above which a run is proposed.
    pub threshold: f64,
    /// Neighbours at either side that make the replacement (and the gate's median).
    pub window: usize,
    /// Most points of a run found at once; longer spikes are eaten from inside by further passes.
    pub max_width: usize,
    /// Full width at half maximum of the narrowest line, in units of the axis; `None`: three steps.
    pub fwhm: Option<f64>,
    /// Most passes.
    pub max_iterations: usize,
}

/// Ordinates without spikes.
#[derive(Debug, Clone, PartialEq)]
pub struct Despiked {
    /// One value a point.
    pub curve: Vec<f64>,
    /// Which points were replaced, ascending.
    pub replaced: Vec<usize>,
    /// Whether the last pass found nothing.
    pub converged: bool,
    /// Passes made.
    pub iterations: usize,
}

/// Find and replace spikes: Whitaker and Hayes, Chemom. Intell. Lab. Syst. 179 (2018) 82, or by the neighbours' median.
///
/// A proposed run is replaced only where it is sharper than every Gaussian or Lorentzian line of the width `fwhm` on the
/// local floor, by three standard deviations. The first and the last point are left as they are: nothing tells a spike
/// there from the flank of a line outside.
///
/// # Errors
/// `TooFewPoints` below five points, `NotFinite`, `LengthMismatch`; `InvalidOption` by name.
pub fn despike(grid: Grid<'_>, y: &[f64], sigma: &[f64], options: DespikeOptions) -> Result<Despiked> {
    check_door(grid, y, sigma, options)?;
    let scale = noise_scale(y, sigma);
    let mut curve = y.to_vec();
    let mut spike = vec![false; y.len()];
    for pass in 1..=options.max_iterations {
        let seen = Seen { x: grid.x(), y: &curve, sigma, scale, options };
        let found = proposals(seen, &spike);
        if found.is_empty() {
            return Ok(ended(curve, &spike, true, pass));
        }
        for run in &found {
            spike[run.from..run.to].fill(true);
        }
        for index in (0..y.len()).filter(|i| spike[*i]) {
            curve[index] = options.gate.replacement(grid.x(), y, &spike, index, options.window);
        }
    }
    Ok(ended(curve, &spike, false, options.max_iterations))
}

fn ended(curve: Vec<f64>, spike: &[bool], converged: bool, iterations: usize) -> Despiked {
    let replaced = spike.iter().enumerate().filter(|(_, s)| **s).map(|(i, _)| i).collect();
    Despiked { curve, replaced, converged, iterations }
}

/// What every pass looks at.
#[derive(Clone, Copy)]
struct Seen<'a> {
    x: &'a [f64],
    y: &'a [f64],
    sigma: &'a [f64],
    scale: f64,
    options: DespikeOptions,
}

/// The runs that are spikes, sharpest first, without overlaps; each holds a point not yet replaced.
fn proposals(seen: Seen<'_>, spike: &[bool]) -> Vec<Proposal> {
    let n = seen.y.len();
    let mut found = Vec::new();
    for from in 1..n - 1 {
        for to in from + 1..(from + 1 + seen.options.max_width).min(n) {
            if spike[from..to].iter().all(|s| *s) || seen.options.gate.score(seen, from, to) <= seen.options.threshold {
                continue;
            }
            let excess = sharpness::excess(seen, from, to);
            if excess > sharpness::LINE_DOUBT {
                found.push(Proposal { from, to, excess });
            }
        }
    }
    found.sort_by(|a, b| b.excess.total_cmp(&a.excess));
    let mut taken = vec![false; n];
    found.retain(|run| {
        let free = !taken[run.from..run.to].iter().any(|t| *t);
        taken[run.from..run.to].fill(true);
        free
    });
    found
}

fn check_door(grid: Grid<'_>, y: &[f64], sigma: &[f64], options: DespikeOptions) -> Result<()> {
    check_points("y", y, 5)?;
    check_length("y", y, grid.len())?;
    check_finite("y", y)?;
    check_sigma(sigma, y.len())?;
    let refuse = |name, value, reason| Err(Error::InvalidOption { name, value, reason });
    check_threshold(options.threshold)?;
    if options.window == 0 || options.window >= y.len() {
        return refuse("window", options.window as f64, "must be at least 1 and below the number of points");
    }
    if options.max_width == 0 || options.max_width > y.len() / 2 {
        return refuse(
            "max_width",
            options.max_width as f64,
            "must be at least 1 and at most half the number of points",
        );
    }
    match options.fwhm {
        Some(fwhm) if !(fwhm > 0.0 && fwhm.is_finite()) => refuse("fwhm", fwhm, "must be above 0"),
        _ => Ok(()),
    }
}

fn check_threshold(value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::InvalidOption { name: "threshold", value, reason: "must be above 0" })
}

fn check_sigma(sigma: &[f64], n: usize) -> Result<()> {
    check_length("sigma", sigma, n)?;
    check_finite("sigma", sigma)?;
    match sigma.iter().find(|s| **s <= 0.0) {
        Some(&value) => Err(Error::InvalidOption { name: "sigma", value, reason: "must be above 0 at every point" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peaks::noise::tests::normal;
    use proptest::prelude::*;

    const OPTIONS: DespikeOptions = DespikeOptions {
        gate: Gate::WhitakerHayes,
        threshold: 6.0,
        window: 5,
        max_width: 3,
        fwhm: None,
        max_iterations: 10,
    };

    fn line(n: usize, at: f64, fwhm: f64, height: f64, lorentzian: bool) -> Vec<f64> {
        let shape = |u: f64| if lorentzian { 1.0 / (1.0 + 4.0 * u * u) } else { (-4.0 * 2f64.ln() * u * u).exp() };
        (0..n).map(|i| 100.0 + height * shape((i as f64 - at) / fwhm)).collect()
    }

    proptest! {
        #[test]
        fn a_line_three_points_wide_survives(at in 30.0_f64..70.0, height in 1.0_f64..1e6, fwhm in 3.0_f64..12.0, lorentzian: bool) {
            let y = line(100, at, fwhm, height, lorentzian);
            let x: Vec<f64> = (0..100).map(f64::from).collect();
            let sigma: Vec<f64> = y.iter().map(|v| v.sqrt()).collect();
            for gate in [Gate::WhitakerHayes, Gate::Median] {
                let result = despike(Grid::new(&x).unwrap(), &y, &sigma, DespikeOptions { gate, ..OPTIONS }).unwrap();
                prop_assert!(result.replaced.is_empty(), "{gate:?} {:?}", result.replaced);
            }
        }
    }

    #[test]
    fn spikes_of_one_to_three_points_go() {
        let noise = normal(4, 300);
        let clean: Vec<f64> = (0..300).map(|i| 50.0 + 0.1 * i as f64 + noise[i]).collect();
        let x: Vec<f64> = (0..300).map(f64::from).collect();
        for gate in [Gate::WhitakerHayes, Gate::Median] {
            let mut y = clean.clone();
            y[40] += 30.0;
            y[120..122].iter_mut().for_each(|v| *v += 30.0);
            y[200..203].iter_mut().for_each(|v| *v += 30.0);
            let options = DespikeOptions { gate, ..OPTIONS };
            let result = despike(Grid::new(&x).unwrap(), &y, &[1.0; 300], options).unwrap();
            assert_eq!(result.replaced, [40, 120, 121, 200, 201, 202], "{gate:?}");
            assert!(result.converged);
            for i in result.replaced {
                // a mean of ten neighbours against the ground, both within their noise of 1 (four deviations of 0.35)
                assert!((result.curve[i] - (50.0 + 0.1 * i as f64)).abs() < 1.5, "{gate:?} {i}");
            }
        }
    }

    #[test]
    fn refuses_by_name() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        let grid = Grid::new(&x).unwrap();
        let run = |options| despike(grid, &[1.0; 9], &[1.0; 9], options);
        assert!(matches!(
            run(DespikeOptions { threshold: 0.0, ..OPTIONS }),
            Err(Error::InvalidOption { name: "threshold", .. })
        ));
        assert!(matches!(
            run(DespikeOptions { window: 0, ..OPTIONS }),
            Err(Error::InvalidOption { name: "window", .. })
        ));
        assert!(matches!(
            run(DespikeOptions { max_width: 9, ..OPTIONS }),
            Err(Error::InvalidOption { name: "max_width", .. })
        ));
        assert!(matches!(
            run(DespikeOptions { fwhm: Some(f64::NAN), ..OPTIONS }),
            Err(Error::InvalidOption { name: "fwhm", .. })
        ));
        assert!(matches!(
            despike(grid, &[1.0; 9], &[0.0; 9], OPTIONS),
            Err(Error::InvalidOption { name: "sigma", .. })
        ));
    }
}
