"""One table of figures, and the page of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from validation.markdown import aims_table, head, line
from validation.scoring import Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = """# Whole-pattern matching, measured

`python -m validation.whole_pattern` measures this and writes the page, with names of tables only those; nothing here is
typed by hand. A failed or missed figure stays in its table. Uncertainties in brackets are standard uncertainties, su,
in units of the last digit; *z* is the deviation from the truth in `su`.

## Aims

"""


@dataclass(frozen=True, slots=True)
class Section:
    """A table: what was done and against whose truth (``text``), every scan, and what was aimed at."""

    name: str
    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aims: tuple[Aim, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "title": self.title,
            "text": self.text,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "aims": [aim.to_dict() for aim in self.aims],
        }


def section_text(section: dict[str, Any]) -> str:
    """Markdown of one table with its date and commit."""
    state = "unknown" if section["commit"] is None else section["commit"][:12]
    changed = " with local changes" if section["modified"] else ""
    measured = f"Measured on {section['date']} at commit `{state}`{changed}, in {section['seconds']:.0f} s."
    table = head(section["columns"]) + "".join(line(*row) for row in section["rows"])
    return f"\n## {section['title']}\n\n{section['text']}\n\n{measured}\n\n{table}"


def page(sections: list[dict[str, Any]]) -> str:
    """Markdown of the whole page."""
    aims = [aim for section in sections for aim in section["aims"]]
    return HEAD + aims_table(aims) + "".join(section_text(section) for section in sections)


def share_aim(table: str, what: str, met: Sequence[bool], referent: str, share: float = 1.0) -> Aim:
    """At least ``share`` of what was counted is to be met."""
    return Aim(table, f"{what}: share of {len(met)}", sum(met) / len(met) if met else None, share, True, referent)


def root_mean_square(values: list[float]) -> float:
    """Of deviations."""
    return float(np.sqrt(np.mean(np.square(values))))


def parts_per_million(value: float, truth: float) -> float:
    """Relative deviation."""
    return 1e6 * (value / truth - 1.0)
