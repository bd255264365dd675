"""Ordinates of JCAMP-DX: AFFN, PAC, SQZ, DIF, DUP (McDonald and Wilks, Appl. Spectrosc. 42 (1988) 151)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from braggite.errors import InvalidSpectrum

_SQZ = (
    {"@": "0"} | {c: str(i) for i, c in enumerate("ABCDEFGHI", 1)} | {c: f"-{i}" for i, c in enumerate("abcdefghi", 1)}
)
_DIF = (
    {"%": "0"} | {c: str(i) for i, c in enumerate("JKLMNOPQR", 1)} | {c: f"-{i}" for i, c in enumerate("jklmnopqr", 1)}
)
_DUP = {c: str(i) for i, c in enumerate("STUVWXYZs", 1)}
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(r"([@A-Ia-i%J-Rj-rS-Zs])(\d*(?:\.\d*)?)|([+-]?(?:\d+\.?\d*|\.\d+))|([\s,;]+)|(.)")
_WITH_EXPONENT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d{1,2}(?![\d.])")
MAX_POINTS = 1 << 21
"""More points than any spectrometer writes; damaged repeat counts, a few bytes each, stop here."""


@dataclass(slots=True)
class Ordinates:
    """What the lines hold: ordinates, and for each line the position it states and its first ordinate's index."""

    values: list[float] = field(default_factory=list)
    checks: list[tuple[int, str, int]] = field(default_factory=list)
    """(line number, text of the position, index of the line's first ordinate)"""


def is_compressed(text: str) -> bool:
    """Whether letters are digits (SQZ, DIF, DUP); an ``E`` that only writes exponents is none."""
    return bool(re.search(r"[@%A-Za-z]", _WITH_EXPONENT.sub(" ", text)))


def decode(lines: list[tuple[int, str]], where: str, declared: float | None = None) -> Ordinates:
    """Ordinates of ``(X++(Y..Y))`` lines, of which there are as many as ``declared`` where that is stated.

    A line after one that ends in differences starts with a repetition of the last ordinate, which is checked and
    dropped.

    Raises
    ------
    InvalidSpectrum
        A character outside the alphabet, a missing ordinate (``?``), more ordinates than declared, or a check that
        fails; the line is named.
    """
    found = Ordinates()
    limit = MAX_POINTS if declared is None or not 0 <= declared < MAX_POINTS else int(declared)
    if not is_compressed("\n".join(text for _, text in lines)):
        for number, text in lines:
            _plain_line(text, number, found, where)
        return found
    differences = False
    for number, text in lines:
        differences = _compressed_line(text, number, found, differences, where)
        if len(found.values) > limit + 1:  # the last line may repeat an ordinate as a check
            raise InvalidSpectrum(f"more than {limit} ordinates", where=f"{where}:{number}")
    return found


def plain_numbers(text: str, where: str) -> list[float]:
    """Numbers between separators or signs (AFFN, PAC); ``InvalidSpectrum`` for anything else."""
    rest = _PLAIN.sub(" ", text)
    if rest.strip(" \t,;"):
        bad = next((word for word in re.split(r"[\s,;]+", text) if word and not _PLAIN.search(word)), rest.strip())
        what = "a missing value" if "?" in bad else "not a number"
        raise InvalidSpectrum(f"{bad[:40]!r} is {what}", where=where, suggestion="export the spectrum again")
    return [float(word) for word in _PLAIN.findall(text)]


def _plain_line(text: str, number: int, found: Ordinates, where: str) -> None:
    numbers = plain_numbers(text, f"{where}:{number}")
    if numbers:
        found.checks.append((number, _PLAIN.findall(text)[0], len(found.values)))
        found.values += numbers[1:]


def _compressed_line(text: str, number: int, found: Ordinates, after_differences: bool, where: str) -> bool:
    """Decode one line; whether it ends in a difference."""
    place = f"{where}:{number}"
    position: str | None = None
    values: list[float] = []
    step: float | None = None  # the last difference, None after an ordinate that stands for itself
    repeated = True  # whether a repeat count may not follow
    last = found.values[-1] if found.values else 0.0
    for letter, digits, plain, blank, other in _TOKEN.findall(text):
        if blank:
            continue
        if other or (letter and digits.endswith(".") and digits == "."):
            what = "a missing value" if other == "?" else "not a digit of JCAMP-DX"
            raise InvalidSpectrum(f"{other or letter!r} is {what}", where=place, suggestion="export the spectrum again")
        if position is None:
            position = plain or _SQZ.get(letter, "") + digits
        elif letter in _DUP:
            if repeated or not values:
                raise InvalidSpectrum(f"{letter + digits!r} repeats nothing", where=place)
            _repeat(values, step, _DUP[letter] + digits, place)
            repeated = True
            continue
        elif letter in _DIF:
            step = float(_DIF[letter] + digits)
            values.append((values[-1] if values else last) + step)
        else:
            step = None
            values.append(float(plain or _SQZ[letter] + digits))
        repeated = not values
    if position is None:
        return after_differences
    if after_differences and values:
        if abs(values[0] - last) > 0.5:
            raise InvalidSpectrum(
                f"the line starts with {values[0]:g}, but the line before ended with {last:g}",
                where=place,
                suggestion="a line is damaged or missing; export the spectrum again",
            )
        values = values[1:]
        found.checks.append((number, position, len(found.values) - 1))
    else:
        found.checks.append((number, position, len(found.values)))
    found.values += values
    return step is not None


def _repeat(values: list[float], step: float | None, digits: str, place: str) -> None:
    """Repeat the last ordinate, or its difference, so that it stands as many times as the digits say."""
    count = int(digits) if digits.isdigit() and len(digits) < 9 else 0
    if not 0 < count <= MAX_POINTS - len(values):
        raise InvalidSpectrum(f"an ordinate cannot be repeated {digits[:20]} times", where=place)
    for _ in range(count - 1):
        values.append(values[-1] + (step or 0.0))
