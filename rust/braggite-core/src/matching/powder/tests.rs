use super::*;
use crate::linalg::symmetric::dot;
use crate::matching::phase::Hold;
use crate::matching::region::EmissionLine;
use crate::matching::shifts::Shift;
use crate::matching::specimen::{CELLS, cubic, phase, region, state, triclinic, with_two_atoms};

const TAILS: Tails = Tails { model: 0.0, curvature: 0.0 };

fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

/// The pattern with the number behind the only role at `value`, every linear unknown at its own strength.
fn drawn(powder: &mut Powder<'_>, value: f64, linear: &[f64]) -> Vec<f64> {
    let mut columns = vec![Column::default(); powder.n_linear()];
    powder.drawn = None;
    powder.place(&[value], TAILS).unwrap();
    powder.draw(&mut columns);
    let mut sum = vec![0.0; powder.starts[powder.regions.len()]];
    columns.iter().zip(linear).for_each(|(column, &strength)| column.add_to(&mut sum, strength));
    sum
}

/// Two regions that one phase is drawn over.
fn two_regions() -> [Region; 2] {
    [region(20.0, 70.0, 0.02, 4), region(45.0, 80.0, 0.03, 4)]
}

/// Error of the analytic derivative of the whole pattern to `role`, relative to its central difference.
fn derivative_error(phase: &Phase, role: Role) -> f64 {
    let mut state = state(1, 2);
    state.regions.iter_mut().for_each(|region| region.shifts_mm = [0.06, 0.03, -0.02, 0.04]);
    derivative_error_at(&two_regions(), phase, &state, role)
}

fn derivative_error_at(regions: &[Region; 2], phase: &Phase, state: &State, role: Role) -> f64 {
    let textured = phase.with_texture([0.0, 0.0, 1.0]);
    let phases = [&textured];
    let mut powder = Powder::new(regions, &phases, state.clone(), vec![role]).unwrap();
    // Points that enter or leave a window between two pictures would drown their difference.
    let everywhere = |table: &mut LineTable| {
        table.longest_deg = f64::INFINITY;
        table.reach.fill(1e9);
    };
    powder.tables.iter_mut().flatten().for_each(everywhere);
    let linear: Vec<f64> = (0..powder.n_linear()).map(|i| 0.01 + 0.002 * (i % 5) as f64).collect();
    let at = powder.state().get(role);
    // Terms of anisotropic strain are thousands of their unit.
    let step = if matches!(role, Role::StrainTerm { .. }) { 1e-3 } else { 1e-7 };
    drawn(&mut powder, at, &linear);
    let analytic = powder.derivatives(&linear, 1, &[]).columns.remove(0).values;
    let (up, down) = (drawn(&mut powder, at + step, &linear), drawn(&mut powder, at - step, &linear));
    let numeric: Vec<f64> = up.iter().zip(&down).map(|(u, d)| (u - d) / (2.0 * step)).collect();
    let size = norm(&numeric);
    assert!(size > 0.0, "{role:?} moves nothing");
    norm(&analytic.iter().zip(&numeric).map(|(a, n)| a - n).collect::<Vec<f64>>()) / size
}

