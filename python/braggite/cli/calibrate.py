"""``braggite calibrate``: the instrument from a standard, each technique's in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from braggite.cli.options import Emission, File, Output, Reading, given

if TYPE_CHECKING:
    from braggite.calibration import Calibration, WavenumberCalibration
    from braggite.spectrum import Spectrum

StandardName = Annotated[
    str | None,
    typer.Option(
        "--standard",
        "--phase",
        metavar="P",
        help="XRD: lab6 (default), si, al2o3-corundum, ceo2, or such as SRM-660c. Raman: silicon, polystyrene, "
        "calcite, neon. FT-IR: polystyrene.",
    ),
]
Cell = Annotated[
    str | None,
    typer.Option(metavar="A[,C]", help="XRD: cell of this bottle and temperature in Å, not of the certificate."),
]
Size = Annotated[
    float | None,
    typer.Option("--size-nm", metavar="NM", help="XRD: size of the standard's own crystallites, where known."),
]
Strain = Annotated[
    float | None, typer.Option("--strain-percent", metavar="PCT", help="XRD: strain of the standard itself.")
]
Shift = Annotated[
    Literal["displacement", "zero", "both"] | None,
    typer.Option(help="XRD: what shifts the pattern; displacement in reflection, zero in transmission without it."),
]
Radius = Annotated[
    float | None, typer.Option("--radius-mm", metavar="MM", help="XRD: goniometer radius, where the file states none.")
]
Order = Annotated[
    int | None,
    typer.Option(metavar="N", help="Raman, FT-IR: order of the correction, 0 an offset, 3 the highest; else by AICc."),
]
Name = Annotated[str, typer.Option(metavar="NAME", help="What the instrument is called.")]
Instprm = Annotated[Path | None, typer.Option(metavar="FILE", help="XRD: write the GSAS-II file as well.")]


@dataclass(frozen=True, slots=True)
class OfProfile:
    """Options that only a diffractometer has."""

    cell: Cell = None
    size_nm: Size = None
    strain_percent: Strain = None
    offset: Shift = None
    radius_mm: Radius = None
    emission: Emission | None = None
    instprm: Instprm = None


@dataclass(frozen=True, slots=True)
class OfAxis:
    """Options that only a wavenumber axis has."""

    order: Order = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything a calibration is told."""

    spectrum: Spectrum
    reading: Reading
    standard: str | None
    name: str
    profile: OfProfile
    axis: OfAxis


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to calibrate: who does it, how the result is printed, which files it is written as, what it is not."""

    run: Callable[[Asked], Any]
    text: Callable[[Any], str]
    suffixes: tuple[str, ...]
    foreign: str


def calibrate(
    *,
    file: File,
    reading: Reading,
    output: Output,
    profile: OfProfile,
    axis: OfAxis,
    standard: StandardName = None,
    name: Name = "",
) -> int:
    """Profile and zero of a diffractometer, or axis of a Raman or infrared spectrometer, from a standard.

    \b
    Examples:
      braggite calibrate lab6.xrdml --standard lab6 -o instrument.toml
      braggite calibrate si.xy --standard si --cell 5.43105 -o instrument.instprm
      braggite match scan.xrdml --phase BTO --instrument instrument.toml
      braggite calibrate ne.txt --standard neon --laser 785 -o lamp.toml
      braggite calibrate wafer.txt --standard silicon --instrument lamp.toml -o raman.toml

    XRD: the cell of the standard is held; widths, axial divergence and shift are refined. Raman and FT-IR: a smooth
    correction goes through the lines of the standard; after an earlier calibration (--instrument) it is an offset. -o
    with .toml or .instprm writes the instrument. Exit 1, and no file, when the data do not support it.
    """
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark, say
    from braggite.errors import OptionError
    from braggite.reporting.documents import document
    from braggite.techniques import technique_named

    spectrum = read_one(file, replace(reading, instrument=()))
    technique = technique_named(spectrum.technique)
    if technique.calibrated is None:
        raise OptionError(f"there is no calibration of {technique.title} yet", where=str(file))
    kind = _kinds()[technique.calibrated]
    foreign = given({"profile": profile, "axis": axis}[kind.foreign])
    wrong = [key for key, value in foreign.items() if value is not None]
    if wrong:
        option = "--" + wrong[0].replace("_", "-")
        raise OptionError(f"{option} has no meaning for {technique.title}", where=option)
    targets = [path for path in (output.path, profile.instprm) if path is not None and path.suffix != ".json"]
    for path in targets:
        if path.suffix.lower() not in kind.suffixes:
            raise OptionError(f"{path} is not {' or '.join(kind.suffixes)}", where=str(path))
    result = kind.run(Asked(spectrum, reading, standard, name or file.stem, profile, axis))
    written = [str(_writable(result).write(path)) for path in targets] if result.usable else []
    notes = (*spectrum.diagnostics, *result.diagnostics)
    asked = given(profile) | given(axis) | {"standard": standard, "name": name}
    doc = document(
        "calibration",
        result.to_dict() | {"written": written},
        options=given(reading) | asked | getattr(result, "options", {}),
        diagnostics=notes,
        inputs=[spectrum.source],
    )
    remark(output, notes)
    for line in written:
        say(output, f"wrote {line}")
    shown = output if output.path is None or output.path.suffix == ".json" else Output(output.as_json)
    emit(shown, doc, lambda: kind.text(result))
    return 0 if result.usable else 1


def _kinds() -> dict[str, Kind]:
    from braggite.reporting.calibration_text import axis_text, calibration_text

    return {
        "profile": Kind(_of_profile, calibration_text, (".toml", ".instprm"), "axis"),
        "axis": Kind(_of_axis, axis_text, (".toml",), "profile"),
    }


def _writable(result: Calibration | WavenumberCalibration) -> Any:
    """What of a result is written: the instrument, or the calibration itself."""
    return getattr(result, "instrument", result)


def _of_profile(asked: Asked) -> Calibration:
    import braggite as bg

    spectrum, own = asked.spectrum, asked.profile
    if asked.reading.instrument:
        raise bg.OptionError("an instrument cannot be held while it is calibrated", where="--instrument")
    if own.radius_mm is not None:
        instrument = replace(spectrum.instrument or bg.Instrument(), radius_mm=own.radius_mm)
        spectrum = replace(spectrum, instrument=instrument)
    return bg.calibrate(
        spectrum,
        asked.standard or "lab6",
        cell_angstrom=None if own.cell is None else _edges(own.cell),
        size_nm=own.size_nm,
        strain_percent=own.strain_percent or 0.0,
        offset=own.offset,
        name=asked.name,
        options=bg.MatchOptions(emission=own.emission or "doublet"),
    )


def _of_axis(asked: Asked) -> WavenumberCalibration:
    import braggite as bg
    from braggite.cli.inputs import read_instruments

    if asked.standard is None:
        raise bg.OptionError(
            "say which standard was measured",
            where="--standard",
            suggestion="--standard silicon, polystyrene, calcite or neon",
        )
    return bg.calibrate_wavenumber(
        asked.spectrum,
        asked.standard,
        laser_wavelength_nm=asked.reading.laser,
        order=asked.axis.order,
        after=read_instruments(asked.reading).axes.get(asked.spectrum.technique),
        name=asked.name,
    )


def _edges(text: str) -> float | tuple[float, float]:
    from braggite.errors import OptionError

    try:
        edges = [float(part) for part in text.split(",")]
    except ValueError:
        edges = []
    if len(edges) == 1:
        return edges[0]
    if len(edges) == 2:
        return edges[0], edges[1]
    raise OptionError(f"--cell {text!r} is not A or A,C", where="--cell", suggestion="--cell 4.156826")
