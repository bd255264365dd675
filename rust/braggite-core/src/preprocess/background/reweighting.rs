//! How residuals become weights, in the widest vectors the processor has.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use std::array::from_fn;

use crate::exponential::exp;
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::lanes::{Lanes, filled, minus, plus, times};

/// How the residuals of one pass become the weights of the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reweighting {
    /// Asymmetric least squares: `p` above the curve, `1 - p` below (Eilers, Anal. Chem. 76 (2004) 404; Eilers and
    /// Boelens, Leiden 2005).
    Asls {
        /// Weight of points above the curve, 0 to 1.
        p: f64,
    },
    /// Adaptive: zero above, growing exponentially with the pass below (Zhang, Analyst 135 (2010) 1138; the exponent
    /// is positive: its sign is misprinted in equation 9).
    Airpls,
    /// Logistic in the residual, centred at `2 s - m` of the negative residuals (Baek, Analyst 140 (2015) 250).
    Arpls,
    /// Nearly a step at `2 s`, steeper with every pass (Ye, Appl. Opt. 59 (2020) 10933).
    Iarpls,
    /// Nearly a step at `2 s - m`, steeper with every pass (Xu, Appl. Opt. 58 (2019) 3913).
    Drpls,
    /// Logistic of slope `steepness / s`, centred at `s` (Zhang, Spectrosc. Lett. 53 (2020) 222).
    Aspls {
        /// Steepness; the paper prints 2, its figures and tables are met by 0.5.
        steepness: f64,
    },
    /// As asls, the weight above decaying as exp(-d / k) (Oller-Moreno, IEEE SSD (2014) 1).
    Psalsa {
        /// Weight just above the curve, 0 to 1.
        p: f64,
        /// Height at which a point counts as peak, in the unit of the ordinates.
        k: f64,
    },
    /// As asls, the weight above decaying as exp(-(d / k)^2 / 2) (Korepanov, J. Raman Spectrosc. 51 (2020) 2061).
    Derpsalsa {
        /// Weight just above the curve, 0 to 1.
        p: f64,
        /// Height at which a point counts as peak, in the unit of the ordinates.
        k: f64,
    },
}

impl Reweighting {
    /// Weight just above the curve; NaN where the rule has none.
    fn p(self) -> f64 {
        match self {
            Self::Asls { p } | Self::Psalsa { p, .. } | Self::Derpsalsa { p, .. } => p,
            _ => f64::NAN,
        }
    }

    /// Height at which a point counts as peak; NaN where the rule has none.
    fn k(self) -> f64 {
        match self {
            Self::Psalsa { k, .. } | Self::Derpsalsa { k, .. } => k,
            _ => f64::NAN,
        }
    }
}

/// L spectra side by side after a pass.
pub(super) struct Pass<'a, const L: usize> {
    /// How many passes each has made.
    pub number: [usize; L],
    pub y: &'a [Lanes<L>],
    /// The curves of this pass.
    pub z: &'a [Lanes<L>],
    /// Factors on the weights.
    pub given: &'a [Lanes<L>],
    /// The weights of this pass, which give way to those of the next.
    pub weights: &'a mut [Lanes<L>],
}

/// Replace the weights, all by one kind of rule; returns for each spectrum the change that the stop rule compares with
/// `tol`, or `None` where fewer than two points lie below the curve. L must divide 8.
pub(super) fn update<const L: usize>(rules: &[Reweighting; L], pass: &mut Pass<'_, L>) -> [Option<f64>; L] {
    update_with(InstructionSet::widest(), rules, pass)
}

