"""``braggite info``: what files hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from braggite.cli.options import Files, Output, Reading, given

if TYPE_CHECKING:
    from braggite.diagnostics import Diagnostic
    from braggite.spectrum import Spectrum


def info(files: Files, reading: Reading, output: Output) -> int:
    """What files hold: technique, points, warnings.

    \b
    Examples:
      braggite info scan.xrdml
      braggite info *.xy --json
    """
    from braggite.cli.inputs import read_one, read_scans
    from braggite.cli.output import emit, remark
    from braggite.formats.describe import describe
    from braggite.reporting.documents import document

    spectra: list[Spectrum] = []
    notes: list[Diagnostic] = []
    for path in files:
        scans, refused = read_scans(path, reading) if reading.scan is None else ([read_one(path, reading)], [])
        spectra += scans
        notes += refused
    rows = [describe(spectrum) for spectrum in spectra]
    notes += [note for spectrum in spectra for note in spectrum.diagnostics]
    doc = document(
        "info", {"spectra": rows}, options=given(reading), diagnostics=notes, inputs=[s.source for s in spectra]
    )
    remark(output, notes)
    emit(output, doc, lambda: "\n".join(map(_text, rows, spectra)))
    return 0


def _text(row: dict[str, Any], spectrum: Spectrum) -> str:
    from braggite.formats.registry import readers

    wavelength = row["wavelength_angstrom"]
    title = next((reader.title for reader in readers() if reader.name == row["format"]), row["format"])
    which = f", scan {row['scan']} (of 0 to {row['n_scans'] - 1})" if row["n_scans"] > 1 else ""
    lines = [
        f"{row['path']}",
        f"  technique   {row['technique']}, {title}{which}",
        f"  positions   {row['n_points']} points, {row['x_first']:g} to {row['x_last']:g} {row['x_unit']}, "
        f"step {row['step_median']:.6g}",
        f"  ordinates   {row['y_unit']}, largest {row['y_max']:g}, noise {_noise(spectrum)}",
    ]
    if row["name"] != Path(row["path"]).stem:
        lines.insert(1, f"  name        {row['name']}")
    if wavelength:
        assumed = " (assumed)" if spectrum.radiation is not None and spectrum.radiation.assumed else ""
        lines.append(f"  wavelength  {', '.join(f'{value:g}' for value in wavelength)} Å{assumed}")
    return "\n".join(lines) + "\n"


def _noise(spectrum: Spectrum) -> str:
    """Where the standard deviations come from."""
    if spectrum.counts is not None:
        return "known from counting" if spectrum.counts else "known from rate and counting time"
    return "stated in the file" if spectrum.sigma is not None else "estimated from the scatter"
