"""Transmittance, absorbance and reflectance, each from the other."""

from __future__ import annotations

import numpy as np
import pytest

import braggite as bg
from braggite.diagnostics import Diagnostic

X = np.linspace(400.0, 4000.0, 1801)
ABSORBANCE = 0.05 + 0.8 * np.exp(-0.5 * ((X - 1450.0) / 30.0) ** 2)


def infrared(y, unit, sigma=None, **fields) -> bg.Spectrum:
    sigma = None if sigma is None else np.full(X.size, sigma)
    return bg.Spectrum.from_arrays(X, y, technique="ftir", y_unit=unit, sigma=sigma, **fields)


@pytest.mark.parametrize(("factor", "scale"), [(1.0, "fraction"), (100.0, "percent")])
def test_transmittance_becomes_absorbance_whatever_its_scale(factor, scale):
    found = bg.to_absorbance(infrared(factor * 10**-ABSORBANCE, "transmittance", sigma=factor * 1e-3))
    np.testing.assert_allclose(found.y, ABSORBANCE, atol=1e-12)
    np.testing.assert_allclose(found.sigma, 1e-3 / 10**-ABSORBANCE / np.log(10.0), rtol=1e-12)
    assert found.y_unit == "absorbance"
    assert found.history[-1].to_dict() == {"verb": "to_absorbance", "options": {"scale": scale}}
    assert ("transmittance_percent" in {note.code for note in found.diagnostics}) == (scale == "percent")


def test_absorbance_and_back():
    there = bg.to_transmittance(infrared(ABSORBANCE, "absorbance", sigma=2e-3))
    np.testing.assert_allclose(there.y, 10**-ABSORBANCE, rtol=1e-12)
    back = bg.to_absorbance(there)
    np.testing.assert_allclose(back.y, ABSORBANCE, atol=1e-12)
    np.testing.assert_allclose(back.sigma, 2e-3, rtol=1e-9)
    assert bg.to_absorbance(back) is back
    named = bg.to_absorbance(infrared(ABSORBANCE, "arbitrary"), taken_as="absorbance")
    assert (named.y_unit, named.history[-1].options) == ("absorbance", {"taken_as": "absorbance"})
    percent = bg.to_transmittance(infrared(100 * 10**-ABSORBANCE, "transmittance"))
    np.testing.assert_allclose(percent.y, 10**-ABSORBANCE)


def test_values_of_zero_and_below_are_left_out_and_said():
    y = 10**-ABSORBANCE
    y[[700, 701, 702]] = [0.0, -0.01, 0.0]
    found = bg.to_absorbance(infrared(y, "transmittance"))
    assert len(found) == X.size - 3
    assert not np.isin(X[[700, 701, 702]], found.x).any()
    note = next(note for note in found.diagnostics if note.code == "ordinates_not_positive")
    assert (note.level, note.value) == ("warning", 3)
    with pytest.raises(bg.InvalidSpectrum, match="not above zero"):
        bg.to_absorbance(infrared(-y, "transmittance"))


def test_more_than_all_the_light_is_kept_and_said():
    above = bg.to_absorbance(infrared(1.3 * 10**-ABSORBANCE, "transmittance"))
    assert above.y.min() < -0.05
    assert "ordinates_above_one" in {note.code for note in above.diagnostics}
    fine = bg.to_absorbance(infrared(10**-ABSORBANCE, "transmittance"))
    assert "ordinates_above_one" not in {note.code for note in fine.diagnostics}


def test_a_scale_that_values_do_not_tell_is_doubted_unless_it_is_given():
    thick = 4.0 * 10**-ABSORBANCE
    doubted = bg.to_absorbance(infrared(thick, "transmittance"))
    assert "transmittance_scale_doubtful" in {note.code for note in doubted.diagnostics}
    stated = bg.to_absorbance(infrared(thick, "transmittance"), scale="percent")
    assert "transmittance_scale_doubtful" not in {note.code for note in stated.diagnostics}
    np.testing.assert_allclose(stated.y, ABSORBANCE - np.log10(0.04), atol=1e-12)


def test_kubelka_munk_of_a_diffuse_reflectance():
    reflectance = 0.9 - 0.7 * np.exp(-0.5 * ((X - 1450.0) / 30.0) ** 2)
    given = infrared(100.0 * reflectance, "arbitrary", sigma=0.1, diagnostics=(Diagnostic.of("reflectance"),))
    found = bg.kubelka_munk(given)
    np.testing.assert_allclose(found.y, (1 - reflectance) ** 2 / (2 * reflectance), rtol=1e-12)
    low, high = ((1 - r) ** 2 / (2 * r) for r in (reflectance - 1e-3, reflectance + 1e-3))
    np.testing.assert_allclose(found.sigma, np.abs(high - low) / 2, rtol=0.01)
    over = bg.kubelka_munk(infrared(reflectance + 0.2, "arbitrary"), taken_as="reflectance")
    assert over.y.min() == 0.0
    assert np.all(over.sigma > 0.0)
    assert "ordinates_above_one" in {note.code for note in over.diagnostics}


@pytest.mark.parametrize("step", [bg.to_absorbance, bg.to_transmittance, bg.kubelka_munk])
def test_what_is_no_spectrum_of_a_known_kind_is_refused(step):
    with pytest.raises(bg.OptionError, match="nothing states"):
        step(infrared(ABSORBANCE, "arbitrary"))
    beam = infrared(ABSORBANCE, "arbitrary", diagnostics=(Diagnostic.of("single_beam"),))
    with pytest.raises(bg.OptionError, match="single beam"):
        step(beam, taken_as="transmittance")


def test_reflectance_is_not_taken_for_transmittance_or_the_other_way_round():
    with pytest.raises(bg.OptionError, match="Kubelka-Munk"):
        bg.to_absorbance(infrared(ABSORBANCE, "arbitrary"), taken_as="reflectance")
    with pytest.raises(bg.OptionError, match="holds no transmittance"):
        bg.to_transmittance(infrared(ABSORBANCE, "arbitrary"), taken_as="reflectance")
    with pytest.raises(bg.OptionError, match="not reflectance"):
        bg.kubelka_munk(infrared(ABSORBANCE, "absorbance"))
    with pytest.raises(bg.InvalidSpectrum, match="absorbance of -399"):
        bg.to_transmittance(infrared(ABSORBANCE - 400.0, "absorbance"))


def test_a_real_single_beam_and_a_real_reflectance(test_data):
    pytest.importorskip("brukeropus")
    path = test_data / "vibrational/openspecy_samples/ftir_ps.0"
    beam = next(s for s in bg.read_all(path) if "single_beam" in {note.code for note in s.diagnostics})
    with pytest.raises(bg.OptionError, match="single beam"):
        bg.to_absorbance(beam, taken_as="transmittance")
    diffuse = bg.read(test_data / "vibrational/openspecy_samples/fitr_nitrocellulose.jdx")
    assert "reflectance" in {note.code for note in diffuse.diagnostics}
    assert bg.kubelka_munk(diffuse).y.max() > 0.1


def test_interferograms_and_single_beams_are_told_by_their_label():
    from braggite.formats.infrared import ordinate_unit

    with pytest.raises(bg.UnknownFormat, match="interferogram"):
        ordinate_unit("INTERFEROGRAM", ABSORBANCE, "a.jdx")
    assert ordinate_unit("Single Beam", ABSORBANCE, "a.spa")[2][0].code == "single_beam"
