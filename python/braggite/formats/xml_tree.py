"""XML from instruments: well formed, without DTD or entities, by local names."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from xml.parsers import expat

from braggite.errors import InvalidSpectrum, UnknownFormat


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def parse_xml(content: bytes, where: str) -> ET.Element:
    """The root element; tags and attributes carry local names only.

    Raises
    ------
    UnknownFormat
        A document type or entity declaration: no instrument writes one, and they can make a parser read other files.
    InvalidSpectrum
        XML that is not well formed, with line and column; usually a truncated file.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: builder.start(
        _local(tag), {_local(name): value for name, value in attributes.items()}
    )
    parser.EndElementHandler = lambda tag: builder.end(_local(tag))
    parser.CharacterDataHandler = builder.data

    def refuse(*_: object) -> None:
        raise UnknownFormat(
            "the XML declares a document type or entities",
            where=f"{where}:{parser.CurrentLineNumber}",
            suggestion="export the scan again from the instrument's software",
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
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
