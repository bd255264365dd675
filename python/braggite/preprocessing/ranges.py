"""Leave points out: what is not there is not matched, and nothing is put in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import OptionError
from braggite.spectrum import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.spectrum import Spectrum


def exclude_range(spectrum: Spectrum, low: float, high: float) -> Spectrum:
    """The spectrum without its points from ``low`` to ``high``; ``OptionError`` where fewer than two remain."""
    inside = (spectrum.x >= low) & (spectrum.x <= high)
    part = without_points(spectrum, inside)
    return part.with_step(Step("exclude_range", {"low": low, "high": high}))


def without_points(spectrum: Spectrum, left_out: NDArray[np.bool_]) -> Spectrum:
    """The spectrum without the points where ``left_out`` (n,) is True; ``OptionError`` where fewer than two remain."""
    keep = ~left_out
    if int(np.count_nonzero(keep)) < 2:
        raise OptionError("leaving these out leaves fewer than two points", where="range")
    sigma = None if spectrum.sigma is None else spectrum.sigma[keep]
    return replace(spectrum, x=spectrum.x[keep], y=spectrum.y[keep], sigma=sigma)
