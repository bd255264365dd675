//! A logarithm without table or branch, so that loops over it become vector code.

use std::f64::consts::SQRT_2;

/// ln 2 in two parts; the first has trailing zeros, so its multiples are exact.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 2 / (2k + 1) for k = 10 down to 0.
const SERIES: [f64; 11] = [
    2.0 / 21.0,
    2.0 / 19.0,
    2.0 / 17.0,
    2.0 / 15.0,
    2.0 / 13.0,
    2.0 / 11.0,
    2.0 / 9.0,
    2.0 / 7.0,
    2.0 / 5.0,
    2.0 / 3.0,
    2.0,
];

/// `ln(1 + v)` for 0 <= `v` < 1e300, to 1e-15 relative (series of the inverse hyperbolic tangent).
#[inline(always)]
#[allow(clippy::inline_always, reason = "vectorised by the loop it stands in")]
pub fn ln_1p(v: f64) -> f64 {
    let sum = 1.0 + v;
    let bits = sum.to_bits();
    let mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | 1.0_f64.to_bits());
    let upper = mantissa > SQRT_2;
    let mantissa = if upper { 0.5 * mantissa } else { mantissa };
    // The biased exponent as a number, by writing it into the low bits of 2^52.
    let exponent = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - 4_503_599_627_370_496.0 - 1023.0;
    let exponent = if upper { exponent + 1.0 } else { exponent };
    // What rounding took from the sum comes back in first order; it counts where `v` is small.
    let lost = (v - (sum - 1.0)) / sum;
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = s * SERIES.iter().fold(0.0, |total, c| total * square + c);
    exponent * LN2_HIGH + (series + (exponent * LN2_LOW + lost))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_the_standard_library() {
        for i in -3_000..=3_000 {
            let v = (f64::from(i) * 0.1).exp();
            // std's ln_1p is good to 1 ulp
            assert!((super::ln_1p(v) / v.ln_1p() - 1.0).abs() < 2e-15, "{v}: {} {}", super::ln_1p(v), v.ln_1p());
        }
        assert!(super::ln_1p(0.0).abs() < 1e-300);
    }
}
