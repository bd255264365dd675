"""What `braggite info` prints for a person: names, where the noise comes from, each warning once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.formats.test_workbooks import OXYGEN, export, written

if TYPE_CHECKING:
    from pathlib import Path


def test_every_scan_is_named_and_a_warning_stands_once(braggite, tmp_path: Path) -> None:
    path = written(tmp_path, {"C1s Scan": export(OXYGEN), "O1s Scan": export(OXYGEN)})
    done = braggite("info", path)
    assert done.code == 0
    assert done.out.count("technique   xps, Excel workbook, scan 1 (of 0 to 1)") == 1
    assert "name        O1s Scan" in done.out
    assert "counts/s, largest 7972.02, noise estimated from the scatter" in done.out
    (line,) = [line for line in done.err.splitlines() if "sigma_unknown" in line]
    assert line.endswith("(and 1 more place; -v names them)")
    assert braggite("info", path, "-v").err.count("sigma_unknown") == 2


def test_counts_say_so(braggite, tmp_path: Path) -> None:
    path = tmp_path / "scan.xy"
    path.write_text("10 4\n11 9\n12 5\n")
    printed = braggite("info", path).out
    assert "name" not in printed
    assert "counts, largest 9, noise known from counting" in printed
