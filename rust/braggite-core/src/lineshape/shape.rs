//! The line shapes a fit may choose from, behind one door.

use crate::error::{Error, Result};
use crate::lineshape::columns::ShapeColumns;
use crate::lineshape::elementary::{self, Gaussian, Lorentzian};
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::Profile;
use crate::lineshape::pseudo_voigt::{self, PseudoVoigt};

/// A line shape; every shape of finite area has unit area.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// Gaussian by its full width.
    Gaussian,
    /// Lorentzian by its full width.
    Lorentzian,
    /// Sum of a Gaussian and a Lorentzian of one full width, by areas.
    PseudoVoigt,
}

/// Something to do with a shape whose parameters are set.
trait Use {
    type Output;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> Self::Output;
}

/// Names of the shapes without fixed data.
pub const NAMES: [&str; 3] = ["gaussian", "lorentzian", "pseudo_voigt"];

impl Shape {
    /// The shape called `name`, one of [`NAMES`].
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gaussian" => Self::Gaussian,
            "lorentzian" => Self::Lorentzian,
            "pseudo_voigt" => Self::PseudoVoigt,
            _ => return None,
        })
    }

    /// Its parameters after the centre; the first is a width.
    pub fn parameters(&self) -> &'static [ShapeParameter] {
        match self {
            Self::Gaussian | Self::Lorentzian => &elementary::PARAMETERS,
            Self::PseudoVoigt => &pseudo_voigt::PARAMETERS,
        }
    }

    /// Refuse parameters that the other methods cannot work with.
    ///
    /// # Errors
    /// `LengthMismatch` for a wrong number of them, `InvalidOption` naming one outside its meaning.
    pub fn check(&self, parameters: &[f64]) -> Result<()> {
        let expected = self.parameters();
        if parameters.len() != expected.len() {
            let (expected, got) = (expected.len(), parameters.len());
            return Err(Error::LengthMismatch { what: "the parameters of the line shape", expected, got });
        }
        expected.iter().zip(parameters).try_for_each(|(parameter, &value)| parameter.check(value))
    }

    /// Distances below and above the centre outside which the value is below `tail` times the maximum; may be infinite.
    pub fn reach(&self, parameters: &[f64], tail: f64) -> (f64, f64) {
        self.with(parameters, Reach(tail))
    }

    /// Positions outside which a line at `centre` is below `tail` times its maximum; may be infinite.
    pub fn window(&self, centre: f64, parameters: &[f64], tail: f64) -> (f64, f64) {
        let (below, above) = self.reach(parameters, tail);
        (centre - below, centre + above)
    }

    /// Value and all derivatives over the ascending points `x`, in one pass.
    pub fn fill(&self, x: &[f64], centre: f64, parameters: &[f64], out: &mut ShapeColumns) {
        self.with(parameters, Fill { x, centre, out });
    }

    /// Add `scale` times the values over the ascending points `x` to `target`.
    pub fn add_values(&self, x: &[f64], centre: f64, parameters: &[f64], scale: f64, target: &mut [f64]) {
        self.with(parameters, Add { x, centre, scale, target });
    }

    /// Full width at half maximum of the line as drawn, and its derivatives to the parameters.
    pub fn fwhm(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        self.with(parameters, Fwhm(gradient))
    }

    /// Maximum for a linear unknown of one, and its derivatives to the parameters.
    pub fn height(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        self.with(parameters, Height(gradient))
    }

    /// Offset of the maximum from the centre.
    pub fn mode(&self, parameters: &[f64]) -> f64 {
        self.with(parameters, Mode)
    }

    /// Area for a linear unknown of one; None where it is infinite.
    pub fn area(&self, _parameters: &[f64]) -> Option<f64> {
        Some(1.0)
    }

    fn with<U: Use>(&self, parameters: &[f64], what: U) -> U::Output {
        match self {
            Self::Gaussian => what.of(Gaussian::new(parameters)),
            Self::Lorentzian => what.of(Lorentzian::new(parameters)),
            Self::PseudoVoigt => what.of(PseudoVoigt::new(parameters)),
        }
    }
}

struct Reach(f64);

impl Use for Reach {
    type Output = (f64, f64);
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> (f64, f64) {
        profile.reach(self.0)
    }
}

struct Fill<'a> {
    x: &'a [f64],
    centre: f64,
    out: &'a mut ShapeColumns,
}

impl Use for Fill<'_> {
    type Output = ();
    fn of<const K: usize, P: Profile<K>>(self, profile: P) {
        profile.fill(self.x, self.centre, self.out.sized::<K>(self.x.len()));
    }
}

struct Add<'a> {
    x: &'a [f64],
    centre: f64,
    scale: f64,
    target: &'a mut [f64],
}

impl Use for Add<'_> {
    type Output = ();
    fn of<const K: usize, P: Profile<K>>(self, profile: P) {
        profile.add_values(self.x, self.centre, self.scale, self.target);
    }
}

struct Fwhm<'a>(&'a mut [f64]);

impl Use for Fwhm<'_> {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.fwhm(self.0)
    }
}

struct Height<'a>(&'a mut [f64]);

impl Use for Height<'_> {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.height(self.0)
    }
}

struct Mode;

impl Use for Mode {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.mode()
    }
}

#[cfg(test)]
mod tests;
