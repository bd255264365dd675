//! Windows that slide over a spectrum: the lowest, the highest and the mean of the points near every point.
//!
//! A window reaches `half_window + 1/2` mean steps to either side of its point, so that at equal steps it holds
//! `half_window` points to either side whatever the rounding of the axis, and at unequal steps the same width.

use super::polynomial::line_through;
use crate::error::{Error, Result};
use crate::grid::Grid;

/// First point and one past the last, of the window of every point; neither ever descends.
#[derive(Debug, Clone, PartialEq)]
enum Spans {
    /// `half` points to either side, cut off at the ends of `points`.
    Cut { half: usize, points: usize },
    /// `half` points to either side, near the ends of `points` as few as the nearer end allows.
    Narrowed { half: usize, points: usize },
    /// `half` points to either side over an axis continued by `half` points before and after `points`.
    Continued { half: usize, points: usize },
    /// Of unequal steps.
    Listed(Vec<(usize, usize)>),
}

impl Spans {
    fn len(&self) -> usize {
        match self {
            Self::Cut { points, .. } | Self::Narrowed { points, .. } | Self::Continued { points, .. } => *points,
            Self::Listed(spans) => spans.len(),
        }
    }

    #[inline]
    fn at(&self, i: usize) -> (usize, usize) {
        match self {
            Self::Cut { half, points } => (i.saturating_sub(*half), (i + half + 1).min(*points)),
            Self::Narrowed { half, points } => {
                let half = i.min(points - 1 - i).min(*half);
                (i - half, i + half + 1)
            }
            Self::Continued { half, .. } => (i, i + 2 * half + 1),
            Self::Listed(spans) => spans[i],
        }
    }

    /// The points of `axis` nearer than `reach` to each of `centres`.
    fn listed(centres: &[f64], axis: &[f64], reach: impl Fn(f64) -> f64) -> Self {
        let (mut from, mut to) = (0, 0);
        let mut span = |at: f64| {
            let reach = reach(at);
            while axis[from] <= at - reach {
                from += 1;
            }
            while to < axis.len() && axis[to] < at + reach {
                to += 1;
            }
            (from, to)
        };
        Self::Listed(centres.iter().map(|at| span(*at)).collect())
    }
}

/// Windows that are cut off at the ends of the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    spans: Spans,
}

