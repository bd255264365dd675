"""Match named phases with strengths of their own: Pawley, Le Bail, and the dial between them and structures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from braggite import _core
from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.matching.anisotropic_strain import follow_directions
from braggite.matching.displacement_factors import by_element, untold
from braggite.matching.doubt import with_doubts
from braggite.matching.ghost_shares import with_ghosts
from braggite.matching.options import OF_A_MATCH, MatchOptions, on_background
from braggite.matching.phases import match_phase
from braggite.matching.structure import refuse_names, result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import MatchResult
    from braggite.references.phase import Phase
    from braggite.spectrum import Spectrum

Hold = Literal["free", "restrained", "tied"]

CELL_TOLERANCE = 0.015
"""Relative change of a length from which the cell is found, where the reference does not allow for more."""
RELATIVE_TOLERANCE = 1e-8
"""A match of free strengths ends far below its uncertainties: its steps are those of a quadratic problem."""

USUAL_TOLERANCE = MatchOptions().relative_tolerance


def match_pawley(
    spectrum: Spectrum,
    phases: Sequence[Phase],
    *,
    holds: Mapping[str, Hold] | None = None,
    options: MatchOptions | None = None,
) -> MatchResult:
    """Fit the whole pattern with the named phases, each line with a strength of its own.

    Parameters
    ----------
    spectrum
        A powder diffraction pattern with its wavelength.
    phases
        Phases with structures; these give the lines and, while cells are still far off, rough strengths. Of phases
        whose strengths are free, cell and space group are enough (:meth:`Phase.from_cell`).
    holds
        By name of a phase, how its strengths are held: ``free`` (where not named), ``restrained`` toward the structure
        within ``options.strength_sd`` of each, or ``tied`` to it.
    options
        Defaults of :class:`MatchOptions`.

    Returns
    -------
    MatchResult
        Intensities with uncertainties; weight fractions only where no phase is free.

    Raises
    ------
    OptionError
        No phase given, one given twice, a hold of a phase that is not given, or the spectrum is no diffraction pattern.
    LibraryError
        A phase without structure or without a line in the range, or one without atoms that is not free.

    Notes
    -----
    Pawley, J. Appl. Cryst. 14 (1981) 357. Strengths are not negative; lines nearer than a quarter of their width are
    drawn toward the share that the structure gives each.
    """
    known = {phase.name for phase in phases}
    for name, hold in (holds or {}).items():
        if name not in known:
            raise OptionError(f"no phase {name} to hold", where=name)
        if hold not in get_args(Hold):
            raise OptionError(f"unknown hold {hold}", where=name, suggestion=f"one of {', '.join(get_args(Hold))}")
    return _match(spectrum, phases, [(holds or {}).get(phase.name, "free") for phase in phases], options)


def match_lebail(spectrum: Spectrum, phases: Sequence[Phase], *, options: MatchOptions | None = None) -> MatchResult:
    """Fit the whole pattern with the named phases, sharing it out among their lines round by round.

    Parameters, returns and errors as :func:`match_pawley`; intensities carry no uncertainties, and those of cells are
    as if intensities were exact (Le Bail, Duroy & Fourquet, Mater. Res. Bull. 23 (1988) 447).
    """
    return _match(spectrum, phases, ["partitioned" for _ in phases], options)


def _match(
    spectrum: Spectrum, phases: Sequence[Phase], holds: Sequence[str], options: MatchOptions | None
) -> MatchResult:
    options = on_background(options or MatchOptions(), OF_A_MATCH)
    refuse_names(phases, options)
    _refuse_unused(options, holds)
    options = replace(options, relative_tolerance=min(options.relative_tolerance, RELATIVE_TOLERANCE))
    return with_doubts(with_ghosts(spectrum, options, lambda pattern: _fitted(pattern, phases, holds, options)))


def _fitted(
    pattern: EnginePattern, phases: Sequence[Phase], holds: Sequence[str], options: MatchOptions
) -> MatchResult:
    wavelength = pattern.radiation.wavelength_angstrom

    def view(phase: Phase, hold: str) -> _core.MatchPhase:
        plain = match_phase(
            phase,
            wavelength,
            pattern.range_deg,
            cell_tolerance=CELL_TOLERANCE,
            relative_floor=0.0,
            needs_atoms=hold in ("restrained", "tied"),
            shortest_angstrom=pattern.shortest_angstrom,
        )
        return by_element(plain, phase, wavelength, options) if hold == "tied" else plain

    views = [view(phase, hold) for phase, hold in zip(phases, holds, strict=True)]

    def fit(views: Sequence[_core.MatchPhase], state: _core.EngineState | None) -> _core.PatternMatchView:
        return _core.match_pawley(
            pattern.core,
            list(views),
            pattern.prior,
            state=state,
            holds=list(holds),
            start_discrepancy=options.start_discrepancy,
            strength_sd=options.strength_sd,
            max_iterations=options.max_iterations,
            relative_tolerance=options.relative_tolerance,
        )

    first = fit(views, None)
    core, held, remarks = follow_directions(first, phases, views, options, fit)
    if first.exchanged is not None:
        remarks = (Diagnostic.of("axes_exchanged", where=phases[first.exchanged].name), *remarks)
    return result(pattern, phases, held, core, options, remarks=(*remarks, *untold(core, phases, options)))


def _refuse_unused(options: MatchOptions, holds: Sequence[str]) -> None:
    """``OptionError`` for options that mean nothing where strengths are held so."""
    unused = ["discrepancy", "texture_gain", "log_march_sd"]
    if "restrained" not in holds:
        unused.append("strength_sd")
    if "tied" not in holds:
        unused += ["displacement_factors", "delta_b_sd_angstrom2"]
    if not {"restrained", "tied"}.issuperset(holds):
        unused += ["grain_um", "internal_standard"]
    if "partitioned" in holds:
        # They end beside the smallest misfit, by more than widths that go with direction or ghosts gain.
        unused += ["anisotropic_strain", "ghosts"]
    options.refuse(unused, f"{' and '.join(dict.fromkeys(holds))} strengths")
    if not options.relative_tolerance <= RELATIVE_TOLERANCE and options.relative_tolerance != USUAL_TOLERANCE:
        raise OptionError(
            f"relative_tolerance = {options.relative_tolerance} must not exceed {RELATIVE_TOLERANCE:g} where strengths "
            "are free",
            where="relative_tolerance",
        )
