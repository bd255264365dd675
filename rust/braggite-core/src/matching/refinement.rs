//! Which numbers a hypothesis refines, and how far they may honestly go.

use crate::matching::instrument::Instrument;
use crate::matching::phase::{Hold, Phase};
use crate::matching::region::Region;
use crate::matching::shifts::Shift;
use crate::matching::state::{PhaseState, Refined, RegionState, Role, State};
use crate::optimise::parameter::Parameter;

/// Standard deviation of the size and strain widths of a phase, and the largest, in typical widths of the pattern: one
/// phase may be much finer than the others, but a phase so broad that it imitates background is not identified.
const WIDTH_SD: f64 = 0.8;
const WIDTH_MAX: f64 = 4.0;
/// The same where the widths of a phase are left to the data.
const OPEN_WIDTH_SD: f64 = 8.0;
const OPEN_WIDTH_MAX: f64 = 20.0;
/// Size and strain widths of a phase before it is fitted, in typical widths of the pattern.
const WIDTH_START: f64 = 0.35;
/// No prior.
const FLAT: (f64, f64) = (0.0, f64::INFINITY);
/// Largest share of a ghost, in its standard deviations.
const GHOST_MAX: f64 = 5.0;
/// Largest B of a group of atoms, angstrom², or in standard deviations from what is known of it if that is more.
const B_MAX: f64 = 10.0;
const B_MAX_SD: f64 = 4.0;
/// Largest axial divergence, S/L = H/L.
const AXIAL_MAX: f64 = 0.04;

/// What is known of the instrument before the fit, and how well.
#[derive(Debug, Clone, PartialEq)]
pub struct Freedom {
    /// Typical full width at half maximum of the pattern, degrees.
    pub fwhm_deg: f64,
    /// Axial divergence to start from, S/L = H/L.
    pub axial_ratio: f64,
    /// Standard deviation of the shift of the pattern at low angle, degrees; as a zero or as the length behind each shift.
    pub shift_sd_deg: f64,
    /// Standard deviation of the logarithm of the March parameter.
    pub log_march_sd: f64,
    /// Whether the displacement factors of a phase move together where groups of its atoms have none of their own.
    pub delta_b_moves: bool,
    /// Standard deviation of that change of B, angstrom².
    pub delta_b_sd: f64,
    /// Whether the zero of the goniometer moves.
    pub zero_moves: bool,
    /// What else shifts the pattern.
    pub shifts: Vec<Shift>,
    /// Standard deviation of the depth of a transparent sample, mm.
    pub transparency_sd_mm: f64,
    /// Standard deviation about zero of the share of each ghost of the region.
    pub ghost_sd: Vec<f64>,
    /// The instrument, where a standard has shown it: held in every fit.
    pub instrument: Option<Instrument>,
}

/// How much of a model is refined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Shift, one Gaussian width, cells, sizes, strains, texture: what a search needs.
    Search,
    /// Everything.
    Full,
    /// Everything, the widths of the phases left to the data: for a known instrument.
    Sized,
    /// Only the cell and widths of the phase that joined last.
    Newcomer,
    /// The widths of the instrument on a standard: all of them, without priors, the widths of the phase held.
    Calibration {
        /// Whether the cell is refined as well, which tells how far the data agree with it.
        free_cell: bool,
    },
}

impl Freedom {
    /// Points of `region` within one line width: they share one misfit.
    pub fn correlated_points(&self, region: &Region) -> f64 {
        let n = region.x.len();
        let step = (region.x[n - 1] - region.x[0]) / (n - 1) as f64;
        (self.fwhm_deg / step).max(1.0)
    }

    /// The stage of a fit that ends an analysis.
    pub fn last_stage(&self) -> Stage {
        if self.instrument.is_some() { Stage::Sized } else { Stage::Full }
    }

    /// The state before any phase is known.
    pub fn start(&self) -> State {
        if let Some(instrument) = &self.instrument {
            return instrument.state();
        }
        let gauss = 0.7 * self.fwhm_deg;
        State {
            gauss: [0.0, 0.0, gauss * gauss],
            lorentz: [0.0; 2],
            regions: vec![RegionState { axial_ratio: self.axial_ratio, ..RegionState::default() }],
            phases: Vec::new(),
        }
    }

