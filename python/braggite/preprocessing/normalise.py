"""Scale spectra so that they can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.errors import InvalidSpectrum, OptionError
from braggite.noise import sigma_or_estimate
from braggite.spectrum import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.arrays import FloatArray
    from braggite.spectrum import Spectrum

Scaling = Literal["maximum", "area", "vector", "snv"]
SCALES: dict[str, Callable[[FloatArray, FloatArray], tuple[float, float]]] = {
    "maximum": lambda _, y: (0.0, float(np.max(y))),
    "area": lambda x, y: (0.0, float(np.sum(0.5 * (y[1:] + y[:-1]) * np.diff(x)))),
    "vector": lambda _, y: (0.0, float(np.linalg.norm(y))),
    "snv": lambda _, y: (float(np.mean(y)), float(np.std(y, ddof=1))),
}
"""What is taken off, and what the rest is divided by."""


def normalise(spectrum: Spectrum, method: Scaling = "maximum") -> Spectrum:
    """The spectrum over its maximum, its area, its Euclidean norm, or centred and over its standard deviation (snv).

    Standard deviations are divided alike; that of the divisor itself, which all points share, is not added.

    Raises
    ------
    OptionError
        An unknown method.
    InvalidSpectrum
        A divisor that is not above zero: a flat spectrum, or an area of both signs.

    References
    ----------
    Standard normal variate: Barnes, Dhanoa and Lister, Appl. Spectrosc. 43 (1989) 772.
    """
    if method not in SCALES:
        raise OptionError(f"option method = {method!r}: must be one of {', '.join(SCALES)}", where="method")
    offset, divisor = SCALES[method](spectrum.x, spectrum.y)
    if not (np.isfinite(divisor) and divisor > 1e-12 * float(np.max(np.abs(spectrum.y)))):
        raise InvalidSpectrum(
            f"its {method} is {divisor:g}", where=spectrum.name or "y", suggestion="subtract the background, or use snv"
        )
    sigma, notes = sigma_or_estimate(spectrum)
    return spectrum.with_step(
        Step("normalise", {"method": method, "offset": offset, "divisor": divisor}),
        y=(spectrum.y - offset) / divisor,
        sigma=sigma / divisor,
        y_unit="arbitrary",
        counts=False,
        diagnostics=(*spectrum.diagnostics, *notes),
    )
