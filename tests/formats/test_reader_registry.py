from __future__ import annotations

import gzip
import importlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.reader_conformance import TESTED_READERS

import braggite as bg
from braggite.formats import registry
from braggite.formats.readers.refused import REFUSALS
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

SUFFIXES = [".xy", ".xye", ".csv", ".xrdml", ".json", ".dat", ".raw", ".brml", ".txt", ".chi", ""]


def test_readers_have_names_of_their_own_and_say_what_they_do() -> None:
    readers = registry.readers()
    assert len({reader.name for reader in readers}) == len(readers)
    for reader in readers:
        assert reader.title
        assert reader.refuses
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in reader.suffixes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(content=st.binary(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_random_bytes_raise_nothing_but_our_errors(tmp_path: Path, content: bytes, suffix: str) -> None:
    _read_or_refuse(tmp_path / f"x{suffix}", content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(
    content=st.text(alphabet="0123456789.,;eED+- \t\n\r\"'#naQ<>/*", max_size=120), suffix=st.sampled_from(SUFFIXES[:5])
)
def test_random_tables_raise_nothing_but_our_errors(tmp_path: Path, content: str, suffix: str) -> None:
    _read_or_refuse(tmp_path / f"x{suffix}", content.encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(
    tail=st.binary(max_size=100),
    head=st.sampled_from(
        [b"<xrdMeasurements>", b'{"schema": "braggite.spectrum/1", ', b"\xff\xfe", b"PK\x03\x04", b"RAW4.00"]
    ),
)
def test_a_true_beginning_and_a_random_end(tmp_path: Path, head: bytes, tail: bytes) -> None:
    _read_or_refuse(tmp_path / "x.xrdml", head + tail)


def _read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        spectrum = bg.read(path)
    except bg.BraggiteError as error:
        code = error.exit_code
    else:
        code = 0 if np.all(np.isfinite(spectrum.y)) and np.all(np.diff(spectrum.x) > 0) else -1
    assert code in (0, 3)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_known_formats_are_refused_by_name_with_advice(tmp_path: Path, refusal) -> None:
    for suffix in refusal.suffixes:
        path = tmp_path / f"x{suffix}"
        path.write_bytes(b"\x01\x02 unreadable")
        with pytest.raises(bg.UnknownFormat, match="cannot be read") as caught:
            bg.read(path)
        assert refusal.title in str(caught.value)
        assert caught.value.suggestion


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (b"###CBF: VERSION 1.5\r\n", "two-dimensional frame"),
        (b"II*\x00\x08\x00\x00\x00", "two-dimensional frame"),
        (b"{\nHeaderID = EH:000001:000000:000000 ;\n", "two-dimensional frame"),
        (b"{\nHEADER_BYTES=  512;\n", "two-dimensional frame"),
        (b"FORMAT :100       VERSION:11", "two-dimensional frame"),
        (b"V3RD\x00\x00", "Philips RD or SD"),
        (b"SQLite format 3\x00", "SPECS or Kratos database"),
    ],
)
def test_known_beginnings_are_refused_under_any_suffix(tmp_path: Path, head: bytes, title: str) -> None:
    for suffix in (".xy", ".raw", ""):
        path = tmp_path / f"x{suffix}"
        path.write_bytes(head + bytes(20))
        with pytest.raises(bg.UnknownFormat, match=f"{title} files cannot be read"):
            bg.read(path)


@pytest.mark.parametrize(("member", "title"), [("x.npy", "numpy"), ("a.txt", "zip archive")])
def test_archives_are_refused_by_their_members(tmp_path: Path, member: str, title: str) -> None:
    path = tmp_path / "x.zipped"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "1 2")
    with pytest.raises(bg.UnknownFormat, match=title):
        bg.read(path)


def test_magic_bytes_speak_before_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "scan.xy"
    path.write_bytes(gzip.compress(b"10 1\n11 2\n"))
    with pytest.raises(bg.UnknownFormat, match="gzip"):
        bg.read(path)
    path.write_bytes(b"RAW1.01\x00" + bytes(400))
    with pytest.raises(bg.InvalidSpectrum, match="the file header takes 712 bytes"):
        bg.read(path)


def test_text_under_a_foreign_suffix_is_sniffed(tmp_path: Path) -> None:
    path = tmp_path / "scan.001x"
    path.write_text("10 1\n11 2\n12 3\n")
    assert bg.read(path).source.format == "text"


def test_every_reader_joins_the_conformance_tests() -> None:
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(file.stem)
    refused = {refusal.name for refusal in REFUSALS}
    assert {reader.name for reader in registry.readers()} - refused == TESTED_READERS


@pytest.mark.parametrize("reader", [r for r in registry.readers() if r.text], ids=lambda reader: reader.name)
def test_text_readers_never_claim_a_nul(reader: Reader, tmp_path: Path) -> None:
    for suffix in reader.suffixes:
        path = tmp_path / f"x{suffix}"
        assert reader.evidence(b"10 1\n11 2\n" + bytes(4), path, ()) == Evidence.NONE
        plain = reader.evidence(b"10 1\n11 2\n", path, ())
        assert reader.evidence("10 1\n11 2\n".encode("utf-16"), path, ()) == plain


def test_an_archive_is_told_by_its_members_before_its_suffix(tmp_path: Path) -> None:
    reader = Reader(
        "lab", "ours", (), lambda head, path: Evidence.NONE, lambda *_: [], archive_member=r"^lab/scan\.xml$"
    )
    assert reader.evidence(b"PK", tmp_path / "x.brml", ("lab/scan.xml",)) == Evidence.ARCHIVE_MANIFEST
    assert reader.evidence(b"PK", tmp_path / "x.lab", ("scan.xml",)) == Evidence.NONE


def test_every_scan_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text("region,x,y\n" + "".join(f"{name},{x},{x % 7}\n" for name in "AB" for x in range(10, 40)))
    scans = bg.read_all(path, technique="xrd", wavelength=1.0)
    assert [(scan.source.scan, scan.source.n_scans, len(scan)) for scan in scans] == [(0, 2, 30), (1, 2, 30)]
    assert not [note for scan in scans for note in scan.diagnostics if note.code == "several_scans"]
    assert "several_scans" in [note.code for note in bg.read(path, technique="xrd").diagnostics]


def test_nothing_recognisable_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "notes.qqq"
    path.write_text("dear diary")
    with pytest.raises(bg.UnknownFormat, match="no reader recognises") as caught:
        bg.read(path)
    assert ".xy" in (caught.value.suggestion or "")


class _EntryPoint:
    name, value = "lab", "lab.reader"

    def __init__(self, loaded: object) -> None:
        self.loaded = loaded

    def load(self) -> object:
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch):
    def install(loaded: object) -> None:
        monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [_EntryPoint(loaded)])
        registry.readers.cache_clear()

    yield install
    monkeypatch.undo()
    registry.readers.cache_clear()


