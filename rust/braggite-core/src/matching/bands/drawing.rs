//! Bands of phases drawn as pseudo-Voigts: one column a phase, every band free to differ from the reference.

use crate::error::Result;
use crate::linalg::symmetric::{add_scaled, dot};
use crate::lineshape::columns::ShapeColumns;
use crate::lineshape::shape::Shape;
use crate::matching::bands::Band;
use crate::matching::column::Column;
use crate::matching::separable::{Derivatives, Drawing, Extent, Tails};

/// Nonlinear unknowns of all bands together: the common shift.
pub const COMMON: usize = 1;
/// Nonlinear unknowns of one band, after the common ones: see [`Own`].
pub const OWN: usize = 4;

/// What is refined of one band, as an offset from the first of its unknowns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// Displacement from the reference's position, beyond the common shift.
    Displacement = 0,
    /// Natural logarithm of the full width at half maximum.
    LnFwhm = 1,
    /// Share of the Lorentzian in the area.
    Lorentz = 2,
    /// Natural logarithm of the area over that of the reference.
    LnArea = 3,
}

/// One band as drawn.
#[derive(Debug, Clone, Default)]
pub struct Placed {
    /// Index of its phase.
    pub phase: usize,
    /// First of its own nonlinear unknowns.
    pub first: usize,
    /// Position.
    pub centre: f64,
    /// Full width at half maximum, and share of the Lorentzian.
    pub parameters: [f64; 2],
    /// Area for a scale of one, negative for a dip.
    pub area: f64,
    extent: Extent,
}

/// The bands of all phases over the points of a spectrum.
#[derive(Debug, Clone)]
pub struct BandDrawing<'a> {
    x: &'a [f64],
    n_phases: usize,
    bands: Vec<&'a Band>,
    placed: Vec<Placed>,
}

impl<'a> BandDrawing<'a> {
    /// `phases` over the ascending points `x`.
    pub fn new(x: &'a [f64], phases: &'a [Vec<Band>]) -> Self {
        let owner = phases.iter().enumerate().flat_map(|(phase, bands)| std::iter::repeat_n(phase, bands.len()));
        let placed = owner.enumerate().map(|(i, phase)| Placed { phase, first: COMMON + OWN * i, ..Placed::default() });
        Self { x, n_phases: phases.len(), placed: placed.collect(), bands: phases.iter().flatten().collect() }
    }

    /// All bands, phase by phase.
    pub fn placed(&self) -> &[Placed] {
        &self.placed
    }
}

fn within(x: &[f64], placed: &Placed, tail: f64) -> std::ops::Range<usize> {
    if tail <= 0.0 {
        return 0..x.len();
    }
    let (from, to) = Shape::PseudoVoigt.window(placed.centre, &placed.parameters, tail);
    let start = x.partition_point(|&at| at < from);
    start..start + x[start..].partition_point(|&at| at <= to)
}

impl Drawing for BandDrawing<'_> {
    fn n_linear(&self) -> usize {
        self.n_phases
    }

    fn place(&mut self, theta: &[f64], tails: Tails) -> Result<()> {
        for (placed, band) in self.placed.iter_mut().zip(&self.bands) {
            let own = |number: Own| theta[placed.first + number as usize];
            placed.centre = band.position + theta[0] + own(Own::Displacement);
            placed.parameters = [own(Own::LnFwhm).exp(), own(Own::Lorentz)];
            placed.area = if band.negative { -1.0 } else { 1.0 } * band.area * own(Own::LnArea).exp();
            Shape::PseudoVoigt.check(&placed.parameters)?;
            let whole = within(self.x, placed, tails.model);
            let near = within(self.x, placed, tails.curvature);
            let start = near.start.clamp(whole.start, whole.end);
            placed.extent = Extent { near: start..near.end.clamp(start, whole.end), whole };
        }
        Ok(())
    }

    fn extents(&self, extents: &mut Vec<Extent>) {
        extents.clear();
        extents.resize(self.n_phases, Extent::default());
        self.placed.iter().for_each(|placed| extents[placed.phase].join(&placed.extent));
    }

    fn draw(&mut self, columns: &mut [Column]) {
        let mut extents = Vec::new();
        self.extents(&mut extents);
        columns.iter_mut().zip(extents).for_each(|(column, extent)| column.clear_over(extent.whole));
        for placed in &self.placed {
            let whole = placed.extent.whole.clone();
            let target = columns[placed.phase].over(whole.clone());
            Shape::PseudoVoigt.add_values(&self.x[whole], placed.centre, &placed.parameters, placed.area, target);
        }
    }

    fn derivatives(&self, linear: &[f64], n_theta: usize, pulls: &[&[f64]]) -> Derivatives {
        let mut extents = vec![Extent::default(); n_theta];
        let drawn = || self.placed.iter().filter(|placed| linear[placed.phase] != 0.0);
        for placed in drawn() {
            extents[0].join(&placed.extent);
            extents[placed.first..placed.first + OWN].iter_mut().for_each(|extent| extent.join(&placed.extent));
        }
        let mut columns: Vec<Column> = extents.into_iter().map(|extent| Column::zeros(extent.near)).collect();
        let mut sums = vec![vec![0.0; n_theta]; pulls.len()];
        let mut shape = ShapeColumns::default();
        for placed in drawn() {
            let (amplitude, first) = (placed.area * linear[placed.phase], placed.first);
            let Extent { whole, near } = placed.extent.clone();
            Shape::PseudoVoigt.fill(&self.x[whole.clone()], placed.centre, &placed.parameters, &mut shape);
            let links = [
                (0, &shape.by[0], 1.0),
                (first + Own::Displacement as usize, &shape.by[0], 1.0),
                (first + Own::LnFwhm as usize, &shape.by[1], placed.parameters[0]),
                (first + Own::Lorentz as usize, &shape.by[2], 1.0),
                (first + Own::LnArea as usize, &shape.value, 1.0),
            ];
            for (theta, by, slope) in links {
                for (sum, pull) in sums.iter_mut().zip(pulls) {
                    sum[theta] += amplitude * slope * dot(by, &pull[whole.clone()]);
                }
                let part = &by[near.start - whole.start..near.end - whole.start];
                add_scaled(columns[theta].over(near.clone()), amplitude * slope, part);
            }
        }
        Derivatives { columns, sums }
    }
}
