from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import ReaderConformance, Row, StoredPositions, grid

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


def specs(regions: list[list[list[Row]]], **stated: object) -> str:
    head = {"Energy Axis": "Binding Energy", "Count Rate": "Counts per Second"} | {
        name.replace("_", " "): value for name, value in stated.items()
    }
    out = "# Created by:        SpecsLab Prodigy, Version 4.1\n#\n# XY-Serializer Export Settings:\n"
    out += "".join(f"#   {name}:   {value}\n" for name, value in head.items()) + "#\n# Group:    1 pellet\n#\n"
    for number, cycles in enumerate(regions):
        out += f"# Region:      R{number}\n# Analysis Method:  {stated.get('Method', 'XPS')}\n"
        out += f"# Values/Curve:  {len(cycles[0])}\n# Dwell Time:   0.4\n# Excitation Energy:  1486.61\n#\n"
        for cycle, rows in enumerate(cycles):
            out += f"# Cycle: {cycle}\n#\n# Cycle: {cycle}, Curve: 0, Scan: 0\n#\n# ColumnLabels: energy counts/s\n#\n"
            out += "".join(f"{x}  {y}\n" for x, y in rows) + "\n"
    return out


class TestSpecsConformance(StoredPositions):
    reader = "specs-xy"
    suffix = ".xy"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return specs([[rows]], Count_Rate="Counts").encode()


class TestScientaConformance(StoredPositions):
    reader = "scienta-text"
    suffix = ".txt"

    def build(self, rows: list[Row]) -> bytes:
        text = "[Info]\r\nNumber of Regions=1\r\nVersion=1.3.1\r\n\r\n[Region 1]\r\nRegion Name=Ag3d\r\n"
        text += f"Dimension 1 name=Binding Energy [eV]\r\nDimension 1 size={len(rows)}\r\nDimension 1 scale=1 2\r\n\r\n"
        text += "[Info 1]\r\nPass Energy=50\r\nStep Time=203\r\nExcitation Energy=520\r\nSample=Ag\r\n\r\n[Data 1]\r\n"
        number = "{:22.14E}".format
        return (text + "".join(f"{number(x)}{y if isinstance(y, str) else number(y)}\r\n" for x, y in rows)).encode()


class TestCasaConformance(StoredPositions):
    reader = "casaxps-text"
    suffix = ".txt"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        text = "Cycle 3:Ni:Survey\n\tCharacteristic Energy eV\t1.486610e+003\tAcquisition Time s\t1.000000e-001\n"
        text += "Name\t\t\nK.E.\tCounts\t\tB.E.\tCPS\n"
        return (text + "".join(f"{1000}\t{y}\t\t{x}\t{y}\n" for x, y in rows)).encode()


def phi(rows: list[Row], **stated: object) -> bytes:
    start, step = grid(rows)
    header = f"SOFH\r\nTechnique: {stated.get('technique', 'XPS')}\r\nFileDesc: a pellet\r\n"
    header += f"SpectralRegDef: 1 1 C1s 6 {stated.get('points', len(rows))} {step!r} {start!r} 0 0 0 0.8 55.0 AREA\r\n"
    header += "AnalyserWorkFcn: 4.5 eV\r\nXraySource: Al 1486.6 mono\r\nEOFH\r\n"
    values = np.array([float(y) for _, y in rows], dtype="<f8").tobytes()
    entry = struct.pack(
        "<8I8s8s8s16s4sIIIII", 1, 1, 1, stated.get("region", 1), 1, len(rows), 1, 1, b"pnt", b"sar", b"", b"c/s",
        stated.get("kind", b"f8"), len(values), 112, 0, 0, 0,
    )  # fmt: skip
    return header.encode() + struct.pack("<4I", 1, 1, 96, 16) + entry + values


class TestPhiConformance(ReaderConformance):
    reader = "phi"
    suffix = ".spe"

    def build(self, rows: list[Row]) -> bytes:
        return phi(rows)


def phi_text(rows: list[Row], method: str = "XPS", regions: int = 1) -> str:
    head = f"Cycles 8; Regions {regions}; Anode Mg; Photon Energy 1253.6; XPS;\r\nC 1s\t\r\n1188.75\t\r\n"
    head += f"Element C 1s; Region 1 of {regions}; Depth Cycle 1 of 1; Time Per Step 50; Sweeps 16; Anode Mg; "
    return f"{head}Photon Energy 1253.6; {method};\r\n" + "".join(f"{x}\t{y}\r\n" for x, y in rows)


