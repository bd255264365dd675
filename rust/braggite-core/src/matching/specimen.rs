//! Small made-up regions and phases for the tests of the engine.

use crate::crystal::{Atom, Cell, FormFactor, Operation, Scatterer, Structure};
use crate::matching::freedom::{Metric, inverse, metric_with_derivatives, quadratic};
use crate::matching::phase::Phase;
use crate::matching::refinement::Freedom;
use crate::matching::region::{EmissionLine, Optics, Region};
use crate::matching::shifts::Shift;
use crate::matching::state::{PhaseState, RegionState, State};

/// Cu K-alpha1 and K-alpha2 in angstrom: Hölzer et al. (1997), Phys. Rev. A 56, 4554.
pub const CU_K_ALPHA: [f64; 2] = [1.540_593, 1.544_427];

/// A cell of every metric.
pub const CELLS: [(Metric, [f64; 6]); 9] = [
    (Metric::Cubic, [4.1, 4.1, 4.1, 90.0, 90.0, 90.0]),
    (Metric::Tetragonal, [4.1, 4.1, 5.0, 90.0, 90.0, 90.0]),
    (Metric::Hexagonal, [4.1, 4.1, 5.0, 90.0, 90.0, 120.0]),
    (Metric::Rhombohedral, [4.1, 4.1, 4.1, 80.0, 80.0, 80.0]),
    (Metric::Orthorhombic, [4.1, 5.2, 3.7, 90.0, 90.0, 90.0]),
    (Metric::Monoclinic(0), [4.1, 5.2, 3.7, 97.0, 90.0, 90.0]),
    (Metric::Monoclinic(1), [4.1, 5.2, 3.7, 90.0, 97.0, 90.0]),
    (Metric::Monoclinic(2), [4.1, 5.2, 3.7, 90.0, 90.0, 97.0]),
    (Metric::Triclinic, [4.1, 5.2, 3.7, 84.0, 97.0, 102.0]),
];

/// A phase of the cubic cell.
pub fn cubic() -> Phase {
    phase(CELLS[0].0, CELLS[0].1)
}

/// A phase of the triclinic cell.
pub fn triclinic() -> Phase {
    phase(CELLS[8].0, CELLS[8].1)
}

/// A diffractometer with both K-alpha lines.
pub fn optics() -> Optics {
    let emission = [(CU_K_ALPHA[0], 2.0), (CU_K_ALPHA[1], 1.0)];
    Optics {
        emission: emission
            .map(|(wavelength_angstrom, weight)| EmissionLine { wavelength_angstrom, weight, width_angstrom: 0.0 })
            .to_vec(),
        ghosts: Vec::new(),
        radius_mm: 240.0,
        monochromator_two_theta_deg: 26.6,
        variable_divergence: false,
    }
}

/// A region with points every `step` degrees, ordinates that undulate, uneven weights and a sloping background.
pub fn region(low: f64, high: f64, step: f64, intervals: usize) -> Region {
    let n = ((high - low) / step).round() as usize + 1;
    let x: Vec<f64> = (0..n).map(|i| low + step * i as f64).collect();
    let y = x.iter().map(|x| 150.0 + 40.0 * (3.0 * x).sin() + 0.5 * x).collect();
    let weight = (0..n).map(|i| 1.0 / (100.0 + (i % 7) as f64)).collect();
    let background = x.iter().map(|x| 100.0 + 0.2 * x).collect();
    Region::new(x, y, weight, background, intervals, 50.0, optics()).unwrap()
}

/// `n` independent numbers of mean 0 and variance 1, close to normal: sums of twelve uniform numbers less six.
pub fn white(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
}

/// A phase with every reflection of its cell down to 1.3 angstrom, its strengths uneven, no symmetry but inversion.
pub fn phase(metric: Metric, cell: [f64; 6]) -> Phase {
    let (reciprocal, _) = inverse(&metric_with_derivatives(&cell).0);
    let mut hkl: Vec<[f64; 3]> = Vec::new();
    for h in 0..6_i32 {
        for k in -5..6_i32 {
            for l in -5..6_i32 {
                if (h, k, l) > (0, 0, 0) {
                    hkl.push([h, k, l].map(f64::from));
                }
            }
        }
    }
    hkl.retain(|&h| quadratic(&reciprocal, h) < 1.3_f64.powi(-2));
    hkl.sort_by(|&a, &b| quadratic(&reciprocal, a).total_cmp(&quadratic(&reciprocal, b)));
    let f_squared: Vec<f64> = (0..hkl.len()).map(|i| 50.0 + 31.0 * ((i * 7) % 5) as f64).collect();
    let multiplicity = vec![2; hkl.len()];
    let identity = vec![[[1, 0, 0], [0, 1, 0], [0, 0, 1]]];
    Phase::new(cell, metric, 0.01, 100.0, hkl, &f_squared, multiplicity, identity).unwrap()
}

/// The same phase with two atoms, each with a displacement factor of its own.
pub fn with_two_atoms(phase: &Phase) -> Phase {
    let [a, b, c, alpha, beta, gamma] = phase.cell;
    let cell = Cell::new([a, b, c], [alpha, beta, gamma]).unwrap();
    let identity = Operation { rotation: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], translation: [0.0; 3] };
    let scatterer = |z: f64| Scatterer {
        f0: FormFactor { a: [0.8 * z, 0.0, 0.0, 0.0, 0.0], b: [9.0, 0.0, 0.0, 0.0, 0.0], c: 0.2 * z },
        f_prime: -0.3,
        f_double_prime: 0.1 * z,
    };
    let atom = |scatterer: usize, b_iso_angstrom2: f64| {
        let position = [0.0, 0.31 * scatterer as f64, 0.23 * scatterer as f64];
        Atom { scatterer, position, occupancy: 1.0, b_iso_angstrom2 }
    };
    let (scatterers, atoms) = (vec![scatterer(38.0), scatterer(8.0)], vec![atom(0, 0.4), atom(1, 0.9)]);
    let structure = Structure::new(cell, vec![identity], scatterers, atoms).unwrap();
    phase.displaced(&structure, &[0, 1], vec![(0.4, 0.3), (0.9, 0.45)]).unwrap()
}

/// A state away from every starting value, for `n` phases in `regions` regions.
pub fn state(n: usize, regions: usize) -> State {
    let numbers = |p: usize| PhaseState {
        cell_change: [0.0004, -0.0003, 0.0005, 0.02, -0.03, 0.01],
        size_deg: 0.04 + 0.03 * p as f64,
        strain_deg: 0.04,
        strain_terms: Vec::new(),
        delta_b: 0.2,
        b_iso_angstrom2: Vec::new(),
        log_march: -0.3,
    };
    State {
        gauss: [0.004, -0.002, 0.006],
        lorentz: [0.01, 0.02],
        regions: vec![
            RegionState {
                zero_deg: 0.01,
                shifts_mm: [0.06, 0.0, 0.0, 0.0],
                axial_ratio: 0.02,
                ghost_shares: [0.0; 2]
            };
            regions
        ],
        phases: (0..n).map(numbers).collect(),
    }
}

/// An instrument of which only the typical width and that samples are displaced is known.
pub fn freedom(fwhm_deg: f64) -> Freedom {
    Freedom {
        fwhm_deg,
        axial_ratio: 0.0,
        shift_sd_deg: 0.06,
        log_march_sd: 0.4,
        delta_b_moves: true,
        delta_b_sd: 0.3,
        zero_moves: false,
        shifts: vec![Shift::Displacement],
        transparency_sd_mm: 0.0,
        ghost_sd: Vec::new(),
        instrument: None,
    }
}
