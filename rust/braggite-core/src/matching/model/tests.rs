use super::*;
use crate::matching::freedom::Metric;
use crate::matching::specimen::{phase, region, state};

const CELLS: [(Metric, [f64; 6]); 9] = [
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

fn cubic() -> Phase {
    phase(CELLS[0].0, CELLS[0].1)
}

fn triclinic() -> Phase {
    phase(CELLS[8].0, CELLS[8].1)
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

/// The pattern at the present state with the linear unknowns as they are.
fn drawn(model: &mut Model<'_>) -> Vec<f64> {
    model.fill_curves();
    model.fill_calculated();
    model.calculated(0).to_vec()
}

/// Error of the analytic derivative of the whole pattern to `role`, relative to its central difference.
fn derivative_error(phase: &Phase, role: Role) -> f64 {
    let regions = [region(20.0, 70.0, 0.02, 4)];
    let textured = phase.with_texture([0.0, 0.0, 1.0]);
    let phases = [&textured];
    let mut model = Model::new(&regions, &phases, state(1, 1), vec![role]).unwrap();
    model.linear[0] = 0.01;
    drawn(&mut model);
    let analytic = model.derivative_columns(0).remove(0);
    let (at, step) = (model.state().get(role), 1e-7);
    model.state.set(role, at + step);
    let up = drawn(&mut model);
    model.state.set(role, at - step);
    let down = drawn(&mut model);
    let numeric: Vec<f64> = up.iter().zip(&down).map(|(u, d)| (u - d) / (2.0 * step)).collect();
    let size = norm(numeric.iter().copied());
    assert!(size > 0.0, "{role:?} moves nothing");
    norm(analytic.iter().zip(&numeric).map(|(a, n)| a - n)) / size
}

#[test]
fn derivatives_to_shifts_widths_and_amounts() {
    let roles = [
        Role::Zero(0),
        Role::Displacement(0),
        Role::GaussU,
        Role::GaussV,
        Role::GaussW,
        Role::LorentzX,
        Role::LorentzY,
        Role::Size(0),
        Role::Strain(0),
        Role::DeltaB(0),
        Role::LogMarch(0),
    ];
    for role in roles {
        let error = derivative_error(&triclinic(), role);
        assert!(error < 1e-6, "{role:?}: {error:.1e} off its central difference of step 1e-7");
    }
}

#[test]
fn derivatives_to_every_cell() {
    for (metric, cell) in CELLS {
        let phase = phase(metric, cell);
        for group in 0..metric.groups().len() {
            let error = derivative_error(&phase, Role::Cell { phase: 0, group });
            // By design only line centres follow the cell: widths, Lorentz factor and the dispersion of K-alpha2
            // change by tan(theta) * 0.2 % and less.
            assert!(error < 1e-2, "{metric:?} group {group}: {error:.1e} off its central difference");
        }
    }
}

#[test]
fn derivative_to_axial_divergence_holds_to_second_order() {
    let error = derivative_error(&triclinic(), Role::Axial(0));
    // The shift is taken as a² times a function of the angle; the next term is a² = 4e-4 of it.
    assert!(error < 4.0 * 4e-4, "{error:.1e} off its central difference");
}

/// Scales and spline coefficients from the full design matrix, by Gauss-Jordan elimination, signs free.
fn dense_solution(model: &Model<'_>) -> Vec<f64> {
    let n = model.linear.len();
    let mut table = vec![vec![0.0; n + 1]; n];
    for (r, region) in model.regions.iter().enumerate() {
        for k in 0..region.x.len() {
            let mut row = vec![0.0; n];
            for (entry, curve) in row.iter_mut().zip(&model.curves[r]) {
                *entry = curve[k];
            }
            for (c, column) in region.spline.columns().iter().enumerate() {
                let inside = k.checked_sub(column.start).and_then(|i| column.values.get(i));
                row[model.spline_offsets[r] + c] = inside.copied().unwrap_or(0.0);
            }
            for i in 0..n {
                for j in 0..n {
                    table[i][j] += region.weight[k] * row[i] * row[j];
                }
                table[i][n] += region.weight[k] * row[i] * (region.y[k] - region.background[k]);
            }
        }
        let own = model.spline_offsets[r]..model.spline_offsets[r + 1];
        for (c, row) in table.iter_mut().enumerate().filter(|(c, _)| own.contains(c)) {
            row[c] += region.spline_sd.powi(-2);
        }
    }
    for pivot in 0..n {
        let divisor = table[pivot][pivot];
        table[pivot].iter_mut().for_each(|v| *v /= divisor);
        let own = table[pivot].clone();
        for (_, row) in table.iter_mut().enumerate().filter(|(i, _)| *i != pivot) {
            let factor = row[pivot];
            row.iter_mut().zip(&own).for_each(|(v, o)| *v -= factor * o);
        }
    }
    table.iter().map(|row| row[n]).collect()
}

/// Regions whose ordinates are two phases on a background, with the undulation of `specimen::region` as misfit.
fn mixture(scales: [f64; 2], phases: &[&Phase]) -> [Region; 2] {
    let mut regions = [region(20.0, 50.0, 0.02, 3), region(45.0, 80.0, 0.03, 4)];
    let mut drawing = Model::new(&regions, phases, state(2, 2), Vec::new()).unwrap();
    drawing.fill_curves();
    let curves = drawing.curves.clone();
    for (region, curves) in regions.iter_mut().zip(curves) {
        for (k, y) in region.y.iter_mut().enumerate() {
            *y += scales[0] * curves[0][k] + scales[1] * curves[1][k];
        }
    }
    regions
}

#[test]
fn linear_unknowns_agree_with_a_dense_oracle() {
    let (a, b) = (cubic(), triclinic());
    let phases = [&a, &b];
    let regions = mixture([0.05, 0.02], &phases);
    let mut model = Model::new(&regions, &phases, state(2, 2), Vec::new()).unwrap();
    model.objective(&[]).unwrap();
    for (i, (got, want)) in model.linear.iter().zip(dense_solution(&model)).enumerate() {
        // The diagonal of the scales is raised by 1e-10 against singular mixtures.
        assert!((got - want).abs() < 1e-7 * want.abs().max(1.0), "dense oracle, unknown {i}: {got} against {want}");
    }
    assert!((model.scales()[0] - 0.05).abs() < 2e-3, "simulated truth: {}", model.scales()[0]);
}

#[test]
fn one_scale_serves_all_regions() {
    let (a, b) = (cubic(), triclinic());
    let phases = [&a, &b];
    let (low, high) = (mixture([0.04, 0.02], &phases), mixture([0.06, 0.02], &phases));
    let mixed = [low[0].clone(), high[1].clone()];
    let scale = |regions: &[Region]| {
        let mut model = Model::new(regions, &phases, state(2, regions.len()), Vec::new()).unwrap();
        model.objective(&[]).unwrap();
        model.scales()[0]
    };
    let (first, second, both) = (scale(&mixed[..1]), scale(&mixed[1..]), scale(&mixed));
    assert!(first < both && both < second, "identity: a shared scale lies between {first} and {second}, got {both}");
}

#[test]
fn excluded_points_have_no_influence() {
    let (a, b) = (cubic(), triclinic());
    let phases = [&a, &b];
    let mut regions = mixture([0.05, 0.02], &phases);
    regions[0].weight[200..260].fill(0.0);
    let solve = |regions: &[Region]| {
        let roles = vec![Role::Zero(0), Role::GaussW];
        let mut model = Model::new(regions, &phases, state(2, 2), roles).unwrap();
        let objective = model.objective(&[0.01, 0.006]).unwrap();
        (objective, model.linear.clone(), model.covariance(&[0.0, 0.0]))
    };
    let before = solve(&regions);
    regions[0].y[200..260].fill(1e7);
    assert_eq!(before, solve(&regions), "identity: a weight of zero");
}

#[test]
fn a_phase_without_lines_in_range_gets_nothing() {
    let (a, b) = (cubic(), phase(Metric::Cubic, [3.2, 3.2, 3.2, 90.0, 90.0, 90.0]));
    let phases = [&a, &b];
    let regions = [region(20.0, 24.0, 0.02, 2)];
    let mut model = Model::new(&regions, &phases, state(2, 1), vec![Role::Size(1)]).unwrap();
    model.objective(&[0.05]).unwrap();
    assert!(norm(model.curve(0, 1).iter().copied()) == 0.0, "the second phase must have no line below 24 degrees");
    assert!(model.scales()[1] == 0.0);
    let covariance = model.covariance(&[0.0]);
    assert!(covariance[0].is_none() && covariance[2].is_none(), "no influence, no variance");
}

#[test]
fn scales_are_not_negative() {
    let (a, b) = (cubic(), triclinic());
    let phases = [&a, &b];
    let regions = mixture([0.05, -0.02], &phases);
    let mut model = Model::new(&regions, &phases, state(2, 2), Vec::new()).unwrap();
    model.objective(&[]).unwrap();
    assert!(model.scales()[0] > 0.0 && model.scales()[1] == 0.0, "{:?}", model.scales());
}

#[test]
fn covariance_is_the_inverse_of_the_full_normal_matrix() {
    let a = triclinic();
    let phases = [&a];
    let regions = mixture([0.0, 0.03], &[&cubic(), &a]);
    let roles = vec![Role::Zero(0), Role::GaussW, Role::Size(0)];
    let start = state(1, 2);
    let mut model = Model::new(&regions, &phases, start, roles).unwrap();
    model.objective(&[0.01, 0.006, 0.05]).unwrap();
    let (normal, _) = model.joint_equations();
    let inverse = normal.cholesky("test").unwrap().inverse();
    for (i, row) in model.covariance(&[0.0; 3]).iter().enumerate() {
        for (j, value) in row.as_ref().unwrap().iter().enumerate() {
            let size = (inverse.get(i, i) * inverse.get(j, j)).sqrt();
            assert!((value - inverse.get(i, j)).abs() < 1e-9 * size, "dense inverse at {i}, {j}");
        }
    }
}