const ROLES: [Role; 14] = [
    Role::Zero(0),
    Role::Shift(0, Shift::Displacement),
    Role::Shift(0, Shift::Transparency),
    Role::Shift(1, Shift::Along),
    Role::Shift(0, Shift::Across),
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

#[test]
fn derivatives_where_emission_lines_have_widths() {
    let mut regions = two_regions();
    for region in &mut regions {
        // Five times those of copper, so that they show.
        region.optics.emission.iter_mut().for_each(|line| line.width_angstrom = 2.5e-3);
    }
    let cell = [0, 3].map(|group| Role::Cell { phase: 0, group });
    for role in ROLES.into_iter().chain(cell) {
        let error = derivative_error_at(&regions, &triclinic(), &state(1, 2), role);
        // By design the orientation of texture does not follow the cell.
        assert!(error < 1e-5, "{role:?}: {error:.1e} off its central difference of step 1e-7");
    }
}

#[test]
fn derivatives_where_atoms_have_displacement_factors_of_their_own() {
    let (phase, mut state) = (with_two_atoms(&triclinic()), state(1, 2));
    state.phases[0].b_iso_angstrom2 = vec![0.6, 1.3];
    let own = [0, 1].map(|group| Role::Displacement { phase: 0, group });
    for role in own.into_iter().chain([Role::Cell { phase: 0, group: 1 }, Role::LogMarch(0), Role::Zero(0)]) {
        let error = derivative_error_at(&two_regions(), &phase, &state, role);
        // By design the orientation of texture does not follow the cell.
        assert!(error < 1e-5, "{role:?}: {error:.1e} off its central difference of step 1e-7");
    }
}

/// Regions with K-beta and W L-alpha, and a state in which both show.
fn with_ghosts() -> ([Region; 2], State) {
    let (mut regions, mut state) = (two_regions(), state(1, 2));
    let line =
        |wavelength_angstrom: f64, weight: f64| EmissionLine { wavelength_angstrom, weight, width_angstrom: 0.0 };
    for region in &mut regions {
        region.optics.ghosts = vec![vec![line(1.392_23, 1.0)], vec![line(1.476_39, 1.0), line(1.487_43, 0.11)]];
    }
    state.regions.iter_mut().for_each(|region| region.ghost_shares = [0.3, 0.2]);
    (regions, state)
}

#[test]
fn derivatives_where_ghosts_show() {
    let (regions, state) = with_ghosts();
    let ghosts = [0, 1].map(|ghost| Role::Ghost { region: 1, ghost });
    let cell = [0, 3].map(|group| Role::Cell { phase: 0, group });
    for role in ROLES.into_iter().chain(ghosts).chain(cell) {
        let error = derivative_error_at(&regions, &triclinic(), &state, role);
        // By design the orientation of texture does not follow the cell.
        assert!(error < 1e-5, "{role:?}: {error:.1e} off its central difference of step 1e-7");
    }
    let (absent, role) = (self::state(1, 2), Role::Ghost { region: 0, ghost: 0 });
    let error = derivative_error_at(&regions, &triclinic(), &absent, role);
    assert!(error < 1e-5, "a share of zero has a slope, {error:.1e} off");
}

#[test]
fn a_ghost_is_the_pattern_of_its_own_wavelength() {
    let (mut regions, mut state) = with_ghosts();
    let phase = triclinic();
    let phases = [&phase];
    let pattern = |regions: &[Region], state: &State| {
        let mut powder = Powder::new(regions, &phases, state.clone(), Vec::new()).unwrap();
        powder.tables.iter_mut().flatten().for_each(|table| table.reach.fill(20.0));
        let mut columns = vec![Column::default()];
        powder.place(&[], TAILS).unwrap();
        powder.draw(&mut columns);
        let mut sum = vec![0.0; powder.starts[2]];
        columns[0].add_to(&mut sum, 1.0);
        sum
    };
    let with = pattern(&regions, &state);
    let share = regions[0].optics.emission[0].weight;
    state.regions.iter_mut().for_each(|region| region.ghost_shares = [0.0; 2]);
    let mut want = pattern(&regions, &state);
    let ghosts = regions[0].optics.ghosts.clone();
    for (lines, strength) in ghosts.into_iter().zip([0.3, 0.2]) {
        // Alone, as the main radiation of a tube, whose weights are not normalised here.
        for region in &mut regions {
            region.optics.emission.clone_from(&lines);
        }
        want.iter_mut().zip(pattern(&regions, &state)).for_each(|(sum, ghost)| *sum += strength * share * ghost);
    }
    let difference: Vec<f64> = with.iter().zip(&want).map(|(a, b)| a - b).collect();
    assert!(norm(&difference) < 1e-12 * norm(&want), "identity: sum of patterns, each with its share of K-alpha1");
}

#[test]
fn derivatives_to_shifts_widths_and_amounts() {
    for role in ROLES {
        let error = derivative_error(&triclinic(), role);
        assert!(error < 1e-6, "{role:?}: {error:.1e} off its central difference of step 1e-7");
    }
}

#[test]
fn derivatives_to_every_term_of_anisotropic_strain_and_to_the_cell_under_it() {
    for (lorentzian_share, hold) in [(1.0, Hold::Tied), (0.3, Hold::Tied), (0.0, Hold::Free)] {
        let phase = Phase { hold, ..triclinic().with_anisotropic_strain(lorentzian_share).unwrap() };
        let mut state = state(1, 2).with_strain_terms(0, &phase).unwrap();
        state.phases[0].strain_terms[3] *= 1.7;
        state.phases[0].strain_terms[8] += 400.0;
        let terms = (0..15).map(|term| Role::StrainTerm { phase: 0, term });
        let cell = (0..6).map(|group| Role::Cell { phase: 0, group });
        for role in terms.chain(cell).chain([Role::GaussU, Role::Size(0)]) {
            let error = derivative_error_at(&two_regions(), &phase, &state, role);
            // By design the orientation of texture does not follow the cell.
            assert!(error < 1e-5, "{role:?}: {error:.1e} off its central difference, share {lorentzian_share}");
        }
    }
}

#[test]
fn derivatives_to_every_cell() {
    for (metric, cell) in CELLS {
        let phase = phase(metric, cell);
        for group in 0..metric.groups().len() {
            let error = derivative_error(&phase, Role::Cell { phase: 0, group });
            // By design the orientation of texture does not follow the cell.
            assert!(error < 1e-5, "{metric:?} group {group}: {error:.1e} off its central difference");
        }
    }
}

#[test]
fn derivative_to_axial_divergence_holds_to_second_order() {
    let error = derivative_error(&triclinic(), Role::Axial(0));
    // The shift is taken as a² times a function of the angle; the next term is a² = 4e-4 of it.
    assert!(error < 4.0 * 4e-4, "{error:.1e} off its central difference");
}

#[test]
fn free_strengths_sum_to_the_tied_pattern() {
    let tied = triclinic();
    let free = Phase { hold: Hold::Free, ..tied.clone() };
    let regions = two_regions();
    let pattern = |phase: &Phase, linear: &[f64]| {
        drawn(&mut Powder::new(&regions, &[phase], state(1, 2), vec![Role::Zero(0)]).unwrap(), 0.01, linear)
    };
    let (one, all) = (pattern(&tied, &[1.0]), pattern(&free, &tied.strength));
    let difference: Vec<f64> = one.iter().zip(&all).map(|(a, b)| a - b).collect();
    assert!(norm(&difference) < 1e-12 * norm(&one), "identity: the strengths of the structure");
}

#[test]
fn derivatives_of_free_lines() {
    let free = Phase { hold: Hold::Free, ..triclinic() };
    for role in [Role::Zero(1), Role::GaussV, Role::Strain(0), Role::Cell { phase: 0, group: 4 }] {
        let error = derivative_error(&free, role);
        assert!(error < 1e-5, "{role:?}: {error:.1e} off its central difference of step 1e-7");
    }
}

#[test]
fn what_would_be_the_same_is_left_as_it_is() {
    let (a, b) = (cubic(), triclinic());
    let (regions, phases) = ([region(20.0, 70.0, 0.02, 4)], [&a, &b]);
    let mut powder = Powder::new(&regions, &phases, state(2, 1), vec![Role::Size(1)]).unwrap();
    let mut columns = vec![Column::default(); 2];
    powder.place(&[0.05], TAILS).unwrap();
    powder.draw(&mut columns);
    columns[0].values.fill(7.0);
    powder.place(&[0.06], TAILS).unwrap();
    powder.draw(&mut columns);
    assert_eq!(columns[0].values, vec![7.0; columns[0].values.len()], "the first phase did not move");
    let fresh = drawn(&mut powder, 0.06, &[0.0, 1.0]);
    assert_eq!(fresh[columns[1].extent()], columns[1].values, "the second did");
}
