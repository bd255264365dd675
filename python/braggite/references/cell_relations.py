"""What a refined cell tells of composition: numbers where published cells support them, flags where they do not.

These are derived quantities. They are shown beside a phase and decide nothing.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from braggite.references.phase import Phase

_FILE = "cell_relations.toml"
BEYOND_SU = 2.0
"""Standard uncertainties by which a cell must lie beyond a threshold before it is flagged."""


@dataclass(frozen=True, slots=True)
class DerivedQuantity:
    """What the cell of a phase says beyond itself.

    Attributes
    ----------
    symbol, quantity : "x(Ta)" and what that is
    value : with the scatter of the relation in its uncertainty; None where there is no relation, or out of its range
    flag : what is remarkable; None where nothing is
    assumption : under which the value holds
    source, status : of the relation: "read", "recalled" or "estimated"
    """

    symbol: str
    quantity: str | None = None
    value: Value | None = None
    flag: str | None = None
    assumption: str | None = None
    source: str | None = None
    status: str | None = None

    def __str__(self) -> str:
        head = self.symbol if self.value is None else f"{self.symbol} {self.value}"
        flag = f": {self.flag}" if self.flag else ""
        return f"{head}{flag}, if {self.assumption}" if self.value and self.assumption else f"{head}{flag}"

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "symbol": self.symbol,
            "quantity": self.quantity,
            "value": None if self.value is None else self.value.to_dict(),
            "flag": self.flag,
            "assumption": self.assumption,
            "source": self.source,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class CellLine:
    """A straight line through published cells: cell = intercept + slope x, about which they scatter by ``scatter``."""

    intercept: float
    slope: float
    scatter: float
    n_points: int
    x_range: tuple[float, float]

    def composition(self, cell: Value) -> Value:
        """x of a cell; its uncertainty holds the cell's own and the scatter of the points, widened for their number."""
        spread = self.scatter * student_over_normal(self.n_points - 2)
        return Value((cell.value - self.intercept) / self.slope, math.hypot(cell.su or 0.0, spread) / abs(self.slope))

    def reaches(self, x: Value) -> bool:
        """Whether x lies in the range of the points, to within its uncertainty."""
        low, high = self.x_range
        return low - (x.su or 0.0) <= x.value <= high + (x.su or 0.0)


def student_over_normal(freedom: int) -> float:
    """Student's two-sided 95 % point over the normal one: how much a scatter of so few degrees of freedom understates.

    Asymptotic expansion (Abramowitz & Stegun 26.7.5), 3 % low at two degrees of freedom and better beyond.
    """
    z = NormalDist().inv_cdf(0.975)
    terms = (
        (z**2 + 1.0) / 4.0,
        (5.0 * z**4 + 16.0 * z**2 + 3.0) / 96.0,
        (3.0 * z**6 + 19.0 * z**4 + 17.0 * z**2 - 15.0) / 384.0,
    )
    return 1.0 + sum((term / float(freedom**power) for power, term in enumerate(terms, start=1)), 0.0)


def derived_quantities(phase: Phase, cell: Mapping[str, Value] | None) -> tuple[DerivedQuantity, ...]:
    """What a refined cell of ``phase`` says, by the table of the package; empty for most phases.

    Parameters
    ----------
    phase
        The reference, whose space group and elements choose the relations.
    cell
        Refined numbers under the names of :class:`Cell`.
    """
    if phase.structure is None or not phase.formula or not cell:
        return ()
    table = _table()
    found = [_related(entry, cell) for entry in table["relations"] if _is_of(entry, phase)]
    found += [_ratio(entry, cell) for entry in table["ratios"] if _is_of(entry, phase)]
    found += [_flagged(entry, cell) for entry in table["flags"] if _is_of(entry, phase)]
    return tuple(quantity for quantity in found if quantity is not None)


def cell_line(points: list[list[Any]]) -> CellLine:
    """Least squares through (x, cell, source) points, all of one weight."""
    x, y = (np.array([point[column] for point in points], dtype=np.float64) for column in (0, 1))
    slope, intercept = np.polyfit(x, y, 1)
    scatter = math.sqrt(float(np.sum((y - intercept - slope * x) ** 2)) / (x.size - 2))
    return CellLine(float(intercept), float(slope), scatter, x.size, (float(x.min()), float(x.max())))


def _is_of(entry: Mapping[str, Any], phase: Phase) -> bool:
    structure = phase.structure
    if structure is None or structure.space_group_number not in entry["space_group_numbers"]:
        return False
    needed = frozenset(entry["elements"])
    return needed <= phase.elements <= needed | frozenset(entry.get("further_elements", ()))


def _related(entry: Mapping[str, Any], cell: Mapping[str, Value]) -> DerivedQuantity | None:
    number = cell.get(entry["cell"])
    if number is None or not math.isfinite(number.value):
        return None
    line = cell_line(entry["points"])
    x = line.composition(number)
    sources = "; ".join(dict.fromkeys(point[2] for point in entry["points"]))
    quantity = DerivedQuantity(
        symbol=entry["symbol"],
        quantity=entry["quantity"],
        assumption=entry["assumption"],
        source=f"{sources}; {entry['origin']}",
        status=entry["status"],
    )
    if line.reaches(x):
        return replace(quantity, value=x)
    ends = sorted(line.intercept + line.slope * end for end in line.x_range)
    name = entry["cell"].removesuffix("_angstrom")
    flag = f"{name} = {number} Å lies outside the cells of the relation ({ends[0]:.3f} to {ends[1]:.3f} Å)"
    return replace(quantity, flag=flag)


def _ratio(entry: Mapping[str, Any], cell: Mapping[str, Value]) -> DerivedQuantity | None:
    a, c = cell.get("a_angstrom"), cell.get("c_angstrom")
    if a is None or c is None or not a.value > 0.0:
        return None
    ratio = c.value / a.value
    su = ratio * math.hypot((a.su or 0.0) / a.value, (c.su or 0.0) / c.value) or None
    low = ratio + BEYOND_SU * (su or 0.0) < entry["below"]
    return DerivedQuantity(
        entry["symbol"], entry["quantity"], Value(ratio, su), entry["flag"] if low else None, None, entry["origin"],
        entry["status"],
    )  # fmt: skip


def _flagged(entry: Mapping[str, Any], cell: Mapping[str, Value]) -> DerivedQuantity | None:
    """A flag; where it names a threshold, only for a cell surely beyond it."""
    if "cell" in entry:
        number = cell.get(entry["cell"])
        if number is None:
            return None
        reach = BEYOND_SU * (number.su or 0.0)
        beyond = number.value - reach > entry.get("above", math.inf)
        if not beyond and not number.value + reach < entry.get("below", -math.inf):
            return None
    return DerivedQuantity(entry["symbol"], flag=entry["flag"], source=entry["origin"], status=entry["status"])


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("braggite.references").joinpath(_FILE).read_text(encoding="utf-8"))
