"""Simulated scans with everything the simulator knows, and their instruments as a laboratory would calibrate them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import braggite as bg
from validation.references import library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "simulated"
STANDARDS = {"A": "A_LaB6.xye", "B": "B_LaB6.xrdml"}


@dataclass(frozen=True, slots=True)
class Specimen:
    """One scan; ``truth`` is the simulator's entry of each phase, in the order of ``phases``."""

    path: Path
    instrument: str
    phases: tuple[bg.Phase, ...]
    truth: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        """Set and file."""
        folder = self.path.parent.name
        short = folder.split("_", 1)[0] if folder.startswith("J") else folder
        return f"{short}/{self.path.name}"

    def matched(self, *, on_instrument: bool = False, others: tuple[bg.Phase, ...] = ()) -> bg.MatchResult:
        """Structure-tied with the true phases given, and ``others``; default options but for the instrument."""
        known = calibrated(self.path.parents[1], self.instrument) if on_instrument else None
        options = bg.MatchOptions(instrument=known)
        return bg.match_structure(bg.read(self.path), [*self.phases, *others], options=options)


def specimens(data: Path, jobs: tuple[str, ...]) -> Iterator[Specimen]:
    """The diffraction scans of the named sets."""
    for job in jobs:
        folder = next(path for path in sorted((data / FOLDER).iterdir()) if path.name.startswith(job))
        for entry in json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]:
            if entry.get("technique") == "xrd" and "phases" in entry:
                truth = tuple(entry["phases"])
                phases = tuple(library()[phase["slug"]] for phase in truth)
                yield Specimen(folder / entry["file"], entry["instrument"], phases, truth)


@cache
def calibrated(simulated: Path, instrument: str) -> bg.InstrumentProfile:
    """From the LaB6 scan of that instrument, with the cell and the size that the bottle states."""
    folder = simulated / "J00_instrument_standards"
    entries = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]
    bottle = next(entry for entry in entries if entry["file"] == STANDARDS[instrument])["phases"][0]
    scan = bg.read(folder / STANDARDS[instrument])
    found = bg.calibrate(scan, "lab6", cell_angstrom=bottle["cell"][0], size_nm=bottle["size_nm"]).instrument
    assert found is not None
    return found
