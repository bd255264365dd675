"""VAMAS and OPUS files against the table of expected values; its other rows are tested beside their readers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

DIGITS = 6e-10  # the table prints ten
NOT_SPECTRA = {"RIFG", "SIFG", "SPH"}
"""OPUS blocks over data points or phases: never offered as scans."""
OPUS_BLOCKS = {"AB": "a", "RSC": "rf", "SSC": "sm", "RAM": "ra"}
"""What the table and what the reader call a block."""


def _rows(test_data: Path, folder: str) -> list[dict[str, str]]:
    with (test_data / "formats" / "EXPECTED.tsv").open(encoding="utf-8") as table:
        return [row for row in csv.DictReader(table, delimiter="\t") if row["file"].startswith(folder)]


def _compare(scan: bg.Spectrum, row: dict[str, str], energy: float = 0.0) -> None:
    """Positions as the file states them (kinetic energies where ``energy`` is hv), ordinates in that order."""
    x = energy - scan.x if energy else scan.x
    ends = [float(row[key]) for key in ("x_first", "x_last")]
    order = 1 if (x[0] < x[-1]) == (ends[0] < ends[1]) else -1
    x, y = x[::order], scan.y[::order]
    assert len(scan) == int(row["points"]), row["file"]
    np.testing.assert_allclose([x[0], x[-1], x[np.argmax(y)]], [*ends, float(row["x_at_max"])], rtol=1e-9)
    stated = [float(row[key]) for key in ("y_first", "y_last", "y_min", "y_max")]
    np.testing.assert_allclose([y[0], y[-1], y.min(), y.max()], stated, rtol=DIGITS)


def test_vamas_rows(test_data: Path) -> None:
    rows = _rows(test_data, "vamas/")
    compared = 0
    for row in rows:
        path = test_data / "formats" / row["file"]
        if path.stem == "aes_staib":
            with pytest.raises(bg.UnknownFormat, match="AES diff, not by XPS"):
                bg.read(path)
            continue
        _compare(bg.read_all(path)[int(row["part"].split()[1])], row, energy=1486.7)
        compared += 1
    assert (len(rows), compared) == (5, 4)


def test_opus_rows(test_data: Path) -> None:
    rows = _rows(test_data, "opus/")
    compared = 0
    for row in rows:
        scans = {scan.metadata["block"]: scan for scan in bg.read_all(test_data / "formats" / row["file"])}
        if row["part"] in NOT_SPECTRA:
            assert set(scans) <= set(OPUS_BLOCKS.values())
            continue
        _compare(scans[OPUS_BLOCKS[row["part"]]], row)
        compared += 1
    assert (len(rows), compared) == (7, 4)
