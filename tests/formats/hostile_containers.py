"""Attacks on archives and XML that every reader of such a format meets: mix these into its conformance class."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.formats.reader_conformance import GOOD_ROWS, ReaderConformance, Row
from tests.formats.robustness import limited_memory

import braggite as bg
from braggite.formats.archive import MAX_MEMBERS

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT_TYPES = {
    "laughs": b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    "outside": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


class XmlFormat(ReaderConformance):
    """Subclasses say which XML stands in a file: `xml`, and how it gets into one: `wrap`."""

    def xml(self, rows: list[Row]) -> bytes:
        raise NotImplementedError

    def wrap(self, xml: bytes, rows: list[Row]) -> bytes:
        """A file that holds this XML instead of its own."""
        raise NotImplementedError

    @pytest.mark.parametrize("kind", DOCUMENT_TYPES)
    def test_document_types_and_entities_are_refused(self, tmp_path: Path, kind: str) -> None:
        xml = re.sub(rb"<(?=[A-Za-z])", DOCUMENT_TYPES[kind] + b"<", self.xml(GOOD_ROWS), count=1)
        with pytest.raises(bg.UnknownFormat, match="document type or entities"):
            bg.read(self.write(tmp_path, self.wrap(xml, GOOD_ROWS)))

    def test_deep_nesting_is_refused(self, tmp_path: Path) -> None:
        head, _, tail = self.xml(GOOD_ROWS).rpartition(b"</")
        nested = head + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</" + tail
        with limited_memory(), pytest.raises(bg.UnknownFormat, match="levels deep"):
            bg.read(self.write(tmp_path, self.wrap(nested, GOOD_ROWS)))


class ArchiveFormat(ReaderConformance):
    """Subclasses give `members`; the last one is what a bomb replaces."""

    def members(self, rows: list[Row]) -> dict[str, bytes]:
        raise NotImplementedError

    def build(self, rows: list[Row]) -> bytes:
        return zipped(self.members(rows))

    def refused(self, folder: Path, content: bytes, message: str) -> None:
        path = self.write(folder, content)
        with limited_memory(), pytest.raises(bg.UnknownFormat, match=message) as caught:
            bg.read(path)
        assert str(path) in str(caught.value)

    @pytest.mark.parametrize("name", ["../../x.xml", "/etc/passwd", "C:\\x.xml"])
    def test_path_tricks_are_refused_by_name(self, tmp_path: Path, name: str) -> None:
        self.refused(tmp_path, zipped({**self.members(GOOD_ROWS), name: b""}), "leads out of the archive")

    def test_a_bomb_is_refused_by_name(self, tmp_path: Path) -> None:
        members = self.members(GOOD_ROWS)
        last = list(members)[-1]
        members[last] += b" " * (129 << 20)
        self.refused(tmp_path, zipped(members), f"{last}: the member unpacks to more than 128 MB")

    def test_encryption_is_refused_by_name(self, tmp_path: Path) -> None:
        content = bytearray(self.build(GOOD_ROWS))
        content[content.index(b"PK\x01\x02") + 8] |= 1
        self.refused(tmp_path, bytes(content), "is encrypted")

    def test_too_many_members_are_refused(self, tmp_path: Path) -> None:
        crowd = {f"m{index}": b"" for index in range(MAX_MEMBERS)}
        self.refused(tmp_path, zipped({**self.members(GOOD_ROWS), **crowd}), "more than 4096 members")

    def test_members_that_nothing_names_are_not_opened(self, tmp_path: Path) -> None:
        content = bytearray(zipped({"junk.bin": bytes(range(256)) * 8, **self.members(GOOD_ROWS)}))
        content[60:80] = bytes(20)  # damages the data of the first member only
        assert len(bg.read(self.write(tmp_path, bytes(content)))) == len(GOOD_ROWS)

    def test_a_missing_member_is_named(self, tmp_path: Path) -> None:
        members = self.members(GOOD_ROWS)
        last = list(members)[-1]
        del members[last]
        with pytest.raises(bg.BraggiteError, match=re.escape(last)):
            bg.read(self.write(tmp_path, zipped(members)))
