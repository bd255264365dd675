"""Thermo Avantage `.vgd` through vgd-reader: each level of a file is a scan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.formats.counts import counting_time
from braggite.formats.optional_package import on_file, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

KEPT = (
    "source_label", "source_energy", "pass_energy", "work_function", "dwell_time", "periods", "txf_applied",
    "txf_coefficients", "sample_id", "title", "date_created", "technique",
)  # fmt: skip


def claims(head: bytes, path: Path) -> Evidence:
    """A compound document under the suffix."""
    if path.suffix.lower() != ".vgd":
        return Evidence.NONE
    return Evidence.MAGIC if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") else Evidence.SUFFIX


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a spectrum."""
    reader = package("vgd_reader", extra="thermo", title="Thermo Avantage VGD", where=where)
    spectra = on_file(content, ".vgd", lambda path: list(reader.read_vgd(path).spectra), where)
    return [partial(_scan, spectrum, index, where) for index, spectrum in enumerate(spectra)]


def _scan(spectrum: Any, index: int, where: str) -> Scan:
    """Raw counts as they are stored; neither the transmission nor the dwell is applied."""
    y = np.asarray(spectrum.intensity, dtype=np.float64)
    dwell, periods = spectrum.dwell_time, spectrum.periods
    return Scan(
        x=np.asarray(spectrum.binding_energy, dtype=np.float64),
        y=y,
        where=f"{where}: spectrum {index}",
        dwell_s=counting_time(y, (dwell, dwell * periods if dwell and periods else None)),
        technique="xps",
        energy="binding",
        photon_energy_ev=float(spectrum.source_energy) if spectrum.source_energy else None,
        name=" ".join(part for part in (str(spectrum.sample_id), str(spectrum.core_level)) if part),
        metadata={"region": str(spectrum.core_level), **{name: getattr(spectrum, name, None) for name in KEPT}},
    )


READER = Reader(
    name="vgd",
    title="Thermo Avantage VGD",
    suffixes=(".vgd",),
    claims=claims,
    read=read,
    sigma="from counting where the ordinates are whole",
    reads="every spectrum, raw counts, with `braggite[thermo]`",
    refuses="files that vgd-reader cannot parse",
)
