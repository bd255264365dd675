from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import braggite as bg
from braggite import _core
from braggite.band_simulation import BandState, simulate_bands
from braggite.errors import InvalidSpectrum, OptionError
from braggite.identification.spectra import ReferenceShelf, search_spectra
from braggite.identification.spectra.cells import cells_of
from braggite.references.bands import BandReference
from braggite.spectrum import Spectrum

LIBRARY = bg.ReferenceLibrary.default()
CELLS = np.arange(150.0, 1250.0)


def bands(heights: dict[float, float], x: np.ndarray) -> np.ndarray:
    """Lorentzians 10 wide at the positions given."""
    return sum(height / (1 + ((x - at) / 5.0) ** 2) for at, height in heights.items()) + np.zeros_like(x)


def spectrum_of(name: str, *, shift: float = 0.0, seed: int = 1) -> Spectrum:
    """A Raman spectrum of a phase on a sloping background, with counting noise."""
    return simulate_bands(
        [BandState(LIBRARY[name])], range_cm1=(150.0, 1250.0, 1.0), shift_cm1=shift, peak=10_000.0,
        background=(1.0, -0.2), seed=seed,
    )  # fmt: skip


def shelf_of(*rows: tuple[int, np.ndarray]) -> _core.SpectrumShelf:
    starts = np.cumsum([0, *(values.size for _, values in rows)], dtype=np.uint64)
    values = np.concatenate([values for _, values in rows]).astype(np.float32)
    return _core.SpectrumShelf(starts, np.array([first for first, _ in rows], dtype=np.int32), values)


def oracle(row: tuple[int, np.ndarray], first: int, y: np.ndarray, used: np.ndarray, shift: int = 0):
    """Agreement of one row, cell by cell: (values, slopes, common)."""
    start, values = row
    pairs = {
        first + i: (y[i], float(values[first + i - shift - start]))
        for i in range(y.size)
        if used[i] and 0 <= first + i - shift - start < values.size
    }
    slopes = [(pairs[c + 1][0] - pairs[c][0], pairs[c + 1][1] - pairs[c][1]) for c in pairs if c + 1 in pairs]
    return correlation(list(pairs.values()), 3), correlation(slopes, 2), len(pairs)


def correlation(pairs: list[tuple[float, float]], fewest: int) -> float:
    if len(pairs) < fewest:
        return 0.0
    a, b = np.array(pairs).T - np.mean(pairs, axis=0)[:, None]
    return float(a @ b / math.sqrt((a @ a) * (b @ b)))


@given(st.integers(0, 2**32 - 1), st.integers(4, 90), st.integers(-60, 60))
@settings(deadline=None, max_examples=80)
def test_the_kernel_agrees_with_a_loop_over_cells(seed: int, n: int, offset: int) -> None:
    rng = np.random.default_rng(seed)
    y, used = rng.normal(size=n), rng.random(n) < 0.8
    used[:3] = True
    rows = [(offset + k, rng.normal(size=int(rng.integers(4, 120))).astype(np.float32)) for k in range(3)]
    values, slopes, common = shelf_of(*rows).agreements(0, y, used)
    for k, row in enumerate(rows):
        expected = oracle(row, 0, y, used)
        assert common[k] == expected[2]
        if expected[2] > 8:  # fewer cells may leave a variance that is rounding
            # sums of some hundred numbers in single precision
            assert (values[k], slopes[k]) == pytest.approx(expected[:2], abs=2e-5)


def test_the_best_shift_is_the_best_of_all_and_refined() -> None:
    x = np.arange(300.0)
    row = (0, np.sqrt(bands({100.0: 1.0, 180.0: 0.5}, x)))
    y, used = np.sqrt(bands({102.6: 1.0, 182.6: 0.4}, x)), np.ones(300, dtype=bool)
    score, shift = shelf_of(row).placed(np.zeros(1, dtype=np.uint32), 0, y, used, reach=5)
    loop = [sum(oracle(row, 0, y, used, s)[:2]) / 2 for s in range(-5, 6)]
    assert int(np.argmax(loop)) - 5 == round(shift[0])
    assert shift[0] == pytest.approx(2.6, abs=0.1)  # the truth; a parabola is not the shape of the top
    assert max(loop) - 1e-5 <= score[0] <= max(loop) + 0.02


