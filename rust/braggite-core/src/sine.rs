//! Sine and cosine without table or branch, so that loops over them become vector code.

use std::f64::consts::FRAC_2_PI;

/// Adding and subtracting this rounds to the nearest integer and leaves it in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// pi / 2 in two parts; the first has 33 bits, so its small multiples are exact.
const FRAC_PI_2_HIGH: f64 = 1.570_796_326_734_125_6;
const FRAC_PI_2_LOW: f64 = 6.077_100_506_506_192e-11;
/// (-1)^k / (2k + 1)! for k = 8 down to 0.
const SINE: [f64; 9] = [
    1.0 / 355_687_428_096_000.0,
    -1.0 / 1_307_674_368_000.0,
    1.0 / 6_227_020_800.0,
    -1.0 / 39_916_800.0,
    1.0 / 362_880.0,
    -1.0 / 5_040.0,
    1.0 / 120.0,
    -1.0 / 6.0,
    1.0,
];
/// (-1)^k / (2k)! for k = 8 down to 0.
const COSINE: [f64; 9] = [
    1.0 / 20_922_789_888_000.0,
    -1.0 / 87_178_291_200.0,
    1.0 / 479_001_600.0,
    -1.0 / 3_628_800.0,
    1.0 / 40_320.0,
    -1.0 / 720.0,
    1.0 / 24.0,
    -0.5,
    1.0,
];

/// Sine and cosine of `v` in radians, to 1e-15 absolute for `v` up to 1e4 (argument reduction of Cody and Waite, 1980).
#[inline(always)]
#[allow(clippy::inline_always, reason = "vectorised by the loop it stands in")]
pub fn sin_cos(v: f64) -> (f64, f64) {
    let shifted = v * FRAC_2_PI + ROUND;
    let k = shifted - ROUND;
    let r = v - k * FRAC_PI_2_HIGH - k * FRAC_PI_2_LOW;
    let square = r * r;
    let sine = r * SINE.iter().fold(0.0, |sum, c| sum * square + c);
    let cosine = COSINE.iter().fold(0.0, |sum, c| sum * square + c);
    let quadrant = shifted.to_bits();
    let (first, second) = if quadrant & 1 == 0 { (sine, cosine) } else { (cosine, sine) };
    let sign = |quadrant: u64| (quadrant & 2) << 62;
    (
        f64::from_bits(first.to_bits() ^ sign(quadrant)),
        f64::from_bits(second.to_bits() ^ sign(quadrant.wrapping_add(1))),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_the_standard_library() {
        for i in -100_000..=100_000 {
            let v = f64::from(i) * 0.013_7;
            let (sine, cosine) = super::sin_cos(v);
            // std is good to 1 ulp; the reduction adds the rounding of a few multiples of 6e-11
            assert!((sine - v.sin()).abs() < 1e-15 && (cosine - v.cos()).abs() < 1e-15, "{v}");
        }
    }
}
