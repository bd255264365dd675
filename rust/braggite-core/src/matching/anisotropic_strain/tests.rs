use super::*;
use crate::matching::freedom::quadratic;

type Rotation = [[i32; 3]; 3];

const TWO_A: Rotation = [[1, 0, 0], [0, -1, 0], [0, 0, -1]];
const TWO_B: Rotation = [[-1, 0, 0], [0, 1, 0], [0, 0, -1]];
const TWO_C: Rotation = [[-1, 0, 0], [0, -1, 0], [0, 0, 1]];
const FOUR: Rotation = [[0, -1, 0], [1, 0, 0], [0, 0, 1]];
const THREE: Rotation = [[0, -1, 0], [1, -1, 0], [0, 0, 1]];
const SIX: Rotation = [[1, -1, 0], [1, 0, 0], [0, 0, 1]];
const TWO_ALONG: Rotation = [[0, 1, 0], [1, 0, 0], [0, 0, -1]];
const TWO_ACROSS: Rotation = [[0, -1, 0], [-1, 0, 0], [0, 0, -1]];
const CYCLE: Rotation = [[0, 0, 1], [1, 0, 0], [0, 1, 0]];
const SWAP: Rotation = [[0, -1, 0], [-1, 0, 0], [0, 0, -1]];

/// All products of the generators.
fn group(generators: &[Rotation]) -> Vec<Rotation> {
    let mut members = vec![[[1, 0, 0], [0, 1, 0], [0, 0, 1]]];
    let mut at = 0;
    while at < members.len() {
        for generator in generators {
            let (one, other) = (members[at], generator);
            let product =
                std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| one[i][k] * other[k][j]).sum()));
            if !members.contains(&product) {
                members.push(product);
            }
        }
        at += 1;
    }
    members
}

/// Rotations of every Laue class and the terms that it leaves free.
///
/// Stephens (1999), table 1, gives 15, 9, 6, 4, 3 and 2 for the highest class of every system; the lower classes, which
/// it does not list, follow from the characters of the symmetric fourth power.
fn laue_classes() -> Vec<(&'static str, Vec<Rotation>, usize)> {
    vec![
        ("-1", group(&[]), 15),
        ("2/m", group(&[TWO_B]), 9),
        ("2/m, axis c", group(&[TWO_C]), 9),
        ("mmm", group(&[TWO_A, TWO_B]), 6),
        ("4/m", group(&[FOUR]), 5),
        ("4/mmm", group(&[FOUR, TWO_A]), 4),
        ("-3", group(&[THREE]), 5),
        ("-3m1", group(&[THREE, TWO_ALONG]), 4),
        ("-31m", group(&[THREE, TWO_ACROSS]), 4),
        ("-3, rhombohedral", group(&[CYCLE]), 5),
        ("-3m, rhombohedral", group(&[CYCLE, SWAP]), 4),
        ("6/m", group(&[SIX]), 3),
        ("6/mmm", group(&[SIX, TWO_ALONG]), 3),
        ("m-3", group(&[TWO_A, TWO_B, CYCLE]), 2),
        ("m-3m", group(&[FOUR, TWO_A, CYCLE]), 2),
    ]
}

/// Dimension of the invariant quartic forms: the mean character of the symmetric fourth power, by Molien's series.
fn molien(rotations: &[Rotation]) -> f64 {
    let trace = |m: &Rotation| f64::from(m[0][0] + m[1][1] + m[2][2]);
    let power = |m: &Rotation, n: usize| {
        let times = |a: &Rotation, b: &Rotation| -> Rotation {
            std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
        };
        (1..n).fold(*m, |product, _| times(&product, m))
    };
    let character = |m: &Rotation| {
        let [p1, p2, p3, p4] = [1, 2, 3, 4].map(|n| trace(&power(m, n)));
        (p1.powi(4) + 6.0 * p1 * p1 * p2 + 3.0 * p2 * p2 + 8.0 * p1 * p3 + 6.0 * p4) / 24.0
    };
    rotations.iter().map(character).sum::<f64>() / rotations.len() as f64
}

fn indices() -> Vec<[f64; 3]> {
    vec![[1.0, 0.0, 0.0], [2.0, 1.0, 0.0], [1.0, -2.0, 3.0], [3.0, 1.0, -1.0], [0.0, 2.0, -1.0]]
}

#[test]
fn every_laue_class_leaves_its_number_of_terms() {
    for (class, rotations, expected) in laue_classes() {
        let terms = AnisotropicStrain::new(&rotations, &indices(), 1.0);
        assert_eq!(terms.len(), expected, "{class}");
        assert!((molien(&rotations) - expected as f64).abs() < 1e-12, "Molien's series: {class}");
    }
}