class TestPhiTextConformance(StoredPositions):
    reader = "phi-text"
    suffix = ".txt"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return phi_text(rows).encode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (phi_text([(285.0, 1), (284.9, 2)], "AES"), r"scan\.txt:4: the region was measured by AES, not by XPS"),
        (phi_text([(285.0, 1), (284.9, 2)], regions=2), "2 regions and cycles are declared, 1 stand here"),
        (phi_text([]), "holds no rows"),
        (phi_text([]).partition("Element")[0], "no region"),
    ],
)
def test_phi_text_refusals(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "scan.txt"
    path.write_text(text)
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(path)


def avantage(rows: list[list[Row]], spacing: str = "ENERGY,  LINEAR") -> str:
    start, step = grid(rows[0])
    lines = ["$PROPERTIES=", "DS_EXT_SUPROPID_TITLE : Title : VT_BSTR = 'C1s Scan'"]
    lines += [
        "DS_SOPROPID_ENERGY      : VT_R4   = 1486.68",
        "DS_ANPROPID_PASS : Pass : VT_R4 = 20",
        "$DATAAXES=1,#empty#",
    ]
    lines += [f"$SPACEAXES={1 + (len(rows) > 1)}"]
    lines += [f"   0=   {1486.68 - start!r},   {-step!r},   {len(rows[0])},   {spacing},   'KE',  'eV',  'Energy'"]
    if len(rows) > 1:
        lines += [f"   1=   0.0,   30.0,   {len(rows)},   ETCHTIME,   LINEAR,   't',   's',   'Etch Time'"]
        lines += [f"$AXISVALUE= DATAXIS=1 SPACEAXIS=1 LABEL='Etch Time' POINT={i} VALUE={30.0 * i};" for i in (0, 1)]
    for level in rows:
        values = [str(y) for _, y in level]
        lines += ["$DATA=*"]
        lines += [f"LIST@   {i}=  {',  '.join(values[i : i + 4])}" for i in range(0, len(values), 4)]
    return "\n".join([*lines, ";", ""])


class TestAvantageConformance(ReaderConformance):
    reader = "avantage"
    suffix = ".avg"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return avantage([rows]).encode()


def test_levels_of_an_avantage_profile_are_scans(tmp_path: Path) -> None:
    path = tmp_path / "profile.avg"
    path.write_text(avantage([ROWS, [(x, 2 * float(y)) for x, y in ROWS]]))
    first, second = bg.read_all(path)
    np.testing.assert_array_equal(second.y, 2 * first.y)
    assert (second.metadata["level"], second.metadata["pass_energy_ev"]) == (("Etch Time", "30.0"), 20)
    path.write_text(avantage([ROWS], "IMAGEX,  LINEAR"))
    with pytest.raises(bg.UnknownFormat, match="first axis is IMAGEX"):
        bg.read(path)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"technique": "AES"}, "AES, not by XPS"),
        ({"kind": b"i4"}, "'i4' are not read"),
        ({"points": 7}, "declares 7 points"),
        ({"region": 2}, "data of region 2"),
    ],
)
def test_phi_refusals(tmp_path: Path, stated: dict[str, object], message: str) -> None:
    path = tmp_path / "scan.spe"
    path.write_bytes(phi(ROWS, **stated))
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(path)


ROWS: list[Row] = [(295 - 0.1 * i, (40 + (7 * i) % 31) / 0.4) for i in range(30)]


def test_specs_regions_are_scans_and_cycles_are_averaged_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "regions.xy"
    other = [(x, float(y) + 5) for x, y in ROWS]
    path.write_text(specs([[ROWS, other], [ROWS]]))
    first, second = bg.read_all(path)
    np.testing.assert_allclose(first.y[::-1], [float(y) + 2.5 for _, y in ROWS])
    assert first.metadata["cycles"][1][0] == pytest.approx(other[0][1])
    assert "cycles_averaged" in codes(first)
    assert "cycles_averaged" not in codes(second)
    assert (second.name, second.metadata["region"]) == ("1 pellet R1", "R1")
    assert (second.counts, second.y_unit) == (False, "counts/s")
    np.testing.assert_allclose(second.sigma, np.sqrt(second.y / 0.4))


def test_specs_kinetic_energies_and_an_axis_of_no_kind(tmp_path: Path) -> None:
    path = tmp_path / "regions.xy"
    path.write_text(specs([[ROWS]], Energy_Axis="Kinetic Energy"))
    assert bg.read(path).x[0] == pytest.approx(1486.61 - 295)
    path.write_text(specs([[ROWS]], Energy_Axis="Energy"))
    assert "energy_axis_assumed" in codes(bg.read(path))