def test_another_package_adds_a_reader(plugin, tmp_path: Path) -> None:
    def read(content: bytes, where: str):
        x = np.arange(len(content)) + 1.0
        return [lambda: Scan(x, np.frombuffer(content, np.uint8).astype(float), where, technique="xrd")]

    claims = lambda head, path: Evidence.SUFFIX if path.suffix == ".lab" else Evidence.NONE  # noqa: E731
    plugin(Reader("lab", "our own machine", (".lab",), claims, read))
    path = tmp_path / "a.lab"
    path.write_bytes(b"\x05\x06\x07")
    spectrum = bg.read(path)
    assert spectrum.source.format == "lab"
    np.testing.assert_array_equal(spectrum.y, [5, 6, 7])


LAB_READER = """
import numpy as np
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

def claims(head, path):
    return Evidence.MAGIC if head.startswith(b"LAB1") else Evidence.NONE

def read(content, where):
    y = np.frombuffer(content[4:], np.uint8).astype(float)
    return [lambda: Scan(10.0 + np.arange(y.size), y, where, technique="xrd")]

READER = Reader("lab", "our own machine", (".lab",), claims, read)
"""


def test_an_installed_package_adds_a_reader_by_its_entry_point(tmp_path: Path, monkeypatch) -> None:
    """As pip leaves it: a module, and the metadata that names it in the group."""
    (tmp_path / "lab_machine.py").write_text(LAB_READER)
    metadata = tmp_path / "lab_machine-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-machine\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[braggite.readers]\nlab = lab_machine:READER\n")
    path = tmp_path / "scan.xy"
    path.write_bytes(b"LAB1\x05\x06\x07")
    monkeypatch.syspath_prepend(tmp_path)
    registry.readers.cache_clear()
    try:
        spectrum = bg.read(path)
    finally:
        monkeypatch.undo()
        registry.readers.cache_clear()
    assert spectrum.source.format == "lab"
    np.testing.assert_array_equal(spectrum.y, [5, 6, 7])


def test_a_broken_plugin_is_named(plugin, tmp_path: Path) -> None:
    plugin(ImportError("no module lab"))
    path = tmp_path / "a.xy"
    path.write_text("10 1\n11 2\n")
    with pytest.raises(bg.InternalError, match="'lab'"):
        bg.read(path)
