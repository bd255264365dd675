//! Powder patterns as a drawing: lines of phases follow cells, shifts and widths, scaled as the hold of each phase says.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::linalg::symmetric::add_scaled;
use crate::lineshape::pseudo_voigt::{Window, add_values};
use crate::matching::column::Column;
use crate::matching::lines::{Component, LinePlace, LineTable, place_lines_by};
use crate::matching::links::{CHANNELS, Channel, links, needed};
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::separable::{Derivatives, Drawing, Extent, Tails};
use crate::matching::shifts::Shift;
use crate::matching::state::{Role, State};

/// Phases over regions; the points of the regions stand one after the other.
///
/// Linear unknowns stand by phase: a scale, or the strength of each line, or both ([`Hold`]).
#[derive(Debug, Clone)]
pub struct Powder<'a> {
    regions: &'a [Region],
    phases: &'a [&'a Phase],
    roles: Vec<Role>,
    state: State,
    tables: Vec<Vec<LineTable>>,
    /// First point of each region, and the end.
    starts: Vec<usize>,
    /// First linear unknown of each phase, and the end.
    first: Vec<usize>,
    /// Lines at the present state by region and phase.
    reflections: Vec<Vec<Vec<Reflection>>>,
    /// State that the lines were placed for, and that the columns were drawn for.
    placed: Option<State>,
    drawn: Option<State>,
}

/// A line with its components and the points they reach.
#[derive(Debug, Clone)]
struct Reflection {
    place: LinePlace,
    components: Vec<Component>,
    /// Points of its region.
    window: Range<usize>,
    /// Its linear unknown, and its area for one of it.
    unknown: usize,
    factor: f64,
}

impl<'a> Powder<'a> {
    /// Phases at `state`, of which the numbers named by `roles` will move.
    ///
    /// # Errors
    /// `TooFewPoints` without any region.
    pub fn new(regions: &'a [Region], phases: &'a [&'a Phase], state: State, roles: Vec<Role>) -> Result<Self> {
        if regions.is_empty() {
            return Err(Error::TooFewPoints { what: "regions", got: 0, needed: 1 });
        }
        let tables = regions.iter().map(|region| phases.iter().map(|phase| LineTable::new(phase, region)).collect());
        Ok(Self {
            regions,
            phases,
            roles,
            state,
            tables: tables.collect(),
            starts: sums(regions.iter().map(|region| region.x.len())),
            first: sums(phases.iter().map(|phase| phase.n_linear())),
            reflections: vec![vec![Vec::new(); phases.len()]; regions.len()],
            placed: None,
            drawn: None,
        })
    }

    /// The state of the latest evaluation.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Names of the numbers that move.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Let the numbers named by `roles` move from here on, at their present values.
    pub fn move_also(&mut self, roles: Vec<Role>) {
        self.roles.extend(roles);
    }

    /// Points of region `r` among all.
    pub fn points(&self, r: usize) -> Range<usize> {
        self.starts[r]..self.starts[r + 1]
    }

    /// Linear unknowns of phase `p`.
    pub fn unknowns(&self, p: usize) -> Range<usize> {
        self.first[p]..self.first[p + 1]
    }

    fn place_phase(&mut self, r: usize, p: usize) {
        let (region, phase) = (&self.regions[r], self.phases[p]);
        let shift = self.state.regions[r];
        let first = self.first[p];
        // What is not there and does not move need not be drawn.
        let moves = |ghost: usize| self.roles.contains(&Role::Ghost { region: r, ghost });
        let seen = |ghost: &usize| shift.ghost_shares[*ghost] > 0.0 || moves(*ghost);
        let ghosts = (0..region.optics.ghosts.len()).filter(seen).map(|ghost| ghost + 1);
        let lines = std::iter::once(0)
            .chain(ghosts)
            .flat_map(|radiation| place_lines_by(radiation, phase, &self.tables[r][p], p, &self.state, r, region));
        self.reflections[r][p] = lines
            .map(|place| {
                let mut components = Vec::new();
                place.components(region, shift, &mut components);
                components.retain(|component| !component.window(region).is_empty());
                let window = components.iter().map(|component| component.window(region));
                let window = window.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or_default();
                let (unknown, factor) = phase.drawn_by(place.index, place.area, place.area_per_strength);
                let unknown = first + unknown;
                Reflection { place, components, window, unknown, factor }
            })
            .collect();
    }

    fn draws_alike(&self, other: Option<&State>, p: usize) -> bool {
        other.is_some_and(|other| (0..self.regions.len()).all(|r| other.draws_alike(&self.state, r, p)))
    }

    /// Points that each linear unknown of phase `p` reaches.
    fn hulls(&self, p: usize) -> Vec<Range<usize>> {
        let mut hulls = vec![Extent::default(); self.unknowns(p).len()];
        for (r, of_region) in self.reflections.iter().enumerate() {
            for reflection in &of_region[p] {
                let whole = self.starts[r] + reflection.window.start..self.starts[r] + reflection.window.end;
                hulls[reflection.unknown - self.first[p]].join(&Extent { near: whole.clone(), whole });
            }
        }
        hulls.into_iter().map(|hull| hull.whole).collect()
    }

    fn draw_phase(&self, p: usize, columns: &mut [Column]) {
        for (column, hull) in columns[self.unknowns(p)].iter_mut().zip(self.hulls(p)) {
            column.clear_over(hull);
        }
        for (r, region) in self.regions.iter().enumerate() {
            for Reflection { place, components, unknown, factor, .. } in &self.reflections[r][p] {
                for component in components {
                    let window = component.window(region);
                    let target = columns[*unknown].over(self.starts[r] + window.start..self.starts[r] + window.end);
                    let area = factor * place.share * component.share;
                    add_values(target, &region.x[window], component.centre, &component.mixture, area);
                }
            }
        }
    }
}

fn sums(counts: impl Iterator<Item = usize>) -> Vec<usize> {
    std::iter::once(0)
        .chain(counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }))
        .collect()
}

