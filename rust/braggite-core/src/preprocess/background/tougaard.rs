//! Tougaard: electrons of the measured spectrum that lost energy on their way out.

use super::Background;
use super::ends::Ends;
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::linalg::symmetric::dot;

/// Steps that differ by less than this share of their mean count as equal.
const UNIFORM_TOLERANCE: f64 = 1e-6;
/// Where a fitted C is looked for, in squared units of the axis; below it the losses shrink to the peak's own width, and
/// any spectrum is its own background.
const C_RANGE: (f64, f64) = (100.0, 1e4);

/// The cross section K(T) = B T / ((C + `sign` T^2)^2 + D T^2), zero up to the gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossFunction {
    /// Scale, in squared units of the axis; `None` fits it.
    pub b: Option<f64>,
    /// Squared units of the axis; `None` fits it.
    pub c: Option<f64>,
    /// +1 for two parameters (U2), -1 for three (U3: C is where free-electron losses peak).
    pub sign: f64,
    /// Squared units of the axis; 0 for U2.
    pub d: f64,
    /// Smallest loss (the band gap).
    pub gap: f64,
}

/// What is fitted where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TougaardOptions {
    /// Points averaged at either end.
    pub end_points: usize,
    /// Position from which nothing but background is left, up to the end of higher loss; `None`: the last `end_points`.
    pub fit_from: Option<f64>,
    /// The axis ascends in kinetic instead of binding energy.
    pub kinetic: bool,
}

/// A Tougaard background with the B and C it was made with.
#[derive(Debug, Clone, PartialEq)]
pub struct Tougaard {
    /// The curve.
    pub background: Background,
    /// Scale of the cross section.
    pub b: f64,
    /// C of the cross section.
    pub c: f64,
}

/// `I_0` + the integral of K(E - E') (y(E') - `I_0`) over lower binding energies E', `I_0` the mean of the end of low loss.
///
/// A fitted B meets the fit range by least squares; a fitted C as well, and is looked for from 100 to 10,000. Not converged:
/// a B that would be negative (0 is taken) or a C at the end of its range.
/// Tougaard, Surf. Sci. 216 (1989) 343; Surf. Interface Anal. 25 (1997) 137.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`; `InvalidOption` for B, C, D or T0 outside their meaning, a
/// fit range without points, or a C to be fitted without a fit range.
pub fn tougaard(x: Grid<'_>, y: &[f64], loss: LossFunction, options: TougaardOptions) -> Result<Tougaard> {
    let ends = Ends::of(x, y, options.end_points)?;
    check(x, loss, options)?;
    let level = if options.kinetic { ends.right.1 } else { ends.left.1 };
    let mut net: Vec<f64> = y.iter().map(|y| y - level).collect();
    let mut energy = x.x().to_vec();
    if options.kinetic {
        net.reverse();
        energy = energy.iter().rev().map(|e| -e).collect();
    }
    let from = match options.fit_from {
        Some(at) if options.kinetic => energy.partition_point(|e| *e < -at),
        Some(at) => energy.partition_point(|e| *e < at),
        None => net.len() - options.end_points,
    };
    let losses = Losses::new(energy, &net);
    let best = match loss.c {
        Some(c) => losses.with(loss, c, from),
        None => fitted(&losses, loss, from),
    };
    let Trial { b, c, sound, mut curve, .. } = best;
    if options.kinetic {
        curve.reverse();
    }
    for v in &mut curve {
        *v = level + b * *v;
    }
    let background = Background { curve, converged: sound, iterations: 1, final_tolerance: 0.0 };
    Ok(Tougaard { background, b, c })
}

fn check(x: Grid<'_>, loss: LossFunction, options: TougaardOptions) -> Result<()> {
    let invalid = |name, value, reason| Err(Error::InvalidOption { name, value, reason });
    match (loss.b, loss.c) {
        (Some(b), _) if !(b >= 0.0 && b.is_finite()) => return invalid("B", b, "must not be negative"),
        (_, Some(c)) if !(c > 0.0 && c.is_finite()) => {
            return invalid("C", c, "must be above 0 (its sign is part of the form)");
        }
        (_, None) if options.fit_from.is_none() => return invalid("fit_from", f64::NAN, "is needed to fit C"),
        _ => {}
    }
    if !(loss.d >= 0.0 && loss.d.is_finite()) || (loss.d == 0.0 && loss.sign < 0.0) {
        return invalid("D", loss.d, "must be above 0 for three parameters and never negative");
    }
    if !(loss.gap >= 0.0 && loss.gap.is_finite()) {
        return invalid("T0", loss.gap, "must not be negative");
    }
    let (first, last) = (x.x()[0], x.x()[x.len() - 1]);
    match options.fit_from {
        Some(at) if !(first < at && at < last) => invalid("fit_from", at, "must lie inside the axis"),
        _ => Ok(()),
    }
}

