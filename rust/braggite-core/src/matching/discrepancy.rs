//! How far a calculated pattern misses the lines of an observed one, beyond counting.

use crate::matching::error_model::net_signal;
use crate::matching::model::projection::Projection;
use crate::matching::region::Region;

/// Relative discrepancy that `calculated` shows on the lines of the region, as one misfit over every `correlated_points`
/// points.
///
/// The maximum of the likelihood of the residuals' sums S over so many points, normal with variance V + d² Q: V that of
/// counting, Q the square of the net signal's sum. Sums tell a misfit smaller than single residuals do, and by their
/// likelihood strong lines decide where the misfit is small, all lines alike where it is large. Zero where the sums vary
/// no more than counting makes them.
pub fn discrepancy(region: &Region, calculated: &[f64], correlated_points: f64) -> f64 {
    let residual: Vec<f64> = region.y.iter().zip(calculated).map(|(y, c)| y - c).collect();
    discrepancy_of_residual(&residual, &region.weight, &net_signal(region), correlated_points)
}

/// The same from residuals, the weights of counting (0: left out) and the net signal of each point.
pub fn discrepancy_of_residual(residual: &[f64], weight: &[f64], net: &[f64], correlated_points: f64) -> f64 {
    let used = used(weight);
    let sums = runs(&used, correlated_points).map(|points| Sum::over(points, residual, weight, net));
    likeliest(&sums.collect::<Vec<Sum>>())
}

/// The same where `calculated` is the fit of `projection` to the region with the weights of `fitted`: V and Q are what
/// the fit leaves of them, for it takes up some of every misfit and shares it out.
///
/// Patterson & Thompson (1971), Biometrika 58, 545, of the sums as if they were independent.
pub fn discrepancy_of_fit(
    region: &Region,
    calculated: &[f64],
    correlated_points: f64,
    fitted: &Region,
    projection: &Projection<'_, '_>,
) -> f64 {
    let net = net_signal(region);
    let residual: Vec<f64> = region.y.iter().zip(calculated).map(|(y, c)| y - c).collect();
    let used = used(&region.weight);
    let runs: Vec<&[usize]> = runs(&used, correlated_points).collect();
    let left = projection.left_of_sums(&runs, &fitted.weight, &region.weight, &net);
    let sums = runs.iter().zip(left).map(|(points, left)| {
        let whole = Sum::over(points, &residual, &region.weight, &net);
        Sum { variance: left.counting, signal: left.misfit, ..whole }
    });
    likeliest(&sums.collect::<Vec<Sum>>())
}

/// Squared net signal over its variance from which a sum says how well a model meets lines, and not only noise.
const SIGNIFICANT: f64 = 25.0;
/// Relative precision of a squared discrepancy.
const PRECISION: f64 = 1e-6;

/// Sums over some neighbouring points.
struct Sum {
    /// Square of the sum of residuals.
    squared: f64,
    /// Its variance by counting.
    variance: f64,
    /// Its variance by a misfit of one: the square of the sum of the net signal.
    signal: f64,
}

impl Sum {
    fn over(points: &[usize], residual: &[f64], weight: &[f64], net: &[f64]) -> Self {
        let total = |of: &dyn Fn(usize) -> f64| points.iter().map(|&i| of(i)).sum::<f64>();
        Self {
            squared: total(&|i| residual[i]).powi(2),
            variance: total(&|i| 1.0 / weight[i]),
            signal: total(&|i| net[i]).powi(2),
        }
    }

    fn expected(&self, square: f64) -> f64 {
        self.variance + square * self.signal
    }
}

fn used(weight: &[f64]) -> Vec<usize> {
    (0..weight.len()).filter(|&i| weight[i] > 0.0).collect()
}

fn runs(used: &[usize], length: f64) -> impl Iterator<Item = &[usize]> {
    used.chunks((length.round() as usize).max(1))
}

