//! From candidates to lines with uncertainties: neighbours are fitted together, the strongest groups first.

use std::ops::Range;

use super::fit::{Expected, Fit, Fitter};
use super::measured::Measured;
use super::multiplet::{Line, MOST_LINES, Multiplet};
use super::width::Binned;

/// Lines nearer than this many widths are fitted together.
const TOGETHER: f64 = 1.6;
/// The fit ends this many widths beyond the outer lines, or half-way to the next group.
const REACH: f64 = 2.0;
/// Fitted lines are taken off for their neighbours to this many widths.
const TAILS: f64 = 6.0;
/// A line of a group whose fitted height is below this many standard uncertainties is not there.
const LEAST_HEIGHT: f64 = 2.5;
/// Two fitted lines nearer than this share of their width are one.
const INSEPARABLE: f64 = 0.4;
/// Lines are pseudo-Voigts to about this share of their signal; a misfit below it is no partner.
const MISFIT: f64 = 0.03;
/// A partner that only a misfit betrays is at least this high and this far, in heights and widths of the line.
const LEAST_PARTNER: f64 = 0.15;
const LEAST_APART: f64 = 0.5;
/// Where such a partner may be: shift of the line, distance of the partner (in widths), share of the height.
const PARTNER_STARTS: [(f64, f64, f64); 3] = [(-0.4, 0.8, 1.0), (0.0, 0.9, 0.4), (0.0, -0.9, 0.4)];
/// Where at least `FEW` lines and one in `SEVERAL` of those that could show a partner do, it is their shape.
const FEW: usize = 3;
const SEVERAL: usize = 6;

/// A bump that noise does not explain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub at: f64,
    pub significance: f64,
}

/// A fitted line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted {
    pub measured: Measured,
    pub significance: f64,
}

/// What holds for all lines of a spectrum.
pub(super) struct Lines<'a, W> {
    pub binned: &'a Binned<'a>,
    /// Variance of each averaged point without the noise of the variance itself.
    pub variance: &'a [f64],
    /// Width expected at a position.
    pub width: W,
    /// Its relative standard deviation.
    pub spread: f64,
    /// Length of axis that an averaged point stands for; 0 where the points are the spectrum's own.
    pub blur: f64,
    /// Height over noise of a line that noise does not explain.
    pub threshold: f64,
}

/// Points of the spectrum that a group is fitted to.
#[derive(Clone, Copy)]
struct Points<'a> {
    x: &'a [f64],
    y: &'a [f64],
    variance: &'a [f64],
}

struct Found {
    multiplet: Multiplet,
    lines: Vec<Fitted>,
    /// The lone line without the partner that only its misfit betrayed.
    alone: Option<Fitted>,
}