impl Windows {
    /// Windows of `half_window` times `step` to either side of every point of `x`.
    ///
    /// # Errors
    /// `InvalidOption` unless `half_window` is at least 1 and below the number of points.
    pub fn new(x: Grid<'_>, half_window: usize, step: f64) -> Result<Self> {
        check_half_window("half_window", half_window, x.len(), 1)?;
        if steps_are_equal(x, step) {
            return Ok(Self { spans: Spans::Cut { half: half_window, points: x.len() } });
        }
        let reach = reach_of(half_window, step);
        Ok(Self { spans: Spans::listed(x.x(), x.x(), |_| reach) })
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The lowest value of every window.
    pub(super) fn lowest(&self, values: &[f64], out: &mut [f64], scratch: &mut [f64]) {
        self.slide(values, out, scratch, f64::INFINITY, |a, b| if b < a { b } else { a });
    }

    /// The highest value of every window.
    pub(super) fn highest(&self, values: &[f64], out: &mut [f64], scratch: &mut [f64]) {
        self.slide(values, out, scratch, f64::NEG_INFINITY, |a, b| if b > a { b } else { a });
    }

    /// The extreme of every window in three comparisons a point, whatever its width: running extremes backwards from
    /// and forwards of the end of the first window of a block; the next block begins where a window has left the last
    /// (van Herk, Pattern Recognit. Lett. 13 (1992) 517; Gil and Werman, IEEE Trans. Pattern Anal. Mach. Intell. 15
    /// (1993) 504).
    fn slide(
        &self,
        values: &[f64],
        out: &mut [f64],
        backwards: &mut [f64],
        none: f64,
        pick: impl Fn(f64, f64) -> f64 + Copy,
    ) {
        let (mut end, mut seen, mut forwards) = (0, 0, none);
        for (i, out) in out.iter_mut().enumerate() {
            let (from, to) = self.spans.at(i);
            if from >= end {
                let mut extreme = none;
                for (kept, value) in backwards[from..to].iter_mut().zip(&values[from..to]).rev() {
                    extreme = pick(extreme, *value);
                    *kept = extreme;
                }
                (end, seen, forwards) = (to, to, none);
            }
            for value in &values[seen..to] {
                forwards = pick(forwards, *value);
            }
            seen = to;
            *out = pick(backwards[from], forwards);
        }
    }
}

/// Means over windows, every point counting with the width of its cell.
#[derive(Debug, Clone, PartialEq)]
pub struct MovingMean {
    spans: Spans,
    unequal: Option<Cells>,
}

/// Widths of the cells of unequal steps, and of every window.
#[derive(Debug, Clone, PartialEq)]
struct Cells {
    cells: Vec<f64>,
    windows: Vec<f64>,
}

impl Cells {
    /// Half the distance between both neighbours of every point of `axis`; at the ends the distance of the one.
    fn of(axis: &[f64], spans: &Spans) -> Self {
        let last = axis.len() - 1;
        let cell = |i: usize| match i {
            0 => axis[1] - axis[0],
            _ if i == last => axis[i] - axis[i - 1],
            _ => 0.5 * (axis[i + 1] - axis[i - 1]),
        };
        let cells: Vec<f64> = (0..=last).map(cell).collect();
        let mut sums = vec![0.0; axis.len() + 1];
        run_up(cells.iter().copied(), &mut sums);
        let width = |(from, to): (usize, usize)| sums[to] - sums[from];
        let windows = (0..spans.len()).map(|i| width(spans.at(i))).collect();
        Self { cells, windows }
    }
}

impl MovingMean {
    /// Means over windows as [`Windows::new`] has them, near the ends of `x` only as wide as is symmetric.
    ///
    /// # Errors
    /// `InvalidOption` unless `half_window` is at least 1 and below the number of points.
    pub fn symmetric(x: Grid<'_>, half_window: usize, step: f64) -> Result<Self> {
        check_half_window("half_window", half_window, x.len(), 1)?;
        if steps_are_equal(x, step) {
            return Ok(Self { spans: Spans::Narrowed { half: half_window, points: x.len() }, unequal: None });
        }
        let (first, last) = (x.x()[0], x.x()[x.len() - 1]);
        let reach = reach_of(half_window, step);
        let to_end = |at: f64| (at - first).min(last - at) + 0.5 * step;
        let spans = Spans::listed(x.x(), x.x(), |at| reach.min(to_end(at)));
        let unequal = Some(Cells::of(x.x(), &spans));
        Ok(Self { spans, unequal })
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The mean of every window; `sums` has one place more than `values`.
    pub(super) fn of(&self, values: &[f64], out: &mut [f64], sums: &mut [f64]) {
        let Some(Cells { cells, windows }) = &self.unequal else {
            run_up(values.iter().copied(), sums);
            for (i, out) in out.iter_mut().enumerate() {
                let (from, to) = self.spans.at(i);
                *out = (sums[to] - sums[from]) / (to - from) as f64;
            }
            return;
        };
        run_up(values.iter().zip(cells).map(|(value, cell)| value * cell), sums);
        for ((i, out), window) in out.iter_mut().enumerate().zip(windows) {
            let (from, to) = self.spans.at(i);
            *out = (sums[to] - sums[from]) / window;
        }
    }
}

/// Running sums into `sums`, from its second place on.
fn run_up(values: impl Iterator<Item = f64>, sums: &mut [f64]) {
    let mut sum = 0.0;
    for (place, value) in sums[1..].iter_mut().zip(values) {
        sum += value;
        *place = sum;
    }
}

/// Means over full windows everywhere: beyond either end the values are continued by the straight line through as many
/// outermost points as a half window holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinuedMean {
    mean: MovingMean,
    /// The axis, mirrored at its ends as far as a window reaches.
    axis: Vec<f64>,
    /// Points before the first and after the last.
    before: usize,
    after: usize,
}

impl ContinuedMean {
    /// Means over windows as [`Windows::new`] has them; a `half_window` of 0 leaves the values as they are.
    ///
    /// # Errors
    /// `InvalidOption` unless `half_window` is below the number of points.
    pub fn new(x: Grid<'_>, half_window: usize, step: f64) -> Result<Self> {
        check_half_window("smooth_half_window", half_window, x.len(), 0)?;
        let (equal, x, reach) = (steps_are_equal(x, step), x.x(), reach_of(half_window, step));
        let (first, last) = (x[0], x[x.len() - 1]);
        let before = x.partition_point(|at| at - first < reach) - 1;
        let after = x.len() - x.partition_point(|at| last - at >= reach) - 1;
        let mirrored_before = x[1..=before].iter().rev().map(|at| 2.0 * first - at);
        let mirrored_after = x[x.len() - 1 - after..x.len() - 1].iter().rev().map(|at| 2.0 * last - at);
        let axis: Vec<f64> = mirrored_before.chain(x.iter().copied()).chain(mirrored_after).collect();
        let mean = if equal {
            MovingMean { spans: Spans::Continued { half: half_window, points: x.len() }, unequal: None }
        } else {
            let spans = Spans::listed(x, &axis, |_| reach);
            let unequal = Some(Cells::of(&axis, &spans));
            MovingMean { spans, unequal }
        };
        Ok(Self { mean, axis, before, after })
    }

