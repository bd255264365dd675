"""Where the facts of a reference come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["read", "recalled", "estimated"]
STATUSES: tuple[Status, ...] = ("read", "recalled", "estimated")


@dataclass(frozen=True, slots=True)
class Citation:
    """The paper or database entry behind a structure; None or empty means not known.

    Attributes
    ----------
    authors : family name and initials, in the order of the paper
    journal, year, volume, pages, doi : of the paper
    role : what the paper gives here ("whole structure", "cell", "phase reference")
    status : "read" (in a source that names the paper), "recalled" (to be checked before citing) or "estimated"
    database_id : entries that hold this structure ("COD 1513252; mp-5986")
    origin : where the numbers were taken from
    licence : what may be done with them
    coordinates : citation of the atomic coordinates where they are not the paper's
    """

    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    pages: str | None = None
    doi: str | None = None
    role: str | None = None
    status: Status | None = None
    database_id: str | None = None
    origin: str | None = None
    licence: str | None = None
    coordinates: str | None = None

    def __str__(self) -> str:
        families = [author.split(",")[0].strip() for author in self.authors]
        who = families[0] + " et al." if len(families) > 2 else " & ".join(families)
        year = f"({self.year})" if self.year else ""
        where = " ".join(part for part in (self.journal, self.volume, year, self.pages) if part)
        doi = f"doi {self.doi}" if self.doi else ""
        text = ", ".join(part for part in (who, where, doi) if part)
        return text or self.database_id or self.origin or "no source stated"

    def to_dict(self) -> dict[str, Any]:
        """Plain types, keyed by the names of the attributes, with the printed form under ``text``."""
        keys = (
            "journal", "year", "volume", "pages", "doi", "role", "status", "database_id", "origin", "licence",
            "coordinates",
        )  # fmt: skip
        return {"text": str(self), "authors": list(self.authors), **{key: getattr(self, key) for key in keys}}
