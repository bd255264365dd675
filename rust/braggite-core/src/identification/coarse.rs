//! A pattern on fewer points: neighbouring points averaged where they are much finer than the lines.

use crate::error::Result;
use crate::matching::region::Region;

/// Points that a full width at half maximum keeps.
const POINTS_PER_FWHM: f64 = 3.5;

/// The region with runs of points averaged by weight, so that lines of `fwhm_deg` keep three to four points.
///
/// # Errors
/// Those of [`Region::new`].
pub fn coarsen(region: &Region, fwhm_deg: f64, intervals: usize) -> Result<Region> {
    let n = region.x.len();
    let step = (region.x[n - 1] - region.x[0]) / (n - 1) as f64;
    let bin = ((fwhm_deg / (POINTS_PER_FWHM * step)).floor() as usize).clamp(1, (n / 64).max(1));
    let (mut x, mut y, mut weight, mut background) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut start = 0;
    while start < n {
        let mut end = (start + bin).min(n);
        // A gap in the positions ends a bin.
        if let Some(gap) = (start + 1..end).find(|&i| region.x[i] - region.x[i - 1] > 3.0 * step) {
            end = gap;
        }
        let range = start..end;
        let count = range.len() as f64;
        let mean = |column: &[f64]| column[range.clone()].iter().sum::<f64>() / count;
        x.push(mean(&region.x));
        y.push(mean(&region.y));
        background.push(mean(&region.background));
        let usable = region.weight[range.clone()].iter().all(|&w| w > 0.0);
        let variance = region.weight[range.clone()].iter().map(|w| 1.0 / w).sum::<f64>() / (count * count);
        weight.push(if usable { 1.0 / variance } else { 0.0 });
        start = end;
    }
    Region::new(x, y, weight, background, intervals, region.basis_sd, region.optics.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::specimen;

    #[test]
    fn keeps_sums_positions_and_information() {
        let region = specimen::region(20.0, 60.0, 0.01, 4);
        let coarse = coarsen(&region, 0.2, 4).unwrap();
        // 0.2 degrees keep 3.5 points: runs of 5.
        let n = region.x.len();
        assert_eq!(coarse.x.len(), n.div_ceil(5));
        let (full, rest) = (n / 5, n % 5);
        for (fine, thin) in [(&region.y, &coarse.y), (&region.x, &coarse.x), (&region.background, &coarse.background)] {
            let sum = 5.0 * thin[..full].iter().sum::<f64>() + rest as f64 * thin[full..].iter().sum::<f64>();
            assert!((sum / fine.iter().sum::<f64>() - 1.0).abs() < 1e-12, "identity: sums are kept");
        }
        let variance: f64 = region.weight[..5].iter().map(|w| 1.0 / w).sum::<f64>() / 25.0;
        assert!((coarse.weight[0] * variance - 1.0).abs() < 1e-12, "identity: variance of a mean");
    }

    #[test]
    fn an_excluded_point_takes_its_run_along_and_no_other() {
        let mut region = specimen::region(20.0, 60.0, 0.01, 4);
        region.weight[7] = 0.0;
        let coarse = coarsen(&region, 0.2, 4).unwrap();
        let out: Vec<usize> = (0..coarse.x.len()).filter(|&i| coarse.weight[i] <= 0.0).collect();
        assert_eq!(out, [1]);
    }

    #[test]
    fn a_gap_ends_a_run() {
        let mut region = specimen::region(20.0, 60.0, 0.01, 4);
        region.x[2003..].iter_mut().for_each(|x| *x += 5.0);
        let coarse = coarsen(&region, 0.2, 4).unwrap();
        let inside = coarse.x.iter().filter(|&&x| x > region.x[2002] + 1e-9 && x < region.x[2003] - 1e-9);
        assert_eq!(inside.count(), 0, "no averaged point may stand in the gap");
    }

    #[test]
    fn lines_as_sharp_as_the_steps_stay_as_they_are() {
        let region = specimen::region(20.0, 30.0, 0.02, 4);
        let coarse = coarsen(&region, 0.06, 4).unwrap();
        assert_eq!((coarse.x, coarse.y), (region.x, region.y));
    }
}
