"""What every match promises, whatever the pattern."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
import threading
import time
from dataclasses import FrozenInstanceError, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from samples import pattern, phase, phases

import braggite as bg
from braggite.errors import InvalidSpectrum, LibraryError, OptionError
from braggite.matching import MatchOptions, MatchResult, match_structure
from braggite.spectrum import Spectrum


@pytest.fixture(scope="module")
def result() -> MatchResult:
    return match_structure(pattern(3), phases())


def test_repeats_bit_by_bit(result: MatchResult) -> None:
    again = match_structure(pattern(3), phases())
    assert json.dumps(again.to_dict()) == json.dumps(result.to_dict())
    assert np.array_equal(again.calculated, result.calculated)


def test_the_order_of_phases_does_not_matter(result: MatchResult) -> None:
    turned = match_structure(pattern(3), phases()[::-1])
    by_name = {fit.name: fit for fit in turned.phases}
    for fit in result.phases:
        other = by_name[fit.name]
        # Both stop once the objective falls by less than 1e-5 of itself, a small part of an uncertainty.
        assert abs(other.weight_fraction.value - fit.weight_fraction.value) < 0.2 * fit.weight_fraction.su_counting
        assert abs(other.cell["a_angstrom"].value - fit.cell["a_angstrom"].value) < 0.2 * fit.cell["a_angstrom"].su


def test_a_shift_of_the_axis_comes_out_as_one() -> None:
    spectrum = pattern(3)
    spectrum = replace(spectrum, instrument=replace(spectrum.instrument, geometry="debye-scherrer"))
    moved = Spectrum.from_arrays(
        spectrum.x + 0.02, spectrum.y, technique="xrd", counts=True, y_unit="counts",
        radiation=spectrum.radiation, instrument=spectrum.instrument,
    )  # fmt: skip
    here, there = (match_structure(s, phases()).parameters["zero_deg"].value for s in (spectrum, moved))
    # The prior on the shift, 0.06 deg, holds back next to nothing beside lines this clear.
    assert there.value - here.value == pytest.approx(0.02, abs=0.001)


def test_amounts_sum_to_one(result: MatchResult) -> None:
    assert sum(fit.weight_fraction.value for fit in result.phases) == pytest.approx(1.0, abs=1e-12), "identity"


def test_curves_sum_to_the_pattern(result: MatchResult) -> None:
    total = result.background + sum(fit.curve for fit in result.phases)
    assert np.allclose(total, result.calculated, rtol=1e-12, atol=1e-9 * result.calculated.max()), "identity"


def test_reflections_stand_in_range_and_obey_bragg(result: MatchResult) -> None:
    wavelength = pattern(3).radiation.wavelength_angstrom
    shift = result.parameters["displacement_mm"].value.value
    for fit in result.phases:
        lines = fit.reflections
        assert len(lines) > 5
        bragg = 2.0 * np.degrees(np.arcsin(wavelength / (2.0 * lines.d_angstrom)))
        moved = bragg - np.degrees(2.0 * shift / 240.0) * np.cos(np.radians(bragg / 2.0))
        assert lines.two_theta_deg == pytest.approx(moved, abs=1e-6), "Bragg's law with displacement"
        assert lines.two_theta_deg.min() >= result.x[0]
        assert lines.two_theta_deg.max() <= result.x[-1]
        assert np.all(lines.intensity > -1.0)
        assert np.all(lines.multiplicity > 0)


def test_nothing_can_be_changed(result: MatchResult) -> None:
    with pytest.raises(FrozenInstanceError):
        result.converged = False
    for array in (result.x, result.calculated, result.background, result.sigma, result.phases[0].curve):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_pickles(result: MatchResult) -> None:
    copy = pickle.loads(pickle.dumps(result))
    assert copy.to_dict() == result.to_dict()
    assert np.array_equal(copy.calculated, result.calculated)
    with pytest.raises(ValueError, match="read-only"):
        copy.calculated[0] = 1.0


def test_the_document_has_what_the_contract_names(result: MatchResult) -> None:
    body = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert {"converged", "stop_reason", "at_bound", "statistics", "basis", "phases", "parameters"} <= body.keys()
    statistics = {"rwp_percent", "rp_percent", "rexp_percent", "gof", "n_points", "n_free", "durbin_watson"}
    assert body["statistics"].keys() == statistics
    assert body["basis"] == "crystalline"
    for entry in body["phases"]:
        assert {"name", "formula", "space_group", "cell", "weight_fraction", "r_bragg_percent"} <= entry.keys()
        assert {"a_angstrom", "gamma_deg", "volume_angstrom3"} <= entry["cell"].keys()
        line = entry["reflections"][0]
        named = {"h", "k", "l", "d_angstrom", "two_theta_deg", "intensity", "multiplicity", "resolved", "group"}
        assert line.keys() == named
    for parameter in body["parameters"].values():
        assert {"value", "su", "unit", "at_bound"} <= parameter.keys()


def test_match_golden(result: MatchResult, golden) -> None:
    """Numbers to the digits their uncertainty leaves, so that another processor's last bits do not matter."""
    lines = [f"converged {result.converged}  Rwp {result.statistics.rwp_percent:.1f} %"]
    for fit in result.phases:
        cell = "  ".join(f"{key} {value}" for key, value in fit.cell.items() if value.su)
        lines.append(f"{fit.name}: {fit.weight_fraction} by weight, {len(fit.reflections)} lines, {cell}")
    lines += [f"{name} {parameter.value} {parameter.unit}" for name, parameter in result.parameters.items()]
    golden("match_corundum_rutile.txt", "\n".join(lines) + "\n")


