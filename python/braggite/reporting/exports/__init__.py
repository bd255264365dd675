"""What leaves Braggite after a match, in the forms that other programs read: one file of code a form.

Every exporter takes a result and the stem of its files and returns texts by file name; what the result does not hold is
left out, never invented.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from braggite.errors import OptionError
from braggite.reporting.documents import write_text
from braggite.reporting.exports.phase_cif import phase_cifs
from braggite.reporting.exports.powder_cif import powder_cif
from braggite.reporting.exports.profile_table import profile_table
from braggite.reporting.exports.topas import topas_start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from braggite.matching.results import MatchResult

EXPORTERS: dict[str, Callable[[MatchResult, str], dict[str, str]]] = {
    "xy": profile_table,
    "cif": phase_cifs,
    "pdcif": powder_cif,
    "topas": topas_start,
}
LONGEST_STEM = 40
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # names Windows keeps for itself


def export_match(result: MatchResult, folder: str | Path, kinds: Sequence[str] | None = None) -> tuple[Path, ...]:
    """Write a match into ``folder``, which is made; the files written.

    Raises
    ------
    OptionError
        A kind that is none of ``EXPORTERS``, or a folder that cannot be written to.
    """
    chosen = list(EXPORTERS) if kinds is None else list(kinds)
    unknown = next((kind for kind in chosen if kind not in EXPORTERS), None)
    if unknown is not None:
        raise OptionError(f"nothing is exported as {unknown!r}", suggestion=f"choose from {', '.join(EXPORTERS)}")
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"the folder {target} cannot be made: {error.strerror}", where=str(target)) from None
    stem = file_stem(result)
    texts = {name: text for kind in chosen for name, text in EXPORTERS[kind](result, stem).items()}
    return tuple(write_text(target / name, text) for name, text in texts.items())


def file_stem(result: MatchResult) -> str:
    """A name for files on any system, from that of the spectrum or of its file; ``match`` where neither has one."""
    spectrum = result.spectrum
    name = "" if spectrum is None else spectrum.name or Path(spectrum.source.path or "").stem
    plain = re.sub(r"[^\w-]+", "_", name, flags=re.ASCII).strip("_-")[:LONGEST_STEM]
    return f"match_{plain}" if _DEVICES.match(plain) else plain or "match"
