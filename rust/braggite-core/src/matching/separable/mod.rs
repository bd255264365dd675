//! The separable core: what is drawn moves and changes shape with nonlinear unknowns and is scaled by linear ones.
//!
//! A [`Drawing`] draws one column for each of its linear unknowns at a theta, beside background columns. The linear
//! unknowns are solved for at each theta ([`model::Separable`]), the normal equations of both kinds together stay in an
//! envelope ([`joint::JointCurvature`]), so that what is local costs little. Peaks fitted freely ([`shapes`]) and whole
//! powder patterns ([`super::powder`]) are two drawings.
//!
//! Golub and Pereyra (1973), SIAM J. Numer. Anal. 10, 413; Kaufman (1975), BIT 15, 49.

pub mod affine;
pub mod covariance;
pub mod joint;
pub mod loss;
pub mod model;
pub mod restraint;
pub mod shapes;

use std::ops::Range;

use crate::error::Result;
use crate::matching::column::Column;

/// How far from its centre a line is followed, as a share of its maximum; 0 means everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// In the model and the gradient: what is cut here is missing from the answer.
    pub model: f64,
    /// In the curvature: what is cut here costs a little of the rate of convergence and nothing of the answer.
    pub curvature: f64,
}

/// Points that something drawn reaches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extent {
    /// In the model.
    pub whole: Range<usize>,
    /// In the curvature; inside `whole`.
    pub near: Range<usize>,
}

impl Extent {
    /// Reach over `other` as well.
    pub fn join(&mut self, other: &Self) {
        join(&mut self.whole, &other.whole);
        join(&mut self.near, &other.near);
    }
}

fn join(hull: &mut Range<usize>, other: &Range<usize>) {
    if hull.start >= hull.end {
        hull.clone_from(other);
    } else if other.start < other.end {
        *hull = hull.start.min(other.start)..hull.end.max(other.end);
    }
}

/// Derivatives of everything drawn to the nonlinear unknowns.
#[derive(Debug, Clone)]
pub struct Derivatives {
    /// One column for each nonlinear unknown, over what is near.
    pub columns: Vec<Column>,
    /// For each pull asked for, sums over all points of the derivatives times it.
    pub sums: Vec<Vec<f64>>,
}

/// What follows nonlinear unknowns and is scaled by linear ones.
pub trait Drawing {
    /// Number of its linear unknowns.
    fn n_linear(&self) -> usize;

    /// Go to `theta`.
    ///
    /// # Errors
    /// Where nothing can be drawn at it, naming the number.
    fn place(&mut self, theta: &[f64], tails: Tails) -> Result<()>;

    /// Points of each linear unknown, written over `extents`.
    fn extents(&self, extents: &mut Vec<Extent>);

    /// Draw each linear unknown at one, over all its points; a column that would be the same may be left as it is.
    fn draw(&mut self, columns: &mut [Column]);

    /// Derivatives to `n_theta` nonlinear unknowns for these values of the linear ones.
    fn derivatives(&self, linear: &[f64], n_theta: usize, pulls: &[&[f64]]) -> Derivatives;
}
