//! Squared structure factors by direct summation over orbits.
//!
//! exp(2 pi i h.x) is the product of three tabulated powers, one for each axis, so no trigonometric function is called
//! per atom and reflection. With an inversion centre the sum is taken from that centre over half the positions and is
//! real; centring multiplies the amplitude.

use std::f64::consts::TAU;
use std::ops::Range;

use super::orbits::Orbit;
use super::reflections::Reflection;
use super::structure::Structure;

/// Positions of an orbit are padded to a multiple of this many lanes.
const LANES: usize = 4;

/// Powers exp(2 pi i n x) of every position along one axis, n = 0..=`n_max`, one row for each n.
struct AxisPowers {
    width: usize,
    re: Vec<f64>,
    im: Vec<f64>,
}

impl AxisPowers {
    /// `None` marks padding, whose powers are zero.
    fn new(coordinates: &[Option<f64>], n_max: usize) -> Self {
        let width = coordinates.len();
        let (mut re, mut im) = (vec![0.0; (n_max + 1) * width], vec![0.0; (n_max + 1) * width]);
        for (i, x) in coordinates.iter().enumerate().filter_map(|(i, x)| x.map(|x| (i, x))) {
            let (sin, cos) = (TAU * x).sin_cos();
            let (mut c, mut s) = (1.0, 0.0);
            for n in 0..=n_max {
                re[n * width + i] = c;
                im[n * width + i] = s;
                (c, s) = (c * cos - s * sin, c * sin + s * cos);
            }
        }
        Self { width, re, im }
    }

    /// Real and imaginary rows of |n| and the sign that n gives the imaginary one.
    fn row(&self, n: i32) -> (&[f64], &[f64], f64) {
        let start = n.unsigned_abs() as usize * self.width;
        let range = start..start + self.width;
        (&self.re[range.clone()], &self.im[range], if n < 0 { -1.0 } else { 1.0 })
    }
}

/// The padded positions of all orbits, side by side.
struct Layout {
    ranges: Vec<Range<usize>>,
    axes: [AxisPowers; 3],
}

impl Layout {
    fn new(structure: &Structure, reflections: &[Reflection]) -> Self {
        let mut ranges = Vec::with_capacity(structure.orbits().len());
        let mut columns: [Vec<Option<f64>>; 3] = Default::default();
        for orbit in structure.orbits() {
            let start = columns[0].len();
            let end = start + orbit.positions.len().next_multiple_of(LANES);
            for (axis, column) in columns.iter_mut().enumerate() {
                column.extend(orbit.positions.iter().map(|p| Some(p[axis])));
                column.resize(end, None);
            }
            ranges.push(start..end);
        }
        let n_max = |axis: usize| reflections.iter().map(|r| r.hkl[axis].unsigned_abs() as usize).max().unwrap_or(0);
        let axes = [0, 1, 2].map(|axis| AxisPowers::new(&columns[axis], n_max(axis)));
        Self { ranges, axes }
    }
}

/// The product of the powers along a and b, reused while (h, k) stays.
struct PlanePowers {
    of: Option<(i32, i32)>,
    re: Vec<f64>,
    im: Vec<f64>,
}

impl PlanePowers {
    fn set(&mut self, layout: &Layout, h: i32, k: i32) {
        if self.of == Some((h, k)) {
            return;
        }
        self.of = Some((h, k));
        let [a, b, _] = &layout.axes;
        let ((ar, ai, sa), (br, bi, sb)) = (a.row(h), b.row(k));
        let factors = ar.iter().zip(ai).zip(br.iter().zip(bi));
        for ((re, im), ((ar, ai), (br, bi))) in self.re.iter_mut().zip(&mut self.im).zip(factors) {
            *re = ar * br - sa * sb * ai * bi;
            *im = sa * ai * br + sb * ar * bi;
        }
    }
}

/// Sum of a*b + sign*c*d over slices of equal length, a multiple of `LANES`.
fn sum_of_products(a: &[f64], b: &[f64], c: &[f64], d: &[f64], sign: f64) -> f64 {
    let (mut plain, mut signed) = ([0.0; LANES], [0.0; LANES]);
    let ab = a.chunks_exact(LANES).zip(b.chunks_exact(LANES));
    let cd = c.chunks_exact(LANES).zip(d.chunks_exact(LANES));
    for ((a, b), (c, d)) in ab.zip(cd) {
        for lane in 0..LANES {
            plain[lane] += a[lane] * b[lane];
            signed[lane] += c[lane] * d[lane];
        }
    }
    plain.iter().sum::<f64>() + sign * signed.iter().sum::<f64>()
}

