"""Excel workbooks: sheets that Avantage exported, and sheets that begin with a table of position and ordinate."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import UnknownFormat
from braggite.formats.readers import avantage_export, text
from braggite.formats.registry import Evidence, Reader
from braggite.formats.workbook import Sheet, read_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.number_lines import NumberedLine
    from braggite.formats.scan import PendingScan, Scan

MIN_ROWS = 10
"""Fewer rows of two numbers are no spectrum."""
MAX_WIDTH = 64
NARROW = "put the position and intensity of one spectrum side by side on a sheet of their own, or save them as .csv"
UNUSED = "what stands beyond the first empty column of the sheet is not read"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def claims(_head: bytes, path: Path) -> Evidence:
    """The suffix; archives are told by their members."""
    return Evidence.SUFFIX if path.suffix.lower() in (".xlsx", ".xlsm") else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a sheet that holds a spectrum, in the workbook's order; other sheets are passed over."""
    sheets = read_sheets(content, where)
    found: list[PendingScan] = []
    for sheet in sheets:
        exported = _lines(sheet, range(1, MAX_WIDTH))
        if avantage_export.is_export(exported):
            found.append(partial(avantage_export.export_scan, exported, sheet.name, sheet.where))
        elif columns := _table(sheet):
            found.append(partial(_scan, sheet, columns))
    if not found:
        raise UnknownFormat(
            f"none of the {len(sheets)} sheets holds two columns of numbers side by side",
            where=where,
            suggestion="put position and intensity into columns A and B of a sheet, or save them as .csv",
        )
    return found


def _table(sheet: Sheet) -> range:
    """Columns of the leftmost table, up to the first empty column; none where it is too narrow or too short.

    A list of results (a name before each number) is none.
    """
    numbers = Counter(column for cells in sheet.rows.values() for column in cells if _NUMBER.fullmatch(cells[column]))
    start = min((column for column, n in numbers.items() if n >= MIN_ROWS), default=0)
    named = sum(start in cells and start - 1 in cells for cells in sheet.rows.values())
    if not start or numbers[start + 1] < MIN_ROWS or named >= MIN_ROWS:
        return range(0)
    used = {column for cells in sheet.rows.values() for column in cells}
    return range(start, next(column for column in range(start, max(used) + 2) if column not in used))


def _lines(sheet: Sheet, columns: range) -> list[NumberedLine]:
    """The chosen columns of every row that holds anything in them, tab-separated, with its number."""
    rows = ((number, [cells.get(column, "") for column in columns]) for number, cells in sorted(sheet.rows.items()))
    lines = ((number, "\t".join(cells).rstrip("\t")) for number, cells in rows)
    return [(number, line) for number, line in lines if line]


def _scan(sheet: Sheet, columns: range) -> Scan:
    """A table of a sheet, as the same table in a text file."""
    if len(columns) > MAX_WIDTH:
        raise UnknownFormat(f"the table has {len(columns)} columns", where=sheet.where, suggestion=NARROW)
    lines: list[str] = []
    for number, line in _lines(sheet, columns):
        lines += [""] * (number - 1 - len(lines)) + [line]  # rows keep their numbers in messages
    scans = text.read("\n".join([*lines, ""]).encode(), sheet.where)
    if len(scans) > 1:
        raise UnknownFormat(f"the sheet holds {len(scans)} regions", where=sheet.where, suggestion=NARROW)
    scan = scans[0]()
    rest = sorted({column for cells in sheet.rows.values() for column in cells if column not in columns})
    unused = [Diagnostic.of("columns_unused", where=sheet.where, value=len(rest), detail=UNUSED)] if rest else []
    return replace(
        scan,
        name=f"{scan.name} {sheet.name}".strip(),
        metadata={**scan.metadata, "sheet": sheet.name},
        notes=(*scan.notes, *unused),
    )


READER = Reader(
    name="xlsx",
    title="Excel workbook",
    suffixes=(".xlsx", ".xlsm"),
    claims=claims,
    read=read,
    sigma="as in a text file with the same columns",
    reads="each visible sheet that Avantage exported, or whose leftmost table is one of position and ordinate",
    refuses="tables of several ordinates; workbooks without a sheet of two columns of numbers",
    archive_member=r"^xl/workbook\.xml$",
)
