"""Excel workbooks and what Avantage exports, as workbook and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import pytest
from tests.formats.hostile_containers import ArchiveFormat, XmlFormat, zipped
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Cells = list[tuple[object, ...]]


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


def column(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else column(index // 26 - 1) + column(index % 26)


def sheet_xml(cells: Cells, strings: list[str]) -> str:
    """Numbers as numbers, texts as shared strings; empty cells are left out."""
    rows = []
    for number, row in enumerate(cells, start=1):
        out = ""
        for index, value in enumerate(row):
            place = f"{column(index)}{number}"
            if isinstance(value, str) and value:
                strings.append(value)
                out += f'<c r="{place}" t="s"><v>{len(strings) - 1}</v></c>'
            elif value != "":
                out += f'<c r="{place}" s="1"><v>{value!r}</v></c>'
        rows.append(f'<row r="{number}">{out}</row>')
    return f'<worksheet xmlns="urn:m"><dimension ref="A1"/><sheetData>{"".join(rows)}</sheetData></worksheet>'


def workbook(sheets: dict[str, Cells], hidden: Sequence[str] = ()) -> dict[str, bytes]:
    """Members of an archive with these sheets."""
    strings: list[str] = []
    named, relations, members = "", "", {}
    for number, (name, cells) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        named += f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>'
        relations += f'<Relationship Id="rId{number}" Type="worksheet" Target="worksheets/sheet{number}.xml"/>'
        members[f"xl/worksheets/sheet{number}.xml"] = sheet_xml(cells, strings)
    shared = "".join(f"<si><r><t>{escape(text)}</t></r><rPh><t>kana</t></rPh></si>" for text in strings)
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="urn:m" xmlns:r="urn:r"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="urn:p">{relations}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="urn:m">{shared}</sst>',
        **members,
    }
    return {name: text.encode() for name, text in parts.items()}


def spectrum_cells(rows: Sequence[tuple[object, object]]) -> Cells:
    return [("two theta", "counts"), *rows]


class TestWorkbookConformance(StoredPositions, XmlFormat, ArchiveFormat):
    reader = "xlsx"
    suffix = ".xlsx"

    def members(self, rows: list[Row]) -> dict[str, bytes]:
        filled = [(x, "#N/A" if isinstance(y, str) else y) for x, y in rows]
        return workbook({"scan": spectrum_cells(filled)})

    def xml(self, rows: list[Row]) -> bytes:
        return self.members(rows)["xl/worksheets/sheet1.xml"]

    def wrap(self, xml: bytes, rows: list[Row]) -> bytes:
        return zipped({**self.members(rows), "xl/worksheets/sheet1.xml": xml})

    def test_one_point_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(bg.UnknownFormat, match="none of the 1 sheets"):
            bg.read(self.write(tmp_path, self.build(GOOD_ROWS[:1])))


def written(folder: Path, sheets: dict[str, Cells], hidden: Sequence[str] = ()) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(zipped(workbook(sheets, hidden)))
    return path


PATTERN: Cells = [(10 + 0.1 * i, 50 + i % 7) for i in range(40)]


def test_sheets_with_a_table_are_scans_and_others_are_passed_over(tmp_path: Path) -> None:
    sheets: dict[str, Cells] = {
        "notes": [("measured on a Monday",)],
        "a": [("sample: x",), (), ("2theta", "counts"), *PATTERN],
        "results": [("name", "position", "area"), *((f"peak {i}", 20.0 + i, 7.5 * i) for i in range(20))],
        "b": [(*row, "", 1.5, 2.5) for row in PATTERN],
        "secret": PATTERN,
    }
    first, second = bg.read_all(written(tmp_path, sheets, hidden=["secret"]))
    assert (first.name, first.metadata["sheet"], second.metadata["sheet"]) == ("x a", "a", "b")
    np.testing.assert_array_equal(second.y, [row[1] for row in PATTERN])
    assert "columns_unused" in codes(second)


def test_a_fault_in_a_sheet_is_named_with_its_row(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [(), ("2theta", "counts"), *PATTERN[:9], (10.9, "high"), *PATTERN[10:]]})
    with pytest.raises(bg.InvalidSpectrum, match=r"book\.xlsx: sheet 'a':12: 'high' is not a number"):
        bg.read(path)


@pytest.mark.parametrize(
    ("member", "old", "new", "message"),
    [
        ("xl/worksheets/sheet1.xml", b'r="B3"', b'r="7B"', "sheet 'a':3: a cell is called '7B'"),
        ("xl/worksheets/sheet1.xml", b'r="B3"', b'r="ZZZ3"', "sheet 'a':3: column '18278' is outside"),
        ("xl/worksheets/sheet1.xml", b'row r="3"', b'row r="99999999"', "row '99999999' is outside"),
        ("xl/worksheets/sheet1.xml", b't="s"><v>0<', b't="s"><v>99<', "text '99' of the workbook is missing"),
        ("xl/_rels/workbook.xml.rels", b"sheet1", b"sheet7", "sheet7.xml: .*missing"),
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, member: str, old: bytes, new: bytes, message: str) -> None:
    members = workbook({"a": spectrum_cells([row[:2] for row in PATTERN])})
    members[member] = members[member].replace(old, new, 1)
    path = tmp_path / "book.xlsx"
    path.write_bytes(zipped(members))
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(path)


def export(rows: Sequence[tuple[object, object]], unit: str = "Counts / s", *, energy: str = "Binding") -> Cells:
    head: Cells = [("\ufeff",), ("Axis", "Energy", "Elements=", str(len(rows))), (), ("C:\\data\\O1s Scan.VGD",), ()]
    head += [(f"{energy} Energy (E)", "", "", "", "O1s", "Backgnd."), ("eV", "", unit, "", unit, unit)]
    return head + [(x, "", y, "", 0.5, 0.25) for x, y in rows]


def as_text(cells: Cells) -> str:
    return "".join("\t".join(str(cell) for cell in row).rstrip() + "\r\n" for row in cells)


class TestExportConformance(StoredPositions):
    reader = "avantage-export"
    suffix = ".txt"

    def build(self, rows: list[Row]) -> bytes:
        return as_text(export(rows, "Counts")).encode()


OXYGEN = [(540.08 - 0.1 * i, 7876.02 + (31 * i) % 97) for i in range(30)]


def test_an_export_reads_the_same_as_workbook_and_as_text(tmp_path: Path) -> None:
    peaks: Cells = [("Name", "Peak BE"), *((f"O1s {i}", 530.0 + i) for i in range(20))]
    book = bg.read(written(tmp_path, {"Peak Table": peaks, "O1s Scan": export(OXYGEN)}))
    path = tmp_path / "o1s.txt"
    path.write_text(as_text(export(OXYGEN)), encoding="utf-8")
    text = bg.read(path)
    for spectrum in (book, text):
        np.testing.assert_allclose(spectrum.x[::-1], [x for x, _ in OXYGEN], rtol=0, atol=1e-9)
        np.testing.assert_array_equal(spectrum.y[::-1], [y for _, y in OXYGEN])
        assert (spectrum.technique, spectrum.name, spectrum.y_unit) == ("xps", "O1s Scan", "counts/s")
        assert spectrum.metadata["further_columns"] == ["O1s", "Backgnd."]


def test_whole_rates_without_a_dwell_are_no_counts(tmp_path: Path) -> None:
    """Avantage prints six digits: every rate above 100 000 looks whole."""
    path = written(tmp_path, {"s": export([(x, round(1e5 + y)) for x, y in OXYGEN])})
    spectrum = bg.read(path)
    assert (spectrum.counts, spectrum.sigma, spectrum.y_unit) == (None, None, "counts/s")
    assert "sigma_unknown" in codes(spectrum)


def test_kinetic_energies_of_an_export_need_a_photon_energy(tmp_path: Path) -> None:
    path = written(tmp_path, {"s": export([(900 + x, y) for x, y in OXYGEN], energy="Kinetic")})
    with pytest.raises(bg.UnknownFormat, match="photon energy"):
        bg.read(path)
    assert bg.read(path, photon_energy_ev=1486.68).x[0] == pytest.approx(1486.68 - 900 - 540.08)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (export(OXYGEN)[:-1], "30 energies are declared, 29 rows"),
        ([*export(OXYGEN)[:2], ("Axis", "Etch Time", "Elements=", "7"), *export(OXYGEN)[3:]], "over Etch Time too"),
        (export(OXYGEN, "V"), "no column in counts"),
        (export(OXYGEN)[:5], "no line of titles"),
    ],
)
def test_refusals_of_exports(tmp_path: Path, cells: Cells, message: str) -> None:
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(written(tmp_path, {"s": cells}))


def test_the_export_of_a_hard_carbon(test_data: Path) -> None:
    """Referent: the same five regions in a workbook of another program, which holds them as plain columns."""
    folder = test_data / "xps" / "kherve_uksaf" / "DATA" / "UKSAF"
    exported = bg.read_all(folder / "Hard_carbon_Thermo.xlsx")
    plain = bg.read_all(folder / "Hard_carbon_Thermo_Kfitting.xlsx")
    assert [scan.metadata["region"] for scan in exported] == [
        "Survey Scan", "O1s Scan", "Na1s Scan", "C1s Scan", "CKLL Scan",
    ]  # fmt: skip
    for scan, twin in zip(exported, plain, strict=True):
        np.testing.assert_allclose(scan.x, twin.x, rtol=0, atol=1e-9)
        np.testing.assert_allclose(scan.y, twin.y, rtol=1e-12)
    carbon = exported[3]
    assert carbon.x[np.argmax(carbon.y)] == pytest.approx(284.53, abs=0.1), "sp2 of its own table of fits; step 0.1"


def test_a_workbook_with_a_transmission_equals_its_vamas_twin(test_data: Path) -> None:
    folder = test_data / "xps" / "kherve_uksaf" / "DATA" / "UKSAF"
    sheet, vamas = bg.read(folder / "Pt4f.xlsx"), bg.read(folder / "Pt4f.vms")
    np.testing.assert_allclose(sheet.x, vamas.x - 0.01, rtol=0, atol=1e-9, err_msg="a photon energy 0.01 eV lower")
    np.testing.assert_allclose(sheet.y, vamas.y, rtol=1e-12)
    assert "transmission_divided" in codes(sheet)
