"""The public door to the analysis of a series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from braggite.errors import BraggiteError, OptionError
from braggite.formation.analysis import GASES, analyse
from braggite.formation.scan import Scan
from braggite.formation.variable import Variable, guessed_variable, parsed_variable
from braggite.references import ReferenceLibrary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from braggite.formation.report import SeriesReport
    from braggite.identification import IdentifyOptions
    from braggite.references import Phase
    from braggite.spectrum import Spectrum


def series(
    spectra: Sequence[Spectrum | str | Path],
    values: Sequence[float] | None = None,
    *,
    variable: Variable | str | None = None,
    library: ReferenceLibrary | None = None,
    watch: Iterable[str | Phase] = (),
    start: Mapping[str, float] | None = None,
    gases: Sequence[str] = GASES,
    options: IdentifyOptions | None = None,
    name: str = "series",
) -> SeriesReport:
    """Phases against composition, temperature or time: what formed, from what, and whether it balances.

    Parameters
    ----------
    spectra
        Diffraction patterns, or their files; a file that cannot be read is a point with its error.
    values
        (n,) values of the variable. Without them file names are asked; where those do not tell, the samples have no
        order.
    variable
        Its name, with the unit after a colon: "temperature:C", "time:h", "x". In a composition series no reaction is
        looked for, since the mixture itself differs.
    library
        Candidates, usually filtered by elements; the shipped library by default.
    watch
        Phases that an answer is wanted for.
    start
        Moles of the compounds weighed in (formula -> moles); by default the first point stands for the start.
    gases
        Formulas that may leave or enter.
    options
        Defaults of :class:`IdentifyOptions`, for every scan.
    name
        What the report is called.

    Raises
    ------
    OptionError
        Fewer than two scans, values that do not fit them, or a starting mixture that cannot be.
    LibraryError
        A watched phase that no library knows.
    """
    names = [_name(spectrum) for spectrum in spectra]
    chosen, numbers = described(names, values, variable)
    labels = [label or f"scan {index}" for index, label in enumerate(names)]
    scans = [_scan(*entry) for entry in zip(labels, numbers, spectra, strict=True)]
    library = ReferenceLibrary.default() if library is None else library
    return analyse(scans, chosen, library=library, watch=watch, start=start, gases=gases, options=options, name=name)


def described(
    names: Sequence[str], values: Sequence[float] | None, variable: Variable | str | None
) -> tuple[Variable, list[float]]:
    """The variable and its values as stated; what is not stated is guessed from ``names``.

    Raises
    ------
    OptionError
        Another number of values than names, or a variable without values where the names tell none.
    """
    stated = parsed_variable(variable) if isinstance(variable, str) else variable
    if values is not None:
        if len(values) != len(names):
            raise OptionError(f"{len(values)} values for {len(names)} scans", where="values")
        return stated or Variable("value", "", "other"), [float(value) for value in values]
    guessed, numbers = guessed_variable(names)
    if stated is not None and guessed.origin == "order" and stated.ordered:
        raise OptionError(
            f"the file names do not tell the {stated.name} of each scan",
            where="values",
            suggestion="state the values, or write a manifest",
        )
    return stated or guessed, numbers


def _name(spectrum: Spectrum | str | Path) -> str:
    """The file's name, or the spectrum's; empty where it has neither."""
    if isinstance(spectrum, str | Path):
        return Path(spectrum).stem
    return spectrum.name or (Path(spectrum.source.path).stem if spectrum.source.path else "")


def _scan(label: str, value: float, spectrum: Spectrum | str | Path) -> Scan:
    from braggite.formats import read

    if not isinstance(spectrum, str | Path):
        return Scan(label, value, spectrum)
    try:
        return Scan(label, value, read(spectrum))
    except BraggiteError as error:
        return Scan(label, value, None, error)
