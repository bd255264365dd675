//! From a pattern to the phases worth fitting to it.

use std::cmp::Ordering;

use crate::cancel::CancelFlag;
use crate::error::{Error, Result};
use crate::identification::coarse::coarsen;
use crate::identification::index::lines::LineIndex;
use crate::identification::index::one_sided::explained;
use crate::identification::index::sift::{CellLines, MAX_LINES, Place, reach, sift};
use crate::identification::index::sight::{Net, Sight};
use crate::matching::refinement::Freedom;
use crate::matching::region::Region;

/// Distance of neighbouring shifts that are tried, in full widths at half maximum.
const SHIFT_STEP: f64 = 0.6;
/// Shifts to either side at most.
const MAX_SHIFTS: i32 = 6;
/// Share of the tolerance of a cell by which single lines may stand beside what one strain of all lengths says.
const UNEVEN: f32 = 0.2;
/// Share of the nominees chosen before anything is taken out: what is taken out takes from its neighbours too.
const AT_FIRST: f64 = 0.35;
/// Survivors that are looked at closely in every round, as a multiple of those still to be nominated.
const CLOSE: usize = 8;
/// Phases of one index are sifted in runs of so many, between which a search can be stopped.
const RUN: usize = 4096;

/// The rows of one index that a search considers.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// Lines of its phases.
    pub index: LineIndex<'a>,
    /// Phases to consider.
    pub rows: &'a [u32],
}

/// Extent of a nomination.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Phases to nominate.
    pub count: usize,
    /// Phases kept from the first look for the closer ones.
    pub survivors: usize,
    /// Strongest lines of a phase at the first look.
    pub first_lines: usize,
    /// Times that the best phase is taken out of the pattern and the rest looked at again.
    pub rounds: usize,
}

/// A phase worth fitting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nominee {
    /// Which shelf.
    pub shelf: usize,
    /// Row of its index.
    pub row: u32,
    /// Geometric mean of what its lines explain beyond chance, and where others may lie on top of them, in counts.
    pub score: f32,
    /// Relative change of its lengths.
    pub strain: f64,
    /// Shift of the pattern in degrees.
    pub shift_deg: f64,
}

#[derive(Debug, Clone, Copy)]
struct Survivor {
    shelf: usize,
    row: u32,
    place: Place,
    score: f32,
    factor: f32,
}

