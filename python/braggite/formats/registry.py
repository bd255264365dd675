"""Which reader reads a file: decided by evidence, strongest first, never by suffix alone where bytes speak."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

from braggite.errors import InternalError, UnknownFormat
from braggite.formats.archive import member_names
from braggite.formats.text_encoding import is_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from braggite.formats.scan import PendingScan

ENTRY_POINT_GROUP = "braggite.readers"
HEAD_BYTES = 4096


class Evidence(IntEnum):
    """How a reader knows that a file is its own, weakest first."""

    NONE = 0
    TEXT_SNIFF = 1
    SUFFIX = 2
    XML_ROOT = 3
    FIRST_LINE = 4
    ARCHIVE_MANIFEST = 5
    MAGIC = 6


@dataclass(frozen=True, slots=True)
class Reader:
    """One file format.

    Attributes
    ----------
    name, title : short name (as ``Source.format`` carries it) and the name a user knows
    suffixes : usual suffixes, lower case with the dot
    claims : evidence from the first 4 kB and the path that a file is of this format
    read : the scans of the whole content, each parsed when it is asked for; raises our errors, naming ``where``
    sigma : what the standard deviations of this format are
    refuses : what this reader refuses although it recognises it
    reads : what it reads, where the title does not say it
    text : whether the format is text: it then never claims a file with a NUL in its first 4 kB (a UTF-16 mark is text)
    archive_member : regular expression of a member's name that only archives of this format hold
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    claims: Callable[[bytes, Path], Evidence]
    read: Callable[[bytes, str], Sequence[PendingScan]]
    sigma: str = ""
    refuses: str = ""
    reads: str = ""
    text: bool = False
    archive_member: str | None = None

    def evidence(self, head: bytes, path: Path, members: Sequence[str]) -> Evidence:
        """The strongest evidence that a file with these first bytes and archive members is of this format."""
        if self.text and is_binary(head):
            return Evidence.NONE
        if self.archive_member is not None and any(re.search(self.archive_member, name) for name in members):
            return Evidence.ARCHIVE_MANIFEST
        return self.claims(head, path)


@cache
def readers() -> tuple[Reader, ...]:
    """Every reader: one module of ``braggite.formats.readers`` each, and those that other packages register."""
    from braggite.formats import readers as package

    found: list[Reader] = []
    for module in pkgutil.iter_modules(package.__path__):
        content = importlib.import_module(f"{package.__name__}.{module.name}")
        found.extend(getattr(content, "READERS", None) or (content.READER,))
    return (*found, *_foreign_readers())


def _foreign_readers() -> list[Reader]:
    from importlib.metadata import entry_points

    found: list[Reader] = []
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            reader = entry.load()
        except Exception as error:
            raise InternalError(
                f"the reader {entry.name!r} of another package cannot be loaded: {error}",
                where=entry.value,
                suggestion="repair or uninstall that package",
            ) from error
        found.append(reader)
    return found


def choose_reader(content: bytes, path: Path) -> Reader:
    """The reader with the strongest evidence; among equals, one that another package registered.

    Raises
    ------
    UnknownFormat
        No reader claims the file.
    """
    head, members = content[:HEAD_BYTES], member_names(content)
    claims = [(reader.evidence(head, path, members), reader) for reader in readers()]
    best = max(evidence for evidence, _ in claims)
    if best == Evidence.NONE:
        raise UnknownFormat(
            "no reader recognises this file",
            where=str(path),
            suggestion="export a two-column .xy, .xye or .csv text file from the instrument's software",
        )
    return [reader for evidence, reader in claims if evidence == best][-1]
