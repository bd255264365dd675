"""What the user asks of a sample: its spectra, its candidates, what to watch and what to require."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from braggite.cli.options import Library, Reading, SampleSearch, Search, given
from braggite.errors import OptionError

if TYPE_CHECKING:
    from braggite.calibration import InstrumentProfile
    from braggite.references import ReferenceLibrary
    from braggite.sample import SampleFile
    from braggite.spectrum import Spectrum


@dataclass(frozen=True, slots=True)
class Request:
    """One sample to be identified."""

    name: str
    spectra: tuple[Spectrum, ...]
    library: ReferenceLibrary
    provenance: dict[str, Any]
    watch: tuple[str, ...]
    require: tuple[str, ...]
    options: dict[str, Any]
    instrument: InstrumentProfile | None = None
    internal_standard: tuple[str, float] | None = None
    reach: float | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of a search, and the names of those asked for."""

    library: ReferenceLibrary
    provenance: dict[str, Any]
    watch: tuple[str, ...]
    require: tuple[str, ...]
    internal_standard: tuple[str, float] | None


def candidates_of(library: Library, search: Search) -> Candidates:
    """What the options leave of the library, with the phases asked for; ``OptionError`` where one is excluded too.

    Among the phases to watch in one sample, ``auto`` stands for all that could have formed.
    """
    from braggite.cli.candidates import filtered, provenance, whole_library, with_named
    from braggite.cli.inputs import parsed_standard
    from braggite.identification.watch_auto import AUTO

    whole = whole_library(library)
    excluded = {whole[name].name for name in search.exclude}
    standard = parsed_standard(search.internal_standard)
    auto = tuple(name for name in search.watch if name == AUTO and isinstance(search, SampleSearch))
    watched = tuple(name for name in search.watch if name not in auto)
    asked = (*watched, *search.require, *(() if standard is None else standard[:1]))
    clash = excluded & {whole[name].name for name in asked}
    if clash:
        raise OptionError(f"{min(clash)} is both excluded and asked for", where="--exclude")
    return Candidates(
        library=with_named(filtered(whole, library).without(excluded), whole, asked),
        provenance=provenance(whole),
        watch=(*(whole[name].name for name in watched), *auto[:1]),
        require=tuple(whole[name].name for name in search.require),
        internal_standard=standard,
    )


def sample_of(files: Sequence[Path], reading: Reading, library: Library, search: SampleSearch) -> Request:
    """The request that files (or one sample.toml) and options describe; flags stand over the sample file."""
    from braggite.cli.inputs import read_instruments, read_one, refuse_overlaps
    from braggite.sample import SampleFile, read_sample

    sample = None
    if any(path.suffix.lower() == ".toml" for path in files):
        if len(files) != 1:
            raise OptionError("a sample.toml stands alone; its files are listed inside it", where=str(files[0]))
        sample = read_sample(files[0])
        library = narrowed(library, sample.elements, sample.precursors)
        search = replace(search, watch=(*search.watch, *sample.watch))
    entries = sample.files if sample is not None else [SampleFile(path) for path in files]
    spectra = tuple(read_one(entry.path, merged_reading(reading, entry)) for entry in entries)
    if not search.same_sample:
        refuse_overlaps(spectra)
    chosen = candidates_of(library, search)
    return Request(
        name=sample.name if sample is not None else files[0].stem,
        spectra=spectra,
        library=chosen.library,
        provenance=chosen.provenance,
        watch=chosen.watch,
        require=chosen.require,
        options=given(reading) | given(library) | given(search),
        instrument=read_instruments(reading).profile,
        internal_standard=chosen.internal_standard,
        reach=search.reach,
    )


def narrowed(library: Library, elements: Sequence[str] | None, precursors: Sequence[str] | None) -> Library:
    """Library options with the elements and precursors of a file, where none are given."""
    return replace(
        library,
        elements=library.elements or (None if elements is None else ",".join(elements)),
        precursors=library.precursors or (None if precursors is None else ",".join(precursors)),
    )


def merged_reading(reading: Reading, entry: SampleFile) -> Reading:
    """What the options leave open, as the file's entry states it."""
    stated = {
        name: getattr(entry, name)
        for name in ("technique", "wavelength", "radiation", "scan")
        if getattr(reading, name) is None and getattr(entry, name) is not None
    }
    return replace(reading, **stated)
