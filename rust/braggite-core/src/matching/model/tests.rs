use super::*;
use crate::linalg::symmetric::{Symmetric, dot};
use crate::matching::background::{Family, settled};
use crate::matching::freedom::Metric;
use crate::matching::phase::Hold;
use crate::matching::specimen::{cubic, phase, region, state, triclinic};

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

/// The full normal matrix over linear unknowns, after the moving numbers where `theta` says so, and its right side.
fn dense_normal(model: &Model<'_>, theta: bool) -> (Symmetric, Vec<f64>) {
    let n_theta = if theta { model.n_theta() } else { 0 };
    let slopes = model.fit.drawing().derivatives(model.fit.linear(), n_theta, &[]).columns;
    let n = n_theta + model.fit.linear().len();
    let (mut normal, mut right) = (Symmetric::zeros(n), vec![0.0; n]);
    for (r, region) in model.regions.iter().enumerate() {
        let points = model.fit.drawing().points(r);
        let curves: Vec<Vec<f64>> = (0..model.phases.len()).map(|p| model.unit_curve(r, p)).collect();
        for (k, point) in points.enumerate() {
            let mut row: Vec<f64> = slopes.iter().map(|column| column.values[point]).collect();
            row.extend(curves.iter().map(|curve| curve[k]));
            row.resize(n, 0.0);
            for (c, column) in region.basis.columns().iter().enumerate() {
                let inside = k.checked_sub(column.start).and_then(|i| column.values.get(i));
                row[n_theta + model.backgrounds[r] + c] = inside.copied().unwrap_or(0.0);
            }
            for i in 0..n {
                (0..=i).for_each(|j| normal.add(i, j, region.weight[k] * row[i] * row[j]));
                right[i] += region.weight[k] * row[i] * (region.y[k] - region.background[k]);
            }
        }
        for own in model.backgrounds[r]..model.backgrounds[r + 1] {
            normal.add(n_theta + own, n_theta + own, region.basis_sd.powi(-2));
        }
    }
    (normal, right)
}

/// Regions whose ordinates are two phases on a background, with the undulation of `specimen::region` as misfit.
fn mixture(scales: [f64; 2], phases: &[&Phase]) -> [Region; 2] {
    let mut regions = [region(20.0, 50.0, 0.02, 3), region(45.0, 80.0, 0.03, 4)];
    let given = regions.clone();
    let mut drawing = Model::new(&given, phases, state(2, 2), Vec::new(), &[]).unwrap();
    drawing.objective(&[]).unwrap();
    let curves: Vec<[Vec<f64>; 2]> = (0..2).map(|r| [0, 1].map(|p| drawing.unit_curve(r, p))).collect();
    for (region, curves) in regions.iter_mut().zip(curves) {
        for (k, y) in region.y.iter_mut().enumerate() {
            *y += scales[0] * curves[0][k] + scales[1] * curves[1][k];
        }
    }
    regions
}

/// The regions with backgrounds that are fitted whole.
fn on_free_functions(mut regions: [Region; 2]) -> [Region; 2] {
    for (region, family) in regions.iter_mut().zip([Family::Spline(4), Family::Chebyshev(Some(5))]) {
        *region = settled(&Region { family, ..region.clone() }, &vec![0.0; region.x.len()]).unwrap();
    }
    regions
}

#[test]
fn linear_unknowns_agree_with_a_dense_oracle() {
    let (a, b) = (cubic(), triclinic());
    let phases = [&a, &b];
    let corrected = mixture([0.05, 0.02], &phases);
    agree_with_a_dense_oracle(&on_free_functions(corrected.clone()), &phases);
    agree_with_a_dense_oracle(&corrected, &phases);
}

