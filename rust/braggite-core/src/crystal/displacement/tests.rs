use super::*;
use crate::crystal::reflections::unique_reflections;
use crate::crystal::structure_factors::squared_structure_factors;
use crate::crystal::{Atom, Cell, FormFactor, Operation, Scatterer};

const IDENTITY: [[i32; 3]; 3] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
const INVERSION: [[i32; 3]; 3] = [[-1, 0, 0], [0, -1, 0], [0, 0, -1]];
const HALF: [f64; 3] = [0.5, 0.5, 0.5];
/// Two atoms of the first group, one of the second.
const GROUPS: [usize; 3] = [0, 1, 0];

/// A triclinic structure, body-centred, with or without a centre off the origin.
fn structure(centred: bool, b: [f64; 3]) -> Structure {
    let cell = Cell::new([4.1, 5.2, 3.7], [84.0, 97.0, 102.0]).unwrap();
    let rotations =
        if centred { vec![(IDENTITY, [0.0; 3]), (INVERSION, [0.25, 0.0, 0.5])] } else { vec![(IDENTITY, [0.0; 3])] };
    let shifted = |shift: [f64; 3]| {
        rotations.iter().map(move |(rotation, translation)| Operation {
            rotation: *rotation,
            translation: std::array::from_fn(|i| translation[i] + shift[i]),
        })
    };
    let f0 = |z: f64| FormFactor { a: [0.7 * z, 0.2 * z, 0.0, 0.0, 0.0], b: [20.0, 3.0, 0.0, 0.0, 0.0], c: 0.1 * z };
    let scatterers = [(56.0, -1.0, 8.0), (8.0, 0.05, 0.03), (22.0, 0.2, 1.8)]
        .map(|(z, f_prime, f_double_prime)| Scatterer { f0: f0(z), f_prime, f_double_prime });
    let places = [[0.03, 0.11, 0.21], [0.31, 0.42, 0.07], [0.17, 0.29, 0.43]];
    let atom =
        |i: usize| Atom { scatterer: i, position: places[i], occupancy: [1.0, 0.8, 0.5][i], b_iso_angstrom2: b[i] };
    let operations = shifted([0.0; 3]).chain(shifted(HALF)).collect();
    Structure::new(cell, operations, scatterers.to_vec(), (0..3).map(atom).collect()).unwrap()
}

#[test]
fn is_the_sum_over_atoms_with_these_factors() {
    for centred in [false, true] {
        let reference = structure(centred, [0.4, 1.1, 0.7]);
        let reflections = unique_reflections(&reference, 0.8, 9.0).unwrap();
        let displacement = Displacement::new(&reference, &reflections, &GROUPS).unwrap();
        for [one, other] in [[0.0, 0.0], [0.3, 2.5], [1.7, 0.1]] {
            let whole = squared_structure_factors(&structure(centred, [one, other, one]), &reflections);
            let strongest = whole.iter().copied().fold(0.0, f64::max);
            for (reflection, want) in whole.into_iter().enumerate() {
                let got = displacement.f_squared(reflection, &[one, other]);
                assert!((got - want).abs() < 1e-12 * strongest, "direct summation: {got} and {want}");
            }
        }
    }
}

#[test]
fn slopes_are_those_of_differences() {
    for centred in [false, true] {
        let reference = structure(centred, [0.4, 1.1, 0.7]);
        let reflections = unique_reflections(&reference, 0.8, 9.0).unwrap();
        let displacement = Displacement::new(&reference, &reflections, &GROUPS).unwrap();
        let (b, step) = ([0.5, 1.2], 1e-5);
        for group in 0..2 {
            let (mut up, mut down) = (b, b);
            up[group] += step;
            down[group] -= step;
            for (reflection, slope) in displacement.relative_slopes(&b, group).into_iter().enumerate() {
                let [above, below] = [up, down].map(|b| displacement.f_squared(reflection, &b).ln());
                let difference = (above - below) / (2.0 * step);
                assert!((slope - difference).abs() < 1e-6 * (1.0 + difference.abs()), "{slope} and {difference}");
            }
        }
    }
}

#[test]
fn groups_must_cover_the_atoms() {
    let reference = structure(true, [0.4, 1.1, 0.7]);
    for groups in [vec![0, 1], vec![0, 2, 0]] {
        assert!(Displacement::new(&reference, &[], &groups).is_err(), "{groups:?}");
    }
}
