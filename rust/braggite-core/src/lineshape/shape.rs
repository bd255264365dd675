//! The line shapes a fit may choose from, behind one door.

use crate::error::{Error, Result};
use crate::lineshape::columns::ShapeColumns;
use crate::lineshape::emission::{self, EmissionLine};
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::{
    axial_divergence, composite, core_levels, doniach_sunjic, elementary, exponentially_modified_gaussian, fano,
    gl_product, mixtures, pearson7, pseudo_voigt, sigmoidal, split, voigt,
};

mod uses;

use uses::{Add, Area, AreaBetween, Fill, Fwhm, Height, Mode, Reach, Use};

const FINGER_COX_JEPHCOAT: &str = "finger_cox_jephcoat";

/// Write the table of shapes out as the type and as what reads it.
macro_rules! shapes {
    ($($(#[$doc:meta])* $variant:ident $name:literal $parameters:path => $profile:expr;)*) => {
        /// A line shape; every shape of finite area has unit area, the others have unit height.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Shape {
            $($(#[$doc])* $variant,)*
            /// A powder line with axial divergence; its centre is 2-theta in degrees.
            FingerCoxJephcoat,
            /// One powder line at every wavelength of the source; its centre is that of the first, 2-theta in degrees.
            Emission {
                /// The line of one wavelength.
                inner: Box<Shape>,
                /// The wavelengths, the one that the centre belongs to first.
                lines: Vec<EmissionLine>,
            },
        }

        /// Names of the shapes without fixed data.
        pub const NAMES: &[&str] = &[$($name,)* FINGER_COX_JEPHCOAT];

        impl Shape {
            /// The shape called `name`, one of [`NAMES`].
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    FINGER_COX_JEPHCOAT => Some(Self::FingerCoxJephcoat),
                    _ => None,
                }
            }

            /// Its parameters after the centre; the first is a width.
            pub fn parameters(&self) -> &'static [ShapeParameter] {
                match self {
                    $(Self::$variant => &$parameters,)*
                    Self::FingerCoxJephcoat => &axial_divergence::PARAMETERS,
                    Self::Emission { inner, .. } => inner.parameters(),
                }
            }

            /// Do something with the line, or with the inner line of a composite.
            fn with<U: Use>(&self, parameters: &[f64], what: U) -> U::Output {
                match self {
                    $(Self::$variant => what.of($profile(parameters)),)*
                    Self::FingerCoxJephcoat => what.of(mixtures::thompson_cox_hastings(parameters)),
                    Self::Emission { inner, .. } => inner.with(parameters, what),
                }
            }
        }
    };
}

shapes! {
    /// Gaussian by its full width.
    Gaussian "gaussian" elementary::PARAMETERS => elementary::Gaussian::new;
    /// Lorentzian by its full width.
    Lorentzian "lorentzian" elementary::PARAMETERS => elementary::Lorentzian::new;
    /// Sum of a Gaussian and a Lorentzian of one full width, by areas.
    PseudoVoigt "pseudo_voigt" pseudo_voigt::PARAMETERS => pseudo_voigt::PseudoVoigt::new;
    /// A Gaussian convolved with a Lorentzian, by their full widths.
    Voigt "voigt" voigt::PARAMETERS => voigt::Voigt::new;
    /// The pseudo-Voigt that imitates a Voigt line, by the widths of its parts.
    ThompsonCoxHastings "thompson_cox_hastings" mixtures::THOMPSON_COX_HASTINGS => mixtures::thompson_cox_hastings;
    /// Two half pseudo-Voigts.
    SplitPseudoVoigt "split_pseudo_voigt" split::PSEUDO_VOIGT => split::pseudo_voigt;
    /// A pseudo-Voigt whose width changes along the axis.
    SigmoidalPseudoVoigt "sigmoidal_pseudo_voigt" sigmoidal::PARAMETERS => sigmoidal::Sigmoidal::new;
    /// A Lorentzian raised to a power.
    Pearson7 "pearson7" pearson7::PARAMETERS => pearson7::Pearson7::new;
    /// Two half Pearson VII.
    SplitPearson7 "split_pearson7" split::PEARSON7 => split::pearson7;
    /// Sum of a Gaussian and a Lorentzian of one full width, by heights.
    GlSum "gl_sum" mixtures::GL_SUM => mixtures::gl_sum;
    /// Product of a Gaussian and a Lorentzian.
    GlProduct "gl_product" gl_product::PARAMETERS => gl_product::GlProduct::new;
    /// A Gaussian convolved with a one-sided exponential.
    ExponentiallyModifiedGaussian "exponentially_modified_gaussian" exponentially_modified_gaussian::PARAMETERS
        => exponentially_modified_gaussian::ExponentiallyModifiedGaussian::new;
    /// The core level of a metal.
    DoniachSunjic "doniach_sunjic" doniach_sunjic::PARAMETERS => doniach_sunjic::DoniachSunjic::new;
    /// The core level of a metal seen with a Gaussian resolution.
    DoniachSunjicGauss "doniach_sunjic_gauss" core_levels::DONIACH_SUNJIC_GAUSS => core_levels::doniach_sunjic_gauss;
    /// The same with a damped tail and unit area.
    DoniachSunjicDamped "doniach_sunjic_damped" core_levels::DONIACH_SUNJIC_DAMPED
        => core_levels::doniach_sunjic_damped;
    /// A Lorentzian raised to two powers, convolved with a Gaussian.
    La "la" core_levels::LA => core_levels::la;
    /// The same with damped tails.
    Lf "lf" core_levels::LF => core_levels::lf;
    /// A resonance that interferes with a continuum, by q.
    Fano "fano" fano::FANO => fano::Fano::by_q;
    /// The same, by 1/q.
    BreitWignerFano "breit_wigner_fano" fano::BREIT_WIGNER_FANO => fano::Fano::by_inverse_q;
}