def test_the_covariance_is_that_of_the_uncertainties(result: MatchResult) -> None:
    su = np.array(list(result.uncertainties().values()), dtype=float)
    assert np.allclose(np.sqrt(np.diag(result.covariance)), su, rtol=1e-12), "identity"
    assert np.allclose(result.covariance, result.covariance.T, rtol=1e-9, atol=0.0)
    correlation = dict(zip(result.parameters, result.correlation, strict=True))
    names = list(result.parameters)
    assert np.all(np.abs(result.correlation) <= 1.0 + 1e-12)
    # U and V of one curve over a short range make up for each other, and a cell makes up for the displacement.
    assert correlation["gauss_u_deg2"][names.index("gauss_v_deg2")] < -0.9
    assert abs(correlation["displacement_mm"][names.index("al2o3-corundum.cell_change_1")]) > 0.5
    assert np.all(np.linalg.eigvalsh(result.correlation) > 0.0)


def test_three_kinds_of_uncertainty(result: MatchResult) -> None:
    counting, by_gof = result.uncertainties("counting"), result.uncertainties("gof")
    for name, parameter in result.parameters.items():
        assert counting[name] == parameter.value.su_counting
        assert by_gof[name] == pytest.approx(counting[name] * max(1.0, result.statistics.gof), rel=1e-12), "definition"
        assert result.to_dict()["parameters"][name]["su_gof"] == by_gof[name]
    with pytest.raises(OptionError, match="berar-lelann, gof, counting"):
        result.uncertainties("bootstrap")


def test_the_bragg_factor_is_that_of_the_listed_areas(result: MatchResult) -> None:
    for fit in result.phases:
        lines = fit.reflections
        missed = np.abs(lines.intensity - lines.intensity_calculated).sum() / np.abs(lines.intensity).sum()
        assert fit.r_bragg_percent == pytest.approx(100.0 * missed, rel=1e-9), "definition"


def test_the_cell_follows_from_the_parameters(result: MatchResult) -> None:
    for fit in result.phases:
        reference = fit.reference.structure.cell
        for number, group in enumerate(fit.cell_groups, start=1):
            change = result.parameters[f"{fit.name}.cell_change_{number}"].value.value
            for name in group:
                expected = getattr(reference, name) * (1.0 + change)
                assert fit.cell[name].value == pytest.approx(expected, rel=1e-12), "definition"


