"""Bruker RAW 1 to 4 and STOE, from writers that pack the fields one after another: no offsets are shared."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import GOOD_ROWS, ReaderConformance, Row, grid

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

SINGLE = 1e-6  # start and step are stored in single precision


def singles(rows: list[Row]) -> bytes:
    return struct.pack(f"<{len(rows)}f", *(float(y) for _, y in rows))


def raw1(*ranges: list[Row], seconds: float = 4.0, lines: tuple[float, float] = (1.5406, 1.54443)) -> bytes:
    parts = []
    for index, rows in enumerate(ranges):
        start, step = grid(rows)
        parts += [
            b"RAW ",
            struct.pack("<IffII", len(rows), seconds, step, 0, 0),
            struct.pack("<ffff", start, -1e6, -1e6, -1e6),
            b"cement 12".ljust(32, b"\0"),
            struct.pack("<ff", *lines),
            bytes(72),
            struct.pack("<I", len(ranges) - 1 - index),
            singles(rows),
        ]
    return b"".join(parts)


def raw2(*ranges: list[Row], seconds: float = 3.0, ratio: float = 0.5, header: int = 60) -> bytes:
    parts = [
        b"RAW2",
        struct.pack("<H", len(ranges)),
        bytes(2),
        b"zincite".ljust(160, b"\0"),
        b"19-12-1997",
        b"21:57".ljust(10, b"\0"),
        b"Cu",
        struct.pack("<ffff", 1.5406, 1.5443, ratio, 1.3924),
    ]
    parts.append(bytes(256 - sum(map(len, parts))))
    for rows in ranges:
        start, step = grid(rows)
        head = struct.pack("<HH", header, len(rows)) + bytes(4) + struct.pack("<fff", seconds, step, start)
        parts += [head.ljust(header, b"\0"), singles(rows)]
    return b"".join(parts)


def raw3(*ranges: list[Row], kind: int = 0, stored: int = 0, radius: float = 217.5, extra: int = 0) -> bytes:
    fields = [
        b"RAW1.01\0",
        bytes(4),
        struct.pack("<i", len(ranges)),
        b"01-02-2003",
        b"04:05:06".ljust(10),
        bytes(72),
        bytes(218),
        b"LLZO".ljust(60, b"\0"),
        bytes(160),
        bytes(18),
        struct.pack("<f", radius),
        bytes(40),
        b"Cu\0\0",
        bytes(4),
        struct.pack("<5d", 1.5418, 1.540598, 1.544426, 1.39222, 0.5),
    ]
    parts = [b"".join(fields).ljust(712, b"\0")]
    for rows in ranges:
        start, step = grid(rows)
        head = [
            struct.pack("<ii", 304, len(rows)),
            struct.pack("<dd", start / 2, start),
            bytes(152),
            struct.pack("<d", step),
            bytes(8),
            struct.pack("<f", 1.5),
            struct.pack("<i", kind),
            bytes(12),
            struct.pack("<f", 25.0),
            bytes(24),
            struct.pack("<d", 1.5406),
            struct.pack("<Iii", (1 << stored) - 1, 4 + 8 * stored, extra),
        ]
        parts += [b"".join(head).ljust(304, b"\0"), bytes(extra)]
        for x, y in rows:
            parts.append(struct.pack(f"<f{stored}d", float(y), *(float(x) / (k + 1) for k in range(stored))))
    return b"".join(parts)


def segment(kind: int, body: bytes) -> bytes:
    return struct.pack("<II", kind, 8 + len(body)) + body


def drive(name: str, position: float, flag: int = 1) -> bytes:
    return segment(50, struct.pack("<I", flag) + name.encode().ljust(44, b"\0") + struct.pack("<d", position))


def raw4(
    *ranges: list[Row], datum: int = 4, drives: bytes | None = None, axis: str = "Locked Coupled", ratio: float = 0.5
) -> bytes:
    parts = [
        b"RAW4.00\0".ljust(12, b"\0") + b"07/11/2018".ljust(12, b"\0") + b"15:55:31".ljust(10, b"\0"),
        segment(10, bytes(4) + b"SAMPLEID".ljust(24, b"\0") + b"TiO2"),
        segment(30, bytes(64) + struct.pack("<5d", 1.5418, 1.5406, 1.54439, 1.39222, ratio) + bytes(20)),
    ]
    parts[0] = parts[0].ljust(61, b"\0")
    for rows in ranges:
        start, step = grid(rows)
        nested = drive("Theta", start / 2) + drive("2Theta", start) if drives is None else drives
        fields = [
            struct.pack("<dd", start, step),
            struct.pack("<If", len(rows), 77.9),
            bytes(4),
            struct.pack("<ff", 40.0, 30.0),
            bytes(4),
            struct.pack("<d", 1.5406),
            bytes(16),
            struct.pack("<II", datum, len(nested)),
            bytes(16),
        ]
        marker = struct.pack("<II", 0, len(rows)) + bytes(24) + axis.encode().ljust(24, b"\0") + bytes(16)
        data = b"".join(struct.pack("<f", float(y)) + bytes(datum - 4) for _, y in rows)
        parts += [marker, b"".join(fields), nested, data]
    return b"".join(parts)


def stoe(rows: list[Row], version: bytes = b"RAW_1.06Powdat", end_off: float = 0.0) -> bytes:
    start, step = grid(rows)
    head = bytearray(2560)
    for at, packed in (
        (0, version),
        (0x142, struct.pack("<2f", 1.540598, 1.544426)),
        (0x156, struct.pack("<f", step)),
        (0x23C, struct.pack("<2f", start, start + len(rows) * step + end_off)),
        (0x822, struct.pack("<h", len(rows))),
    ):
        head[at : at + len(packed)] = packed
    return bytes(head) + struct.pack(f"<{len(rows)}i", *(int(y) for _, y in rows)) + bytes(100)


class Binary(ReaderConformance):
    suffix = ".raw"


class TestRaw1(Binary):
    reader = "bruker-raw1"
    position_tolerance_deg = SINGLE

    def build(self, rows: list[Row]) -> bytes:
        return raw1(rows)


class TestRaw2(Binary):
    reader = "bruker-raw2"
    position_tolerance_deg = SINGLE

    def build(self, rows: list[Row]) -> bytes:
        return raw2(rows)


class TestRaw3(Binary):
    reader = "bruker-raw3"

    def build(self, rows: list[Row]) -> bytes:
        return raw3(rows)


class TestRaw3WithPositions(Binary):
    reader = "bruker-raw3"

    def build(self, rows: list[Row]) -> bytes:
        return raw3(rows, stored=2, extra=40)


class TestRaw4(Binary):
    reader = "bruker-raw4"

    def build(self, rows: list[Row]) -> bytes:
        return raw4(rows)


class TestRaw4WithWideData(Binary):
    reader = "bruker-raw4"

    def build(self, rows: list[Row]) -> bytes:
        return raw4(rows, datum=8)


class TestStoe(Binary):
    reader = "stoe-raw"
    position_tolerance_deg = SINGLE

    def build(self, rows: list[Row]) -> bytes:
        whole = [(x, 2**31 - 1 if isinstance(y, str) else y) for x, y in rows]
        return stoe(whole)

    def test_a_value_that_is_no_number_is_refused_with_its_place(self, tmp_path: Path) -> None:
        """Counts are integers here: the fault is a count that cannot be."""
        with pytest.raises(bg.InvalidSpectrum, match=r"scan\.raw: byte"):
            bg.read(self.write(tmp_path, stoe(GOOD_ROWS, end_off=1.0)))


SECOND: list[Row] = [(60 + 0.05 * i, 7 + i) for i in range(30)]


@pytest.fixture
def read(tmp_path: Path):
    def read_bytes(content: bytes, **options) -> bg.Spectrum:
        path = tmp_path / "scan.raw"
        path.write_bytes(content)
        return bg.read(path, **options)

    return read_bytes


def codes(scan: bg.Spectrum) -> list[str]:
    return [note.code for note in scan.diagnostics]


@pytest.mark.parametrize("build", [raw1, raw2, raw3, raw4], ids=lambda build: build.__name__)
def test_a_range_is_a_scan(read, build) -> None:
    content = build(GOOD_ROWS, SECOND)
    first, second = read(content), read(content, scan=1)
    assert "several_scans" in codes(first)
    assert (len(first), len(second), second.source.n_scans) == (120, 30, 2)
    np.testing.assert_array_equal(second.y, [y for _, y in SECOND])
    np.testing.assert_allclose(second.x, [x for x, _ in SECOND], rtol=0, atol=5e-6, err_msg="single precision")


@pytest.mark.parametrize("build", [raw1, raw2, raw3, raw4], ids=lambda build: build.__name__)
def test_data_that_do_not_fill_the_file_are_refused(read, build) -> None:
    assert len(read(build(GOOD_ROWS) + bytes(64))) == 120
    with pytest.raises(bg.BraggiteError, match="byte"):
        read(build(GOOD_ROWS) + b"more")


@pytest.mark.parametrize("build", [raw1, raw2, raw3], ids=lambda build: build.__name__)
def test_rates_of_known_time(read, build) -> None:
    seconds = {"raw1": 4.0, "raw2": 3.0, "raw3": 1.5}[build.__name__]
    scan = read(build([(x, y / seconds) for x, y in GOOD_ROWS]))
    assert (scan.counts, scan.y_unit) == (False, "counts/s")
    np.testing.assert_allclose(scan.sigma, [math.sqrt(y) / seconds for _, y in GOOD_ROWS], rtol=1e-6)


def test_the_time_of_version_4_makes_no_sigma(read) -> None:
    scan = read(raw4([(x, y / 77.9) for x, y in GOOD_ROWS]))
    assert scan.sigma is None
    assert "sigma_unknown" in codes(scan)
    assert scan.metadata["seconds_per_step"] == pytest.approx(77.9)


def test_what_else_the_headers_say(read) -> None:
    scan = read(raw3(GOOD_ROWS))
    assert scan.name == "LLZO"
    assert scan.instrument.radius_mm == 217.5
    assert scan.radiation.lines == ((1.540598, 1.0), (1.544426, 0.5))
    assert (scan.metadata["temperature"], scan.metadata["seconds_per_step"]) == (25.0, 1.5)
    assert read(raw4(GOOD_ROWS)).name == "TiO2"
    assert read(raw4(GOOD_ROWS, ratio=0.0)).radiation.lines == ((1.5406, 1.0),)
    assert read(raw2(GOOD_ROWS)).name == "zincite"
    assert "wavelength_assumed" in codes(read(raw1(GOOD_ROWS, lines=(-1e6, -1e6))))


def test_other_axes_are_refused(read) -> None:
    with pytest.raises(bg.UnknownFormat, match="type 3"):
        read(raw3(GOOD_ROWS, kind=3))
    with pytest.raises(bg.UnknownFormat, match="moves Phi"):
        read(raw4(GOOD_ROWS, drives=drive("2Theta", 30.0) + drive("Phi", 10.0)))
    with pytest.raises(bg.UnknownFormat, match="Rocking"):
        read(raw4(GOOD_ROWS, drives=b"", axis="Rocking Curve"))


def test_a_drive_that_did_not_move_does_not_count(read) -> None:
    assert len(read(raw4(GOOD_ROWS, drives=drive("Phi", 10.0, flag=0) + drive("2Theta", 10.0)))) == 120
    assert len(read(raw4(GOOD_ROWS, drives=drive("2Theta", 99.0) + drive("2Theta", 10.0)))) == 120


def test_a_record_length_must_fit_its_positions(read) -> None:
    content = bytearray(raw3(GOOD_ROWS, stored=1))
    content[712 + 252] = 8
    with pytest.raises(bg.InvalidSpectrum, match="records of 8 bytes with 1 positions"):
        read(bytes(content))


def test_stored_positions_must_follow_the_range(read) -> None:
    wrong = raw3(GOOD_ROWS, stored=1).replace(struct.pack("<d", 10.5), struct.pack("<d", 11.5))
    with pytest.raises(bg.InvalidSpectrum, match="no stored position"):
        read(wrong)


def test_other_stoe_versions_are_refused(read) -> None:
    with pytest.raises(bg.UnknownFormat, match=r"1\.06"):
        read(stoe(GOOD_ROWS, version=b"RAW_1.07Powdat"))


def test_a_further_range_of_another_form_is_refused(read) -> None:
    content = raw1(GOOD_ROWS, SECOND).replace(b"RAW ", b"xyz ").replace(b"xyz ", b"RAW ", 1)
    with pytest.raises(bg.UnknownFormat, match="does not begin as the first"):
        read(content)


def block(number: int, content: bytes) -> bytes:
    return struct.pack("<Hi", number, len(content)) + content


def sp_text(text: str) -> bytes:
    return struct.pack("<HH", 0x7523, len(text)) + text.encode()


def perkinelmer_sp(rows: list[Row], *, interval: float | None = None, first: int = 120, y_label: str = "A") -> bytes:
    start, step = grid(rows)
    ends = (start, start + step * (len(rows) - 1))
    y = np.array([float(y) for _, y in rows], dtype="<f8").tobytes()
    history = block(0x8B73, sp_text("Created as New Dataset")) + block(0x8B74, sp_text("Thu Mar 09 09:19:21 2006"))
    members = block(0x8B7F, block(121, history)) + block(0x8B72, struct.pack("<H2d", 0x751D, *ends))
    members += block(0x8B74, struct.pack("<Hd", 0x751B, step if interval is None else interval))
    members += block(0x8B75, struct.pack("<Hi", 0x752B, len(rows)))
    members += block(0x8B77, sp_text("cm-1")) + block(0x8B78, sp_text(y_label)) + block(0x8B81, sp_text("strip"))
    members += block(0x8B7C, struct.pack("<Hi", 0x7516, len(y)) + y)
    return b"PEPE" + b"2D constant interval DataSet file".ljust(40, b"\0") + block(first, members)


class TestPerkinElmerConformance(ReaderConformance):
    reader = "perkinelmer-sp"
    suffix = ".sp"

    def build(self, rows: list[Row]) -> bytes:
        return perkinelmer_sp(rows)


ABSORBANCES: list[Row] = [(4000 - 2 * i, 0.01 * i) for i in range(50)]


def test_perkinelmer_labels_and_history(tmp_path: Path) -> None:
    path = tmp_path / "a.sp"
    path.write_bytes(perkinelmer_sp(ABSORBANCES))
    spectrum = bg.read(path)
    assert (spectrum.technique, spectrum.y_unit, spectrum.name) == ("ftir", "absorbance", "strip")
    assert spectrum.metadata["history"] == ["Created as New Dataset", "Thu Mar 09 09:19:21 2006"]
    path.write_bytes(perkinelmer_sp([(x, 90 + float(y)) for x, y in ABSORBANCES], y_label="%T"))
    spectrum = bg.read(path)
    assert (spectrum.y_unit, spectrum.metadata["transmittance_scale"]) == ("transmittance", "percent")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (perkinelmer_sp(ABSORBANCES, interval=-1.0), "make 99 points, 50 stand here"),
        (perkinelmer_sp(ABSORBANCES, interval=0.0), "the step is 0"),
        (perkinelmer_sp(ABSORBANCES, first=5100), r"\(block 5100\), not one spectrum"),
        (perkinelmer_sp(ABSORBANCES).replace(b"\x2b\x75", b"\x23\x75"), "number of points is of another type"),
        (perkinelmer_sp(ABSORBANCES) + b"rest", "bytes follow the last block|takes"),
    ],
)
def test_perkinelmer_refusals(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.sp"
    path.write_bytes(content)
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(path)
