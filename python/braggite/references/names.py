"""Folder names made from any text."""

from __future__ import annotations

import re

BUILT_SUFFIX = ".bgx"
"""Of a built library."""


def slug(text: str) -> str:
    """Lower case, words joined by hyphens: ``LiCoO2 (layered).cif`` -> ``licoo2-layered-cif``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "phase"
