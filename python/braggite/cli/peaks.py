"""``braggite peaks``: a table of peaks."""

from __future__ import annotations

from typing import Annotated

import typer

from braggite.cli.options import File, Output, Reading, given

FalseAlarms = Annotated[float, typer.Option(metavar="N", help="Peaks of pure noise accepted in a whole scan.")]


def peaks(file: File, reading: Reading, output: Output, false_alarms: FalseAlarms = 0.1) -> int:
    """A table of peaks.

    \b
    Examples:
      braggite peaks scan.xrdml
      braggite peaks scan.xy --json | jq '.peaks[0].position'
    """
    import braggite as bg
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark
    from braggite.reporting.documents import document
    from braggite.reporting.text import table

    spectrum = read_one(file, reading)
    found = bg.find_peaks(spectrum, false_alarms=false_alarms)
    notes = (*spectrum.diagnostics, *found.diagnostics)
    body = found.to_dict()
    doc = document(
        "peaks",
        body,
        options=given(reading) | {"false_alarms": false_alarms},
        diagnostics=notes,
        inputs=[spectrum.source],
    )
    remark(output, notes)
    emit(output, doc, lambda: table(*_rows(doc)) + "\n")
    return 0


def _rows(doc: dict[str, object]) -> tuple[list[str], list[list[str]]]:
    from braggite.values import format_value

    rows: list[list[str]] = []
    for peak in doc["peaks"]:  # type: ignore[attr-defined]
        fitted = [format_value(peak[name]["value"], peak[name]["su"]) for name in ("position", "area", "fwhm")]
        rows.append([fitted[0], f"{peak['height']:.6g}", *fitted[1:], f"{peak['significance']:.1f}"])
    return [f"position ({doc['unit']})", "height", "area", "fwhm", "significance"], rows
