"""Attenuated total reflection against Fresnel's equations: weak absorption in closed form, strong bands simulated."""

from __future__ import annotations

import numpy as np
import pytest

import braggite as bg
from braggite.preprocessing.attenuated_reflection import CRYSTALS, effective_thickness, penetration_depth_um
from braggite.preprocessing.optical_constants import Reflection, dispersion

X = np.arange(400.0, 4000.0, 1.0)
AT_REST = 1.6


def oscillators(strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Refraction and absorption of four Lorentz oscillators: a strong carbonate-like band and three weak ones."""
    bands = ((0.03, 1450.0, 25.0), (0.01, 860.0, 10.0), (0.005, 700.0, 8.0), (0.02, 3000.0, 40.0))
    permittivity = AT_REST**2 + sum(s * strength * v**2 / (v**2 - X**2 - 1j * g * X) for s, v, g in bands)
    index = np.sqrt(permittivity)
    return index.real, index.imag


def peak(y: np.ndarray) -> float:
    inside = (X > 1300.0) & (X < 1600.0)
    return float(X[inside][np.argmax(y[inside])])


def measured(strength: float, crystal: float = 2.38, angle_deg: float = 45.0, reflections: int = 1) -> bg.Spectrum:
    absorbance = reflections * Reflection(crystal, angle_deg, AT_REST).absorbance(*oscillators(strength))
    return bg.Spectrum.from_arrays(X, absorbance, technique="ftir", y_unit="absorbance", sigma=np.full(X.size, 1e-5))


@pytest.mark.parametrize(("crystal", "angle_deg"), [(2.38, 45.0), (4.0, 45.0), (2.38, 60.0), (4.0, 30.0)])
def test_effective_thickness_is_the_limit_of_fresnel_for_weak_absorption(crystal, angle_deg):
    k = 1e-6
    thickness = effective_thickness(crystal, AT_REST, angle_deg)
    amplitudes = Reflection(crystal, angle_deg, AT_REST).amplitudes(np.array([AT_REST + 1j * k]))
    for amplitude, expected in zip(amplitudes, (thickness.perpendicular, thickness.parallel), strict=True):
        absorbed = -np.log(np.abs(amplitude[0]) ** 2)  # = alpha d = 4 pi k d / wavelength
        assert absorbed / (4.0 * np.pi * k) == pytest.approx(expected, rel=1e-4)
    assert thickness.unpolarised == pytest.approx(0.5 * (thickness.perpendicular + thickness.parallel))


def test_at_45_degrees_parallel_light_goes_twice_as_far():
    for index in CRYSTALS.values():
        thickness = effective_thickness(index, 1.5, 45.0)
        assert thickness.parallel == pytest.approx(2.0 * thickness.perpendicular)  # Harrick & du Pre


def test_light_goes_two_micrometres_deep_at_1000_from_diamond():
    # by hand: 10 / (2 pi 2.38 sqrt(0.5 - (1.5/2.38)^2)) = 10 / 4.794
    assert penetration_depth_um([1000.0, 2000.0], 2.38, 1.5, 45.0) == pytest.approx([2.086, 1.043], abs=1e-3)


def test_intensity_undoes_the_depth_and_full_is_the_same_at_another_scale():
    spectrum = measured(0.1)
    intensity, full = bg.correct_atr(spectrum), bg.correct_atr(spectrum, sample_index=AT_REST, mode="full")
    np.testing.assert_allclose(intensity.y, spectrum.y * X / 1000.0)
    np.testing.assert_allclose(intensity.sigma, spectrum.sigma * X / 1000.0)
    assert np.ptp(full.y / intensity.y) < 1e-9 * np.max(full.y / intensity.y)
    assert [step.verb for step in full.history] == ["correct_atr"]


def test_full_answers_for_a_micrometre_of_a_weak_absorber():
    _, k = oscillators(0.003)
    found = bg.correct_atr(measured(0.003), sample_index=AT_REST, mode="full")
    expected = 4.0 * np.pi * k * X * 1e-4 / np.log(10.0)
    at = int(np.argmax(expected))
    assert found.y[at] == pytest.approx(expected[at], rel=0.01)  # exact for no absorption; the peak has k = 0.0016


@pytest.mark.parametrize(
    ("strength", "crystal", "angle_deg", "largest"),
    [
        (0.1, 2.38, 45.0, 1e-3), (0.3, 2.38, 45.0, 1e-3), (0.3, 2.38, 60.0, 1e-3), (1.0, 4.0, 45.0, 1e-3),
        (1.0, 4.0, 35.0, 1e-3), (1.0, 2.38, 45.0, 0.05), (4.0, 4.0, 45.0, 0.05),
    ],
)  # fmt: skip
def test_dispersion_gives_absorption_and_position_back(strength, crystal, angle_deg, largest):
    _, k = oscillators(strength)
    spectrum = measured(strength, crystal, angle_deg)
    found = bg.correct_atr(spectrum, crystal, angle_deg=angle_deg, sample_index=AT_REST, mode="dispersion")
    true = 4.0 * np.pi * k * X * 1e-4 / np.log(10.0)
    assert np.max(np.abs(found.y - true)) <= max(largest, 0.002 / k.max()) * true.max()  # simulated with Fresnel
    assert abs(peak(found.y) - peak(true)) <= 1.0  # one step; as recorded 2 to 13 lower
    assert peak(spectrum.y) < peak(true) or strength < 0.3 or crystal > 3.0


def test_a_strong_band_as_recorded_stands_too_low():
    assert peak(measured(1.0).y) == 1439.0  # transmission: 1452
    assert peak(bg.correct_atr(measured(1.0)).y) == 1439.0  # intensity alone does not move it


def test_noise_and_several_reflections_do_no_harm():
    generator = np.random.default_rng(1)
    quiet = measured(0.1, reflections=3)
    noisy = bg.Spectrum.from_arrays(
        X, quiet.y + generator.normal(0.0, 5e-4, X.size), technique="ftir", y_unit="absorbance",
        sigma=np.full(X.size, 5e-4),
    )  # fmt: skip
    _, k = oscillators(0.1)
    true = 4.0 * np.pi * k * X * 1e-4 / np.log(10.0)
    found = bg.correct_atr(noisy, sample_index=AT_REST, mode="dispersion", reflections=3)
    assert "not_converged" not in {note.code for note in found.diagnostics}
    strong = true > 0.1 * true.max()
    assert np.sqrt(np.mean(((found.y - true) / true)[strong] ** 2)) < 0.02


def test_a_band_cut_off_by_the_end_of_the_spectrum_spoils_nothing_far_away():
    whole = bg.correct_atr(measured(0.3), sample_index=AT_REST, mode="dispersion")
    part = bg.correct_atr(measured(0.3).cut(862.0, 3990.0), sample_index=AT_REST, mode="dispersion")
    far = (part.x > 1300.0) & (part.x < 3500.0)
    # the refraction that the lost half of that band adds is not known: 0.001, which is 1 % of the highest
    np.testing.assert_allclose(part.y[far], whole.y[np.isin(X, part.x)][far], atol=0.02 * whole.y.max())
    assert "not_converged" not in {note.code for note in part.diagnostics}
    assert peak(np.interp(X, part.x, part.y)) == peak(whole.y)


def test_a_spectrum_that_cannot_be_met_is_said_not_to_be():
    found = bg.correct_atr(measured(4.0), sample_index=AT_REST, mode="dispersion")
    note = next(note for note in found.diagnostics if note.code == "not_converged")
    assert note.value == found.history[-1].options["largest_misfit"] > 0.01


def test_dispersion_agrees_with_maclaurins_sum():
    refraction, k = oscillators(1.0)
    k = k - np.interp(X, X[[0, -1]], k[[0, -1]])  # zero at both ends, where neither knows what follows
    slow = np.empty(X.size)
    for i in range(X.size):
        other = np.arange((i + 1) % 2, X.size, 2)  # Ohta & Ishida, Appl. Spectrosc. 42 (1988) 952
        slow[i] = 4.0 / np.pi * np.sum(X[other] * k[other] / (X[other] ** 2 - X[i] ** 2))
    np.testing.assert_allclose(dispersion(X, k), slow, atol=1e-4)
    np.testing.assert_allclose(dispersion(X, k) + AT_REST, refraction, atol=2e-3)  # the oscillators' own


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crystal": "glass"}, "crystal 'glass'"),
        ({"crystal": 0.5}, "must be 1 to 10"),
        ({"angle_deg": 30.0}, "not totally reflected"),
        ({"angle_deg": 90.0}, "not totally reflected"),
        ({"sample_index": 2.5}, "not totally reflected"),
        ({"sample_index": np.nan}, "sample_index"),
        ({"mode": "best"}, "mode"),
        ({"reflections": 0}, "reflections"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(bg.OptionError, match=message):
        bg.correct_atr(measured(0.1), **options)


def test_only_absorbance_and_only_once():
    with pytest.raises(bg.OptionError, match="not absorbance"):
        bg.correct_atr(bg.to_transmittance(measured(0.1)))
    with pytest.raises(bg.OptionError, match="already"):
        bg.correct_atr(bg.correct_atr(measured(0.1)))
