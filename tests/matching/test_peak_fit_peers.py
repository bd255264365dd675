"""Peak fits against other programs and certified values on the very same models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lmfit.models import GaussianModel, LinearModel, LorentzianModel, PseudoVoigtModel
from peak_patterns import diffractogram, pseudo_voigt
from scipy.optimize import least_squares

import braggite as bg
from braggite.kernels import fit_peaks

Array = np.ndarray
FWHM = np.sqrt(8.0 * np.log(2.0))
STRD = Path(__file__).parent / "strd"
LMFIT = {"gaussian": GaussianModel, "lorentzian": LorentzianModel, "pseudo_voigt": PseudoVoigtModel}


def lmfit_fit(shape: str, x: Array, y: Array, sigma: Array, near: bg.PeakFit) -> Any:
    """lmfit's own fit, started a per mille from ours; with its default two-point differences it stops short."""
    model, parameters = LinearModel(prefix="b_"), LinearModel(prefix="b_").make_params(slope=-0.9, intercept=250.0)
    for i, peak in enumerate(near):
        line = LMFIT[shape](prefix=f"p{i}_")
        more = {"fraction": peak.parameters["eta"].value} if shape == "pseudo_voigt" else {}
        half = 0.5 if shape != "gaussian" else 1 / FWHM
        start = {"amplitude": 1.001 * peak.area.value, "sigma": half * 1.001 * peak.fwhm.value}
        parameters.update(line.make_params(center=peak.position.value + 1e-4, **start, **more))
        model = model + line
    options = {"jac": "3-point", "x_scale": "jac", "ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
    return model.fit(y, parameters, x=x, weights=1 / sigma, scale_covar=False, method="least_squares", fit_kws=options)


@pytest.mark.parametrize("shape", sorted(LMFIT))
def test_values_and_uncertainties_are_those_of_lmfit(shape: str) -> None:
    truth = diffractogram(3, 2500, seed=2)
    y, sigma = truth.counts(6)
    ours = fit_peaks(truth.x, y, truth.centre, sigma=sigma, shape=shape)
    theirs = lmfit_fit(shape, truth.x, y, sigma, ours)
    assert ours.chi2 == pytest.approx(theirs.chisqr, rel=1e-9)  # lmfit, its tolerances at 1e-15
    for i in range(3):
        for name, column in (("center", "position"), ("amplitude", "area"), ("fwhm", "fwhm"), ("height", "height")):
            parameter = theirs.params[f"p{i}_{name}"]
            assert getattr(ours, column)[i] == pytest.approx(parameter.value, rel=1e-6)  # lmfit
            counting = getattr(ours, f"{column}_su")[i] / ours.su_scale
            # lmfit differentiates by differences: its deviations hold to about 1e-4
            assert counting == pytest.approx(parameter.stderr, rel=2e-4)


def residuals_of(x: Array, y: Array, sigma: Array) -> Any:
    def residuals(theta: Array) -> Array:
        peaks = theta[:-2].reshape(-1, 4)
        model = theta[-2] + theta[-1] * x + sum(a * pseudo_voigt(x, *rest) for a, *rest in peaks)
        return (model - y) / sigma

    return residuals


def test_the_minimum_and_covariance_are_those_of_scipy() -> None:
    truth = diffractogram(5, 2500, seed=4)
    y, sigma = truth.counts(8)
    ours = fit_peaks(truth.x, y, truth.centre + 0.02, sigma=sigma)
    start = np.concatenate([np.stack([truth.area, truth.centre, truth.fwhm, truth.eta], axis=1).ravel(), [250.0, -0.9]])
    theirs = least_squares(residuals_of(truth.x, y, sigma), start, jac="3-point", x_scale="jac", xtol=1e-15, ftol=1e-15)
    assert ours.chi2 == pytest.approx(2 * theirs.cost, rel=1e-10)  # scipy
    deviation = np.sqrt(np.diag(np.linalg.inv(theirs.jac.T @ theirs.jac)))[:-2].reshape(-1, 4)
    peaks = theirs.x[:-2].reshape(-1, 4)
    for column, name in enumerate(("area", "position", "fwhm")):
        np.testing.assert_allclose(getattr(ours, name), peaks[:, column], rtol=1e-6)  # scipy
        # 1e-4: three-point differences of the peer, and lines cut at 1e-4 of their maximum in our covariance
        np.testing.assert_allclose(getattr(ours, f"{name}_su") / ours.su_scale, deviation[:, column], rtol=1e-4)


def test_a_fit_becomes_a_model_result_of_lmfit() -> None:
    truth = diffractogram(2, 900, seed=2)
    y, sigma = truth.counts(6)
    fit = fit_peaks(truth.x, y, truth.centre, sigma=sigma)
    result = fit.to_lmfit()
    np.testing.assert_allclose(result.eval(x=truth.x), fit.curve, rtol=1e-12)
    components = result.eval_components(x=truth.x)
    np.testing.assert_allclose(components["p1_"], fit.components[0], rtol=1e-12)
    np.testing.assert_allclose(components["background"], fit.background, rtol=1e-12)
    assert result.params["p2_center"].stderr == pytest.approx(fit.position_su[1])
    i, j = fit.names.index("p1_fwhm"), fit.names.index("p1_eta")
    assert result.params["p1_fwhm"].correl["p1_eta"] == pytest.approx(fit.correlation[i, j])
    assert "p1_amplitude" in result.fit_report()
    assert result.nvarys == fit.n_free
    # lmfit, started from there, finds nothing better
    again = result.model.fit(y, result.params, x=truth.x, weights=1 / sigma)
    assert again.chisqr == pytest.approx(fit.chi2, rel=1e-9)


def test_labels_that_lmfit_does_not_take_are_told_apart() -> None:
    truth = diffractogram(2, 900)
    specs = [bg.PeakSpec(float(centre), label=label) for centre, label in zip(truth.centre, "αβ", strict=True)]
    fit = fit_peaks(truth.x, truth.mean, specs)
    result = fit.to_lmfit()
    centres = [parameter.value for name, parameter in result.params.items() if name.endswith("_center")]
    assert centres == pytest.approx(fit.position.tolist())
    np.testing.assert_allclose(result.eval(x=truth.x), fit.curve, rtol=1e-10)


def test_ties_become_expressions_of_lmfit() -> None:
    truth = diffractogram(1, 900)
    fit = fit_peaks(
        truth.x, truth.mean, bg.doublet(float(truth.centre[0]), 2.0, 0.5, label="main"), background="shirley"
    )
    result = fit.to_lmfit()
    assert result.params["main_partner_center"].expr is not None
    assert result.params["main_partner_amplitude"].value == pytest.approx(0.5 * result.params["main_amplitude"].value)
    np.testing.assert_allclose(result.eval(x=truth.x), fit.curve, rtol=1e-10)


def certified(name: str) -> tuple[Array, Array, Array, Array, float]:
    """x, y, certified values, their standard deviations, residual sum of squares."""
    lines = (STRD / f"{name}.dat").read_text(encoding="ascii").splitlines()
    rows = [line.split("=")[1].split() for line in lines if line.strip().startswith("b") and "=" in line]
    table = np.array([[float(entry) for entry in row] for row in rows if len(row) == 4])
    total = next(float(line.split(":")[1]) for line in lines if line.startswith("Residual Sum of Squares"))
    first = next(i for i, line in enumerate(lines) if line.startswith("Data:") and i > 50)
    data = np.array([[float(entry) for entry in line.split()] for line in lines[first + 1 :] if line.strip()])
    return data[:, 1], data[:, 0], table[:, 2], table[:, 3], total


def test_certified_eckerle4() -> None:
    x, y, value, deviation, total = certified("Eckerle4")
    fit = fit_peaks(x, y, [450.0], shape="gaussian", background="none", tol=1e-15)
    ours = np.array([fit.area[0] / np.sqrt(2 * np.pi), fit.fwhm[0] / FWHM, fit.position[0]])
    su = np.array([fit.area_su[0] / np.sqrt(2 * np.pi), fit.fwhm_su[0] / FWHM, fit.position_su[0]])
    # NIST StRD: ten certified digits; eight are asked for
    np.testing.assert_allclose(ours, value, rtol=1e-8)
    np.testing.assert_allclose(su, deviation, rtol=1e-6)
    assert fit.chi2 == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize("name", ["Gauss1", "Gauss2", "Gauss3"])
def test_certified_gaussians_on_an_exponential(name: str) -> None:
    """The rate of the exponential is no unknown of a peak fit: it is held at its certified value."""
    x, y, value, _, total = certified(name)
    starts = [{"position": value[3] + 3.0, "fwhm": 30.0}, {"position": value[6] - 3.0, "fwhm": 30.0}]
    fit = fit_peaks(x, y, starts, shape="gaussian", background=np.exp(-value[1] * x)[None, :])
    width = np.array([value[4], value[7]])
    np.testing.assert_allclose(fit.position, value[[3, 6]], rtol=1e-7)  # NIST StRD
    np.testing.assert_allclose(fit.fwhm / FWHM * np.sqrt(2.0), width, rtol=1e-7)
    np.testing.assert_allclose(fit.height, value[[2, 5]], rtol=1e-7)
    assert fit.values[-1] == pytest.approx(value[0], rel=1e-7)
    assert fit.chi2 == pytest.approx(total, rel=1e-9)
    for rate in (0.999 * value[1], 1.001 * value[1]):
        moved = fit_peaks(x, y, starts, shape="gaussian", background=np.exp(-rate * x)[None, :])
        assert moved.chi2 > total
