from __future__ import annotations

import pytest

import braggite as bg
from braggite.formats import xml_tree
from braggite.formats.xml_tree import parse_xml

LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


def test_local_names() -> None:
    root = parse_xml(b'<n:a xmlns:n="u" n:b="1"><n:c>text</n:c></n:a>', "x.xml")
    assert (root.tag, root.get("b"), root.findtext("c")) == ("a", "1", "text")


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE, b"<!DOCTYPE a><a/>"])
def test_document_types_and_entities_are_refused(content: bytes) -> None:
    with pytest.raises(bg.UnknownFormat, match=r"x\.xml:1: the XML declares a document type or entities"):
        parse_xml(content, "x.xml")


def test_deep_nesting_is_refused() -> None:
    depth = xml_tree.MAX_DEPTH
    assert parse_xml(b"<a>" * depth + b"</a>" * depth, "x.xml").tag == "a"
    with pytest.raises(bg.UnknownFormat, match=f"nested more than {depth} levels"):
        parse_xml(b"<a>" * 100_000, "x.xml")


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "MAX_ELEMENTS", 10)
    with pytest.raises(bg.UnknownFormat, match="more than 10 elements"):
        parse_xml(b"<a>" + b"<b/>" * 10 + b"</a>", "x.xml")