def test_refuses_a_phase_given_twice() -> None:
    with pytest.raises(OptionError, match="al2o3-corundum is given twice"):
        match_structure(pattern(3), [*phases(), phases()[0]])


def raman() -> Spectrum:
    x = np.linspace(100.0, 1200.0, 500)
    return Spectrum.from_arrays(x, np.ones(500), technique="raman")


def test_refuses_what_is_no_diffraction_pattern() -> None:
    with pytest.raises(OptionError, match="diffraction pattern, not raman"):
        match_structure(raman(), phases())


def test_refuses_a_pattern_without_wavelength() -> None:
    spectrum = replace(pattern(3), radiation=None)
    with pytest.raises(OptionError, match="no wavelength"):
        match_structure(spectrum, phases())


def test_refuses_five_points() -> None:
    full = pattern(3)
    short = Spectrum.from_arrays(full.x[:5], full.y[:5], technique="xrd", radiation=full.radiation)
    with pytest.raises(InvalidSpectrum, match="5 points"):
        match_structure(short, phases())


def test_refuses_no_phase() -> None:
    with pytest.raises(OptionError, match="no phase"):
        match_structure(pattern(3), [])


def test_refuses_a_phase_without_structure() -> None:
    bare = replace(phase("mgo"), structure=None)
    with pytest.raises(LibraryError, match="mgo-periclase has no crystal structure"):
        match_structure(pattern(3), [bare])


def test_refuses_a_phase_without_a_line_in_range() -> None:
    full = pattern(3)
    keep = full.x < 24.0
    narrow = Spectrum.from_arrays(full.x[keep], full.y[keep], technique="xrd", radiation=full.radiation)
    with pytest.raises(LibraryError, match="no reflection inside"):
        match_structure(narrow, [phase("mgo")])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("radius_mm", 0.0), ("shift_sd_deg", -0.1), ("log_march_sd", 0.0), ("delta_b_sd_angstrom2", float("nan")),
        ("spline_interval_deg", 0.0), ("spline_sd", -1.0), ("discrepancy", 1.0), ("start_discrepancy", -0.1),
        ("axial_ratio", 1.5), ("max_iterations", 0), ("relative_tolerance", 0.0),
    ],
)  # fmt: skip
def test_names_an_absurd_option(name: str, value: float) -> None:
    with pytest.raises(OptionError, match=name) as caught:
        MatchOptions(**{name: value})
    assert caught.value.where == name


TIED = {"tio2-rutile": "tied", "al2o3-corundum": "tied"}
RESTRAINED = {"tio2-rutile": "restrained"}


