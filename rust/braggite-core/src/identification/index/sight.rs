//! A pattern as a search through many phases sees it: the square root of what is unexplained, over ln(1/d).

use std::f64::consts::LN_2;

use crate::crystal::lines::lorentz_polarisation;
use crate::matching::region::Region;

/// Cells of the grid a full width at half maximum is divided into, where lines are as narrow as at [`REFERENCE_DEG`].
const CELLS_PER_FWHM: f64 = 3.0;
const REFERENCE_DEG: f64 = 80.0;
/// Full widths at half maximum to which a line is blurred or drawn.
const REACH: f64 = 1.6;
/// Share of what is explained that misfit may leave over.
const SLACK: f64 = 0.12;
/// Relative distance to either side over which the mean of a pattern is what any phase finds in it by chance.
const CHANCE: f64 = 0.03;

/// Net ordinates of a pattern, blurred by a line width, and how much of them is explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    x: Vec<f64>,
    observed: Vec<f64>,
    explained: Vec<f64>,
    noise: f64,
    fwhm_deg: f64,
}

impl Net {
    /// From a region, its background and the lines drawn on it so far.
    pub fn new(region: &Region, background: &[f64], lines: &[f64], fwhm_deg: f64) -> Self {
        let net: Vec<f64> = region.y.iter().zip(background).map(|(y, b)| y - b).collect();
        let (observed, mut sd) = blurred(region, &net, fwhm_deg);
        let (explained, _) = blurred(region, lines, fwhm_deg);
        let middle = sd.len() / 2;
        let (_, &mut noise, _) = sd.select_nth_unstable_by(middle, f64::total_cmp);
        Self { x: region.x.clone(), observed, explained, noise, fwhm_deg }
    }

    /// First and last position.
    pub fn range_deg(&self) -> (f64, f64) {
        (self.x[0], self.x[self.x.len() - 1])
    }

    /// Draw a line whose blurred top is `height`.
    pub fn explain(&mut self, two_theta_deg: f64, height: f64) {
        let width = std::f64::consts::SQRT_2 * self.fwhm_deg;
        let low = self.x.partition_point(|&x| x < two_theta_deg - REACH * width);
        for (x, explained) in self.x[low..].iter().zip(&mut self.explained[low..]) {
            let u = (x - two_theta_deg) / width;
            if u > REACH {
                break;
            }
            *explained += height * (-4.0 * LN_2 * u * u).exp();
        }
    }

    /// Square root of what is left at every point, above its noise; negative where too much is explained.
    fn roots(&self) -> Vec<f32> {
        let root = |value: f64| value.signum() * ((value.abs() + self.noise).sqrt() - self.noise.sqrt());
        self.observed
            .iter()
            .zip(&self.explained)
            .map(|(observed, explained)| {
                let left = observed - explained;
                root(left.signum() * (left.abs() - SLACK * explained.abs()).max(0.0)) as f32
            })
            .collect()
    }
}

/// Mean of `column` under a line at every point, points without weight left out, and its standard deviation.
fn blurred(region: &Region, column: &[f64], fwhm_deg: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut mean, mut sd) = (vec![0.0; column.len()], vec![0.0; column.len()]);
    let mut low = 0;
    for (i, &centre) in region.x.iter().enumerate() {
        while region.x[low] < centre - REACH * fwhm_deg {
            low += 1;
        }
        let (mut sum, mut norm, mut variance) = (0.0, 0.0, 0.0);
        for (k, &x) in region.x.iter().enumerate().skip(low) {
            let u = (x - centre) / fwhm_deg;
            if u > REACH {
                break;
            }
            if region.weight[k] > 0.0 {
                let shape = (-4.0 * LN_2 * u * u).exp();
                sum += shape * column[k];
                norm += shape;
                variance += shape * shape / region.weight[k];
            }
        }
        if norm > 0.0 {
            (mean[i], sd[i]) = (sum / norm, variance.sqrt() / norm);
        }
    }
    (mean, sd)
}

