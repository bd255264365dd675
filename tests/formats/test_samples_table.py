"""Every sample file against the committed table: opened or refused by the same reader, with the same first values."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from validation.formats import COMMITTED, row_of, samples

if TYPE_CHECKING:
    from pathlib import Path

STATED = ("path", "reader", "outcome", "scans", "points", "x_first", "x_last", "y_first", "y_last")


def test_the_committed_table_is_what_reading_gives(test_data: Path) -> None:
    """After a change that is meant: ``python -m validation.formats --hostile -o validation/formats.tsv``."""
    with COMMITTED.open(encoding="utf-8") as file:
        committed = {row["path"]: [row[name] for name in STATED] for row in csv.DictReader(file, delimiter="\t")}
    found = {row.path: row.cells()[: len(STATED)] for row in (row_of(path, test_data) for path in samples(test_data))}
    assert found.keys() == committed.keys()
    assert [(name, cells, committed[name]) for name, cells in found.items() if cells != committed[name]] == []
