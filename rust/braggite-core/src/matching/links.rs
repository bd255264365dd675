//! How each moving number acts on the lines of a phase.

use crate::matching::freedom::{metric_with_derivatives, quadratic};
use crate::matching::lines::LinePlace;
use crate::matching::phase::Phase;
use crate::matching::shifts::Shift;
use crate::matching::state::{Role, State};

/// A moving number and how it acts on the lines of one phase.
#[derive(Debug)]
pub struct Link<'a> {
    /// Index of the number among those that move.
    pub column: usize,
    action: Action<'a>,
}

#[derive(Debug)]
enum Action<'a> {
    Zero,
    Shift(Shift),
    Axial,
    /// Share of this radiation.
    Share(usize),
    Gauss(usize),
    Lorentz(usize),
    /// The form of a term of anisotropic strain at every line, by what it adds to the Gaussian width.
    StrainGauss(&'a [f64]),
    /// The same to the Lorentzian one.
    StrainLorentz(&'a [f64]),
    DeltaB,
    /// Relative derivative of the strength of every line.
    Displacement(Vec<f64>),
    LogMarch,
    Cell([f64; 6]),
}

/// What of a line of unit area changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Its area: the line itself.
    Value,
    /// Its centre.
    Centre,
    /// Its Gaussian full width.
    Gauss,
    /// Its Lorentzian full width.
    Lorentz,
    /// The centre of each component by its axial shift.
    Axial,
    /// Its position, and with it everything that depends on the angle.
    Position,
    /// The centre of each component by the height of the sample.
    Displacement,
    /// By the depth of the sample.
    Transparency,
    /// By the place of a capillary along the beam.
    Along,
    /// Across the beam.
    Across,
}

/// Number of channels.
pub const CHANNELS: usize = 10;

impl Channel {
    /// The channel of a shift.
    pub fn of(shift: Shift) -> Self {
        match shift {
            Shift::Displacement => Self::Displacement,
            Shift::Transparency => Self::Transparency,
            Shift::Along => Self::Along,
            Shift::Across => Self::Across,
        }
    }
}

/// The channels that any of `links` needs; the position of a line takes its area and widths with it.
pub fn needed(links: &[Link<'_>], place: &LinePlace) -> [bool; CHANNELS] {
    let mut needed = [false; CHANNELS];
    for link in links {
        needed[link.effect(place, 0.0).0 as usize] = true;
    }
    if needed[Channel::Position as usize] {
        for with in [Channel::Value, Channel::Gauss, Channel::Lorentz] {
            needed[with as usize] = true;
        }
    }
    needed
}

impl Link<'_> {
    /// The channel of `line` that the number acts on, and how strongly for a share of one of its radiation.
    pub fn effect(&self, line: &LinePlace, axial_ratio: f64) -> (Channel, f64) {
        if let Action::Share(radiation) = self.action {
            return (Channel::Value, if line.radiation == radiation { 1.0 } else { 0.0 });
        }
        let (channel, effect) = self.effect_on_whole(line, axial_ratio);
        (channel, effect * line.share)
    }

    fn effect_on_whole(&self, line: &LinePlace, axial_ratio: f64) -> (Channel, f64) {
        match &self.action {
            Action::Share(_) => (Channel::Value, 0.0),
            Action::Zero => (Channel::Centre, 1.0),
            Action::Shift(shift) => (Channel::of(*shift), 1.0),
            // The shift grows with the square of the ratio.
            Action::Axial => (Channel::Axial, if axial_ratio > 0.0 { 2.0 / axial_ratio } else { 0.0 }),
            Action::Gauss(i) => (Channel::Gauss, line.gauss_by[*i]),
            Action::Lorentz(i) => (Channel::Lorentz, line.lorentz_by[*i]),
            Action::StrainGauss(form) => (Channel::Gauss, line.gauss_by_variance * form[line.index]),
            Action::StrainLorentz(form) => (Channel::Lorentz, line.lorentz_by_variance * form[line.index]),
            Action::DeltaB => (Channel::Value, line.by_delta_b),
            Action::Displacement(slopes) => (Channel::Value, slopes[line.index]),
            Action::LogMarch => (Channel::Value, line.by_log_march),
            Action::Cell(metric) => (Channel::Position, -line.two_theta_by_q * quadratic(metric, line.direct)),
        }
    }
}

/// The moving numbers that act on the lines of phase `p` in region `r`.
pub fn links<'a>(roles: &[Role], state: &State, r: usize, p: usize, phase: &'a Phase) -> Vec<Link<'a>> {
    let cell = state.cell(p, phase);
    let (_, metric_by) = metric_with_derivatives(&cell);
    let mut links = Vec::new();
    for (column, &role) in roles.iter().enumerate() {
        let action = match role {
            Role::Zero(region) if region == r => Action::Zero,
            Role::Shift(region, shift) if region == r => Action::Shift(shift),
            Role::Axial(region) if region == r => Action::Axial,
            Role::Ghost { region, ghost } if region == r => Action::Share(ghost + 1),
            Role::GaussU => Action::Gauss(0),
            Role::GaussV => Action::Gauss(1),
            Role::GaussW => Action::Gauss(2),
            Role::LorentzX => Action::Lorentz(0),
            Role::LorentzY => Action::Lorentz(1),
            Role::Size(phase) if phase == p => Action::Lorentz(0),
            Role::Strain(phase) if phase == p => Action::Lorentz(1),
            Role::StrainTerm { phase: of, term } if of == p => {
                let Some(strain) = &phase.anisotropic_strain else { continue };
                if strain.lorentzian_share < 1.0 {
                    links.push(Link { column, action: Action::StrainGauss(strain.form(term)) });
                }
                Action::StrainLorentz(strain.form(term))
            }
            Role::DeltaB(phase) if phase == p => Action::DeltaB,
            Role::Displacement { phase: of, group } if of == p => {
                let Some(displaced) = &phase.displaced else { continue };
                Action::Displacement(displaced.factors.relative_slopes(&state.phases[p].b_iso_angstrom2, group))
            }
            Role::LogMarch(phase) if phase == p => Action::LogMarch,
            Role::Cell { phase: of, group } if of == p => {
                let mut metric = [0.0; 6];
                for &i in &phase.freedom[group] {
                    let chain = if i < 3 { phase.cell[i] } else { 1.0 };
                    for (sum, value) in metric.iter_mut().zip(&metric_by[i]) {
                        *sum += chain * value;
                    }
                }
                Action::Cell(metric)
            }
            _ => continue,
        };
        links.push(Link { column, action });
    }
    links
}