impl Shape {
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
        expected.iter().zip(parameters).try_for_each(|(parameter, &value)| parameter.check(value))?;
        if expected.iter().zip(parameters).all(|(parameter, &value)| !parameter.is_width || value == 0.0) {
            let reason = "one of the widths must be above 0";
            return Err(Error::InvalidOption { name: expected[0].name, value: parameters[0], reason });
        }
        Ok(())
    }

    /// The line `inner` at every wavelength of `lines`.
    ///
    /// # Errors
    /// No lines, or a wavelength or weight that is not above zero.
    pub fn emission(inner: Self, lines: Vec<EmissionLine>) -> Result<Self> {
        emission::check(&lines)?;
        Ok(Self::Emission { inner: Box::new(inner), lines })
    }

    /// Distances below and above the centre outside which the value is below `tail` times the maximum; may be infinite.
    ///
    /// Composites cannot know them without the centre: see [`Self::window`].
    pub fn reach(&self, parameters: &[f64], tail: f64) -> (f64, f64) {
        match self {
            Self::FingerCoxJephcoat | Self::Emission { .. } => (f64::INFINITY, f64::INFINITY),
            _ => self.with(parameters, Reach(tail)),
        }
    }

    /// Positions outside which a line at `centre` is below `tail` times its maximum; may be infinite.
    pub fn window(&self, centre: f64, parameters: &[f64], tail: f64) -> (f64, f64) {
        match self {
            Self::FingerCoxJephcoat => {
                let copies = axial_divergence::copies(centre, parameters);
                widest(copies.iter().map(|copy| {
                    // The highest copy stands for all: a sum is at least as high as one of them.
                    let (below, above) = self.with(parameters, Reach(tail * copy.share.min(1.0)));
                    (copy.centre - below, copy.centre + above)
                }))
            }
            Self::Emission { inner, lines } => widest(
                emission::copies(lines, centre).map(|copy| inner.window(copy.centre, parameters, tail * copy.share)),
            ),
            _ => {
                let (below, above) = self.reach(parameters, tail);
                (centre - below, centre + above)
            }
        }
    }

    /// Value and all derivatives over the ascending points `x`, in one pass.
    pub fn fill(&self, x: &[f64], centre: f64, parameters: &[f64], out: &mut ShapeColumns) {
        match self {
            Self::FingerCoxJephcoat => {
                let copies = axial_divergence::copies(centre, parameters).into_iter();
                composite::fill(copies, &Self::ThompsonCoxHastings, &parameters[..2], x, out);
            }
            Self::Emission { inner, lines } => {
                composite::fill(emission::copies(lines, centre), inner, parameters, x, out);
            }
            _ => self.with(parameters, Fill { x, centre, out }),
        }
    }

    /// Add `scale` times the values over the ascending points `x` to `target`.
    pub fn add_values(&self, x: &[f64], centre: f64, parameters: &[f64], scale: f64, target: &mut [f64]) {
        match self {
            Self::FingerCoxJephcoat => {
                for copy in axial_divergence::copies(centre, parameters) {
                    self.with(parameters, Add { x, centre: copy.centre, scale: scale * copy.share, target });
                }
            }
            Self::Emission { inner, lines } => {
                for copy in emission::copies(lines, centre) {
                    inner.add_values(x, copy.centre, parameters, scale * copy.share, target);
                }
            }
            _ => self.with(parameters, Add { x, centre, scale, target }),
        }
    }

    /// Full width at half maximum of the line as drawn, and its derivatives to the parameters.
    ///
    /// Of a composite that of its inner line, since the whole depends on the centre.
    pub fn fwhm(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        let own = self.of_inner(gradient);
        self.with(parameters, Fwhm(own))
    }

    /// Maximum for a linear unknown of one, and its derivatives to the parameters; of a composite that of its inner line.
    pub fn height(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        let own = self.of_inner(gradient);
        self.with(parameters, Height(own))
    }

    /// Offset of the maximum from the centre; of a composite that of its inner line.
    pub fn mode(&self, parameters: &[f64]) -> f64 {
        self.with(parameters, Mode)
    }

    /// Area for a linear unknown of one; None where it is infinite.
    pub fn area(&self, parameters: &[f64]) -> Option<f64> {
        self.with(parameters, Area)
    }

    /// Area between two finite positions for a linear unknown of one.
    pub fn area_between(&self, centre: f64, parameters: &[f64], from: f64, to: f64) -> f64 {
        match self {
            Self::FingerCoxJephcoat => axial_divergence::copies(centre, parameters)
                .iter()
                .map(|copy| copy.share * self.with(parameters, AreaBetween(from - copy.centre, to - copy.centre)))
                .sum(),
            Self::Emission { inner, lines } => emission::copies(lines, centre)
                .map(|copy| copy.share * inner.area_between(copy.centre, parameters, from, to))
                .sum(),
            _ => self.with(parameters, AreaBetween(from - centre, to - centre)),
        }
    }

    /// The part of a gradient that belongs to the inner line; the rest becomes zero.
    fn of_inner<'a>(&self, gradient: &'a mut [f64]) -> &'a mut [f64] {
        let own = match self {
            Self::FingerCoxJephcoat => 2,
            Self::Emission { inner, .. } => return inner.of_inner(gradient),
            _ => gradient.len(),
        };
        let (own, rest) = gradient.split_at_mut(own);
        rest.fill(0.0);
        own
    }
}

fn widest(windows: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    windows.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (from, to)| (low.min(from), high.max(to)))
}

#[cfg(test)]
mod tests;
