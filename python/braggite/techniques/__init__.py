"""One frozen `Technique` per technique; everything that differs between them stands in its file."""

from __future__ import annotations

from braggite.errors import OptionError
from braggite.techniques.ftir import FTIR
from braggite.techniques.raman import RAMAN
from braggite.techniques.technique import Technique
from braggite.techniques.xps import XPS
from braggite.techniques.xrd import XRD

TECHNIQUES: dict[str, Technique] = {t.name: t for t in (XRD, RAMAN, FTIR, XPS)}

__all__ = ["FTIR", "RAMAN", "TECHNIQUES", "XPS", "XRD", "Technique", "technique_named"]


def technique_named(name: str) -> Technique:
    """The technique called ``name``; ``OptionError`` for an unknown one."""
    try:
        return TECHNIQUES[name]
    except KeyError:
        raise OptionError(f"technique {name!r} is not one of {', '.join(TECHNIQUES)}") from None
