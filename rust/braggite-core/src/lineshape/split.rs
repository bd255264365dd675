//! Lines whose two halves differ in width and form and meet at one height.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::pearson7::{EXPONENTS, Pearson7};
use crate::lineshape::profile::{self, Pointwise, Profile};
use crate::lineshape::pseudo_voigt::PseudoVoigt;

/// Split pseudo-Voigt: full widths and Lorentzian shares below and above the centre.
pub const PSEUDO_VOIGT: [ShapeParameter; 4] = [
    ShapeParameter::width("fwhm_left"),
    ShapeParameter::width("fwhm_right"),
    ShapeParameter::number("eta_left", 0.0, 1.0, 0.5),
    ShapeParameter::number("eta_right", 0.0, 1.0, 0.5),
];

/// Split Pearson VII: full widths and exponents below and above the centre.
pub const PEARSON7: [ShapeParameter; 4] = [
    ShapeParameter::width("fwhm_left"),
    ShapeParameter::width("fwhm_right"),
    ShapeParameter::number("exponent_left", EXPONENTS[0], EXPONENTS[1], 1.5),
    ShapeParameter::number("exponent_right", EXPONENTS[0], EXPONENTS[1], 1.5),
];

/// The split pseudo-Voigt.
pub fn pseudo_voigt(parameters: &[f64]) -> Split<PseudoVoigt> {
    Split::new(parameters, PseudoVoigt::new)
}

/// The split Pearson VII.
pub fn pearson7(parameters: &[f64]) -> Split<Pearson7> {
    Split::new(parameters, Pearson7::new)
}

/// Two halves of unit area each as whole lines, scaled to one height and to unit area together.
///
/// Toraya (1990), J. Appl. Cryst. 23, 485.
#[derive(Debug, Clone, Copy)]
pub struct Split<P> {
    halves: [Half<P>; 2],
    height: f64,
    /// Derivatives of the height to the parameters of the left half, then of the right.
    by_height: [[f64; 2]; 2],
    widths: [f64; 2],
}

/// One half; its own place among the parameters is `side`.
#[derive(Debug, Clone, Copy)]
struct Half<P> {
    whole: P,
    side: usize,
    factor: f64,
    /// Relative derivatives of the factor to the parameters of the left half, then of the right.
    by_factor: [[f64; 2]; 2],
}

impl<P: Profile<4>> Split<P> {
    /// From the parameters (left, right width, left, right form) and what makes a whole line of (width, form).
    pub fn new(parameters: &[f64], whole: impl Fn(&[f64]) -> P) -> Self {
        let wholes = [0, 1].map(|side| whole(&[parameters[side], parameters[2 + side]]));
        let mut own = [[0.0; 2]; 2];
        let heights = [0, 1].map(|side: usize| wholes[side].height(&mut own[side]));
        let relative = [0, 1].map(|side: usize| own[side].map(|slope| slope / heights[side]));
        // H = 2 / (1 / left + 1 / right)
        let height = 2.0 / (1.0 / heights[0] + 1.0 / heights[1]);
        let by_log_height = [0, 1].map(|side: usize| relative[side].map(|r| 0.5 * height / heights[side] * r));
        let halves = [0, 1].map(|side: usize| {
            let mut by_factor = by_log_height;
            for (slope, r) in by_factor[side].iter_mut().zip(relative[side]) {
                *slope -= r;
            }
            Half { whole: wholes[side], side, factor: height / heights[side], by_factor }
        });
        let by_height = by_log_height.map(|side| side.map(|slope| slope * height));
        Self { halves, height, by_height, widths: [parameters[0], parameters[1]] }
    }
}

impl<P: Profile<4>> Pointwise<6> for Half<P> {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 6] {
        let [whole, by_centre, by_width, by_form] = self.whole.at(offset);
        let value = self.factor * whole;
        let mut by = self.by_factor.map(|side| side.map(|slope| slope * value));
        by[self.side][0] += self.factor * by_width;
        by[self.side][1] += self.factor * by_form;
        [value, self.factor * by_centre, by[0][0], by[1][0], by[0][1], by[1][1]]
    }
}

impl<P: Profile<4>> Pointwise<6> for Split<P> {
    fn at(&self, offset: f64) -> [f64; 6] {
        self.halves[usize::from(offset >= 0.0)].at(offset)
    }
}

impl<P: Profile<4>> Profile<6> for Split<P> {
    fn scale(&self) -> f64 {
        0.5 * (self.widths[0] + self.widths[1])
    }

    fn height(&self, gradient: &mut [f64]) -> f64 {
        let [[left_width, left_form], [right_width, right_form]] = self.by_height;
        gradient.copy_from_slice(&[left_width, right_width, left_form, right_form]);
        self.height
    }

    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        gradient.copy_from_slice(&[0.5, 0.5, 0.0, 0.0]);
        self.scale()
    }

    fn reach(&self, tail: f64) -> (f64, f64) {
        (self.halves[0].whole.reach(tail).0, self.halves[1].whole.reach(tail).1)
    }

    fn fill(&self, x: &[f64], centre: f64, columns: [&mut [f64]; 6]) {
        let middle = x.partition_point(|&position| position < centre);
        let (left, right) = profile::split_columns(columns, middle);
        profile::fill(self.halves[0], &x[..middle], centre, left);
        profile::fill(self.halves[1], &x[middle..], centre, right);
    }

    fn add_values(&self, x: &[f64], centre: f64, scale: f64, target: &mut [f64]) {
        let middle = x.partition_point(|&position| position < centre);
        let (left, right) = target.split_at_mut(middle);
        profile::add(self.halves[0], &x[..middle], centre, scale, left);
        profile::add(self.halves[1], &x[middle..], centre, scale, right);
    }
}
