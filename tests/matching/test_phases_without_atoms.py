"""Matches of phases of which only cell and space group are known, against the truth behind simulated patterns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from samples import FRACTIONS, pattern, phase, phases, true_cell

import braggite as bg
from braggite.matching import MatchOptions
from braggite.radiation import radiation_named
from braggite.references.powder_lines import powder_lines
from braggite.reporting.exports import export_match
from braggite.simulation import PhaseState, simulate_pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from braggite import MatchResult

SYMMETRIC = MatchOptions(axial_ratio=0.0)


def bare(name: str, factor: float = 1.0) -> bg.Phase:
    """Cell, space group and formula of a phase of the library, the lengths ``factor`` times as long."""
    known = phase(name)
    assert known.structure is not None
    cell = known.structure.cell
    edges = {f"{axis}_angstrom": factor * getattr(cell, f"{axis}_angstrom") for axis in "abc"}
    return bg.Phase.from_cell(name, replace(cell, **edges), known.structure.space_group, known.formula)


@pytest.mark.parametrize("method", [bg.match_pawley, bg.match_lebail])
@pytest.mark.parametrize("factor", [0.99, 1.0, 1.01])
def test_cells_of_a_mixture(method: Callable[..., MatchResult], factor: float) -> None:
    result = method(pattern(7), [bare(name, factor) for name in FRACTIONS], options=SYMMETRIC)
    assert result.converged
    for fit in result.phases:
        assert fit.weight_fraction is None
        for key, true in zip(("a_angstrom", "c_angstrom"), true_cell(fit.name), strict=True):
            assert fit.cell[key].value == pytest.approx(true, rel=50e-6), "simulated truth; the aim of all matches"


@pytest.mark.parametrize("name", ["lab6", "llzo-ta-cubic", "licoo2", "la2zr2o7", "zro2-monoclinic"])
def test_free_strengths_are_those_found_with_atoms(name: str) -> None:
    sample = simulate_pattern([PhaseState(phase(name))], radiation=radiation_named("CuKa"), seed=1)
    with_atoms = bg.match_pawley(sample, [phase(name)]).phases[0].reflections
    without = bg.match_pawley(sample, [bare(name)]).phases[0].reflections
    strength = {tuple(hkl): i for hkl, i in zip(with_atoms.hkl.tolist(), with_atoms.intensity, strict=True)}
    su = without.intensity_su
    assert su is not None
    alone = without.resolved & (without.intensity > 20.0 * su)
    assert alone.sum() > 5
    for hkl, found, own in zip(without.hkl[alone].tolist(), without.intensity[alone], su[alone], strict=True):
        # One pattern, two starts: what differs is what coincident neighbours were drawn toward.
        assert abs(found - strength[tuple(hkl)]) < 2.0 * own


def test_every_line_that_symmetry_allows_is_there() -> None:
    found = bg.match_pawley(pattern(7), [bare(name) for name in FRACTIONS], options=SYMMETRIC).phases[0].reflections
    allowed = powder_lines(
        phase("al2o3-corundum"),
        radiation_named("CuKa"),
        two_theta_min_deg=20.5,
        two_theta_max_deg=89.5,
        relative_floor=None,
    )
    assert {tuple(hkl) for hkl in allowed.hkl.tolist()} <= {tuple(hkl) for hkl in found.hkl.tolist()}


def test_amounts_follow_from_the_formula() -> None:
    options = {"two_theta_deg": (15.0, 140.0, 0.02)}
    with_atoms = bg.match_direct_derivation(pattern(5, **options), phases(), options=SYMMETRIC)
    without = bg.match_direct_derivation(pattern(5, **options), [bare(name) for name in FRACTIONS], options=SYMMETRIC)
    for one, other in zip(with_atoms.phases, without.phases, strict=True):
        assert one.weight_fraction is not None
        assert other.weight_fraction is not None
        # Formula units in the cell cancel; what is left is how unresolved lines were shared out.
        assert other.weight_fraction.value == pytest.approx(one.weight_fraction.value, abs=0.005)
    nameless = replace(bare("tio2-rutile"), formula="")
    with pytest.raises(bg.LibraryError, match="neither atoms nor formula"):
        bg.match_direct_derivation(pattern(5), [nameless])


def test_what_needs_atoms_is_refused() -> None:
    lattice = bare("tio2-rutile")
    refusals = [
        lambda: bg.match_structure(pattern(), [lattice]),
        lambda: bg.match_pawley(pattern(), [lattice], holds={"tio2-rutile": "tied"}),
        lambda: bg.match_pawley(pattern(), [lattice], holds={"tio2-rutile": "restrained"}),
        lambda: powder_lines(lattice, radiation_named("CuKa")),
        lambda: simulate_pattern([PhaseState(lattice)], radiation=radiation_named("CuKa")),
    ]
    for refused in refusals:
        with pytest.raises(bg.LibraryError, match="only the cell is known"):
            refused()


def test_identify_says_of_a_candidate_that_it_has_no_atoms() -> None:
    library = bg.ReferenceLibrary([phase("al2o3-corundum"), bare("tio2-rutile")])
    report = bg.identify(pattern(7), library=library)
    ((name, reason),) = report.candidates.failed
    assert name == "tio2-rutile"
    assert "only the cell is known" in reason


def test_exports_state_cell_and_symmetry_and_no_atoms(tmp_path: Path) -> None:
    result = bg.match_pawley(pattern(7), [bare(name) for name in FRACTIONS], options=SYMMETRIC)
    written = export_match(result, tmp_path)
    (cif,) = [path for path in written if path.name.endswith("tio2-rutile.cif")]
    text = cif.read_text(encoding="utf-8")
    assert "_atom_site" not in text
    assert "_cell_formula_units_Z" not in text
    again = bg.Phase.from_cif(cif)
    assert again.structure is not None
    assert not again.structure.has_atoms
    # A CIF holds the digits that the uncertainty leaves.
    assert again.structure.cell.a_angstrom == pytest.approx(result.phases[1].cell["a_angstrom"].value, rel=1e-5)
