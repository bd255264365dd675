//! How much longer one must count for the limit of a phase to reach a stated amount.

use crate::identification::profile::Profile;

/// Halvings of the interval in which the variance is sought.
const BISECTIONS: usize = 40;

/// What longer counting can do for a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountingTime {
    /// Counting time in all over that of the pattern; None where no time is long enough.
    pub factor: Option<f64>,
    /// Limit after endless counting: what misfit alone leaves.
    pub floor: f64,
}

/// Of what the variance of an amount consists, in units of what the common error model says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variance {
    /// By counting; falls with the time.
    pub counting: f64,
    /// In all.
    pub total: f64,
}

impl Variance {
    /// Variance after endless counting over that of today.
    fn lasting(self) -> f64 {
        (1.0 - self.counting / self.total).max(0.0)
    }

    /// Time over that of today at which the variance is `share` of that of today.
    fn time(self, share: f64) -> f64 {
        (1.0 - self.lasting()) / (share - self.lasting())
    }
}

impl Profile {
    /// The profile that is expected, of a phase that is not there, once the variance of its amount is `share` of that
    /// of today: what noise and misfit show of it today counts among a longer time's.
    pub(super) fn after(&self, share: f64) -> Self {
        let mut later = self.clone();
        later.systematic *= share.sqrt();
        later.points.iter_mut().for_each(|(addition, _)| addition.pull *= share);
        later
    }
}

/// The time at which `limit`, a function of the variance over that of today, reaches `target`.
pub fn counting_time(variance: Variance, target: f64, limit: impl Fn(f64) -> f64) -> CountingTime {
    let lasting = variance.lasting();
    let floor = if lasting > 0.0 { limit(lasting) } else { 0.0 };
    if limit(1.0) <= target {
        return CountingTime { factor: Some(1.0), floor };
    }
    if floor >= target {
        return CountingTime { factor: None, floor };
    }
    let (mut low, mut high) = (lasting, 1.0);
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if limit(middle) <= target { low = middle } else { high = middle }
    }
    CountingTime { factor: Some(variance.time(high)), floor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_counting_alone_falls_with_the_root_of_the_time() {
        let got = counting_time(Variance { counting: 0.8, total: 0.8 }, 0.1, f64::sqrt);
        assert!((got.factor.unwrap() - 100.0).abs() < 1e-6, "closed form: a tenth after a hundred times as long");
        assert!(got.floor.abs() < f64::EPSILON);
    }

    #[test]
    fn what_misfit_leaves_is_never_counted_away() {
        let variance = Variance { counting: 0.75, total: 1.0 };
        assert_eq!(counting_time(variance, 0.4, f64::sqrt), CountingTime { factor: None, floor: 0.5 });
        let got = counting_time(variance, 0.7_f64.sqrt(), f64::sqrt).factor.unwrap();
        // 0.25 + 0.75 / f = 0.7
        assert!((got - 0.75 / 0.45).abs() < 1e-9, "closed form, {got}");
    }

    #[test]
    fn no_time_is_needed_for_what_is_reached() {
        let got = counting_time(Variance { counting: 0.5, total: 1.0 }, 2.0, |share| share);
        assert_eq!(got, CountingTime { factor: Some(1.0), floor: 0.5 });
    }
}
