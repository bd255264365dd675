"""The automatic choice of the background against every fixed method, on spectra whose background is known.

``python -m validation.background_choice`` prints the table for held-out spectra. With ``BRAGGITE_TEST_DATA`` set, the
simulated X-ray scans of that folder, computed by a simulator written apart from the project, join as a further set. The
design, on which the numbers in ``auto`` were settled, is not scored: our seeds 1000 to 1079 and the jobs J01, J03, J09.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import braggite as bg
from braggite.kernels import background
from braggite.preprocessing.methods import METHODS
from braggite.techniques import technique_named
from validation.background_truth import MAKERS, Truth, simulated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HELD_OUT = 3000
DESIGN_JOBS = ("J01", "J03", "J09")
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Contender:
    """A method at fixed options: the literature's, or as stiff as its technique's default."""

    method: str
    options: str

    def curve(self, spectrum: bg.Spectrum) -> np.ndarray:
        """Its background; infinite where it refuses the spectrum."""
        given: dict[str, Any] = {}
        if self.options == "technique":
            given = {"stiffness_width": TECHNIQUE_WIDTH[spectrum.technique]}
        try:
            result = background(spectrum.y, spectrum.x, method=self.method, **given)
        except bg.BraggiteError:
            return np.full(spectrum.x.size, np.inf)
        return result.curve


def technique_width(name: str) -> float:
    """Stiffness that a technique asks of a curve that bends."""
    technique = technique_named(name)
    options = {**technique.survey_options, **technique.background_options}
    return float(options["stiffness_width"])


TECHNIQUE_WIDTH = {name: technique_width(name) for name in MAKERS}


def contenders() -> Iterator[Contender]:
    """``auto`` first, then every method with the literature's options, then with its technique's stiffness."""
    yield Contender(AUTO, "")
    for name, method in METHODS.items():
        if name != AUTO:
            yield Contender(name, "literature")
            if method.stiffness is not None:
                yield Contender(name, "technique")


def errors(truths: Iterable[Truth], who: Iterable[Contender]) -> dict[Contender, np.ndarray]:
    """Root mean square errors in standard deviations of a point, one a spectrum."""
    truths = list(truths)
    return {one: np.array([truth.error(one.curve(truth.spectrum)) for truth in truths]) for one in who}


def simulated_by_technique(seeds: range) -> dict[str, list[Truth]]:
    """Our own simulated spectra."""
    return {technique: [simulated(technique, seed) for seed in seeds] for technique in MAKERS}


def separately_simulated(data: Path) -> list[Truth]:
    """X-ray scans with the background that the other simulator says it put in, its small ripple apart."""
    truths = []
    for file in sorted((data / "simulated").glob("*/truth.json")):
        if file.parent.name.startswith(DESIGN_JOBS):
            continue
        for entry in json.loads(file.read_text(encoding="utf-8"))["files"]:
            if entry.get("technique") != "xrd" or "background" not in entry:
                continue
            spectrum = bg.read(file.parent / entry["file"])
            ground = true_background(spectrum.x, entry["background"])
            scale = entry["counts_per_unit"]
            sigma = np.sqrt(np.maximum(spectrum.y * scale, 1.0)) / scale
            truths.append(Truth(spectrum, ground / scale, sigma))
    return truths


def true_background(x: np.ndarray, truth: dict[str, Any]) -> np.ndarray:
    """Level, slope, fluorescence, air scatter and humps, in counts."""
    offset, extent = x - x[0], x[-1] - x[0]
    humps = sum(h * np.exp(-4 * np.log(2) * ((x - at) / w) ** 2) for at, w, h in truth["humps"])
    air = truth["air"] * np.exp(-offset / truth["air_decay_deg"])
    return truth["level"] * (1 + truth["slope"] * offset / extent) + truth["fluorescence"] + air + humps


def table(scores: dict[str, dict[Contender, np.ndarray]]) -> str:
    """Medians by set and over all spectra, best first; and the geometric mean over all."""
    who = next(iter(scores.values()))
    rows = []
    for one in who:
        every = np.concatenate([scores[name][one] for name in scores])
        mean = float(np.exp(np.mean(np.log(every)))) if np.all(np.isfinite(every)) else np.inf
        rows.append((float(np.median(every)), mean, one, [float(np.median(scores[name][one])) for name in scores]))
    lines = [f"| method | options | {' | '.join(scores)} | all | geometric mean |", "|---" * (len(scores) + 4) + "|"]
    for median, mean, one, medians in sorted(rows, key=lambda row: row[0]):
        cells = " | ".join(figure(value) for value in (*medians, median, mean))
        lines.append(f"| {one.method} | {one.options} | {cells} |")
    return "\n".join(lines) + "\n"


def figure(value: float) -> str:
    """Three figures, or a dash where a method refused."""
    return f"{value:.3g}" if np.isfinite(value) else "-"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=HELD_OUT, help="first seed")
    parser.add_argument("--count", type=int, default=100, help="spectra of each technique")
    options = parser.parse_args()
    truths = simulated_by_technique(range(options.first, options.first + options.count))
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if folder:
        truths["xrd, other simulator"] = separately_simulated(Path(folder))
    everyone = list(contenders())
    sys.stdout.write(table({name: errors(group, everyone) for name, group in truths.items()}))
    sys.stdout.write("\nspectra: " + ", ".join(f"{name} {len(group)}" for name, group in truths.items()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
