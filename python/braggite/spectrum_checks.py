"""What makes two columns a spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum

if TYPE_CHECKING:
    from braggite.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Columns:
    """Checked columns, ascending, with what was noted on the way."""

    x: FloatArray
    y: FloatArray
    sigma: FloatArray | None
    diagnostics: tuple[Diagnostic, ...]


def check_columns(x: FloatArray, y: FloatArray, sigma: FloatArray | None, *, where: str) -> Columns:
    """Refuse what cannot be a spectrum; reverse a descending axis; note what was done.

    Raises
    ------
    InvalidSpectrum
        Lengths that differ, fewer than two points, a value that is not finite, unsorted positions, equal positions
        with different ordinates, a standard deviation that is not positive.
    """
    notes: list[Diagnostic] = []
    _check_values(x, y, sigma, where)
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
        sigma = None if sigma is None else sigma[::-1]
        notes.append(Diagnostic.of("axis_reversed", where=where))
    steps = np.diff(x)
    if np.any(steps < 0):
        index = int(np.argmax(steps < 0)) + 1
        raise InvalidSpectrum(
            f"positions are not sorted: x[{index}] = {x[index]:g} follows {x[index - 1]:g}",
            where=where,
            suggestion="sort the rows, or choose one scan of the file",
        )
    if np.any(steps == 0):
        x, y, sigma = _drop_repeats(x, y, sigma, where)
        notes.append(Diagnostic.of("duplicate_positions_dropped", where=where, value=int(np.sum(steps == 0))))
    if np.any(y < 0):
        notes.append(Diagnostic.of("negative_counts", where=where, value=int(np.sum(y < 0))))
    return Columns(x, y, sigma, tuple(notes))


def _check_values(x: FloatArray, y: FloatArray, sigma: FloatArray | None, where: str) -> None:
    if x.size != y.size or (sigma is not None and sigma.size != x.size):
        raise InvalidSpectrum(f"columns differ in length: x {x.size}, y {y.size}", where=where)
    if x.size < 2:
        raise InvalidSpectrum(f"{x.size} point{'' if x.size == 1 else 's'}; a spectrum needs at least two", where=where)
    for name, column in (("x", x), ("y", y), ("sigma", sigma)):
        if column is not None and not np.all(np.isfinite(column)):
            index = int(np.argmin(np.isfinite(column)))
            raise InvalidSpectrum(
                f"{name}[{index}] is {column[index]} (near x = {x[index]:g})",
                where=where,
                suggestion="remove or repair that row; nothing is interpolated silently",
            )
    if sigma is not None and np.any(sigma <= 0):
        index = int(np.argmax(sigma <= 0))
        raise InvalidSpectrum(f"sigma[{index}] = {sigma[index]:g} is not positive", where=where)


def _drop_repeats(
    x: FloatArray, y: FloatArray, sigma: FloatArray | None, where: str
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    repeated = np.concatenate([[False], np.diff(x) == 0])
    clash = repeated & np.concatenate([[False], np.diff(y) != 0])
    if np.any(clash):
        index = int(np.argmax(clash))
        raise InvalidSpectrum(
            f"x = {x[index]:g} stands twice with different ordinates",
            where=where,
            suggestion="scans were probably joined: put each into a file of its own, or average them",
        )
    keep = ~repeated
    if int(keep.sum()) < 2:
        raise InvalidSpectrum("all positions are equal", where=where)
    return x[keep], y[keep], None if sigma is None else sigma[keep]
