//! The lines of an X-ray source: one reflection seen at every wavelength, on an axis of degrees 2-theta.

use crate::error::{Error, Result};
use crate::lineshape::composite::Copied;

const DEGREES: f64 = 180.0 / std::f64::consts::PI;

/// One wavelength of the source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmissionLine {
    /// Wavelength; only ratios count.
    pub wavelength_angstrom: f64,
    /// Relative intensity.
    pub weight: f64,
}

/// Refuse lines that no source has.
pub(super) fn check(lines: &[EmissionLine]) -> Result<()> {
    if lines.is_empty() {
        return Err(Error::TooFewPoints { what: "the emission lines", got: 0, needed: 1 });
    }
    for line in lines {
        for (name, value) in [("wavelength", line.wavelength_angstrom), ("weight", line.weight)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::InvalidOption { name, value, reason: "must be finite and above 0" });
            }
        }
    }
    Ok(())
}

/// Where the lines stand when the first stands at `centre`, by Bragg's law; lines beyond 180 degrees are left out.
pub(super) fn copies(lines: &[EmissionLine], centre: f64) -> impl Iterator<Item = Copied<1>> + '_ {
    let total: f64 = lines.iter().map(|line| line.weight).sum();
    let (sine, cosine) = (0.5 * centre / DEGREES).sin_cos();
    lines.iter().filter_map(move |line| {
        let ratio = line.wavelength_angstrom / lines[0].wavelength_angstrom;
        let line_sine = ratio * sine;
        (line_sine.abs() < 1.0).then(|| Copied {
            centre: 2.0 * line_sine.asin() * DEGREES,
            share: line.weight / total,
            centre_by: [ratio * cosine / (1.0 - line_sine * line_sine).sqrt()],
            share_by: [0.0],
        })
    })
}
