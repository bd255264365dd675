"""Every line shape against another program or its formula in numpy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from lmfit import lineshapes, models
from scipy.special import voigt_profile, wofz

from braggite import _core
from braggite.kernels import line_shape, line_shape_area, measure_line_shape

X = np.linspace(-12.0, 12.0, 4801)
SIGMA = 0.5 / np.sqrt(2 * np.log(2))
"""Standard deviation over full width of a Gaussian."""


def test_faddeeva_function_over_the_plane():
    # Along the real axis, close to it, and everywhere; scipy's own error reaches 3e-13 (against 40 digits ours 2e-14).
    radius = np.concatenate([np.geomspace(1e-6, 1e6, 400), np.linspace(0.1, 12.0, 600)])
    angle = np.concatenate([np.linspace(0, np.pi, 121), np.geomspace(1e-12, 0.1, 30)])
    x = (radius[:, None] * np.cos(angle)).ravel()
    y = np.abs((radius[:, None] * np.sin(angle)).ravel())
    real, imaginary = _core.faddeeva_function(x, y)
    want = wofz(x + 1j * y)
    assert np.max(np.abs(real + 1j * imaginary - want) / np.abs(want)) < 1e-12
    np.testing.assert_allclose(real, want.real, rtol=1e-12, atol=1e-27)
    np.testing.assert_allclose(imaginary[np.abs(x) > 1e-9 * y], want.imag[np.abs(x) > 1e-9 * y], rtol=1e-12)


@pytest.mark.parametrize("gauss", [1e-9, 0.03, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("lorentz", [0.0, 1e-9, 0.03, 0.3, 1.0, 3.0])
def test_voigt(gauss: float, lorentz: float):
    ours = line_shape("voigt", X, 0.013, fwhm_gauss=gauss, fwhm_lorentz=lorentz)
    want = voigt_profile(X - 0.013, gauss * SIGMA, lorentz / 2)
    # scipy evaluates the same function to 1e-13; a Gaussian alone is cut where it is below 1e-27 of its top.
    np.testing.assert_allclose(ours, want, rtol=1e-12, atol=1e-26 * want.max())


def test_voigt_width_against_olivero_and_longbothum():
    for gauss, lorentz in [(1.0, 1.0), (0.3, 1.0), (1.0, 0.1)]:
        width = measure_line_shape("voigt", fwhm_gauss=gauss, fwhm_lorentz=lorentz).fwhm
        # Olivero and Longbothum (1977): 0.02 %.
        assert width == pytest.approx(0.5346 * lorentz + np.sqrt(0.2166 * lorentz**2 + gauss**2), rel=3e-4)


def test_thompson_cox_hastings_imitates_voigt():
    parameters = {"fwhm_gauss": 0.7, "fwhm_lorentz": 0.5}
    ours, voigt = (line_shape(name, X, 0.0, **parameters) for name in ("thompson_cox_hastings", "voigt"))
    # Own value near the worst ratio of widths: 1.25 % of the height, 0.32 % of the width.
    assert np.abs(ours - voigt).max() < 0.013 * voigt.max()
    widths = [measure_line_shape(name, **parameters).fwhm for name in ("thompson_cox_hastings", "voigt")]
    assert widths[0] == pytest.approx(widths[1], rel=3.5e-3)


LMFIT = [
    ("gaussian", {"fwhm": 0.8}, lineshapes.gaussian, {"sigma": 0.8 * SIGMA}),
    ("lorentzian", {"fwhm": 0.8}, lineshapes.lorentzian, {"sigma": 0.4}),
    ("pseudo_voigt", {"fwhm": 0.8, "eta": 0.3}, lineshapes.pvoigt, {"sigma": 0.4, "fraction": 0.3}),
    # lmfit's sigma of a Pearson VII is half the width over sqrt(2^(1/m) - 1).
    ("pearson7", {"fwhm": 0.8, "exponent": 1.7}, lineshapes.pearson7,
     {"sigma": 0.4 / np.sqrt(2 ** (1 / 1.7) - 1), "expon": 1.7}),
    ("split_pseudo_voigt", {"fwhm_left": 0.5, "fwhm_right": 1.1, "eta_left": 1.0, "eta_right": 1.0},
     lineshapes.split_lorentzian, {"sigma": 0.25, "sigma_r": 0.55}),
    ("exponentially_modified_gaussian", {"fwhm_gauss": 0.6, "decay": 0.5}, lineshapes.expgaussian,
     {"sigma": 0.6 * SIGMA, "gamma": 2.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "peer", "peers"), LMFIT, ids=[case[0] for case in LMFIT])
def test_lmfit(name: str, parameters: dict[str, float], peer, peers: dict[str, float]):
    ours = line_shape(name, X, 0.4, amplitude=2.5, **parameters)
    want = peer(X, amplitude=2.5, center=0.4, **peers)
    # The same formulas; lmfit's exponentials underflow first.
    np.testing.assert_allclose(ours, want, rtol=1e-11, atol=1e-15)


def test_doniach_sunjic_is_the_mirror_image_of_lmfits():
    ours = line_shape("doniach_sunjic", X, 0.4, fwhm_lorentz=0.6, alpha=0.2)
    # lmfit's axis is kinetic energy.
    want = lineshapes.doniach(-X, amplitude=1.0, center=-0.4, sigma=0.3, gamma=0.2)
    np.testing.assert_allclose(ours / ours.max(), want / want.max(), rtol=1e-12)
    top = measure_line_shape("doniach_sunjic", fwhm_lorentz=0.6, alpha=0.2)
    fine = np.linspace(-0.2, 0.2, 400_001)
    values = line_shape("doniach_sunjic", fine, 0.0, fwhm_lorentz=0.6, alpha=0.2)
    assert values.max() == pytest.approx(1.0, abs=1e-12)
    assert top.maximum_offset == pytest.approx(fine[values.argmax()], abs=2e-6)
    # Doniach and Sunjic (1970): at gamma cot(pi / (2 - a)), and the tail points to higher binding energy.
    assert top.maximum_offset == pytest.approx(-0.3 / np.tan(np.pi / 1.8))
    above, below = (line_shape("doniach_sunjic", [side], 0.0, fwhm_lorentz=0.6, alpha=0.2)[0] for side in (5.0, -5.0))
    assert above > 2 * below


BROADENED = [
    ("la", {"fwhm_lorentz": 0.6, "exponent_high": 1.0, "exponent_low": 1.0}, 1.0),
    # Unit height before it is broadened: pi / 2 times the width in area.
    ("doniach_sunjic_gauss", {"fwhm_lorentz": 0.6, "alpha": 0.0}, np.pi / 2 * 0.6),
]


@pytest.mark.parametrize("gauss", [0.0, 0.01, 0.1, 1.0, 4.0])
@pytest.mark.parametrize(("name", "parameters", "area"), BROADENED)
def test_broadened_lorentzians_are_voigt_lines(name: str, parameters: dict[str, float], area: float, gauss: float):
    ours = line_shape(name, X, 0.2, fwhm_gauss=gauss, **parameters)
    want = area * line_shape("voigt", X, 0.2, fwhm_gauss=gauss, fwhm_lorentz=0.6)
    # The kernel's Gaussian ends where it is 6e-13 of its top, which counts in tails.
    np.testing.assert_allclose(ours, want, rtol=1e-9, atol=1e-12 * want.max())


ASYMMETRIC = [
    ("doniach_sunjic_gauss", {"fwhm_lorentz": 0.3, "alpha": 0.2}, "doniach_sunjic",
     {"fwhm_lorentz": 0.3, "alpha": 0.2}),
    ("la", {"fwhm_lorentz": 0.3, "exponent_high": 1.2, "exponent_low": 2.0}, "la",
     {"fwhm_lorentz": 0.3, "exponent_high": 1.2, "exponent_low": 2.0, "fwhm_gauss": 0.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "plain", "plains"), ASYMMETRIC, ids=["doniach_sunjic", "la"])
def test_convolution_against_the_sum_over_a_fine_grid(name: str, parameters, plain: str, plains):
    step = 0.002
    fine = np.arange(-12.0, 12.0, step)
    inner = line_shape(plain, fine, 0.0, **plains)
    sigma = 0.5 * SIGMA
    kernel = np.exp(-0.5 * (np.arange(-4.0, 4.0 + step / 2, step) / sigma) ** 2) * step / (sigma * np.sqrt(2 * np.pi))
    summed = np.convolve(inner, kernel, mode="same")
    middle = np.abs(fine) < 6
    ours = line_shape(name, fine[middle], 0.0, fwhm_gauss=0.5, **parameters)
    # A Gaussian sampled every hundredth of its sigma sums exactly; the kink of LA's curvature costs step cubed.
    np.testing.assert_allclose(ours, summed[middle], rtol=0, atol=1e-7 * ours.max())


def test_damped_lines():
    free = line_shape("doniach_sunjic_gauss", X, 0.0, fwhm_lorentz=0.4, alpha=0.1, fwhm_gauss=0.0)
    damped = line_shape("doniach_sunjic_damped", X, 0.0, fwhm_lorentz=0.4, alpha=0.1, damping=3.0, fwhm_gauss=0.0)
    want = free * np.exp(-np.log(2) * (X / 3.0) ** 2)
    np.testing.assert_allclose(damped / damped.max(), want / want.max(), rtol=1e-10, atol=1e-14)


def test_breit_wigner_fano_is_lmfits():
    want = lineshapes.breit_wigner(X, amplitude=1.0, center=0.4, sigma=0.8, q=-4.0)
    for name, form in (("fano", {"q": -4.0}), ("breit_wigner_fano", {"inverse_q": -0.25})):
        ours = line_shape(name, X, 0.4, fwhm_lorentz=0.8, **form)
        np.testing.assert_allclose(ours, want / (1 + 16), rtol=1e-10, atol=1e-14)
    assert measure_line_shape("fano", fwhm_lorentz=0.8, q=0.9).fwhm == np.inf


def gl(u: np.ndarray, mixing: float) -> np.ndarray:
    return np.exp(-4 * np.log(2) * (1 - mixing) * u**2) / (1 + 4 * mixing * u**2)


def sgl(u: np.ndarray, mixing: float) -> np.ndarray:
    return (1 - mixing) * np.exp(-4 * np.log(2) * u**2) + mixing / (1 + 4 * u**2)


@pytest.mark.parametrize("mixing", [0.0, 1e-6, 0.01, 0.3, 0.8, 1.0])
@pytest.mark.parametrize(("name", "formula"), [("gl_sum", sgl), ("gl_product", gl)])
def test_gl(name: str, formula, mixing: float):
    ours = line_shape(name, X, 0.4, fwhm=0.7, mixing=mixing)
    want = formula((X - 0.4) / 0.7, mixing)
    # Rounding of the formula; tails of the Gaussian alone below 1e-30 are cut.
    np.testing.assert_allclose(ours * want.max() / ours.max(), want, rtol=1e-10, atol=1e-25)


def test_sigmoidal_width():
    w = 2 * 0.7 / (1 + np.exp(0.6 * X / 0.7))
    gauss, lorentz = (
        line(X / w) / w for line in (lambda u: np.exp(-4 * np.log(2) * u**2), lambda u: 1 / (1 + 4 * u**2))
    )
    want = 0.3 * 2 / np.pi * lorentz + 0.7 * 2 * np.sqrt(np.log(2) / np.pi) * gauss
    ours = line_shape("sigmoidal_pseudo_voigt", X, 0.0, fwhm=0.7, eta=0.3, asymmetry=0.6)
    ratio = ours / want
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-11)
    # Above 0 the wide side is the left one, as in Stancik and Brauns (2008).
    assert ours[X < -1].sum() > 1.5 * ours[X > 1].sum()


LIMITS = [
    ("voigt", {"fwhm_gauss": 0.8, "fwhm_lorentz": 1e-9}, "gaussian", 0.8),
    ("voigt", {"fwhm_gauss": 0.8, "fwhm_lorentz": 0.0}, "gaussian", 0.8),
    ("voigt", {"fwhm_gauss": 1e-5, "fwhm_lorentz": 0.8}, "lorentzian", 0.8),
    ("voigt", {"fwhm_gauss": 0.0, "fwhm_lorentz": 0.8}, "lorentzian", 0.8),
    ("thompson_cox_hastings", {"fwhm_gauss": 0.0, "fwhm_lorentz": 0.8}, "lorentzian", 0.8),
    ("thompson_cox_hastings", {"fwhm_gauss": 0.8, "fwhm_lorentz": 0.0}, "gaussian", 0.8),
    ("pearson7", {"fwhm": 0.8, "exponent": 1.0}, "lorentzian", 0.8),
    ("exponentially_modified_gaussian", {"fwhm_gauss": 0.8, "decay": 0.0}, "gaussian", 0.8),
    ("exponentially_modified_gaussian", {"fwhm_gauss": 0.8, "decay": 1e-10}, "gaussian", 0.8),
    ("sigmoidal_pseudo_voigt", {"fwhm": 0.8, "eta": 1.0, "asymmetry": 0.0}, "lorentzian", 0.8),
    ("gl_product", {"fwhm": 0.8, "mixing": 1e-12}, "gaussian", 0.8),
    ("gl_sum", {"fwhm": 0.8, "mixing": 1.0}, "lorentzian", 0.8),
]


@pytest.mark.parametrize(("name", "parameters", "limit", "fwhm"), LIMITS)
def test_limits(name: str, parameters: dict[str, float], limit: str, fwhm: float):
    ours = line_shape(name, X, 0.0, **parameters)
    want = line_shape(limit, X, 0.0, fwhm=fwhm)
    # First order in the small number (1e-9, 1e-10) or second (1e-5).
    np.testing.assert_allclose(ours, want, atol=2e-9 * want.max(), rtol=0)
    _, by = line_shape(name, X, 0.0, derivatives=True, **parameters)
    assert all(np.isfinite(column).all() for column in by.values())


def test_pearson7_becomes_gaussian():
    gaussian = line_shape("gaussian", X, 0.0, fwhm=0.8)
    far, farther = (np.abs(line_shape("pearson7", X, 0.0, fwhm=0.8, exponent=m) - gaussian).max() for m in (100, 1000))
    # First order in 1/m.
    assert farther == pytest.approx(far / 10, rel=0.05)
    assert farther < 1e-3 * gaussian.max()


@pytest.mark.parametrize("decay", [0.02, 0.036, 0.04, 0.05, 0.2])
def test_modified_gaussian_where_its_two_formulas_meet(decay: float):
    step = np.linspace(-1.5, 1.5, 1501)
    _, by = line_shape("exponentially_modified_gaussian", step, 0.0, fwhm_gauss=0.8, decay=decay, derivatives=True)
    for column in by.values():
        # A jump would stand out of the fourth differences of a smooth line.
        assert np.abs(np.diff(column, 4)).max() < 1e-6 * np.abs(column).max()


@pytest.mark.parametrize(("sample_ratio", "slit_ratio"), [(0.02, 0.02), (0.03, 0.01), (0.002, 0.003)])
@pytest.mark.parametrize("center", [10.0, 45.0, 120.0])
def test_axial_divergence_against_the_published_integral(center: float, sample_ratio: float, slit_ratio: float):
    """Finger, Cox and Jephcoat (1994), equations 1 to 9, integrated over the angle as they stand."""
    widths = {"fwhm_gauss": 0.03, "fwhm_lorentz": 0.02}
    x = np.linspace(center - 1.5, center + 1.0, 801)
    theta = np.radians(center)
    knees = [abs(slit_ratio - sample_ratio), slit_ratio + sample_ratio]
    ends = [np.arccos(np.cos(theta) * np.sqrt(1 + h * h)) if h else theta for h in knees]
    nodes, weights = np.polynomial.legendre.leggauss(300)
    total, curve = 0.0, np.zeros_like(x)
    # 2 phi = 2 theta -+ s² takes the singularity of 1/h away.
    roots = sorted({0.0, *(np.sqrt(abs(theta - end)) for end in ends)})
    for low, high in itertools.pairwise(roots):
        for s, ds in zip(low + (high - low) * (nodes + 1) / 2, weights * (high - low) / 2, strict=True):
            shift = np.sign(theta - ends[1]) * s * s
            angle = theta - shift
            # sqrt((cos 2 phi / cos 2 theta)² - 1) without its cancellation
            height = np.sqrt(np.sin(shift) * np.sin(theta + angle)) / abs(np.cos(theta))
            seen = min(2 * min(sample_ratio, slit_ratio), sample_ratio + slit_ratio - height)
            density = abs(seen / (2 * sample_ratio * slit_ratio * height * np.cos(angle))) * 2 * s * ds
            total += density
            curve += density * line_shape("thompson_cox_hastings", x, np.degrees(angle), **widths)
    ours = line_shape("finger_cox_jephcoat", x, center, sample_ratio=sample_ratio, slit_ratio=slit_ratio, **widths)
    # What the panels of the kernel are chosen for.
    np.testing.assert_allclose(ours, curve / total, rtol=0, atol=5e-7 * ours.max())


EMISSION = ((1.5405929, 1.0), (1.5444274, 0.5))


def test_emission_lines_stand_where_bragg_puts_them():
    x = np.linspace(40.0, 43.0, 3001)
    ours, by = line_shape("pseudo_voigt", x, 41.0, emission=EMISSION, derivatives=True, fwhm=0.1, eta=0.4)
    second = 2 * np.degrees(np.arcsin(EMISSION[1][0] / EMISSION[0][0] * np.sin(np.radians(41.0 / 2))))
    want = sum(
        weight / 1.5 * line_shape("pseudo_voigt", x, center, fwhm=0.1, eta=0.4)
        for center, weight in ((41.0, 1.0), (second, 0.5))
    )
    np.testing.assert_allclose(ours, want, rtol=1e-12)
    step = 1e-5
    moved = [line_shape("pseudo_voigt", x, 41.0 + d, emission=EMISSION, fwhm=0.1, eta=0.4) for d in (step, -step)]
    # Central difference over 1e-4 widths.
    np.testing.assert_allclose(by["center"], (moved[0] - moved[1]) / (2 * step), atol=1e-6 * np.abs(by["center"]).max())
    assert line_shape_area("gaussian", 30, 60, 41.0, emission=EMISSION, fwhm=0.1) == pytest.approx(1.0, abs=1e-12)


class TestLmfitModel:
    def test_fit_finds_the_truth_and_adds_up_with_lmfits_own(self):
        from braggite import lmfit_model

        rng = np.random.default_rng(5)
        truth = {"amplitude": 40.0, "center": 0.7, "fwhm": 0.9, "eta": 0.4}
        y = line_shape("pseudo_voigt", X, truth["center"], amplitude=40.0, fwhm=0.9, eta=0.4) + 3 + 0.1 * X
        y = y + rng.normal(0, 0.05, X.size)
        line = lmfit_model("pseudo_voigt", prefix="a_")
        model = line + models.LinearModel(prefix="b_")
        parameters = line.guess(y, X)
        parameters.update(models.LinearModel(prefix="b_").make_params(slope=0.0, intercept=2.0))
        fit = model.fit(y, parameters, x=X)
        assert fit.success
        for key, value in truth.items():
            found = fit.params[f"a_{key}"]
            assert abs(found.value - value) < 4 * found.stderr, key

    @pytest.mark.parametrize("negative", [False, True])
    @pytest.mark.parametrize("name", ["voigt", "pearson7", "split_pearson7", "doniach_sunjic"])
    def test_guess_is_near(self, name: str, negative: bool):
        from braggite import lmfit_model

        model = lmfit_model(name)
        start = model.make_params(amplitude=-5.0 if negative else 5.0, center=1.5)
        for key in start:
            if key.startswith("fwhm"):
                start[key].value = 0.6
        y = model.eval(start, x=X)
        guess = model.guess(y, X, negative=negative)
        # Start values, of one kind of line: the points themselves lie 0.005 apart.
        assert guess["center"].value == pytest.approx(1.5, abs=0.05)
        assert guess["amplitude"].value == pytest.approx(start["amplitude"].value, rel=0.1)

    def test_hints_hold_the_bounds_and_unknown_names_are_refused(self):
        from braggite import lmfit_model
        from braggite.errors import OptionError

        eta = lmfit_model("pseudo_voigt").make_params()["eta"]
        assert (eta.min, eta.max, eta.value) == (0.0, 1.0, 0.5)
        with pytest.raises(OptionError, match="triangle"):
            lmfit_model("triangle")

    def test_model_survives_pickling(self):
        import pickle

        from braggite import lmfit_model
        from braggite.lmfit_models import LineFunction

        function = pickle.loads(pickle.dumps(LineFunction("voigt", EMISSION)))
        want = lmfit_model("voigt", emission=EMISSION).eval(
            x=X + 40, amplitude=1, center=40, fwhm_gauss=1, fwhm_lorentz=1
        )
        np.testing.assert_array_equal(function(X + 40, 1.0, 40.0, fwhm_gauss=1.0, fwhm_lorentz=1.0), want)
