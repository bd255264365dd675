"""Every sample file, opened or refused: ``python -m validation.formats [--hostile]`` with ``BRAGGITE_TEST_DATA`` set.

Prints one line a file: reader, outcome, scans, points, range, first and last ordinate, or why it is refused. Readers
appear as they are registered. ``--hostile`` also cuts each file at 40 places, replaces 200 bytes in turn, and gives it
8 wrong suffixes. ``-o validation/formats.tsv`` writes the table that the page of files quotes.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import braggite as bg
from braggite.formats.reading import open_scans
from braggite.formats.registry import choose_reader

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMITTED = Path(__file__).with_name("formats.tsv")
NO_SAMPLES = {
    ".md", ".py", ".ipynb", ".toml", ".html", ".htm", ".js", ".ts", ".yml", ".yaml", ".lic", ".cfg",
    ".rst", ".h", ".m", ".r", ".bib", ".tex",
}  # fmt: skip
"""Suffixes of programs and notes that lie beside the samples."""
NO_SAMPLE_NAMES = ("LICENSE", "LICENCE", "EXPECTED", "MANIFEST", "README")
NO_SAMPLE_FOLDERS = ("LICENCES",)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file, and of its hostile variants: how many were read and refused, the worst of them."""

    path: str
    reader: str
    outcome: str
    scans: int | None = None
    points: int | None = None
    x_first: float | None = None
    x_last: float | None = None
    y_first: float | None = None
    y_last: float | None = None
    reason: str = ""
    hostile_read: int | None = None
    hostile_refused: int | None = None
    hostile_seconds: float | None = None
    hostile_mb: float | None = None

    def __str__(self) -> str:
        text = f"{self.outcome:8} {self.reader:15} {self.path}: "
        if self.outcome == "opened":
            text += f"{self.scans} scan{'' if self.scans == 1 else 's'}, {self.points} points, "
            text += f"({self.x_first:.8g}, {self.y_first:.8g}) to ({self.x_last:.8g}, {self.y_last:.8g})"
        else:
            text += self.reason
        if self.hostile_read is not None:
            text += f"; of its variants {self.hostile_read} read, {self.hostile_refused} refused, "
            text += f"at most {self.hostile_seconds:.3f} s, {self.hostile_mb:.0f} MB"
        return text

    def cells(self) -> list[str]:
        """One line of the table; twelve digits tell every stored single and most stored decimals apart."""
        values = (getattr(self, field.name) for field in fields(self))
        return [f"{v:.12g}" if isinstance(v, float) else "" if v is None else str(v) for v in values]


def samples(folder: Path) -> list[Path]:
    """The files of a folder of test data that an instrument or a user could have written."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix.lower() not in NO_SAMPLES
        and not path.name.upper().startswith(NO_SAMPLE_NAMES)
        and not set(path.relative_to(folder).parts) & set(NO_SAMPLE_FOLDERS)
    ]


def row_of(path: Path, folder: Path) -> Row:
    """Read the first scan of a file that can be read; anything but our errors passes through."""
    name, reader = str(path.relative_to(folder)), "-"
    try:
        reader = choose_reader(path.read_bytes(), path).name
        file = open_scans(path)
        spectrum = file.spectrum(0)
    except bg.BraggiteError as error:
        reason = re.sub(r"\(row .*|: [\"'].*", "", error.message, flags=re.DOTALL)  # what it quotes from the file
        return Row(name, reader, "refused", reason=reason[:150])
    ends = (float(values[at]) for values in (spectrum.x, spectrum.y) for at in (0, -1))
    return Row(name, reader, "opened", len(file), len(spectrum), *ends)


def attack(path: Path, row: Row) -> Row:
    """The row with the outcomes of the hostile variants of its file; a fault raises."""
    from tests.formats.robustness import WRONG_SUFFIXES, cuts, flips, survive

    content = path.read_bytes()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / path.name
        ends = [*survive(copy, cuts(content)).values(), *survive(copy, flips(content)).values()]
        for suffix in WRONG_SUFFIXES:
            ends += survive(Path(name) / f"wrong{suffix}", iter([("under a wrong suffix", content)])).values()
    read = sum(end.code == "read" for end in ends)
    return replace(
        row,
        hostile_read=read,
        hostile_refused=len(ends) - read,
        hostile_seconds=round(max(end.seconds for end in ends), 3),
        hostile_mb=round(max(end.grown_bytes for end in ends) / 1e6, 1),
    )


def write(rows: Iterable[Row], path: Path) -> None:
    """The table as tab-separated text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(field.name for field in fields(Row))
        table.writerows(row.cells() for row in rows)


def main() -> int:
    """0 done; 1 when anything but our errors was raised; 2 without data."""
    parser = argparse.ArgumentParser(prog="python -m validation.formats", description=__doc__)
    parser.add_argument("--hostile", action="store_true", help="cut, damage and rename every file")
    parser.add_argument("-o", "--output", type=Path, help="write the table here, tab-separated")
    parser.add_argument("folders", nargs="*", help="parts of the test data (default: all)")
    options = parser.parse_args()
    data = os.environ.get("BRAGGITE_TEST_DATA")
    if not data:
        print("set BRAGGITE_TEST_DATA to the folder of test data", file=sys.stderr)
        return 2
    folder, faults, rows = Path(data), 0, []
    for path in samples(folder):
        if options.folders and not str(path.relative_to(folder)).startswith(tuple(options.folders)):
            continue
        try:
            row = row_of(path, folder)
            rows.append(attack(path, row) if options.hostile else row)
            print(rows[-1], flush=True)
        except Exception as fault:
            faults += 1
            print(f"FAULT    {path.relative_to(folder)}: {type(fault).__name__}: {fault}", flush=True)
    if options.output:
        write(rows, options.output)
    print(f"\n{len(rows)} files, {faults} faults")
    for (reader, outcome), number in sorted(Counter((row.reader, row.outcome) for row in rows).items()):
        print(f"  {outcome:8} {reader:15} {number}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
