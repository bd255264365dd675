"""From a path to a checked spectrum: dispatch, choice of scan, technique, radiation and noise."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError, UnknownFormat
from braggite.formats.counts import Noise, decide_noise
from braggite.formats.registry import HEAD_BYTES, choose_reader
from braggite.formats.technique_hints import technique_of
from braggite.radiation import radiation_from_wavelengths, radiation_named
from braggite.spectrum import Radiation, Source, Spectrum, Step
from braggite.techniques import technique_named

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from braggite.formats.scan import PendingScan, Scan
    from braggite.spectrum import TechniqueName
    from braggite.techniques import Technique

MAX_FILE_BYTES = 1 << 30


def read(
    path: str | os.PathLike[str],
    *,
    technique: TechniqueName | None = None,
    scan: int | None = None,
    wavelength: str | float | Sequence[float] | None = None,
    radiation: str | Radiation | None = None,
) -> Spectrum:
    """A measured spectrum from a file; the format is found by evidence (bytes before suffix).

    Parameters
    ----------
    path : the file
    technique : ``xrd``, ``raman``, ``ftir`` or ``xps``; overrides what the file suggests
    scan : which scan of a file with several, from 0 (default: the first, with the diagnostic ``several_scans``)
    wavelength : X-ray wavelength(s) in angstrom, overriding the file: ``1.5406`` or ``"1.54056,1.54439"``
    radiation : X-rays by name instead (``"CuKa"``, ``"CoKa1"``) or as a :class:`Radiation`

    Returns
    -------
    Spectrum with ascending positions (degrees 2-theta, cm-1 or eV), standard deviations where they are known, the
    file's hash, and every assumption as a diagnostic.

    Raises
    ------
    UnknownFormat
        A missing file, a format that no reader recognises, or one that is refused (with advice).
    InvalidSpectrum
        A damaged or truncated file, NaN, one point, unsorted or contradicting positions; the line or byte is named.
    OptionError
        A scan the file does not have, a wavelength that is not positive, an unknown technique or radiation.
    """
    chosen = technique_named(technique) if technique is not None else None
    rays = _radiation_option(wavelength, radiation)
    if scan is not None and scan < 0:
        raise OptionError(f"scan {scan} is negative; scans are numbered from 0")
    path = Path(path)
    content = _content(path)
    reader = choose_reader(content[:HEAD_BYTES], path)
    pending = reader.read(content, str(path))
    found = _choose(pending, scan, str(path))
    notes = list(found.notes)
    if scan is None and len(pending) > 1:
        notes.append(
            Diagnostic.of(
                "several_scans",
                where=str(path),
                value=len(pending),
                detail=f"the file holds {len(pending)} scans; scan 0 was read",
                suggestion="choose one with scan=",
            )
        )
    if chosen is None:
        chosen, doubt = technique_of(found, path)
        notes.extend(doubt)
    source = Source(
        path=str(path),
        format=reader.name,
        sha256=hashlib.sha256(content).hexdigest(),
        scan=scan or 0,
        n_scans=len(pending),
    )
    return _assemble(found, chosen, rays, source, notes)


def _radiation_option(
    wavelength: str | float | Sequence[float] | None, radiation: str | Radiation | None
) -> Radiation | None:
    if wavelength is not None and radiation is not None:
        raise OptionError("both a wavelength and a radiation are given; one of them is enough")
    if wavelength is not None:
        return radiation_from_wavelengths(wavelength)
    return radiation_named(radiation) if isinstance(radiation, str) else radiation


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnknownFormat("this is a folder, not a file", where=str(path))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnknownFormat(f"the file is larger than {MAX_FILE_BYTES >> 20} MB", where=str(path))
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnknownFormat("there is no such file", where=str(path)) from None
    except (OSError, ValueError) as error:
        raise UnknownFormat(f"the file cannot be read: {error}", where=str(path)) from None
    if not content.strip():
        raise InvalidSpectrum("the file is empty", where=str(path))
    return content


def _choose(pending: Sequence[PendingScan], scan: int | None, where: str) -> Scan:
    if not pending:
        raise InvalidSpectrum("the file holds no scan", where=where)
    index = scan or 0
    if index >= len(pending):
        held = "one scan (0)" if len(pending) == 1 else f"{len(pending)} scans (0 to {len(pending) - 1})"
        raise OptionError(f"there is no scan {index}; the file holds {held}", where=where)
    return pending[index]()


def _assemble(
    scan: Scan, technique: Technique, rays: Radiation | None, source: Source, notes: list[Diagnostic]
) -> Spectrum:
    low, high = technique.x_range
    if scan.x.size and (np.min(scan.x) < low or np.max(scan.x) > high):
        raise InvalidSpectrum(
            f"positions from {np.min(scan.x):g} to {np.max(scan.x):g} cannot be {technique.x_label}",
            where=scan.where,
            suggestion="state the technique, or export the right axis",
        )
    noise = _noise(scan, technique)
    radiation = None
    if technique.assumed_radiation is not None:
        radiation = rays or scan.radiation
        if radiation is None:
            assumed = radiation_named(technique.assumed_radiation)
            radiation = Radiation(assumed.lines, name=assumed.name, assumed=True)
            notes.append(
                Diagnostic.of(
                    "wavelength_assumed",
                    where=scan.where,
                    value=[line[0] for line in radiation.lines],
                    suggestion="state the wavelength or the radiation",
                )
            )
    elif rays is not None:
        raise OptionError(f"a wavelength has no meaning for {technique.title}", where=scan.where)
    options: dict[str, Any] = {
        "path": source.path,
        "format": source.format,
        "scan": source.scan,
        "technique": technique.name,
    }
    if radiation is not None:
        options["radiation"] = radiation.to_dict()
    return Spectrum.from_arrays(
        scan.x,
        scan.y,
        sigma=noise.sigma,
        technique=technique.name,
        where=scan.where,
        y_unit=noise.y_unit,
        counts=noise.counts,
        name=scan.name or Path(source.path or "").stem,
        radiation=radiation,
        instrument=scan.instrument,
        source=source,
        metadata=dict(scan.metadata),
        history=(*scan.history, Step("read", options)),
        diagnostics=(*notes, *noise.notes),
    )


def _noise(scan: Scan, technique: Technique) -> Noise:
    if scan.decided:
        return Noise(scan.sigma, scan.counts, scan.y_unit or "arbitrary")
    if technique.counting and scan.y_unit in (None, "counts", "counts/s"):
        return decide_noise(
            scan.y, dwell_s=scan.dwell_s, attenuation=scan.attenuation, stated_sigma=scan.sigma, where=scan.where
        )
    notes = () if scan.sigma is not None else (Diagnostic.of("sigma_unknown", where=scan.where),)
    return Noise(scan.sigma, None, scan.y_unit or "arbitrary", notes)