#[test]
fn forms_are_alike_at_all_equivalents() {
    for (class, rotations, _) in laue_classes() {
        for h in indices() {
            let images: Vec<[f64; 3]> = rotations
                .iter()
                .map(|r| std::array::from_fn(|j| (0..3).map(|i| h[i] * f64::from(r[i][j])).sum()))
                .collect();
            let terms = AnisotropicStrain::new(&rotations, &images, 1.0);
            for term in 0..terms.len() {
                let form = terms.form(term);
                assert!(form.iter().all(|f| (f - form[0]).abs() < 1e-9), "{class}: {form:?} at images of {h:?}");
            }
        }
    }
}

#[test]
fn written_terms_are_those_of_the_lines() {
    for (class, rotations, _) in laue_classes() {
        let (lines, written) = (indices(), free_terms(&rotations));
        let terms = AnisotropicStrain::new(&rotations, &lines, 1.0);
        for (term, monomials) in written.iter().enumerate() {
            assert_eq!(monomials[0], (terms.powers[term], 1.0), "{class}");
            for (line, h) in lines.iter().enumerate() {
                let product = |powers: [i32; 3]| (0..3).map(|axis| h[axis].powi(powers[axis])).product::<f64>();
                let sum: f64 = monomials.iter().map(|&(powers, coefficient)| coefficient * product(powers)).sum();
                assert!((sum - terms.form(term)[line]).abs() < 1e-9 * sum.abs().max(1.0), "{class}: {monomials:?}");
            }
        }
    }
}

#[test]
fn hexagonal_terms_are_those_of_the_paper() {
    let lines = indices();
    let terms = AnisotropicStrain::new(&group(&[SIX, TWO_ALONG]), &lines, 1.0);
    assert_eq!(terms.powers, [[4, 0, 0], [0, 0, 4], [2, 0, 2]]);
    for (i, [h, k, l]) in lines.into_iter().enumerate() {
        let basal = h * h + h * k + k * k;
        // With Stephens' factors folded into the coefficients.
        for (term, want) in [basal * basal, l.powi(4), basal * l * l].into_iter().enumerate() {
            assert!((terms.form(term)[i] - want).abs() < 1e-9, "Stephens (1999), table 1: term {term}");
        }
    }
}

#[test]
fn the_same_strain_everywhere_is_one_of_the_allowed() {
    let cells = [
        ("-1", [4.1, 5.2, 3.7, 84.0, 97.0, 102.0]),
        ("2/m", [4.1, 5.2, 3.7, 90.0, 97.0, 90.0]),
        ("4/mmm", [4.1, 4.1, 5.0, 90.0, 90.0, 90.0]),
        ("-3m, rhombohedral", [4.1, 4.1, 4.1, 80.0, 80.0, 80.0]),
        ("6/m", [4.1, 4.1, 5.0, 90.0, 90.0, 120.0]),
        ("m-3", [4.1; 3].iter().chain(&[90.0; 3]).copied().collect::<Vec<f64>>().try_into().unwrap()),
    ];
    for (class, cell) in cells {
        let rotations = laue_classes().into_iter().find(|(name, ..)| *name == class).unwrap().1;
        let strain = AnisotropicStrain::new(&rotations, &indices(), 1.0);
        let terms = strain.isotropic(&cell, 0.2);
        let (reciprocal, _) = inverse(&metric_with_derivatives(&cell).0);
        for (line, h) in indices().into_iter().enumerate() {
            let (width, _) = width_over_tangent(strain.variance(&terms, line), quadratic(&reciprocal, h));
            assert!((width - 0.2).abs() < 1e-12, "identity: the square of 1/d² is allowed, {class} at {h:?}");
        }
    }
}

#[test]
fn the_width_is_smooth_to_zero() {
    let (q, step) = (0.3, 1e-3);
    // The root ends at a variance of (5e-3 / 5.73e-5 * 0.3)² = 685.
    for variance in [-5.0, 0.1, 5.0, 400.0, 684.0, 687.0, 4e3, 1e6] {
        let (up, down) = (width_over_tangent(variance + step, q).0, width_over_tangent(variance - step, q).0);
        let (width, slope) = width_over_tangent(variance, q);
        let difference = (up - down) / (2.0 * step);
        assert!((slope - difference).abs() <= 1e-5 * difference.abs(), "central difference at {variance}");
        let root = variance.max(0.0).sqrt() / q * 1e-6_f64.to_degrees();
        assert!((width - root).abs() < ROOT_FLOOR_DEG, "Stephens (1999), equation (4), at {variance}");
        assert!(variance < 686.0 || (width - root).abs() < 1e-15, "exactly, above the floor");
    }
    assert!(width_over_tangent(0.0, q).1 > 0.0, "a line without variance can find it again");
}
