"""Scans computed by a simulator written apart from the project: the jobs of a ceramics laboratory, random mixtures."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from braggite.references.cell import Cell
from validation.samples import Sample, Table, TruePhase

if TYPE_CHECKING:
    from pathlib import Path

TITLES = {
    "J01_bto_in_garnet": "Barium titanate in garnet, simulated (J01)",
    "J03_solid_state_products": "Solid-state reaction products, simulated (J03)",
    "J09_five_phase": "Two to five phases at once, simulated (J09)",
    "J02_after_UHS": "After ultrafast sintering, simulated (J02; first scored when the search was finished)",
    "J08_coarse_step": "Steps of 0.2 degrees, simulated (J08; first scored when the search was finished)",
    "J10_coated_LCO": "Coated LiCoO2, simulated (J10; first scored when the search was finished)",
    "J11_argyrodite": "Argyrodite, simulated (J11; first scored when the search was finished)",
    "J12_other_additives": "Other additives in garnet, simulated (J12; first scored when the search was finished)",
    "random_mixtures": "Three to five random phases, simulated (first scored when the search was finished)",
}


def table(data: Path, job: str) -> Table:
    """The X-ray scans of one job; elements as the laboratory knows them, phases from the simulator's truth."""
    folder = data / "simulated" / job
    truth = {entry["file"]: entry for entry in _json(folder / "truth.json")["files"] if "phases" in entry}
    with (folder / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["technique"] == "xrd"]
    return Table(
        name=job.split("_", maxsplit=1)[0],
        title=TITLES[job],
        referent="the simulator's own weight fractions",
        weighed=True,
        samples=tuple(_sample(folder / row["file"], row["elements"], truth[row["file"]]) for row in rows),
    )


def _sample(path: Path, elements: str, truth: dict) -> Sample:
    return Sample(path, elements, _phases(truth["phases"]), absent=tuple(truth.get("absent", ())))


def _phases(entries: list[dict]) -> tuple[TruePhase, ...]:
    return tuple(
        TruePhase(
            entry["slug"],
            (entry["slug"],),
            entry["weight_fraction"],
            Cell(*entry["cell"]).volume_angstrom3 / Cell(*entry["cell_reference"]).volume_angstrom3,
            entry.get("matched_filter_snr"),
        )
        for entry in entries
    )


def _json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
