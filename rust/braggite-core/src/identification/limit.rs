//! The largest amount of a phase that a pattern allows which others explain.

use crate::error::Result;
use crate::identification::counting_time::{CountingTime, Variance, counting_time};
use crate::identification::hypothesis::{Hypothesis, Setting};
use crate::identification::placement::{Stand, evenly};
use crate::identification::profile::Profile;
use crate::matching::background::{Room, Underneath};
use crate::matching::column::Column;
use crate::matching::fit::evaluate;
use crate::matching::freedom::{inverse, metric_with_derivatives};
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::model::Model;
use crate::matching::model::projection::{Addition, Projection, Taken};
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::state::{Refined, State};

/// Placements tried for each number that may differ from the reference.
const PLACEMENTS: usize = 40;
/// First and last step, of a range of one, with which the best placement is sought more closely, and rounds at most.
const STEPS: (f64, f64) = (0.12, 0.01);
const ROUNDS: usize = 24;
/// A decoy must keep as much of its lines apart from those of the phases found as the phase does, within this factor.
const COMPARABLE: f64 = 2.0;
/// Fewer comparable decoys say nothing.
const ENOUGH_DECOYS: usize = 30;
/// What counting alone leaves of the common error model at least.
const LEAST_MISFIT: f64 = 0.5;
/// Share of decoys, and the number of standard deviations within which that share of a normal variable lies.
const DECOY_SHARE: (f64, f64) = (0.9, 1.645);
/// Share of a curve that the model must leave for its amount to be determined.
const DETERMINED: f64 = 1e-9;

/// How a limit is to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitOptions {
    /// Rise of chi-square at the limit: the square of the one-sided normal quantile.
    pub rise: f64,
    /// Decoys that measure what misfit does to an amount that is not there.
    pub decoys: usize,
    /// Relative standard deviation of the intensity of each line about that of the reference.
    pub intensity_sd: f64,
}

/// How much of a phase may be there unseen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Upper limit of its weight fraction.
    pub weight_fraction: f64,
    /// How long to count for a limit that was asked for.
    pub counting_time: Option<CountingTime>,
}

/// A limit that counting longer should reach.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// Weight fraction.
    pub weight_fraction: f64,
    /// Weight of each point by counting alone.
    pub counting: &'a [f64],
}

/// Bound the amount of `phase` beside those of `hypothesis`, which `setting` has fitted.
///
/// The likelihood is averaged over cell and width of the phase within what its reference allows, everything else free
/// to give way; the limit is that of an amount that cannot be negative: Cowan et al. (2011), Eur. Phys. J. C 71, 1554.
/// Chi-square is divided by what decoys, the same lines elsewhere, show of misfit.
///
/// # Errors
/// Those of the engine.
pub fn upper_limit(
    setting: &Setting<'_>,
    hypothesis: &Hypothesis,
    phase: &Phase,
    options: LimitOptions,
    reach: Option<Reach<'_>>,
) -> Result<Limit> {
    let scene = Scene::new(setting, hypothesis)?;
    let alone = [phase];
    let model = scene.model()?;
    let fitted = scene.fitted(&model)?;
    let stand = Stand::new(scene.regions(), &alone, &hypothesis.state, setting.freedom)?;
    let mut trials = Trials::new(&fitted, stand);
    let reference = trials.stand.placement(&vec![0.5; trials.stand.n_dimensions()]);
    let systematic = match trials.at(&reference)? {
        Some(addition) => trials.misfit_factor(addition.kept(), options.decoys)?,
        None => 1.0,
    };
    let met = trials.explore()?;
    let Some((best, _)) = met.best else {
        let counting_time = reach.map(|_| CountingTime { factor: None, floor: 1.0 });
        return Ok(Limit { weight_fraction: 1.0, counting_time });
    };
    let profile = Profile { systematic, points: met.points };
    let centre = (best.pull / best.information).max(0.0);
    // An error of the intensities is one of the amount; at the limit it counts in full.
    let intensity_sd = options.intensity_sd * unevenness(phase, setting, hypothesis);
    let limit = |variance: f64| {
        let (centre, upper) = (variance * centre, profile.after(variance).upper(options.rise));
        let rise = (upper - centre).powi(2) + options.rise * (intensity_sd * upper).powi(2);
        share_of_mass(hypothesis, phase, centre + rise.sqrt())
    };
    let counting_time = match reach {
        Some(Reach { weight_fraction, counting }) => {
            let counting = trials.variance_by(counting, &reference)?;
            let variance = Variance { counting, total: systematic.powi(2).max(1.0) };
            Some(counting_time(variance, weight_fraction, limit))
        }
        None => None,
    };
    Ok(Limit { weight_fraction: limit(1.0), counting_time })
}

