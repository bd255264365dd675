//! The Voigt line: a Gaussian convolved with a Lorentzian.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::lineshape::faddeeva::{FAR, GAUSS_HERMITE, NO_RESIDUE, near, near_high};
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{self, Pointwise, Profile};

/// Full widths of the Gaussian and the Lorentzian; one of them may be zero.
pub const PARAMETERS: [ShapeParameter; 2] =
    [ShapeParameter::width_or_zero("fwhm_gauss"), ShapeParameter::width_or_zero("fwhm_lorentz")];

/// Re w(z) / (sigma sqrt(2 pi)) with z = (x + i gamma) / (sigma sqrt 2).
#[derive(Debug, Clone, Copy)]
pub struct Voigt {
    gauss: f64,
    gamma: f64,
    /// 1 / (sigma sqrt 2).
    inverse: f64,
    /// Imaginary part of z.
    y: f64,
    /// Square of the distance |x + i gamma| from which on the far rule holds.
    far: f64,
}

impl Voigt {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        let (gauss, gamma) = (parameters[0], 0.5 * parameters[1]);
        let inverse = 2.0 * LN_2.sqrt() / gauss;
        Self { gauss, gamma, inverse, y: gamma * inverse, far: (FAR / (2.0 * LN_2.sqrt()) * gauss).powi(2) }
    }

    /// From w(z) near the origin.
    #[inline(always)]
    fn line_of(&self, x: f64, [real, imaginary]: [f64; 2]) -> [f64; 4] {
        let (x, y) = (x * self.inverse, self.y);
        // w' = 2i / sqrt(pi) - 2 z w
        let slope_real = -2.0 * (x * real - y * imaginary);
        let slope_imaginary = 2.0 / PI.sqrt() - 2.0 * (x * imaginary + y * real);
        let unit = self.inverse / PI.sqrt();
        [
            unit * real,
            -unit * self.inverse * slope_real,
            -unit / self.gauss * (real + x * slope_real - y * slope_imaginary),
            -0.5 * unit * self.inverse * slope_imaginary,
        ]
    }
}

/// The part of a Voigt line near its centre, where its imaginary part needs residues.
#[derive(Clone, Copy)]
struct Near(Voigt);

/// The part near the centre of a line that is mostly Lorentzian.
#[derive(Clone, Copy)]
struct NearHigh(Voigt);

/// The part far from the centre: Lorentzians at the nodes of the Gauss-Hermite rule, which stay finite without Gaussian.
#[derive(Clone, Copy)]
struct Far(Voigt);

impl Pointwise<4> for Near {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 4] {
        self.0.line_of(offset, near(offset * self.0.inverse, self.0.y))
    }
}

impl Pointwise<4> for NearHigh {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 4] {
        self.0.line_of(offset, near_high(offset * self.0.inverse, self.0.y))
    }
}

impl Pointwise<4> for Far {
    #[inline(always)]
    fn at(&self, x: f64) -> [f64; 4] {
        let gamma = self.0.gamma;
        // With Z = x + i gamma, sums over Q = 1 / (Z² - T²): the line, its slope along Z and its change with T.
        let (real, imaginary) = (x * x - gamma * gamma, 2.0 * x * gamma);
        let (mut value, mut slope, mut widening) = (0.0, [0.0; 2], [0.0; 2]);
        for (node, weight) in GAUSS_HERMITE {
            let displaced = node / (2.0 * LN_2.sqrt()) * self.0.gauss;
            let t = displaced * displaced;
            let a = real - t;
            let inverse = 1.0 / (a * a + imaginary * imaginary);
            let (q, p) = (a * inverse, -imaginary * inverse);
            let (qq, pp) = (q * q - p * p, 2.0 * q * p);
            value += weight * inverse * (x * x + gamma * gamma + t);
            slope[0] += weight * ((real + t) * qq - imaginary * pp);
            slope[1] += weight * ((real + t) * pp + imaginary * qq);
            widening[0] += weight * node * displaced * qq;
            widening[1] += weight * node * displaced * pp;
        }
        let unit = 2.0 / (PI * PI.sqrt());
        [
            unit * gamma * value,
            -unit * slope[1],
            -unit / LN_2.sqrt() * (x * widening[1] + gamma * widening[0]),
            0.5 * unit * slope[0],
        ]
    }
}

impl Pointwise<4> for Voigt {
    fn at(&self, offset: f64) -> [f64; 4] {
        if offset * offset + self.gamma * self.gamma >= self.far {
            Far(*self).at(offset)
        } else if self.y < NO_RESIDUE {
            Near(*self).at(offset)
        } else {
            NearHigh(*self).at(offset)
        }
    }
}

impl Profile<4> for Voigt {
    fn scale(&self) -> f64 {
        self.gauss + 2.0 * self.gamma
    }

    fn fill(&self, x: &[f64], centre: f64, columns: [&mut [f64]; 4]) {
        let ends = self.near_points(x, centre);
        let (below, rest) = profile::split_columns(columns, ends[0]);
        let (within, above) = profile::split_columns(rest, ends[1] - ends[0]);
        profile::fill(Far(*self), &x[..ends[0]], centre, below);
        if self.y < NO_RESIDUE {
            profile::fill(Near(*self), &x[ends[0]..ends[1]], centre, within);
        } else {
            profile::fill(NearHigh(*self), &x[ends[0]..ends[1]], centre, within);
        }
        profile::fill(Far(*self), &x[ends[1]..], centre, above);
    }

    fn add_values(&self, x: &[f64], centre: f64, scale: f64, target: &mut [f64]) {
        let ends = self.near_points(x, centre);
        let (below, rest) = target.split_at_mut(ends[0]);
        let (within, above) = rest.split_at_mut(ends[1] - ends[0]);
        profile::add(Far(*self), &x[..ends[0]], centre, scale, below);
        if self.y < NO_RESIDUE {
            profile::add(Near(*self), &x[ends[0]..ends[1]], centre, scale, within);
        } else {
            profile::add(NearHigh(*self), &x[ends[0]..ends[1]], centre, scale, within);
        }
        profile::add(Far(*self), &x[ends[1]..], centre, scale, above);
    }
}

impl Voigt {
    /// First point of the ascending `x` near the centre, and the first beyond.
    fn near_points(&self, x: &[f64], centre: f64) -> [usize; 2] {
        let reach = (self.far - self.gamma * self.gamma).max(0.0).sqrt();
        let start = x.partition_point(|&position| position <= centre - reach);
        [start, start + x[start..].partition_point(|&position| position < centre + reach)]
    }
}
