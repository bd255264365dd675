"""What a background method is: its options, its kernel, and what goes into and comes out of the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.preprocessing.automatic import Choice

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Spectra of equal length, one after the other, and what belongs to all of them.

    Attributes
    ----------
    y : (rows * points,) ordinates
    x : (points,) positions
    weights : (points,) factors on the weights, 0 where masked, or None
    step : mean distance of neighbouring positions, of those left out too
    """

    y: FloatArray
    x: FloatArray
    weights: FloatArray | None
    step: float
    threads: int


@dataclass(frozen=True, slots=True)
class Curves:
    """What a kernel returns for :class:`Rows`: flat curves, and per row how the iteration ended and what it fitted."""

    curve: FloatArray
    converged: list[bool]
    iterations: list[int]
    tolerance: list[float]
    fitted: dict[str, list[float]] = field(default_factory=dict)
    clipped: NDArray[np.bool_] | None = None
    choices: list[Choice] = field(default_factory=list)  # of ``auto``, one a row


@dataclass(frozen=True, slots=True)
class Method:
    """One background method.

    Attributes
    ----------
    defaults : every option with its default; ``stiffness_width`` (None) stands for the option named ``stiffness``
    stiffness, from_width : the literature's option that ``stiffness_width`` replaces, and the rule for it, told the
        other options; None where no width means anything
    leaves_out : how points are left out: by weights, by dropping them (the curve runs straight across), or not at all
    """

    name: str
    title: str
    defaults: Mapping[str, Any]
    kernel: Callable[[Rows, Options], Curves]
    stiffness: str | None = None
    from_width: Callable[[float, Rows, Options], float] | None = None
    leaves_out: Literal["weights", "dropping", "never"] = "weights"
