"""Laboratory jobs J4, J5 and J9 by Raman and infrared: right phases, shares of the bands, axes that are off."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import braggite as bg
from validation.band_samples import look_alikes
from validation.references import library

JOBS = {
    "J04_molten_lithium": "Ba Ti O C Li",
    "J05_raman_ftir": "Ba Ti O C Li La Zr Ta H",
    "J09_five_phase": "Ba Ti O C Li La Zr Ta H Co B",
}
NAMES = {
    "BTO": "batio3-tetragonal",
    "BTO-cubic": "batio3-cubic",
    "BTO-hexagonal": "batio3-hexagonal",
    "LZ": "llzo-ta-cubic",
    "LZ-tetragonal": "llzo-tetragonal",
    "LCO": "licoo2-layered",
    "LBO": "li3bo3",
    "Li2CO3": "li2co3",
    "BaCO3": "baco3-witherite",
    "LiOH": "lioh",
    "LiOH.H2O": "lioh-hydrate",
    "La(OH)3": "la-oh-3",
    "La2Zr2O7": "la2zr2o7",
    "Co3O4": "co3o4",
    "carbon": "carbon-disordered",
    "water": "water",
}
"""Folders of the library by the names of the simulator."""


@dataclass(frozen=True)
class Outcome:
    """One spectrum: what was in it, what was called present or possible, errors of shares."""

    file: str
    technique: str
    there: int
    present: int
    possible: int
    called: int
    wrong: tuple[str, ...]
    missed: tuple[str, ...]
    errors: tuple[float, ...]
    seconds: float


def outcome(path: Path, entry: dict[str, Any], elements: str, shift_cm1: float) -> Outcome:
    """Identify one spectrum on an axis moved by ``shift_cm1``."""
    technique = entry["technique"]
    spectrum = bg.read(path, technique=technique)
    spectrum = replace(spectrum, x=spectrum.x + shift_cm1)
    start = time.perf_counter()
    report = bg.identify(spectrum, library=library().filter(elements=elements))
    seconds = time.perf_counter() - start
    truth = {NAMES[name]: part.get("band_area_fraction") for name, part in entry["components"].items()}
    alike = {name: look_alikes(name, technique) for name in truth}
    seen: dict[str, set[str]] = {"present": set(), "possible": set()}
    wrong, errors = [], []
    for phase in report.phases:
        meant = [name for name, group in alike.items() if group & {phase.name, *phase.rivals}]
        seen[phase.verdict].update(meant)
        if not meant and phase.verdict == "present":
            wrong.append(phase.name)
        share = truth.get(phase.name)
        if share is not None and phase.band_fraction is not None:
            errors.append(phase.band_fraction.value - share)
    return Outcome(
        file=path.name,
        technique=technique,
        there=len(truth),
        present=len(seen["present"]),
        possible=len(seen["possible"] - seen["present"]),
        called=sum(phase.verdict == "present" for phase in report.phases),
        wrong=tuple(wrong),
        missed=tuple(sorted(set(truth) - seen["present"])),
        errors=tuple(errors),
        seconds=seconds,
    )


def jobs(data: Path) -> list[tuple[Path, dict[str, Any], str]]:
    """Every vibrational spectrum of the jobs, with its truth and the elements known."""
    return [
        (data / "simulated" / job / entry["file"], entry, elements)
        for job, elements in JOBS.items()
        for entry in json.loads((data / "simulated" / job / "truth.json").read_text())["files"]
        if entry["technique"] in ("raman", "ftir")
    ]


def main() -> int:
    """Print a line a spectrum and sums by technique."""
    parser = argparse.ArgumentParser(prog="python -m validation.band_jobs", description=__doc__)
    parser.add_argument("--shift", type=float, default=0.0, help="by which every axis is moved, 1/cm")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        sys.stderr.write("set BRAGGITE_TEST_DATA to the folder of test data\n")
        return 2
    listed = jobs(Path(folder))
    with ProcessPoolExecutor(options.workers) as pool:
        results = list(pool.map(outcome, *zip(*listed, strict=True), [options.shift] * len(listed)))
    for result in results:
        sys.stdout.write(
            f"{result.file:36s} {result.present}/{result.there} present, {result.possible} possible; "
            f"wrong: {', '.join(result.wrong) or '-'}; not called present: {', '.join(result.missed) or '-'}; "
            f"{result.seconds:.1f} s\n"
        )
    for technique in ("raman", "ftir"):
        part = [result for result in results if result.technique == technique]
        there, called = sum(r.there for r in part), sum(r.called for r in part)
        errors = np.array([error for r in part for error in r.errors]) if technique == "raman" else np.array([])
        sys.stdout.write(
            f"{technique}: {sum(r.present for r in part)} of {there} present, "
            f"{sum(r.possible for r in part)} possible; "
            f"{called - sum(len(r.wrong) for r in part)} of {called} called present are there"
        )
        if errors.size:
            within = float(np.mean(np.abs(errors) <= 0.1))
            sys.stdout.write(f"; shares RMS {np.sqrt(np.mean(errors**2)):.3f}, within 0.1: {within:.3f}")
        sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