    /// The state with all of `phases` at their reference cells.
    pub fn start_with(&self, phases: &[&Phase]) -> State {
        let mut state = self.start();
        state.phases = phases.iter().map(|phase| self.start_phase(phase, 0.0)).collect();
        state
    }

    /// The state to calibrate an instrument from on `region`, with a standard of known size and strain widths in degrees.
    pub fn start_calibration(&self, region: &Region, size_deg: f64, strain_deg: f64) -> State {
        let mut state = self.start();
        let typical = WIDTH_START * self.fwhm_deg;
        // Lines that start too broad would leave the Gaussian part no width to find its way by.
        state.lorentz = [typical, (typical - region.natural_deg()).max(0.0)];
        state.phases = vec![PhaseState { cell_change: [0.0; 6], size_deg, strain_deg, ..PhaseState::default() }];
        state
    }

    /// Numbers of a phase that joins, its lengths stretched by `strain`.
    pub fn start_phase(&self, phase: &Phase, strain: f64) -> PhaseState {
        let mut cell_change = [0.0; 6];
        for (change, group) in cell_change.iter_mut().zip(&phase.freedom) {
            if group.iter().all(|&i| i < 3) {
                *change = strain;
            }
        }
        PhaseState {
            cell_change,
            size_deg: WIDTH_START * self.fwhm_deg,
            strain_deg: WIDTH_START * self.fwhm_deg,
            b_iso_angstrom2: phase.displaced.iter().flat_map(|d| &d.prior_angstrom2).map(|(mean, _)| *mean).collect(),
            ..PhaseState::default()
        }
    }

    /// The numbers refined at `stage` for `phases`, starting from `state`.
    pub fn refined(&self, stage: Stage, phases: &[&Phase], state: &State, radius_mm: f64) -> Vec<Refined> {
        let mut list = Vec::new();
        let mut add = |role: Role, lower: f64, upper: f64, (mean, sd): (f64, f64)| {
            let parameter = Parameter::bounded(state.get(role), lower, upper).with_prior(mean, sd);
            list.push(Refined { role, parameter });
        };
        if stage != Stage::Newcomer {
            self.add_offset(radius_mm, &mut add);
            match (stage, &self.instrument) {
                (Stage::Calibration { .. }, _) => self.add_instrument(&mut add),
                (_, None) => self.add_widths(stage, &mut add),
                (_, Some(_)) => {}
            }
        }
        if matches!(stage, Stage::Full | Stage::Sized) {
            for (ghost, &sd) in self.ghost_sd.iter().enumerate() {
                add(Role::Ghost { region: 0, ghost }, 0.0, GHOST_MAX * sd, (0.0, sd));
            }
        }
        let first = if stage == Stage::Newcomer { phases.len().saturating_sub(1) } else { 0 };
        for (p, phase) in phases.iter().enumerate().skip(first) {
            self.add_phase_numbers(stage, p, phase, state, &mut add);
        }
        list
    }

    /// Shift and cells alone: what stands before widths are known.
    pub fn places(&self, phases: &[&Phase], state: &State, radius_mm: f64) -> Vec<Refined> {
        let placing = |role: Role| matches!(role, Role::Zero(_) | Role::Shift(..) | Role::Cell { .. });
        let all = self.refined(Stage::Search, phases, state, radius_mm);
        all.into_iter().filter(|refined| placing(refined.role)).collect()
    }

    fn add_offset(&self, radius_mm: f64, add: &mut impl FnMut(Role, f64, f64, (f64, f64))) {
        let sd = self.shift_sd_deg;
        if self.zero_moves {
            let known = self.instrument.as_ref().map_or(0.0, Instrument::zero_deg);
            add(Role::Zero(0), known - 4.0 * sd, known + 4.0 * sd, (known, sd));
        }
        for &shift in &self.shifts {
            let (sd, lower) = if shift == Shift::Transparency {
                (self.transparency_sd_mm, 0.0)
            } else {
                let sd = shift.length_mm(sd, radius_mm);
                (sd, -4.0 * sd)
            };
            add(Role::Shift(0, shift), lower, 4.0 * sd, (0.0, sd));
        }
    }

