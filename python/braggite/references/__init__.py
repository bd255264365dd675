"""Reference phases: what a sample may hold, each fact with its source."""

from __future__ import annotations

from braggite.references.artefacts import Artefact, ArtefactFeature, artefacts
from braggite.references.bands import Band, BandReference
from braggite.references.cell import Cell
from braggite.references.cell_relations import DerivedQuantity
from braggite.references.citation import Citation
from braggite.references.elements import default_b_iso_angstrom2
from braggite.references.intensity_ratio import reference_intensity_ratio
from braggite.references.library import ReferenceLibrary
from braggite.references.phase import Phase
from braggite.references.reference_spectrum import ReferenceSpectrum
from braggite.references.structure import Site, Structure

__all__ = [
    "Artefact",
    "ArtefactFeature",
    "Band",
    "BandReference",
    "Cell",
    "Citation",
    "DerivedQuantity",
    "Phase",
    "ReferenceLibrary",
    "ReferenceSpectrum",
    "Site",
    "Structure",
    "artefacts",
    "default_b_iso_angstrom2",
    "reference_intensity_ratio",
]
