"""The grammar of VAMAS (ISO 14976): one value a line, blocks one after another."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from braggite.arrays import FloatArray

IDENTIFIER = "VAMAS Surface Chemical Analysis Standard Data Transfer Format"
UNKNOWN = 1e37
"""What the standard writes for a number that is not known."""

MAPS = {"MAP", "MAPDP"}
WITH_REGIONS = {"MAP", "MAPDP", "NORM", "SDP"}
SPUTTERED = {"MAPDP", "MAPSVDP", "SDP", "SDPSV"}
WITH_FIELD = {"MAP", "MAPDP", "MAPSV", "MAPSVDP", "SEM"}
WITH_LINE_SCAN = {"MAPSV", "MAPSVDP", "SEM"}
EXPERIMENT_MODES = WITH_REGIONS | SPUTTERED | WITH_FIELD | {"NOEXP"}
SCAN_MODES = {"REGULAR", "IRREGULAR", "MAPPING"}
ION_TECHNIQUES = {"FABMS", "FABMS energy spec", "ISS", "SIMS", "SIMS energy spec", "SNMS", "SNMS energy spec"}
PHOTON_OR_ELECTRON_TECHNIQUES = {"AES diff", "AES dir", "EDX", "ELS", "UPS", "XPS", "XRF"}
N_PARAMETERS = 40


@dataclass(frozen=True, slots=True)
class Quantity:
    """A label and its unit; a value where it has one."""

    label: str
    unit: str
    value: float | None = None


@dataclass(slots=True)
class Header:
    """What stands before the first block."""

    institution: str
    instrument: str
    operator: str
    experiment: str
    comment: list[str]
    experiment_mode: str
    scan_mode: str
    variables: list[Quantity] = field(default_factory=list)
    omitted_later: set[int] = field(default_factory=set)
    n_upgrade_entries: int = 0
    n_blocks: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One block: identifiers, numbered parameters as the file writes them, and the text of its ordinates."""

    identifier: str
    sample: str
    parameters: dict[int, list[str]]
    line: int
    ordinates: list[str]
    ordinates_line: int

    def text(self, number: int, index: int = 0) -> str:
        """Text of a parameter; empty where the block does not have it."""
        found = self.parameters.get(number, [])
        return found[index].strip() if index < len(found) else ""

    def number(self, number: int, index: int = 0) -> float | None:
        """A numeric parameter; None where it is missing, unknown (1E37) or no number."""
        try:
            value = float(self.text(number, index))
        except ValueError:
            return None
        return value if math.isfinite(value) and abs(value) < 0.99 * UNKNOWN else None

    @property
    def comment(self) -> list[str]:
        """Lines of the block comment."""
        return self.parameters[8][1:]

    @property
    def columns(self) -> list[Quantity]:
        """The corresponding variables."""
        return _quantities(self.parameters[32])

    def values(self, where: str) -> FloatArray:
        """Ordinates, (points, variables); ``InvalidSpectrum`` naming the line of one that is no finite number."""
        values = np.empty(len(self.ordinates))
        for index, text in enumerate(self.ordinates):
            try:
                values[index] = float(text)
            except ValueError:
                values[index] = math.nan
            if not math.isfinite(values[index]):
                raise InvalidSpectrum(
                    f"{text.strip()[:40]!r} is not a number", where=f"{where}:{self.ordinates_line + index}"
                )
        return values.reshape(-1, len(self.columns))


class _Lines:
    """A cursor over the lines; nothing is read beyond the end, no count beyond what is left."""

    def __init__(self, content: bytes, where: str) -> None:
        self.where = where
        self.lines, _ = split_lines(decode(content))
        self.at = 0

    def fail(self, message: str) -> InvalidSpectrum:
        return InvalidSpectrum(
            message, where=f"{self.where}:{self.at}", suggestion="the file is probably truncated; export it again"
        )

    def text(self) -> str:
        if self.at >= len(self.lines):
            raise self.fail("the file ends inside a block")
        self.at += 1
        return self.lines[self.at - 1].replace("\0", "").strip()

    def take(self, n: int) -> list[str]:
        if n > len(self.lines) - self.at:
            raise self.fail(f"{n} lines should follow, {len(self.lines) - self.at} are left")
        return [self.text() for _ in range(n)]

    def count(self, what: str, *, signed: bool = False) -> int:
        text = self.text()
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if value != math.floor(value) if math.isfinite(value) else True:
            raise self.fail(f"{text[:40]!r} is not a number of {what}")
        if abs(value) > len(self.lines) - self.at or (value < 0 and not signed):
            raise self.fail(f"{value:g} {what} cannot stand in the {len(self.lines) - self.at} lines that follow")
        return int(value)

    def mode(self, allowed: set[str], what: str) -> str:
        text = self.text().upper()
        if text not in allowed:
            raise self.fail(f"{text[:40]!r} is no {what} of ISO 14976")
        return text