    /// All numbers of the instrument, within what a diffractometer can be.
    fn add_instrument(&self, add: &mut impl FnMut(Role, f64, f64, (f64, f64))) {
        let square = self.fwhm_deg * self.fwhm_deg;
        let widest = WIDTH_MAX * self.fwhm_deg;
        add(Role::GaussU, 0.0, 10.0 * square, FLAT);
        add(Role::GaussV, -10.0 * square, 4.0 * square, FLAT);
        add(Role::GaussW, 1e-5, 4.0 * square, FLAT);
        add(Role::LorentzX, 0.0, widest, FLAT);
        add(Role::LorentzY, 0.0, widest, FLAT);
        add(Role::Axial(0), 1e-3, AXIAL_MAX, FLAT);
    }

    fn add_widths(&self, stage: Stage, add: &mut impl FnMut(Role, f64, f64, (f64, f64))) {
        let square = self.fwhm_deg * self.fwhm_deg;
        add(Role::GaussW, 1e-5, 4.0 * square, (0.5 * square, square));
        if stage == Stage::Full {
            add(Role::GaussU, 0.0, 4.0 * square, (0.0, square));
            add(Role::GaussV, -2.0 * square, 0.0, (0.0, 0.5 * square));
            if self.axial_ratio > 0.0 {
                add(Role::Axial(0), 1e-3, AXIAL_MAX, (self.axial_ratio, 0.5 * self.axial_ratio));
            }
        }
    }

    fn add_phase_numbers(
        &self,
        stage: Stage,
        p: usize,
        phase: &Phase,
        state: &State,
        add: &mut impl FnMut(Role, f64, f64, (f64, f64)),
    ) {
        let calibrating = matches!(stage, Stage::Calibration { .. });
        let cells = if stage == (Stage::Calibration { free_cell: false }) { 0 } else { phase.freedom.len() };
        for (group, members) in phase.freedom.iter().enumerate().take(cells) {
            let length = members.iter().all(|&i| i < 3);
            let tolerance = if length { phase.cell_tolerance } else { phase.cell_tolerance.to_degrees() };
            let prior = if calibrating { FLAT } else { (0.0, 0.5 * tolerance) };
            add(Role::Cell { phase: p, group }, -1.5 * tolerance, 1.5 * tolerance, prior);
        }
        let typical = WIDTH_START * self.fwhm_deg;
        let (sd, widest) = if stage == Stage::Sized { (OPEN_WIDTH_SD, OPEN_WIDTH_MAX) } else { (WIDTH_SD, WIDTH_MAX) };
        if !calibrating {
            let terms = &state.phases[p].strain_terms;
            let strain = phase.anisotropic_strain.as_ref().filter(|_| !terms.is_empty());
            for role in [Some(Role::Size(p)), strain.is_none().then_some(Role::Strain(p))].into_iter().flatten() {
                add(role, 0.0, widest * self.fwhm_deg, (typical, sd * self.fwhm_deg));
            }
            if let Some(strain) = strain {
                let means = strain.isotropic(&phase.cell, typical);
                let sizes = strain.sizes(&phase.cell, self.fwhm_deg);
                for (term, (mean, size)) in means.into_iter().zip(sizes).enumerate() {
                    let upper = widest * widest * size;
                    // Along an axis of the cell a term stands alone, and no variance is negative.
                    let lower = if strain.powers[term].contains(&4) { 0.0 } else { -upper };
                    add(Role::StrainTerm { phase: p, term }, lower, upper, (mean, sd * sd * size));
                }
            }
        }
        // Strengths of their own take up whatever changes them.
        if phase.hold != Hold::Tied {
            return;
        }
        if calibrating || matches!(stage, Stage::Full | Stage::Sized) {
            self.add_displacement(p, phase, add);
        }
        if phase.march.is_some() {
            add(Role::LogMarch(p), -1.6, 0.9, (0.0, self.log_march_sd));
        }
    }

    fn add_displacement(&self, p: usize, phase: &Phase, add: &mut impl FnMut(Role, f64, f64, (f64, f64))) {
        match &phase.displaced {
            Some(displaced) => {
                for (group, &(mean, sd)) in displaced.prior_angstrom2.iter().enumerate() {
                    let upper = B_MAX.max(mean + B_MAX_SD * sd);
                    add(Role::Displacement { phase: p, group }, 0.0, upper, (mean, sd));
                }
            }
            None if self.delta_b_moves => add(Role::DeltaB(p), -1.5, 3.0, (0.0, self.delta_b_sd)),
            None => {}
        }
    }
}
