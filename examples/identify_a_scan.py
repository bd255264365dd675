"""Which phases are in a scan: read, choose candidates by chemistry, identify, write the report.

Run it on a file of your own: ``python examples/identify_a_scan.py scan.xrdml "Li La Zr Ba Ti O"``.
"""

from __future__ import annotations

import sys

import braggite as bg
from braggite.examples import example_scans


def main() -> None:
    """Identify the file named on the command line, or the first example scan."""
    example = example_scans()[0]
    path, elements = sys.argv[1:3] if len(sys.argv) > 2 else (example.path, example.elements)
    scan = bg.read(path)
    candidates = bg.ReferenceLibrary.default().filter(elements=elements)
    report = bg.identify([scan], library=candidates, watch=["li2bati6o14"])
    print(report.to_text())
    for phase in report.phases:
        print(phase.name, phase.verdict, phase.weight_fraction)
    report.to_html("report.html")


if __name__ == "__main__":
    main()
