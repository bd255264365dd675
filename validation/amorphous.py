"""Humps that are flagged on the scans of the separate simulator, whose humps are known, and on real ones."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

import braggite as bg
from validation import equal_weight, weighed
from validation.background_choice import true_background
from validation.references import library

HEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.5, np.inf)
"""Bounds of bins of the height of a hump over the background beneath."""
SILICA = "xrd/S02_iucr_cpd_shared/silica.prn"


@dataclass(frozen=True)
class Scored:
    """True humps of a scan inside its range, as height over background and whether each is flagged; false ones."""

    name: str
    true: list[tuple[float, bool]]
    false: list[dict[str, float]]


def flagged(path: Path, elements: str) -> list[dict[str, float]]:
    """Humps that an identification flags."""
    report = bg.identify(bg.read(path), library=library().filter(elements=elements))
    return [hump for note in report.diagnostics if note.code == "amorphous_hump" for hump in note.value]


def scored(path: Path, elements: str, truth: dict) -> Scored:
    """One scan against the humps of its truth; a flag within half a width of a true hump is right."""
    x = np.array(bg.read(path).x)
    bare = true_background(x, {**truth, "humps": []})
    found = flagged(path, elements)
    true = []
    for at, width, height in truth["humps"]:
        near = [hump for hump in found if abs(hump["position_deg"] - at) < 0.5 * width]
        found = [hump for hump in found if hump not in near]
        if at - 0.5 * width > x[0]:
            true.append((height / float(np.interp(at, x, bare)), bool(near)))
    return Scored(path.name, true, found)


def simulated(data: Path) -> list[tuple[Path, str, dict]]:
    """Every diffraction pattern of the separate simulator with its elements and background."""
    jobs = []
    for file in sorted((data / "simulated").glob("*/truth.json")):
        with (file.parent / "samples.csv").open(encoding="utf-8", newline="") as rows:
            elements = {row["file"]: row["elements"] for row in csv.DictReader(rows) if row["technique"] == "xrd"}
        for entry in json.loads(file.read_text(encoding="utf-8"))["files"]:
            if entry["file"] in elements:
                jobs.append((file.parent / entry["file"], elements[entry["file"]], entry["background"]))
    return jobs


def main() -> int:
    """Print how many humps are flagged by their height, and every flag that is not one of them."""
    parser = argparse.ArgumentParser(prog="python -m validation.amorphous", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    data = Path(os.environ["BRAGGITE_TEST_DATA"])
    real = [sample for table in (equal_weight.table(data), weighed.table(data)) for sample in table.samples]
    with ProcessPoolExecutor(options.workers) as pool:
        results = list(pool.map(scored, *zip(*simulated(data), strict=True)))
        measured = list(pool.map(flagged, [s.path for s in real], [s.elements for s in real]))
        glass = pool.submit(flagged, data / SILICA, "Si O").result()
    lines = []
    for low, high in pairwise(HEIGHTS):
        inside = [hit for result in results for height, hit in result.true if low <= height < high]
        lines.append(f"height {low:g} to {high:g} of the background: {sum(inside)} of {len(inside)} flagged")
    false = [(result.name, result.false) for result in results if result.false]
    lines.append(f"flags where no hump is: {len(false)} of {len(results)} scans: {false}")
    named = [(sample.path.name, humps) for sample, humps in zip(real, measured, strict=True) if humps]
    lines += [f"measured mixtures flagged: {len(named)} of {len(real)}: {named}", f"silica glass: {glass}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
