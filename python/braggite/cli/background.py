"""``braggite background``: the curve under the lines."""

from __future__ import annotations

from typing import Annotated

import typer

from braggite.cli.options import File, Output, Reading, given

NAMES = (
    "asls, airpls, arpls, iasls, drpls, iarpls, aspls, psalsa, derpsalsa, pspline_asls, pspline_arpls, snip, tophat, "
    "mor, imor, rolling_ball, bruckner, sonneveld_visser, modpoly, imodpoly, chebyshev, rubberband, "
    "concave_rubberband, linear, shirley, smart, tougaard_u2, tougaard_u3, tougaard_u4 or auto; the technique's "
    "default without it."
)
Method = Annotated[str | None, typer.Option("--method", metavar="M", help=NAMES)]


def background(file: File, reading: Reading, output: Output, method: Method = None) -> int:
    """The background and the subtracted curve.

    \b
    Examples:
      braggite background scan.xrdml -o background.xy
      braggite background scan.xy --method snip --json

    Columns: position, ordinate, background, difference.
    """
    import braggite as bg
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark
    from braggite.reporting.documents import document

    spectrum = read_one(file, reading)
    result = bg.estimate_background(spectrum, method=method)
    notes = (*spectrum.diagnostics, *result.diagnostics)
    body = {key: value for key, value in result.to_dict().items() if key not in ("options", "diagnostics")}
    options = given(reading) | {"method": result.method} | result.options
    doc = document("background", body, options=options, diagnostics=notes, inputs=[spectrum.source])
    remark(output, notes)
    columns = zip(spectrum.x, spectrum.y, result.curve, strict=True)
    emit(output, doc, lambda: "".join(f"{x:.6g}\t{y:.8g}\t{b:.8g}\t{y - b:.8g}\n" for x, y, b in columns))
    return 0 if result.converged else 1
