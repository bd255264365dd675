"""NeXus and HDF5 `.nxs .h5` through h5py: one-dimensional NXdata groups; each is a scan."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.energy_axis import energy_kind
from braggite.formats.optional_package import guarded, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan
    from braggite.spectrum import TechniqueName

MAGIC = b"\x89HDF\r\n\x1a\n"
SUFFIXES = (".nxs", ".h5", ".hdf5")
MAX_POINTS = 1 << 24
_UNITS: tuple[tuple[tuple[str, ...], TechniqueName | None], ...] = (
    (("deg", "degree", "degrees", "°"), "xrd"),
    (("ev",), "xps"),
    (("cm-1", "1/cm", "cm^-1", "cm⁻¹"), None),
)
_WORDS: tuple[tuple[str, TechniqueName], ...] = (
    ("raman", "raman"),
    ("infrared", "ftir"),
    ("ftir", "ftir"),
    ("xps", "xps"),
)


def claims(head: bytes, path: Path) -> Evidence:
    """The signature of HDF5."""
    if head.startswith(MAGIC):
        return Evidence.MAGIC
    return Evidence.SUFFIX if path.suffix.lower() in SUFFIXES else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan for each NXdata group with one axis, in the order of their names."""
    if not content.startswith(MAGIC):
        raise UnknownFormat("the file is not HDF5", where=where, suggestion="export it again")
    h5py = package("h5py", extra="nexus", title="NeXus", where=where)
    found = guarded(lambda: _groups(h5py, content), where)
    if not found:
        raise UnknownFormat(
            "no NXdata group with one axis", where=where, suggestion="NXdata with signal and axes attributes is read"
        )
    return [partial(_scan, group, where) for group in found]


def _groups(h5py: Any, content: bytes) -> list[dict[str, Any]]:
    """Signal, axis and units of every NXdata group; links to other files are never followed."""
    found: list[dict[str, Any]] = []
    with h5py.File(io.BytesIO(content), "r") as file:
        words = " ".join(_text(entry.get("definition")) for entry in file.values() if hasattr(entry, "get"))

        def visit(name: str, group: Any) -> None:
            if isinstance(group, h5py.Group) and _plain(group.attrs.get("NX_class")) == "NXdata":
                data = _data(h5py, group)
                if data is not None:
                    found.append({"name": name, "words": f"{name} {words}".lower(), **data})

        file.visititems(visit)
    return found


def _data(h5py: Any, group: Any) -> dict[str, Any] | None:
    signal = _plain(group.attrs.get("signal"))
    axes = group.attrs.get("axes")
    axis = _plain(axes if isinstance(axes, str | bytes) or axes is None else np.atleast_1d(axes)[0])
    y, x = _dataset(h5py, group, signal), _dataset(h5py, group, axis)
    if y is None or x is None or y.ndim != 1 or x.shape != y.shape:
        return None
    errors = _dataset(h5py, group, f"{signal}_errors") or _dataset(h5py, group, "errors")
    if errors is not None and errors.shape != y.shape:
        errors = None
    return {
        "x": np.asarray(x[()], dtype=np.float64),
        "y": np.asarray(y[()], dtype=np.float64),
        "sigma": None if errors is None else np.asarray(errors[()], dtype=np.float64),
        "x_unit": _plain(x.attrs.get("units")),
        "x_name": axis,
        "y_unit": _plain(y.attrs.get("units")),
        "y_name": signal,
        "title": _text(group.get("title")),
    }


def _dataset(h5py: Any, group: Any, name: str) -> Any:
    """A numeric dataset of this file; None where there is none, it lies in another file or is too large."""
    link = group.get(name, getlink=True) if name else None
    if link is None or isinstance(link, h5py.ExternalLink):
        return None
    found = group.get(name)
    if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual:
        return None
    return found if found.dtype.kind in "iuf" and found.size <= MAX_POINTS else None


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _text(dataset: Any) -> str:
    """Text of a scalar dataset; empty where there is none."""
    try:
        return _plain(dataset[()]) if dataset is not None and dataset.shape == () else ""
    except (AttributeError, TypeError, ValueError):
        return ""


def _scan(group: dict[str, Any], where: str) -> Scan:
    place = f"{where}: {group['name']}"
    unit = group["x_unit"].strip().lower()
    known = [technique for units, technique in _UNITS if unit in units]
    if not known:
        raise UnknownFormat(
            f"the axis {group['x_name']!r} is in {group['x_unit']!r}, not in degrees, cm-1 or eV",
            where=place,
            suggestion="export a two-column text file",
        )
    if group["x"].size == 0:
        raise InvalidSpectrum("the group holds no points", where=place)
    named = next((technique for word, technique in _WORDS if word in group["words"]), None)
    technique = known[0] or named
    counts = group["y_unit"].strip().lower() in ("counts", "count")
    return Scan(
        x=group["x"],
        y=group["y"],
        sigma=group["sigma"],
        where=place,
        technique=technique,
        y_unit="counts" if counts else None,
        energy=(energy_kind(group["x_name"]) or "binding") if technique == "xps" else None,
        name=group["title"],
        metadata={"group": group["name"], "signal": group["y_name"], "axis": group["x_name"], "unit": group["y_unit"]},
    )


READER = Reader(
    name="nexus",
    title="NeXus NXdata",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    sigma="the errors dataset, else from counting where the ordinates are whole",
    reads="NXdata groups with one axis in degrees, cm-1 or eV, with `braggite[nexus]`",
    refuses="groups of several axes, links to other files, axes in other units",
)