/// The discrepancy for which sums over lines are likeliest.
fn likeliest(sums: &[Sum]) -> f64 {
    let of_lines = || sums.iter().filter(|sum| sum.variance > 0.0 && sum.signal > SIGNIFICANT * sum.variance);
    // Half the slope of the log likelihood to the squared discrepancy.
    let slope = |square: f64| -> f64 {
        let excess = |s: &Sum| (s.squared - s.expected(square)) * s.signal / s.expected(square).powi(2);
        of_lines().map(excess).sum()
    };
    if slope(0.0) <= 0.0 {
        return 0.0;
    }
    let largest = of_lines().map(|s| (s.squared - s.variance) / s.signal).fold(0.0, f64::max);
    let (mut below, mut above) = (0.0, largest);
    while above - below > PRECISION * above {
        let middle = 0.5 * (below + above);
        if slope(middle) > 0.0 { below = middle } else { above = middle }
    }
    above.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::specimen;

    /// Forty lines 0.1 wide on a step of 0.02, each stronger or weaker than calculated by its share of `misfit`, and
    /// counting noise.
    fn with_lines(misfit: f64, seed: u64) -> (Region, Vec<f64>) {
        let mut region = specimen::region(20.0, 60.0, 0.02, 2);
        let (noise, shares) = (specimen::white(region.x.len(), seed), specimen::white(40, seed + 1000));
        let mut calculated = region.background.clone();
        for (i, (&x, y)) in region.x.iter().zip(&mut region.y).enumerate() {
            let line = ((x - 20.0) as usize).min(39);
            let height = if line.is_multiple_of(2) { 4000.0 } else { 900.0 };
            let area = height * (-2.77 * ((x - 20.5 - line as f64) / 0.1).powi(2)).exp();
            calculated[i] += area;
            *y = calculated[i] + misfit * shares[line] * area + noise[i] / region.weight[i].sqrt();
        }
        (region, calculated)
    }

    fn sums_of(region: &Region, calculated: &[f64], length: f64) -> Vec<Sum> {
        let net = net_signal(region);
        let residual: Vec<f64> = region.y.iter().zip(calculated).map(|(y, c)| y - c).collect();
        let sums = runs(&used(&region.weight), length)
            .map(|points| Sum::over(points, &residual, &region.weight, &net))
            .collect();
        Vec::into_iter(sums).filter(|sum| sum.signal > SIGNIFICANT * sum.variance).collect()
    }

    #[test]
    fn no_model_misses_all() {
        let (noisy, calculated) = with_lines(0.0, 5);
        let region = Region { y: calculated, ..noisy };
        let nothing = discrepancy(&region, &region.background, 10.0);
        // Averaged over three points, the net signal of a flank spills into the next sum.
        assert!((0.9..=1.0).contains(&nothing), "identity: the whole signal is missed, got {nothing}");
    }

    #[test]
    fn is_where_the_likelihood_is_largest() {
        for (misfit, length) in [(0.0, 1.0), (0.03, 5.0), (0.03, 10.0), (0.1, 7.0)] {
            let (region, calculated) = with_lines(misfit, 3);
            let sums = sums_of(&region, &calculated, length);
            let likelihood = |d: f64| -> f64 {
                let minus_two_log = |s: &Sum| s.expected(d * d).ln() + s.squared / s.expected(d * d);
                -sums.iter().map(minus_two_log).sum::<f64>()
            };
            let trials = (0..20_000).map(|i| 1e-5 * f64::from(i));
            let best = trials.max_by(|a, b| likelihood(*a).total_cmp(&likelihood(*b))).unwrap();
            let found = discrepancy(&region, &calculated, length);
            assert!((found - best).abs() < 1e-5, "search in steps of 1e-5: {best}, got {found}");
        }
    }

    #[test]
    fn a_misfit_of_whole_lines_comes_out() {
        let found = |misfit: f64| {
            let squares = (0..20).map(|seed| {
                let (region, calculated) = with_lines(misfit, seed);
                discrepancy(&region, &calculated, 10.0).powi(2)
            });
            (squares.sum::<f64>() / 20.0).sqrt()
        };
        for misfit in [0.02, 0.05, 0.1] {
            // 20 draws of 40 lines tell a standard deviation to 2.5 %.
            assert!((found(misfit) / misfit - 1.0).abs() < 0.075, "simulated truth {misfit}, got {}", found(misfit));
        }
    }

    #[test]
    fn counting_noise_is_not_taken_for_misfit() {
        let draws = 100;
        let mut beyond = 0;
        for seed in 0..draws {
            let (region, calculated) = with_lines(0.0, seed);
            let sums = sums_of(&region, &calculated, 10.0);
            let information: f64 = sums.iter().map(|s| 0.5 * (s.signal / s.variance).powi(2)).sum();
            beyond += usize::from(discrepancy(&region, &calculated, 10.0).powi(2) > 2.0 * information.powf(-0.5));
        }
        // Two standard deviations by the information at zero: one tail of 2 %, wider than normal with so few strong lines.
        assert!(beyond <= 8, "{beyond} of {draws}");
    }
}
