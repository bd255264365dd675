"""The verbs of ``braggite``; each imports what it needs only when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from braggite.cli import (
    background,
    calibrate,
    convert,
    demo,
    fit,
    identify,
    info,
    match,
    peaks,
    prepare,
    references,
    report,
    series,
    simulate,
)
from braggite.cli.grouping import grouped

app = typer.Typer(
    name="braggite",
    help="Which phases are in the sample, from powder XRD, Raman, FT-IR and XPS.",
    epilog="Exit codes: 0 done, 1 not completed or not converged, 2 usage, 3 unreadable input, 4 internal error, "
    "5 a --require was not met, 130 interrupted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from braggite import __version__

        typer.echo(f"braggite {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Which phases are in the sample, from powder XRD, Raman, FT-IR and XPS."""


VERBS: tuple[Callable[..., int], ...] = (
    info.info,
    convert.convert,
    prepare.prepare,
    background.background,
    peaks.peaks,
    fit.fit,
    match.match,
    calibrate.calibrate,
    identify.identify,
    report.report,
    series.series,
    simulate.simulate,
    demo.demo,
)
for verb in VERBS:
    app.command()(grouped(verb))
app.add_typer(references.app, name="references")
