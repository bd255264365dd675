"""Lines by K-beta and tungsten are told from lines of unknown phases, on patterns computed with these wavelengths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import braggite as bg
from braggite.radiation import ANODES, TUNGSTEN_LALPHA1_ANGSTROM, radiation_named
from braggite.simulation import PhaseState, simulate_pattern
from braggite.spectrum import Instrument, Radiation

COPPER = radiation_named("CuKa")
KBETA, TUNGSTEN = ANODES["Cu"].kbeta_angstrom, TUNGSTEN_LALPHA1_ANGSTROM
CORUNDUM = "al2o3-corundum"


def report(
    *ghosts: tuple[float, float], extra: tuple[float, float] | None = None, **instrument: float
) -> bg.PhaseReport:
    """Corundum by copper K-alpha and ``ghosts`` (wavelength, weight), with an ``extra`` line (position, height)."""
    library = bg.ReferenceLibrary.default()
    spectrum = simulate_pattern(
        [PhaseState(library[CORUNDUM])],
        radiation=Radiation((*COPPER.lines, *ghosts)),
        two_theta_deg=(20.0, 80.0, 0.02),
        background=(100.0, 0.0),
        peak_counts=20000.0,
    )
    rng = np.random.default_rng(11)
    mean = np.array(spectrum.y)
    if extra is not None:
        mean = mean + extra[1] * np.exp(-4.0 * np.log(2.0) * ((spectrum.x - extra[0]) / 0.12) ** 2)
    counted = replace(
        spectrum, y=rng.poisson(mean).astype(float), radiation=COPPER, instrument=Instrument(**instrument), sigma=None
    )
    return bg.identify(counted, library=library.filter(elements="Al O"))


def ghosts_of(result: bg.PhaseReport) -> list[float]:
    return [at for note in result.diagnostics if note.code == "ghost_lines" for at in note.value]


def bragg(two_theta_deg: float, wavelength: float) -> float:
    return 2.0 * np.degrees(
        np.arcsin(wavelength / COPPER.wavelength_angstrom * np.sin(np.radians(two_theta_deg) / 2.0))
    )


def strongest(result: bg.PhaseReport) -> float:
    lines = result.fits[0].phases[0].reflections
    return float(lines.two_theta_deg[np.argmax(lines.intensity)])


@pytest.mark.parametrize(("wavelength", "name"), [(KBETA, "Cu K-beta"), (TUNGSTEN, "W L-alpha")])
def test_a_ghost_is_named_and_no_line_stays_unexplained(wavelength: float, name: str) -> None:
    result = report((wavelength, 0.015))
    assert not result.unexplained
    assert result.verdict == "identified"
    assert any(abs(at - bragg(strongest(result), wavelength)) < 0.05 for at in ghosts_of(result))
    assert all(name in note.message for note in result.diagnostics if note.code == "ghost_lines")


def test_without_ghosts_nothing_is_said() -> None:
    result = report()
    assert (ghosts_of(result), result.unexplained) == ([], ())


def test_a_line_too_strong_for_a_ghost_stays_unexplained() -> None:
    place = bragg(43.35, KBETA)
    result = report(extra=(place, 3000.0))
    assert [line.position for line in result.unexplained] == pytest.approx([place], abs=0.05)
    assert result.verdict == "partial"


def test_a_weak_line_stays_unexplained_where_stronger_lines_show_no_ghost() -> None:
    # 1.2 % of a line of half the strongest one's height: the strongest would show 240 counts there.
    result = report(extra=(bragg(52.55, KBETA), 150.0))
    assert [line.position for line in result.unexplained] == pytest.approx([bragg(52.55, KBETA)], abs=0.05)


def test_behind_a_monochromator_there_are_no_ghosts() -> None:
    result = report(extra=(bragg(43.35, KBETA), 250.0), monochromator_two_theta_deg=26.6)
    assert ghosts_of(result) == []
    assert len(result.unexplained) == 1
