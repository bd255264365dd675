"""Empty holders: factor, noise and lines of the blank, against simulated scans."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern

FACTOR = 0.4
PROFILE = Profile(u=0.004, v=-0.004, w=0.005, x=0.015, y=0.01)


def holder(x: np.ndarray, seed: int | None, level: float = 1.0) -> np.ndarray:
    """A glass hump, air scatter at low angle and two lines of aluminium, in counts."""
    hump = 900.0 * np.exp(-(((x - 23.0) / 5.0) ** 2)) + 4000.0 / x
    lines = sum(h * np.exp(-(((x - c) / 0.08) ** 2)) for c, h in ((38.47, 1500.0), (44.72, 700.0)))
    y = level * (hump + lines)
    return y if seed is None else np.random.default_rng(seed).poisson(y).astype(float)


@cache
def scan(seed: int) -> bg.Spectrum:
    """Rutile on the holder, which is shadowed to two fifths."""
    rutile = simulate_pattern(
        [PhaseState(bg.ReferenceLibrary.default()["tio2-rutile"])],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(15.0, 75.0, 0.02),
        profile=PROFILE,
        peak_counts=20000.0,
        background=(60.0, -20.0, 5.0),
    )
    y = np.random.default_rng(seed).poisson(rutile.y + holder(rutile.x, None, FACTOR)).astype(float)
    return bg.Spectrum.from_arrays(rutile.x, y, counts=True, radiation=rutile.radiation)


def blank(seed: int = 99, *, step: float = 0.02, low: float = 15.0) -> bg.Spectrum:
    x = np.round(np.arange(low, 75.0 + 0.5 * step, step), 6)
    return bg.Spectrum.from_arrays(x, holder(x, seed), counts=True, radiation=radiation_named("CuKa"))


def factor_of(spectrum: bg.Spectrum) -> tuple[float, float | None, str]:
    options = spectrum.history[-1].options
    return options["factor"], options["factor_su"], options["how"]


@pytest.mark.parametrize("step", [0.02, 0.03])
def test_the_factor_is_fitted_beneath_the_lines(step: float) -> None:
    z = []
    for seed in range(10):
        factor, su, how = factor_of(bg.subtract_blank(scan(seed), blank(100 + seed, step=step)))
        assert how == "fitted"
        assert su is not None
        z.append((factor - FACTOR) / su)
        assert factor == pytest.approx(FACTOR, rel=0.03), "simulated truth"
    # Tails of the sample's lines, which no line is without, are taken for background: a bias of some uncertainties.
    assert np.std(z) < 2.0


def test_lines_of_the_holder_are_gone() -> None:
    rutile = [bg.ReferenceLibrary.default()["tio2-rutile"]]
    before = {round(line.position_deg, 1) for line in bg.match_lines(scan(1), rutile).extra}
    after = {round(line.position_deg, 1) for line in bg.match_lines(bg.subtract_blank(scan(1), blank()), rutile).extra}
    assert {38.5, 44.7} <= before
    assert not {38.4, 38.5, 38.6, 44.6, 44.7, 44.8} & after


def test_noise_is_that_of_both_scans() -> None:
    net = bg.subtract_blank(scan(1), blank(), factor=FACTOR)
    expected = np.sqrt(np.maximum(scan(1).y, 1.0) + FACTOR**2 * np.maximum(blank().y, 1.0))
    assert net.sigma == pytest.approx(expected, rel=1e-12), "Poisson counts, propagated"
    assert net.counts is False
    empty = bg.Spectrum.from_arrays(blank().x, holder(blank().x, 7, FACTOR), counts=True, radiation=blank().radiation)
    pulls = bg.subtract_blank(empty, blank(), factor=FACTOR)
    assert pulls.sigma is not None
    assert np.std(pulls.y / pulls.sigma) == pytest.approx(1.0, abs=0.05), "3,000 points know it to 1.3 %"


def test_other_positions_are_interpolated_and_said() -> None:
    fine = bg.subtract_blank(scan(1), blank(step=0.03), factor=FACTOR)
    assert "blank_interpolated" in {note.code for note in fine.diagnostics}
    same = bg.subtract_blank(scan(1), blank(), factor=FACTOR)
    assert "blank_interpolated" not in {note.code for note in same.diagnostics}
    position = int(np.argmin(np.abs(scan(1).x - 20.01)))
    coarse = blank(step=0.03)
    k = int(np.searchsorted(coarse.x, scan(1).x[position])) - 1
    share = (scan(1).x[position] - coarse.x[k]) / 0.03
    by_hand = (1 - share) * coarse.y[k] + share * coarse.y[k + 1]
    assert scan(1).y[position] - fine.y[position] == pytest.approx(FACTOR * by_hand, rel=1e-9)


def test_counting_times_give_the_factor() -> None:
    long, short = (replace(s, metadata={"dwell_s": t}) for s, t in ((blank(), 5.0), (scan(1), 2.0)))
    assert factor_of(bg.subtract_blank(short, long)) == (0.4, None, "exposure")
    rates = replace(short, counts=False)
    assert factor_of(bg.subtract_blank(rates, long))[2] == "fitted", "rates carry their time already"


def test_a_blank_without_features_leaves_its_factor_open() -> None:
    flat = replace(blank(), y=np.full(len(blank()), 500.0))
    with pytest.raises(bg.OptionError, match="no positive factor"):
        bg.subtract_blank(scan(1), flat)
    x = blank().x
    bump = np.exp(-(((x - 40.0) / 3.0) ** 2))
    faint = bg.Spectrum.from_arrays(x, 400.0 + bump, sigma=np.full(x.size, 20.0), radiation=scan(1).radiation)
    other = bg.Spectrum.from_arrays(x, 500.0 + bump, sigma=np.full(x.size, 0.1), radiation=scan(1).radiation)
    net = bg.subtract_blank(faint, other)
    assert factor_of(net)[0] == pytest.approx(1.0, abs=1e-6), "no noise was added"
    assert "blank_factor_uncertain" in {note.code for note in net.diagnostics}


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_an_absurd_factor_is_refused(factor: float) -> None:
    with pytest.raises(bg.OptionError, match="must be positive"):
        bg.subtract_blank(scan(1), blank(), factor=factor)


def test_another_instrument_or_range_is_refused() -> None:
    with pytest.raises(bg.OptionError, match="covers"):
        bg.subtract_blank(scan(1), blank(low=20.0))
    with pytest.raises(bg.OptionError, match="angstrom"):
        bg.subtract_blank(scan(1), replace(blank(), radiation=radiation_named("CoKa")))
    raman = bg.Spectrum.from_arrays(blank().x, blank().y, technique="raman")
    with pytest.raises(bg.OptionError, match="raman"):
        bg.subtract_blank(scan(1), raman)
