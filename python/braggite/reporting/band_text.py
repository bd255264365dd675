"""Bands of a reference as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.reporting.text import table

if TYPE_CHECKING:
    from braggite.references.bands import Band, BandReference
    from braggite.references.reference_spectrum import ReferenceSpectrum

TITLES = {"raman": "Raman", "ftir": "infrared"}
_HEADER = ["1/cm", "range", "role", "height", "width", "assignment", "condition", "status", "source"]


def bands_text(reference: BandReference) -> list[str]:
    """A title, one line a band, and the sources and notes that the lines refer to by number."""
    bands = reference.bands
    covered = reference.covered_range_cm1
    title = f"{TITLES[reference.technique]} bands" + (
        f", complete from {covered[0]:g} to {covered[1]:g} 1/cm" if covered else ""
    )
    spectra = [f"  {TITLES[reference.technique]} spectrum: {_spectrum(entry)}" for entry in reference.spectra]
    if not bands:
        return [f"  {title}: none" + (f"; {reference.note}" if reference.note else ""), *spectra]
    sources = list(dict.fromkeys(band.source for band in bands))
    notes: dict[str, list[str]] = {}
    for band in bands:
        if band.note:
            notes.setdefault(band.note, []).append(f"{band.position_cm1:g}")
    rows = [_row(band, sources.index(band.source) + 1) for band in bands]
    lines = table(_HEADER, rows).splitlines()
    return [
        f"  {title}",
        *(f"    {line}".rstrip() for line in lines),
        *(f"    [{number}] {source}" for number, source in enumerate(sources, start=1)),
        *(f"    {', '.join(positions)}: {note}" for note, positions in notes.items()),
        *([f"    {reference.note}"] if reference.note else []),
        *spectra,
    ]


def _spectrum(entry: ReferenceSpectrum) -> str:
    laser = None if entry.excitation_nm is None else f"{entry.excitation_nm:g} nm"
    return ", ".join(text for text in (entry.file, laser, entry.condition, entry.processing, entry.source) if text)


def _row(band: Band, source: int) -> list[str]:
    low, high = band.range_cm1
    what = ", ".join(text for text in (band.symmetry, band.assignment, "dip" if band.negative else None) if text)
    return [
        f"{band.position_cm1:g}",
        f"{low:g} to {high:g}",
        band.role.replace("_", " "),
        f"{band.strength_class} {band.strength:.2g}",
        "-" if band.fwhm_cm1 is None else f"{band.fwhm_cm1:g}",
        what or "-",
        band.condition or "-",
        f"{band.status}, {band.confidence}",
        f"[{source}]",
    ]