fn agree_with_a_dense_oracle(regions: &[Region], phases: &[&Phase]) {
    let mut model = Model::new(regions, phases, state(2, 2), Vec::new(), &[]).unwrap();
    model.objective(&[]).unwrap();
    let (normal, mut want) = dense_normal(&model, false);
    normal.cholesky("test").unwrap().solve(&mut want);
    for (i, (got, want)) in model.fit.linear().iter().zip(want).enumerate() {
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
        let mut model = Model::new(regions, &phases, state(2, regions.len()), Vec::new(), &[]).unwrap();
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
        let mut model = Model::new(regions, &phases, state(2, 2), roles, &[]).unwrap();
        let objective = model.objective(&[0.01, 0.006]).unwrap();
        (objective, model.fit.linear().to_vec(), model.covariance(&[0.0, 0.0]))
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
    let mut model = Model::new(&regions, &phases, state(2, 1), vec![Role::Size(1)], &[]).unwrap();
    model.objective(&[0.05]).unwrap();
    assert!(norm(model.unit_curve(0, 1).iter().copied()) == 0.0, "the second phase must have no line below 24 degrees");
    assert!(model.scales()[1] == 0.0);
    let covariance = model.covariance(&[0.0]);
    assert!(covariance.variance(0).is_none() && covariance.variance(2).is_none(), "no influence, no variance");
}

#[test]
fn scales_are_not_negative() {
    let (a, b) = (cubic(), triclinic());
    let phases = [&a, &b];
    let regions = mixture([0.05, -0.02], &phases);
    let mut model = Model::new(&regions, &phases, state(2, 2), Vec::new(), &[]).unwrap();
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
    let mut model = Model::new(&regions, &phases, start, roles, &[]).unwrap();
    model.objective(&[0.01, 0.006, 0.05]).unwrap();
    let inverse = dense_normal(&model, true).0.cholesky("test").unwrap().inverse();
    for (i, row) in model.covariance(&[0.0; 3]).between(&[0, 1, 2, 3]).iter().enumerate() {
        for (j, value) in row.as_ref().unwrap().iter().enumerate() {
            let size = (inverse.get(i, i) * inverse.get(j, j)).sqrt();
            assert!((value - inverse.get(i, j)).abs() < 1e-9 * size, "dense inverse at {i}, {j}");
        }
    }
}

#[test]
fn covariance_of_free_strengths_is_that_of_the_full_inverse() {
    let (a, b) = (cubic(), triclinic());
    let regions = mixture([0.05, 0.03], &[&a, &b]);
    let held = [a.held(Hold::Restrained, 1.0), b.held(Hold::Free, 0.03)];
    let phases = [&held[0], &held[1]];
    let roles = vec![Role::Zero(0), Role::GaussW, Role::Cell { phase: 1, group: 2 }, Role::Size(1)];
    let n_theta = roles.len();
    // Lines that coincide are told apart by what holds them.
    let n_strengths = held.iter().map(Phase::n_linear).sum();
    let restraints: Vec<Restraint> = (0..n_strengths).map(|unknown| Restraint::to_zero(unknown, 10.0)).collect();
    let mut model = Model::new(&regions, &phases, state(2, 2), roles, &restraints).unwrap();
    model.objective(&[0.01, 0.006, 0.0005, 0.07]).unwrap();
    let extra = [1e4; 4];
    let Information { of_kept, factor, .. } = model.information(&extra);
    let whole = factor.unwrap().inverse();
    let covariance = model.covariance(&extra);
    let total = n_theta + model.fit.drawing().n_linear();
    let row = |unknown: usize| of_kept.iter().position(|&kept| kept == unknown);
    let gradient: Vec<(usize, f64)> = (0..total).map(|i| (i, 0.3 + (i % 5) as f64)).collect();
    let mut along = vec![0.0; of_kept.len()];
    for &(unknown, by) in &gradient {
        let want = row(unknown).map(|row| whole.get(row, row));
        assert_eq!(covariance.variance(unknown).is_some(), want.is_some());
        let off = covariance.variance(unknown).zip(want).map_or(0.0, |(got, want)| (got / want - 1.0).abs());
        assert!(off < 1e-9, "full inverse, unknown {unknown}: off by {off}");
        if let Some(row) = row(unknown) {
            along[row] = by;
        }
    }
    let want = dot(&along, &whole.times(&along));
    let got = covariance.variance_of_sum(&gradient).unwrap();
    assert!((got / want - 1.0).abs() < 1e-9, "full inverse: {got} and {want}");
    // Numbers in an order of their own, one without influence among them.
    let dark = (n_theta..total).find(|&unknown| row(unknown).is_none());
    let shown: Vec<usize> = [total - 1, 2, 0, n_theta + 3].into_iter().chain(dark).collect();
    for (&i, entries) in shown.iter().zip(covariance.between(&shown)) {
        assert_eq!(entries.is_some(), row(i).is_some());
        for (&j, got) in shown.iter().zip(entries.into_iter().flatten()) {
            let want = row(i).zip(row(j)).map_or(0.0, |(a, b)| whole.get(a, b));
            let size = row(j).map_or(1.0, |b| (whole.get(row(i).unwrap(), row(i).unwrap()) * whole.get(b, b)).sqrt());
            assert!((got - want).abs() < 1e-9 * size, "full inverse at {i}, {j}: {got} and {want}");
        }
    }
}
