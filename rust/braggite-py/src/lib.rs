//! Thin Python binding of braggite-core: one file a room of the core.

#![allow(clippy::needless_pass_by_value, reason = "arguments extracted from Python arrive owned")]

mod bands;
mod border;
mod conditioning;
mod crystal;
mod formats;
mod identification;
mod line_index;
mod lineshape;
mod matching;
mod peak_fit;
mod peaks;
mod preprocess;
mod spectra;

use pyo3::prelude::*;

/// The compiled module `braggite._core`; its typed face is `python/braggite/_core.pyi`.
#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::bands::{BandMatchView, match_bands, relative_discrepancy};
    #[pymodule_export]
    use super::conditioning::{despike, despike_replicates, smooth_savitzky_golay, smooth_whittaker};
    #[pymodule_export]
    use super::crystal::{Structure, lorentz_polarisation};
    #[pymodule_export]
    use super::formats::regular_rows;
    #[pymodule_export]
    use super::identification::{IdentificationView, identify_phases, upper_limit};
    #[pymodule_export]
    use super::line_index::{LineShelf, nominate_phases};
    #[pymodule_export]
    use super::lineshape::{LineShape, faddeeva_function, line_shape_names};
    #[pymodule_export]
    use super::matching::{
        EngineState, InstrumentPrior, MatchPhase, MatchedPhaseView, Pattern, PatternMatchView, calibrate_instrument,
        match_pawley, match_structure, settle_phases, strain_terms,
    };
    #[pymodule_export]
    use super::peak_fit::{PeakFitView, PeakModel, fit_peaks, rough_fwhm};
    #[pymodule_export]
    use super::peaks::{estimate_fwhm, estimate_sigma, find_peaks};
    #[pymodule_export]
    use super::preprocess::{
        background_chebyshev, background_concave_rubber_band, background_linear, background_polynomial,
        background_rubber_band, background_shirley, background_snip, background_sonneveld_visser, background_tougaard,
        background_whittaker, splines::background_penalised_spline, whittaker_lam, windows::background_windows,
    };
    #[pymodule_export]
    use super::spectra::SpectrumShelf;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", braggite_core::VERSION)?;
        module.add("build_profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
        module.add("source_digest", env!("BRAGGITE_SOURCE_DIGEST"))
    }
}
