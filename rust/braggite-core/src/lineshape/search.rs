//! Where a line has its maximum, and where it has fallen to a level: for shapes without a closed form.

use crate::lineshape::axial_divergence::LEGENDRE_10;
use crate::lineshape::profile::Profile;

/// Halvings or Newton steps; halvings alone would reach the last bit in about as many.
const MAX_STEPS: usize = 80;
/// Panels in one scale next to the maximum.
const FIRST_PANEL: f64 = 8.0;
/// Doublings of the scale within which a line must have fallen to the level asked for.
const MAX_DOUBLINGS: i32 = 200;

/// Offset of the maximum between `low` and `high`, where the line rises and falls (Illinois rule on its slope).
pub fn mode<const K: usize, P: Profile<K>>(profile: &P, mut low: f64, mut high: f64) -> f64 {
    let precise = f64::EPSILON * profile.scale();
    // The derivative to the centre is minus the slope.
    let (mut at_low, mut at_high) = (profile.at(low)[1], profile.at(high)[1]);
    let mut last_side = 0;
    for _ in 0..MAX_STEPS {
        if high - low <= precise || at_low >= 0.0 || at_high <= 0.0 {
            break;
        }
        let middle = low + (high - low) * at_low / (at_low - at_high);
        let slope = profile.at(middle)[1];
        if slope < 0.0 {
            (low, at_low) = (middle, slope);
            at_high *= if last_side == -1 { 0.5 } else { 1.0 };
            last_side = -1;
        } else {
            (high, at_high) = (middle, slope);
            at_low *= if last_side == 1 { 0.5 } else { 1.0 };
            last_side = 1;
        }
    }
    if at_low >= 0.0 || -at_low < at_high { low } else { high }
}

/// Full width at half maximum and its derivatives to the parameters (implicit function theorem).
pub fn fwhm<const K: usize, P: Profile<K>>(profile: &P, gradient: &mut [f64]) -> f64 {
    let mode = profile.mode();
    let half = 0.5 * profile.height(gradient);
    let ends = [-1.0, 1.0].map(|side| crossing(profile, mode, side, half));
    let [below, above] = ends.map(|end| profile.at(end));
    for (k, slope) in gradient.iter_mut().enumerate() {
        let moved = |end: &[f64; K]| (end[k + 2] - 0.5 * *slope) / end[1];
        *slope = moved(&above) - moved(&below);
    }
    ends[1] - ends[0]
}

/// Distances below and above the centre outside which the value is below `tail` times the maximum.
pub fn reach<const K: usize, P: Profile<K>>(profile: &P, tail: f64) -> (f64, f64) {
    let mode = profile.mode();
    let level = tail * profile.at(mode)[0];
    (-crossing(profile, mode, -1.0, level), crossing(profile, mode, 1.0, level))
}

/// Area between two offsets, by the ten-point rule on panels that double away from the maximum.
pub fn area<const K: usize, P: Profile<K>>(profile: &P, from: f64, to: f64) -> f64 {
    let mode = profile.mode().clamp(from, to);
    let mut sum = 0.0;
    for (side, end) in [(-1.0, mode - from), (1.0, to - mode)] {
        let (mut near, mut width) = (0.0, profile.scale() / FIRST_PANEL);
        while near < end {
            let far = (near + width).min(end);
            let panel = LEGENDRE_10.iter().map(|(node, weight)| {
                let distance = near + (far - near) * node;
                weight * profile.at(mode + side * distance)[0]
            });
            sum += (far - near) * panel.sum::<f64>();
            (near, width) = (far, far.max(width));
        }
    }
    sum
}

/// Offset on one side of the mode where the line has fallen to `level`; infinite if it never does.
fn crossing<const K: usize, P: Profile<K>>(profile: &P, mode: f64, side: f64, level: f64) -> f64 {
    let (mut inside, mut distance) = (0.0, profile.scale());
    let excess = |distance: f64| {
        let point = profile.at(mode + side * distance);
        (point[0] - level, -side * point[1])
    };
    for doubling in 0.. {
        if excess(distance).0 < 0.0 {
            break;
        }
        if doubling == MAX_DOUBLINGS {
            return side * f64::INFINITY;
        }
        inside = distance;
        distance *= 2.0;
    }
    let (mut low, mut high) = (inside, distance);
    let mut at = 0.5 * (low + high);
    for _ in 0..MAX_STEPS {
        let (value, slope) = excess(at);
        if value < 0.0 {
            high = at;
        } else {
            low = at;
        }
        let newton = at - value / slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - at).abs() <= f64::EPSILON * at {
            break;
        }
        at = next;
    }
    mode + side * at
}
