"""Bytes of a text file to lines, whatever instrument computer wrote them."""

from __future__ import annotations

import codecs
import re

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_binary(head: bytes) -> bool:
    """Whether the first bytes hold a NUL that no UTF-16 mark explains."""
    return b"\0" in head and not head.startswith(UTF16_MARKS)


def decode(content: bytes) -> str:
    """Text from UTF-8 (with or without mark), UTF-16 with mark, cp932 or cp1252; never fails.

    The last two are told apart by what they give: cp932 only where it yields full-width Japanese or Greek letters.
    """
    if content.startswith(UTF16_MARKS):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        japanese = content.decode("cp932")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
    halfwidth = re.search("[\uff61-\uff9f]", japanese)
    return japanese if not halfwidth else content.decode("cp1252", errors="replace")


def split_lines(text: str) -> tuple[list[str], bool]:
    """Lines ended by LF, CR LF, CR or CR CR LF, and whether the last one was ended."""
    text = text.rstrip("\x1a\0")
    lines = re.sub("\r*\n|\r", "\n", text).split("\n")
    ended = lines[-1].strip() == "" and (len(lines) == 1 or "\n" in text or "\r" in text)
    return lines, ended
