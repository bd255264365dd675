"""XML from instruments: well formed, without DTD or entities, of modest depth and size, by local names."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import NoReturn
from xml.parsers import expat

from braggite.errors import InvalidSpectrum, UnknownFormat

MAX_DEPTH = 64
MAX_ELEMENTS = 1_000_000
"""Real files: 20 levels and some 100 000 elements."""


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def parse_xml(content: bytes, where: str) -> ET.Element:
    """The root element; tags and attributes carry local names only.

    Raises
    ------
    UnknownFormat
        A document type or entity declaration (no instrument writes one, and they can make a parser read other files),
        or more levels or elements than any instrument writes.
    InvalidSpectrum
        XML that is not well formed, with line and column; usually a truncated file.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = elements = 0

    def refuse(message: str) -> NoReturn:
        raise UnknownFormat(
            message,
            where=f"{where}:{parser.CurrentLineNumber}",
            suggestion="export the scan again from the instrument's software",
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH:
            refuse(f"the XML is nested more than {MAX_DEPTH} levels deep")
        if elements > MAX_ELEMENTS:
            refuse(f"the XML holds more than {MAX_ELEMENTS} elements")
        builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    def declared(*_: object) -> NoReturn:
        refuse("the XML declares a document type or entities")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise InvalidSpectrum(
            f"the XML is not well formed: {expat.ErrorString(error.code)}, column {error.offset}",
            where=f"{where}:{error.lineno}",
            suggestion="the file is probably truncated; export or copy it again",
        ) from None
    except (LookupError, ValueError) as error:
        raise InvalidSpectrum(f"the XML cannot be decoded: {error}", where=where) from None
    return builder.close()