/// How clearly the phase at `position` of `with` stands out beside the others, which `without` holds fitted alone: its
/// amount over the standard deviation of that. Misfit is what decoys show beside `all` of them, that phase among them.
///
/// # Errors
/// Those of the engine.
pub fn significance(
    setting: &Setting<'_>,
    with: &Hypothesis,
    all: &Fitted<'_, '_>,
    position: usize,
    without: &Hypothesis,
    decoys: usize,
) -> Result<f64> {
    let alone = [with.members[position].phase.as_ref()];
    let own = &with.state.phases[position];
    let stand = |scene| Stand::as_fitted(scene, &alone, &with.state, own, setting.freedom);
    let scene = Scene::new(setting, without)?;
    let model = scene.model()?;
    let beside = scene.fitted(&model)?;
    let mut trials = Trials::new(&beside, stand(scene.regions())?);
    let placement = trials.stand.placement_of(own);
    let Some(found) = trials.at(&placement)? else { return Ok(0.0) };
    let systematic = Trials::new(all, stand(all.scene.regions())?).misfit_factor(found.kept(), decoys)?;
    Ok(found.pull / (found.information.sqrt() * systematic))
}

/// The pattern with the background estimated underneath the lines of a hypothesis, and what the hypothesis refines.
#[derive(Debug)]
pub struct Scene<'h> {
    region: Region,
    background: Underneath,
    phases: Vec<&'h Phase>,
    state: &'h State,
    refined: Vec<Refined>,
}

impl<'h> Scene<'h> {
    /// The scene of `hypothesis`.
    ///
    /// # Errors
    /// Those of the smoother.
    pub fn new(setting: &Setting<'_>, hypothesis: &'h Hypothesis) -> Result<Self> {
        let background = Underneath::new(setting.region, &hypothesis.lines())?;
        let region = Region { background: background.background.clone(), ..setting.region.clone() };
        let phases: Vec<&Phase> = hypothesis.members.iter().map(|member| member.phase.as_ref()).collect();
        let refined = setting.refined(&phases, &hypothesis.state);
        Ok(Self { region, background, phases, state: &hypothesis.state, refined })
    }

    fn regions(&self) -> &[Region] {
        std::slice::from_ref(&self.region)
    }

    /// Its model, evaluated where it was fitted.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn model(&self) -> Result<Model<'_>> {
        let (mut model, _) = evaluate(self.regions(), &self.phases, self.state.clone())?;
        model.move_also(self.refined.iter().map(|entry| entry.role).collect());
        Ok(model)
    }

    /// The fit of its `model`, to first order.
    ///
    /// # Errors
    /// `NotPositiveDefinite`.
    pub fn fitted<'m, 'a>(&'m self, model: &'m Model<'a>) -> Result<Fitted<'m, 'a>> {
        Ok(Fitted { scene: self, projection: model.projection(&self.refined)? })
    }
}

/// A scene as further curves see it.
#[derive(Debug)]
pub struct Fitted<'m, 'a> {
    scene: &'m Scene<'m>,
    projection: Projection<'m, 'a>,
}

/// The phase tried at one placement after the other.
struct Trials<'m, 'a> {
    fitted: &'m Fitted<'m, 'a>,
    stand: Stand<'m>,
    /// The latest curve, over all points, and room for what is taken from it.
    curve: Column,
    room: Room,
    taken: Taken,
}

/// What the phase adds, and the penalty, at placements spread evenly; what it adds at the best placement met.
#[derive(Default)]
struct Met {
    points: Vec<(Addition, f64)>,
    best: Option<(Addition, f64)>,
}

impl Met {
    /// Whether this lowers chi-square more than the best before, which it then replaces; less than nothing raises it.
    fn improves(&mut self, addition: Addition, penalty: f64) -> bool {
        let gain = addition.pull * addition.pull.abs() / addition.information - penalty;
        let better = self.best.is_none_or(|(_, before)| gain > before);
        if better {
            self.best = Some((addition, gain));
        }
        better
    }
}

impl<'m, 'a> Trials<'m, 'a> {
    fn new(fitted: &'m Fitted<'m, 'a>, stand: Stand<'m>) -> Self {
        let (curve, room) = (Column::default(), fitted.scene.background.room());
        Self { fitted, stand, curve, room, taken: Taken::default() }
    }

    /// What the phase would add at a placement, the background estimate giving way; None where nothing of it is left.
    fn at(&mut self, placement: &[f64]) -> Result<Option<Addition>> {
        self.draw(placement)?;
        let addition = self.fitted.projection.of(&mut self.curve, &mut self.taken);
        Ok((addition.information > DETERMINED * addition.alone).then_some(addition))
    }

