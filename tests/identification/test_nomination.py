"""Which phases of a large library are nominated: against a slow oracle, and where the truth is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from line_search_oracle import roots, score

from braggite import _core
from braggite.errors import OptionError
from braggite.identification import IdentifyOptions, identify
from braggite.identification.nomination import Nomination
from braggite.matching.options import OF_AN_IDENTIFICATION, MatchOptions, on_background
from braggite.matching.pattern import engine_pattern
from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.references.build import build_library
from braggite.references.line_index import LineIndex
from braggite.simulation import PhaseState, simulate_pattern
from braggite.spectrum import Spectrum
from scenarios import corundum, garnet_with_titanate, reaction_product, textured_plates

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.matching.pattern import EnginePattern

SHIPPED = ReferenceLibrary.default().for_diffraction()
OPTIONS = on_background(MatchOptions(), OF_AN_IDENTIFICATION)


def pattern_of(spectrum: Spectrum) -> EnginePattern:
    return engine_pattern(spectrum, OPTIONS)


def nominated(spectrum: Spectrum, count: int, library: ReferenceLibrary = SHIPPED) -> list[str]:
    return [nominee.phase.name for nominee in Nomination.of(library).nominees(pattern_of(spectrum), count)]


def test_scores_and_places_are_those_of_the_oracle() -> None:
    states = [PhaseState(SHIPPED["llzo-ta-cubic"], 0.8, cell_factor=1.002), PhaseState(SHIPPED["BTO"], 0.2)]
    scan = simulate_pattern(
        states, radiation=radiation_named("CuKa1"), two_theta_deg=(15.0, 60.0, 0.05), displacement_mm=0.1, seed=3
    )
    library = ReferenceLibrary([SHIPPED[name] for name in ("llzo-ta-cubic", "BTO", "LCO", "al2o3-corundum", "quartz")])
    pattern = pattern_of(scan)
    shelf = Nomination.of(library).shelves
    _, rows, scores, strains, shifts = _core.nominate_phases(
        shelf, pattern.core, pattern.prior, count=5, survivors=5, first_lines=80, rounds=1
    )
    net = scan.y - pattern.background
    found = roots(np.array(scan.x), net, pattern.sigma**2, pattern.fwhm_deg)
    wavelength = scan.radiation.wavelength_angstrom
    tried = sorted({0.0, *shifts.tolist()})
    assert len(rows) >= 4
    assert {library.in_memory[row].name for row in rows[:2]} == {"llzo-ta-cubic", "batio3-tetragonal"}
    for row, value, strain, shift in zip(rows, scores, strains, shifts, strict=True):
        expected, at_strain, at_shift = score(
            library.in_memory[row],
            np.array(scan.x),
            found,
            shifts=tried,
            fwhm=pattern.fwhm_deg,
            wavelength=wavelength,
        )
        # Single precision, and lines that fall on the edge between two cells.
        assert value == pytest.approx(expected, rel=0.02), library.in_memory[row].name
        assert strain == pytest.approx(at_strain, abs=5e-4)
        assert shift == pytest.approx(at_shift)


@pytest.mark.parametrize("scenario", [corundum, textured_plates, garnet_with_titanate, reaction_product])
def test_what_is_there_is_nominated(scenario) -> None:
    case = scenario()
    assert set(case.truth) <= set(nominated(case.spectrum, 25))


@pytest.mark.parametrize("displacement_mm", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("share_of_tolerance", [-0.8, 0.0, 0.8])
def test_shifted_and_strained_phases_are_nominated(displacement_mm: float, share_of_tolerance: float) -> None:
    phases = [SHIPPED[name] for name in ("LCO", "li2co3", "al2o3-corundum")]
    factor = [1.0 + share_of_tolerance * phase.structure.cell_tolerance for phase in phases]
    states = [PhaseState(phase, 1.0, cell_factor=f) for phase, f in zip(phases, factor, strict=True)]
    scan = simulate_pattern(states, radiation=radiation_named("CuKa"), displacement_mm=displacement_mm, seed=5)
    assert {phase.name for phase in phases} <= set(nominated(scan, 25))


def test_a_built_library_nominates_the_same(tmp_path: Path) -> None:
    build_library(SHIPPED, tmp_path / "shipped.bgx")
    built = ReferenceLibrary.load(tmp_path / "shipped.bgx")
    scan = garnet_with_titanate().spectrum
    names = nominated(scan, 40)
    assert len(names) == len(set(names)) == 40
    assert nominated(scan, 40, built) == names == nominated(scan, 40)
    halves = built.filter(any_of="Ti O").merged(SHIPPED.filter(none_of="Ti O"))
    assert set(nominated(scan, 40, halves)) == set(names)


@pytest.mark.parametrize("noise", [0.0, 10.0])
def test_a_pattern_without_lines_holds_nothing_of_a_large_library(noise: float) -> None:
    x = np.arange(15.0, 80.0, 0.02)
    y = 100.0 + noise * np.random.default_rng(1).normal(size=x.size)
    scan = Spectrum.from_arrays(x, y, technique="xrd", radiation=radiation_named("CuKa"))
    report = identify(scan, library=SHIPPED)
    assert report.verdict == "nothing"
    assert report.candidates.considered == len(SHIPPED)
    assert nominated(corundum().spectrum, 20, ReferenceLibrary()) == []


def test_a_report_on_a_large_library_accounts_for_every_phase() -> None:
    scan = garnet_with_titanate().spectrum
    report = identify(scan, library=SHIPPED, watch=["licl"], options=IdentifyOptions(nominees=20))
    account = report.candidates
    assert {"llzo-ta-cubic", "batio3-tetragonal"} <= {phase.name for phase in report.phases}
    assert account.considered == len(SHIPPED)
    fitted = len(report.phases) + len(account.rejected) + len(account.failed)
    assert fitted + account.screened_out == len(SHIPPED)
    assert fitted <= 21
    assert "licl" in dict(account.rejected), "what is asked for is a candidate whatever its lines"
    notes = {note.code: note for note in report.diagnostics}
    assert notes["candidates_nominated"].value == fitted
    with pytest.raises(OptionError, match="nominees"):
        IdentifyOptions(nominees=0)


def test_unreadable_files_of_a_library_are_told(tmp_path: Path) -> None:
    (tmp_path / "good.cif").write_text(SHIPPED["al2o3-corundum"].to_cif())
    (tmp_path / "broken.cif").write_text("data_x\n_cell_length_a nonsense\n")
    report = identify(corundum().spectrum, library=ReferenceLibrary.load(tmp_path))
    assert [phase.name for phase in report.phases] == ["good"]
    assert report.candidates.considered == 2
    assert report.candidates.failed[0][0].endswith("broken.cif")
    assert "reference_unreadable" in [note.code for note in report.diagnostics]


def test_duplicate_references_are_rivals_of_each_other() -> None:
    phase = SHIPPED["al2o3-corundum"]
    library = ReferenceLibrary([phase, replace(phase, name="again", aliases=())])
    report = identify(corundum().spectrum, library=library)
    assert [found.name for found in report.phases] in (["al2o3-corundum"], ["again"])
    assert set(report.phases[0].rivals) | {report.phases[0].name} == {"al2o3-corundum", "again"}


def test_columns_that_do_not_belong_together_are_refused() -> None:
    lines = LineIndex.of([SHIPPED["BTO"]])
    pattern = pattern_of(corundum().spectrum)
    extent = {"count": 1, "survivors": 1, "first_lines": 1, "rounds": 1}
    with pytest.raises(OptionError, match="rows"):
        _core.nominate_phases([lines.shelf(np.array([1], dtype=np.uint32))], pattern.core, pattern.prior, **extent)
    short = _core.LineShelf(
        lines.starts, lines.log_inverse_d[:-1], lines.strength[:-1], lines.tolerance, np.zeros(1, np.uint32)
    )
    with pytest.raises(OptionError, match="starts"):
        _core.nominate_phases([short], pattern.core, pattern.prior, **extent)
