//! The smooth part of a region: an estimate underneath fitted lines that splines correct, or functions fitted with them.

use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::linalg::pentadiagonal::{Penalty, Workspace};
use crate::matching::background::basis::Basis;
use crate::matching::region::Region;
use crate::preprocess::background::lam_for_width;

pub mod basis;

/// Structure narrower than this is not background, degrees.
const NARROWEST_DEG: f64 = 6.0;
/// Misfit of lines, as a share of their height, that must not become background.
const LINE_MISFIT: f64 = 0.1;
/// Points this many deviations above the curve are lines that the fit does not know.
const UNKNOWN_LINE: f64 = 2.5;
/// Passes of the smoother.
const PASSES: usize = 4;

/// What the background of a fit is made of once the lines are roughly known; until then it is the estimate, corrected by
/// splines near zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// An estimate underneath the lines, corrected by splines near zero.
    #[default]
    Estimate,
    /// Cubic B-splines over so many intervals, free.
    Spline(usize),
    /// Chebyshev polynomials up to an order, free; None: of as many as the data tell.
    Chebyshev(Option<usize>),
    /// The estimate or curve given at the start, held.
    Fixed,
}

/// Highest order of Chebyshev polynomials that is tried.
const HIGHEST_ORDER: usize = 20;

impl Family {
    /// From the word the Python layer uses.
    ///
    /// # Errors
    /// `InvalidStructure` for any other word.
    pub fn parse(name: &str, intervals: usize, order: Option<usize>) -> Result<Self> {
        match name {
            "estimate" => Ok(Self::Estimate),
            "spline" => Ok(Self::Spline(intervals)),
            "chebyshev" => Ok(Self::Chebyshev(order)),
            "fixed" => Ok(Self::Fixed),
            other => Err(Error::InvalidStructure(format!("unknown background {other}"))),
        }
    }
}

/// The region with the background that its family has for the last fits, given `lines`, the calculated signal without
/// background.
///
/// Free functions stand on the sum of them that is nearest to the rest of the pattern: nothing but they is fitted.
///
/// # Errors
/// Those of the smoother.
pub fn settled(region: &Region, lines: &[f64]) -> Result<Region> {
    let Underneath { background, weights, .. } = Underneath::new(region, lines)?;
    let rest: Vec<f64> = region.y.iter().zip(lines).map(|(y, l)| y - l).collect();
    let largest = region.weight.iter().copied().fold(0.0, f64::max);
    let weight: Vec<f64> = weights.iter().map(|w| w * largest).collect();
    let basis = match region.family {
        Family::Spline(intervals) => Basis::splines(&region.x, intervals),
        Family::Chebyshev(Some(order)) => Basis::chebyshev(&region.x, order),
        Family::Chebyshev(None) => {
            let terms = Basis::chebyshev(&region.x, HIGHEST_ORDER).worth_having(&rest, &weight)?;
            Basis::chebyshev(&region.x, terms.saturating_sub(1))
        }
        Family::Estimate => return Ok(Region { background, ..region.clone() }),
        Family::Fixed => return Ok(Region { basis: Basis::default(), ..region.clone() }),
    };
    let background = basis.nearest(&rest, &weight)?;
    Ok(Region { background, basis, basis_sd: f64::INFINITY, ..region.clone() })
}

/// A background estimated from what `lines`, the calculated signal without background, leaves of a region.
///
/// Where lines crowd, an estimate that never saw them follows their feet; this one stands underneath them. Whittaker
/// smoother (Eilers (2003), Anal. Chem. 75, 3631), weights lowered under lines and cut above unknown ones.
#[derive(Debug)]
pub struct Underneath {
    penalty: Penalty,
    weights: Vec<f64>,
    /// The estimate at each point.
    pub background: Vec<f64>,
}

impl Underneath {
    /// Estimate the background of `region` underneath `lines`.
    ///
    /// # Errors
    /// Those of the smoother.
    pub fn new(region: &Region, lines: &[f64]) -> Result<Self> {
        let n = region.x.len();
        let step = (region.x[n - 1] - region.x[0]) / (n - 1) as f64;
        let penalty = Penalty::on_grid(Grid::new(&region.x)?, lam_for_width(NARROWEST_DEG, step))?;
        let rest: Vec<f64> = region.y.iter().zip(lines).map(|(y, l)| y - l).collect();
        let sigma: Vec<f64> = region
            .weight
            .iter()
            .zip(lines)
            .map(|(&w, l)| if w > 0.0 { (1.0 / w + (LINE_MISFIT * l).powi(2)).sqrt() } else { f64::INFINITY })
            .collect();
        let level = region.weight.iter().map(|w| w.sqrt()).fold(0.0, f64::max);
        let full: Vec<f64> = sigma.iter().map(|s| 1.0 / (level * s).powi(2) + 1e-9).collect();
        let mut weights = full.clone();
        let mut background = region.background.clone();
        let mut work = Workspace::new(n);
        for pass in 0..PASSES {
            penalty.solve(&weights, &rest, &mut background, &mut work)?;
            for i in 0..n {
                let unknown = rest[i] - background[i] > UNKNOWN_LINE * sigma[i];
                if pass + 1 < PASSES {
                    weights[i] = if unknown { 1e-9 } else { full[i] };
                }
            }
        }
        Ok(Self { penalty, weights, background })
    }

    /// Take away from a further curve what the estimate takes of it for background, without allocating.
    ///
    /// # Errors
    /// Those of the smoother.
    pub fn leave(&self, curve: &mut [f64], room: &mut Room) -> Result<()> {
        self.penalty.solve(&self.weights, curve, &mut room.smooth, &mut room.work)?;
        curve.iter_mut().zip(&room.smooth).for_each(|(value, share)| *value -= share);
        Ok(())
    }

    /// Room for [`Underneath::leave`].
    pub fn room(&self) -> Room {
        Room { smooth: vec![0.0; self.background.len()], work: Workspace::new(self.background.len()) }
    }
}

/// A smooth curve and the workspace of its smoother.
#[derive(Debug, Clone)]
pub struct Room {
    smooth: Vec<f64>,
    work: Workspace,
}

/// The region with its background estimated anew [`Underneath`] `lines`.
///
/// # Errors
/// Those of the smoother.
pub fn underneath(region: &Region, lines: &[f64]) -> Result<Region> {
    Ok(Region { background: Underneath::new(region, lines)?.background, ..region.clone() })
}