@pytest.mark.parametrize(
    ("match", "options"),
    [
        (match_structure, {"strength_sd": 0.1}),
        (bg.match_pawley, {"strength_sd": 0.1}),
        (bg.match_pawley, {"discrepancy": 0.02}),
        (bg.match_pawley, {"texture_gain": 1.0}),
        (bg.match_pawley, {"log_march_sd": 0.1}),
        (bg.match_pawley, {"delta_b_sd_angstrom2": 0.1}),
        (bg.match_pawley, {"displacement_factors": "elements"}),
        (bg.match_lebail, {"displacement_factors": "reference"}),
        (bg.match_lines, {"displacement_factors": "elements"}),
        (bg.match_pawley, {"grain_um": 1.0}),
        (bg.match_pawley, {"internal_standard": ("tio2-rutile", 0.1)}),
        (bg.match_pawley, {"relative_tolerance": 1e-3}),
        (partial(bg.match_pawley, holds=RESTRAINED), {"grain_um": 1.0}),
        (partial(bg.match_pawley, holds=TIED), {"strength_sd": 0.1}),
        (bg.match_lebail, {"strength_sd": 0.1}),
        (bg.match_lebail, {"internal_standard": ("tio2-rutile", 0.1)}),
        (bg.match_direct_derivation, {"grain_um": 1.0}),
        (lambda s, p, options: bg.identify(s, options=bg.IdentifyOptions(match=options)), {"strength_sd": 0.1}),
        (lambda s, p, options: bg.calibrate(s, "al2o3", options=options), {"grain_um": 1.0}),
        (lambda s, p, options: bg.calibrate(s, "al2o3", options=options), {"anisotropic_strain": ("tio2-rutile",)}),
        (lambda s, p, options: bg.calibrate(s, "al2o3", options=options), {"displacement_factors": "elements"}),
        (
            lambda s, p, options: bg.identify(s, options=bg.IdentifyOptions(match=options)),
            {"anisotropic_strain": "auto"},
        ),
        (
            lambda s, p, options: bg.identify(s, options=bg.IdentifyOptions(match=options)),
            {"displacement_factors": "elements"},
        ),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(match, options) -> None:
    (name,) = options
    with pytest.raises(OptionError, match=name) as caught:
        match(pattern(3), phases(), options=MatchOptions(**options))
    assert caught.value.where == name


def test_held_displacement_factors_have_no_spread() -> None:
    with pytest.raises(OptionError, match="delta_b_sd_angstrom2 means nothing to displacement factors that are held"):
        MatchOptions(displacement_factors="reference", delta_b_sd_angstrom2=0.1)
    with pytest.raises(OptionError, match="displacement_factors 'sites' is none of"):
        MatchOptions(displacement_factors="sites")


def test_options_count_where_they_mean_something() -> None:
    tied = bg.match_pawley(pattern(3), phases(), holds=TIED, options=MatchOptions(delta_b_sd_angstrom2=0.01))
    assert tied.options["delta_b_sd_angstrom2"] == 0.01
    assert tied.options["relative_tolerance"] == 1e-8, "as it was used"
    whole = bg.match_pawley(
        pattern(3), phases(), holds=TIED, options=MatchOptions(internal_standard=("tio2-rutile", 0.3))
    )
    assert whole.basis == "total"


def test_says_when_it_ran_out_of_iterations() -> None:
    result = match_structure(pattern(3), phases(), options=MatchOptions(max_iterations=1))
    assert not result.converged
    assert result.stop_reason == "max_iterations"
    assert "not_converged" in [note.code for note in result.diagnostics]


# A parent in the background may have had interrupts ignored, which children inherit.
LONG_CALL = """
import signal, sys, time; sys.path.insert(0, {folder!r})
signal.signal(signal.SIGINT, signal.default_int_handler)
from samples import pattern, phase
from braggite import _core
from braggite.matching import MatchOptions
from braggite.matching.pattern import engine_pattern
from braggite.matching.phases import match_phase
names = ["al2o3-corundum", "tio2-rutile", "llzo-ta-cubic", "li2bati6o14", "batio3-tetragonal"]
ready = engine_pattern(pattern(3, two_theta_deg=(10.0, 140.0, 0.002)), MatchOptions())
views = [match_phase(phase(name), ready.radiation.wavelength_angstrom, ready.range_deg) for name in names]
fit = dict(start_discrepancy=0.1, discrepancy=0.0, max_iterations=1000, relative_tolerance=1e-15)
begin = time.perf_counter()
try:
    print("ready", flush=True)
    _core.match_structure(ready.core, views, ready.prior, **fit)
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - begin)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupt_ends_a_long_call_in_its_midst() -> None:
    code = LONG_CALL.format(folder=str(Path(__file__).parent))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        answer, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    word, seconds = answer.split()
    assert word == "interrupted"
    # The whole call takes about 4 s on one core of a small machine; signals are polled every 50 ms.
    assert float(seconds) < 1.5


def test_a_thread_makes_progress_meanwhile() -> None:
    ticks, done = [], threading.Event()

    def count() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    spectrum = pattern(3, two_theta_deg=(10.0, 140.0, 0.005))
    thread = threading.Thread(target=count)
    thread.start()
    begin = time.perf_counter()
    match_structure(spectrum, [*phases(), phase("llzo-ta-cubic")])
    end = time.perf_counter()
    done.set()
    thread.join()
    inside = [tick for tick in ticks if begin < tick < end]
    # With the lock held the thread would get a turn only before and after the kernels.
    assert len(inside) > 20, f"{len(inside)} turns in {end - begin:.2f} s"
