"""Measured spectra in a library of one's own: kept bit by bit, found again, noticed when they change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from braggite import LibraryError, OptionError, ReferenceLibrary, Spectrum, read
from braggite.references import ReferenceSpectrum
from braggite.references.add_spectrum import add_spectrum
from braggite.references.check import check_phase
from braggite.references.record import pack_phase, unpack_phase
from braggite.spectrum import Step

if TYPE_CHECKING:
    from pathlib import Path


def made(technique: str = "raman", **fields: Any) -> Spectrum:
    """Two bands on a slope over an uneven axis, with numbers that no short text holds."""
    x = np.linspace(100.0, 1300.0, 601) + 0.3 * np.sin(np.arange(601))
    y = 7.0 + x / 300.0 + 40.0 / (1.0 + ((x - 1090.0) / 4.0) ** 2) + np.sqrt(2.0) / (1.0 + ((x - 157.0) / 3.0) ** 2)
    return Spectrum.from_arrays(x, y, technique=technique, **fields)  # type: ignore[arg-type]


def test_a_spectrum_is_kept_as_it_is_beside_a_copy_of_the_phase(tmp_path: Path) -> None:
    spectrum = made()
    entry = add_spectrum(spectrum, tmp_path, phase="Li2CO3", excitation_nm=532.0, licence="CC0", source="this test")
    assert entry.file == "spectra/raman-532nm.csv"
    library = ReferenceLibrary.load(tmp_path)
    phase = library["lithium carbonate"]
    (found,) = phase.spectra("raman")
    assert found == entry
    np.testing.assert_array_equal(found.x_cm1, spectrum.x)
    np.testing.assert_array_equal(found.y, spectrum.y)
    assert (found.excitation_nm, found.licence, found.source, found.processing) == (
        532.0, "CC0", "this test", "as recorded",
    )  # fmt: skip
    assert found.spectrum().technique == "raman"
    shipped = ReferenceLibrary.default()["li2co3"]
    assert phase.structure == shipped.structure
    assert phase.bands("raman") == shipped.bands("raman")
    assert shipped.spectra("raman") == ()
    assert check_phase(phase) == []


def test_spectra_of_one_phase_stand_side_by_side(tmp_path: Path) -> None:
    first = add_spectrum(made(), tmp_path, phase="li2co3", excitation_nm=532.0)
    second = add_spectrum(made(), tmp_path, phase="li2co3", excitation_nm=532.0)
    third = add_spectrum(made("ftir"), tmp_path, phase="li2co3", condition="ATR, not corrected")
    assert [entry.file for entry in (first, second, third)] == [
        "spectra/raman-532nm.csv",
        "spectra/raman-532nm-2.csv",
        "spectra/ftir-atr-not-corrected.csv",
    ]
    phase = ReferenceLibrary.load(tmp_path)["li2co3"]
    assert phase.spectra("raman") == (first, second)
    assert phase.spectra("ftir") == (third,)


def test_laser_and_history_come_from_the_spectrum(tmp_path: Path) -> None:
    spectrum = made(metadata={"laser_wavelength_nm": 785.0}, history=(Step("read"), Step("despike"), Step("smooth")))
    entry = add_spectrum(spectrum, tmp_path, phase="li2co3")
    assert entry.excitation_nm == 785.0
    assert entry.processing == "despike, smooth"
    assert entry.source.startswith("own measurement")


def test_a_phase_that_nobody_knows_is_begun_with_its_formula(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="'Polyethylene' names no phase"):
        add_spectrum(made("ftir"), tmp_path, phase="Polyethylene")
    assert not list(tmp_path.iterdir()), "a refusal leaves nothing behind"
    add_spectrum(made("ftir"), tmp_path, phase="Polyethylene", formula="C2H4")
    phase = ReferenceLibrary.load(tmp_path)["polyethylene"]
    assert (phase.formula, phase.groups, phase.structure) == ("C2H4", ("own",), None)
    assert len(phase.spectra("ftir")) == 1
    assert check_phase(phase) == []
    assert len(ReferenceLibrary.load(tmp_path).for_diffraction()) == 0


def test_other_techniques_and_lasers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="'xrd' has no bands"):
        add_spectrum(made("xrd"), tmp_path, phase="li2co3")
    with pytest.raises(LibraryError, match="excitation_nm"):
        add_spectrum(made(), tmp_path, phase="li2co3", excitation_nm=-532.0)
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be written"):
        add_spectrum(made(), tmp_path / "file", phase="li2co3")


def test_a_changed_or_missing_file_is_noticed(tmp_path: Path) -> None:
    entry = add_spectrum(made(), tmp_path, phase="li2co3")
    text = entry.path.read_text()
    entry.path.write_text(text.replace("intensity", "Intensity"))
    phase = ReferenceLibrary.load(tmp_path)["li2co3"]
    with pytest.raises(LibraryError, match="changed since it was added"):
        phase.spectra("raman")[0].spectrum()
    assert [problem.check for problem in check_phase(phase)] == ["spectra"]
    entry.path.unlink()
    assert "cannot be read" in check_phase(phase)[0].message


def test_a_covered_range_lies_within_the_data(tmp_path: Path) -> None:
    add_spectrum(made(), tmp_path, phase="li2co3", covered_range_cm1=(50.0, 1300.0))
    problems = check_phase(ReferenceLibrary.load(tmp_path)["li2co3"])
    assert [problem.check for problem in problems] == ["covered_range"]


def test_the_digest_of_a_library_follows_its_spectra(tmp_path: Path) -> None:
    add_spectrum(made(), tmp_path / "one", phase="li2co3")
    add_spectrum(made(), tmp_path / "same", phase="li2co3")
    louder = made()
    add_spectrum(replace(louder, y=2.0 * louder.y), tmp_path / "other", phase="li2co3")
    one, same, other = (ReferenceLibrary.load(tmp_path / name).sha256 for name in ("one", "same", "other"))
    assert one == same != other


def test_a_built_record_holds_bands_and_no_spectra(tmp_path: Path) -> None:
    add_spectrum(made(), tmp_path, phase="li2co3")
    phase = ReferenceLibrary.load(tmp_path)["li2co3"]
    packed = unpack_phase(pack_phase(phase))
    assert packed.spectra("raman") == ()
    assert packed.bands("raman") == phase.bands("raman")


@pytest.mark.parametrize("file", ["", "/etc/passwd", "../other/spectra/x.csv", "C:\\x.csv", "spectra\\x.csv"])
def test_a_file_lies_in_the_folder_of_its_phase(file: str) -> None:
    with pytest.raises(LibraryError, match="folder of the phase"):
        ReferenceSpectrum(technique="raman", file=file, source="s")


def test_a_spectrum_without_folder_or_source_is_refused() -> None:
    with pytest.raises(LibraryError, match="not read from a folder"):
        ReferenceSpectrum(technique="raman", file="x.csv", source="s").spectrum()
    with pytest.raises(LibraryError, match="states no source"):
        ReferenceSpectrum(technique="raman", file="x.csv", source=" ")


def test_measured_files_survive_being_added(test_data: Path, tmp_path: Path) -> None:
    powder = test_data / "vibrational/ramanchada2_formats/nCal_Qontor785_z005H12_100_1x3s.wdf"
    film = test_data / "vibrational/openspecy_samples/ftir_ps.0"
    for file, name, technique in ((powder, "calcite", "raman"), (film, "polystyrene", "ftir")):
        spectrum = read(file)
        add_spectrum(spectrum, tmp_path, phase=name)
        (found,) = ReferenceLibrary.load(tmp_path)[name].spectra(technique)
        np.testing.assert_array_equal(found.x_cm1, spectrum.x)
        np.testing.assert_array_equal(found.y, spectrum.y)
        assert found.spectrum().y_unit == spectrum.y_unit
    (raman,) = ReferenceLibrary.load(tmp_path)["calcite"].spectra("raman")
    assert raman.excitation_nm == pytest.approx(785.0, abs=1.0)  # the nominal laser of the file's name
