"""Make the example scans of ``braggite demo`` anew: ``python examples/make_demo_scans.py [FOLDER]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import braggite as bg
from braggite.examples import Example, example_scans
from braggite.formats.write import write
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern

SEEDS = {"bto-in-llzto": 2024, "li2bati6o14-product": 2025}
CELL_FACTORS = {"llzo-ta-cubic": 1.0008, "batio3-tetragonal": 0.9996, "li2bati6o14": 1.0011}
SIZES_NM = {"llzo-ta-cubic": 180.0, "batio3-tetragonal": 60.0, "li2bati6o14": 90.0, "tio2-rutile": 120.0}


def demo_scan(example: Example) -> str:
    """The text of one example scan; the same on every run."""
    library = bg.ReferenceLibrary.default()
    name = example.path.stem
    spectrum = simulate_pattern(
        [
            PhaseState(library[phase], share, CELL_FACTORS.get(phase, 1.0), size_nm=SIZES_NM[phase], strain=0.0006)
            for phase, share in example.truth.items()
        ],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(15.0, 80.0, 0.02),
        profile=Profile(u=0.004, v=-0.004, w=0.005, x=0.015, y=0.01),
        displacement_mm=0.04,
        peak_counts=9000.0,
        background=(140.0, -60.0, 25.0),
        seed=SEEDS[name],
        name=name,
    )
    truth = ", ".join(f"{100 * share:g} wt% {phase}" for phase, share in example.truth.items())
    with tempfile.TemporaryDirectory() as folder:
        text = write(spectrum, Path(folder) / "scan.xy").read_text(encoding="utf-8")
    return f"# Simulated by examples/make_demo_scans.py, not measured. Truth: {truth}\n# anode: Cu\n{text}"


def main() -> None:
    """Write the scans into the folder named on the command line, by default the package's."""
    for example in example_scans():
        target = Path(sys.argv[1]) / example.path.name if len(sys.argv) > 1 else example.path
        target.write_text(demo_scan(example), encoding="utf-8", newline="\n")
        print(target)


if __name__ == "__main__":
    main()