impl<W: Fn(f64) -> f64> Lines<'_, W> {
    /// Fit the candidates (by ascending position).
    pub fn fitted(&self, candidates: &[Candidate]) -> Vec<Fitted> {
        let Binned { x, y, .. } = self.binned;
        let mut rest = y.to_vec();
        let mut groups = self.groups(candidates);
        let tops: Vec<f64> = candidates.iter().map(|c| y[self.index(c.at)]).collect();
        let top = |group: &Range<usize>| tops[group.clone()].iter().copied().fold(0.0, f64::max);
        groups.sort_by(|a, b| top(b).total_cmp(&top(a)));
        let (mut results, mut fitter, mut could_show) = (Vec::new(), Fitter::default(), 0);
        for group in groups {
            let window = self.window(candidates, &group);
            let points = Points { x: &x[window.clone()], y: &rest[window.clone()], variance: &self.variance[window] };
            let found = self.group(&mut fitter, points, &candidates[group.clone()], &mut could_show);
            let Some(found) = found else { continue };
            let reach = self.reach(candidates, &group, TAILS * found.multiplet.fwhm);
            found.multiplet.remove(&x[reach.clone()], &mut rest[reach]);
            results.push(found);
        }
        let partners = results.iter().filter(|found| found.alone.is_some()).count();
        let shape = partners >= FEW && SEVERAL * partners >= could_show;
        let mut lines = Vec::with_capacity(candidates.len());
        for found in results {
            match found.alone {
                Some(alone) if shape => lines.push(alone),
                _ => lines.extend(found.lines),
            }
        }
        lines.retain(|line| line.measured.height.0 > 0.0);
        lines.sort_unstable_by(|a, b| a.measured.position.0.total_cmp(&b.measured.position.0));
        lines
    }

    /// The averaged point at or above a position.
    fn index(&self, at: f64) -> usize {
        self.binned.x.partition_point(|x| *x < at).min(self.binned.x.len() - 1)
    }

    fn groups(&self, candidates: &[Candidate]) -> Vec<Range<usize>> {
        let mut groups: Vec<Range<usize>> = Vec::new();
        for (k, candidate) in candidates.iter().enumerate() {
            match groups.last_mut() {
                Some(group)
                    if group.len() < MOST_LINES
                        && candidate.at - candidates[k - 1].at < TOGETHER * (self.width)(candidate.at) =>
                {
                    group.end = k + 1;
                }
                _ => groups.push(k..k + 1),
            }
        }
        groups
    }

    /// The averaged points a group is fitted to, at least five.
    fn window(&self, candidates: &[Candidate], group: &Range<usize>) -> Range<usize> {
        let (first, last) = (candidates[group.start].at, candidates[group.end - 1].at);
        let reach = REACH * (self.width)(0.5 * (first + last));
        let before = group.start.checked_sub(1).map_or(f64::NEG_INFINITY, |k| 0.5 * (candidates[k].at + first));
        let after = candidates.get(group.end).map_or(f64::INFINITY, |next| 0.5 * (next.at + last));
        let (from, to) = (self.index((first - reach).max(before)), self.index((last + reach).min(after)));
        let middle = self.index(0.5 * (first + last));
        from.min(middle.saturating_sub(2))..(to + 1).max(middle + 3).min(self.binned.x.len())
    }

    /// The averaged points to which a group's tails matter: none without a neighbour.
    fn reach(&self, candidates: &[Candidate], group: &Range<usize>, tails: f64) -> Range<usize> {
        let (first, last) = (candidates[group.start].at, candidates[group.end - 1].at);
        let beyond = tails + REACH * (self.width)(0.5 * (first + last));
        let before = group.start.checked_sub(1).is_some_and(|k| first - candidates[k].at < beyond);
        let after = candidates.get(group.end).is_some_and(|next| next.at - last < beyond);
        let from = self.index(if before { first - beyond } else { first });
        from..if after {
            self.index(last + beyond)
        } else if before {
            self.index(last)
        } else {
            from
        }
    }

    fn group(
        &self,
        fitter: &mut Fitter,
        points: Points<'_>,
        candidates: &[Candidate],
        could_show: &mut usize,
    ) -> Option<Found> {
        let middle = 0.5 * (candidates[0].at + candidates[candidates.len() - 1].at);
        let noise = points.variance.iter().fold(f64::INFINITY, |least, v| least.min(*v)).sqrt();
        let expected = Expected { fwhm: (self.width)(middle), spread: self.spread, level: noise };
        let nearest = |at: f64| points.y[points.x.partition_point(|x| *x < at).min(points.x.len() - 1)];
        let lines = candidates.iter().map(|c| Line { at: c.at, height: nearest(c.at).max(noise) }).collect();
        let mut start = Multiplet { lines, fwhm: expected.fwhm, mixing: 0.5, level: 0.0 };
        let mut significance: Vec<f64> = candidates.iter().map(|c| c.significance).collect();
        fitter.set_points(points.x, points.y, points.variance);
        loop {
            let result = fitter.fit(&start, expected)?;
            let measured = result.measured(self.blur)?;
            let Some(worst) = superfluous(&measured) else {
                let lines = measured.iter().zip(significance);
                let lines =
                    lines.map(|(measured, significance)| Fitted { measured: *measured, significance }).collect();
                return Some(self.with_partner(fitter, points, result, lines, expected, could_show));
            };
            start.lines.remove(worst);
            significance.remove(worst);
        }
    }

    /// Look for a partner that a lone line hides.
    fn with_partner(
        &self,
        fitter: &mut Fitter,
        points: Points<'_>,
        one: Fit,
        lines: Vec<Fitted>,
        expected: Expected,
        could_show: &mut usize,
    ) -> Found {
        let signal: f64 = points.y.iter().zip(points.variance).map(|(y, v)| y * y / v).sum();
        let least = self.threshold * self.threshold;
        let needed = least.max(MISFIT * MISFIT * signal);
        let clear = lines.len() == 1 && signal * LEAST_PARTNER * LEAST_PARTNER > least;
        *could_show += usize::from(clear);
        let misfit = one.cost > points.x.len() as f64 + needed;
        let two = if clear && misfit { best_pair(fitter, &one.multiplet, expected) } else { None };
        let accepted = two.and_then(|two| {
            let gain = one.cost - two.cost;
            let convincing = gain > needed && gain / two.scatter > least && separate(&two.multiplet);
            let pair = if convincing { two.measured(self.blur)? } else { return None };
            if superfluous(&pair).is_some() {
                return None;
            }
            let partner = usize::from(pair[0].height.0 > pair[1].height.0);
            let mut found = [lines[0]; 2];
            found[0].measured = pair[0];
            found[1].measured = pair[1];
            found[partner].significance = (gain / two.scatter).sqrt();
            Some(Found { multiplet: two.multiplet, lines: found.to_vec(), alone: Some(lines[0]) })
        });
        accepted.unwrap_or(Found { multiplet: one.multiplet, lines, alone: None })
    }
}

/// The best fit of two lines in place of one.
fn best_pair(fitter: &mut Fitter, one: &Multiplet, expected: Expected) -> Option<Fit> {
    let Line { at, height } = one.lines[0];
    let pairs = PARTNER_STARTS.iter().filter_map(|(shift, apart, share)| {
        let first = Line { at: at + shift * expected.fwhm, height: 0.8 * height };
        let second = Line { at: first.at + apart * expected.fwhm, height: 0.8 * share * height };
        fitter.fit(&Multiplet { lines: vec![first, second], fwhm: expected.fwhm, ..*one }, expected)
    });
    pairs.min_by(|a, b| a.cost.total_cmp(&b.cost))
}

/// Whether two lines are both high enough and far enough apart.
fn separate(pair: &Multiplet) -> bool {
    let [a, b] = [pair.lines[0], pair.lines[1]];
    a.height.min(b.height) > LEAST_PARTNER * a.height.max(b.height) && (a.at - b.at).abs() > LEAST_APART * pair.fwhm
}

/// The line of a group that is not there: no height, or on top of a higher one. A lone line stays.
fn superfluous(lines: &[Measured]) -> Option<usize> {
    if lines.len() < 2 {
        return None;
    }
    let clear = |k: usize| lines[k].height.0 / lines[k].height.1;
    let weakest = (0..lines.len()).min_by(|a, b| clear(*a).total_cmp(&clear(*b)))?;
    if clear(weakest) < LEAST_HEIGHT {
        return Some(weakest);
    }
    let covered = |line: &Measured| {
        lines.iter().any(|other| {
            let apart = (other.position.0 - line.position.0).abs();
            other.height.0 > line.height.0 && apart < INSEPARABLE * line.fwhm.0
        })
    };
    lines.iter().position(covered)
}
