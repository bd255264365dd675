from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RAMAN_SHIFT, WAVENUMBER, MICROMETRES, SECONDS = 13, 1, 2, 4
SUBHEADER = "<BbHfffIIf4x"
Y = np.array([100 + (37 * i) % 91 for i in range(40)], dtype=float)
X = 200 + 1.5 * np.arange(40)


def header(flags: int, n: int, *, exponent: int = -128, subfiles: int = 1, **stated: int) -> bytes:
    return struct.pack(
        "<BBBbIddIBBBBI9s9sH32s130s30sIIBBHf48sfIfB187x",
        flags, stated.get("version", 0x4B), stated.get("experiment", 0), exponent, n, stated.get("first", 200),
        stated.get("last", 258.5), subfiles, stated.get("x_type", RAMAN_SHIFT), stated.get("y_type", 4), 0, 0,
        (2026 << 20) + (7 << 16) + (14 << 11) + (15 << 6) + 9, b"4 cm-1", b"lab", 0, b"", b"a film", b"",
        stated.get("log", 0), 0, 0, 0, 0, 0.0, b"", 0.0, 0, 0.0, 0,
    )  # fmt: skip


def subheader(index: int = 0, n: int = 0, exponent: int = -128) -> bytes:
    return struct.pack(SUBHEADER, 0, exponent, index, float(index), 0, 0, n, 0, 0)


def f4(values: Sequence[float] | np.ndarray) -> bytes:
    return np.asarray(values, dtype="<f4").tobytes()


def old_header(n: int, exponent: int, **stated: int) -> bytes:
    return struct.pack(
        "<BBhfffBBHBBBB8sHH28s130s30s", stated.get("flags", 0), 0x4D, exponent, n, 200, 258.5,
        stated.get("x_type", RAMAN_SHIFT), 4, 1995, 3, 2, 1, 0, b"4", 0, 16, b"", b"old film", b"",
    )  # fmt: skip


def swapped(values: np.ndarray) -> bytes:
    """Integers with their 16-bit halves exchanged, as the old form stores them."""
    whole = np.asarray(values, dtype="<i4").view("<u2").reshape(-1, 2)
    return whole[:, ::-1].tobytes()


def save(folder: Path, content: bytes) -> Path:
    path = folder / "scan.spc"
    path.write_bytes(content)
    return path


class TestOwnPositionsConformance(StoredPositions):
    reader = "spc"
    suffix = ".spc"

    def build(self, rows: list[Row]) -> bytes:
        x, y = ([float(row[column]) for row in rows] for column in (0, 1))
        return header(0x80, len(rows)) + f4(x) + subheader() + f4(y)

    def test_the_values_come_back_exactly(self, good: Path) -> None:
        """The form stores 32-bit floats."""
        spectrum = bg.read(good)
        np.testing.assert_array_equal(spectrum.x, np.array([row[0] for row in GOOD_ROWS], dtype="<f4"))
        np.testing.assert_array_equal(spectrum.y, [row[1] for row in GOOD_ROWS])


