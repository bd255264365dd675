"""A match as notebooks show it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from braggite.reporting.text import cell_text, wt_percent

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult

HEADER = ("phase", "formula", "space group", "wt%", "cell (Å, °)", "R Bragg (%)")


def match_table_html(result: MatchResult) -> str:
    """Whether the fit may be believed, then one row a phase."""
    state = "converged" if result.converged else f"<b>not converged: {escape(result.stop_reason)}</b>"
    bounds = f"; at a bound: {escape(', '.join(result.at_bound))}" if result.at_bound else ""
    statistics = result.statistics
    rows = [
        [
            phase.name,
            phase.formula,
            phase.space_group,
            wt_percent(phase.weight_fraction),
            cell_text(phase.cell),
            "-" if phase.r_bragg_percent is None else f"{phase.r_bragg_percent:.2f}",
        ]
        for phase in result.phases
    ]
    head = "".join(f"<th>{escape(title)}</th>" for title in HEADER)
    body = "".join("<tr>" + "".join(f"<td>{escape(entry)}</td>" for entry in row) + "</tr>" for row in rows)
    return (
        f"<p>{state}, Rwp {statistics.rwp_percent:.2f} %, GoF {statistics.gof:.2f}{bounds}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