/// What one C gives.
struct Trial {
    b: f64,
    c: f64,
    /// Sum of squared differences over the fit range.
    misfit: f64,
    sound: bool,
    /// The curve for B = 1.
    curve: Vec<f64>,
}

/// The net spectrum as the source of losses.
struct Losses<'a> {
    energy: Vec<f64>,
    net: &'a [f64],
    /// Net area that each point stands for (trapezia).
    source: Vec<f64>,
    /// The step, where all are equal.
    step: Option<f64>,
}

impl<'a> Losses<'a> {
    fn new(energy: Vec<f64>, net: &'a [f64]) -> Self {
        let n = energy.len();
        let mean = (energy[n - 1] - energy[0]) / (n - 1) as f64;
        let equal = energy.windows(2).all(|w| ((w[1] - w[0]) / mean - 1.0).abs() < UNIFORM_TOLERANCE);
        let cell = |i: usize| 0.5 * (energy[(i + 1).min(n - 1)] - energy[i.saturating_sub(1)]);
        let source = net.iter().enumerate().map(|(i, v)| v * cell(i)).collect();
        Self { energy, net, source, step: equal.then_some(mean) }
    }

    fn with(&self, loss: LossFunction, c: f64, from: usize) -> Trial {
        let curve = self.curve(loss, c);
        let (net, range) = (&self.net[from..], &curve[from..]);
        let size = dot(range, range);
        let free = if size > 0.0 { dot(range, net) / size } else { 0.0 };
        let b = loss.b.unwrap_or(free.max(0.0));
        let misfit = net.iter().zip(range).map(|(y, f)| (y - b * f) * (y - b * f)).sum();
        Trial { b, c, misfit, sound: loss.b.is_some() || free >= 0.0, curve }
    }

    /// The integral for B = 1; K(0) = 0, so a point adds nothing to itself.
    fn curve(&self, loss: LossFunction, c: f64) -> Vec<f64> {
        let n = self.energy.len();
        let k = |t: f64| {
            let centre = c + loss.sign * t * t;
            let value = t / (centre * centre + loss.d * t * t);
            if t > loss.gap { value } else { 0.0 }
        };
        let Some(step) = self.step else {
            let at = |i: usize| {
                let sources = self.energy[..i].iter().zip(&self.source);
                sources.map(|(e, s)| k(self.energy[i] - e) * s).sum()
            };
            return (0..n).map(at).collect();
        };
        let backwards: Vec<f64> = (0..n).map(|i| k((n - 1 - i) as f64 * step)).collect();
        (0..n).map(|i| dot(&backwards[n - 1 - i..n - 1], &self.source[..i])).collect()
    }
}

/// The C of least misfit: a scan over its range in steps of a factor 1.5, then golden section.
fn fitted(losses: &Losses<'_>, loss: LossFunction, from: usize) -> Trial {
    const SCAN: usize = 12;
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let (low, high) = (C_RANGE.0.ln(), C_RANGE.1.ln());
    let at = |i: usize| low + (high - low) * i as f64 / SCAN as f64;
    let misfit = |log_c: f64| losses.with(loss, log_c.exp(), from).misfit;
    let scanned: Vec<f64> = (0..=SCAN).map(|i| misfit(at(i))).collect();
    let best = (0..=SCAN).min_by(|a, b| scanned[*a].total_cmp(&scanned[*b])).unwrap_or(0);
    let (mut a, mut b) = (at(best.saturating_sub(1)), at((best + 1).min(SCAN)));
    let (mut p, mut q) = (b - RATIO * (b - a), a + RATIO * (b - a));
    let (mut at_p, mut at_q) = (misfit(p), misfit(q));
    while b - a > 1e-6 {
        if at_p < at_q {
            (b, q, at_q) = (q, p, at_p);
            p = b - RATIO * (b - a);
            at_p = misfit(p);
        } else {
            (a, p, at_p) = (p, q, at_q);
            q = a + RATIO * (b - a);
            at_q = misfit(q);
        }
    }
    let trial = losses.with(loss, (0.5 * (a + b)).exp(), from);
    Trial { sound: trial.sound && best > 0 && best < SCAN, ..trial }
}

