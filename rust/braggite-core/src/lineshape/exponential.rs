//! A branch-free exponential that vectorises.

const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// 1.5 * 2^52: adding it rounds to the nearest integer and leaves that integer in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Taylor coefficients of 2^f in powers of f: (ln 2)^k / k!.
const TAYLOR: [f64; 10] = [
    1.0,
    0.693_147_180_559_945_3,
    0.240_226_506_959_100_7,
    0.055_504_108_664_821_58,
    0.009_618_129_107_628_477,
    0.001_333_355_814_642_844_3,
    0.000_154_035_303_933_816_1,
    0.000_015_252_733_804_059_84,
    0.000_001_321_548_679_014_430_9,
    0.000_000_101_780_860_092_396_99,
];

/// exp(x) for -700 <= x <= 700, to a relative 1e-11 (|f| <= 1/2 in the truncated Taylor series of 2^f).
#[inline]
pub fn exp(x: f64) -> f64 {
    let t = x.clamp(-700.0, 700.0) * LOG2_E;
    let shifted = t + ROUNDER;
    let f = t - (shifted - ROUNDER);
    let power = TAYLOR.iter().rev().fold(0.0, |sum, &c| sum * f + c);
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023).wrapping_shl(52));
    power * scale
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(x in -699.0..699.0_f64) {
            let (ours, std) = (super::exp(x), x.exp());
            prop_assert!((ours / std - 1.0).abs() < 1e-11, "std exp: {ours} against {std}");
        }
    }
}
