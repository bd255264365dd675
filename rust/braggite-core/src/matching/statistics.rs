//! How well a calculated pattern agrees with the data, and how far uncertainties must be widened.

/// Agreement of one fit over all its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Weighted profile residual in percent, background not subtracted.
    pub rwp_percent: f64,
    /// Profile residual in percent.
    pub rp_percent: f64,
    /// Residual expected from counting alone, in percent.
    pub rexp_percent: f64,
    /// Rwp / Rexp.
    pub gof: f64,
    /// Durbin-Watson statistic of the weighted residuals; 2 without serial correlation.
    pub durbin_watson: f64,
    /// Factor on counting uncertainties that allows for serially correlated residuals.
    pub berar_lelann: f64,
    /// Points used.
    pub n_points: usize,
    /// Unknowns determined.
    pub n_free: usize,
}

/// Squared sum over runs of one sign, per point, of independent normal residuals: 1 + 4 / pi. A run goes on with
/// probability one half a point, and each pair in it adds twice the squared mean size, 2 / pi.
const WHITE_RUNS: f64 = 1.0 + 4.0 * std::f64::consts::FRAC_1_PI;

/// Statistics of `calculated` against `y` with variances `variance`; points with a weight of zero are left out.
///
/// Residuals as in Toby (2006), Powder Diffr. 21, 67. The widening sums residuals of one sign along each run before
/// squaring, after Berar and Lelann (1991), J. Appl. Cryst. 24, 1, over what the same sum gives for white residuals.
pub fn statistics<'a>(
    regions: impl Iterator<Item = (&'a [f64], &'a [f64], &'a [f64], &'a [f64])>,
    n_free: usize,
) -> Statistics {
    let (mut sum, mut sum_y, mut absolute, mut absolute_y) = (0.0, 0.0, 0.0, 0.0);
    let (mut steps, mut runs, mut n) = (0.0, 0.0, 0_usize);
    for (y, calculated, variance, weight) in regions {
        let (mut previous, mut run) = (None, 0.0);
        for (((y, c), v), w) in y.iter().zip(calculated).zip(variance).zip(weight) {
            if *w <= 0.0 {
                continue;
            }
            let residual = (y - c) / v.sqrt();
            sum += residual * residual;
            sum_y += y * y / v;
            absolute += (y - c).abs();
            absolute_y += y.abs();
            n += 1;
            if let Some(last) = previous {
                steps += (residual - last) * (residual - last);
            }
            if run * residual < 0.0 {
                runs += run * run;
                run = 0.0;
            }
            run += residual;
            previous = Some(residual);
        }
        runs += run * run;
    }
    let freedom = n.saturating_sub(n_free).max(1) as f64;
    let rwp = 100.0 * (sum / sum_y.max(f64::MIN_POSITIVE)).sqrt();
    let rexp = 100.0 * (freedom / sum_y.max(f64::MIN_POSITIVE)).sqrt();
    Statistics {
        rwp_percent: rwp,
        rp_percent: 100.0 * absolute / absolute_y.max(f64::MIN_POSITIVE),
        rexp_percent: rexp,
        gof: rwp / rexp,
        durbin_watson: steps / sum.max(f64::MIN_POSITIVE),
        berar_lelann: (runs / freedom / WHITE_RUNS).sqrt().max(1.0),
        n_points: n,
        n_free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::specimen::white;

    #[test]
    fn alternating_residuals_need_no_widening() {
        let y: Vec<f64> = (0..100).map(|i| 100.0 + if i % 2 == 0 { 10.0 } else { -10.0 }).collect();
        let (calculated, variance, weight) = (vec![100.0; 100], vec![100.0; 100], vec![0.01; 100]);
        let s = statistics(std::iter::once((&y[..], &calculated[..], &variance[..], &weight[..])), 0);
        assert!((s.gof - 1.0).abs() < 1e-12, "identity: residuals of one sigma");
        assert!((s.berar_lelann - 1.0).abs() < 1e-12);
        assert!((s.durbin_watson - 3.96).abs() < 1e-12, "identity: 99 steps of two sigma over 100 points");
    }

    #[test]
    fn agrees_with_numbers_worked_out_by_hand() {
        let (y, calculated) = ([10.0, 20.0, 40.0, 1e6, 30.0], [11.0, 18.0, 43.0, 0.0, 30.5]);
        let (variance, weight) = ([1.0, 4.0, 9.0, 1.0, 0.25], [1.0, 0.25, 1.0 / 9.0, 0.0, 4.0]);
        let s = statistics(std::iter::once((&y[..], &calculated[..], &variance[..], &weight[..])), 1);
        // Residuals -1, 1, -1, (left out), -1; weighted squares of y: 100 + 100 + 1600 / 9 + 3600.
        let square: f64 = 3800.0 + 1600.0 / 9.0;
        assert_eq!((s.n_points, s.n_free), (4, 1));
        assert!((s.rwp_percent - 100.0 * (4.0 / square).sqrt()).abs() < 1e-12, "Toby (2006): Rwp");
        assert!((s.rexp_percent - 100.0 * (3.0 / square).sqrt()).abs() < 1e-12, "Toby (2006): Rexp");
        assert!((s.gof - (4.0_f64 / 3.0).sqrt()).abs() < 1e-12, "gof = Rwp / Rexp");
        assert!((s.rp_percent - 6.5).abs() < 1e-12, "Rp: 6.5 of 100");
        assert!((s.durbin_watson - 2.0).abs() < 1e-12, "steps 4 + 4 + 0 over 4");
        // Runs -1, 1, (-1 - 1): squares 1 + 1 + 4 over three degrees of freedom, less than white residuals would give.
        assert!((s.berar_lelann - 1.0).abs() < 1e-12, "uncertainties are never narrowed");
    }

    #[test]
    fn white_residuals_are_left_alone() {
        let n = 200_000;
        let y = white(n, 1);
        let (calculated, ones) = (vec![0.0; n], vec![1.0; n]);
        let s = statistics(std::iter::once((&y[..], &calculated[..], &ones[..], &ones[..])), 0);
        assert!((s.berar_lelann - 1.0).abs() < 0.01, "1 + 4 / pi, got {}", s.berar_lelann);
    }

    #[test]
    fn correlated_residuals_are_widened() {
        let y: Vec<f64> = (0..100).map(|i| 100.0 + if (i / 10) % 2 == 0 { 10.0 } else { -10.0 }).collect();
        let (calculated, variance) = (vec![100.0; 100], vec![100.0; 100]);
        let s = statistics(std::iter::once((&y[..], &calculated[..], &variance[..], &variance[..])), 0);
        let expected = (10.0 / WHITE_RUNS).sqrt();
        assert!((s.berar_lelann - expected).abs() < 1e-12, "identity: ten runs of ten over 100 points");
    }
}
