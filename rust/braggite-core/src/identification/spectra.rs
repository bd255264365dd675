//! One spectrum against very many, all on one grid of even cells: values and slopes correlated over what both cover.
//!
//! A row is a reference spectrum, already transformed (square roots) and contiguous; what it does not cover it does not
//! hold. The mean of both correlations orders references: Pearson of the values is blind to scale and offset, that of
//! the slopes to slow remainders of a background.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use std::ops::Range;

use crate::dispatch::{Kernel, dispatch};
use crate::error::{Error, Result};

#[cfg(test)]
mod tests;

/// Values summed side by side.
const LANES: usize = 16;
/// Fewest common points that a correlation is taken over.
const FEWEST_POINTS: usize = 3;
/// Share of a sum of squares below which a variance is rounding of single precision.
const FLAT: f64 = 1e-5;

/// Rows of references as borrowed columns: row p holds `values[starts[p]..starts[p + 1]]` from cell `first[p]` on.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    starts: &'a [u64],
    first: &'a [i32],
    values: &'a [f32],
}

impl<'a> Shelf<'a> {
    /// Check that the columns belong together.
    ///
    /// # Errors
    /// `LengthMismatch`, or `InvalidOption` where the starts do not ascend from 0 to the number of values.
    pub fn new(starts: &'a [u64], first: &'a [i32], values: &'a [f32]) -> Result<Self> {
        if starts.len() != first.len() + 1 {
            return Err(Error::LengthMismatch { what: "starts", expected: first.len() + 1, got: starts.len() });
        }
        let last = starts[starts.len() - 1];
        if starts[0] != 0 || last != values.len() as u64 || starts.windows(2).any(|pair| pair[0] > pair[1]) {
            let reason = "must ascend from 0 to the number of values";
            return Err(Error::InvalidOption { name: "starts", value: last as f64, reason });
        }
        Ok(Self { starts, first, values })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    #[inline(always)]
    fn row(&self, row: usize) -> Row<'a> {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        Row { first: i64::from(self.first[row]), values: &self.values[range] }
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    first: i64,
    values: &'a [f32],
}

/// A spectrum to be named, on the grid of the rows, with the running sums that any part of it needs.
#[derive(Debug, Clone)]
pub struct Query {
    first: i64,
    values: Vec<f32>,
    slopes: Vec<f32>,
    parts: Vec<Range<usize>>,
    /// Sums of value, value² and slope² of all cells before each.
    running: Vec<[f64; 3]>,
}

impl Query {
    /// Take a spectrum over, which starts at cell `first`; cells where `used` is false are left out.
    ///
    /// # Errors
    /// `LengthMismatch`, `NotFinite`, or `TooFewPoints` where fewer than three cells are used.
    pub fn new(first: i32, values: &[f64], used: &[bool]) -> Result<Self> {
        if used.len() != values.len() {
            return Err(Error::LengthMismatch { what: "used", expected: values.len(), got: used.len() });
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "values", index });
        }
        let got = used.iter().filter(|used| **used).count();
        if got < FEWEST_POINTS {
            return Err(Error::TooFewPoints { what: "values", got, needed: FEWEST_POINTS });
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let values: Vec<f32> = values.iter().map(|value| (value - mean) as f32).collect();
        let slopes: Vec<f32> = values.windows(2).map(|pair| pair[1] - pair[0]).chain([0.0]).collect();
        let mut running = vec![[0.0; 3]; values.len() + 1];
        for (i, (&value, &slope)) in values.iter().zip(&slopes).enumerate() {
            let (value, slope) = (f64::from(value), f64::from(slope));
            let [v, vv, ss] = running[i];
            running[i + 1] = [v + value, vv + value * value, ss + slope * slope];
        }
        Ok(Self { first: i64::from(first), parts: parts_of(used), values, slopes, running })
    }
}

