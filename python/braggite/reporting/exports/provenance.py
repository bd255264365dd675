"""Where the numbers of an export come from, in one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite._core import __version__

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult, PhaseFit

CREATOR = f"braggite {__version__}"


def data_origin(result: MatchResult) -> str:
    """The file that was matched and its checksum; the name of the spectrum where it came from no file."""
    spectrum = result.spectrum
    if spectrum is None or (not spectrum.source.path and not spectrum.name):
        return "a pattern without a name"
    source = spectrum.source
    if not source.path:
        return spectrum.name
    scan = f", scan {source.scan}" if source.n_scans > 1 else ""
    checksum = f", sha256 {source.sha256}" if source.sha256 else ""
    return f"{source.path}{scan}{checksum}"


def state(result: MatchResult) -> str:
    """Whether the fit may be believed, and its agreement."""
    word = "converged" if result.converged else f"NOT CONVERGED ({result.stop_reason})"
    return f"{word}, Rwp {result.statistics.rwp_percent:.2f} %, GoF {result.statistics.gof:.2f}"


def outcome(result: MatchResult) -> str:
    """The state, and which numbers ended at a bound."""
    bounds = f"; at a bound: {', '.join(result.at_bound)}" if result.at_bound else ""
    return state(result) + bounds


def reference_origin(phase: PhaseFit) -> str | None:
    """The reference that a phase was matched with, and its source; None where there is none."""
    if phase.reference is None:
        return None
    caveat = f". {phase.reference.caveat}" if phase.reference.caveat else ""
    return f"{phase.reference.title} ({phase.reference.citation}){caveat}"
