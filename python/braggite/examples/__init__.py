"""Example scans shipped with the package, simulated by ``examples/make_demo_scans.py``; headers state the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """One example scan, what a laboratory would know of it, and what is really in it."""

    path: Path
    elements: str
    watch: tuple[str, ...]
    truth: dict[str, float]


def example_scans() -> tuple[Example, ...]:
    """BaTiO3 in a garnet, and a Li2BaTi6O14 reaction product with leftovers."""
    folder = Path(__file__).parent
    return (
        Example(
            folder / "bto-in-llzto.xy",
            elements="Li,La,Zr,Ta,Ba,Ti,O",
            watch=("la2zr2o7", "li2bati6o14"),
            truth={"llzo-ta-cubic": 0.94, "batio3-tetragonal": 0.06},
        ),
        Example(
            folder / "li2bati6o14-product.xy",
            elements="Li,Ba,Ti,O,C",
            watch=("li4ti5o12-spinel", "bati4o9"),
            truth={"li2bati6o14": 0.78, "batio3-tetragonal": 0.14, "tio2-rutile": 0.08},
        ),
    )