#[cfg(test)]
mod tests {
    use super::*;

    const U2: LossFunction = LossFunction { b: None, c: Some(1643.0), sign: 1.0, d: 0.0, gap: 0.0 };
    const OPTIONS: TougaardOptions = TougaardOptions { end_points: 3, fit_from: None, kinetic: false };

    /// A spectrum that is a peak plus the losses of the whole spectrum, by marching: y(E) = peak + integral of K y.
    fn region(n: usize, b: f64, c: f64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..n).map(|i| 900.0 + 0.25 * f64::from(i as u32)).collect();
        let (mut net, mut y, mut ground): (Vec<f64>, Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new(), Vec::new());
        for e in &x {
            let losses = x.iter().zip(&net).map(|(from, v)| {
                let t = e - from;
                0.25 * v * b * t / (c + t * t).powi(2)
            });
            ground.push(50.0 + losses.sum::<f64>());
            net.push(ground[ground.len() - 1] - 50.0 + 800.0 * (-((e - 920.0) / 1.5).powi(2)).exp());
            y.push(net[net.len() - 1] + 50.0);
        }
        (x, y, ground)
    }

    #[test]
    fn returns_the_losses_it_was_made_of_and_their_scale() {
        let (x, y, ground) = region(400, 2866.0, 1643.0);
        for (b, tolerance) in [(Some(2866.0), 1e-9), (None, 1e-9)] {
            let result = tougaard(Grid::new(&x).unwrap(), &y, LossFunction { b, ..U2 }, OPTIONS).unwrap();
            // the same sum in another order
            assert!((result.b / 2866.0 - 1.0).abs() < tolerance && result.background.converged);
            assert!(result.background.curve.iter().zip(&ground).all(|(s, g)| (s - g).abs() < tolerance * g));
        }
    }

    #[test]
    fn finds_c_as_well() {
        let (x, y, _) = region(400, 3200.0, 1100.0);
        let options = TougaardOptions { fit_from: Some(930.0), ..OPTIONS };
        let result = tougaard(Grid::new(&x).unwrap(), &y, LossFunction { c: None, ..U2 }, options).unwrap();
        // golden section to 1e-6 of ln C; the minimum is flat to the square root of rounding
        assert!(result.background.converged && (result.c / 1100.0 - 1.0).abs() < 1e-5, "{}", result.c);
        assert!((result.b / 3200.0 - 1.0).abs() < 1e-5);
    }

    #[test]
    fn kinetic_and_unequal_axes_give_the_same() {
        let (x, y, _) = region(301, 2866.0, 1643.0);
        let one = tougaard(Grid::new(&x).unwrap(), &y, U2, OPTIONS).unwrap().background.curve;
        let kinetic: Vec<f64> = x.iter().rev().map(|x| 1486.6 - x).collect();
        let reversed: Vec<f64> = y.iter().rev().copied().collect();
        let options = TougaardOptions { kinetic: true, ..OPTIONS };
        let other = tougaard(Grid::new(&kinetic).unwrap(), &reversed, U2, options).unwrap().background.curve;
        assert!(one.iter().zip(other.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-9 * a));
        let mut shaken = x.clone();
        shaken[150] += 1e-5;
        let third = tougaard(Grid::new(&shaken).unwrap(), &y, U2, OPTIONS).unwrap().background.curve;
        // one step moved by 4e-5 of itself
        assert!(one.iter().zip(&third).all(|(a, b)| (a - b).abs() < 1e-4 * a));
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let (x, y, _) = region(50, 2866.0, 1643.0);
        let name = |loss, options| match tougaard(Grid::new(&x).unwrap(), &y, loss, options) {
            Err(Error::InvalidOption { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(LossFunction { b: Some(-1.0), ..U2 }, OPTIONS), "B");
        assert_eq!(name(LossFunction { c: Some(-1643.0), ..U2 }, OPTIONS), "C");
        assert_eq!(name(LossFunction { c: None, ..U2 }, OPTIONS), "fit_from");
        assert_eq!(name(LossFunction { sign: -1.0, ..U2 }, OPTIONS), "D");
        assert_eq!(name(LossFunction { gap: -1.0, ..U2 }, OPTIONS), "T0");
        assert_eq!(name(U2, TougaardOptions { fit_from: Some(0.0), ..OPTIONS }), "fit_from");
    }
}