def parse(content: bytes, where: str) -> tuple[Header, list[Block]]:
    """Header and blocks of a VAMAS file.

    Raises
    ------
    UnknownFormat
        The first line with text is not the identifier of the standard.
    InvalidSpectrum
        A count, a mode or an end that does not fit; the line is named.
    """
    lines = _Lines(content, where)
    header = _header(lines)
    first: dict[int, list[str]] = {}
    blocks: list[Block] = []
    for index in range(header.n_blocks):
        blocks.append(_block(lines, header, first if index else None))
        first = first or blocks[0].parameters
    end = next((line.strip() for line in lines.lines[lines.at :] if line.strip()), "")
    if end.lower() != "end of experiment":
        raise lines.fail(f"'end of experiment' should follow the last block, not {end[:40]!r}")
    return header, blocks


def _header(lines: _Lines) -> Header:
    identifier = ""
    while not identifier and lines.at < len(lines.lines):
        identifier = lines.text()
    if not identifier.lower().startswith(IDENTIFIER.lower()):
        raise UnknownFormat(
            f"the first line is not {IDENTIFIER!r}",
            where=f"{lines.where}:{lines.at}",
            suggestion="this is not a whole VAMAS file; export it again",
        )
    institution, instrument, operator, experiment = lines.take(4)
    header = Header(
        institution,
        instrument,
        operator,
        experiment,
        comment=lines.take(lines.count("comment lines")),
        experiment_mode=lines.mode(EXPERIMENT_MODES, "experiment mode"),
        scan_mode=lines.mode(SCAN_MODES, "scan mode"),
    )
    if header.experiment_mode in WITH_REGIONS:
        lines.count("regions")
    if header.experiment_mode in MAPS:
        lines.take(3)
    header.variables = _quantities(_counted(lines, "experimental variables", 2))
    header.omitted_later = _omitted_later(lines)
    lines.take(lines.count("manual items"))
    n_experiment = lines.count("upgrade entries")
    header.n_upgrade_entries = lines.count("upgrade entries of a block")
    lines.take(n_experiment)
    header.n_blocks = lines.count("blocks")
    return header


def _omitted_later(lines: _Lines) -> set[int]:
    """Numbers of the parameters that only the first block states: a positive count lists those that repeat."""
    count = lines.count("listed parameters", signed=True)
    listed = {lines.count("a parameter") for _ in range(abs(count))}
    if count == 0:
        return set()
    return set(range(1, N_PARAMETERS + 1)) - listed if count > 0 else listed


def _counted(lines: _Lines, what: str, each: int) -> list[str]:
    """A count and the lines it announces, ``each`` for one; the count stays in front."""
    n = lines.count(what)
    return [str(n), *lines.take(n * each)]


def _quantities(counted: list[str]) -> list[Quantity]:
    return [Quantity(label, unit) for label, unit in zip(counted[1::2], counted[2::2], strict=False)]


def _block(lines: _Lines, header: Header, first: dict[int, list[str]] | None) -> Block:
    line = lines.at + 1
    identifier, sample = lines.take(2)
    parameters: dict[int, list[str]] = {}
    for number in range(1, N_PARAMETERS + 1):
        if first is not None and number in header.omitted_later:
            parameters[number] = first.get(number, [])
        else:
            parameters[number] = _parameter(lines, header, number, parameters)
    lines.take(header.n_upgrade_entries)
    n_columns = (len(parameters[32]) - 1) // 2
    n_values = lines.count("ordinates")
    if n_columns < 1 or n_values % n_columns:
        raise lines.fail(f"{n_values} ordinates do not divide among {n_columns} variables")
    lines.take(2 * n_columns)
    start = lines.at + 1
    return Block(identifier, sample, parameters, line, lines.take(n_values), start)


_LENGTHS = {10: 2, 13: 3, 16: 2, 17: 2, 18: 6, 27: 2, 28: 2, 30: 2, 31: 4, 37: 7, 38: 2}
"""Lines of a parameter, where it is not one."""


def _parameter(lines: _Lines, header: Header, number: int, before: dict[int, list[str]]) -> list[str]:
    if number == 8:
        return _counted(lines, "comment lines", 1)
    if number == 32:
        return _counted(lines, "variables", 2)
    if number == 40:
        return _counted(lines, "additional parameters", 3)
    if number == 11:
        return lines.take(len(header.variables))
    technique = (before[9] or [""])[0] if 9 in before else ""
    mode = header.experiment_mode
    present = {
        10: mode in MAPS,
        13: mode in SPUTTERED or technique in ION_TECHNIQUES,
        17: mode in WITH_FIELD,
        18: mode in WITH_LINE_SCAN,
        23: technique == "AES diff",
        31: header.scan_mode == "REGULAR",
        37: mode in SPUTTERED and technique in PHOTON_OR_ELECTRON_TECHNIQUES,
    }
    return lines.take(_LENGTHS.get(number, 1)) if present.get(number, True) else []
