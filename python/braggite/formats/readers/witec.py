"""WITec `.wip .wid` through witio: every graph of a project, each spectrum a scan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import InvalidSpectrum
from braggite.formats.infrared import wavenumbers
from braggite.formats.optional_package import guarded, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

SHIFT = "rel. 1/cm"


def claims(head: bytes, path: Path) -> Evidence:
    """The mark of a project or a data file."""
    if head[:4] in (b"WIT_", b"WIT^"):
        return Evidence.MAGIC
    return Evidence.SUFFIX if path.suffix.lower() in (".wip", ".wid") else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan for each spectrum of each graph."""
    witio = package("witio", extra="raman", title="WITec project", where=where)
    graphs = guarded(lambda: witio.read_bytes(content).find(class_name="TDGraph"), where)
    found: list[PendingScan] = []
    for graph in graphs:
        table = guarded(partial(_table, graph), where)
        found += [partial(_scan, graph, table, index, where) for index in range(len(table))]
    if not found:
        raise InvalidSpectrum("the project holds no spectra", where=where)
    return found


def _table(graph: Any) -> Any:
    """(spectra, points) ordinates of a graph."""
    values = np.asarray(graph.array(), dtype=np.float64)
    return values.reshape(-1, values.shape[-1])


def _scan(graph: Any, table: Any, index: int, where: str) -> Scan:
    place = f"{where}: {graph.caption}, spectrum {index}"
    x, unit = guarded(lambda: graph.x_axis(SHIFT), place)
    x, notes = wavenumbers(np.asarray(x, dtype=np.float64), "cm-1" if unit == SHIFT else str(unit), place)
    return Scan(
        x=x,
        y=table[index],
        where=place,
        technique="raman",
        name=str(graph.caption),
        metadata={"graph": str(graph.caption), "index": index},
        notes=tuple(notes),
    )


READER = Reader(
    name="witec",
    title="WITec project",
    suffixes=(".wip", ".wid"),
    claims=claims,
    read=read,
    sigma="none",
    reads="every spectrum of every graph, with `braggite[raman]`",
    refuses="graphs over pixels, images",
)
