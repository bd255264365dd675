"""``braggite calibrate``: the profile of an instrument from a standard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from braggite.cli.options import Emission, File, Output, Reading, given

StandardName = Annotated[
    str,
    typer.Option("--standard", "--phase", metavar="P", help="lab6, si, al2o3-corundum, ceo2, or such as SRM-660c."),
]
Cell = Annotated[
    str | None,
    typer.Option(metavar="A[,C]", help="Cell of this bottle and temperature in Å, not of the certificate."),
]
Size = Annotated[
    float | None, typer.Option("--size-nm", metavar="NM", help="Size of the standard's own crystallites, where known.")
]
Strain = Annotated[float, typer.Option("--strain-percent", metavar="PCT", help="Strain of the standard itself.")]
Shift = Annotated[
    Literal["displacement", "zero", "both"] | None,
    typer.Option(help="What shifts the pattern; displacement in reflection, zero in transmission without it."),
]
Radius = Annotated[
    float | None, typer.Option("--radius-mm", metavar="MM", help="Goniometer radius, where the file states none.")
]
Name = Annotated[str, typer.Option(metavar="NAME", help="What the instrument is called.")]
Instprm = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the GSAS-II file as well.")]


def calibrate(
    *,
    file: File,
    reading: Reading,
    output: Output,
    standard: StandardName = "lab6",
    cell: Cell = None,
    size_nm: Size = None,
    strain_percent: Strain = 0.0,
    offset: Shift = None,
    radius_mm: Radius = None,
    emission: Emission = "doublet",
    name: Name = "",
    instprm: Instprm = None,
) -> int:
    """Profile and zero of an instrument from a standard.

    \b
    Examples:
      braggite calibrate lab6.xrdml --standard lab6 -o instrument.toml
      braggite calibrate si.xy --standard si --cell 5.43105 -o instrument.instprm
      braggite match scan.xrdml --phase BTO --instrument instrument.toml

    The cell of the standard is held; widths, axial divergence and shift are refined. -o with .toml or .instprm writes
    the instrument. Exit 1, and no file, when the data do not support it.
    """
    import braggite as bg
    from braggite.calibration.instrument_files import check_suffix
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark, say
    from braggite.reporting.calibration_text import calibration_text
    from braggite.reporting.documents import document

    files = [path for path in (output.path, instprm) if path is not None and path.suffix != ".json"]
    for path in files:
        check_suffix(path)
    spectrum = read_one(file, reading)
    if radius_mm is not None:
        spectrum = replace(spectrum, instrument=replace(spectrum.instrument or bg.Instrument(), radius_mm=radius_mm))
    result = bg.calibrate(
        spectrum,
        standard,
        cell_angstrom=None if cell is None else _edges(cell),
        size_nm=size_nm,
        strain_percent=strain_percent,
        offset=offset,
        name=name or file.stem,
        options=bg.MatchOptions(emission=emission),
    )
    written = [] if result.instrument is None else [str(result.instrument.write(path)) for path in files]
    notes = (*spectrum.diagnostics, *result.diagnostics)
    doc = document(
        "calibration",
        result.to_dict() | {"written": written},
        options=given(reading)
        | {"standard": standard, "cell": cell, "radius_mm": radius_mm, "name": name}
        | result.options,
        diagnostics=notes,
        inputs=[spectrum.source],
    )
    remark(output, notes)
    for line in written:
        say(output, f"wrote {line}")
    shown = output if output.path is None or output.path.suffix == ".json" else Output(output.as_json)
    emit(shown, doc, lambda: calibration_text(result))
    return 0 if result.usable else 1


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
