"""A measured spectrum becomes part of a user's library."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from braggite.errors import LibraryError, OptionError
from braggite.references.add import write_phase_folder
from braggite.references.bands import BandReference, vibrational_technique
from braggite.references.library import ReferenceLibrary
from braggite.references.names import slug
from braggite.references.phase import Phase
from braggite.references.reference_spectrum import ReferenceSpectrum
from braggite.references.toml_reader import FILE_NAME

if TYPE_CHECKING:
    from braggite.spectrum import Spectrum

FOLDER = "spectra"
LASER_KEY = "laser_wavelength_nm"
"""Under which readers keep the wavelength of the laser that a file states."""


def add_spectrum(
    spectrum: Spectrum,
    library_dir: str | Path,
    *,
    phase: str,
    formula: str | None = None,
    excitation_nm: float | None = None,
    condition: str | None = None,
    source: str | None = None,
    licence: str | None = None,
    processing: str | None = None,
    covered_range_cm1: tuple[float, float] | None = None,
) -> ReferenceSpectrum:
    """Keep a Raman or infrared spectrum in a library folder, as a reference of a phase.

    The ordinates are stored as they are. A phase that the folder does not hold is copied from the shipped library, with
    everything known of it; one that nobody knows is begun.

    Parameters
    ----------
    spectrum
        As :func:`braggite.read` gives it, or after any processing; that is written down.
    library_dir
        Folder of phase folders; made if it does not exist.
    phase
        Name or alias of the phase.
    formula
        Of a phase that neither library knows.
    excitation_nm
        Wavelength of the laser in nm; by default what the file of the spectrum states.
    condition, source, licence, processing, covered_range_cm1
        As of :class:`ReferenceSpectrum`; the source is by default the user's own measurement, the processing what the
        spectrum's history says.

    Raises
    ------
    OptionError
        A spectrum of another technique, or an unknown phase without a formula.
    LibraryError
        The folder cannot be read or written.
    """
    technique = vibrational_technique(spectrum.technique)
    library_dir = Path(library_dir)
    owner = _phase(phase, library_dir, formula)
    folder = library_dir / owner.name
    laser = spectrum.metadata.get(LASER_KEY) if excitation_nm is None else excitation_nm
    described = "-".join(filter(None, (technique, f"{laser:g}nm" if laser else None, condition)))
    entry = ReferenceSpectrum(
        technique=technique,
        file=_free_name(folder, slug(described)),
        excitation_nm=None if laser is None else float(laser),
        condition=condition,
        source=source or f"own measurement, {Path(spectrum.source.path or 'from arrays').name}",
        licence=licence,
        covered_range_cm1=covered_range_cm1,
        processing=processing or ", ".join(s.verb for s in spectrum.history if s.verb != "read") or "as recorded",
        folder=folder,
    )
    entry = replace(entry, sha256=_store(spectrum, folder / entry.file))
    write_phase_folder(_with_spectrum(owner, entry), library_dir, overwrite=True)
    return entry


def _phase(name: str, library_dir: Path, formula: str | None) -> Phase:
    """The phase of the user's library, else of the shipped one, else a new one."""
    held = any(library_dir.glob(f"*/{FILE_NAME}")) if library_dir.is_dir() else False
    for library in (ReferenceLibrary.load(library_dir) if held else ReferenceLibrary(), ReferenceLibrary.default()):
        if name in library:
            return library[name]
    if formula is None:
        raise OptionError(
            f"{name!r} names no phase of either library",
            where="phase",
            suggestion="give its formula to begin one, or correct the name",
        )
    return Phase(slug(name), name, formula, groups=("own",))


def _free_name(folder: Path, stem: str) -> str:
    number, file = 1, f"{FOLDER}/{stem}.csv"
    while (folder / file).exists():
        number += 1
        file = f"{FOLDER}/{stem}-{number}.csv"
    return file


def _store(spectrum: Spectrum, path: Path) -> str:
    """Write the columns and say the digest of the file."""
    from braggite.formats.write import write

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return hashlib.sha256(write(spectrum, path).read_bytes()).hexdigest()
    except (OSError, OptionError) as error:
        raise LibraryError(f"cannot be written: {error}", where=str(path)) from None


def _with_spectrum(phase: Phase, entry: ReferenceSpectrum) -> Phase:
    known = phase.band_reference(entry.technique) or BandReference(technique=entry.technique)
    others = tuple(reference for reference in phase.vibrations if reference.technique != entry.technique)
    grown = replace(known, spectra=(*known.spectra, entry))
    return replace(phase, vibrations=tuple(sorted((*others, grown), key=lambda r: r.technique != "raman")))
