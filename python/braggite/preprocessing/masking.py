"""Points that a background does not follow: by weights, by dropping them, or refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.arrays import FloatArray, as_f64
from braggite.errors import InvalidSpectrum, OptionError

if TYPE_CHECKING:
    from braggite.preprocessing.method import Curves, Method, Options, Rows

FEWEST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Masking:
    """Which points count: factors on the weights, and points left out."""

    weights: Any = None
    mask: Any = None
    where: str = field(default="y")

    def factors(self, points: int, method: Method) -> FloatArray | None:
        """(points,) factors, 0 where ``mask`` is True; None where every point counts alike."""
        if self.weights is None and self.mask is None:
            return None
        name = "weights" if self.mask is None else "mask"
        if method.leaves_out == "never":
            raise OptionError(f"option {name}: {method.name} takes neither weights nor a mask")
        factors = np.ones(points) if self.weights is None else as_f64(self.weights, "weights")
        if factors.size != points:
            raise InvalidSpectrum(f"weights has {factors.size} values where {points} are needed", where=self.where)
        if self.mask is not None:
            mask = np.asarray(self.mask)
            if mask.dtype != np.bool_ or mask.shape != (points,):
                raise OptionError(f"option mask: must hold {points} booleans, True where a point is left out")
            factors[mask] = 0.0
        if method.leaves_out == "dropping" and not np.all((factors == 0.0) | (factors == 1.0)):
            raise OptionError(f"option weights: {method.name} takes 0 (left out) and 1 only")
        return factors


def curves(method: Method, rows: Rows, options: Options) -> Curves:
    """Run the kernel of ``method`` with resolved ``options``."""
    if method.leaves_out != "dropping" or rows.weights is None:
        return method.kernel(rows, options)
    kept = rows.weights > 0
    if np.count_nonzero(kept) < FEWEST_POINTS:
        raise InvalidSpectrum(f"fewer than {FEWEST_POINTS} points outside the mask", where="y")
    spectra = rows.y.reshape(-1, rows.x.size)[:, kept]
    result = method.kernel(replace(rows, y=spectra.reshape(-1), x=rows.x[kept], weights=None), options)
    across = [np.interp(rows.x, rows.x[kept], curve) for curve in result.curve.reshape(spectra.shape)]
    return replace(result, curve=np.ravel(across))
