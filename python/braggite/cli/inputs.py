"""From file names and options to spectra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import braggite as bg
from braggite.calibration.instrument_files import read_instrument_file
from braggite.cli.options import Reading
from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError, InvalidSpectrum, OptionError, UnknownFormat
from braggite.formats.reading import open_scans
from braggite.matching.pattern import on_instrument
from braggite.spectrum import Instrument, Spectrum
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from braggite.calibration import InstrumentProfile, WavenumberCalibration


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is known of the instruments: the diffractometer, and the axes of others by technique."""

    profile: InstrumentProfile | None = None
    axes: Mapping[str, WavenumberCalibration] = field(default_factory=dict)

    def on(self, spectrum: Spectrum) -> Spectrum:
        """The spectrum as measured with the one of its technique, if there is one."""
        if spectrum.technique in self.axes:
            return self.axes[spectrum.technique].apply(spectrum)
        if self.profile is not None and technique_named(spectrum.technique).calibrated == "profile":
            return on_instrument(spectrum, self.profile)
        return spectrum


def read_instruments(reading: Reading) -> Instruments:
    """The calibrated instruments in the files of ``--instrument``; ``OptionError`` for two of one technique."""
    profile: InstrumentProfile | None = None
    axes: dict[str, WavenumberCalibration] = {}
    for path in reading.instrument:
        found = read_instrument_file(path)
        taken = profile is not None if isinstance(found, bg.InstrumentProfile) else found.technique in axes
        if taken:
            raise OptionError(f"{path} is a second instrument of its technique", where="--instrument")
        if isinstance(found, bg.InstrumentProfile):
            profile = found
        else:
            axes[found.technique] = found
    return Instruments(profile, axes)


def read_all(paths: Sequence[Path], reading: Reading) -> list[Spectrum]:
    """Every file as one spectrum, with what the user knows better than the file applied."""
    return [read_one(path, reading) for path in paths]


def read_one(path: Path, reading: Reading) -> Spectrum:
    """One file as one spectrum; ``InvalidSpectrum`` for an assumed wavelength under ``--strict``."""
    spectrum = bg.read(
        path,
        technique=reading.technique,
        scan=reading.scan,
        wavelength=reading.wavelength,
        radiation=reading.radiation,
        photon_energy_ev=reading.photon_energy,
        laser_wavelength_nm=reading.laser,
    )
    return _applied(read_instruments(reading).on(spectrum), path, reading)


def read_scans(path: Path, reading: Reading) -> tuple[list[Spectrum], list[Diagnostic]]:
    """Every scan of a file that can be read, and a diagnostic for each that is refused; the file is opened once.

    A file none of whose scans can be read raises what its first scan raises.
    """
    file = open_scans(
        path,
        technique=reading.technique,
        wavelength=reading.wavelength,
        radiation=reading.radiation,
        photon_energy_ev=reading.photon_energy,
        laser_wavelength_nm=reading.laser,
    )
    known = read_instruments(reading)
    spectra: list[Spectrum] = []
    refusals: list[BraggiteError] = []
    for index in range(len(file)):
        try:
            spectra.append(_applied(known.on(file.spectrum(index)), path, reading))
        except (InvalidSpectrum, UnknownFormat) as refusal:
            refusals.append(refusal)
    if not spectra:
        raise refusals[0]
    notes = [Diagnostic.of("scan_refused", where=refusal.where, detail=refusal.message) for refusal in refusals]
    if len(file) > 1:
        detail = f"the file holds {len(file)} scans; the other verbs read scan 0 unless --scan says otherwise"
        notes.insert(0, Diagnostic.of("several_scans", where=str(path), value=len(file), detail=detail))
    return spectra, notes


def _applied(spectrum: Spectrum, path: Path, reading: Reading) -> Spectrum:
    """What the user knows better than the file."""
    if reading.strict and spectrum.radiation is not None and spectrum.radiation.assumed:
        raise InvalidSpectrum(
            "the file states no wavelength, and --strict forbids assuming one",
            where=str(path),
            suggestion="give --wavelength or --radiation",
        )
    if spectrum.technique == "xrd":
        spectrum = replace(spectrum, instrument=_instrument(spectrum.instrument or Instrument(), reading))
        spectrum = _without_blank(spectrum, reading)
    for text in reading.exclude_range:
        spectrum = bg.exclude_range(spectrum, *parsed_range(text, "--exclude-range"))
    return spectrum


def _without_blank(spectrum: Spectrum, reading: Reading) -> Spectrum:
    """The pattern less the scan of ``--blank``, which is read as the pattern is."""
    if reading.blank is None:
        if reading.blank_factor is not None:
            raise OptionError("--blank-factor needs a --blank", where="--blank-factor")
        return spectrum
    blank = read_one(reading.blank, replace(reading, scan=None, exclude_range=(), blank=None, blank_factor=None))
    return bg.subtract_blank(spectrum, blank, factor=reading.blank_factor)


def parsed_range(text: str, option: str) -> tuple[float, float]:
    """``A:B`` as two ascending numbers; ``OptionError`` otherwise."""
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        low, high = 1.0, 0.0
    if not low < high:
        raise OptionError(f"{option} {text!r} is not A:B with A < B", where=option, suggestion=f"{option} 26.0:27.5")
    return low, high


def parsed_standard(text: str | None) -> tuple[str, float] | None:
    """``P=FRACTION`` as name and weight fraction; ``OptionError`` for another form."""
    if text is None:
        return None
    name, _, number = text.rpartition("=")
    try:
        return _named(name), float(number)
    except ValueError:
        option = "--internal-standard"
        raise OptionError(f"{option} {text!r} is not P=FRACTION", where=option, suggestion=f"{option} si=0.1") from None


def _named(name: str) -> str:
    if not name.strip():
        raise ValueError(name)
    return name.strip()


def refuse_overlaps(spectra: Sequence[Spectrum]) -> None:
    """``OptionError`` when two files of one technique cover the same positions: then they are two samples."""
    for i, first in enumerate(spectra):
        for second in spectra[i + 1 :]:
            low, high = max(first.x[0], second.x[0]), min(first.x[-1], second.x[-1])
            if first.technique == second.technique and low < high:
                raise OptionError(
                    f"{first.source.path} and {second.source.path} are both {first.technique} from {low:g} to "
                    f"{high:g} {first.x_unit}; several files are taken as one sample",
                    where=second.source.path,
                    suggestion="use `braggite screen` for many samples, or --same-sample for repeats on one",
                )


def _instrument(instrument: Instrument, reading: Reading) -> Instrument:
    return Instrument(
        geometry=reading.geometry or instrument.geometry,
        radius_mm=instrument.radius_mm,
        monochromator_two_theta_deg=instrument.monochromator_two_theta_deg
        if reading.monochromator is None
        else reading.monochromator,
        divergence=reading.divergence or instrument.divergence,
    )
