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
    body = {key: value for key, value in found.to_dict().items() if key not in ("options", "diagnostics")}
    options = given(reading) | {"false_alarms": false_alarms} | found.options
    doc = document("peaks", body, options=options, diagnostics=notes, inputs=[spectrum.source])
    remark(output, notes)
    header = [f"position ({found.unit})", "height", "area", "fwhm", "significance", "partner of"]
    rows = [
        [str(peak.position), f"{peak.height:.6g}", str(peak.area), str(peak.fwhm), f"{peak.significance:.1f}",
         "" if peak.partner_of is None else str(found[peak.partner_of].position)]
        for peak in found
    ]  # fmt: skip
    emit(output, doc, lambda: table(header, rows) + "\n")
    return 0
