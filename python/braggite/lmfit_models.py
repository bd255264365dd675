"""Line shapes as models of lmfit; imported only where a model is asked for, since lmfit is slow to import."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from lmfit.model import Model, Parameters
from lmfit.models import update_param_vals

from braggite.lineshapes import line_shape, line_shape_parameters, measure_line_shape

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.lineshapes import Emission


class LineFunction:
    """The function of a model: a line shape with the signature that lmfit reads its parameters from."""

    def __init__(self, name: str, emission: Emission | None) -> None:
        self.shape, self.emission = name, emission
        self.__name__ = name
        keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
        names = ["center", *(parameter.name for parameter in line_shape_parameters(name))]
        self.__signature__ = inspect.Signature(
            [inspect.Parameter("x", keyword), inspect.Parameter("amplitude", keyword, default=1.0)]
            + [inspect.Parameter(key, keyword, default=0.0 if key == "center" else 1.0) for key in names]
        )

    def __call__(self, x: FloatArray, amplitude: float, center: float, **parameters: float) -> FloatArray:
        """(n,) values, for parameters by name."""
        line: FloatArray = line_shape(
            self.shape, x, center, amplitude=amplitude, emission=self.emission, derivatives=False, **parameters
        )
        return line


class LineShapeModel(Model):  # type: ignore[misc]
    """A model of lmfit whose function is one of the compiled line shapes.

    Parameters
    ----------
    name
        Name of the line shape.
    prefix, **kwargs
        As in ``lmfit.Model``.
    emission
        (wavelength, weight) of every line of an X-ray source.
    """

    def __init__(self, name: str, *, prefix: str = "", emission: Emission | None = None, **kwargs: Any) -> None:
        line_shape_parameters(name)
        emission = None if emission is None else tuple((float(w), float(i)) for w, i in emission)
        super().__init__(LineFunction(name, emission), independent_vars=["x"], prefix=prefix, name=name, **kwargs)
        for parameter in line_shape_parameters(name):
            self.set_param_hint(parameter.name, min=parameter.lower)
            if parameter.start is not None:
                self.set_param_hint(parameter.name, value=parameter.start, max=parameter.upper)

    def guess(self, data: FloatArray, x: FloatArray, *, negative: bool = False, **kwargs: Any) -> Parameters:
        """Start values from the highest point and the width at half of its height over the lowest.

        Parameters
        ----------
        data, x
            (n,) ordinates and positions.
        negative
            Whether the line points down.
        **kwargs
            Values that replace the guesses.
        """
        order = np.argsort(x)
        axis, heights = np.asarray(x, dtype=float)[order], np.asarray(data, dtype=float)[order]
        heights = -heights if negative else heights
        top, base = int(np.argmax(heights)), float(np.min(heights))
        width = _width_at_half_height(axis, heights - base, top)
        parameters = line_shape_parameters(self.func.shape)
        starts = {p.name: width if p.start is None else p.start for p in parameters}
        drawn = measure_line_shape(self.func.shape, **starts)
        if np.isfinite(drawn.fwhm):
            starts |= {p.name: width * width / drawn.fwhm for p in parameters if p.is_width}
        drawn = measure_line_shape(self.func.shape, **starts)
        starts["center"] = float(axis[top]) - drawn.maximum_offset
        starts["amplitude"] = (-1.0 if negative else 1.0) * (float(heights[top]) - base) / drawn.height
        return update_param_vals(self.make_params(**starts), self.prefix, **kwargs)


def _width_at_half_height(x: FloatArray, heights: FloatArray, top: int) -> float:
    below = heights < 0.5 * heights[top]
    left, right = np.flatnonzero(below[:top]), np.flatnonzero(below[top:])
    low = x[left[-1]] if left.size else None
    high = x[top + right[0]] if right.size else None
    if low is not None and high is not None:
        return float(high - low)
    if low is None and high is None:
        return float(x[-1] - x[0]) / 4.0
    return 2.0 * float(abs((high if low is None else low) - x[top]))
