"""Each check fires on the fault it is for, and a stated deviation is accepted only while it occurs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from braggite import Band, BandReference, Cell, Phase, ReferenceLibrary
from braggite.references.check import check_library, check_phase
from braggite.references.citation import Citation

if TYPE_CHECKING:
    from braggite.references.structure import Structure

LIBRARY = ReferenceLibrary.default()
GOOD = LIBRARY["rutile"]


def broken(**changes: object) -> Phase:
    assert GOOD.structure is not None
    return replace(GOOD, structure=replace(GOOD.structure, **changes))  # type: ignore[arg-type]


def rutile() -> Structure:
    assert GOOD.structure is not None
    return GOOD.structure


def found(phase: Phase) -> set[str]:
    return {problem.check for problem in check_phase(phase)}


def test_a_good_phase_has_no_problem() -> None:
    assert check_phase(GOOD) == []


def test_each_check_fires() -> None:
    titanium, oxygen = rutile().sites
    assert "formula" in found(replace(GOOD, formula="Ti2O3"))
    assert "formula" in found(broken(formula_units=1.0))
    assert "symmetry" in found(broken(space_group_number=135))
    assert "symmetry" in found(broken(hall="P 4"))
    assert "metric" in found(broken(cell=Cell(4.593, 4.7, 2.959)))
    assert "space_group" in found(broken(sites=(titanium, replace(oxygen, x=0.5, y=0.5))))
    assert "occupancy" in found(broken(sites=(titanium, replace(titanium, element="V"), oxygen)))
    assert "density" in found(broken(cell=Cell(15.0, 15.0, 9.0)))
    assert "contacts" in found(broken(sites=(titanium, replace(oxygen, x=0.15, y=0.15))))
    assert "source" in found(broken(citation=Citation()))


def test_a_stated_deviation_is_accepted_while_it_occurs() -> None:
    stated = replace(broken(known_deviations=(("formula", "because"),)), formula="Ti2O3")
    problems = check_phase(stated)
    assert [(problem.check, problem.level, problem.accepted) for problem in problems] == [
        ("formula", "info", "because")
    ]
    assert "because" in str(problems[0])
    stale = check_phase(broken(known_deviations=(("contacts", "once"),)))
    assert [(problem.check, problem.level) for problem in stale] == [("known_deviations", "error")]


def test_alternatives_are_checked_too() -> None:
    phase = replace(GOOD, alternatives=(replace(rutile(), formula_units=1.0),))
    assert "formula" in found(phase)


def test_a_library_is_checked_in_its_order() -> None:
    phases = [replace(GOOD, name=name, aliases=(), formula="Ti2O3") for name in ("b", "a")]
    assert [problem.phase for problem in check_library(ReferenceLibrary(phases))] == ["a", "b"]


@pytest.mark.parametrize("problem", check_phase(LIBRARY["LaOOH"]), ids=str)
def test_problems_are_plain_data(problem: object) -> None:
    document = problem.to_dict()  # type: ignore[attr-defined]
    assert document["phase"] == "laooh"
    assert document["level"] == "info"
    assert document["accepted"] == "the source locates no hydrogen"


def band(position_cm1: float, **changes: object) -> Band:
    plain = {"range_cm1": (position_cm1 - 4, position_cm1 + 4), "status": "read", "confidence": "high", "source": "s"}
    return Band(position_cm1=position_cm1, **plain | changes)  # type: ignore[arg-type]


def with_bands(*bands: Band, **reference: object) -> Phase:
    return replace(GOOD, vibrations=(BandReference(technique="raman", bands=bands, **reference),))  # type: ignore[arg-type]


def test_bands_that_differ_in_place_or_condition_are_no_problem() -> None:
    assert check_phase(with_bands(band(600.0, role="must"), band(620.0))) == []
    assert check_phase(with_bands(band(600.0, condition="ATR"), band(602.0, condition="KBr pellet"))) == []
    assert check_phase(with_bands(band(600.0), band(602.0, negative=True))) == []
    assert check_phase(with_bands(note="nobody published any")) == []


def test_each_check_of_bands_fires() -> None:
    assert found(with_bands(band(600.0, role="must", strength=0.1, strength_range=(0.0, 1.0)))) == {"roles"}
    assert found(with_bands(band(600.0, role="must", confidence="low"))) == {"roles"}
    assert found(with_bands(band(600.0, role="must"), band(602.0, role="must_not", condition="ATR"))) == {"roles"}
    assert found(with_bands(band(600.0), band(603.0))) == {"duplicates"}
    assert found(with_bands(band(600.0), covered_range_cm1=(100.0, 500.0))) == {"covered_range"}
    assert found(with_bands()) == {"bands"}
    assert found(replace(GOOD, structure=None, vibrations=())) == {"content"}


def test_a_problem_of_bands_names_technique_and_position() -> None:
    (problem,) = check_phase(with_bands(band(600.0), band(603.0)))
    assert str(problem).startswith("error: tio2-rutile: duplicates: raman: the bands at 600 and 603 1/cm")
