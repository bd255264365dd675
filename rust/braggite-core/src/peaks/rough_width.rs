//! Widths of peaks at known places, good enough to start a fit.

/// Full widths at half height of the peaks at ascending `positions`, in units of the ascending axis `x`.
///
/// Half height is half way from the top near the position to the floor between it and its neighbours; the nearer side
/// counts twice. Widths a factor of three from the median are drawn to it.
pub fn rough_fwhm(x: &[f64], y: &[f64], positions: &[f64]) -> Vec<f64> {
    let extent = x.last().copied().unwrap_or_default() - x.first().copied().unwrap_or_default();
    let step = extent / (x.len().max(2) - 1) as f64;
    let measured: Vec<Option<f64>> = (0..positions.len()).map(|k| half_way(x, y, positions, k)).collect();
    let mut known: Vec<f64> = measured.iter().copied().flatten().collect();
    known.sort_by(f64::total_cmp);
    let typical = known.get(known.len() / 2).copied().unwrap_or(0.05 * extent).max(2.0 * step);
    measured.into_iter().map(|width| width.unwrap_or(typical).clamp(typical / 3.0, typical * 3.0)).collect()
}

/// Twice the distance from the top near position `k` to where the ordinates fall half way to the floor.
fn half_way(x: &[f64], y: &[f64], positions: &[f64], k: usize) -> Option<f64> {
    let before = if k > 0 { positions[k - 1] } else { f64::NEG_INFINITY };
    let after = positions.get(k + 1).copied().unwrap_or(f64::INFINITY);
    let start = x.partition_point(|&at| at < 0.5 * (before + positions[k]));
    let end = x.partition_point(|&at| at <= 0.5 * (positions[k] + after));
    let nearest = x.partition_point(|&at| at < positions[k]).clamp(start, end.checked_sub(1)?.max(start));
    if end < start + 3 {
        return None;
    }
    let smooth = |i: usize| {
        let (a, b) = (i.max(start + 1) - 1, (i + 1).min(end - 1));
        (y[a] + y[i] + y[b]) / 3.0
    };
    let reach = ((end - start) / 20).max(1);
    let near = nearest.saturating_sub(reach).max(start)..(nearest + reach + 1).min(end);
    let top = near.max_by(|&i, &j| smooth(i).total_cmp(&smooth(j)))?;
    let floor = (start..end).map(smooth).fold(f64::INFINITY, f64::min);
    let half = 0.5 * (smooth(top) + floor);
    let left = (start..top).rev().find(|&i| smooth(i) < half).map(|i| x[top] - x[i]);
    let right = (top + 1..end).find(|&i| smooth(i) < half).map(|i| x[i] - x[top]);
    match (left, right) {
        (Some(a), Some(b)) => Some(2.0 * a.min(b)),
        (one, other) => one.or(other).map(|side| 2.0 * side),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_width_of_clear_peaks() {
        let x: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.02).collect();
        let peak = |at: f64, c: f64, w: f64| 100.0 * (-4.0 * std::f64::consts::LN_2 * ((at - c) / w).powi(2)).exp();
        let y: Vec<f64> = x.iter().map(|&at| 30.0 + peak(at, 5.0, 0.4) + peak(at, 12.0, 0.7)).collect();
        for (width, truth) in rough_fwhm(&x, &y, &[5.05, 11.9]).iter().zip([0.4, 0.7]) {
            assert!((width / truth - 1.0).abs() < 0.2, "truth {truth}, got {width}");
        }
    }

    #[test]
    fn answers_where_there_is_nothing() {
        assert!(rough_fwhm(&[0.0, 1.0], &[1.0, 1.0], &[0.5])[0] > 0.0);
        assert!(rough_fwhm(&[0.0, 1.0, 2.0], &[1.0, 1.0, 1.0], &[-7.0, 1.0, 1.0]).iter().all(|w| *w > 0.0));
    }
}
