//! The scaled complementary error function beside its limit, without the cancellation of subtracting them.

use std::f64::consts::PI;

use crate::lineshape::faddeeva::erfcx;

/// From here on the asymptotic series is good to 1e-14.
const SERIES_FROM: f64 = 6.0;
/// Terms of the series; its smallest ones stand behind these.
const TERMS: i32 = 30;

/// How far sqrt(pi) y erfcx(y) is from its limit for large `y`.
#[derive(Debug, Clone, Copy)]
pub struct Deficit {
    /// 1 - sqrt(pi) y erfcx(y).
    pub first: f64,
    /// 1 - 2 y² times the first.
    pub second: f64,
}

/// The deficits for `y` > 0.
pub fn deficit(y: f64) -> Deficit {
    let twice = 2.0 * y * y;
    if y < SERIES_FROM {
        let first = 1.0 - PI.sqrt() * y * erfcx(y);
        return Deficit { first, second: 1.0 - twice * first };
    }
    // sqrt(pi) y erfcx(y) = sum of (-1)^k (2k - 1)!! / (2y²)^k
    let (mut term, mut second) = (1.0, 0.0);
    for k in 2..TERMS {
        term *= -f64::from(2 * k - 1) / twice;
        second -= term;
    }
    Deficit { first: (1.0 - second) / twice, second }
}