impl Drawing for Powder<'_> {
    fn n_linear(&self) -> usize {
        self.first[self.phases.len()]
    }

    fn place(&mut self, theta: &[f64], _tails: Tails) -> Result<()> {
        for (&role, &value) in self.roles.iter().zip(theta) {
            self.state.set(role, value);
        }
        for p in 0..self.phases.len() {
            if !self.draws_alike(self.placed.as_ref(), p) {
                (0..self.regions.len()).for_each(|r| self.place_phase(r, p));
            }
        }
        self.placed = Some(self.state.clone());
        Ok(())
    }

    fn extents(&self, extents: &mut Vec<Extent>) {
        extents.clear();
        for p in 0..self.phases.len() {
            extents.extend(self.hulls(p).into_iter().map(|whole| Extent { near: whole.clone(), whole }));
        }
    }

    fn draw(&mut self, columns: &mut [Column]) {
        for p in 0..self.phases.len() {
            if !self.draws_alike(self.drawn.as_ref(), p) {
                self.draw_phase(p, columns);
            }
        }
        self.drawn.clone_from(&self.placed);
    }

    fn derivatives(&self, linear: &[f64], n_theta: usize, pulls: &[&[f64]]) -> Derivatives {
        let n = self.starts[self.regions.len()];
        let mut columns: Vec<Column> = (0..n_theta).map(|_| Column::zeros(0..n)).collect();
        let mut shape = LineShape::default();
        for (r, region) in self.regions.iter().enumerate() {
            for (p, phase) in self.phases.iter().enumerate() {
                let links = links(&self.roles, &self.state, r, p, phase);
                if links.is_empty() {
                    continue;
                }
                let Some(first) = self.reflections[r][p].first() else { continue };
                let needed = needed(&links, &first.place);
                let axial_ratio = self.state.regions[r].axial_ratio;
                for reflection in &self.reflections[r][p] {
                    let amplitude = linear[reflection.unknown] * reflection.factor;
                    if amplitude == 0.0 {
                        continue;
                    }
                    shape.fill(region, reflection, &needed);
                    let window = &reflection.window;
                    let points = self.starts[r] + window.start..self.starts[r] + window.end;
                    for link in &links {
                        let (channel, factor) = link.effect(&reflection.place, axial_ratio);
                        let target = &mut columns[link.column].values[points.clone()];
                        add_scaled(target, amplitude * factor, shape.channel(channel));
                    }
                }
            }
        }
        let sums = pulls.iter().map(|pull| columns.iter().map(|column| column.along(pull)).collect()).collect();
        Derivatives { columns, sums }
    }
}

/// A line of unit area, all its components summed, and its derivatives.
#[derive(Debug, Default)]
struct LineShape {
    channels: [Vec<f64>; CHANNELS],
    one: Window,
}

impl LineShape {
    fn fill(&mut self, region: &Region, reflection: &Reflection, needed: &[bool; CHANNELS]) {
        let Reflection { place, components, window, .. } = reflection;
        for (channel, _) in self.channels.iter_mut().zip(needed).filter(|(_, needed)| **needed) {
            channel.clear();
            channel.resize(window.len(), 0.0);
        }
        for component in components {
            let points = component.window(region);
            self.one.fill(&region.x[points.clone()], component.centre, &component.mixture);
            let within = points.start - window.start..points.end - window.start;
            let Window { value, by_centre, by_gauss, by_lorentz } = &self.one;
            let parts = [
                (Channel::Value, value, component.share),
                (Channel::Centre, by_centre, component.share),
                (Channel::Position, by_centre, component.share * component.centre_by_two_theta),
                (Channel::Gauss, by_gauss, component.share),
                (Channel::Lorentz, by_lorentz, component.share),
                (Channel::Axial, by_centre, component.share * component.axial_shift),
                (Channel::Position, by_lorentz, component.share * component.natural_by_two_theta),
            ];
            let shifted = Shift::ALL.map(|shift| {
                let (per_mm, _) = shift.per_mm(component.sine, component.cosine, region.optics.radius_mm);
                (Channel::of(shift), by_centre, component.share * per_mm)
            });
            for (channel, values, factor) in parts.into_iter().chain(shifted) {
                if factor != 0.0 && needed[channel as usize] {
                    add_scaled(&mut self.channels[channel as usize][within.clone()], factor, values);
                }
            }
        }
        if !needed[Channel::Position as usize] {
            return;
        }
        let [value, _, gauss, lorentz, _, position, ..] = &mut self.channels;
        add_scaled(position, place.area_by_two_theta, value);
        add_scaled(position, place.gauss_by_two_theta, gauss);
        add_scaled(position, place.lorentz_by_two_theta, lorentz);
    }

    fn channel(&self, channel: Channel) -> &[f64] {
        &self.channels[channel as usize]
    }
}

#[cfg(test)]
mod tests;
