"""From a path to a checked spectrum: dispatch, choice of scan, technique, radiation and noise."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError, UnknownFormat
from braggite.formats.counts import Noise, decide_noise
from braggite.formats.energy_axis import settle_energies, to_binding_energy
from braggite.formats.raman_shift import to_raman_shift
from braggite.formats.registry import choose_reader
from braggite.formats.technique_hints import technique_of
from braggite.preprocessing.saturation import note_saturation
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
NO_COUNTING = "ordinates of {} carry no counting statistics; noise is estimated from their scatter"


def read(
    path: str | os.PathLike[str],
    *,
    technique: TechniqueName | None = None,
    scan: int | None = None,
    wavelength: str | float | Sequence[float] | None = None,
    radiation: str | Radiation | None = None,
    photon_energy_ev: float | None = None,
    laser_wavelength_nm: float | None = None,
) -> Spectrum:
    """A measured spectrum from a file; the format is found by evidence (bytes before suffix).

    Parameters
    ----------
    path : the file
    technique : ``xrd``, ``raman``, ``ftir`` or ``xps``; overrides what the file suggests
    scan : which scan of a file with several, from 0 (default: the first, with the diagnostic ``several_scans``)
    wavelength : X-ray wavelength(s) in angstrom, overriding the file: ``1.5406`` or ``"1.54056,1.54439"``
    radiation : X-rays by name instead (``"CuKa"``, ``"CoKa1"``) or as a :class:`Radiation`
    photon_energy_ev : XPS: photon energy in eV for kinetic energies, overriding the file
    laser_wavelength_nm : Raman: wavelength of the laser, for files whose positions are wavelengths in nm

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
    if scan is not None and scan < 0:
        raise OptionError(f"scan {scan} is negative; scans are numbered from 0")
    file = open_scans(
        path,
        technique=technique,
        wavelength=wavelength,
        radiation=radiation,
        photon_energy_ev=photon_energy_ev,
        laser_wavelength_nm=laser_wavelength_nm,
    )
    if scan is not None:
        return file.spectrum(scan)
    several = Diagnostic.of(
        "several_scans",
        where=file.path,
        value=len(file),
        detail=f"the file holds {len(file)} scans; scan 0 was read",
        suggestion="choose another with scan= (--scan)",
    )
    return file.spectrum(0, (several,) if len(file) > 1 else ())


def read_all(
    path: str | os.PathLike[str],
    *,
    technique: TechniqueName | None = None,
    wavelength: str | float | Sequence[float] | None = None,
    radiation: str | Radiation | None = None,
    photon_energy_ev: float | None = None,
    laser_wavelength_nm: float | None = None,
) -> list[Spectrum]:
    """Every scan of a file, in the file's order; options and errors are those of :func:`read`.

    The file is opened and taken apart once. Scans are never joined: step, counting time and beam may differ.
    """
    file = open_scans(
        path,
        technique=technique,
        wavelength=wavelength,
        radiation=radiation,
        photon_energy_ev=photon_energy_ev,
        laser_wavelength_nm=laser_wavelength_nm,
    )
    return [file.spectrum(index) for index in range(len(file))]


@dataclass(frozen=True, slots=True, eq=False)
class ScanFile:
    """A file whose bytes were read once; each of its ``len`` scans becomes a spectrum when it is asked for."""

    path: str
    format: str
    sha256: str
    pending: Sequence[PendingScan]
    technique: Technique | None
    rays: Radiation | None
    photon_energy_ev: float | None = None
    laser_wavelength_nm: float | None = None

    def __len__(self) -> int:
        return len(self.pending)

    def spectrum(self, index: int, notes: Sequence[Diagnostic] = ()) -> Spectrum:
        """Scan ``index`` as a checked spectrum; errors as :func:`read`."""
        if index >= len(self):
            held = "one scan (0)" if len(self) == 1 else f"{len(self)} scans (0 to {len(self) - 1})"
            raise OptionError(f"there is no scan {index}; the file holds {held}", where=self.path)
        stored = self.pending[index]()
        found = to_raman_shift(to_binding_energy(stored, self.photon_energy_ev), self.laser_wavelength_nm)
        chosen, doubt = (self.technique, []) if self.technique else technique_of(found, Path(self.path))
        if chosen.x_unit == "eV":
            found = settle_energies(found, self.photon_energy_ev)
        source = Source(path=self.path, format=self.format, sha256=self.sha256, scan=index, n_scans=len(self))
        return _assemble(found, chosen, self.rays, source, [*found.notes, *notes, *doubt])