/// The phases of the shelves whose lines explain most of a pattern, in the order they were nominated.
///
/// # Errors
/// Those of the pattern, a row that its index does not hold, and `Cancelled`.
pub fn nominate(
    shelves: &[Shelf<'_>],
    region: &Region,
    freedom: &Freedom,
    extent: Extent,
    cancel: &CancelFlag,
) -> Result<Vec<Nominee>> {
    let coarse = coarsen(region, freedom.fwhm_deg, 1)?;
    let nothing = vec![0.0; coarse.x.len()];
    let net = Net::new(&coarse, &coarse.background, &nothing, freedom.fwhm_deg);
    in_rounds(shelves, &coarse, net, &shifts(freedom.shift_sd_deg, freedom.fwhm_deg), extent, cancel)
}

fn in_rounds(
    shelves: &[Shelf<'_>],
    region: &Region,
    mut net: Net,
    shifts: &[f64],
    extent: Extent,
    cancel: &CancelFlag,
) -> Result<Vec<Nominee>> {
    let largest_strain = largest_tolerance(shelves)?;
    let mut sight = Sight::new(&net, region, shifts, largest_strain);
    let mut survivors = first_look(shelves, &sight, extent, cancel)?;
    let mut nominees: Vec<Nominee> = Vec::new();
    let at_first = (extent.count as f64 * AT_FIRST).ceil();
    let per_round = (extent.count as f64 - at_first) / (extent.rounds.max(2) - 1) as f64;
    for round in 1..=extent.rounds.max(1) {
        cancel.check()?;
        survivors.sort_unstable_by(|a, b| falling(a, b, |survivor| survivor.score));
        let borne_out = survivors.partition_point(|survivor| survivor.score > 0.0);
        let Some(&best) = survivors.first().filter(|_| borne_out > 0) else { break };
        let quota = (at_first + per_round * (round - 1) as f64).round() as usize;
        let quota = if round == extent.rounds { extent.count } else { quota.min(extent.count) };
        let taken = quota.saturating_sub(nominees.len()).min(borne_out);
        nominees.extend(survivors.drain(..taken).map(|survivor| nominee(&survivor, &sight)));
        if nominees.len() >= extent.count {
            return Ok(nominees);
        }
        let shift = sight.shifts_deg[best.place.shift as usize];
        take_out(&mut net, shelves, &sight, &best);
        sight = Sight::new(&net, region, &[shift], largest_strain);
        look_again(shelves, &sight, &mut survivors, extent.count);
    }
    // Room is left: weak phases whose lines noise and others do not bear out all the same.
    survivors.sort_unstable_by(|a, b| falling(a, b, |survivor| survivor.place.gain));
    let seen = survivors.iter().filter(|survivor| survivor.place.gain > 0.0);
    nominees.extend(seen.take(extent.count - nominees.len()).map(|survivor| nominee(survivor, &sight)));
    Ok(nominees)
}

fn largest_tolerance(shelves: &[Shelf<'_>]) -> Result<f64> {
    let mut largest = 0.0_f32;
    for shelf in shelves {
        for &row in shelf.rows {
            if row as usize >= shelf.index.n_phases() {
                let (name, value) = ("rows", f64::from(row));
                return Err(Error::InvalidOption { name, value, reason: "must be phases of the index" });
            }
            largest = largest.max(shelf.index.tolerance(row as usize));
        }
    }
    Ok(f64::from(largest))
}

/// Shifts of a pattern to try, the most likely first.
fn shifts(sd_deg: f64, fwhm_deg: f64) -> Vec<f64> {
    let step = (SHIFT_STEP * fwhm_deg).max(2.0 * sd_deg / f64::from(MAX_SHIFTS));
    let count = ((2.0 * sd_deg / step).round() as i32).clamp(0, MAX_SHIFTS);
    let sides = (1..=count).flat_map(|k| [f64::from(k) * step, -f64::from(k) * step]);
    std::iter::once(0.0).chain(sides).collect()
}

/// Sift all phases by a few lines, then those that explain most by all lines.
fn first_look(shelves: &[Shelf<'_>], sight: &Sight, extent: Extent, cancel: &CancelFlag) -> Result<Vec<Survivor>> {
    let mut all = Vec::new();
    for (number, shelf) in shelves.iter().enumerate() {
        for rows in shelf.rows.chunks(RUN) {
            cancel.check()?;
            let places = sift(&shelf.index, rows, sight, extent.first_lines);
            let survivor = |(&row, place)| Survivor { shelf: number, row, place, score: 0.0, factor: 0.0 };
            all.extend(rows.iter().zip(places).map(survivor));
        }
    }
    keep_first(&mut all, extent.survivors, |survivor| survivor.place.gain);
    look_again(shelves, sight, &mut all, extent.count);
    Ok(all)
}

/// Put the `count` highest by `key` first, ties by their place on the shelves, and drop the others.
fn keep_first(survivors: &mut Vec<Survivor>, count: usize, key: impl Fn(&Survivor) -> f32) {
    if survivors.len() > count && count > 0 {
        survivors.select_nth_unstable_by(count - 1, |a, b| falling(a, b, &key));
    }
    survivors.truncate(count);
}

fn falling(a: &Survivor, b: &Survivor, key: impl Fn(&Survivor) -> f32) -> Ordering {
    key(b).total_cmp(&key(a)).then((a.shelf, a.row).cmp(&(b.shelf, b.row)))
}

/// Place every survivor anew by all of its lines, and score those that explain most.
fn look_again(shelves: &[Shelf<'_>], sight: &Sight, survivors: &mut [Survivor], count: usize) {
    survivors.sort_unstable_by_key(|survivor| (survivor.shelf, survivor.row));
    for run in survivors.chunk_by_mut(|a, b| a.shelf == b.shelf) {
        let rows: Vec<u32> = run.iter().map(|survivor| survivor.row).collect();
        let places = sift(&shelves[run[0].shelf].index, &rows, sight, MAX_LINES);
        for (survivor, place) in run.iter_mut().zip(places) {
            *survivor = Survivor { place, score: 0.0, ..*survivor };
        }
    }
    let close = (CLOSE * count).min(survivors.len());
    if close > 0 {
        survivors.select_nth_unstable_by(close - 1, |a, b| falling(a, b, |survivor| survivor.place.gain));
    }
    for survivor in &mut survivors[..close] {
        let (explained, factor) = borne_out(&shelves[survivor.shelf].index, survivor, sight);
        (survivor.score, survivor.factor) = ((survivor.place.gain * explained).sqrt(), factor);
    }
}

/// What the lines of a survivor explain where other phases may lie on top of them, and their factor.
fn borne_out(index: &LineIndex<'_>, survivor: &Survivor, sight: &Sight) -> (f32, f32) {
    let mut lines = CellLines::EMPTY;
    lines.fill(index, survivor.row as usize, sight, MAX_LINES);
    let column = &sight.roots[survivor.place.shift as usize];
    let beside = reach(sight, UNEVEN * index.tolerance(survivor.row as usize));
    let moved = sight.margin.saturating_add_signed(survivor.place.offset);
    let mut pairs: Vec<(f32, f32)> = lines
        .iter()
        .map(|(cell, amplitude)| {
            let around = (cell + moved).saturating_sub(beside)..(cell + moved + beside + 1).min(column.len());
            (column[around].iter().copied().fold(f32::NEG_INFINITY, f32::max), amplitude)
        })
        .filter(|(found, _)| found.is_finite())
        .collect();
    explained(&mut pairs)
}

fn nominee(survivor: &Survivor, sight: &Sight) -> Nominee {
    Nominee {
        shelf: survivor.shelf,
        row: survivor.row,
        score: survivor.score,
        strain: strain(survivor, sight),
        shift_deg: sight.shifts_deg[survivor.place.shift as usize],
    }
}

/// Longer lattices have their lines at smaller 1/d.
fn strain(survivor: &Survivor, sight: &Sight) -> f64 {
    -(survivor.place.offset as f64) / f64::from(sight.per_unit)
}

/// Draw the lines of a survivor on the pattern.
fn take_out(net: &mut Net, shelves: &[Shelf<'_>], sight: &Sight, survivor: &Survivor) {
    let index = &shelves[survivor.shelf].index;
    let mut lines = CellLines::EMPTY;
    lines.fill(index, survivor.row as usize, sight, MAX_LINES);
    let shift = sight.shifts_deg[survivor.place.shift as usize];
    for (cell, amplitude) in lines.iter() {
        let position = sight.first + cell as f32 / sight.per_unit;
        if let Some(two_theta) = sight.two_theta_deg(position, strain(survivor, sight), shift) {
            net.explain(two_theta, f64::from(survivor.factor * amplitude).powi(2));
        }
    }
}