    /// Room that [`ContinuedMean::of`] needs for continued values.
    pub(super) fn continued_len(&self) -> usize {
        self.axis.len()
    }

    /// The mean of every window; `continued` as [`ContinuedMean::continued_len`] says, `sums` one longer.
    pub(super) fn of(&self, values: &[f64], out: &mut [f64], continued: &mut [f64], sums: &mut [f64]) {
        let (before, after, n) = (self.before, self.after, values.len());
        continued[before..before + n].copy_from_slice(values);
        let (axis, end) = (&self.axis, before + n);
        let left = line_through(&axis[before..2 * before], &values[..before]);
        let right = line_through(&axis[end - after..end], &values[n - after..]);
        for (value, at) in continued[..before].iter_mut().zip(axis) {
            *value = left(*at);
        }
        for (value, at) in continued[end..].iter_mut().zip(&axis[end..]) {
            *value = right(*at);
        }
        self.mean.of(continued, out, sums);
    }
}

fn reach_of(half_window: usize, step: f64) -> f64 {
    (half_window as f64 + 0.5) * step
}

/// Whether every point lies so near to its place at equal steps that windows hold the same points.
fn steps_are_equal(x: Grid<'_>, step: f64) -> bool {
    let first = x.x()[0];
    x.x().iter().enumerate().all(|(i, x)| (x - first - i as f64 * step).abs() < 0.125 * step)
}

fn check_half_window(name: &'static str, half_window: usize, points: usize, least: usize) -> Result<()> {
    if (least..points).contains(&half_window) {
        return Ok(());
    }
    let reason = if least == 0 {
        "must be below the number of points"
    } else {
        "must be at least 1 and below the number of points"
    };
    Err(Error::InvalidOption { name, value: half_window as f64, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn axis(steps: &[f64]) -> Vec<f64> {
        steps.iter().scan(0.0, |at, step| Some(std::mem::replace(at, *at + step))).collect()
    }

    proptest! {
        #[test]
        fn extremes_are_those_of_a_search(
            points in prop::collection::vec((0.1..3.0_f64, -5.0..5.0_f64), 4..80),
            share in 0.0..1.0_f64,
        ) {
            let (steps, values): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            let (x, n) = (axis(&steps), values.len());
            let half_window = 1 + (share * (n - 2) as f64) as usize;
            let windows = Windows::new(Grid::new(&x).unwrap(), half_window, 1.0).unwrap();
            let (mut low, mut high, mut scratch) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
            windows.lowest(&values, &mut low, &mut scratch);
            windows.highest(&values, &mut high, &mut scratch);
            let near = |i: usize, start: f64, pick: fn(f64, f64) -> f64| {
                (0..n).filter(|j| (x[*j] - x[i]).abs() < half_window as f64 + 0.5).map(|j| values[j]).fold(start, pick)
            };
            prop_assert_eq!(low, (0..n).map(|i| near(i, f64::INFINITY, f64::min)).collect::<Vec<_>>());
            prop_assert_eq!(high, (0..n).map(|i| near(i, f64::NEG_INFINITY, f64::max)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn means_keep_a_line_at_equal_steps() {
        let x: Vec<f64> = (0..60).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - 0.5 * x).collect();
        let (grid, mut out, mut sums) = (Grid::new(&x).unwrap(), vec![0.0; 60], vec![0.0; 200]);
        MovingMean::symmetric(grid, 7, 1.0).unwrap().of(&y, &mut out, &mut sums);
        // rounding of running sums up to 60 * 27
        assert!(out.iter().zip(&y).all(|(m, y)| (m - y).abs() < 1e-11));
        let continued = ContinuedMean::new(grid, 7, 1.0).unwrap();
        assert_eq!(continued.continued_len(), 60 + 2 * 7);
        continued.of(&y, &mut out, &mut vec![0.0; 74], &mut sums);
        assert!(out.iter().zip(&y).all(|(m, y)| (m - y).abs() < 1e-11));
    }

    #[test]
    fn refuses_windows_without_or_beyond_points() {
        let x = [0.0, 1.0, 2.0, 3.0];
        let grid = Grid::new(&x).unwrap();
        for half_window in [0, 4] {
            let error = Windows::new(grid, half_window, 1.0);
            assert!(matches!(error, Err(Error::InvalidOption { name: "half_window", .. })));
        }
        assert!(ContinuedMean::new(grid, 0, 1.0).is_ok());
        let error = ContinuedMean::new(grid, 4, 1.0);
        assert!(matches!(error, Err(Error::InvalidOption { name: "smooth_half_window", .. })));
    }
}
