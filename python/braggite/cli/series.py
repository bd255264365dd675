"""``braggite series``: phases against composition, temperature or time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from braggite.cli.options import Library, Output, Reading, Search, given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.formation.manifest import Manifest
    from braggite.formation.report import SeriesReport
    from braggite.formation.scan import Scan
    from braggite.sample import SampleFile

NOT_COMPLETED = 1
REQUIRE_NOT_MET = 5

Scans = Annotated[
    list[Path], typer.Argument(metavar="MANIFEST.toml|FILE...", help="A manifest, or scans.", show_default=False)
]
Named = Annotated[
    str | None, typer.Option("--variable", metavar="NAME[:UNIT]", help="What differs: temperature:C, time:h, x ...")
]
Values = Annotated[
    str | None, typer.Option("--values", metavar="V,V,...", help="Its value at each FILE; else from the file names.")
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="A=MOLES,...", help="What was weighed in: Li2CO3=1,BaO=1,TiO2=6.")
]
Gases = Annotated[
    str | None, typer.Option("--gases", metavar="A,...", help="What may leave or enter; default CO2,H2O,O2,Li2O.")
]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw amounts and cells: .png .pdf .svg.")]


def series(
    *,
    files: Scans,
    reading: Reading,
    library: Library,
    search: Search,
    output: Output,
    variable: Named = None,
    values: Values = None,
    start: Start = None,
    gases: Gases = None,
    plot: Plot = None,
) -> int:
    """Phases against composition, temperature or time.

    \b
    Examples:
      braggite series series.toml
      braggite series LBT-600C.xy LBT-700C.xy LBT-800C.xy --precursors Li2CO3,BaO,TiO2 --watch li2bati6o14
      braggite series a.xy b.xy c.xy --variable time:h --values 1,5,20 --start BaCO3=1,TiO2=1 --plot series.png

    What formed, what was consumed, how cells change, and whether the reaction balances. -o writes .txt, .json, .csv or
    .html by its suffix.
    """
    from braggite.cli.output import emit, remark, say
    from braggite.errors import OptionError
    from braggite.reporting.plots import picture_target
    from braggite.reporting.series_plots import save_series_plot

    if output.path is not None and output.path.suffix.lower() not in (".txt", ".json", ".csv", ".html"):
        raise OptionError(
            f"a series cannot be written as {output.path.suffix or 'a file without suffix'}",
            where=str(output.path),
            suggestion="choose one of .txt .json .csv .html",
        )
    if plot is not None:
        picture_target(plot)
    manifest = _manifest(files, variable, values, start, gases)
    report, required = _analysed(manifest, reading, library, search)
    remark(output, report.diagnostics)
    if plot is not None and report.phases:
        say(output, f"wrote {save_series_plot(report, plot)}")
    texts = {".csv": report.to_csv, ".html": report.to_html}
    suffix = output.path.suffix.lower() if output.path is not None else ""
    if output.as_json and suffix in texts:
        emit(replace(output, as_json=False), {}, texts[suffix])
        output = replace(output, path=None)
    emit(output, report.to_dict(), texts.get(suffix, report.to_text))
    return _exit_code(report, required, strict=reading.strict, output=output)


def _manifest(
    files: list[Path], variable: str | None, values: str | None, start: str | None, gases: str | None
) -> Manifest:
    """The manifest named, or one made of files and options; options stand over the manifest."""
    from braggite.errors import OptionError
    from braggite.formation.manifest import Manifest, read_manifest
    from braggite.formation.series import described
    from braggite.formation.variable import parsed_variable
    from braggite.sample import SampleFile

    if any(path.suffix.lower() == ".toml" for path in files):
        if len(files) != 1:
            raise OptionError("a manifest stands alone; its files are listed inside it", where=str(files[0]))
        if values is not None:
            raise OptionError("the values stand in the manifest", where="--values")
        manifest = read_manifest(files[0])
        if variable is not None:
            manifest = replace(manifest, variable=parsed_variable(variable))
    else:
        labels = tuple(path.stem for path in files)
        chosen, numbers = described(labels, None if values is None else _numbers(values), variable)
        entries = tuple(SampleFile(path) for path in files)
        ends = [label for _, label in sorted(zip(numbers, labels, strict=True))]
        manifest = Manifest(f"{ends[0]} to {ends[-1]}", chosen, entries, labels, tuple(numbers))
    if start is not None:
        manifest = replace(manifest, start=_amounts(start))
    return manifest if gases is None else replace(manifest, gases=tuple(filter(None, gases.split(","))))


def _numbers(text: str) -> list[float]:
    from braggite.errors import OptionError

    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise OptionError(f"--values {text!r} is not a list of numbers", where="--values") from None


def _amounts(text: str) -> dict[str, float]:
    from braggite.errors import OptionError

    amounts = {}
    for part in text.split(","):
        formula, _, number = part.rpartition("=")
        try:
            amounts[formula.strip()] = float(number)
        except ValueError:
            raise OptionError(f"--start {part!r} is not FORMULA=MOLES", where="--start") from None
    return amounts


def _analysed(
    manifest: Manifest, reading: Reading, library: Library, search: Search
) -> tuple[SeriesReport, tuple[str, ...]]:
    """The report and the names of the phases that must be present somewhere."""
    import braggite as bg
    from braggite.cli.inputs import read_instruments
    from braggite.cli.requests import candidates_of, narrowed
    from braggite.formation.analysis import analyse

    library = narrowed(library, manifest.elements, manifest.precursors)
    search = replace(search, watch=tuple(dict.fromkeys((*search.watch, *manifest.watch))))
    chosen = candidates_of(library, search)
    instrument = read_instruments(reading).profile
    options = bg.IdentifyOptions(
        match=bg.MatchOptions(internal_standard=chosen.internal_standard, instrument=instrument)
    )
    scans = [
        _scan(entry, label, value, reading)
        for entry, label, value in zip(manifest.files, manifest.labels, manifest.values, strict=True)
    ]
    report = analyse(
        scans,
        manifest.variable,
        library=chosen.library,
        watch=dict.fromkeys((*chosen.watch, *chosen.require)),
        start=manifest.start,
        gases=manifest.gases,
        options=options,
        name=manifest.name,
    )
    command = given(reading) | given(library) | given(search)
    options_used = {"command": command, **report.options}
    return replace(report, options=options_used, library=chosen.provenance), chosen.require


def _scan(entry: SampleFile, label: str, value: float, reading: Reading) -> Scan:
    """A file read as a point of the series; what is wrong with it becomes the point's error."""
    from braggite.cli.inputs import read_one
    from braggite.cli.requests import merged_reading
    from braggite.errors import InvalidSpectrum, UnknownFormat
    from braggite.formation.scan import Scan

    try:
        return Scan(label, value, read_one(entry.path, merged_reading(reading, entry)))
    except (InvalidSpectrum, UnknownFormat) as error:
        return Scan(label, value, None, error)


def _exit_code(report: SeriesReport, required: Sequence[str], *, strict: bool, output: Output) -> int:
    """5 when a required phase is present in no scan, 1 when a fit did not converge or, strictly, a scan failed."""
    from braggite.cli.output import say

    present = {
        name
        for phase in report.phases
        if any(amount.verdict == "present" for amount in phase.amounts)
        for name in (phase.name, *phase.stands_for)
    }
    missing = [name for name in required if name not in present]
    for name in missing:
        say(output, f"braggite: required phase {name} is present in no scan")
    if missing:
        return REQUIRE_NOT_MET
    stopped = [point.label for point in report.points if not point.converged]
    for label in stopped:
        say(output, f"braggite: the fit of {label} did not converge")
    failed = [point.label for point in report.points if point.report is None]
    return NOT_COMPLETED if stopped or (strict and failed) else 0
