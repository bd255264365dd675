"""Watching all that could have formed: which phases, in which groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from braggite import Phase, ReferenceLibrary, Spectrum, identify
from braggite.errors import OptionError
from braggite.identification.options import IdentifyOptions
from braggite.identification.watch_auto import MOST, could_form
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern

RANGE_ANGSTROM = (1.2, 9.0)


def library(elements: str) -> ReferenceLibrary:
    return ReferenceLibrary.default().filter(elements=elements)


def titanate() -> Phase:
    return ReferenceLibrary.default()["batio3-tetragonal"]


def test_every_compound_of_the_system_leads_a_group_or_is_in_one() -> None:
    system = library("Ba Ti O")
    answer = could_form(system, [titanate()], RANGE_ANGSTROM, 100)
    members = [phase.name for phase in answer.phases] + [name for group in answer.stands_for.values() for name in group]
    assert sorted(members) == sorted(phase.name for phase in system.for_diffraction() if len(phase.elements) > 1)


def test_look_alikes_stand_behind_the_phase_found() -> None:
    answer = could_form(library("Ba Ti O"), [titanate()], RANGE_ANGSTROM, 100)
    assert "batio3-cubic" in answer.stands_for["batio3-tetragonal"]
    other = could_form(library("Ba Ti O"), [ReferenceLibrary.default()["batio3-cubic"]], RANGE_ANGSTROM, 100)
    assert "batio3-tetragonal" in other.stands_for["batio3-cubic"]


def test_of_a_large_library_the_elements_found_make_the_system() -> None:
    answer = could_form(ReferenceLibrary.default(), [titanate()], RANGE_ANGSTROM, 100)
    assert {element for phase in answer.phases for element in phase.elements} == {"Ba", "Ti", "O"}


def test_nothing_found_in_a_large_library_names_nothing() -> None:
    assert could_form(ReferenceLibrary.default(), [], RANGE_ANGSTROM, 100).phases == ()


def test_of_too_many_the_others_are_named() -> None:
    answer = could_form(ReferenceLibrary.default(), [], RANGE_ANGSTROM, 5000)
    assert len(answer.phases) == MOST
    assert len(answer.left_out) > 0


def test_elements_by_themselves_are_watched_only_where_found() -> None:
    metal = ReferenceLibrary.default()["ti-alpha"]
    without, found = (could_form(library("Ba Ti O"), found, RANGE_ANGSTROM, 100) for found in ([], [metal]))
    assert "ti-alpha" not in [phase.name for phase in without.phases]
    assert "ti-alpha" in [phase.name for phase in found.phases]


@pytest.mark.parametrize("named", [[], ["li2co3"]])
def test_a_report_holds_a_limit_for_each_and_what_it_stands_for(named: list[str]) -> None:
    scan = simulate_pattern(
        [PhaseState(titanate())], radiation=radiation_named("CuKa"), two_theta_deg=(15.0, 70.0, 0.02), seed=1
    )
    few = ReferenceLibrary([phase for phase in library("Ba Ti O") if "batio3" in phase.name or "tio2" in phase.name])
    options = replace(IdentifyOptions(), decoys=60)
    report = identify(scan, library=few, watch=[*named, "auto"], options=options)
    names = [entry.name for entry in report.watched]
    assert names[: len(named)] == named
    assert len(set(names)) == len(names)
    assert {"batio3-tetragonal", "tio2-rutile"} <= set(names)
    assert all(entry.upper_limit is not None for entry in report.watched)
    (leader,) = (entry for entry in report.to_dict()["watched"] if entry["name"] == "batio3-tetragonal")
    assert "batio3-cubic" in leader["stands_for"]


def test_all_that_could_have_formed_is_asked_of_diffraction_alone() -> None:
    x = np.linspace(100.0, 1000.0, 500)
    raman = Spectrum.from_arrays(x, 100.0 + 0.0 * x, technique="raman")
    with pytest.raises(OptionError, match="auto"):
        identify(raman, watch=["auto"])
