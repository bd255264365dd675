"""Labelled data records of JCAMP-DX, sorted into blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from braggite.errors import InvalidSpectrum
from braggite.formats.text_encoding import decode, split_lines

DATA_LABELS = ("XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENTS", "DATATABLE", "RADATA")
_RECORD = re.compile(r"\s*##([^=]*)=(.*)", re.DOTALL)
MAX_BLOCKS = 4096


@dataclass(slots=True)
class Block:
    """One block: its records by normalised label, and the lines of its data."""

    line: int
    records: dict[str, str] = field(default_factory=dict)
    data_label: str = ""
    form: str = ""
    data: list[tuple[int, str]] = field(default_factory=list)
    data_line: int = 0

    def text(self, label: str) -> str:
        """Value of a record; empty where it is missing."""
        return self.records.get(label, "").strip()

    def number(self, label: str, where: str) -> float | None:
        """Number of a record; None where it is missing; ``InvalidSpectrum`` where it is no finite number."""
        text = self.text(label)
        if not text:
            return None
        stated = re.match(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?", text)
        value = float(stated[0].lower().replace("d", "e")) if stated else float("nan")
        if not abs(value) < 1e300:
            raise InvalidSpectrum(f"##{label}= holds {text[:40]!r}, not a number", where=f"{where}:{self.line}")
        return value


def normal(label: str) -> str:
    """A label without blanks, dashes, slashes and underscores, in capitals: ``Data Type`` is ``DATATYPE``."""
    return re.sub(r"[\s\-/_]", "", label).upper()


def blocks_of(content: bytes, where: str) -> list[Block]:
    """The blocks that hold data, in the file's order; a LINK block only groups others.

    Raises
    ------
    InvalidSpectrum
        A record before the first title, a block without ``##END=``, or none with data.
    """
    lines, _ = split_lines(decode(content))
    found: list[Block] = []
    open_blocks: list[Block] = []
    label = ""
    for number, raw in enumerate(lines, start=1):
        text = raw.partition("$$")[0]
        record = _RECORD.match(text)
        if record is None:
            if open_blocks and label and text.strip():
                _continue(open_blocks[-1], label, number, text)
            continue
        label = normal(record[1])
        if label == "TITLE":
            open_blocks.append(Block(number))
            found.append(open_blocks[-1])
            if len(found) > MAX_BLOCKS:
                raise InvalidSpectrum(f"more than {MAX_BLOCKS} blocks", where=f"{where}:{number}")
        if not open_blocks:
            if label:
                raise InvalidSpectrum(f"##{record[1].strip()}= stands outside a block", where=f"{where}:{number}")
            continue
        if label == "END":
            open_blocks.pop()
        else:
            _begin(open_blocks[-1], label, record[2], number)
    if open_blocks:
        raise InvalidSpectrum(
            "a block is not closed by ##END=",
            where=f"{where}:{open_blocks[-1].line}",
            suggestion="the file is probably truncated; export it again",
        )
    return [block for block in found if block.data_label or not block.text("DATATYPE").upper().startswith("LINK")]


def _begin(block: Block, label: str, value: str, number: int) -> None:
    if label in DATA_LABELS and not block.data_label:
        block.data_label, block.form, block.data_line = label, value.strip(), number
    elif label and label not in block.records:
        block.records[label] = value.strip()


def _continue(block: Block, label: str, number: int, text: str) -> None:
    if label == block.data_label:
        block.data.append((number, text))
    elif label in block.records:
        block.records[label] += "\n" + text.strip()
