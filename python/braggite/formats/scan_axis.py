"""Which axis an instrument moved: positions are 2-theta only if 2-theta moved."""

from __future__ import annotations

import re

from braggite.errors import UnknownFormat

_TWO_THETA = re.compile(
    r"gonio(?:meter)?|(?:un)?lockedcoupled|coupled|detector(?:scan)?|"
    r"(?:coupled)?(?:omega|theta)?(?:2theta|twotheta|2th)(?:theta|omega|th)?(?:scan)?"
)


def is_two_theta(axis: str) -> bool:
    """Whether the name of a scan or of its drive, in any vendor's spelling, means that 2-theta moved."""
    plain = axis.lower().replace("θ", "theta").replace("ω", "omega")
    return _TWO_THETA.fullmatch(re.sub(r"[^a-z0-9]", "", plain)) is not None


def require_two_theta(axis: str, where: str) -> None:
    """Raise ``UnknownFormat`` for a rocking curve, a pole figure, or a scan of a length, time or temperature."""
    if not is_two_theta(axis):
        raise UnknownFormat(
            f"the scan moves {axis}, not 2-theta" if axis else "the file does not say which axis moved",
            where=where,
            suggestion="choose a 2-theta scan of the file, or measure one",
        )
