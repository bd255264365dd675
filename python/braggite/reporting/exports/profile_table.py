"""Observed, calculated, background and difference as columns of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.cif_text import one_line
from braggite.formats.write import stated_lines
from braggite.formats.write_numbers import shortest
from braggite.reporting.exports.provenance import CREATOR, state

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult


def profile_table(result: MatchResult, stem: str) -> dict[str, str]:
    """``<stem>_profile.xy``: positions, ordinates, model, background, difference, sigma, the curve of each phase.

    Numbers read back as the same floats; a phase's curve stands without the background. The header holds no path: words
    in it could be taken for those of another technique.
    """
    unit = "arbitrary" if result.spectrum is None else result.spectrum.y_unit
    columns = {
        "2-theta (deg)": result.x,
        f"observed intensity ({unit})": result.observed,
        "calculated": result.calculated,
        "background": result.background,
        "difference": result.observed - result.calculated,
        "sigma": result.sigma,
    }
    titles = [*columns, *(one_line(phase.name).replace(",", ";") for phase in result.phases)]
    table = np.column_stack([*columns.values(), *(phase.curve for phase in result.phases)])
    lines = [
        *([] if result.spectrum is None else stated_lines(result.spectrum)),
        f"# {CREATOR}, {state(result)}",
        "# " + ", ".join(titles),
        *(" ".join(map(shortest, row)) for row in table.tolist()),
    ]
    return {f"{stem}_profile.xy": "\n".join(lines) + "\n"}