/// Runs of cells that are used.
fn parts_of(used: &[bool]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for (i, _) in used.iter().enumerate().filter(|(_, used)| **used) {
        match parts.last_mut() {
            Some(part) if part.end == i => part.end = i + 1,
            _ => parts.push(i..i + 1),
        }
    }
    parts
}

/// How two spectra agree over the cells that both hold.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Agreement {
    /// Pearson correlation of the values; 0 where one of them is flat or fewer than three cells are common.
    pub values: f64,
    /// The same of the slopes.
    pub slopes: f64,
    /// Common cells.
    pub common: usize,
}

impl Agreement {
    /// Mean of both correlations.
    pub fn score(&self) -> f64 {
        0.5 * (self.values + self.slopes)
    }
}

/// The agreement of a spectrum with every row.
pub fn agreements(shelf: &Shelf<'_>, query: &Query) -> Vec<Agreement> {
    let mut out = vec![Agreement::default(); shelf.len()];
    dispatch(All { shelf, query, out: &mut out });
    out
}

struct All<'a> {
    shelf: &'a Shelf<'a>,
    query: &'a Query,
    out: &'a mut [Agreement],
}

impl Kernel for All<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (row, out) in self.out.iter_mut().enumerate() {
            *out = agreement(self.shelf.row(row), self.query, 0);
        }
    }
}

/// The best place of a row below a spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Mean of both correlations there.
    pub score: f64,
    /// Cells by which the spectrum reads too high.
    pub shift: f64,
}

/// The best of the shifts from `-reach` to `reach` cells for some rows, by a parabola through the best and its neighbours.
///
/// # Errors
/// `InvalidOption` for a row that there is not, or more than 1000 cells.
pub fn placed(shelf: &Shelf<'_>, rows: &[u32], query: &Query, reach: u32) -> Result<Vec<Placed>> {
    if let Some(row) = rows.iter().find(|row| **row as usize >= shelf.len()) {
        return Err(Error::InvalidOption {
            name: "rows",
            value: f64::from(*row),
            reason: "must be a row of the shelf",
        });
    }
    if reach > 1000 {
        return Err(Error::InvalidOption { name: "reach", value: f64::from(reach), reason: "must be at most 1000" });
    }
    let mut scores = vec![0.0; 2 * reach as usize + 1];
    let place = |row: &u32| {
        dispatch(Around { row: shelf.row(*row as usize), query, scores: &mut scores });
        refined(&scores)
    };
    Ok(rows.iter().map(place).collect())
}

struct Around<'a> {
    row: Row<'a>,
    query: &'a Query,
    scores: &'a mut [f64],
}

impl Kernel for Around<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let reach = signed(self.scores.len() / 2);
        for (score, shift) in self.scores.iter_mut().zip(-reach..) {
            *score = agreement(self.row, self.query, shift).score();
        }
    }
}

/// Top of the parabola through the best of evenly spaced scores and its neighbours; at an end, the end.
fn refined(scores: &[f64]) -> Placed {
    let centre = scores.len() / 2;
    let nearest_first = |&at: &usize| at.abs_diff(centre);
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by_key(nearest_first);
    let best = order.into_iter().fold(centre, |best, at| if scores[at] > scores[best] { at } else { best });
    let shift = best as f64 - centre as f64;
    if best == 0 || best + 1 == scores.len() {
        return Placed { score: scores[best], shift };
    }
    let (left, middle, right) = (scores[best - 1], scores[best], scores[best + 1]);
    let bend = left - 2.0 * middle + right;
    if bend >= 0.0 {
        return Placed { score: middle, shift };
    }
    let off = 0.5 * (left - right) / bend;
    Placed { score: (middle - 0.25 * (left - right) * off).min(1.0), shift: shift + off }
}

#[inline(always)]
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Sums over common cells of reference, its square, its product with the spectrum, and the same of slopes.
#[derive(Default)]
struct Sums {
    cells: usize,
    pairs: usize,
    query: [f64; 3],
    query_slope: f64,
    slope: f64,
    lanes: [f64; 5],
}