/// The unexplained roots of a pattern over an even grid of ln(1/d), once for every shift of the pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// ln(1/d) of the first cell.
    pub first: f32,
    /// Cells in one unit of ln(1/d).
    pub per_unit: f32,
    /// Cells of margin on either side of every column, so that lines may be looked for beside where they are.
    pub margin: usize,
    /// Root of the Lorentz-polarisation factor in every cell, without margins.
    pub factor: Vec<f32>,
    /// Roots of what is left, one column a shift, margins included.
    pub roots: Vec<Vec<f32>>,
    /// The same less their mean around: a phase put anywhere gains nothing on average, however many lines it has.
    pub beyond_chance: Vec<Vec<f32>>,
    /// Shifts in degrees 2-theta.
    pub shifts_deg: Vec<f64>,
    /// Wavelength of the pattern.
    pub wavelength_angstrom: f64,
}

impl Sight {
    /// What of `net` a search sees that allows for these shifts and for relative changes of lengths up to `largest_strain`.
    pub fn new(net: &Net, region: &Region, shifts_deg: &[f64], largest_strain: f64) -> Self {
        let wavelength = region.wavelength_angstrom();
        let (low, high) = net.range_deg();
        let position = |two_theta: f64| (2.0 * (0.5 * two_theta).to_radians().sin() / wavelength).ln();
        let reference = (0.5 * high.min(REFERENCE_DEG)).to_radians().tan();
        let per_unit = CELLS_PER_FWHM * 2.0 * reference / net.fwhm_deg.to_radians();
        let cells = ((position(high) - position(low)) * per_unit).floor() as usize + 1;
        let margin = (largest_strain * per_unit).ceil() as usize + 1;
        let two_theta: Vec<f64> = (0..cells)
            .map(|i| {
                let sine = 0.5 * wavelength * (position(low) + i as f64 / per_unit).exp();
                2.0 * sine.min(1.0).asin().to_degrees()
            })
            .collect();
        let optics = &region.optics;
        let factor = two_theta
            .iter()
            .map(|&angle| {
                let slit = if optics.variable_divergence { (0.5 * angle).to_radians().sin() } else { 1.0 };
                (slit * lorentz_polarisation(angle, optics.monochromator_two_theta_deg)).sqrt() as f32
            })
            .collect();
        let mut sight = Self {
            first: position(low) as f32,
            per_unit: per_unit as f32,
            margin,
            factor,
            roots: Vec::new(),
            beyond_chance: Vec::new(),
            shifts_deg: shifts_deg.to_vec(),
            wavelength_angstrom: wavelength,
        };
        sight.look(net, &two_theta);
        sight
    }

    fn look(&mut self, net: &Net, two_theta: &[f64]) {
        let roots = net.roots();
        self.roots = self
            .shifts_deg
            .iter()
            .map(|shift| {
                let mut column = vec![0.0; two_theta.len() + 2 * self.margin];
                let mut above = 1;
                for (cell, angle) in column[self.margin..].iter_mut().zip(two_theta) {
                    let x = angle + shift;
                    while above + 1 < net.x.len() && net.x[above] < x {
                        above += 1;
                    }
                    let t = (x - net.x[above - 1]) / (net.x[above] - net.x[above - 1]);
                    if (0.0..=1.0).contains(&t) {
                        *cell = roots[above - 1] + t as f32 * (roots[above] - roots[above - 1]);
                    }
                }
                column
            })
            .collect();
        let half = (CHANCE * f64::from(self.per_unit)) as usize;
        let inside = self.margin..self.margin + two_theta.len();
        self.beyond_chance = self.roots.iter().map(|column| less_mean(column, inside.clone(), half)).collect();
    }

    /// Where a line of ln(1/d) stands in the pattern once lengths changed by `strain` and the pattern shifted; None beyond
    /// 180 degrees.
    pub fn two_theta_deg(&self, log_inverse_d: f32, strain: f64, shift_deg: f64) -> Option<f64> {
        let sine = 0.5 * self.wavelength_angstrom * (f64::from(log_inverse_d) - strain).exp();
        (sine < 1.0).then(|| 2.0 * sine.asin().to_degrees() + shift_deg)
    }
}

