"""``braggite fit``: peaks, bands or core levels fitted freely."""

from __future__ import annotations

from typing import Annotated

import typer

from braggite.cli.options import File, Output, Reading, given

Model = Annotated[
    str | None, typer.Option("--model", metavar="M", help="Line shape of all peaks; the technique's without it.")
]
Range = Annotated[str | None, typer.Option("--range", metavar="A:B", help="Fit from A to B only.")]
Peaks = Annotated[
    list[float] | None, typer.Option("--peak", metavar="X", help="Start a peak here; repeatable. Found without it.")
]
Ground = Annotated[
    str | None,
    typer.Option("--background", metavar="B", help="none, constant, linear, shirley, estimated, or an order."),
]


def fit(
    *, file: File, reading: Reading, output: Output, model: Model = None, range_: Range = None, peak: Peaks = None,
    background: Ground = None,
) -> int:  # fmt: skip
    """Fit peaks, bands or core levels.

    \b
    Examples:
      braggite fit scan.xrdml --range 30:34
      braggite fit region.txt --technique xps --peak 284.8 --peak 286.3 --json

    Exit 1 when the fit did not converge; its numbers are printed all the same.
    """
    import braggite as bg
    from braggite.cli.inputs import parsed_range, read_one
    from braggite.cli.output import emit, remark
    from braggite.reporting.documents import document
    from braggite.reporting.text import peak_fit_text

    spectrum = read_one(file, reading)
    if range_ is not None:
        spectrum = spectrum.cut(*parsed_range(range_, "--range"))
    ground = "default" if background is None else int(background) if background.isdigit() else background
    result = bg.fit_peaks(spectrum, peak or None, shape=model, background=ground)
    notes = (*spectrum.diagnostics, *result.diagnostics)
    body = {key: value for key, value in result.to_dict().items() if key not in ("options", "diagnostics")}
    options = given(reading) | {"model": model, "range": range_, "peak": peak or []} | result.options
    doc = document("fit", body, options=options, diagnostics=notes, inputs=[spectrum.source])
    remark(output, notes)
    emit(output, doc, lambda: peak_fit_text(result))
    return 0 if result.converged else 1
