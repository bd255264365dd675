//! The asymmetry of powder lines from rays that leave the equatorial plane.
//!
//! Finger, Cox and Jephcoat (1994), J. Appl. Cryst. 27, 892, with the height between sample and slit as the variable of
//! integration, which leaves no singularity.

use crate::lineshape::composite::Copied;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::thompson_cox_hastings::mixture;

const DEGREES: f64 = 180.0 / std::f64::consts::PI;

/// Full widths of the line without divergence, and half heights of sample and slit over the radius.
pub const PARAMETERS: [ShapeParameter; 4] = [
    ShapeParameter::width_or_zero("fwhm_gauss"),
    ShapeParameter::width_or_zero("fwhm_lorentz"),
    ShapeParameter::number("sample_ratio", 0.0, 0.1, 0.02),
    ShapeParameter::number("slit_ratio", 0.0, 0.1, 0.02),
];

/// Five-point Gauss-Legendre nodes and weights on (0, 1).
const LEGENDRE_5: [(f64, f64); 5] = [
    (0.046_910_077_030_668, 0.118_463_442_528_095),
    (0.230_765_344_947_158, 0.239_314_335_249_683),
    (0.5, 0.284_444_444_444_444),
    (0.769_234_655_052_842, 0.239_314_335_249_683),
    (0.953_089_922_969_332, 0.118_463_442_528_095),
];

/// Ten-point Gauss-Legendre nodes and weights on (0, 1).
pub(super) const LEGENDRE_10: [(f64, f64); 10] = [
    (0.013_046_735_741_414_13, 0.033_335_672_154_344_07),
    (0.067_468_316_655_507_73, 0.074_725_674_575_290_2),
    (0.160_295_215_850_487_8, 0.109_543_181_257_991),
    (0.283_302_302_935_376_4, 0.134_633_359_654_998_3),
    (0.425_562_830_509_184_4, 0.147_762_112_357_376_4),
    (0.574_437_169_490_815_6, 0.147_762_112_357_376_4),
    (0.716_697_697_064_623_6, 0.134_633_359_654_998_3),
    (0.839_704_784_149_512_2, 0.109_543_181_257_991),
    (0.932_531_683_344_492_3, 0.074_725_674_575_290_2),
    (0.986_953_264_258_585_9, 0.033_335_672_154_344_07),
];

/// Nodes and weights of the five-point rule on so many panels of (0, 1).
pub fn panel_nodes(panels: usize) -> impl Iterator<Item = (f64, f64)> {
    on_panels(&LEGENDRE_5, panels)
}

fn on_panels(rule: &'static [(f64, f64)], panels: usize) -> impl Iterator<Item = (f64, f64)> {
    let width = 1.0 / panels as f64;
    (0..panels)
        .flat_map(move |panel| rule.iter().map(move |(node, weight)| ((panel as f64 + node) * width, weight * width)))
}

/// Shift in degrees of a ray that leaves the equatorial plane by `height` (over the radius).
pub fn axial_shift(two_theta: f64, height: f64) -> f64 {
    if height == 0.0 {
        return 0.0;
    }
    let cosine = (two_theta / DEGREES).cos() * (1.0 + height * height).sqrt();
    cosine.clamp(-1.0, 1.0).acos() * DEGREES - two_theta
}

/// Panels of ten nodes for every full width of spread.
const PANELS_PER_FWHM: f64 = 1.5;
const MAX_PANELS: f64 = 400.0;
/// Rays beyond this share of the height at which the cone of a low-angle line closes are left out; where that cuts the
/// trapezium, the derivative to 2-theta does not count how the cut moves.
const CONE: f64 = 0.999;

/// A weight of the height difference before normalisation, with derivatives to 2-theta and to the lower and upper knee.
struct Ray {
    centre: f64,
    centre_by: [f64; 3],
    weight: f64,
    weight_by: [f64; 3],
}