@pytest.mark.parametrize("shift", [0.0, 4.0])
@pytest.mark.parametrize("name", ["batio3-tetragonal", "caco3-calcite", "li2co3", "tio2-rutile", "fe2o3-hematite"])
def test_a_phase_is_named_first_on_a_shifted_axis(name: str, shift: float) -> None:
    found = search_spectra(spectrum_of(name, shift=shift), LIBRARY)
    assert found.hits[0].name == name
    assert found.hits[0].score >= found.hits[0].score_unshifted
    assert found.margin == pytest.approx(found.hits[0].score - found.hits[1].score)


@pytest.mark.parametrize("shift", [-3.3, 0.0, 4.0])
@pytest.mark.parametrize("name", ["caco3-calcite", "li2co3", "fe2o3-hematite"])
def test_the_shift_of_sharp_bands_is_found(name: str, shift: float) -> None:
    found = search_spectra(spectrum_of(name, shift=shift), LIBRARY)
    assert found.hits[0].shift_cm1 == pytest.approx(shift, abs=0.6)  # the truth; half a cell


def test_hits_descend_name_each_phase_once_and_account_for_all() -> None:
    found = search_spectra(spectrum_of("caco3-calcite"), LIBRARY, top=10_000)
    scores = [hit.score for hit in found.hits]
    names = [hit.name for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert sorted([*names, *found.not_compared]) == sorted(p.name for p in LIBRARY.with_bands("raman"))


def test_scale_background_taken_off_and_direction_of_the_axis_change_nothing() -> None:
    counted = spectrum_of("caco3-calcite")
    spectrum = Spectrum.from_arrays(counted.x, counted.y, technique="raman")
    first = search_spectra(spectrum, LIBRARY).hits[0].score
    scaled = Spectrum.from_arrays(spectrum.x[::-1], 7.0 * spectrum.y[::-1], technique="raman")
    assert search_spectra(scaled, LIBRARY).hits[0].score == pytest.approx(first, rel=1e-6)  # single precision
    net = bg.subtract_background(spectrum, "arpls", stiffness_width=600.0)
    assert search_spectra(net, LIBRARY).hits[0].score == pytest.approx(first, abs=0.02)  # noise is estimated anew


def test_cells_hold_means_of_straight_lines_and_leave_gaps_out() -> None:
    x = np.concatenate([np.arange(100.0, 300.0, 0.7), np.arange(400.0, 600.0, 0.7)])
    y = 5.0 + bands({200.0: 100.0, 500.0: 50.0}, x)
    cells = cells_of(Spectrum.from_arrays(x, y, technique="raman", sigma=np.full(x.size, 0.01)))
    at = cells.positions_cm1
    assert not cells.used[(at > 302) & (at < 398)].any()
    assert cells.used[(at < 298) | (at > 402)].all()
    assert abs(at[np.argmax(cells.roots)] - 200.0) <= 1.0  # a cell
    assert not cells.roots.flags.writeable


def test_a_reference_counts_only_where_it_covers() -> None:
    calcite = LIBRARY["caco3-calcite"]
    reference = calcite.band_reference("raman")
    assert reference is not None
    part = replace(calcite, vibrations=(replace(reference, covered_range_cm1=(900.0, 1200.0)),))
    spectrum = spectrum_of("caco3-calcite")
    assert search_spectra(spectrum, [part], least_coverage=0.5).not_compared == ("caco3-calcite",)
    found = search_spectra(spectrum, [part], least_coverage=0.1)
    assert found.hits[0].coverage == pytest.approx(0.27, abs=0.01)  # 300 of 1100
    assert found.hits[0].coverage_stated
    assert [note.code for note in found.diagnostics] == ["search_low_coverage"]


def test_look_alikes_are_said_to_be_near() -> None:
    found = search_spectra(spectrum_of("llzo-cubic"), LIBRARY)
    note = next(note for note in found.diagnostics if note.code == "search_small_margin")
    assert "llzo" in note.message
    assert found.margin is not None
    assert found.margin < 0.03


def test_fluorescence_alone_and_an_empty_library_are_said() -> None:
    rng = np.random.default_rng(3)
    y = 1000.0 + 0.5 * CELLS + 10.0 * rng.normal(size=CELLS.size)
    noise = Spectrum.from_arrays(CELLS, y, technique="raman")
    assert "no_peaks" in [note.code for note in search_spectra(noise, LIBRARY).diagnostics]
    nothing = search_spectra(noise, bg.ReferenceLibrary())
    assert (nothing.hits, nothing.margin) == ((), None)
    assert "no_candidates" in [note.code for note in nothing.diagnostics]


def test_a_layout_serves_many_searches_of_its_technique_alone() -> None:
    shelf = ReferenceShelf.of(LIBRARY, "raman")
    spectrum = spectrum_of("caco3-calcite")
    assert search_spectra(spectrum, shelf).to_dict() == search_spectra(spectrum, LIBRARY).to_dict()
    with pytest.raises(OptionError, match="raman"):
        search_spectra(Spectrum.from_arrays(CELLS, CELLS, technique="ftir", y_unit="absorbance"), shelf)


@pytest.mark.parametrize(
    ("options", "name"),
    [({"top": 0}, "top"), ({"max_shift_cm1": math.nan}, "max_shift_cm1"), ({"max_shift_cm1": -1.0}, "max_shift_cm1"),
     ({"least_coverage": 0.0}, "least_coverage"), ({"least_coverage": 2.0}, "least_coverage")],
)  # fmt: skip
def test_absurd_options_are_refused_by_name(options: dict[str, Any], name: str) -> None:
    with pytest.raises(OptionError, match=name):
        search_spectra(spectrum_of("caco3-calcite"), LIBRARY, **options)


def test_spectra_that_cannot_be_searched_are_refused() -> None:
    with pytest.raises(InvalidSpectrum, match="50 cm-1"):
        search_spectra(Spectrum.from_arrays(CELLS[:40], CELLS[:40], technique="raman"), LIBRARY)
    with pytest.raises(InvalidSpectrum, match="step"):
        search_spectra(Spectrum.from_arrays(100 * CELLS[:30], CELLS[:30], technique="raman"), LIBRARY)
    with pytest.raises(OptionError, match="no bands"):
        search_spectra(Spectrum.from_arrays(CELLS / 20, CELLS, technique="xrd"), LIBRARY)
    with pytest.raises(OptionError, match="absorbance, transmittance"):
        search_spectra(Spectrum.from_arrays(CELLS, CELLS, technique="ftir"), LIBRARY)


def test_results_are_frozen_and_plain() -> None:
    found = search_spectra(spectrum_of("caco3-calcite"), LIBRARY, top=2)
    with pytest.raises(FrozenInstanceError):
        found.margin = 1.0  # type: ignore[misc]
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["schema"] == "braggite.spectrum-search/1"
    assert len(document["hits"]) == 2


def test_measured_references_are_searched(tmp_path: Any) -> None:
    from braggite.references.reference_spectrum import ReferenceSpectrum

    spectrum = spectrum_of("caco3-calcite", seed=8)
    np.savetxt(tmp_path / "own.csv", np.column_stack([spectrum.x, spectrum.y]), delimiter=",", header="Raman shift,y")
    good = ReferenceSpectrum(technique="raman", file="own.csv", source="made up", folder=tmp_path)
    gone = ReferenceSpectrum(technique="raman", file="gone.csv", source="made up", folder=tmp_path)
    measured = BandReference(technique="raman", spectra=(good, gone))
    own = replace(LIBRARY["caco3-calcite"], name="own", aliases=(), vibrations=(measured,))
    found = search_spectra(spectrum_of("caco3-calcite"), [*LIBRARY.with_bands("raman"), own])
    assert (found.hits[0].name, found.hits[0].origin, found.hits[0].file) == ("own", "measured", "own.csv")
    assert ["reference_unreadable", "gone.csv"] in [[note.code, note.where] for note in found.diagnostics]
