//! One error model for all hypotheses about a pattern: counting plus a misfit proportional to the signal.

use crate::matching::region::Region;

/// The region with the variance of each point widened by a misfit of `discrepancy` times its net signal.
///
/// The misfit is the same over a line width, `correlated_points` points: their sum must keep its variance, so each
/// point carries that many times its own share, while counting noise stays independent. The net signal is the observed
/// one, averaged over three points, so that it is the same for every hypothesis.
pub fn widened(region: &Region, discrepancy: f64, correlated_points: f64) -> Region {
    let share = discrepancy * discrepancy * correlated_points;
    let net = net_signal(region);
    let weight = region
        .weight
        .iter()
        .zip(&net)
        .map(|(&w, n)| if w > 0.0 { 1.0 / (1.0 / w + share * n * n) } else { 0.0 })
        .collect();
    Region { weight, ..region.clone() }
}

/// The region with weights that stand for how its ordinates truly vary about a fit with the weights of `fitted`: squared
/// weight times the variance of counting and of a misfit of `discrepancy` times the net signal.
pub fn varied(region: &Region, fitted: &Region, discrepancy: f64, correlated_points: f64) -> Region {
    let share = discrepancy * discrepancy * correlated_points;
    let weight = region
        .weight
        .iter()
        .zip(&fitted.weight)
        .zip(net_signal(region))
        .map(|((&counting, &w), n)| if counting > 0.0 { w * w * (1.0 / counting + share * n * n) } else { 0.0 })
        .collect();
    Region { weight, basis_sd: f64::INFINITY, ..fitted.clone() }
}

/// Observed ordinates above background, averaged over three points, where positive.
pub(super) fn net_signal(region: &Region) -> Vec<f64> {
    let n = region.y.len();
    let raw: Vec<f64> = region.y.iter().zip(&region.background).map(|(y, b)| y - b).collect();
    (0..n)
        .map(|i| {
            let around = &raw[i.saturating_sub(1)..(i + 2).min(n)];
            (around.iter().sum::<f64>() / around.len() as f64).max(0.0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::specimen;

    fn with_peaks() -> Region {
        let mut region = specimen::region(20.0, 30.0, 0.02, 2);
        let lines = |x: f64| 4000.0 * (-((x - 25.0) / 0.1).powi(2)).exp() + 900.0 * (-((x - 23.0) / 0.1).powi(2)).exp();
        for (i, y) in region.y.iter_mut().enumerate() {
            let sign = if (i / 5) % 2 == 0 { 1.0 } else { -1.0 };
            *y = region.background[i] + lines(region.x[i]) + sign / region.weight[i].sqrt();
        }
        region
    }

    #[test]
    fn variance_is_counting_plus_the_correlated_misfit_of_the_net_signal() {
        let mut region = with_peaks();
        region.weight[40] = 0.0;
        let wide = widened(&region, 0.1, 6.0);
        let net = |i: usize| ((i - 1..=i + 1).map(|k| region.y[k] - region.background[k]).sum::<f64>() / 3.0).max(0.0);
        for i in [10, 148, 150, 250, 252] {
            let want = 1.0 / region.weight[i] + 0.01 * 6.0 * net(i).powi(2);
            assert!((1.0 / wide.weight[i] / want - 1.0).abs() < 1e-12, "formula at point {i}");
        }
        assert!(wide.weight[40] == 0.0, "an excluded point stays out");
        let counting = widened(&region, 0.0, 6.0);
        assert!((counting.weight[10] / region.weight[10] - 1.0).abs() < 1e-12, "identity: no misfit");
        assert_eq!((wide.x, wide.y), (region.x, region.y));
    }

    #[test]
    fn points_vary_as_their_weights_say_when_nothing_else_does() {
        let region = with_peaks();
        let same = varied(&region, &region, 0.0, 6.0);
        assert!(same.weight.iter().zip(&region.weight).all(|(a, b)| (a - b).abs() < 1e-12 * b), "identity");
    }
}
