"""``braggite report``: an identification as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.cli.options import Files, Library, Output, Reading, SampleSearch

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.identification.report import PhaseReport

SUFFIXES = (".html", ".txt", ".json", ".pdf")


def report(files: Files, reading: Reading, library: Library, search: SampleSearch, output: Output) -> int:
    """Which phases are in a sample, as a page.

    \b
    Examples:
      braggite report scan.xrdml --elements Ba,Ti,O -o report.html
      braggite report sample.toml -o report.pdf

    The suffix of -o chooses the form: .html, .txt, .json or .pdf.
    """
    from braggite.cli.analysis import exit_code, identified
    from braggite.cli.output import emit, remark, say
    from braggite.cli.requests import sample_of
    from braggite.errors import OptionError

    if output.path is not None and output.path.suffix.lower() not in SUFFIXES:
        raise OptionError(
            f"a report cannot be written as {output.path.suffix or 'a file without suffix'}",
            where=str(output.path),
            suggestion=f"choose one of {' '.join(SUFFIXES)}",
        )
    sample = sample_of(files, reading, library, search)
    result = identified(sample)
    remark(output, result.diagnostics)
    if output.path is not None:
        write_report(result, output.path)
        say(output, f"wrote {output.path}")
    if output.path is None or output.as_json:
        emit(Output(as_json=output.as_json), result.to_dict(), result.to_text)
    return exit_code(sample, result, output)


def write_report(result: PhaseReport, path: Path) -> None:
    """The report in the form that the suffix of ``path`` names."""
    from braggite.reporting.documents import write_text
    from braggite.reporting.plots import report_pdf

    match path.suffix.lower():
        case ".html":
            result.to_html(path)
        case ".json":
            result.to_json(path)
        case ".pdf":
            report_pdf(result, path)
        case _:
            write_text(path, result.to_text())
