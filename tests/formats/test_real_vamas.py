"""Every VAMAS file of the test data: against the `vamas` package where it opens one, against text exports elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import vamas

import braggite as bg
from braggite.formats.readers.vamas.grammar import parse

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = {
    "0-150W.vms": 5, "Au, Ag, Cu in H2.vms": 28, "Au, Ag, Cu in He.vms": 31, "Au, Ag, Cu in N2.vms": 32,
    "Au, Ag, Cu in O2.vms": 42, "Co_references.vms": 3, "Cu(111) oxidation.vms": 14, "Cu_references.vms": 11,
    "EX491-495 FeCo summed.vms": 21, "FeO_analyzed.vms": 1, "Fe_references.vms": 4, "Mn_references.vms": 3,
    "Mutlipak_vms.npl": 5, "Ni_references.vms": 4, "Pd_references.vms": 2, "Pt4f.vms": 1,
    "Ti_references_irregular.vms": 12, "aes_staib.vms": 1, "assigned.vms": 54, "auger.vms": 4,
    "cellulose_fitted_following_briggs.vms": 4, "irregular.vms": 1, "mno gas-phase removed-cropped.vms": 4,
    "mno gas-phase removed.vms": 4, "multiplex.vms": 3, "pegCASA.vms": 4, "polyethyleneglycol.vms": 4,
    "regular.vms": 1, "test_spectrum.vms": 1, "vms_test.vms": 1, "xps_eis.vms": 4,
}  # fmt: skip
"""Blocks that the header of each file declares."""
NOT_BY_PEER = {
    "0-150W.vms", "Au, Ag, Cu in He.vms", "Au, Ag, Cu in O2.vms", "EX491-495 FeCo summed.vms", "FeO_analyzed.vms",
    "Mutlipak_vms.npl", "Ti_references_irregular.vms", "irregular.vms",
}  # fmt: skip
NOT_XPS = {
    "aes_staib.vms": "AES diff, not by XPS",
    "auger.vms": "no photon energy",  # kinetic energies up to 3000 eV, photon energy 0: excited by electrons
}


@pytest.fixture(scope="module")
def files(test_data: Path) -> dict[str, Path]:
    found = [path for folder in ("xps", "formats") for path in (test_data / folder).rglob("*.[vn][mp][sl]")]
    return {path.name: path for path in found if "vms_comments" not in path.parts}


def test_every_file_is_walked_to_its_end(files: dict[str, Path]) -> None:
    assert {name: len(parse(path.read_bytes(), name)[1]) for name, path in files.items()} == BLOCKS


def test_every_block_measured_by_xps_becomes_a_spectrum(files: dict[str, Path]) -> None:
    for name, path in files.items():
        if name in NOT_XPS:
            with pytest.raises(bg.UnknownFormat, match=NOT_XPS[name]):
                bg.read(path)
            continue
        scans = bg.read_all(path)
        assert len(scans) == BLOCKS[name]
        assert {(scan.technique, scan.x_unit) for scan in scans} == {("xps", "eV")}


@pytest.mark.parametrize("name", sorted(BLOCKS.keys() - NOT_BY_PEER))
def test_blocks_equal_those_of_the_vamas_package(files: dict[str, Path], name: str) -> None:
    theirs, ours = vamas.Vamas(str(files[name])).blocks, parse(files[name].read_bytes(), name)[1]
    assert len(theirs) == len(ours)
    for peer, block in zip(theirs, ours, strict=True):
        values = block.values(name)
        for column, variable in enumerate(peer.corresponding_variables):
            np.testing.assert_array_equal(values[:, column], variable.y_values)
        stated = (peer.x_start, peer.x_step, peer.analysis_source_characteristic_energy, peer.signal_collection_time)
        assert stated == tuple(float(block.text(*key)) for key in ((31, 2), (31, 3), (14, 0), (34, 0)))


def test_irregular_and_regular_twins_agree(files: dict[str, Path]) -> None:
    rates, counts = bg.read(files["irregular.vms"]), bg.read(files["regular.vms"])
    np.testing.assert_allclose(rates.x, counts.x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(rates.y, counts.y / 0.1, rtol=2e-5)  # six digits in each file; dwell 0.1 s


def test_kratos_counts_equal_their_text_export(files: dict[str, Path], test_data: Path) -> None:
    names = {"C 1s": "C1s_C1s", "Ni 2p": "Ni2p_Ni2p", "O 1s": "O1s_O1s", "W 4f": "W4f_W4f", "wide": "wide_wide"}
    for scan in bg.read_all(files["0-150W.vms"]):
        text = test_data / "xps" / "lg4x_v2" / "Example" / f"0-150W_NiW{names[scan.metadata['block']]}.txt"
        twin = np.loadtxt(text, skiprows=1, usecols=(0, 1))[::-1]
        np.testing.assert_allclose(scan.x, twin[:, 0], rtol=0, atol=1e-6)
        np.testing.assert_allclose(scan.y * np.array(scan.metadata["transmission"])[::-1], twin[:, 1], atol=1e-9)


def test_the_peaks_of_the_gold_silver_copper_standards(files: dict[str, Path]) -> None:
    """ISO 15472: Au 4f7/2 83.96, Ag 3d5/2 368.21; 0.1 eV is the file's own step."""
    scans = bg.read_all(files["Au, Ag, Cu in H2.vms"])
    for region, expected in (("Au4f", 83.96), ("Ag3d", 368.21)):
        scan = next(scan for scan in scans if scan.metadata["block"] == region)
        assert scan.x[np.argmax(scan.y)] == pytest.approx(expected, abs=0.1)


