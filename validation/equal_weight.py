"""Three- and four-phase mixtures of equal weights, known by the formulas in the file name (S05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.samples import Sample, Table, TruePhase, elements_of

if TYPE_CHECKING:
    from pathlib import Path

DOUBTFUL = {
    "ZrO2_In2O3_K2SO4": "shows the lines of CuO and none of In2O3",
    "Nb2O5_CuO_LiCoO2": "shows no clear CuO",
}


def table(data: Path) -> Table:
    """Fifteen scans; the two whose labels the scans contradict carry the reason."""
    files = sorted((data / "xrd" / "S05_dara_equalweight_mixtures").glob("*.xrdml"))
    return Table(
        name="equal-weight",
        title="Equal-weight mixtures (S05)",
        referent="formulas in the file name; weights nominally equal, never weighed, good to a few wt%",
        weighed=False,
        samples=tuple(_sample(path) for path in files),
    )


def _sample(path: Path) -> Sample:
    mixture = path.name.removesuffix(".12-min.xrdml")
    labels = mixture.split("_")
    phases = tuple(TruePhase.of_label(label, 1 / len(labels)) for label in labels)
    return Sample(path, elements_of(labels), phases, DOUBTFUL.get(mixture, ""))