/// A column less its mean over `half` cells to either side; nothing outside of `inside`.
fn less_mean(column: &[f32], inside: std::ops::Range<usize>, half: usize) -> Vec<f32> {
    let values = &column[inside.clone()];
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0.0_f64);
    for value in values {
        sums.push(sums[sums.len() - 1] + f64::from(*value));
    }
    let mut less = vec![0.0; column.len()];
    for (i, (less, value)) in less[inside].iter_mut().zip(values).enumerate() {
        let (from, to) = (i.saturating_sub(half), (i + half + 1).min(values.len()));
        *less = value - ((sums[to] - sums[from]) / (to - from) as f64) as f32;
    }
    less
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::specimen;

    const FWHM_DEG: f64 = 0.12;

    /// A flat background with one Gaussian line.
    fn region(centre: f64, height: f64) -> Region {
        let mut region = specimen::region(20.0, 80.0, 0.02, 3);
        let line = |x: f64| height * (-4.0 * LN_2 * ((x - centre) / FWHM_DEG).powi(2)).exp();
        region.y = region.x.iter().zip(&region.background).map(|(x, b)| b + line(*x)).collect();
        region
    }

    #[test]
    fn a_line_stands_where_bragg_puts_it() {
        let region = region(50.0, 1e4);
        let nothing = vec![0.0; region.x.len()];
        let net = Net::new(&region, &region.background, &nothing, FWHM_DEG);
        for shift in [0.0, 0.1, -0.07] {
            let sight = Sight::new(&net, &region, &[shift], 0.01);
            let column = &sight.roots[0];
            let top = (0..column.len()).max_by(|&a, &b| column[a].total_cmp(&column[b])).unwrap();
            let found = sight.first + (top as f32 - sight.margin as f32) / sight.per_unit;
            let two_theta = sight.two_theta_deg(found, 0.0, shift).unwrap();
            assert!((two_theta - 50.0).abs() < 0.5 * FWHM_DEG, "within a cell: {two_theta} with {shift}");
            // Blurring a Gaussian by its own width lowers its top by the root of two.
            let root = (1e4 / 2.0_f64.sqrt()).sqrt();
            assert!((f64::from(column[top]) / root - 1.0).abs() < 0.1, "but for noise and cells: {}", column[top]);
        }
    }

    #[test]
    fn what_is_explained_is_not_seen() {
        let region = region(50.0, 1e4);
        let nothing = vec![0.0; region.x.len()];
        let mut net = Net::new(&region, &region.background, &nothing, FWHM_DEG);
        net.explain(50.0, 1e4 / 2.0_f64.sqrt());
        let sight = Sight::new(&net, &region, &[0.0], 0.01);
        let most = sight.roots[0].iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        assert!(most < 5.0, "of a root of 84, {most} are left");
        let drawn: Vec<f64> = region.y.iter().zip(&region.background).map(|(y, b)| y - b).collect();
        let net = Net::new(&region, &region.background, &drawn, FWHM_DEG);
        let sight = Sight::new(&net, &region, &[0.0], 0.01);
        assert!(sight.roots[0].iter().all(|value| value.abs() < 1e-3), "identity: all of it is explained");
    }

    #[test]
    fn a_pattern_without_features_offers_nothing_beyond_chance() {
        let column = [0.0, 0.0, 4.0, 4.0, 4.0, 4.0, 4.0, 0.0, 0.0];
        assert!(less_mean(&column, 2..7, 2).iter().all(|value| value.abs() < 1e-6), "identity");
        let line = [0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0];
        let less = less_mean(&line, 1..6, 1);
        assert_eq!(less, [0.0, 0.0, -3.0, 6.0, -3.0, 0.0, 0.0]);
    }

    #[test]
    fn excluded_points_say_nothing() {
        let mut region = region(50.0, 1e4);
        for (x, weight) in region.x.iter().zip(&mut region.weight) {
            if (x - 50.0).abs() < 1.0 {
                *weight = 0.0;
            }
        }
        let nothing = vec![0.0; region.x.len()];
        let net = Net::new(&region, &region.background, &nothing, FWHM_DEG);
        let sight = Sight::new(&net, &region, &[0.0], 0.01);
        assert!(sight.roots[0].iter().all(|value| value.abs() < 1.0));
    }
}
