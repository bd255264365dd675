"""``braggite demo``: the main job on shipped example scans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from braggite.cli.options import Library, Output, Reading, SampleSearch

if TYPE_CHECKING:
    from braggite.identification.report import PhaseReport

Folder = Annotated[Path, typer.Option("--output-dir", metavar="DIR", help="Where the reports go.")]


def demo(output: Output, output_dir: Folder = Path()) -> int:
    """Identify the phases of shipped example scans.

    \b
    Examples:
      braggite demo
      braggite demo --output-dir reports/ --json

    The scans are simulated; a report page of each is written to --output-dir.
    """
    from braggite.cli.analysis import identified
    from braggite.cli.output import emit, say
    from braggite.cli.requests import sample_of
    from braggite.examples import example_scans
    from braggite.reporting.documents import document

    output_dir.mkdir(parents=True, exist_ok=True)
    reports: list[PhaseReport] = []
    pages: list[Path] = []
    for example in example_scans():
        request = sample_of(
            [example.path], Reading(), Library(elements=example.elements), SampleSearch(watch=example.watch)
        )
        reports.append(identified(request))
        pages.append(output_dir / (f"report-{example.path.stem}.html" if pages else "report.html"))
        reports[-1].to_html(pages[-1])
        say(output, f"wrote {pages[-1]}")
    body = {
        "reports": [report.to_dict() for report in reports],
        "pages": [str(page.resolve()) for page in pages],
    }
    emit(
        output,
        document("demo", body, options={"output_dir": output_dir}),
        lambda: "\n".join(map(_text, reports, pages)),
    )
    return 0


def _text(report: PhaseReport, page: Path) -> str:
    return f"{report.to_text()}\nReport: {page.resolve()}\n"
