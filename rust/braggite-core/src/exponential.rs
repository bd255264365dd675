//! An exponential without table or branch, so that loops over it become vector code.

/// Adding and subtracting this rounds to the nearest integer and leaves it in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts; the first has trailing zeros, so its multiples are exact.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1/k! for k = 12 down to 0.
const TAYLOR: [f64; 13] = [
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// `exp(v)` for `v` clamped to +-700, to 2e-15 relative (argument reduction of Cody and Waite, 1980).
#[inline(always)]
#[allow(clippy::inline_always, reason = "vectorised by the loop it stands in")]
#[allow(clippy::manual_clamp, reason = "two comparisons are one instruction each in a vector; clamp is four")]
pub fn exp(v: f64) -> f64 {
    let v = if v > 700.0 { 700.0 } else { v };
    let v = if v < -700.0 { -700.0 } else { v };
    let shifted = v * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = v - k * LN2_HIGH - k * LN2_LOW;
    let series = TAYLOR[1..].iter().fold(TAYLOR[0], |sum, c| sum * r + c);
    f64::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_the_standard_library() {
        for i in -14_000..=14_000 {
            let v = f64::from(i) * 0.05;
            // std's exp is good to 1 ulp; two rounding errors of the reduction on top
            assert!((super::exp(v) / v.exp() - 1.0).abs() < 2e-15, "{v}");
        }
    }
}
