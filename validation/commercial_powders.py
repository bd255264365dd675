"""Commercial powders, single and mixed by hand, known by the formulas in the file name (S08)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validation.samples import Sample, Table, TruePhase, elements_of

if TYPE_CHECKING:
    from pathlib import Path


def table(data: Path) -> Table:
    """Nine scans of the Li-Mn-Ti-O-F system; amounts are not known, so each phase counts as an equal share."""
    files = sorted((data / "xrd" / "S08_autoanalyzer_LiMnTiOF").glob("*.xy"))
    return Table(
        name="commercial",
        title="Commercial powders (S08)",
        referent="formulas in the file name; amounts unknown",
        weighed=False,
        samples=tuple(_sample(path) for path in files),
    )


def _sample(path: Path) -> Sample:
    labels = re.split(r"[+-]", path.stem)
    phases = tuple(TruePhase.of_label(label, 1 / len(labels)) for label in labels)
    return Sample(path, elements_of(labels), phases)
