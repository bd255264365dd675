"""Zip archives from instruments: members by name, one at a time, within limits that no honest file reaches."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import IO

from braggite.errors import InvalidSpectrum, UnknownFormat

ZIP_MAGIC = b"PK\x03\x04"
MAX_MEMBERS = 4096
MAX_MEMBER_BYTES = 128 << 20
MAX_ARCHIVE_BYTES = 1 << 30
"""Real files: 803 members and 17.5 MB, and one member of 4.5 MB, are the largest seen."""

_CHUNK_BYTES = 1 << 20
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|\\|(?:^|/)\.\.(?:/|$)|\0")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SUGGESTION = "export or copy the file again from the instrument's software"


class Archive:
    """A zip archive whose names and limits were checked when it was opened.

    Raises
    ------
    UnknownFormat
        A name that leads out of the archive, encryption, a compression that is not deflate, or too much data.
    InvalidSpectrum
        A damaged or truncated archive; the file is named.
    """

    def __init__(self, content: bytes, where: str) -> None:
        self.where = where
        self._left = MAX_ARCHIVE_BYTES
        if content.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:  # counted before the directory is unpacked into objects
            raise UnknownFormat(f"the archive has more than {MAX_MEMBERS} members", where=where)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
            raise InvalidSpectrum(f"the archive is damaged: {error}", where=where, suggestion=_SUGGESTION) from None
        self._infos = {}
        for info in self._zip.infolist():
            self._check(info)
            self._infos[info.filename] = info

    def _check(self, info: zipfile.ZipInfo) -> None:
        name = info.orig_filename
        if _UNSAFE_NAME.search(name):
            raise UnknownFormat(f"a member's name leads out of the archive: {name[:60]!r}", where=self.where)
        if info.filename in self._infos:
            raise UnknownFormat(f"the archive holds {name[:60]!r} twice", where=self.where)
        if info.flag_bits & _ENCRYPTED:
            raise UnknownFormat(f"the member {name[:60]!r} is encrypted", where=self.where, suggestion=_SUGGESTION)
        if info.compress_type not in _METHODS:
            raise UnknownFormat(f"the member {name[:60]!r} is neither stored nor deflated", where=self.where)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members, in the order of the archive's directory."""
        return tuple(self._infos)

    def read(self, name: str) -> bytes:
        """The bytes of one member, unpacked only as far as the limits allow."""
        place = self.place(name)
        info = self._infos.get(name)
        if info is None:
            raise InvalidSpectrum("the archive's table of contents names a member that is missing", where=place)
        try:
            with self._zip.open(info) as stream:
                content = self._stream(stream, place)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
            raise InvalidSpectrum(f"the member is damaged: {error}", where=place, suggestion=_SUGGESTION) from None
        self._left -= len(content)
        return content

    def place(self, name: str) -> str:
        """How messages call a member."""
        return f"{self.where}: {name}"

    def _stream(self, stream: IO[bytes], place: str) -> bytes:
        limit = min(MAX_MEMBER_BYTES, self._left)
        parts: list[bytes] = []
        total = 0
        while part := stream.read(_CHUNK_BYTES):
            total += len(part)
            if total > limit:
                raise UnknownFormat(f"the member unpacks to more than {limit >> 20} MB", where=place)
            parts.append(part)
        return b"".join(parts)


def member_names(content: bytes) -> tuple[str, ...]:
    """Names of the members of an archive, for telling formats apart; empty when it is none or cannot be opened."""
    if not content.startswith(ZIP_MAGIC):
        return ()
    try:
        return Archive(content, "").names
    except (UnknownFormat, InvalidSpectrum):
        return ()
