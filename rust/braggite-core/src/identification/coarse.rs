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
    Region::new(x, y, weight, background, intervals, region.spline_sd, region.optics.clone())
}
