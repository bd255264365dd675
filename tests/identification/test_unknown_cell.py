"""Cells for unexplained lines: found for lines of one lattice, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from braggite import ReferenceLibrary, identify
from braggite.identification.unknown_cell import LEAST_LINES, unknown_cell
from braggite.radiation import radiation_named
from braggite.references.powder_lines import powder_lines
from braggite.simulation import PhaseState, simulate_pattern


def strongest(name: str, count: int, seed: int = 1) -> np.ndarray:
    """Spacings of the strongest lines from 10 to 70 degrees, each line 0.01 degrees off."""
    radiation = radiation_named("CuKa")
    phase = ReferenceLibrary.default()[name]
    lines = powder_lines(phase, radiation, two_theta_min_deg=10.0, two_theta_max_deg=70.0)
    half = 0.5 * radiation.wavelength_angstrom
    theta = np.arcsin(half / lines.d_angstrom[np.argsort(-lines.intensity)[:count]])
    shifts = np.radians(0.5 * np.random.default_rng(seed).normal(0.0, 0.01, len(theta)))
    return half / np.sin(theta + shifts)


@pytest.mark.parametrize(
    ("name", "system"),
    [("batio3-tetragonal", "tetragonal"), ("geo2-quartz-type", "hexagonal"), ("la-oh-3", "hexagonal")],
)
@pytest.mark.parametrize("count", [LEAST_LINES, 12])
def test_the_cell_is_that_of_the_phase(name: str, system: str, count: int) -> None:
    cell = unknown_cell(strongest(name, count))
    true = ReferenceLibrary.default()[name].structure.cell
    assert cell is not None
    assert (cell.system, cell.n_lines) == (system, count)
    # 0.01 degrees are 0.05 % of a spacing at 20 degrees.
    assert cell.a_angstrom == pytest.approx(true.a_angstrom, rel=2e-3)
    assert cell.c_angstrom == pytest.approx(true.c_angstrom, rel=2e-3)


def test_lines_of_a_cubic_cell_are_cubic() -> None:
    d = 4.2 / np.sqrt([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0, 11.0])
    cell = unknown_cell(d)
    assert cell is not None
    assert cell.system == "cubic"
    assert cell.a_angstrom == cell.c_angstrom == pytest.approx(4.2, rel=1e-6)


@pytest.mark.parametrize("count", [LEAST_LINES, 12])
def test_random_lines_have_none(count: int) -> None:
    rng = np.random.default_rng(7)
    half = 0.5 * radiation_named("CuKa").wavelength_angstrom
    lists = [half / np.sin(np.radians(0.5 * rng.uniform(10.0, 70.0, count))) for _ in range(40)]
    assert [unknown_cell(d) for d in lists] == [None] * 40


def test_lines_of_two_phases_have_none() -> None:
    both = np.concatenate([strongest("batio3-tetragonal", 6), strongest("geo2-quartz-type", 6)])
    assert unknown_cell(both) is None


def test_few_lines_say_nothing() -> None:
    assert unknown_cell(strongest("batio3-tetragonal", LEAST_LINES - 1)) is None


def test_lines_that_no_phase_of_the_library_explains_are_told_as_one_phase() -> None:
    library = ReferenceLibrary.default()
    states = [PhaseState(library["li2co3"], 0.6), PhaseState(library["batio3-tetragonal"], 0.4)]
    scan = simulate_pattern(
        states,
        radiation=radiation_named("CuKa"),
        two_theta_deg=(15.0, 90.0, 0.02),
        displacement_mm=0.1,
        peak_counts=20_000.0,
        seed=2,
    )
    report = identify(scan, library=library.filter(elements="Li C O"))
    assert report.unexplained_phase is not None
    assert report.unexplained_phase.cell is not None
    # The tetragonal cell, 3.994 and 4.034, is cubic but for 1 %.
    assert report.unexplained_phase.cell.a_angstrom == pytest.approx(4.0, rel=0.01)
    assert "they may be of one phase" in report.to_text()
    assert "they may be of one phase" in report.to_html()
    document = report.to_dict()["unexplained_phase"]
    assert set(document) == {"n_lines", "cell"}
    assert set(document["cell"]) == {"system", "a_angstrom", "c_angstrom", "n_lines", "merit"}


def test_where_nothing_is_left_over_nothing_is_said() -> None:
    library = ReferenceLibrary.default()
    scan = simulate_pattern([PhaseState(library["li2co3"])], radiation=radiation_named("CuKa"), seed=2)
    assert identify(scan, library=library.filter(elements="Li C O")).unexplained_phase is None
