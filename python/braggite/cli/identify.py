"""``braggite identify``: which phases are there."""

from __future__ import annotations

from braggite.cli.options import Files, Library, Output, Reading, SampleSearch


def identify(files: Files, reading: Reading, library: Library, search: SampleSearch, output: Output) -> int:
    """Which phases are in a sample.

    \b
    Examples:
      braggite identify scan.xrdml --elements Li,La,Zr,Ba,Ti,O
      braggite identify scan.xy --precursors Li2CO3,BaCO3,TiO2 --watch BTO
      braggite identify scan.xy --library my_cifs/ --require li2bati6o14 --json

    Several files are several measurements of one sample.
    """
    from braggite.cli.analysis import exit_code, identified
    from braggite.cli.output import emit, remark
    from braggite.cli.requests import sample_of

    sample = sample_of(files, reading, library, search)
    report = identified(sample)
    remark(output, report.diagnostics)
    emit(output, report.to_dict(), report.to_text)
    return exit_code(sample, report, output)