    /// Share of the variance of the amount at a placement that errors with such weights make.
    fn variance_by(&mut self, weights: &[f64], placement: &[f64]) -> Result<f64> {
        self.draw(placement)?;
        Ok(self.fitted.projection.variance_by(weights, self.curve.clone()))
    }

    /// Draw the phase at a placement less what the background estimate takes of it.
    fn draw(&mut self, placement: &[f64]) -> Result<()> {
        let Scene { background, .. } = self.fitted.scene;
        self.curve.clear_over(0..background.background.len());
        self.stand.at(placement)?.add_to(&mut self.curve.values, 1.0);
        background.leave(&mut self.curve.values, &mut self.room)
    }

    /// Additions at placements spread over all that are possible, and the best after a closer look around it.
    fn explore(&mut self) -> Result<Met> {
        let dimensions = self.stand.n_dimensions();
        let mut met = Met::default();
        let mut unit = vec![0.5; dimensions];
        for next in evenly(PLACEMENTS * dimensions, dimensions) {
            let Some((addition, penalty)) = self.visit(&next)? else { continue };
            met.points.push((addition, penalty));
            if met.improves(addition, penalty) {
                unit = next;
            }
        }
        let (mut step, last) = STEPS;
        for _ in 0..ROUNDS {
            let mut improved = false;
            for (dimension, side) in (0..dimensions).flat_map(|dimension| [(dimension, -step), (dimension, step)]) {
                let mut beside = unit.clone();
                beside[dimension] = (beside[dimension] + side).clamp(0.0, 1.0);
                let Some((addition, penalty)) = self.visit(&beside)? else { continue };
                if met.improves(addition, penalty) {
                    (unit, improved) = (beside, true);
                }
            }
            if !improved {
                step *= 0.5;
            }
            if step < last {
                break;
            }
        }
        Ok(met)
    }

    fn visit(&mut self, unit: &[f64]) -> Result<Option<(Addition, f64)>> {
        let placement = self.stand.placement(unit);
        let penalty = self.stand.penalty(&placement);
        Ok(self.at(&placement)?.map(|addition| (addition, penalty)))
    }

    /// How much wider than expected the amounts of decoys scatter which keep about the share `own` of their curve apart
    /// from the rest; 1 where they do not or too few are such.
    fn misfit_factor(&mut self, own: f64, count: usize) -> Result<f64> {
        let mut scatter = Vec::with_capacity(count);
        for unit in evenly(count, self.stand.n_dimensions()) {
            let decoy = self.stand.decoy(&unit);
            let Some(addition) = self.at(&decoy)? else { continue };
            if (COMPARABLE.recip()..COMPARABLE).contains(&(addition.kept() / own)) {
                scatter.push(addition.pull.abs() / addition.information.sqrt());
            }
        }
        if scatter.len() < ENOUGH_DECOYS {
            return Ok(1.0);
        }
        scatter.sort_by(f64::total_cmp);
        let (share, expected) = DECOY_SHARE;
        Ok((scatter[(share * scatter.len() as f64) as usize] / expected).max(LEAST_MISFIT))
    }
}

/// Root of the sum of squared shares of the lines in what determines the amount: 1 for a single line.
fn unevenness(phase: &Phase, setting: &Setting<'_>, hypothesis: &Hypothesis) -> f64 {
    let mut state = hypothesis.state.clone();
    state.phases = vec![setting.freedom.start_phase(phase, 0.0)];
    let table = LineTable::new(phase, setting.region);
    let squares: Vec<f64> =
        place_lines(phase, &table, 0, &state, 0, setting.region).map(|line| line.area * line.area).collect();
    let total: f64 = squares.iter().sum();
    squares.iter().map(|square| (square / total).powi(2)).sum::<f64>().sqrt()
}

/// Weight fraction of a phase that joins with a scale: Hill and Howard (1987), J. Appl. Cryst. 20, 467.
fn share_of_mass(hypothesis: &Hypothesis, phase: &Phase, scale: f64) -> f64 {
    let mass = |phase: &Phase, cell: &[f64; 6]| {
        let (_, determinant) = inverse(&metric_with_derivatives(cell).0);
        phase.cell_mass * determinant.max(0.0).sqrt()
    };
    let own = scale * mass(phase, &phase.cell);
    let others = hypothesis
        .members
        .iter()
        .enumerate()
        .map(|(p, member)| hypothesis.scales[p] * mass(&member.phase, &hypothesis.state.cell(p, &member.phase)));
    let total = own + others.sum::<f64>();
    if total > 0.0 { own / total } else { 1.0 }
}
