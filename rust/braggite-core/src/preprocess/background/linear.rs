//! A straight line between the ends of a region.

use super::Background;
use super::ends::Ends;
use crate::error::Result;
use crate::grid::Grid;

/// The line through the mean points of both ends; for featureless steps only.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`; `InvalidOption` for no `end_points` or more than half.
pub fn linear(x: Grid<'_>, y: &[f64], end_points: usize) -> Result<Background> {
    let Ends { left, right } = Ends::of(x, y, end_points)?;
    let slope = (right.1 - left.1) / (right.0 - left.0);
    let curve = x.x().iter().map(|x| left.1 + slope * (x - left.0)).collect();
    Ok(Background { curve, converged: true, iterations: 1, final_tolerance: 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_line_is_its_own_background_at_any_steps() {
        let x = [0.0, 0.5, 2.0, 2.25, 4.0, 7.0];
        let y = x.map(|x| 3.0 - 2.0 * x);
        let curve = linear(Grid::new(&x).unwrap(), &y, 2).unwrap().curve;
        assert!(curve.iter().zip(&y).all(|(z, y)| (z - y).abs() < 1e-13));
    }

    #[test]
    fn refuses_ends_that_overlap() {
        let x = [0.0, 1.0, 2.0, 3.0];
        let error = linear(Grid::new(&x).unwrap(), &x, 3);
        assert!(matches!(error, Err(Error::InvalidOption { name: "end_points", .. })));
    }
}