#[inline(always)]
fn agreement(row: Row<'_>, query: &Query, shift: i64) -> Agreement {
    let offset = row.first + shift - query.first;
    let cells = signed(query.values.len());
    let low = offset.clamp(0, cells) as usize;
    let high = (offset + signed(row.values.len())).clamp(0, cells) as usize;
    let mut sums = Sums::default();
    for part in &query.parts {
        let (start, end) = (part.start.max(low), part.end.min(high));
        if start < end {
            let from = (signed(start) - offset) as usize;
            sums.add(&row.values[from..from + (end - start)], query, start..end);
        }
    }
    sums.agreement()
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, reference: &[f32], query: &Query, cells: Range<usize>) {
        let last = cells.len() - 1;
        let (before, after, end) = (query.running[cells.start], query.running[cells.end], query.running[cells.end - 1]);
        self.cells += cells.len();
        self.pairs += last;
        self.query[0] += after[0] - before[0];
        self.query[1] += after[1] - before[1];
        self.query[2] += end[2] - before[2];
        self.query_slope += f64::from(query.values[cells.end - 1] - query.values[cells.start]);
        self.slope += f64::from(reference[last] - reference[0]);
        let pairs = cells.start..cells.end - 1;
        let lanes = lane_sums(&reference[..last], &reference[1..], &query.values[pairs.clone()], &query.slopes[pairs]);
        self.lanes.iter_mut().zip(lanes).for_each(|(sum, lane)| *sum += lane);
        let (r, q) = (f64::from(reference[last]), f64::from(query.values[cells.end - 1]));
        self.lanes[0] += r;
        self.lanes[1] += r * r;
        self.lanes[2] += r * q;
    }

    #[inline(always)]
    fn agreement(&self) -> Agreement {
        let [r, rr, rq, ss, st] = self.lanes;
        let [q, qq, tt] = self.query;
        Agreement {
            values: pearson(self.cells, r, rr, q, qq, rq),
            slopes: pearson(self.pairs, self.slope, ss, self.query_slope, tt, st),
            common: self.cells,
        }
    }
}

/// Sums of r, r², r q, s² and s t, s being the slope of r and t that of q.
#[inline(always)]
fn lane_sums(r: &[f32], next: &[f32], q: &[f32], t: &[f32]) -> [f64; 5] {
    let mut sums = [[0.0_f32; LANES]; 5];
    let chunks = |column| <[f32]>::chunks_exact(column, LANES);
    for (((r, next), q), t) in chunks(r).zip(chunks(next)).zip(chunks(q)).zip(chunks(t)) {
        for k in 0..LANES {
            let slope = next[k] - r[k];
            sums[0][k] += r[k];
            sums[1][k] += r[k] * r[k];
            sums[2][k] += r[k] * q[k];
            sums[3][k] += slope * slope;
            sums[4][k] += slope * t[k];
        }
    }
    let done = r.len() / LANES * LANES;
    for (k, i) in (done..r.len()).enumerate() {
        let slope = next[i] - r[i];
        let terms = [r[i], r[i] * r[i], r[i] * q[i], slope * slope, slope * t[i]];
        sums.iter_mut().zip(terms).for_each(|(sum, term)| sum[k] += term);
    }
    sums.map(|lanes| lanes.iter().map(|&lane| f64::from(lane)).sum())
}

/// Pearson correlation from sums over `count` pairs; 0 where there are too few or one side is flat.
#[inline(always)]
fn pearson(count: usize, x: f64, xx: f64, y: f64, yy: f64, xy: f64) -> f64 {
    let n = count as f64;
    let (vx, vy) = (xx - x * x / n, yy - y * y / n);
    if count + 1 < FEWEST_POINTS || !(vx > FLAT * xx && vy > FLAT * yy) {
        return 0.0;
    }
    ((xy - x * y / n) / (vx * vy).sqrt()).clamp(-1.0, 1.0)
}
