//! Which phases explain a pattern.

use std::sync::Arc;

use braggite_core::identification::identify::{self, Choices, Identification};
use braggite_core::identification::limit::LimitOptions;
use braggite_core::identification::search::Width;
use numpy::{PyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::border::call_cancellable;
use crate::matching::{EngineState, InstrumentPrior, MatchPhase, Pattern};

/// Log evidence, significance, and rivals with the log evidence each loses.
type Weighed = (f64, f64, Vec<(usize, f64)>);
/// Factor on the counting time, None where none is enough, and the limit after endless counting.
type LongerTime = (Option<f64>, f64);

/// What a search found, by index of the candidate.
#[pyclass(frozen, module = "braggite._core")]
pub struct IdentificationView {
    inner: Identification,
}

#[pymethods]
impl IdentificationView {
    /// Members of the best hypothesis, in the order they joined.
    #[getter]
    fn members(&self) -> Vec<usize> {
        self.inner.best.candidates()
    }

    /// The members as phases, with the texture axis each was given.
    #[getter]
    fn phases(&self) -> Vec<MatchPhase> {
        self.inner.best.members.iter().map(|m| MatchPhase { inner: Arc::clone(&m.phase) }).collect()
    }

    /// State of the best hypothesis.
    #[getter]
    fn state(&self) -> EngineState {
        EngineState { inner: self.inner.best.state.clone() }
    }

    /// Log evidence of each member, its significance beside misfit, its rivals and how much log evidence each loses.
    #[getter]
    fn contributions(&self) -> Vec<Weighed> {
        self.inner.contributions.iter().map(|c| (c.log_evidence, c.significance, c.rivals.clone())).collect()
    }

    /// Hypotheses met with their log evidence in the search, best first.
    #[getter]
    fn hypotheses(&self) -> Vec<(Vec<usize>, f64)> {
        self.inner.hypotheses.clone()
    }

    /// Largest gain of each candidate in a screen, in log evidence.
    #[getter]
    fn screened<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.screened.to_pyarray(py)
    }

    /// Best gain of each candidate that was fitted.
    #[getter]
    fn fitted(&self) -> Vec<Option<f64>> {
        self.inner.fitted.clone()
    }

    /// Candidates that drew the same lines as a member of the set they were tried with.
    #[getter]
    fn repeats(&self) -> Vec<(usize, Vec<usize>)> {
        self.inner.repeats.clone()
    }

    /// Candidates whose fit failed, with the reason.
    #[getter]
    fn failed(&self) -> Vec<(usize, String)> {
        self.inner.failed.iter().map(|(i, error)| (*i, error.to_string())).collect()
    }

    /// Relative misfit of the best hypothesis.
    #[getter]
    fn discrepancy(&self) -> f64 {
        self.inner.discrepancy
    }
}

/// Largest weight fraction of a phase beside those of the best hypothesis but the members `without`; to `reach` one, the
/// factor on the counting time (None where none is enough) and the limit after endless counting.
#[pyfunction]
#[pyo3(signature = (found, phase, without, prior, *, rise, decoys, intensity_sd, reach))]
pub fn upper_limit(
    py: Python<'_>,
    found: &IdentificationView,
    phase: &MatchPhase,
    without: Vec<usize>,
    prior: &InstrumentPrior,
    rise: f64,
    decoys: usize,
    intensity_sd: f64,
    reach: Option<f64>,
) -> PyResult<(f64, Option<LongerTime>)> {
    let options = LimitOptions { rise, decoys, intensity_sd };
    let limit = call_cancellable(py, |cancel| {
        found.inner.upper_limit(&phase.inner, &without, &prior.inner, options, reach, cancel)
    })?;
    Ok((limit.weight_fraction, limit.counting_time.map(|time| (time.factor, time.floor))))
}

/// Search the candidates for the set that explains the pattern, and weigh each of its phases.
#[pyfunction]
#[pyo3(signature = (pattern, candidates, log_prior, prior, *, max_phases, beam, branch, least_gain, search_discrepancy,
    rival_margin, finalists))]
pub fn identify_phases(
    py: Python<'_>,
    pattern: &Pattern,
    candidates: Vec<PyRef<'_, MatchPhase>>,
    log_prior: Vec<f64>,
    prior: &InstrumentPrior,
    max_phases: usize,
    beam: usize,
    branch: usize,
    least_gain: f64,
    search_discrepancy: f64,
    rival_margin: f64,
    finalists: usize,
) -> PyResult<IdentificationView> {
    let phases = candidates.iter().map(|p| Arc::clone(&p.inner)).collect();
    let choices = Choices {
        freedom: prior.inner.clone(),
        width: Width { max_phases, beam, branch, least_gain },
        search_discrepancy,
        spline_intervals: pattern.spline_intervals,
        rival_margin,
        finalists,
    };
    let inner = call_cancellable(py, |cancel| identify::identify(&pattern.inner, phases, log_prior, &choices, cancel))?;
    Ok(IdentificationView { inner })
}
