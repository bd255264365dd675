"""A scan keeps its technique whichever way its positions run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["scan.xy", "scan.csv", "scan.txt", "scan.dat"])
def test_a_descending_diffraction_scan_stays_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("".join(f"{80 - 0.02 * i:.2f} {100 + i % 7}\n" for i in range(3500)))
    scan = bg.read(path)
    assert scan.technique == "xrd"
    assert scan.x[0] == pytest.approx(10.02)
    assert "axis_reversed" in {note.code for note in scan.diagnostics}
