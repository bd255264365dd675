//! The loop over all phases: how much of a pattern the lines of each explain at their best strain and shift.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use crate::dispatch::{Kernel, dispatch};
use crate::identification::index::lines::LineIndex;
use crate::identification::index::sight::Sight;

/// Most lines of a phase that take part.
pub const MAX_LINES: usize = 80;
/// Strains worked on together.
const BLOCK: usize = 16;
/// Share of the gain that the largest strain costs: what is near the reference is the likelier.
const STRAIN_COST: f32 = 0.1;

/// The best place of a phase in a pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Fall of the sum of squares of the roots beyond chance when the lines of the phase are drawn with one factor.
    pub gain: f32,
    /// Cells by which its lines stand higher in ln(1/d) than those of the reference.
    pub offset: isize,
    /// Which shift of the pattern.
    pub shift: u32,
}

/// Lines of one phase in the cells of a sight.
pub struct CellLines {
    cell: [u32; MAX_LINES],
    amplitude: [f32; MAX_LINES],
    len: usize,
}

impl CellLines {
    /// No lines.
    pub const EMPTY: Self = Self { cell: [0; MAX_LINES], amplitude: [0.0; MAX_LINES], len: 0 };

    /// The first `most` lines of a phase that lie in the range of a sight.
    #[inline(always)]
    pub fn fill(&mut self, index: &LineIndex<'_>, row: usize, sight: &Sight, most: usize) {
        let (positions, strengths) = index.lines(row);
        self.len = 0;
        for (position, strength) in positions.iter().zip(strengths) {
            let cell = (position - sight.first) * sight.per_unit + 0.5;
            if cell >= 0.0 && (cell as usize) < sight.factor.len() {
                self.cell[self.len] = cell as u32;
                self.amplitude[self.len] = strength.sqrt() * sight.factor[cell as usize];
                self.len += 1;
                if self.len == most {
                    break;
                }
            }
        }
    }

    /// Cell and expected root of every line.
    pub fn iter(&self) -> impl Iterator<Item = (usize, f32)> {
        self.cell.iter().zip(&self.amplitude).take(self.len).map(|(&cell, &amplitude)| (cell as usize, amplitude))
    }
}

/// Cells that a relative change of lengths by `strain` moves lines, no more than the margin of the sight.
pub fn reach(sight: &Sight, strain: f32) -> usize {
    ((strain * sight.per_unit).ceil() as usize).min(sight.margin)
}

struct Sift<'a> {
    index: &'a LineIndex<'a>,
    rows: &'a [u32],
    sight: &'a Sight,
    most: usize,
    places: &'a mut Vec<Place>,
}

impl Kernel for Sift<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut lines = CellLines::EMPTY;
        for &row in self.rows {
            lines.fill(self.index, row as usize, self.sight, self.most);
            let half = reach(self.sight, self.index.tolerance(row as usize));
            self.places.push(best_place(&lines, self.sight, half));
        }
    }
}

#[inline(always)]
fn best_place(lines: &CellLines, sight: &Sight, half: usize) -> Place {
    let norm: f32 = lines.amplitude[..lines.len].iter().map(|a| a * a).sum();
    let mut best = Place { gain: 0.0, offset: 0, shift: 0 };
    if norm <= 0.0 {
        return best;
    }
    let (start, offsets) = (sight.margin - half, 2 * half + 1);
    let per_strain = 1.0 / (half.max(1) as f32);
    for (shift, column) in (0_u32..).zip(&sight.beyond_chance) {
        let mut from = 0;
        while from < offsets {
            let overlap = block(lines, &column[start + from..]);
            for (k, &sum) in overlap.iter().enumerate().take(offsets - from) {
                let offset = (from + k).cast_signed() - half.cast_signed();
                let strain = offset as f32 * per_strain;
                let gain = sum * sum / norm * (1.0 - STRAIN_COST * strain * strain);
                if sum > 0.0 && gain > best.gain {
                    best = Place { gain, offset, shift };
                }
            }
            from += BLOCK;
        }
    }
    best
}

