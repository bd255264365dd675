"""Files that are recognised but not read (yet): refused by name, with what to do instead.

A new reader takes its line out of this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from braggite.errors import UnknownFormat
from braggite.formats.registry import Evidence, Reader

if TYPE_CHECKING:
    from pathlib import Path

XRD_TEXT = "export the scan as .xy or .xrdml from the instrument's software; this format is not read yet"
TEXT = (
    "export the spectrum as two-column text (.txt or .csv) from the instrument's software; this format is not read yet"
)
VAMAS_TEXT = "export the regions as VAMAS (.vms) from the instrument's software"
SES_TEXT = "export the regions as .txt or .ibw from the instrument's software"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A known format without a reader.

    Attributes
    ----------
    magic : regular expression that the first bytes match
    first_line : regular expression found in the first 4 kB of a text file
    member : regular expression of the name of a member that only archives of this format hold
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    advice: str
    magic: bytes | None = None
    first_line: bytes | None = None
    member: str | None = None


REFUSALS = (
    Refusal("zip", "zip archive", (".zip",), "unpack it and read the files inside", magic=rb"PK\x03\x04"),
    Refusal("npz", "numpy archive", (".npz",), "use Spectrum.from_arrays", member=r"\.npy$"),
    Refusal("npy", "numpy array", (".npy",), "use Spectrum.from_arrays", magic=rb"\x93NUMPY"),
    Refusal("gzip", "gzip archive", (".gz", ".tgz"), "unpack it first", magic=rb"\x1f\x8b"),
    Refusal("7z", "7-Zip archive", (".7z",), "unpack it first", magic=rb"7z\xbc\xaf\x27\x1c"),
    Refusal("rar", "RAR archive", (".rar",), "unpack it first", magic=rb"Rar!"),
    Refusal("raw", "Rigaku or other binary RAW", (".raw",), XRD_TEXT),
    Refusal("philips-rd", "Philips RD or SD", (".rd", ".sd"), XRD_TEXT, magic=rb"V[35]RD"),
    Refusal(
        "frame",
        "two-dimensional frame",
        (".edf", ".cbf", ".gfrm", ".sfrm", ".tif", ".tiff", ".mar3450", ".mar2300", ".mccd", ".img", ".osc"),
        "integrate it to two columns, 2-theta and intensity, first",
        magic=rb"###CBF|II\*\x00|MM\x00\*|\{\s*(?:EDF_|HeaderID|HEADER_BYTES)|FORMAT :\s*\d|R-?AXIS|mar research",
    ),
    Refusal("labspec", "HORIBA LabSpec", (".l6s", ".l6m", ".l5s"), "export .txt from LabSpec"),
    Refusal("wxd", "Renishaw WXD", (".wxd",), TEXT, magic=rb"#WXD"),
    Refusal("specs-xml", "SPECS XML", (), VAMAS_TEXT, first_line=rb"CORBA XML document created by XMLSerializer"),
    Refusal("camera-spe", "camera or unknown SPE", (".spe", ".pro"), "export the spectrum as two-column text"),
    Refusal("igor-packed", "Igor packed experiment", (".pxt", ".pxp"), SES_TEXT),
    Refusal("xps-vendor", "SPECS or Kratos database", (".sle", ".dset", ".kal"), VAMAS_TEXT, magic=rb"SQLite format 3"),
    Refusal(
        "ole",
        "Office document",
        (".xls", ".doc"),
        "save it as .xlsx or .csv",
        magic=rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ),
    Refusal(
        "picture",
        "picture or page",
        (".png", ".jpg", ".jpeg", ".gif", ".pdf", ".html", ".svg"),
        "a picture holds no data points; find the instrument's data file",
        magic=rb"\x89PNG|\xff\xd8\xff|GIF8|%PDF",
    ),
)


def _claims(refusal: Refusal, head: bytes, path: Path) -> Evidence:
    suffixed = path.suffix.lower() in refusal.suffixes
    if refusal.magic and re.match(refusal.magic, head, re.DOTALL):
        if refusal.name == "zip":  # its members or its suffix may tell more
            return Evidence.SUFFIX if suffixed else Evidence.TEXT_SNIFF
        return Evidence.MAGIC
    if refusal.first_line and re.search(refusal.first_line, head):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if suffixed else Evidence.NONE


def _refuse(refusal: Refusal, _content: bytes, where: str) -> NoReturn:
    raise UnknownFormat(f"{refusal.title} files cannot be read", where=where, suggestion=refusal.advice)


READERS = tuple(
    Reader(
        name=refusal.name,
        title=refusal.title,
        suffixes=refusal.suffixes,
        claims=partial(_claims, refusal),
        read=partial(_refuse, refusal),
        refuses="every file of this format",
        archive_member=refusal.member,
    )
    for refusal in REFUSALS
)
