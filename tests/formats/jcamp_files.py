"""A writer of compressed JCAMP-DX for tests: from the tables of McDonald and Wilks, character by character."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def sqz(value: int) -> str:
    text = str(abs(value))
    return ("@ABCDEFGHI" if value >= 0 else "@abcdefghi")[int(text[0])] + text[1:]


def dif(value: int) -> str:
    text = str(abs(value))
    return ("%JKLMNOPQR" if value >= 0 else "%jklmnopqr")[int(text[0])] + text[1:]


def dup(count: int) -> str:
    text = str(count)
    return " STUVWXYZs"[int(text[0])] + text[1:]


def affn_line(x: float, values: Sequence[int]) -> str:
    return f"{x:g} " + " ".join(map(str, values))


def pac_line(x: float, values: Sequence[int]) -> str:
    return f"{x:g}" + "".join(f"{value:+d}" for value in values)


def sqz_line(x: float, values: Sequence[int]) -> str:
    return f"{x:g}" + "".join(map(sqz, values))


def sqzdup_line(x: float, values: Sequence[int]) -> str:
    return f"{x:g}" + _with_repeats([sqz(value) for value in values])


def difdup_line(x: float, values: Sequence[int]) -> str:
    steps = [dif(b - a) for a, b in itertools.pairwise(values)]
    return f"{x:g}" + sqz(values[0]) + _with_repeats(steps)


def _with_repeats(tokens: Sequence[str]) -> str:
    out, index = "", 0
    while index < len(tokens):
        count = 1
        while index + count < len(tokens) and tokens[index + count] == tokens[index]:
            count += 1
        out += tokens[index] + (dup(count) if count > 1 else "")
        index += count
    return out


LINES = {"AFFN": affn_line, "PAC": pac_line, "SQZ": sqz_line, "SQZDUP": sqzdup_line, "DIFDUP": difdup_line}


def data_lines(values: Sequence[int], form: str, *, first: float, step: float, width: int = 7) -> list[str]:
    """Lines of ``(X++(Y..Y))``; with differences, each line starts with the ordinate the one before ended with."""
    starts = list(range(0, len(values), width))
    if form != "DIFDUP":
        return [LINES[form](first + step * i, values[i : i + width]) for i in starts]
    lines = [difdup_line(first + step * max(i - 1, 0), values[max(i - 1, 0) : i + width]) for i in starts]
    if len(values[max(starts[-1] - 1, 0) :]) > 1:
        lines.append(f"{first + step * (len(values) - 1):g}{sqz(values[-1])}")
    return lines


def jcamp_block(lines: Sequence[str], n: int, **records: object) -> str:
    stated = {
        "JCAMP-DX": "4.24 $$ test", "DATA TYPE": "INFRARED SPECTRUM", "XUNITS": "1/CM", "YUNITS": "ABSORBANCE",
        "XFACTOR": 1, "YFACTOR": 1, "NPOINTS": n,
    } | {name.replace("_", " "): value for name, value in records.items()}  # fmt: skip
    head = ["##TITLE= a film"] + [f"##{name}= {value}" for name, value in stated.items() if value is not None]
    form = "(XY..XY)" if "XYPOINTS" in records.get("form", "XYDATA") else "(X++(Y..Y))"  # type: ignore[operator]
    head = [line for line in head if not line.startswith("##form=")]
    return "\n".join([*head, f"##{records.get('form', 'XYDATA')}= {form}", *lines, "##END=", ""])