EXPONENT = 12
SCALED = (Y * 2.0 ** (32 - EXPONENT)).astype("<i4")
FORMS = {
    "float": header(0, 40) + subheader() + f4(Y),
    "32-bit integer": header(0, 40, exponent=EXPONENT) + subheader() + SCALED.tobytes(),
    "16-bit integer": header(1, 40, exponent=EXPONENT) + subheader() + (Y * 2.0**4).astype("<i2").tobytes(),
    "old": old_header(40, EXPONENT) + subheader() + swapped(SCALED),
    "positions of its own": header(0x80, 40) + f4(X) + subheader() + f4(Y),
    "positions in the subfile": header(0xC4, 512 + 32 + 320) + subheader(n=40) + f4(X) + f4(Y) + bytes(12),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_spectrum(tmp_path: Path, form: str) -> None:
    spectrum = bg.read(save(tmp_path, FORMS[form]))
    np.testing.assert_allclose(spectrum.x, X, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(spectrum.y, Y)
    assert (spectrum.technique, spectrum.source.n_scans) == ("raman", 1)


@pytest.mark.parametrize("old", [False, True], ids=["new", "old"])
def test_subfiles_are_scans(tmp_path: Path, old: bool) -> None:
    start = old_header(40, EXPONENT, flags=4) if old else header(4, 40, exponent=EXPONENT, subfiles=3)
    parts = [
        subheader(index, exponent=EXPONENT) + (swapped(SCALED + 0) if old else SCALED.tobytes()) for index in range(3)
    ]
    scans = bg.read_all(save(tmp_path, start + b"".join(parts)))
    assert [scan.metadata["index"] for scan in scans] == [0, 1, 2]
    for scan in scans:
        np.testing.assert_array_equal(scan.y, Y)


def test_a_subfile_has_its_own_exponent(tmp_path: Path) -> None:
    content = header(4, 40, exponent=99, subfiles=2) + subheader(0) + f4(Y)
    content += subheader(1, exponent=EXPONENT) + SCALED.tobytes()
    first, second = bg.read_all(save(tmp_path, content))
    np.testing.assert_array_equal(first.y, second.y)


def test_metadata_and_log(tmp_path: Path) -> None:
    content = header(0, 40, log=512 + 32 + 160) + subheader() + f4(Y)
    log = b"LASER (NM) = 532\r\nGRATING=600\r\n\0"
    content += struct.pack("<IIIII44x", 64 + len(log), 4096, 64, 0, 0) + log
    for end in (len(content) - 3, len(content) - len(log) - 1, len(content) - len(log) - 64):
        with pytest.raises(bg.InvalidSpectrum, match="log takes"):
            bg.read(save(tmp_path, content[:end]))
    metadata = bg.read(save(tmp_path, content)).metadata
    assert metadata["log"] == {"LASER (NM)": "532", "GRATING": "600"}
    assert (metadata["measured"], metadata["resolution"]) == ("2026-07-14T15:09", "4 cm-1")


def test_absorbance_and_percent_of_an_infrared_experiment(tmp_path: Path) -> None:
    stated = {"x_type": WAVENUMBER, "experiment": 4}
    absorbed = bg.read(save(tmp_path, header(0, 40, y_type=2, **stated) + subheader() + f4(Y / 200)))
    assert (absorbed.technique, absorbed.y_unit) == ("ftir", "absorbance")
    passed = bg.read(save(tmp_path, header(0, 40, y_type=128, **stated) + subheader() + f4(Y / 2)))
    assert (passed.technique, passed.metadata["transmittance_scale"]) == ("ftir", "percent")


def test_micrometres_become_wavenumbers(tmp_path: Path) -> None:
    stated = {"x_type": MICROMETRES, "y_type": 128, "first": 2, "last": 10}
    spectrum = bg.read(save(tmp_path, header(0, 40, **stated) + subheader() + f4(Y / 200)))
    assert (spectrum.x[0], spectrum.x[-1]) == (1000.0, 5000.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header(0, 40, version=0x4C) + subheader() + f4(Y), "big-endian"),
        (header(0, 40, x_type=SECONDS) + subheader() + f4(Y), "axis of type 4"),
        (header(0, 40, y_type=1) + subheader() + f4(Y), "interferogram"),
        (header(0, 0), "no points"),
        (header(4, 40, subfiles=0) + subheader() + f4(Y), "0 subfiles"),
        (header(0, 40, exponent=100) + subheader() + f4(Y), "exponent"),
        (header(0, 40) + subheader() + f4(Y) + b"xyz", "bytes follow"),
        (header(0, 0xFFFFFFFF) + subheader() + f4(Y), "are left"),
        (b"\0\x11" + bytes(600), "not a Galactic"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(bg.BraggiteError, match=message) as caught:
        bg.read(save(tmp_path, content))
    assert caught.value.exit_code == 3


TWINS = ("nCal_Qontor785_z005H12_100_1x3s", "PST_Reflex532_Z050_010_10000msx2")


@pytest.mark.parametrize("stem", TWINS)
def test_an_even_export_follows_its_text_twin(test_data: Path, stem: str) -> None:
    """WiRE resamples its `.spc` evenly (knowledge: peaks up to 6 % lower): equal after interpolation, not by index."""
    folder = test_data / "vibrational" / "ramanchada2_formats"
    even, twin = bg.read(folder / f"{stem}.spc"), np.loadtxt(folder / f"{stem}.txt")
    twin = twin[np.argsort(twin[:, 0])]
    assert len(even) == len(twin)
    np.testing.assert_allclose([even.x[0], even.x[-1]], twin[[0, -1], 0], rtol=5e-6)  # the text has six digits
    smooth = np.interp(even.x, twin[:, 0], twin[:, 1])
    assert float(np.median(np.abs(even.y - smooth))) < 0.001 * twin[:, 1].max()


EXPECTED = {
    "openspecy_samples/raman_atacamit.spc": (1, 559),
    "ramanchada2_formats/PST10_iR532_Probe_100_3000msx7.spc": (1, 3808),
    "ramanchada2_formats/PST_WITEcAlpha532_100x_075_10000ms_000_Spec.Data 1.spc": (1, 1600),
    "specio_sp/spectra.spc": (1, 1911),
    "wdf_parser/6x6.spc": (36, 1015),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_files(test_data: Path, name: str) -> None:
    """End points are the header's two doubles, read here with `struct` alone."""
    path = test_data / "vibrational" / name
    spectra = bg.read_all(path)
    ends = sorted(struct.unpack_from("<dd", path.read_bytes(), 8))
    assert [len(spectra), len(spectra[0])] == list(EXPECTED[name])
    for spectrum in spectra:
        np.testing.assert_allclose([spectrum.x[0], spectrum.x[-1]], ends, rtol=1e-7)
    assert {spectrum.technique for spectrum in spectra} == {"raman"}
