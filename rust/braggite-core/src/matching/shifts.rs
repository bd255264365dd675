//! What shifts the lines of a pattern away from Bragg's law, each by its own function of the angle.

use crate::error::{Error, Result};

const DEGREES: f64 = 180.0 / std::f64::consts::PI;

/// A cause that shifts lines in proportion to a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shift {
    /// A flat sample that stands too high by s: -2 s cosθ / R.
    Displacement,
    /// A flat sample that the beam enters, 1/(2μ) deep in the mean: -t sin2θ / R. Klug & Alexander (1974), chapter 5.
    Transparency,
    /// A capillary that stands too far down the beam by a: -a sin2θ / R. Guidelines of the IUCr (1999), J. Appl. Cryst. 32, 36.
    Along,
    /// A capillary that stands across the beam, toward higher angles, by b: b cos2θ / R.
    Across,
}

/// Number of shifts.
pub const SHIFTS: usize = 4;

impl Shift {
    /// All of them, in the order of their index.
    pub const ALL: [Self; SHIFTS] = [Self::Displacement, Self::Transparency, Self::Along, Self::Across];

    /// From the word the Python layer uses.
    ///
    /// # Errors
    /// `InvalidStructure` for any other word.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "displacement" => Ok(Self::Displacement),
            "transparency" => Ok(Self::Transparency),
            "along" => Ok(Self::Along),
            "across" => Ok(Self::Across),
            other => Err(Error::InvalidStructure(format!("unknown shift {other}"))),
        }
    }

    /// Shift in degrees 2-theta of a line by one mm on a circle of `radius_mm`, from the sine and cosine of theta, and its
    /// derivative to 2-theta.
    #[inline]
    pub fn per_mm(self, sine: f64, cosine: f64, radius_mm: f64) -> (f64, f64) {
        let (sine_of_double, cosine_of_double) = (2.0 * sine * cosine, 1.0 - 2.0 * sine * sine);
        let (value, slope) = match self {
            Self::Displacement => (-2.0 * cosine, sine),
            Self::Transparency | Self::Along => (-sine_of_double, -cosine_of_double),
            Self::Across => (cosine_of_double, -sine_of_double),
        };
        (value * DEGREES / radius_mm, slope / radius_mm)
    }

    /// Length in mm that shifts lines by `degrees` where it shifts them most.
    pub fn length_mm(self, degrees: f64, radius_mm: f64) -> f64 {
        let largest = if self == Self::Displacement { 2.0 } else { 1.0 };
        degrees / DEGREES * radius_mm / largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_those_of_the_geometry() {
        let (radius, length) = (200.0_f64, 0.3_f64);
        for two_theta in [5.0_f64, 40.0, 90.0, 140.0] {
            let t = two_theta.to_radians();
            let (sine, cosine) = (0.5 * t).sin_cos();
            let at = |shift: Shift| shift.per_mm(sine, cosine, radius).0 * length;
            // A flat sample: chords of the focusing circle, exact to first order in the height.
            let height = -2.0 * length * (0.5 * t).cos() / radius;
            assert!((at(Shift::Displacement) - height.to_degrees()).abs() < 1e-12, "Wilson (1963), at {two_theta}");
            let depth = -length * t.sin() / radius;
            assert!((at(Shift::Transparency) - depth.to_degrees()).abs() < 1e-12, "Klug & Alexander, at {two_theta}");
            // A capillary: where the ray of that direction meets the circle, no formula for the shift.
            for (shift, x, y) in [(Shift::Along, length, 0.0), (Shift::Across, 0.0, length)] {
                let (cx, cy) = (t.cos(), t.sin());
                let along = x * cx + y * cy;
                let reach = -along + (along * along + radius * radius - x * x - y * y).sqrt();
                let seen = (y + reach * cy).atan2(x + reach * cx);
                let miss = (seen - t).to_degrees() - at(shift);
                // Second order: (0.3 / 200)² radians.
                assert!(miss.abs() < 2.3e-6_f64.to_degrees(), "ray tracing of {shift:?} at {two_theta}: {miss:.1e}");
            }
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for shift in Shift::ALL {
            for two_theta in [10.0_f64, 60.0, 130.0] {
                let at = |angle: f64| {
                    let (sine, cosine) = (0.5 * angle.to_radians()).sin_cos();
                    shift.per_mm(sine, cosine, 240.0)
                };
                let difference = (at(two_theta + 1e-3).0 - at(two_theta - 1e-3).0) / 2e-3;
                assert!((at(two_theta).1 - difference).abs() < 1e-9, "central difference of {shift:?}");
            }
        }
    }

    #[test]
    fn only_known_words() {
        assert_eq!(Shift::parse("along").unwrap(), Shift::Along);
        assert!(Shift::parse("sideways").is_err());
    }
}
