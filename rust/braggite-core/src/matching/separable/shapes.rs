//! Lines drawn by shapes, whose numbers are affine in the nonlinear unknowns.

use crate::error::{Error, Result};
use crate::linalg::symmetric::{add_scaled, dot};
use crate::lineshape::columns::ShapeColumns;
use crate::lineshape::shape::Shape;
use crate::matching::column::Column;
use crate::matching::separable::affine::AffineLines;
use crate::matching::separable::{Derivatives, Drawing, Extent, Tails};

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
    extent: Extent,
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

/// Lines over the points of a region.
#[derive(Debug, Clone)]
pub struct ShapeLines<'a> {
    x: &'a [f64],
    lines: &'a AffineLines,
    n_linear: usize,
    placed: Vec<Placed>,
}

impl<'a> ShapeLines<'a> {
    /// `lines` over the ascending points `x`, scaled by `n_linear` unknowns.
    ///
    /// # Errors
    /// `InvalidOption` for a line that names an unknown beyond them.
    pub fn new(x: &'a [f64], lines: &'a AffineLines, n_linear: usize) -> Result<Self> {
        if let Some(line) = lines.lines().iter().find(|line| line.linear >= n_linear) {
            let value = line.linear as f64;
            return Err(Error::InvalidOption { name: "linear", value, reason: "no such linear unknown" });
        }
        Ok(Self { x, lines, n_linear, placed: vec![Placed::default(); lines.lines().len()] })
    }

    /// Each line with its numbers at the latest theta.
    pub fn placed(&self) -> impl Iterator<Item = (&Line, &Placed)> {
        self.lines.lines().iter().zip(&self.placed)
    }
}

/// Points at which a line is above its tails.
fn extent(x: &[f64], shape: &Shape, placed: &Placed, tails: Tails) -> Extent {
    let within = |tail: f64| {
        if tail <= 0.0 {
            return 0..x.len();
        }
        let (from, to) = shape.window(placed.centre(), placed.parameters(), tail);
        let start = x.partition_point(|&at| at < from);
        start..start + x[start..].partition_point(|&at| at <= to)
    };
    let whole = within(tails.model);
    let near = within(tails.curvature);
    let start = near.start.clamp(whole.start, whole.end);
    Extent { near: start..near.end.clamp(start, whole.end), whole }
}

impl Drawing for ShapeLines<'_> {
    fn n_linear(&self) -> usize {
        self.n_linear
    }

    fn place(&mut self, theta: &[f64], tails: Tails) -> Result<()> {
        for (index, (line, placed)) in self.lines.lines().iter().zip(&mut self.placed).enumerate() {
            self.lines.place(index, theta, placed);
            line.shape.check(placed.parameters())?;
            placed.extent = extent(self.x, &line.shape, placed, tails);
        }
        Ok(())
    }

    fn extents(&self, extents: &mut Vec<Extent>) {
        extents.clear();
        extents.resize(self.n_linear, Extent::default());
        self.placed().for_each(|(line, placed)| extents[line.linear].join(&placed.extent));
    }

    fn draw(&mut self, columns: &mut [Column]) {
        let mut extents = Vec::new();
        self.extents(&mut extents);
        columns.iter_mut().zip(extents).for_each(|(column, extent)| column.clear_over(extent.whole));
        for (line, placed) in self.placed() {
            let whole = placed.extent.whole.clone();
            let target = columns[line.linear].over(whole.clone());
            line.shape.add_values(&self.x[whole], placed.centre(), placed.parameters(), line.factor, target);
        }
    }

    fn derivatives(&self, linear: &[f64], n_theta: usize, pulls: &[&[f64]]) -> Derivatives {
        let mut extents = vec![Extent::default(); n_theta];
        let drawn = || self.placed().filter(|(line, _)| linear[line.linear] != 0.0);
        for (_, placed) in drawn() {
            placed.links.iter().for_each(|link| extents[link.theta].join(&placed.extent));
        }
        let mut columns: Vec<Column> = extents.into_iter().map(|extent| Column::zeros(extent.near)).collect();
        let mut sums = vec![vec![0.0; n_theta]; pulls.len()];
        let mut shape = ShapeColumns::default();
        for (line, placed) in drawn().filter(|(_, placed)| !placed.links.is_empty()) {
            let amplitude = line.factor * linear[line.linear];
            let Extent { whole, near } = placed.extent.clone();
            line.shape.fill(&self.x[whole.clone()], placed.centre(), placed.parameters(), &mut shape);
            for link in &placed.links {
                let by = &shape.by[link.number];
                for (sum, pull) in sums.iter_mut().zip(pulls) {
                    sum[link.theta] += amplitude * link.slope * dot(by, &pull[whole.clone()]);
                }
                let part = &by[near.start - whole.start..near.end - whole.start];
                add_scaled(columns[link.theta].over(near.clone()), amplitude * link.slope, part);
            }
        }
        Derivatives { columns, sums }
    }
}
