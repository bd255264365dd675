"""``braggite convert``: a scan into another file format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from braggite.cli.options import File, Output, Reading, given

Target = Annotated[
    Path, typer.Argument(metavar="OUT", help="File to write: .xy .xye .csv .json .jdx .cif.", show_default=False)
]


def convert(file: File, target: Target, reading: Reading, output: Output) -> int:
    """One scan of a file into another format, by the suffix of OUT.

    \b
    Examples:
      braggite convert scan.xrdml scan.xye
      braggite convert regions.vms o1s.csv --scan 3
      braggite convert film.spa film.jdx
    """
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark
    from braggite.formats.describe import describe
    from braggite.formats.write import write
    from braggite.reporting.documents import document

    spectrum = read_one(file, reading)
    written = write(spectrum, target)
    doc = document(
        "convert",
        {"written": str(written), "spectra": [describe(spectrum)]},
        options=given(reading),
        diagnostics=spectrum.diagnostics,
        inputs=[spectrum.source],
    )
    remark(output, spectrum.diagnostics)
    emit(output, doc, lambda: f"{written}: {len(spectrum)} points of {spectrum.technique} from {file}\n")
    return 0
