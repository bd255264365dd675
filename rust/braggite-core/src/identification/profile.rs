//! The likelihood of an amount, averaged over the ways a phase may stand.

use crate::matching::model::projection::Addition;

/// Amounts at which the likelihood is looked at, and halvings of the last step.
const GRID: usize = 60;
const BISECTIONS: usize = 12;

/// What the phase would add, and the penalty, at placements spread evenly.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// Factor by which misfit widens what the additions say.
    pub(super) systematic: f64,
    /// Addition and penalty of each placement.
    pub(super) points: Vec<(Addition, f64)>,
}

impl Profile {
    /// The largest amount at which minus twice the logarithm of the likelihood, averaged over placements as likely as
    /// they are before the data, is at most `rise` above its least.
    pub(super) fn upper(&self, rise: f64) -> f64 {
        let widened = self.systematic.powi(2);
        let height = |scale: f64| {
            let exponent = |(addition, penalty): &(Addition, f64)| {
                scale * (addition.pull - 0.5 * scale * addition.information) / widened - 0.5 * penalty
            };
            let most = self.points.iter().map(exponent).fold(f64::NEG_INFINITY, f64::max);
            -2.0 * (most + self.points.iter().map(|point| (exponent(point) - most).exp()).sum::<f64>().ln())
        };
        // No placement allows more than its own limit with everything that placements differ by added to the rise.
        let furthest = self.points.iter().map(|(addition, _)| {
            let pull = addition.pull.max(0.0);
            let rise = widened * (rise + 2.0 * (self.points.len() as f64).ln());
            (pull + (pull * pull + addition.information * rise).sqrt()) / addition.information
        });
        let furthest = furthest.fold(0.0, f64::max);
        let grid: Vec<f64> = (0..=GRID).map(|k| furthest * (k as f64 / GRID as f64).powi(2)).collect();
        let heights: Vec<f64> = grid.iter().map(|&scale| height(scale)).collect();
        let ceiling = heights.iter().copied().fold(f64::INFINITY, f64::min) + rise;
        let Some(last) = heights.iter().rposition(|&value| value <= ceiling) else { return 0.0 };
        let (mut inside, mut outside) = (grid[last], grid[(last + 1).min(GRID)]);
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (inside + outside);
            if height(middle) <= ceiling { inside = middle } else { outside = middle }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(points: &[(f64, f64)], systematic: f64) -> Profile {
        let addition = |&(pull, penalty)| (Addition { pull, information: 4.0, alone: 5.0 }, penalty);
        Profile { systematic, points: points.iter().map(addition).collect() }
    }

    #[test]
    fn one_placement_gives_the_limit_of_a_normal_amount() {
        let rise: f64 = 1.645_f64.powi(2);
        for (pull, want) in [(0.0, 1.645 / 2.0), (8.0, 2.0 + 1.645 / 2.0)] {
            let got = profile(&[(pull, 0.0)], 1.0).upper(rise);
            assert!((got - want).abs() < 1e-3, "closed form: best amount and 1.645 sd, {got} against {want}");
        }
        // Below zero: s² I - 2 s g = rise.
        let (pull, information) = (-3.0_f64, 4.0);
        let want = (pull + (pull * pull + information * rise).sqrt()) / information;
        let got = profile(&[(pull, 0.0)], 1.0).upper(rise);
        assert!((got - want).abs() < 1e-3, "closed form from zero: {got} against {want}");
    }

    #[test]
    fn misfit_widens_a_limit_in_proportion() {
        let rise = 1.645_f64.powi(2);
        let (plain, wide) = (profile(&[(0.0, 0.0)], 1.0).upper(rise), profile(&[(0.0, 0.0)], 3.0).upper(rise));
        assert!((wide / plain - 3.0).abs() < 0.01, "identity: standard deviation times three, {plain} to {wide}");
    }

    #[test]
    fn placements_are_averaged_by_how_likely_they_are() {
        let rise = 1.645_f64.powi(2);
        let upper = |points: &[(f64, f64)]| profile(points, 1.0).upper(rise);
        let (low, high, even) = (upper(&[(0.0, 0.0)]), upper(&[(6.0, 0.0)]), upper(&[(0.0, 0.0), (6.0, 0.0)]));
        assert!(low < even && even < 1.01 * high, "{low} < {even} <= {high} to a percent");
        let doubtful = upper(&[(0.0, 0.0), (6.0, 40.0)]);
        assert!((doubtful - low).abs() < 0.02 * low, "a placement that is out of the question does not count");
    }
}
