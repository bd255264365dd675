"""A match of lines as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.reporting.text import cell_text, diagnostics_text, table, wt_percent

if TYPE_CHECKING:
    from braggite.matching.line_results import LineMatch, PhaseLines

LINES_SHOWN = 20


def line_match_text(result: LineMatch) -> str:
    """Whether it may be believed, the phases, then the lines that speak against them."""
    state = "converged" if result.converged else "NOT CONVERGED"
    heading = (
        f"{state}: {result.stop_reason}\n"
        f"{result.n_lines} lines, reduced chi-square of their positions {result.chi2_reduced:.3g}"
    )
    rows = [
        [
            phase.name,
            cell_text(phase.cell),
            wt_percent(phase.weight_fraction),
            *(str(len(phase.positions(status))) for status in ("matched", "missing", "wrong_intensity")),
            _merit(phase),
        ]
        for phase in result.phases
    ]
    parameters = [[name, str(entry.value), entry.unit] for name, entry in result.parameters.items()]
    blocks = [
        heading,
        table(["phase", "cell (Å, °)", "wt%", "matched", "missing", "wrong", "M, F"], rows),
        "\n".join(_against(phase) for phase in result.phases if _against(phase)),
        _extra(result),
        table(["parameter", "value", "unit"], parameters),
        diagnostics_text(result.diagnostics),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _merit(phase: PhaseLines) -> str:
    merit = phase.figure_of_merit
    return "-" if merit is None else f"M{merit.m_lines} {merit.m:.0f}, F{merit.f_lines} {merit.f:.0f}"


def _against(phase: PhaseLines) -> str:
    parts = [
        f"{words} at {', '.join(f'{position:.2f}' for position in positions[:LINES_SHOWN])}"
        for words, positions in (
            ("missing", phase.positions("missing")),
            ("of wrong intensity", phase.positions("wrong_intensity")),
        )
        if positions
    ]
    return f"{phase.name}: {'; '.join(parts)}" if parts else ""


def _extra(result: LineMatch) -> str:
    if not result.extra:
        return ""
    shown = ", ".join(f"{line.position_deg:.2f}" for line in result.extra[:LINES_SHOWN])
    more = f" and {len(result.extra) - LINES_SHOWN} weaker" if len(result.extra) > LINES_SHOWN else ""
    return f"lines of no phase, strongest first: {shown}{more}"