/// Sums of expected times found roots at consecutive strains; cells past the end of the column hold nothing.
#[inline(always)]
fn block(lines: &CellLines, column: &[f32]) -> [f32; BLOCK] {
    let mut sums = [0.0_f32; BLOCK];
    for (&cell, &amplitude) in lines.cell.iter().zip(&lines.amplitude).take(lines.len) {
        let from = cell as usize;
        if let Some(found) = column.get(from..from + BLOCK) {
            for (sum, found) in sums.iter_mut().zip(found) {
                *sum += amplitude * found;
            }
        } else {
            for (sum, found) in sums.iter_mut().zip(column.get(from..).unwrap_or_default()) {
                *sum += amplitude * found;
            }
        }
    }
    sums
}

/// The best place of every phase in `rows` by its `most` strongest lines; all rows must be of the index.
pub fn sift(index: &LineIndex<'_>, rows: &[u32], sight: &Sight, most: usize) -> Vec<Place> {
    let mut places = Vec::with_capacity(rows.len());
    dispatch(Sift { index, rows, sight, most: most.min(MAX_LINES), places: &mut places });
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::chosen::with_each;

    /// A sight of smooth bumps, and lines of three phases, the second of which lies outside.
    fn made_up() -> (Sight, [u64; 4], Vec<f32>, Vec<f32>, [f32; 3]) {
        let (cells, margin) = (400, 20);
        let column = |phase: f32| -> Vec<f32> {
            let bump = |i: usize| ((i as f32 * 0.37 + phase).sin() + (i as f32 * 0.113).cos()).powi(2) - 1.0;
            (0..cells + 2 * margin).map(|i| if i < margin || i >= cells + margin { 0.0 } else { bump(i) }).collect()
        };
        let columns = vec![column(0.0), column(1.3)];
        let sight = Sight {
            first: -1.0,
            per_unit: 500.0,
            margin,
            factor: (0..cells).map(|i| 2.0 - i as f32 / cells as f32).collect(),
            roots: columns.clone(),
            beyond_chance: columns,
            shifts_deg: vec![0.0, 0.1],
            wavelength_angstrom: 1.54,
        };
        let positions = [-0.9, -0.41, -0.77, -0.205, 3.0, -0.9, -0.33];
        let strength = [9.0, 4.0, 1.0, 16.0, 5.0, 2.0, 8.0];
        (sight, [0, 4, 5, 7], positions.to_vec(), strength.to_vec(), [0.02, 0.01, 0.013])
    }

    #[test]
    fn finds_the_best_place_of_all() {
        let (sight, starts, positions, strength, tolerance) = made_up();
        let index = LineIndex::new(&starts, &positions, &strength, &tolerance).unwrap();
        let places = sift(&index, &[0, 1, 2], &sight, MAX_LINES);
        assert_eq!(places[1], Place { gain: 0.0, offset: 0, shift: 0 }, "no line in the range");
        for (row, place) in [(0, places[0]), (2, places[2])] {
            let half = reach(&sight, tolerance[row]).cast_signed();
            let (mut best, mut at) = (0.0_f32, (0, 0));
            for shift in 0..2 {
                for offset in -half..=half {
                    let (mut overlap, mut norm) = (0.0, 0.0);
                    for line in starts[row] as usize..starts[row + 1] as usize {
                        let cell = ((positions[line] + 1.0) * 500.0 + 0.5) as usize;
                        let asked = strength[line].sqrt() * sight.factor[cell];
                        overlap += asked * sight.roots[shift][(cell + 20).checked_add_signed(offset).unwrap()];
                        norm += asked * asked;
                    }
                    let strain = offset as f32 / half as f32;
                    let gain = overlap * overlap / norm * (1.0 - 0.1 * strain * strain);
                    if overlap > 0.0 && gain > best {
                        (best, at) = (gain, (offset, shift));
                    }
                }
            }
            assert!((place.gain / best - 1.0).abs() < 1e-5, "rounding in f32: {} against {best}", place.gain);
            assert_eq!((place.offset, place.shift as usize), at);
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let (sight, starts, positions, strength, tolerance) = made_up();
        let index = LineIndex::new(&starts, &positions, &strength, &tolerance).unwrap();
        let all = with_each(|| sift(&index, &[0, 1, 2], &sight, 3));
        assert!(all.iter().all(|places| *places == all[0]), "identity");
    }
}
