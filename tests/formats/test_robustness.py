"""The smallest measured file of every reader, cut, damaged and renamed: our errors only, soon over, small.

The whole set is attacked by ``python -m validation.formats --hostile``. Formats of which no file may be shared are
attacked in the conformance tests, with what their own writers make.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.formats.robustness import CUTS, FLIPS, WRONG_SUFFIXES, cuts, flips, outcome, survive
from validation.formats import row_of, samples

import braggite as bg
from braggite.formats.readers.refused import REFUSALS
from braggite.formats.registry import choose_reader, readers

if TYPE_CHECKING:
    from pathlib import Path

READ = sorted({reader.name for reader in readers()} - {refusal.name for refusal in REFUSALS})
WITH_SAMPLES = {
    "brml", "bruker-raw1", "bruker-raw2", "bruker-raw4", "gsas", "jcamp", "perkinelmer-sp", "powder-cif", "ras", "rasx",
    "spc", "start-step-stop", "text", "vamas", "xlsx", "xrdml",
}  # fmt: skip
SMALL_BYTES = 60_000
LARGE_SHARE = 8
"""A larger file is cut and damaged less often by this factor, to keep the suite quick."""
CUT_MAY_READ = {
    "text", "start-step-stop", "spectrometer-table", "casaxps-text", "specs-xy", "powder-cif", "phi-text",
}  # fmt: skip
"""Tables without an end mark: a cut one reads, shorter, never with half a last row."""


@pytest.fixture(scope="module")
def fixtures(test_data: Path) -> dict[str, Path]:
    """The smallest measured file that each reader opens."""
    found: dict[str, Path] = {}
    for path in sorted(samples(test_data), key=lambda path: path.stat().st_size):
        if "simulated" in path.relative_to(test_data).parts:
            continue
        try:
            name = choose_reader(path.read_bytes(), path).name
        except bg.UnknownFormat:
            continue
        if name in READ and name not in found and row_of(path, test_data).outcome == "opened":
            found[name] = path
    return found


def test_measured_files_are_there(fixtures: dict[str, Path]) -> None:
    assert set(fixtures) >= WITH_SAMPLES


@pytest.mark.parametrize("reader", READ)
def test_a_cut_file(fixtures: dict[str, Path], reader: str, tmp_path: Path) -> None:
    if reader in fixtures:
        content = fixtures[reader].read_bytes()
        number = CUTS if len(content) < SMALL_BYTES else CUTS // LARGE_SHARE
        outcomes = survive(tmp_path / fixtures[reader].name, cuts(content, number))
        read = [name for name, end in outcomes.items() if end.code == "read"]
        assert reader in CUT_MAY_READ or not read, f"{fixtures[reader].name}: {read}"


@pytest.mark.parametrize("reader", READ)
def test_a_damaged_file(fixtures: dict[str, Path], reader: str, tmp_path: Path) -> None:
    if reader in fixtures:
        content = fixtures[reader].read_bytes()
        number = FLIPS if len(content) < SMALL_BYTES else FLIPS // LARGE_SHARE
        survive(tmp_path / fixtures[reader].name, flips(content, number))


@pytest.mark.parametrize("reader", READ)
def test_a_wrong_suffix(fixtures: dict[str, Path], reader: str, tmp_path: Path) -> None:
    for suffix in WRONG_SUFFIXES if reader in fixtures else ():
        outcome(shutil.copyfile(fixtures[reader], tmp_path / f"scan{suffix}"))
