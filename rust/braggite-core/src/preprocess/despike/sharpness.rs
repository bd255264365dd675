//! Whether a run of points is sharper than any line can be.
//!
//! A line of full width w leaves at the two points beside a run at least the share R(w) of what it puts inside it, and
//! so does any sum of such lines. What a run holds beyond (outside sum) / R is therefore no line.

use super::Seen;

/// Standard deviations by which a run must exceed the sharpest line.
pub(super) const LINE_DOUBT: f64 = 3.0;
/// Points on either side among which the local floor is looked for.
const FLOOR_REACH: usize = 10;
/// Positions of the line tried inside a run.
const CENTRES: usize = 9;
/// Width of the narrowest line in steps, where none is given.
const STEPS_OF_A_LINE: f64 = 3.0;

/// Excess of the run `from..to` over the sharpest line on the local floor, in its standard deviations.
pub(super) fn excess(seen: Seen<'_>, from: usize, to: usize) -> f64 {
    let Seen { x, y, sigma, scale, options } = seen;
    let floor = floor(y, from, to);
    let points = (to - from) as f64;
    let fwhm = options.fwhm.unwrap_or_else(|| STEPS_OF_A_LINE * (x[to] - x[from - 1]) / (points + 1.0));
    let share = least_share(x, from, to, fwhm);
    if share <= 0.0 {
        return f64::NEG_INFINITY; // steps so wide that a line may hide between two points
    }
    let inside: f64 = y[from..to].iter().map(|v| v - floor).sum();
    let outside = y[from - 1] + y[to] - 2.0 * floor;
    let beside = sigma[from - 1].powi(2) + sigma[to].powi(2);
    // where the noise grows with the signal, a spike must not be excused by its own: no more than the line would have
    let most = beside / (share * points);
    let own: f64 = sigma[from..to].iter().map(|s| (s * s).min(most)).sum();
    (inside - outside.max(0.0) / share) / (scale * (own + beside / (share * share)).sqrt())
}

/// The lowest mean of two neighbours near the run but not in it.
fn floor(y: &[f64], from: usize, to: usize) -> f64 {
    let left = y[from.saturating_sub(FLOOR_REACH)..from].windows(2);
    let right = y[to..(to + FLOOR_REACH).min(y.len())].windows(2);
    let lowest = left.chain(right).map(|w| 0.5 * (w[0] + w[1])).fold(f64::INFINITY, f64::min);
    lowest.min(0.5 * (y[from - 1] + y[to]))
}

/// The least ratio of a line's ordinates beside the run to those inside, for a Gaussian or Lorentzian anywhere in it.
fn least_share(x: &[f64], from: usize, to: usize, fwhm: f64) -> f64 {
    let gaussian = |u: f64| (-4.0 * std::f64::consts::LN_2 * u * u).exp();
    let lorentzian = |u: f64| 1.0 / (1.0 + 4.0 * u * u);
    let (start, extent) = (x[from], x[to - 1] - x[from]);
    (0..CENTRES)
        .map(|k| {
            let centre = start + extent * k as f64 / (CENTRES - 1) as f64;
            share_of(x, from, to, |at| gaussian((at - centre) / fwhm))
                .min(share_of(x, from, to, |at| lorentzian((at - centre) / fwhm)))
        })
        .fold(f64::INFINITY, f64::min)
}

fn share_of(x: &[f64], from: usize, to: usize, line: impl Fn(f64) -> f64) -> f64 {
    (line(x[from - 1]) + line(x[to])) / x[from..to].iter().map(|at| line(*at)).sum::<f64>()
}
