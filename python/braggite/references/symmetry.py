"""Space groups through gemmi: looked up once per symbol, kept as read-only arrays."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from braggite.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator

CrystalSystem = Literal["triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic"]
Operations = tuple[NDArray[np.int32], NDArray[np.float64]]

_LAST_NUMBER: tuple[tuple[int, CrystalSystem], ...] = (
    (2, "triclinic"), (15, "monoclinic"), (74, "orthorhombic"), (142, "tetragonal"), (167, "trigonal"),
    (194, "hexagonal"), (230, "cubic"),
)  # fmt: skip


def crystal_system(space_group_number: int) -> CrystalSystem:
    """Crystal system of a space group of the International Tables, 1 to 230."""
    for last, system in _LAST_NUMBER:
        if 1 <= space_group_number <= last:
            return system
    raise LibraryError(f"space group number {space_group_number} lies outside 1 to 230")


@cache
def operations(hall: str) -> Operations:
    """Rotations (n, 3, 3) and translations (n, 3) in [0, 1) of a Hall symbol, centring included."""
    import gemmi

    try:
        group = gemmi.symops_from_hall(hall)
    except (RuntimeError, ValueError) as error:
        raise LibraryError(f"the Hall symbol {hall!r} cannot be read: {error}") from None
    scale = gemmi.Op.DEN
    listed = list(group)
    rotations = np.array([op.rot for op in listed], dtype=np.int32) // scale
    translations = (np.array([op.tran for op in listed], dtype=np.float64) / scale) % 1.0
    rotations.setflags(write=False)
    translations.setflags(write=False)
    return rotations, translations


@cache
def describe_symbol(symbol: str) -> tuple[str, int, str]:
    """Extended Hermann-Mauguin symbol, number and Hall symbol of any name gemmi reads."""
    import gemmi

    group = gemmi.find_spacegroup_by_name(symbol)
    if group is None:
        raise LibraryError(
            f"{symbol!r} is not a space group symbol", suggestion='write it as "P 4 m m", "F d -3 m:2" or "R -3 m:H"'
        )
    return group.xhm(), int(group.number), group.hall


@cache
def unique_axis(hall: str) -> str | None:
    """``"a"``, ``"b"`` or ``"c"`` for a monoclinic setting, else None."""
    rotations, _ = operations(hall)
    proper = rotations * np.linalg.det(rotations).round().astype(np.int32)[:, None, None]
    axes = {tuple(np.diag(r)) for r in proper if np.trace(r) == -1}
    if len(axes) != 1 or (proper.trace(axis1=1, axis2=2) % 2 == 0).any():
        return None
    return "abc"[axes.pop().index(1)]


@contextmanager
def quiet_spglib() -> Iterator[None]:
    """Silence the announcement, repeated by spglib at every call, that its error handling will change."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Set OLD_ERROR_HANDLING", category=DeprecationWarning)
        yield


def site_multiplicity(
    position: tuple[float, float, float], hall: str, metric: NDArray[np.float64], tolerance_angstrom: float
) -> int:
    """Number of equivalent positions in the cell: order of the group over the order of the position's stabiliser."""
    rotations, translations = operations(hall)
    moved = rotations @ np.array(position) + translations - position
    moved -= np.round(moved)
    squared = np.einsum("ni,ij,nj->n", moved, metric, moved)
    return len(rotations) // int(np.count_nonzero(squared < tolerance_angstrom**2))


def expand_position(
    position: tuple[float, float, float], hall: str, metric: NDArray[np.float64], tolerance_angstrom: float
) -> NDArray[np.float64]:
    """All distinct equivalents of a position in the cell, (multiplicity, 3), fractional in [0, 1)."""
    rotations, translations = operations(hall)
    images = (rotations @ np.array(position) + translations) % 1.0
    kept: list[NDArray[np.float64]] = []
    for image in images:
        if kept:
            apart = np.array(kept) - image
            apart -= np.round(apart)
            if np.einsum("ni,ij,nj->n", apart, metric, apart).min() < tolerance_angstrom**2:
                continue
        kept.append(image)
    return np.array(kept)
