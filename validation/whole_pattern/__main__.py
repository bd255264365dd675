"""Measure tables of whole-pattern matching, keep them in ``results.json``, write ``docs/whole-pattern-figures.md``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from validation.provenance import ROOT, code_state
from validation.whole_pattern.section import page, section_text
from validation.whole_pattern.tables import RESULTS, TABLES, committed, measured

PAGE = ROOT / "docs" / "whole-pattern-figures.md"


def main() -> int:
    """0 done, 2 without data."""
    parser = argparse.ArgumentParser(prog="python -m validation.whole_pattern", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="NAME", help=f"of {', '.join(TABLES)}; all without any")
    parser.add_argument("--print", action="store_true", help="print only, write nothing")
    options = parser.parse_args()
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"no table {', '.join(sorted(unknown))}")
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        print("validation: set BRAGGITE_TEST_DATA to the folder of test data", file=sys.stderr)
        return 2
    # Before anything is written: the page and the results are under version control too.
    known, state = committed(), code_state()
    for name in options.tables or TABLES:
        known[name] = measured(name, Path(folder), state)
        sys.stdout.write(section_text(known[name]))
        sys.stdout.flush()
        if not options.print:
            kept = {table: known[table] for table in TABLES if table in known}
            RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            PAGE.write_text(page(list(kept.values())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
