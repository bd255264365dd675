"""Every sample file, opened or refused: ``python -m validation.formats [--hostile]`` with ``BRAGGITE_TEST_DATA`` set.

Prints one line a file: reader, outcome, scans, points, range, first and last ordinate, or why it is refused. Readers
appear as they are registered. ``--hostile`` also cuts each file at 40 places and flips 200 bytes, in turn.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import braggite as bg
from braggite.formats.reading import open_scans
from braggite.formats.registry import choose_reader

NO_SAMPLES = {
    ".md", ".py", ".ipynb", ".toml", ".html", ".htm", ".js", ".ts", ".yml", ".yaml", ".lic", ".cfg",
    ".rst", ".h", ".m", ".r", ".bib", ".tex",
}  # fmt: skip
"""Suffixes of programs and notes that lie beside the samples."""
NO_SAMPLE_NAMES = ("LICENSE", "LICENCE", "EXPECTED", "MANIFEST", "README")
NO_SAMPLE_FOLDERS = ("LICENCES",)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file."""

    path: str
    reader: str
    outcome: str
    scans: int = 0
    points: int = 0
    first: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    reason: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        head = f"{self.outcome:8} {self.reader:15} {self.path}"
        if self.first is None or self.last is None:
            return f"{head}: {self.reason}"
        ends = f"({self.first[0]:.8g}, {self.first[1]:.8g}) to ({self.last[0]:.8g}, {self.last[1]:.8g})"
        return f"{head}: {self.scans} scan{'' if self.scans == 1 else 's'}, {self.points} points, {ends}"


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
    name, start = str(path.relative_to(folder)), time.perf_counter()
    reader = "-"
    try:
        reader = choose_reader(path.read_bytes(), path).name
        file = open_scans(path)
        spectrum = file.spectrum(0)
    except bg.BraggiteError as error:
        return Row(name, reader, "refused", reason=error.message[:150], seconds=time.perf_counter() - start)
    first, last = ((float(spectrum.x[at]), float(spectrum.y[at])) for at in (0, -1))
    seconds = time.perf_counter() - start
    return Row(name, reader, "opened", len(file), len(spectrum), first, last, seconds=seconds)


def attack(path: Path, folder: Path) -> str:
    """Outcomes of the hostile variants of a file; a fault raises."""
    from tests.formats.robustness import cuts, flips, survive

    content = path.read_bytes()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / path.name
        counted = Counter(survive(copy, cuts(content)).values()), Counter(survive(copy, flips(content)).values())
    return f"hostile  {path.relative_to(folder)}: cuts {dict(counted[0])}, flips {dict(counted[1])}"


def main() -> int:
    """0 done; 1 when anything but our errors was raised; 2 without data."""
    parser = argparse.ArgumentParser(prog="python -m validation.formats", description=__doc__)
    parser.add_argument("--hostile", action="store_true", help="cut and damage every file that opens")
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
            rows.append(row)
            print(row)
            if options.hostile and row.outcome == "opened":
                print(attack(path, folder), flush=True)
        except Exception as fault:
            faults += 1
            print(f"FAULT    {path.relative_to(folder)}: {type(fault).__name__}: {fault}")
    counted = Counter((row.reader, row.outcome) for row in rows)
    print(f"\n{len(rows)} files, {faults} faults; slowest {max((row.seconds for row in rows), default=0):.2f} s")
    for (reader, outcome), number in sorted(counted.items()):
        print(f"  {outcome:8} {reader:15} {number}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
