//! The Faddeeva function w(z) = exp(-z²) erfc(-iz) in the upper half plane.
//!
//! Near the origin the trapezoidal and midpoint rules with the residues of their poles: Matta and Reichel (1971), Math.
//! Comp. 25, 339; nodes and choice of the rule after Al Azah and Chandler-Wilde (2021), SIAM J. Numer. Anal. 59, 2346. Far
//! from it Gauss-Hermite quadrature: Abramowitz and Stegun, 7.4.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::PI;

use crate::exponential::exp;
use crate::sine::sin_cos;

/// Distance from the origin beyond which the far rule is as good as the near one.
pub const FAR: f64 = 8.0;
/// Step of the near rules, sqrt(pi / 12).
const STEP: f64 = 0.511_663_353_973_244_3;
/// Adding and subtracting this rounds to the nearest integer.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Above this imaginary part the midpoint rule needs no residue.
pub const NO_RESIDUE: f64 = PI / STEP;

/// Squares of the nodes and weights exp(-t²) of the midpoint rule.
const MIDPOINT: [(f64, f64); 12] = [
    (0.065_449_846_949_787_37, 0.936_646_021_236_595_9),
    (0.589_048_622_548_086_2, 0.554_854_910_159_853_4),
    (1.636_246_173_744_684, 0.194_709_578_085_290_3),
    (3.207_042_500_539_580_4, 0.040_476_144_603_805_74),
    (5.301_437_602_932_776, 0.004_984_423_132_468_586),
    (7.919_431_480_924_270_5, 0.000_363_608_986_389_304_46),
    (11.061_024_134_514_064, 1.571_296_901_780_048e-5),
    (14.726_215_563_702_155, 4.022_405_421_564_814e-7),
    (18.915_005_768_488_548, 6.099_824_915_912_159_6e-9),
    (23.627_394_748_873_236, 5.479_650_239_757_527e-11),
    (28.863_382_504_856_226, 2.916_031_755_179_499e-13),
    (34.622_969_036_437_51, 9.192_541_525_134_372e-16),
];
/// The same of the trapezoidal rule, whose node at the origin counts by half.
const TRAPEZOID: [(f64, f64); 12] = [
    (0.0, 0.5),
    (0.261_799_387_799_149_46, 0.769_665_412_493_239_8),
    (std::f64::consts::FRAC_PI_3, 0.350_919_807_178_411),
    (2.356_194_490_192_345, 0.094_780_224_842_154_86),
    (4.188_790_204_786_391, 0.015_164_619_864_546_57),
    (6.544_984_694_978_736, 0.001_437_306_080_407_531_7),
    (9.424_777_960_769_38, 8.069_951_757_030_46e-5),
    (12.828_170_002_158_322, 2.684_086_793_096_743e-6),
    (16.755_160_819_145_566, 5.288_422_116_944_157_6e-8),
    (21.205_750_411_731_103, 6.172_478_865_224_31e-10),
    (26.179_938_779_914_945, 4.267_731_135_455_224e-12),
    (31.677_725_923_697_082, 1.747_987_940_565_501_4e-14),
];
/// Positive nodes and weights of the Gauss-Hermite rule with twelve nodes.
pub const GAUSS_HERMITE: [(f64, f64); 6] = [
    (0.314_240_376_254_359_13, 0.570_135_236_262_479_5),
    (0.947_788_391_240_163_8, 0.260_492_310_264_161_14),
    (1.597_682_635_152_604_8, 0.051_607_985_615_883_93),
    (2.279_507_080_501_059_8, 0.003_905_390_584_629_061_6),
    (3.020_637_025_120_889_6, 8.573_687_043_587_859e-5),
    (3.889_724_897_869_782, 2.658_551_684_356_302e-7),
];

/// w(x + iy) for |x + iy| < [`FAR`] and 0 <= y < [`NO_RESIDUE`], each part to 1e-12 relative.
#[inline(always)]
pub fn near(x: f64, y: f64) -> [f64; 2] {
    let sign_x = 1.0_f64.copysign(x);
    let x = x.abs();
    let turns = x / STEP;
    let fraction = turns - ((turns + ROUND) - ROUND);
    // The rule whose nodes are the further from x.
    let midpoint = fraction.abs() <= 0.25;
    let [real, imaginary] = sum(x, y, |k| {
        let ((square, weight), (other_square, other_weight)) = (MIDPOINT[k], TRAPEZOID[k]);
        (if midpoint { square } else { other_square }, if midpoint { weight } else { other_weight })
    });
    // The residues: 2 exp(-z²) / (1 +- exp(-2 pi i z / step)), numerator and denominator times exp(-2 pi y / step).
    let sign = if midpoint { 1.0 } else { -1.0 };
    let (sine, cosine) = sin_cos(2.0 * PI * fraction);
    let (down, across) = (exp(-2.0 * NO_RESIDUE * y) + sign * cosine, sign * sine);
    let (phase_sine, phase_cosine) = sin_cos(2.0 * x * y);
    let size = 2.0 * exp(y * y - x * x - 2.0 * NO_RESIDUE * y) / (down * down + across * across);
    [
        real + size * (phase_cosine * down + phase_sine * across),
        sign_x * (imaginary + size * (phase_cosine * across - phase_sine * down)),
    ]
}

/// w(x + iy) for |x + iy| < [`FAR`] and y >= [`NO_RESIDUE`].
#[inline(always)]
pub fn near_high(x: f64, y: f64) -> [f64; 2] {
    sum(x, y, |k| MIDPOINT[k])
}

/// 2 i step z / pi times the sum of weights over z² - node².
#[inline(always)]
fn sum(x: f64, y: f64, rule: impl Fn(usize) -> (f64, f64)) -> [f64; 2] {
    let (squares, cross) = (x * x + y * y, 4.0 * x * x * y * y);
    let difference = x * x - y * y;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for k in 0..12 {
        let (node_square, weight) = rule(k);
        let a = difference - node_square;
        let share = weight / (a * a + cross);
        real += share * (squares + node_square);
        imaginary += share * (squares - node_square);
    }
    [2.0 * STEP / PI * y * real, 2.0 * STEP / PI * x * imaginary]
}

/// w(x + iy) for y >= 0, each part to 1e-12 relative.
pub fn faddeeva(x: f64, y: f64) -> [f64; 2] {
    if x.hypot(y) >= FAR {
        far(x, y)
    } else if y < NO_RESIDUE {
        near(x, y)
    } else {
        near_high(x, y)
    }
}

/// w(x + iy) for |x + iy| >= [`FAR`].
fn far(x: f64, y: f64) -> [f64; 2] {
    // Terms over |z|² stay finite where z itself is huge.
    let size = x.hypot(y);
    let (cosine, sine) = (x / size, y / size);
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (node, weight) in GAUSS_HERMITE {
        let t = (node / size).powi(2);
        let a = cosine * cosine - sine * sine - t;
        let share = weight / (a * a + 4.0 * cosine * cosine * sine * sine);
        real += share * (1.0 + t);
        imaginary += share * (1.0 - t);
    }
    [2.0 / PI * sine / size * real, 2.0 / PI * cosine / size * imaginary]
}

/// The scaled complementary error function exp(y²) erfc(y) for any y above -26.
pub fn erfcx(y: f64) -> f64 {
    let of_absolute = faddeeva(0.0, y.abs())[0];
    if y < 0.0 { 2.0 * (y * y).exp() - of_absolute } else { of_absolute }
}