/// |F|^2 of the whole cell for each reflection, in electrons^2.
///
/// F = sum of occupancy (f0(s) + f' + i f'') exp(-B s^2) exp(2 pi i h.x), s = sin(theta)/lambda. Without an inversion
/// centre the result is the mean of |F(h)|^2 and |F(-h)|^2, which share a powder line (International Tables C, 6.1.1).
/// Fastest when `reflections` are grouped by (h, k), as [`super::reflections::unique_reflections`] lists them.
pub fn squared_structure_factors(structure: &Structure, reflections: &[Reflection]) -> Vec<f64> {
    let mut summation = Summation::new(structure, reflections);
    let centrings = summation.centrings();
    let evaluate = |reflection: &Reflection| {
        let s_squared = reflection.inverse_d_squared / 4.0;
        let damping = |orbit: &Orbit| (-orbit.b_iso_angstrom2 * s_squared).exp();
        let mut sums = Sums::default();
        summation.add_orbits(reflection, damping, |_, part| add(&mut sums, &part));
        centrings * centrings * friedel_mean(&sums)
    };
    reflections.iter().map(evaluate).collect()
}

/// Sums over atoms of uA, uB, vA, vB, where f = u + iv and the geometric sum of an atom's positions is A + iB.
pub(super) type Sums = [f64; 4];

pub(super) fn add(sums: &mut Sums, part: &Sums) {
    sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
}

/// Mean of |F|^2 over a Friedel pair: the cross terms of F(h) and F(-h) cancel.
pub(super) fn friedel_mean([ua, ub, va, vb]: &Sums) -> f64 {
    ua * ua + ub * ub + va * va + vb * vb
}

/// The direct summation over the orbits of a structure, for one lattice point.
pub(super) struct Summation<'a> {
    structure: &'a Structure,
    layout: Layout,
    plane: PlanePowers,
    f_real: Vec<f64>,
}

impl<'a> Summation<'a> {
    pub(super) fn new(structure: &'a Structure, reflections: &[Reflection]) -> Self {
        let layout = Layout::new(structure, reflections);
        let width = layout.axes[0].width;
        let plane = PlanePowers { of: None, re: vec![0.0; width], im: vec![0.0; width] };
        Self { structure, layout, plane, f_real: vec![0.0; structure.scatterers().len()] }
    }

    /// Lattice points of the cell.
    pub(super) fn centrings(&self) -> f64 {
        self.structure.group().centring.len() as f64
    }

    /// Give `add` the number of every orbit and what it adds to a reflection.
    pub(super) fn add_orbits(
        &mut self,
        reflection: &Reflection,
        damping: impl Fn(&Orbit) -> f64,
        mut add: impl FnMut(usize, Sums),
    ) {
        let Self { structure, layout, plane, f_real } = self;
        let [h, k, l] = reflection.hkl;
        plane.set(layout, h, k);
        for (f, scatterer) in f_real.iter_mut().zip(structure.scatterers()) {
            *f = scatterer.f0.at(reflection.inverse_d_squared / 4.0) + scatterer.f_prime;
        }
        let centrosymmetric = structure.group().inversion.is_some();
        let (z_re, z_im, sign) = layout.axes[2].row(l);
        for (index, (orbit, range)) in structure.orbits().iter().zip(&layout.ranges).enumerate() {
            let (re, im) = (&plane.re[range.clone()], &plane.im[range.clone()]);
            let (z_re, z_im) = (&z_re[range.clone()], &z_im[range.clone()]);
            let factor = orbit.weight * orbit.occupancy * damping(orbit);
            let u = factor * f_real[orbit.scatterer];
            let v = factor * structure.scatterers()[orbit.scatterer].f_double_prime;
            let a = sum_of_products(re, z_re, im, z_im, -sign);
            let b = if centrosymmetric { 0.0 } else { sum_of_products(im, z_re, re, z_im, sign) };
            add(index, [u * a, u * b, v * a, v * b]);
        }
    }
}
