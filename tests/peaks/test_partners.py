"""Peaks that the weaker emission line makes beside a strong one are marked, never dropped."""

from __future__ import annotations

import numpy as np
import pytest
from patterns import pseudo_voigt

import braggite as bg
from braggite.radiation import radiation_named

DOUBLET = radiation_named("CuKa")
LINES = ((28.0, 900.0), (47.0, 4000.0), (69.0, 8000.0), (95.0, 3000.0), (120.0, 2500.0))


def second(at: float) -> float:
    """Where K-alpha2 puts a line of K-alpha1 (Bragg's law)."""
    (first, _), (other, _) = DOUBLET.lines
    return 2 * np.degrees(np.arcsin(np.sin(np.radians(at / 2)) * other / first))


def scan(lines=LINES, *, weight=0.5, fwhm=0.1, seed=3, radiation=DOUBLET):
    x = np.arange(15.0, 135.0, 0.02)
    y = np.full(x.size, 60.0)
    for at, height in lines:
        y += height * pseudo_voigt(x, at, fwhm, 0.4) + weight * height * pseudo_voigt(x, second(at), fwhm, 0.4)
    counts = np.random.default_rng(seed).poisson(y)
    return bg.Spectrum.from_arrays(x, counts, counts=True, radiation=radiation)


def test_resolved_partners_and_shoulders_are_marked():
    peaks = bg.find_peaks(scan())
    for at, _ in LINES[1:]:
        line = int(np.argmin(np.abs(peaks.position - at)))
        partner = int(np.argmin(np.abs(peaks.position - second(at))))
        assert partner != line
        assert peaks.partner_of[line] == -1
        assert peaks.partner_of[partner] == line, f"{at}: {peaks.to_dict()['peaks']}"
        assert peaks[partner].partner_of == line
    own = [peak for peak in peaks if peak.partner_of is None]
    assert len(own) == len(LINES), "every line once, its partner marked"


def test_a_partner_too_high_is_a_line_of_its_own():
    peaks = bg.find_peaks(scan(weight=1.3))
    assert np.all(peaks.partner_of == -1)


@pytest.mark.parametrize("radiation", [None, radiation_named("CuKa1")])
def test_without_a_doublet_nothing_is_marked(radiation):
    peaks = bg.find_peaks(scan(radiation=radiation))
    assert len(peaks) > len(LINES)
    assert np.all(peaks.partner_of == -1)