def test_a_last_row_that_may_be_cut_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "regions.xy"
    path.write_text(specs([[[*ROWS[:-1], (292.1, 1234.5)]]]).rstrip("\n"))
    spectrum = bg.read(path)
    assert len(spectrum) == len(ROWS) - 1
    assert "last_row_dropped" in codes(spectrum)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (specs([[ROWS]], Method="UPS"), "UPS, not by XPS"),
        (specs([[ROWS]]).replace("Values/Curve:  30", "Values/Curve:  31"), "declares 31"),
        (specs([[ROWS, [(float(x) + 1, y) for x, y in ROWS]]]), "share one axis"),
    ],
)
def test_specs_refusals(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "regions.xy"
    path.write_text(text)
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(path)


@pytest.mark.parametrize(
    ("header", "x"),
    [("E_kin (eV), counts; hv = 180 eV", 96.0), ("kinetic energy,counts\n# photon energy: 180", 96.0)],
)
def test_kinetic_energies_of_a_csv(tmp_path: Path, header: str, x: float) -> None:
    path = tmp_path / "au.csv"
    path.write_text(f"# {header}\n" + "".join(f"{84 + 0.1 * i:.1f},{100 + i}\n" for i in range(40)))
    spectrum = bg.read(path)
    assert (spectrum.technique, spectrum.x[-1]) == ("xps", x)


def test_kinetic_energies_without_a_photon_energy(tmp_path: Path) -> None:
    path = tmp_path / "au.csv"
    path.write_text("KE/eV,counts\n" + "".join(f"{84 + 0.1 * i:.1f},{100 + i}\n" for i in range(40)))
    with pytest.raises(bg.UnknownFormat, match="photon energy"):
        bg.read(path)
    assert bg.read(path, photon_energy_ev=180).x[-1] == 96.0


def _xps(test_data: Path) -> Path:
    return test_data / "xps"


def test_casaxps_export_equals_its_vamas_twin(test_data: Path) -> None:
    folder = _xps(test_data)
    references = folder / "surfaceanalytics_refs" / "src" / "xpsdeeplearning" / "data" / "references"
    vamas = {scan.name: scan for scan in bg.read_all(references / "Ni_references.vms")}
    export = bg.read_all(folder / "pynxtools_xps" / "tests" / "data" / "vms_txt_export" / "vms_txt_export.txt")
    assert [scan.name for scan in export] == [
        "Cycle 3:Ni:Survey", "Cycle 4:Ni:Ni2p", "Cycle 15:NiO:Survey", "Cycle 14:NiO:Ni2p",
    ]  # fmt: skip
    for scan in export:
        twin = vamas[" ".join(scan.name.split(":")[1:])]
        np.testing.assert_allclose(scan.x, twin.x, rtol=0, atol=1e-6)
        np.testing.assert_allclose(scan.y, twin.y, rtol=1e-6)


def test_casaxps_export_of_a_fit_equals_its_vamas_twin(test_data: Path) -> None:
    folder = _xps(test_data) / "pynxtools_xps" / "tests" / "data" / "vms_analysis"
    export, twin = bg.read(folder / "FeO_analyzed_lineshapes_cols.txt"), bg.read(folder / "FeO_analyzed.vms")
    np.testing.assert_allclose(export.x, twin.x, rtol=0, atol=1e-6)
    raw = twin.y * np.array(twin.metadata["transmission"])[::-1]
    np.testing.assert_allclose(export.y, raw, rtol=1e-6)
    fit = export.metadata["casaxps"]["fit"]
    stored = [part["area"]["value"] for part in twin.metadata["casaxps"]["components"]]
    np.testing.assert_allclose([float(area) for area in fit["Area"]], stored, atol=0.005)  # two decimals
    assert export.metadata["casaxps"]["columns"][-2:] == ["Background CPS", "Envelope CPS"]


SCIENTA = {"Cu-HHTP_0001": (1221, -10, 600), "Cu-HHTP_0002": (301, 525, 540), "Cu-HHTP_0003": (321, 280, 296),
           "Cu-HHTP_0004": (321, 68, 84), "Cu-HHTP_0005": (801, -10, 30)}  # fmt: skip


def test_scienta_and_specs_samples(test_data: Path) -> None:
    """Points and ends as the headers of the files declare them."""
    folder = _xps(test_data) / "pynxtools_xps"
    for stem, expected in SCIENTA.items():
        scan = bg.read(folder / "examples" / "scienta" / "txt" / f"{stem}.txt")
        assert (len(scan), scan.x[0], scan.x[-1]) == expected
    survey, iron = bg.read_all(folder / "tests" / "data" / "specs_xy" / "MgFe2O4_small.xy")
    assert (len(survey), survey.x[0], survey.x[-1], survey.y[-1]) == (1351, 0, 1350, 15598.679)
    assert (len(iron), iron.x[-1]) == (55, 750), "56 declared; the file ends without a line end after the last row"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_phi_rates_equal_the_counts_of_their_text_twins(test_data: Path, tmp_path: Path, number: int) -> None:
    with zipfile.ZipFile(_xps(test_data) / "JesusF10_BN" / "data" / "raw" / "BN-SET-01" / f"BN-BS-{number}.zip") as it:
        it.extractall(tmp_path)
    compared = 0
    for path in tmp_path.rglob("*.spe"):
        twin = [line.split() for line in path.with_suffix(".txt").read_text("cp1252").splitlines()]
        tables = _tables(twin)
        scans = bg.read_all(path)
        texts = bg.read_all(path.with_suffix(".txt"))
        for scan, text, table in zip(scans, texts, tables[-len(scans) :], strict=True):
            time = _time_of(scan, table)
            np.testing.assert_allclose(scan.x[::-1], table[:, 0], rtol=0, atol=2e-3)
            np.testing.assert_allclose(scan.y[::-1] * time, table[:, 1], rtol=1e-5)  # six digits in the text
            np.testing.assert_array_equal((text.x[::-1], text.y[::-1]), (table[:, 0], table[:, 1]))
            assert (text.counts, text.metadata["dwell_s"]) == (True, pytest.approx(time))
            np.testing.assert_allclose(scan.sigma[::-1] * time, np.sqrt(np.maximum(table[:, 1], 1)), rtol=1e-4)
            compared += 1
    assert compared >= 7


def _tables(lines: list[list[str]]) -> list[np.ndarray]:
    """Two-column tables of the text twin: rows between its lines of words."""
    tables: list[list[tuple[float, float]]] = []
    inside = False
    for fields in lines:
        if fields and fields[0] == "Element":
            tables.append([])
            inside = True
        elif inside and len(fields) == 2:
            tables[-1].append((float(fields[0]), float(fields[1])))
        else:
            inside = False
    return [np.array(table) for table in tables]


def _time_of(scan: bg.Spectrum, table: np.ndarray) -> float:
    time = scan.metadata["dwell_s"]
    assert table[:, 1].sum() / scan.y.sum() == pytest.approx(time, rel=1e-4)
    return time


def test_phi_profile_holds_every_cycle_of_every_region(test_data: Path) -> None:
    folder = _xps(test_data) / "pynxtools_xps" / "tests" / "data"
    scans = bg.read_all(folder / "phi_pro" / "SnO2_10nm_1.pro")
    assert [scan.metadata["region"] for scan in scans[::21]] == ["Su1s", "C1s", "Si2p", "Sn3d5"]
    assert [scan.metadata["cycle_time_s"] for scan in scans[:21]] == [30.0 * i for i in range(21)]
    assert {len(scan) for scan in scans[:21]} == {1751}
    assert {len(scan) for scan in scans[21:]} == {101}
    assert all(scan.sigma is not None for scan in scans)
    single = bg.read(folder / "phi_spe" / "SnO2_10nm.spe")
    assert (len(single), single.x[0], single.x[-1]) == (1751, 0.0, 1400.0)


def test_a_transmission_column_divides_and_is_no_ordinate(tmp_path: Path) -> None:
    path = tmp_path / "pt.csv"
    rows = [(80 - 0.1 * i, 100 + i, 0.8 - 0.001 * i) for i in range(30)]
    for header in ("Binding Energy,Raw Data,Transmission", "BE (eV),counts,transmission"):
        path.write_text(f"{header}\n" + "".join(f"{x:.1f},{y},{t:.3f}\n" for x, y, t in rows))
        spectrum = bg.read(path)
        np.testing.assert_allclose(spectrum.y[::-1], [y / round(t, 3) for _, y, t in rows], rtol=1e-15)
        np.testing.assert_allclose(spectrum.sigma[::-1], [y**0.5 / round(t, 3) for _, y, t in rows], rtol=1e-12)
        assert "transmission_divided" in codes(spectrum)
    path.write_text("Binding Energy,Raw Data,Transmission\n" + "".join(f"{x:.1f},{y},1\n" for x, y, _ in rows))
    spectrum = bg.read(path)
    np.testing.assert_array_equal(spectrum.y[::-1], [y for _, y, _ in rows])
    assert spectrum.counts is True
    path.write_text("Binding Energy,Transmission\n" + "".join(f"{x:.1f},{t}\n" for x, _, t in rows))
    with pytest.raises(bg.UnknownFormat, match="which one is the intensity"):
        bg.read(path)
