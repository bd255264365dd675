"""Bands of a phase: what is refused, what survives the file, what the shipped ones say."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.scenarios import reaction_product

from braggite import Band, BandReference, LibraryError, OptionError, Phase, ReferenceLibrary, identify
from braggite.references.bands import STRENGTH_CLASSES, VIBRATIONAL_TECHNIQUES
from braggite.references.build import build_library
from braggite.references.record import pack_phase, unpack_phase
from braggite.references.toml_reader import parse_phase
from braggite.references.toml_writer import write_phase

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = ReferenceLibrary.default()
WITH_BANDS = [phase for phase in LIBRARY if phase.vibrations]
EVERY_BAND = [(phase, r.technique, band) for phase in WITH_BANDS for r in phase.vibrations for band in r.bands]

GOOD = """
schema = "braggite.phase/1"
formula = "BaTiO3"

[raman]
covered_range_cm1 = [100, 1200]
note = "made for a test"

[[raman.bands]]
position_cm1 = 307
range_cm1 = [303, 310]
role = "must"
strength = "m"
fwhm_cm1 = 12
symmetry = "B1+E"
condition = "532 nm"
status = "read"
confidence = "high"
source = "a paper"

[[raman.bands]]
position_cm1 = 180
range_cm1 = [170, 190]
strength = 0.25
strength_range = [0.1, 0.4]
negative = true
status = "measured"
confidence = "low"
source = "a spectrum"
"""


def band(**given: Any) -> Band:
    plain = {"position_cm1": 640.0, "range_cm1": (636.0, 644.0), "status": "read", "confidence": "high", "source": "s"}
    return Band(**plain | given)


def parsed(text: str) -> Phase:
    return parse_phase(text, name="made")


def test_bands_are_read_in_the_order_of_their_positions() -> None:
    phase = parsed(GOOD)
    dip, line = phase.bands("raman")
    assert (dip.position_cm1, dip.negative, dip.role, dip.strength_class) == (180.0, True, "may", "m")
    assert (dip.strength, dip.strength_range) == (0.25, (0.1, 0.4))
    assert (line.role, line.fwhm_cm1, line.symmetry, line.condition) == ("must", 12.0, "B1+E", "532 nm")
    assert (line.strength, line.strength_range) == STRENGTH_CLASSES["m"]
    assert phase.bands("ftir") == ()
    assert phase.band_reference("ftir") is None
    assert phase.band_reference("raman").covered_range_cm1 == (100.0, 1200.0)  # type: ignore[union-attr]
    with pytest.raises(OptionError, match="xrd"):
        phase.bands("xrd")


def test_file_and_record_keep_every_fact() -> None:
    phase = parsed(GOOD)
    assert parse_phase(write_phase(phase), name="made") == phase
    assert unpack_phase(pack_phase(phase)) == phase


@pytest.mark.parametrize("phase", WITH_BANDS, ids=lambda phase: phase.name)
def test_a_record_keeps_the_bands_of_shipped_phases(phase: Phase) -> None:
    assert unpack_phase(pack_phase(phase)) == phase


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("position_cm1 = 307", "position_cm1 = -307", "not a wavenumber"),
        ("position_cm1 = 307", "position_cm1 = nan", "not a wavenumber"),
        ("position_cm1 = 307", "position_cm1 = 320", "outside its range_cm1"),
        ("position_cm1 = 307", 'position_cm1 = "307"', "not a number"),
        ("position_cm1 = 307\n", "", r"bands\]\] 1 states no position_cm1"),
        ("range_cm1 = [303, 310]", "range_cm1 = [310, 303]", "does not ascend"),
        ("range_cm1 = [303, 310]", "range_cm1 = [303, inf]", "does not ascend"),
        ("range_cm1 = [303, 310]", "range_cm1 = 4", "range_cm1 is not"),
        ("range_cm1 = [303, 310]\n", "", "states no range_cm1"),
        ('strength = "m"', 'strength = "medium"', "none of vs, s, m, w, vw"),
        ('strength = "m"\n', "", "states no strength"),
        ("strength = 0.25", "strength = 25", "0 to 1"),
        ("strength = 0.25", "strength = 0.05", "ascend"),
        ("strength_range = [0.1, 0.4]", "strength_range = [0.1, 40]", "0 to 1"),
        ("strength_range = [0.1, 0.4]\n", "", "states no strength_range"),
        ("fwhm_cm1 = 12", "fwhm_cm1 = 0", "not a width"),
        ('role = "must"', 'role = "must-not"', "must_not"),
        ("negative = true", 'negative = "yes"', "neither true nor false"),
        ('status = "read"', 'status = "known"', "'known'"),
        ('status = "read"\n', "", "states no status"),
        ('confidence = "high"\n', "", "states no confidence"),
        ('source = "a paper"\n', "", "states no source"),
        ('source = "a paper"', 'source = " "', "states no source"),
        ("fwhm_cm1", "width_cm1", "unknown key 'width_cm1'"),
        ("covered_range_cm1 = [100, 1200]", "covered_range_cm1 = [1200, 100]", "covered_range_cm1"),
        ("[raman]\n", "[raman]\nlaser = 532\n", "unknown key 'laser'"),
        ("[[raman.bands]]", "[raman.bands]", "valid TOML"),
    ],
)
def test_a_fault_in_a_band_is_named(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(LibraryError, match=message):
        parsed(GOOD.replace(old, new, 1))


def test_a_list_that_is_no_list_of_tables_is_refused() -> None:
    head = 'schema = "braggite.phase/1"\nformula = "BaTiO3"\n'
    with pytest.raises(LibraryError, match="not a list of tables"):
        parsed(head + "[raman.bands]\nposition_cm1 = 307\n")
    with pytest.raises(LibraryError, match="is not a table"):
        parsed(head + "raman = 307\n")


@pytest.mark.parametrize("word", STRENGTH_CLASSES)
def test_words_and_numbers_of_strength_agree(word: str) -> None:
    typical, usual = STRENGTH_CLASSES[word]
    assert band(strength=typical, strength_range=usual).strength_class == word
    assert usual[0] <= typical <= usual[1]


def test_the_word_is_the_nearest_by_ratio() -> None:
    # referent: the geometric mean of the typical heights of m (0.3) and s (0.6)
    between = math.sqrt(0.3 * 0.6)
    assert band(strength=0.99 * between, strength_range=(0.0, 1.0)).strength_class == "m"
    assert band(strength=1.01 * between, strength_range=(0.0, 1.0)).strength_class == "s"
    assert band(strength=0.0, strength_range=(0.0, 1.0)).strength_class == "vw"


def test_one_technique_stands_once() -> None:
    one = BandReference(technique="raman", bands=(band(),))
    with pytest.raises(LibraryError, match="one technique twice"):
        Phase("made", "made", "BaTiO3", vibrations=(one, one))
    with pytest.raises(LibraryError, match="xps"):
        BandReference(technique="xps")  # type: ignore[arg-type]


def test_bands_are_part_of_the_document_the_table_and_the_digest() -> None:
    phase = parsed(GOOD)
    document = phase.to_dict()["vibrations"][0]
    assert document["technique"] == "raman"
    assert document["bands"][1]["range_cm1"] == [303.0, 310.0]
    assert document["bands"][1]["strength_class"] == "m"
    assert "180, 307 1/cm" in phase._repr_html_()
    moved = parsed(GOOD.replace("position_cm1 = 307", "position_cm1 = 308"))
    assert ReferenceLibrary([phase]).sha256 != ReferenceLibrary([moved]).sha256


def test_a_library_is_narrowed_to_a_technique() -> None:
    raman, ftir = (LIBRARY.with_bands(technique) for technique in VIBRATIONAL_TECHNIQUES)
    assert "batio3-tetragonal" in raman
    assert "batio3-orthorhombic" not in raman, "a note alone is no band"
    assert "pvdf-alpha" in ftir
    assert "pvdf-alpha" not in raman
    with pytest.raises(OptionError, match="raman or ftir"):
        LIBRARY.with_bands("xrd")


def test_a_built_library_keeps_the_bands_of_phases_with_structures(tmp_path: Path) -> None:
    chosen = LIBRARY.filter(elements="Li Ba Ti O C")
    summary = build_library(chosen, tmp_path / "some.bgx")
    built = ReferenceLibrary.load(summary.path)
    expected = chosen.for_diffraction().with_bands("raman")
    assert set(built.with_bands("raman").names) == set(expected.names)
    assert built["BTO"].bands("raman") == LIBRARY["BTO"].bands("raman")
    assert {name for name, _ in summary.skipped} == set(chosen.names) - set(chosen.for_diffraction().names)


def test_phases_known_by_bands_alone_are_no_candidates_of_a_diffraction_pattern() -> None:
    whole = LIBRARY.filter(elements="Li Ba Ti O C")
    with_structures = whole.for_diffraction()
    assert len(with_structures) < len(whole)
    scan = reaction_product().spectrum
    report, plain = (identify(scan, library=library, watch=["BTO"]) for library in (whole, with_structures))
    assert report.candidates == plain.candidates
    assert [phase.to_dict() for phase in report.phases] == [phase.to_dict() for phase in plain.phases]
    assert report.library["n_phases"] == len(whole)
    with pytest.raises(LibraryError, match="li2o2 has no crystal structure"):
        identify(scan, library=whole, watch=["li2o2"])


def test_phases_without_structure_are_known_by_something() -> None:
    alone = [phase for phase in LIBRARY if phase.structure is None]
    assert all(any(reference.bands for reference in phase.vibrations) for phase in alone)
    assert {"polystyrene", "diamond", "peo", "water", "li2o2"} <= {phase.name for phase in alone}


@pytest.mark.parametrize(("phase", "technique", "band"), EVERY_BAND, ids=lambda value: getattr(value, "name", None))
def test_every_shipped_band_can_be_checked(phase: Phase, technique: str, band: Band) -> None:
    assert len(band.source) > 10
    assert not re.search(r"\b(data|reference)/", f"{band.source} {band.note}"), "no path of a workplace"
    assert 10.0 < band.position_cm1 < 4000.0
    widest = {"raman": 160.0, "ftir": 350.0}[technique]  # second-order bands of SrTiO3; OH stretch of water
    assert band.range_cm1[1] - band.range_cm1[0] <= widest
    if band.role == "must":
        assert band.strength_class not in ("w", "vw")
        assert band.confidence != "low"
        assert not band.negative
    if band.role == "must_not":
        assert band.note, "why it speaks against the phase"


@pytest.mark.parametrize(
    ("name", "technique", "position", "role", "cited"),
    [
        ("batio3-tetragonal", "raman", 307.0, "must", "Perry & Hall, Phys. Rev. Lett. 15, 700"),
        ("batio3-tetragonal", "raman", 717.0, "must", "Phys. Rev. 174, 522"),
        ("batio3-tetragonal", "raman", 640.0, "must_not", "Yamaguchi"),
        ("batio3-cubic", "raman", 307.0, "must_not", "Perry & Hall"),
        ("batio3-cubic", "raman", 717.0, "must_not", "Phys. Rev. 174, 522"),
        ("batio3-cubic", "raman", 520.0, "may", "Burns & Dacol"),
        ("batio3-hexagonal", "raman", 640.0, "must", "Yamaguchi"),
        ("llzo-ta-cubic", "raman", 735.0, "must", "Thompson"),
        ("llzo-al-cubic", "raman", 735.0, "must_not", "Thompson"),
        ("llzo-ga-cubic", "raman", 735.0, "must_not", "Thompson"),
        ("llzo-cubic", "raman", 735.0, "must_not", "Thompson"),
        ("llzo-cubic", "raman", 645.0, "must", "Tietz"),
        ("llzo-tetragonal", "raman", 290.0, "must", "Larraz"),
        ("li2co3", "raman", 1089.8, "must", "Brooker & Bates"),
        ("baco3-witherite", "raman", 1060.2, "must", "Witherite, 9 of 9"),
        ("baco3-witherite", "ftir", 692.4, "must", "White, in Farmer"),
        ("caco3-calcite", "raman", 1085.91, "must", "CHARISMA"),
        ("si", "raman", 520.45, "must", "NMIJ CRM 5606-a"),
        ("polystyrene", "raman", 1001.4, "must", "ASTM E1840"),
        ("co3o4", "raman", 691.0, "must", "Hadjiev"),
        ("licoo2-layered", "raman", 595.0, "must", "Inaba"),
        ("la2zr2o7", "raman", 300.0, "must", "Vandenborre"),
    ],
)
def test_known_bands_stand_with_role_and_citation(
    name: str, technique: str, position: float, role: str, cited: str
) -> None:
    (found,) = [band for band in LIBRARY[name].bands(technique) if band.position_cm1 == position]
    assert found.role == role
    assert cited in found.source


def test_witherite_reads_lower_in_attenuated_total_reflection_than_in_a_pellet() -> None:
    bands = [band for band in LIBRARY["baco3-witherite"].bands("ftir") if 1400.0 < band.position_cm1 < 1500.0]
    assert {band.condition: band.position_cm1 for band in bands} == {"ATR, not corrected": 1412.5, "KBr pellet": 1445.0}


def test_conditions_of_infrared_bands_name_the_way_of_measuring() -> None:
    ways = ("ATR", "KBr pellet", "transmission", "DRIFT", "film")
    for _, technique, band in EVERY_BAND:
        if technique == "ftir" and band.condition is not None:
            assert any(way in band.condition for way in ways), band.condition


def test_the_dip_of_tetragonal_barium_titanate_is_no_maximum() -> None:
    assert [band.position_cm1 for band in LIBRARY["BTO"].bands("raman") if band.negative] == [180.0]


def test_phases_without_published_bands_say_so() -> None:
    for name in ("li2bati6o14", "li2srti6o14", "bati4o9", "ba2ti9o20", "bati2o5", "ba2tio4-monoclinic"):
        reference = LIBRARY[name].band_reference("raman")
        assert reference is not None
        assert not reference.bands
        assert reference.note is not None
        assert reference.note.startswith("no published band positions at hand")


def test_each_status_and_role_occurs() -> None:
    statuses = Counter(band.status for _, _, band in EVERY_BAND)
    roles = Counter(band.role for _, _, band in EVERY_BAND)
    assert set(statuses) == {"measured", "read", "recalled", "estimated"}
    assert set(roles) == {"must", "may", "must_not"}
