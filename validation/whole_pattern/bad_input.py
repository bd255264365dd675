"""What a match answers to input that cannot be matched, and how soon."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern
from validation.convergence import stretched
from validation.scoring import Aim, library
from validation.whole_pattern.section import Section, share_aim

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

METHODS: tuple[Callable[..., bg.MatchResult], ...] = (bg.match_pawley, bg.match_lebail, bg.match_structure)
POSITIONS = (15.0, 100.0, 0.02)
NOT_MET = ("no_lines", "lines_not_met")
AIM_SECONDS = 1.0
ABSENT_WEIGHT_FRACTION = 0.03
"""Largest share that all phases which are not there may get together."""
TEXT = f"""Every case by Pawley, Le Bail and structure-tied matching, default options; the answer and the time.
Right is an error that says what is wrong, or a result that is not `converged`; of twenty phases, that those which
are not there get less than {100 * ABSENT_WEIGHT_FRACTION:g} wt% together, or a refusal. The tests hold the answers
(`tests/matching/test_bad_input.py`), not the times."""


@dataclass(frozen=True, slots=True)
class Bad:
    """What is matched: built by ``scan`` and ``phases``.

    ``error`` is part of the message where there must be one, ``note`` what a result must say where strengths are free.
    """

    name: str
    scan: Callable[[], bg.Spectrum]
    phases: Callable[[], list[bg.Phase]]
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    text: str
    right: bool
    seconds: float


def lab6() -> list[bg.Phase]:
    """The phase that most cases are matched with."""
    return [library()["lab6"]]


def counts(kind: str) -> bg.Spectrum:
    """Zero, constant, noise about a level, or one line on it; no pattern of LaB6."""
    rng = np.random.default_rng(4)
    x = np.arange(*POSITIONS)
    line = 5000.0 * np.exp(-(((x - 30.4) / 0.06) ** 2))
    made = {"zero": 0.0 * x, "constant": 0.0 * x + 100.0, "noise": rng.poisson(100.0 + 0.0 * x)}
    y = np.asarray(made.get(kind, rng.poisson(100.0 + line)), dtype=np.float64)
    return bg.Spectrum.from_arrays(x, y, radiation=radiation_named("CuKa"))


def simulated(*names: str) -> bg.Spectrum:
    """Equal weights of the named phases, LaB6 without any."""
    states = [PhaseState(library()[name]) for name in names or ("lab6",)]
    return simulate_pattern(states, radiation=radiation_named("CuKa"), two_theta_deg=POSITIONS, seed=1)


def other_cell(factor: float) -> list[bg.Phase]:
    """LaB6 with its lengths times ``factor``."""
    return [stretched(library()["lab6"], (factor,) * 3)]


PRESENT = ("lab6", "llzo-cubic")


def twenty() -> list[bg.Phase]:
    """The two that are there and eighteen that are not."""
    absent = [phase for phase in library() if phase.structure is not None and phase.name not in PRESENT]
    return [*(library()[name] for name in PRESENT), *absent[:: len(absent) // 18][:18]]


CASES = (
    Bad("cell of no length", simulated, lambda: other_cell(0.0), "not possible in a unit cell"),
    Bad("cell a fifth as long: no line in range", simulated, lambda: other_cell(0.2), "no reflection"),
    Bad("cell 5 % too long", simulated, lambda: other_cell(1.05), note="poor_agreement"),
    Bad("wavelength unknown", lambda: replace(simulated(), radiation=None), lab6, "no wavelength"),
    Bad("all counts zero", lambda: counts("zero"), lab6, note="cell_not_determined"),
    Bad("all counts the same", lambda: counts("constant"), lab6, note="cell_not_determined"),
    Bad("background only", lambda: counts("noise"), lab6, note="cell_not_determined"),
    Bad("one line", lambda: counts("one line"), lab6, note="cell_not_determined"),
)
TWENTY = Bad("twenty phases, two of them there", lambda: simulated(*PRESENT), twenty)


def answer(bad: Bad, match: Callable[..., bg.MatchResult]) -> Answer:
    """Whether it is the right one, too."""
    scan = bad.scan()
    start = time.process_time()
    try:
        result = match(scan, bad.phases())
    except bg.BraggiteError as error:
        refused = bad.error is not None or bad is TWENTY
        return Answer(str(error), refused and (bad.error or "") in str(error), time.process_time() - start)
    seconds = time.process_time() - start
    if bad is TWENTY:
        return _of_twenty(result, seconds)
    return Answer(result.stop_reason, not result.converged and bad.error is None, seconds)


def _of_twenty(result: bg.MatchResult, seconds: float) -> Answer:
    weights = [fit.weight_fraction.value for fit in result.phases[len(PRESENT) :] if fit.weight_fraction is not None]
    if not weights:
        lines = sum(len(fit.reflections) for fit in result.phases)
        text = f"{result.stop_reason}, {len(result.x)} points shared out among {lines} lines"
        return Answer(text, not result.converged, seconds)
    text = f"{result.stop_reason}, {100.0 * sum(weights):.2f} wt% for the absent ones"
    return Answer(text, sum(weights) < ABSENT_WEIGHT_FRACTION, seconds)


def measure(data: Path) -> Section:
    """Every case by every method; ``data`` is not needed."""
    answers = {bad.name: [answer(bad, match) for match in METHODS] for bad in (*CASES, TWENTY)}
    every = [one for row in answers.values() for one in row]
    return Section(
        "bad_input",
        "Bad input",
        TEXT,
        ("case", *(match.__name__ for match in METHODS)),
        tuple((name, *map(_shown, row)) for name, row in answers.items()),
        (
            share_aim("bad_input", "right answers", [one.right for one in every], "by the case"),
            Aim(
                "bad_input",
                "longest answer, s",
                max(one.seconds for one in every),
                AIM_SECONDS,
                False,
                "processor time",
            ),
        ),
    )


def _shown(one: Answer) -> str:
    return f"{one.text} ({1e3 * one.seconds:.0f} ms)" + ("" if one.right else " **wrong**")
