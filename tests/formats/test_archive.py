from __future__ import annotations

import io
import struct
import zipfile

import pytest

import braggite as bg
from braggite.formats import archive
from braggite.formats.archive import Archive, member_names


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def test_members_come_back() -> None:
    content = zipped({"a/b.xml": b"<b/>", "c.txt": b"1 2\n" * 1000})
    opened = Archive(content, "x.brml")
    assert opened.names == member_names(content) == ("a/b.xml", "c.txt")
    assert opened.read("c.txt") == b"1 2\n" * 1000
    assert opened.place("c.txt") == "x.brml: c.txt"


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.xml", "a/../../b.xml", "C:/a.xml", "..\\a.xml", "a\\b.xml"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    content = zipped({name: b"x"})
    with pytest.raises(bg.UnknownFormat, match="leads out of the archive"):
        Archive(content, "x.brml")
    assert member_names(content) == ()


def test_a_bomb_is_stopped_while_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 3 << 20)
    opened = Archive(zipped({"bomb.xml": bytes(4 << 20), "small.xml": b"<a/>"}), "x.brml")
    with pytest.raises(bg.UnknownFormat, match=r"more than 3 MB") as caught:
        opened.read("bomb.xml")
    assert "bomb.xml" in str(caught.value)
    assert opened.read("small.xml") == b"<a/>"


def test_a_size_that_lies_does_not_help_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 3 << 20)
    content = zipped({"bomb.xml": bytes(4 << 20)}).replace(struct.pack("<I", 4 << 20), struct.pack("<I", 100))
    with pytest.raises((bg.UnknownFormat, bg.InvalidSpectrum), match=r"bomb\.xml"):
        Archive(content, "x.brml").read("bomb.xml")


def test_all_members_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 5 << 20)
    opened = Archive(zipped({"a": bytes(4 << 20), "b": bytes(4 << 20)}), "x.brml")
    opened.read("a")
    with pytest.raises(bg.UnknownFormat, match="more than 1 MB"):
        opened.read("b")


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(bg.UnknownFormat, match="more than 3 members"):
        Archive(zipped({str(n): b"" for n in range(4)}), "x.brml")


def test_encryption_is_refused_by_name() -> None:
    content = bytearray(zipped({"a.xml": b"<a/>"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(bg.UnknownFormat, match=r"'a.xml' is encrypted"):
        Archive(bytes(content), "x.brml")


def test_other_compressions_are_refused_by_name() -> None:
    with pytest.raises(bg.UnknownFormat, match="neither stored nor deflated"):
        Archive(zipped({"a.xml": b"<a/>"}, zipfile.ZIP_LZMA), "x.brml")


def test_a_name_that_stands_twice_is_refused() -> None:
    content = zipped({"a.xml": b"1", "b.xml": b"2"}).replace(b"b.xml", b"a.xml")
    with pytest.raises(bg.UnknownFormat, match="twice"):
        Archive(content, "x.brml")


def test_damage_is_our_error() -> None:
    content = zipped({"a.xml": b"<a>" + bytes(range(256)) * 40 + b"</a>"})
    for cut in range(0, len(content), 7):
        with pytest.raises(bg.InvalidSpectrum, match=r"x\.brml"):
            Archive(content[:cut], "x.brml")
    broken = content[:60] + bytes(20) + content[80:]
    with pytest.raises(bg.InvalidSpectrum, match=r"x\.brml: a\.xml: the member is damaged"):
        Archive(broken, "x.brml").read("a.xml")
    with pytest.raises(bg.InvalidSpectrum, match="missing"):
        Archive(content, "x.brml").read("c.xml")
