"""Simulated standards and instruments of known profile for the tests of calibration."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern
from braggite.values import Value

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = Profile(u=0.006, v=-0.004, w=0.004, x=0.012, y=0.018)
TRUTH = {
    "gauss_u_deg2": PROFILE.u,
    "gauss_v_deg2": PROFILE.v,
    "gauss_w_deg2": PROFILE.w,
    "lorentz_x_deg": PROFILE.x,
    "lorentz_y_deg": PROFILE.y,
}
RANGE = (18.0, 140.0, 0.01)


def certified(name: str) -> bg.Phase:
    """The reference phase of a standard, with its cell as the certificate has it."""
    from braggite.calibration.standards import certified_phase

    return certified_phase(name, bg.ReferenceLibrary.default())[0]


@cache
def standard_scan(seed: int = 1, name: str = "SRM 660c", **options: Any) -> bg.Spectrum:
    """Poisson counts of a standard on the instrument above, the sample 0.04 mm too high."""
    given = {"two_theta_deg": RANGE, "displacement_mm": 0.04, "peak_counts": 40000.0, "background": 150.0, **options}
    state = PhaseState(certified(name))
    return simulate_pattern([state], radiation=radiation_named("CuKa"), profile=PROFILE, seed=seed, **given)


def instrument(relative_su: float = 0.0) -> bg.InstrumentProfile:
    """The instrument above with relative uncertainties; symmetric lines."""
    numbers = {name: Value(value, relative_su * abs(value)) for name, value in TRUTH.items()}
    return bg.InstrumentProfile(
        radiation=radiation_named("CuKa"),
        diffractometer=bg.Instrument(radius_mm=240.0),
        axial_ratio=Value(0.0, 0.0),
        **numbers,
        name="simulated",
    )


def truth_of(folder: Path, job: str, file: str) -> dict[str, Any]:
    """What the separate simulator used for one file."""
    table = json.loads((folder / "simulated" / job / "truth.json").read_text(encoding="utf-8"))
    return next(entry for entry in table["files"] if entry["file"] == file)


def true_radiation(truth: dict[str, Any]) -> bg.Radiation:
    """Emission lines and ghosts."""
    radiation = truth["radiation"]
    return bg.Radiation(tuple((a, w) for a, w, _ in radiation["lines_angstrom_weight_width"] + radiation["ghosts"]))


def true_instrument(truth: dict[str, Any]) -> bg.InstrumentProfile:
    """The instrument of the separate simulator; the mean natural width of its emission lines is part of Y."""
    profile, radiation = truth["profile"], truth["radiation"]
    lines = np.array(radiation["lines_angstrom_weight_width"])
    natural = np.degrees(np.average(2.0 * lines[:, 2] / lines[:, 0], weights=lines[:, 1]))
    return bg.InstrumentProfile(
        radiation=true_radiation(truth),
        diffractometer=bg.Instrument(
            radius_mm=profile["radius"],
            monochromator_two_theta_deg=radiation["monochromator_two_theta_deg"] or None,
        ),
        gauss_u_deg2=Value(profile["U"]),
        gauss_v_deg2=Value(profile["V"]),
        gauss_w_deg2=Value(profile["W"]),
        lorentz_x_deg=Value(profile["X"]),
        lorentz_y_deg=Value(profile["Y"] + float(natural)),
        axial_ratio=Value((profile["S_L"] + profile["H_L"]) / 2.0),
        zero_deg=Value(truth["zero_deg"]),
    )


def simulated_scan(folder: Path, job: str, file: str) -> tuple[bg.Spectrum, dict[str, Any]]:
    """A scan of the separate simulator with the wavelengths and the radius it was computed for, and its truth."""
    truth = truth_of(folder, job, file)
    known = true_instrument(truth)
    spectrum = bg.read(folder / "simulated" / job / file)
    return replace(spectrum, radiation=known.radiation, instrument=known.diffractometer), truth
