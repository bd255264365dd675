"""Line shapes with all derivatives against numpy's formulas, scipy and lmfit."""

from __future__ import annotations

import numpy as np
from harness import Row, compare, main, seconds_per_call
from lmfit import lineshapes
from scipy.special import voigt_profile

from braggite import _core

POINTS, PEAKS, REACH_FWHM = 4000, 60, 20.0


def peaks() -> tuple[np.ndarray, list[tuple[float, float]]]:
    rng = np.random.default_rng(7)
    x = np.linspace(5.0, 120.0, POINTS)
    return x, list(zip(rng.uniform(10, 115, PEAKS), rng.uniform(0.1, 0.2, PEAKS), strict=True))


def numpy_pseudo_voigt(x: np.ndarray, center: float, fwhm: float, eta: float) -> tuple[np.ndarray, ...]:
    """Value and derivatives, as one would write them."""
    u = (x - center) / fwhm
    lorentz = 2 / np.pi / fwhm / (1 + 4 * u * u)
    gauss = 2 * np.sqrt(np.log(2) / np.pi) / fwhm * np.exp(-4 * np.log(2) * u * u)
    value = eta * lorentz + (1 - eta) * gauss
    by_center = 8 * u / fwhm * (eta * lorentz / (1 + 4 * u * u) + np.log(2) * (1 - eta) * gauss)
    return value, by_center, u * by_center - value / fwhm, lorentz - gauss


def windowed() -> list[Row]:
    x, lines = peaks()
    shape = _core.LineShape("pseudo_voigt", [])
    windows = [np.searchsorted(x, [at - REACH_FWHM * w, at + REACH_FWHM * w]) for at, w in lines]
    pieces = [np.ascontiguousarray(x[low:high]) for low, high in windows]
    jobs = list(zip(pieces, lines, strict=True))
    ours = lambda: [shape.columns(p, at, [w, 0.5]) for p, (at, w) in jobs]  # noqa: E731
    peer = lambda: [numpy_pseudo_voigt(p, at, w, 0.5) for p, (at, w) in jobs]  # noqa: E731
    points = sum(piece.size for piece in pieces)
    name = f"pseudo-Voigt with derivatives, {PEAKS} peaks x {POINTS} points, windows of 20 widths"
    return [compare(name, ours, "numpy", peer, note=f"{points} points, one call from Python for each peak")]


def whole() -> list[Row]:
    x = peaks()[0]
    cases = [
        ("pseudo_voigt", [1.0, 0.5], "lmfit pvoigt", lambda: lineshapes.pvoigt(x, 1.0, 60.0, 0.5, 0.5)),
        ("voigt", [1.0, 0.5], "scipy voigt_profile", lambda: voigt_profile(x - 60.0, 0.42466, 0.25)),
        ("pearson7", [1.0, 1.7], "lmfit pearson7", lambda: lineshapes.pearson7(x, 1.0, 60.0, 0.7, 1.7)),
        ("exponentially_modified_gaussian", [1.0, 0.5], "lmfit expgaussian",
         lambda: lineshapes.expgaussian(x, 1.0, 60.0, 0.42, 2.0)),
        ("doniach_sunjic", [1.0, 0.1], "lmfit doniach", lambda: lineshapes.doniach(x, 1.0, 60.0, 0.5, 0.1)),
        ("breit_wigner_fano", [1.0, 0.1], "lmfit breit_wigner",
         lambda: lineshapes.breit_wigner(x, 1.0, 60.0, 1.0, 10.0)),
    ]  # fmt: skip
    rows = []
    for name, parameters, peer, work in cases:
        shape = _core.LineShape(name, [])
        note = f"{POINTS} points; ours with all derivatives, the peer's values alone"
        rows.append(compare(name, lambda s=shape, p=parameters: s.columns(x, 60.0, p), peer, work, note=note))
    for name, parameters in (
        ("split_pearson7", [0.3, 0.5, 1.2, 2.0]),
        ("finger_cox_jephcoat", [0.05, 0.03, 0.02, 0.02]),
    ):
        shape = _core.LineShape(name, [])
        piece = np.linspace(15.0, 25.0, 400)
        seconds = seconds_per_call(lambda s=shape, p=parameters, piece=piece: s.columns(piece, 20.0, p))
        rows.append(Row(name, seconds, note="400 points, all derivatives"))
    return rows


def run() -> list[Row]:
    return windowed() + whole()


if __name__ == "__main__":
    main(run)