for_each_instruction_set! {
    fn update_with[const L: usize](rules: &[Reweighting; L], pass: &mut Pass<'_, L>) -> [Option<f64>; L] = update_any;
}

#[inline(always)]
fn update_any<const L: usize>(rules: &[Reweighting; L], pass: &mut Pass<'_, L>) -> [Option<f64>; L] {
    let (p, k) = (spread(rules.map(Reweighting::p)), spread(rules.map(Reweighting::k)));
    let below = p.map(|p| 1.0 - p);
    match rules[0] {
        Reweighting::Asls { .. } => rewrite(pass, Step { above: p, below }).map(Some),
        Reweighting::Psalsa { .. } => rewrite(pass, Fading::<false> { p, k, below }).map(Some),
        Reweighting::Derpsalsa { .. } => rewrite(pass, Fading::<true> { p, k, below }).map(Some),
        _ => update_by_deviation(rules, pass),
    }
}

/// The rules that measure residuals by the standard deviation (airPLS: the sum) of those below the curve.
#[inline(always)]
fn update_by_deviation<const L: usize>(rules: &[Reweighting; L], pass: &mut Pass<'_, L>) -> [Option<f64>; L] {
    let below = Below::of(pass);
    let deviation = below.map(|b| b.deviation);
    let twice_less_mean = spread(below.map(|b| 2.0 * b.deviation - b.mean));
    let stepped = spread::<L>(from_fn(|lane| step_slope(pass.number[lane], deviation[lane])));
    let changes = match rules[0] {
        Reweighting::Arpls => {
            rewrite(pass, Logistic { slope: spread(deviation.map(|s| 2.0 / s)), centre: twice_less_mean })
        }
        Reweighting::Aspls { steepness } => {
            rewrite(pass, Logistic { slope: spread(deviation.map(|s| steepness / s)), centre: spread(deviation) })
        }
        Reweighting::Iarpls => {
            rewrite(pass, Sigmoid::<true> { slope: stepped, centre: spread(deviation.map(|s| 2.0 * s)) })
        }
        Reweighting::Drpls => rewrite(pass, Sigmoid::<false> { slope: stepped, centre: twice_less_mean }),
        _ => {
            let factor = spread::<L>(from_fn(|lane| pass.number[lane].min(50) as f64 / below[lane].sum));
            rewrite(pass, Growing { factor });
            from_fn(|lane| below[lane].sum.abs() / below[lane].size.max(f64::MIN_POSITIVE))
        }
    };
    from_fn(|lane| (below[lane].count >= 2.0).then_some(changes[lane]))
}

/// How a residual becomes a weight. Traits instead of closures, because these are sure to be inlined.
trait Weight {
    /// The weight of the residual `d` at place `t` among eight numbers.
    fn of(&self, t: usize, d: f64) -> f64;
}

/// One weight above the curve, another below.
struct Step {
    above: Wide,
    below: Wide,
}

impl Weight for Step {
    #[inline(always)]
    fn of(&self, t: usize, d: f64) -> f64 {
        choose(d > 0.0, self.above[t], self.below[t])
    }
}

/// Above the curve p exp(-d / k), or with the square p exp(-(d / k)^2 / 2).
struct Fading<const SQUARE: bool> {
    p: Wide,
    k: Wide,
    below: Wide,
}

impl<const SQUARE: bool> Weight for Fading<SQUARE> {
    #[inline(always)]
    fn of(&self, t: usize, d: f64) -> f64 {
        let height = d / self.k[t];
        let exponent = if SQUARE { -0.5 * height * height } else { -height };
        choose(d > 0.0, self.p[t] * exp(exponent), self.below[t])
    }
}

/// 1 / (1 + exp(v)), v the residual from the centre times the slope.
struct Logistic {
    slope: Wide,
    centre: Wide,
}

impl Weight for Logistic {
    #[inline(always)]
    fn of(&self, t: usize, d: f64) -> f64 {
        1.0 / (1.0 + exp(self.slope[t] * (d - self.centre[t])))
    }
}

/// (1 - v / (1 + |v|)) / 2, or with the root (1 - v / sqrt(1 + v^2)) / 2.
struct Sigmoid<const ROOT: bool> {
    slope: Wide,
    centre: Wide,
}

impl<const ROOT: bool> Weight for Sigmoid<ROOT> {
    #[inline(always)]
    fn of(&self, t: usize, d: f64) -> f64 {
        let v = self.slope[t] * (d - self.centre[t]);
        let v = choose(v > 1e100, 1e100, v);
        let v = choose(v < -1e100, -1e100, v);
        let size = if ROOT { (1.0 + v * v).sqrt() } else { 1.0 + v.abs() };
        0.5 * (1.0 - v / size)
    }
}

/// exp(factor d) below the curve, where both are negative; nothing above.
struct Growing {
    factor: Wide,
}

impl Weight for Growing {
    #[inline(always)]
    fn of(&self, t: usize, d: f64) -> f64 {
        choose(d < 0.0, exp(self.factor[t] * d), 0.0)
    }
}

/// Either value, both at hand, so that loops need no branch.
#[inline(always)]
fn choose(condition: bool, one: f64, other: f64) -> f64 {
    if condition { one } else { other }
}

/// Slope of the nearly stepped weights: e^pass deviations, pass 100 being a step in any arithmetic.
fn step_slope(pass: usize, deviation: f64) -> f64 {
    (exp(pass.min(100) as f64) / deviation).min(1e100)
}

/// Eight numbers that follow one another in memory: eight points of one spectrum, or one point of eight.
type Wide = Lanes<8>;

/// What belongs to each spectrum, at the places that its points have among eight numbers.
#[inline(always)]
fn spread<const L: usize>(values: [f64; L]) -> Wide {
    from_fn(|t| values[t % L])
}

/// What is done with eight numbers at once.
trait Visitor {
    /// `at` counts the visits.
    fn visit(&mut self, at: usize, y: Wide, z: Wide, given: Wide, weights: &mut Wide);
}

/// Visit y, curve, factors and weights; the last eight may be filled up by zeros, which count nowhere.
#[inline(always)]
fn visit<const L: usize>(pass: &mut Pass<'_, L>, visitor: &mut impl Visitor) {
    let (y, y_rest) = pass.y.as_flattened().as_chunks();
    let (z, z_rest) = pass.z.as_flattened().as_chunks();
    let (given, given_rest) = pass.given.as_flattened().as_chunks();
    let (weights, weights_rest) = pass.weights.as_flattened_mut().as_chunks_mut();
    for (at, (((y, z), given), weights)) in y.iter().zip(z).zip(given).zip(weights).enumerate() {
        visitor.visit(at, *y, *z, *given, weights);
    }
    if !y_rest.is_empty() {
        let mut last = filled(weights_rest);
        visitor.visit(0, filled(y_rest), filled(z_rest), filled(given_rest), &mut last);
        weights_rest.copy_from_slice(&last[..weights_rest.len()]);
    }
}

/// Partial sums of L spectra: of each, every eighth point in one.
type Sums<const L: usize> = [Wide; L];

/// Never inlined: summed up in place, the parts would no longer stay together in vectors in the loop before.
#[inline(never)]
fn totals<const L: usize>(sums: &Sums<L>) -> [f64; L] {
    from_fn(|lane| sums.as_flattened().iter().skip(lane).step_by(L).sum())
}

/// The next weights, factors times the weight of each residual; returns the relative changes |new - old| / |old|,
/// Euclidean.
#[inline(always)]
fn rewrite<const L: usize>(pass: &mut Pass<'_, L>, weight: impl Weight) -> [f64; L] {
    let mut rewriting = Rewriting { weight, changes: [[0.0; 8]; L], sizes: [[0.0; 8]; L] };
    visit(pass, &mut rewriting);
    let (changes, sizes) = (totals(&{ rewriting.changes }), totals(&{ rewriting.sizes }));
    from_fn(|lane| (changes[lane] / sizes[lane].max(f64::MIN_POSITIVE)).sqrt())
}

struct Rewriting<const L: usize, W> {
    weight: W,
    changes: Sums<L>,
    sizes: Sums<L>,
}

impl<const L: usize, W: Weight> Visitor for Rewriting<L, W> {
    #[inline(always)]
    fn visit(&mut self, at: usize, y: Wide, z: Wide, given: Wide, weights: &mut Wide) {
        let mut new = minus(y, z);
        for (t, value) in new.iter_mut().enumerate() {
            *value = given[t] * self.weight.of(t, *value);
        }
        let change = minus(new, *weights);
        self.changes[at % L] = plus(self.changes[at % L], times(change, change));
        self.sizes[at % L] = plus(self.sizes[at % L], times(*weights, *weights));
        *weights = new;
    }
}

/// The residuals below the curve, outside the mask.
#[derive(Clone, Copy)]
struct Below {
    count: f64,
    sum: f64,
    mean: f64,
    deviation: f64,
    /// Sum of |y| at all points outside the mask.
    size: f64,
}

impl Below {
    #[inline(always)]
    fn of<const L: usize>(pass: &mut Pass<'_, L>) -> [Self; L] {
        let zeros = [[0.0; 8]; L];
        let mut adding = Adding { counts: zeros, sums: zeros, squares: zeros, sizes: zeros };
        visit(pass, &mut adding);
        let Adding { counts, sums, squares, sizes } = adding;
        let [counts, sums, squares, sizes] = [totals(&counts), totals(&sums), totals(&squares), totals(&sizes)];
        from_fn(|lane| {
            let (count, sum) = (counts[lane], sums[lane]);
            let mean = sum / count;
            let variance = (squares[lane] - sum * mean).max(0.0) / (count - 1.0);
            Self { count, sum, mean, deviation: variance.sqrt().max(f64::MIN_POSITIVE), size: sizes[lane] }
        })
    }
}

struct Adding<const L: usize> {
    counts: Sums<L>,
    sums: Sums<L>,
    squares: Sums<L>,
    sizes: Sums<L>,
}

impl<const L: usize> Visitor for Adding<L> {
    #[inline(always)]
    fn visit(&mut self, at: usize, y: Wide, z: Wide, given: Wide, _: &mut Wide) {
        let at = at % L;
        let counted = given.map(|g| choose(g > 0.0, 1.0, 0.0));
        let residual = minus(y, z);
        let below = from_fn(|t| choose(residual[t] < 0.0, counted[t], 0.0));
        let residual = times(residual, below);
        self.counts[at] = plus(self.counts[at], below);
        self.sums[at] = plus(self.sums[at], residual);
        self.squares[at] = plus(self.squares[at], times(residual, residual));
        self.sizes[at] = plus(self.sizes[at], times(y.map(f64::abs), counted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [Reweighting; 8] = [
        Reweighting::Asls { p: 0.01 },
        Reweighting::Airpls,
        Reweighting::Arpls,
        Reweighting::Iarpls,
        Reweighting::Drpls,
        Reweighting::Aspls { steepness: 0.5 },
        Reweighting::Psalsa { p: 0.5, k: 3.0 },
        Reweighting::Derpsalsa { p: 0.01, k: 3.0 },
    ];
    const POINTS: usize = 1003;

    fn ordinate(lane: usize, i: usize) -> f64 {
        ((i * 7919 + 31 * lane) % 101) as f64
    }

    /// Weights and changes of `L` different spectra, the first of them number `from`.
    fn updated<const L: usize>(
        set: InstructionSet,
        rule: Reweighting,
        from: usize,
    ) -> (Vec<[f64; L]>, [Option<f64>; L]) {
        let y: Vec<[f64; L]> = (0..POINTS).map(|i| from_fn(|lane| ordinate(from + lane, i))).collect();
        let z: Vec<[f64; L]> = (0..POINTS).map(|i| [40.0 + 0.01 * i as f64; L]).collect();
        let (given, mut weights) = (vec![[1.0; L]; POINTS], vec![[1.0; L]; POINTS]);
        let number = from_fn(|lane| 2 + from + lane);
        let changes =
            update_with(set, &[rule; L], &mut Pass { number, y: &y, z: &z, given: &given, weights: &mut weights });
        (weights, changes)
    }

    #[test]
    fn side_by_side_as_alone_with_any_instruction_set() {
        let plain = InstructionSet::available().next().unwrap();
        for rule in RULES {
            for set in InstructionSet::available() {
                let (weights, changes) = updated::<8>(set, rule, 0);
                for lane in 0..8 {
                    let (alone, change) = updated::<1>(plain, rule, lane);
                    assert_eq!(changes[lane], change[0]);
                    assert!(weights.iter().zip(&alone).all(|(all, one)| all[lane].to_bits() == one[0].to_bits()));
                    assert_eq!(updated::<1>(set, rule, lane), (alone, change));
                }
            }
        }
    }

    #[test]
    fn points_outside_the_mask_decide_alone() {
        let given: Vec<[f64; 1]> = (0..20).map(|i| [f64::from(u8::from(i % 3 > 0))]).collect();
        let z = vec![[50.0]; 20];
        let spoilt = |value: f64| -> Vec<[f64; 1]> {
            (0..20).map(|i| [if i % 3 > 0 { ordinate(0, i) } else { value }]).collect()
        };
        for rule in RULES {
            let [one, other] = [0.0, 1e9].map(|value| {
                let (y, mut weights) = (spoilt(value), given.clone());
                let pass = &mut Pass { number: [1], y: &y, z: &z, given: &given, weights: &mut weights };
                let change = update(&[rule], pass);
                (change, weights)
            });
            assert_eq!(one, other);
        }
    }
}
