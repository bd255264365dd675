"""Two- and three-phase mixtures whose grams stand in the file name (S04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.samples import Sample, Table, TruePhase, elements_of

if TYPE_CHECKING:
    from pathlib import Path


def table(data: Path) -> Table:
    """Ten mixtures, each as a scan of two and of eight minutes."""
    files = sorted((data / "xrd" / "S04_dara_weighed_mixtures").glob("*.xrdml"))
    return Table(
        name="weighed",
        title="Weighed mixtures (S04)",
        referent="grams in the file name, weighed to 0.1 wt%; purity of the powders unchecked (1-2 wt%)",
        weighed=True,
        samples=tuple(_sample(path) for path in files),
    )


def _sample(path: Path) -> Sample:
    """``Li2CO3_0p9001-ZrO2_0p1000--2min.xrdml`` is 0.9001 g Li2CO3 with 0.1000 g ZrO2."""
    parts = [part.rsplit("_", 1) for part in path.stem.split("--")[0].split("-")]
    grams = {label: float(mass.replace("p", ".")) for label, mass in parts}
    phases = tuple(TruePhase.of_label(label, mass / sum(grams.values())) for label, mass in grams.items())
    return Sample(path, elements_of(list(grams)), phases)