def open_scans(
    path: str | os.PathLike[str],
    *,
    technique: TechniqueName | None = None,
    wavelength: str | float | Sequence[float] | None = None,
    radiation: str | Radiation | None = None,
    photon_energy_ev: float | None = None,
    laser_wavelength_nm: float | None = None,
) -> ScanFile:
    """The scans of a file, none parsed yet; options and errors are those of :func:`read`."""
    chosen = technique_named(technique) if technique is not None else None
    rays = _radiation_option(wavelength, radiation)
    for what, value in (("photon energy", photon_energy_ev), ("laser wavelength", laser_wavelength_nm)):
        if value is not None and not 0 < value < math.inf:
            raise OptionError(f"a {what} of {value} {'eV' if what.startswith('photon') else 'nm'} is not positive")
    path = Path(path)
    content = _content(path)
    reader = choose_reader(content, path)
    pending = reader.read(content, str(path))
    if not pending:
        raise InvalidSpectrum("the file holds no scan", where=str(path))
    return ScanFile(
        str(path),
        reader.name,
        hashlib.sha256(content).hexdigest(),
        pending,
        chosen,
        rays,
        photon_energy_ev,
        laser_wavelength_nm,
    )


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
    if not content or content.isspace():
        raise InvalidSpectrum("the file is empty", where=str(path))
    return content


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
    if technique.saturates and scan.x.size == scan.y.size:
        notes += note_saturation(scan.x, scan.y, unit=technique.x_unit, where=scan.where)
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
    if scan.photon_energy_ev is not None:
        options["photon_energy_ev"] = scan.photon_energy_ev
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
        metadata={**scan.metadata, **_counting(scan)},
        history=(*scan.history, Step("read", options)),
        diagnostics=(*notes, *noise.notes),
    )


def _counting(scan: Scan) -> dict[str, Any]:
    """Counting time in seconds and attenuation factors as metadata: one number, or one a point."""
    kept = {"dwell_s": scan.dwell_s, "attenuation": scan.attenuation}
    values = {name: np.asarray(value, dtype=np.float64) for name, value in kept.items() if value is not None}
    return {
        name: float(value.flat[0]) if value.size and np.all(value == value.flat[0]) else value.tolist()
        for name, value in values.items()
    }


def _noise(scan: Scan, technique: Technique) -> Noise:
    if scan.decided:
        return Noise(scan.sigma, scan.counts, scan.y_unit or "arbitrary")
    if technique.counting and scan.y_unit in (None, "counts", "counts/s"):
        noise = decide_noise(
            scan.y,
            dwell_s=scan.dwell_s,
            attenuation=scan.attenuation,
            stated_sigma=scan.sigma,
            rate=scan.y_unit == "counts/s",
            where=scan.where,
        )
        if scan.y_unit == "counts" and noise.counts is not True:
            doubt = Diagnostic.of(
                "unit_contradicted", where=scan.where, detail="the file states counts, but the ordinates are not whole"
            )
            return replace(noise, notes=(doubt, *noise.notes))
        return noise
    usual = Diagnostic.of("sigma_unknown", where=scan.where, detail=NO_COUNTING.format(technique.title))
    notes = () if scan.sigma is not None else (replace(usual, level="info"),)
    return Noise(scan.sigma, None, scan.y_unit or "arbitrary", notes)