def test_fits_of_casaxps_read_back_equal_to_their_text(files: dict[str, Path]) -> None:
    seen = {"regions": 0, "components": 0, "calibrations": 0}
    for name, path in files.items():
        if name in NOT_XPS:
            continue
        for block, scan in zip(parse(path.read_bytes(), name)[1], bg.read_all(path), strict=True):
            lines = [line for line in block.comment if line.startswith(("CASA region", "CASA comp", "Calib "))]
            model = scan.metadata.get("casaxps", {})
            written = [_region(item) for item in model.get("regions", [])]
            written += [_component(item) for item in model.get("components", [])]
            written += [_calibration(item) for item in model.get("calibrations", [])]
            assert sorted(map(_normal, lines)) == sorted(map(_normal, written)), (name, block.identifier)
            for key in seen:
                seen[key] += len(model.get(key, []))
    assert seen == {"regions": 39, "components": 110, "calibrations": 137}


def _normal(text: str) -> list[str]:
    """Words, with numbers in one form."""
    return [f"{float(word):.12g}" if re.fullmatch(r"[-+\d.eE]+", word) else word for word in text.split()]


def _limited(word: str, item: dict[str, Any]) -> str:
    tie = -1 if item["tied_to"] is None else item["tied_to"]
    return f"{word} {item['value']} {item['min']} {item['max']} {tie} {item['factor']}"


def _region(item: dict[str, Any]) -> str:
    numbers = [item[key] for key in ("start_kinetic_ev", "end_kinetic_ev", "sensitivity_factor", "average_width")]
    numbers += [item["start_offset"], item["end_offset"], *item["cross_section"]]
    tag = f" (*{item['tag']}*)" if item["tag"] else ""
    name = f"CASA region (*{item['name']}*) (*{item['background']}*) "
    return name + " ".join(map(str, numbers)) + tag + "".join(f" {value}" for value in item["further"])


def _component(item: dict[str, Any]) -> str:
    text = f"CASA comp (*{item['name']}*) (*{item['shape']}*) "
    text += " ".join([_limited("Area", item["area"]), _limited("MFWHM", item["fwhm_ev"])])
    text += f" {_limited('Position', item['position_kinetic_ev'])} RSF {item['sensitivity_factor']}"
    text += f" MASS {item['mass']} INDEX {item['index']} (*{item['tag']}*)"
    text += f" CONST (*{item['constraint']}*)"
    rest = item["uncorrected_sensitivity_factor"]
    return text if rest is None else f"{text} UNCORRECTEDRSF {rest}"


def _calibration(item: dict[str, Any]) -> str:
    measured = ",".join(f"{value:.10g}" for value in item["measured_ev"])
    return f"Calib M = {measured} A = {item['assigned_ev']} {item['scale']} {item['operation']}"
