//! What a refined number may be: its start, bounds and prior.

/// One nonlinear unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Start, later the refined value.
    pub value: f64,
    /// Smallest value allowed.
    pub lower: f64,
    /// Largest value allowed.
    pub upper: f64,
    /// Gaussian prior.
    pub prior: Option<Prior>,
}

/// A Gaussian prior on one unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Most probable value before the data.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Parameter {
    /// Between bounds, without a prior.
    pub fn bounded(value: f64, lower: f64, upper: f64) -> Self {
        Self { value: value.clamp(lower, upper), lower, upper, prior: None }
    }

    /// With a Gaussian prior around `mean`.
    #[must_use]
    pub fn with_prior(mut self, mean: f64, sd: f64) -> Self {
        self.prior = Some(Prior { mean, sd });
        self
    }

    /// Prior part of the objective at `value`: ((value - mean) / sd)².
    pub fn penalty(&self, value: f64) -> f64 {
        self.prior.map_or(0.0, |prior| ((value - prior.mean) / prior.sd).powi(2))
    }

    /// Whether `value` stands at a bound, to a relative 1e-9 of the allowed range where that is finite.
    pub fn at_bound(&self, value: f64) -> bool {
        let range = self.upper - self.lower;
        let margin = if range.is_finite() { 1e-9 * range } else { 0.0 };
        value <= self.lower + margin || value >= self.upper - margin
    }
}
