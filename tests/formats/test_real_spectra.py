"""Every file of the XPS, Raman and FT-IR sets, and of the format samples: opened, or refused for its reason.

Values are compared here for plain text (with a parser of three lines); the tests of each format compare the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("xps", "vibrational", "formats/vamas", "formats/opus", "formats/jcamp")
NO_DATA = re.compile(r"LICEN[CS]E|README|MANIFEST|readme\.md", re.IGNORECASE)

REFUSED = {
    r"\.zip$": "zip archive",
    r"cehendri_LiF/.*\.xlsx$": "6 columns",  # raw and shifted energies of two spectra
    r"CalibrationSpectraCombined\.xlsx$": "missing value",  # twelve calibrations side by side
    r"kherve_uksaf.*\.json$|_ref\.json$": "states no schema",
    r"vms_comments/.*\.vms$": "the first line is not",  # comments of blocks, not files
    r"aes_staib\.vms$": "AES diff, not by XPS",
    r"auger\.vms$": "no photon energy",  # electron-excited: kinetic energies up to 3000 eV
    r"lg4x/Example/111126_0100\.csv$": "no photon energy",  # 600 eV in its table of the README only
    r"lg4x/Example/CK\.csv$": "photon energy",  # X-ray absorption
    r"references\.tsv$|FeO_analyzed_results\.csv$": "is not a number",  # tables of sensitivity factors and of results
    r"Highres_FK_hv_180\.csv$": "nothing states the technique",  # 16 points of an Auger line, without a header
    r"NIST_Gauss3\.dat$": "not sorted",  # a regression problem, y before x
    r"clean_Au_4f\.txt$": "11 columns",
    r"specs_xml/.*\.xml$": "SPECS XML",
    r"Ti2p_TiO2\.txt$": "stands twice with different ordinates",  # joined scans; its VAMAS twin is read, averaged
    r"OpenRAMAN.*\.csv$": "detector pixels",
    r"\.spa$": r"pip install 'braggite\[omnic\]'",
    r"RamanTable.*\.txt$": "no rows of numbers",  # computed modes
    r"TENS_IR": "not sorted",  # computed tensors
    r"calcite_CRYSTAL_PBE_raw_data\.dat$": "10 columns",  # computed lines
    r"Si-wafer-Raman-Spectrum-1\.txt$": "the laser's is not stated",
    r"\.l6s$": "HORIBA LabSpec",
    r"\.wxd$": "Renishaw WXD",
    r"S0N_50x\.spe$": "camera",
    r"jcamp/(blckpac1|dupinc1|fixdec3|fixinc5|o05|pktab1)\.jdx$": "data type",
}
READ_BY = {
    r"\.(vms|npl)$": "vamas",
    r"\.ibw$": "igor",
    r"\.(spe|pro)$": "phi",
    r"scienta_?/?txt/.*\.txt$": "scienta-text",
    r"specs_xy/.*\.xy$": "specs-xy",
    r"lineshapes_cols\.txt$|vms_txt_export\.txt$|AuAgCu/data/test_spectrum\.txt$": "casaxps-text",
    r"\.wdf$": "wdf",
    r"\.spc$": "spc",
    r"\.asp$": "perkinelmer-asp",
    r"\.sp$": "perkinelmer-sp",
    r"\.xlsx$": "xlsx",
    r"\.[01]$": "opus",
    r"\.jdx$": "jcamp",
    r"(_BW532|_BW785)__|PST02_iRPlus785_Z050_075|PST10_iR532_Probe|lamp Ne (10ms|20 ms)|WP785X": "spectrometer-table",
}
N_FILES, N_REFUSED = 311, 93


def _files(test_data: Path) -> list[str]:
    found = (path for folder in FOLDERS for path in (test_data / folder).rglob("*") if path.is_file())
    return sorted(str(path.relative_to(test_data)) for path in found if not NO_DATA.search(path.name))


def _first(table: dict[str, str], name: str) -> str | None:
    return next((value for pattern, value in table.items() if re.search(pattern, name)), None)


def _plain(path: Path) -> np.ndarray:
    """Rows whose first two fields are numbers, and nothing before or after them but further numbers."""
    rows = []
    for line in path.read_text("utf-8-sig", errors="replace").splitlines():
        fields = [field for field in re.split(r"[,;\s]+", line.strip()) if field]
        if len(fields) > 1 and all(re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", field) for field in fields):
            rows.append((float(fields[0]), float(fields[1])))
    table = np.array(rows)
    return table[np.argsort(table[:, 0], kind="stable")]


@pytest.fixture(scope="module")
def outcomes(test_data: Path) -> dict[str, bg.Spectrum | bg.BraggiteError]:
    found: dict[str, bg.Spectrum | bg.BraggiteError] = {}
    for name in _files(test_data):
        try:
            found[name] = bg.read(test_data / name)
        except bg.BraggiteError as refusal:
            found[name] = refusal
    return found


def test_every_file_is_there(outcomes: dict[str, object]) -> None:
    refused = [name for name, found in outcomes.items() if isinstance(found, bg.BraggiteError)]
    assert (len(outcomes), len(refused)) == (N_FILES, N_REFUSED)


def test_what_is_refused_is_refused_for_its_reason_and_nothing_else_is(
    outcomes: dict[str, bg.Spectrum | bg.BraggiteError], test_data: Path
) -> None:
    for name, found in outcomes.items():
        reason = _first(REFUSED, name)
        if reason is None:
            assert isinstance(found, bg.Spectrum), f"{name}: {found}"
            continue
        assert isinstance(found, bg.BraggiteError), name
        assert re.search(reason, str(found)), f"{name}: {found}"
        assert str(test_data / name) in str(found)
        assert found.suggestion, name


def test_each_file_is_read_by_its_own_reader(outcomes: dict[str, bg.Spectrum | bg.BraggiteError]) -> None:
    for name, found in outcomes.items():
        if isinstance(found, bg.Spectrum):
            assert found.source.format == (_first(READ_BY, name) or "text"), name


def test_the_technique_is_that_of_the_set(outcomes: dict[str, bg.Spectrum | bg.BraggiteError]) -> None:
    """Two files without a header are told by their names alone: their doubt is said."""
    for name, found in outcomes.items():
        if not isinstance(found, bg.Spectrum):
            continue
        expected = ("xps",) if name.startswith("xps") or "vamas" in name else ("raman", "ftir")
        doubted = "technique_assumed" in [note.code for note in found.diagnostics]
        assert found.technique in expected, name
        assert doubted or "lg4x_v2/test" not in name, name


def test_columns_of_text_equal_a_plain_split(
    outcomes: dict[str, bg.Spectrum | bg.BraggiteError], test_data: Path
) -> None:
    compared = 0
    for name, found in outcomes.items():
        if not isinstance(found, bg.Spectrum) or found.source.format != "text" or name.endswith(".rod"):
            continue
        codes = {note.code for note in found.diagnostics}
        table = _plain(test_data / name)
        if "binding_energy_computed" in codes:
            table[:, 0] = np.round(180 - table[:, 0], 9)
            table = table[::-1]
        if "last_row_dropped" in codes:
            table = table[1:] if "axis_reversed" in codes else table[:-1]
        if "duplicate_positions_dropped" in codes:
            table = table[np.concatenate([[True], np.diff(table[:, 0]) != 0])]
        np.testing.assert_array_equal(found.x, table[:, 0], err_msg=name)
        np.testing.assert_array_equal(found.y, table[:, 1], err_msg=name)
        compared += 1
    assert compared > 60


MAXIMA_EV = {
    "Co2p_Co_metal": 778.0, "Co2p_CoO": 780.3, "Co2p_Co3O4": 779.5, "Ni2p_Ni_metal": 852.7, "Ni2p_NiO": 853.8,
    "Fe2p_Fe_metal": 706.65, "Fe2p_FeO": 709.65, "Fe2p_Fe3O4": 710.05, "Fe2p_Fe2O3": 710.95, "Cu2p_Cu_metal": 932.70,
    "Cu2p_Cu2O": 932.30, "Cu2p_CuO": 933.25, "Ti2p_Ti_metal": 453.75, "Ti2p_TiO": 454.95,
}  # fmt: skip
"""What the README of the set measured over a Shirley background, whose slope moves raw maxima by up to 0.2 eV."""


@pytest.mark.parametrize("stem", MAXIMA_EV)
def test_maxima_of_the_reference_spectra(outcomes: dict[str, bg.Spectrum | bg.BraggiteError], stem: str) -> None:
    (found,) = (found for name, found in outcomes.items() if name.endswith(f"references/{stem}.txt"))
    assert isinstance(found, bg.Spectrum)
    assert found.x[np.argmax(found.y)] == pytest.approx(MAXIMA_EV[stem], abs=0.21)