/// Copies of the line at `two_theta` spread by axial divergence, with derivatives to 2-theta, sample and slit ratio.
pub(super) fn copies(two_theta: f64, parameters: &[f64]) -> Vec<Copied<3>> {
    let fwhm = mixture(parameters[0], parameters[1]).fwhm;
    let [sample, slit] = [parameters[2], parameters[3]];
    // The heights of two boxes differ by a trapezium, level up to one knee and zero from the other on.
    let closing = CONE * (two_theta / DEGREES).tan().abs();
    let knees = [(slit - sample).abs().min(closing), (slit + sample).min(closing)];
    if knees[1] == 0.0 {
        return vec![Copied { centre: two_theta, share: 1.0, centre_by: [1.0, 0.0, 0.0], share_by: [0.0; 3] }];
    }
    let spreads = knees.map(|knee| axial_shift(two_theta, knee).abs());
    let panels = |spread: f64| (PANELS_PER_FWHM * spread / fwhm).ceil().clamp(1.0, MAX_PANELS) as usize;
    let level = on_panels(&LEGENDRE_10, panels(spreads[0]))
        .map(|(u, w)| Ray::new(two_theta, knees[0] * u, [u, 0.0], knees[0] * w, [w, 0.0]));
    let slope = on_panels(&LEGENDRE_10, panels(spreads[1] - spreads[0])).map(|(u, w)| {
        let (between, fallen) = (knees[1] - knees[0], (1.0 - u) * w);
        Ray::new(two_theta, knees[0] + between * u, [1.0 - u, u], between * fallen, [-fallen, fallen])
    });
    let rays: Vec<Ray> = level.chain(slope).collect();
    let total: f64 = rays.iter().map(|ray| ray.weight).sum();
    let total_by = [0, 1, 2].map(|k: usize| rays.iter().map(|ray| ray.weight_by[k]).sum::<f64>());
    let side = if slit > sample { 1.0 } else { -1.0 };
    let to_ratios = |[centre, lower, upper]: [f64; 3]| [centre, upper - side * lower, upper + side * lower];
    rays.iter()
        .map(|ray| {
            let share = ray.weight / total;
            let share_by = [0, 1, 2].map(|k: usize| (ray.weight_by[k] - share * total_by[k]) / total);
            Copied { centre: ray.centre, share, centre_by: to_ratios(ray.centre_by), share_by: to_ratios(share_by) }
        })
        .collect()
}

impl Ray {
    /// At `height`, which moves with the knees as `height_by` says; `weight` counts what the trapezium and the rule give.
    fn new(two_theta: f64, height: f64, height_by: [f64; 2], weight: f64, weight_by: [f64; 2]) -> Self {
        let (sine, cosine) = (two_theta / DEGREES).sin_cos();
        let stretch = 1.0 + height * height;
        // cos(2 phi) = cos(2 theta) sqrt(1 + h²)
        let seen_cosine = cosine * stretch.sqrt();
        let seen_sine = (1.0 - seen_cosine * seen_cosine).sqrt();
        let by_angle = sine * stretch.sqrt() / seen_sine;
        let by_height = -cosine * height / (stretch.sqrt() * seen_sine);
        // Equal intensity for equal azimuth on the cone: d azimuth / d height ~ 1 / ((1 + h²) sin(2 phi)).
        let density = 1.0 / (stretch * seen_sine);
        let cotangent = seen_cosine / seen_sine;
        let log_by_angle = -cotangent * by_angle;
        let log_by_height = -2.0 * height / stretch - cotangent * by_height;
        let knee = |k: usize| density * (weight_by[k] + weight * log_by_height * height_by[k]);
        Self {
            centre: seen_cosine.acos() * DEGREES,
            centre_by: [by_angle, by_height * height_by[0] * DEGREES, by_height * height_by[1] * DEGREES],
            weight: weight * density,
            weight_by: [weight * density * log_by_angle / DEGREES, knee(0), knee(1)],
        }
    }
}
