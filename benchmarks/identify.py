"""Wall time of an identification with about a hundred candidates, on one thread. No peer does the same work."""

from __future__ import annotations

from harness import Row, main, seconds_per_call

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern

ELEMENTS = "Li Ba Ti La Zr Ta O C Al H Si Sr Nb Co Ni Mn"
SAMPLES = {
    "one phase": {"LLZTO": 1.0},
    "two phases": {"LLZTO": 0.9, "BTO": 0.1},
    "three phases": {"li2bati6o14": 0.7, "BTO": 0.2, "li2co3": 0.1},
    "five phases": {"LBO": 0.2, "li2co3": 0.2, "LCO": 0.2, "LLZTO": 0.2, "BTO": 0.2},
}


def run() -> list[Row]:
    library = bg.ReferenceLibrary.default()
    candidates = library.filter(elements=ELEMENTS)
    rows = []
    for name, weights in SAMPLES.items():
        states = [PhaseState(library[phase], weight, cell_factor=1.001) for phase, weight in weights.items()]
        scan = simulate_pattern(states, radiation=radiation_named("CuKa"), seed=1)
        report = bg.identify(scan, library=candidates)
        seconds = seconds_per_call(lambda scan=scan: bg.identify(scan, library=candidates), repeats=3)
        present = sum(phase.verdict == "present" for phase in report.phases)
        note = f"{report.candidates.considered} candidates, {len(scan)} points, {present} called present"
        rows.append(Row(name, seconds, note=note))
    return rows


if __name__ == "__main__":
    main(run)
