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

/// Statistics of `calculated` against `y` with variances `variance`; points with a weight of zero are left out.
///
/// Residuals as in Toby (2006), Powder Diffr. 21, 67. The widening sums residuals of one sign along each run before
/// squaring, after Berar and Lelann (1991), J. Appl. Cryst. 24, 1.
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
        berar_lelann: (runs / freedom).sqrt().max(1.0),
        n_points: n,
        n_free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternating_residuals_need_no_widening() {
        let y: Vec<f64> = (0..100).map(|i| 100.0 + if i % 2 == 0 { 10.0 } else { -10.0 }).collect();
        let (calculated, variance, weight) = (vec![100.0; 100], vec![100.0; 100], vec![0.01; 100]);
        let s = statistics(std::iter::once((&y[..], &calculated[..], &variance[..], &weight[..])), 0);
        assert!((s.gof - 1.0).abs() < 1e-12, "identity: residuals of one sigma");
        assert!((s.berar_lelann - 1.0).abs() < 1e-12);
        assert!((s.durbin_watson - 3.96).abs() < 1e-12, "identity: 99 steps of two sigma over 100 points");
    }
}
