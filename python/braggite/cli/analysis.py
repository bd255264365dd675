"""The two analyses that verbs share, each behind one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import braggite as bg
from braggite.cli.options import Output
from braggite.cli.output import say
from braggite.errors import OptionError

if TYPE_CHECKING:
    from braggite.cli.requests import Request
    from braggite.identification.report import PhaseReport
    from braggite.matching import LineMatch, MatchOptions, MatchResult
    from braggite.references import Phase
    from braggite.spectrum import Spectrum

NOT_CONVERGED = 1
REQUIRE_NOT_MET = 5


def identified(request: Request) -> PhaseReport:
    """The phase report of a request, the command line's options echoed beside those of the search."""
    options = bg.IdentifyOptions(
        reach=request.reach,
        match=bg.MatchOptions(internal_standard=request.internal_standard, instrument=request.instrument),
    )
    report = bg.identify(request.spectra, library=request.library, watch=request.watch, options=options)
    echoed = {"command": request.options, **report.options}
    return replace(report, sample=request.name, options=echoed, library=request.provenance)


METHODS = {
    "structure": "match_structure",
    "pawley": "match_pawley",
    "lebail": "match_lebail",
    "lines": "match_lines",
    "direct-derivation": "match_direct_derivation",
}
"""Functions of the package by the word of ``--method``; looked up when one is called."""


def matched(spectrum: Spectrum, phases: Sequence[Phase], method: str, options: MatchOptions) -> MatchResult | LineMatch:
    """The match of named phases by one of ``METHODS``; ``OptionError`` for another."""
    if method not in METHODS:
        raise OptionError(f"unknown method {method!r}", where="--method", suggestion=f"one of {', '.join(METHODS)}")
    match: Callable[..., MatchResult | LineMatch] = getattr(bg, METHODS[method])
    return match(spectrum, phases, options=options)


def exit_code(request: Request, report: PhaseReport, output: Output) -> int:
    """5 when a required phase is not present, 1 when a fit did not converge, else 0; messages say which."""
    present = {phase.name for phase in report.phases if phase.verdict == "present"}
    missing = [name for name in request.require if name not in present]
    for name in missing:
        say(output, f"braggite: required phase {name} is not present")
    if missing:
        return REQUIRE_NOT_MET
    stopped = [fit.stop_reason for fit in report.fits if fit is not None and not fit.converged]
    for reason in stopped:
        say(output, f"braggite: the fit did not converge: {reason}")
    return NOT_CONVERGED if stopped else 0
