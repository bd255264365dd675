//! The separable core: lines that move, change shape and are scaled by unknowns that enter linearly.
//!
//! A region is a sum of lines, each drawn by a [`Shape`], plus background columns. The numbers of a line (centre, then
//! the parameters of its shape) follow from nonlinear unknowns theta as an [`Arrangement`] says; its amplitude is a
//! linear unknown times a fixed factor. Linear unknowns are solved for at each theta ([`model::Separable`]), the normal
//! equations of both kinds together stay in an envelope ([`joint::JointCurvature`]), so that what is local costs little.
//!
//! Golub and Pereyra (1973), SIAM J. Numer. Anal. 10, 413; Kaufman (1975), BIT 15, 49.

pub mod affine;
pub mod covariance;
pub mod joint;
pub mod loss;
pub mod model;

use crate::lineshape::shape::Shape;

/// One line: what draws it and which linear unknown scales it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its shape.
    pub shape: Shape,
    /// Index of its linear unknown.
    pub linear: usize,
    /// Its amplitude for a linear unknown of one.
    pub factor: f64,
}

/// How a number of a line follows a nonlinear unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Which number: 0 the centre, then the parameters of the shape.
    pub number: usize,
    /// Which nonlinear unknown.
    pub theta: usize,
    /// Derivative of the number to the unknown.
    pub slope: f64,
}

/// The numbers of one line at some theta.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Placed {
    /// Centre, then the parameters of the shape.
    pub numbers: Vec<f64>,
    /// Derivatives to the nonlinear unknowns, those that are not zero.
    pub links: Vec<Link>,
}

impl Placed {
    /// Position of the line.
    pub fn centre(&self) -> f64 {
        self.numbers[0]
    }

    /// Parameters of its shape.
    pub fn parameters(&self) -> &[f64] {
        &self.numbers[1..]
    }
}

/// The law by which lines follow the nonlinear unknowns.
pub trait Arrangement {
    /// All lines.
    fn lines(&self) -> &[Line];

    /// Numbers of line `index` at `theta`, written over `placed`.
    fn place(&self, index: usize, theta: &[f64], placed: &mut Placed);
}
