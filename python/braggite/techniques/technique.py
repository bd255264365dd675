"""What one measuring technique means for every step of the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Technique:
    """Differences between techniques, as data.

    Attributes
    ----------
    x_unit, x_label, y_label : unit and axis titles
    x_range : positions that make sense, used to refuse or doubt a file
    plot_reversed : whether the axis is drawn from high to low
    background : method and options of the default background
    width : (smallest, largest) full width of a line, in ``x_unit``
    limit_quantity : what an upper limit is stated in
    """

    name: Literal["xrd", "raman", "ftir", "xps"]
    title: str
    x_unit: str
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    plot_reversed: bool
    background_method: str
    background_options: dict[str, Any] = field(default_factory=dict)
    width: tuple[float, float] = (0.0, 1.0)
    limit_quantity: Literal["weight_fraction", "band_fraction", "atomic_fraction"] = "weight_fraction"
