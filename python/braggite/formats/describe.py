"""What `braggite info` says about a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from braggite.formats.reading import read
from braggite.spectrum import Spectrum

if TYPE_CHECKING:
    import os


def describe(source: Spectrum | str | os.PathLike[str], **options: Any) -> dict[str, Any]:
    """One entry of ``spectra`` in the ``info`` document, of a spectrum that was read or of a file.

    First and last stand in the file's own order; the step is a magnitude. ``options`` are those of
    :func:`braggite.read`, which raises what cannot be read.
    """
    spectrum = source if isinstance(source, Spectrum) else read(source, **options)
    codes = {note.code for note in spectrum.diagnostics}
    first, last = (-1, 0) if "axis_reversed" in codes else (0, -1)
    return {
        "path": spectrum.source.path,
        "technique": spectrum.technique,
        "format": spectrum.source.format,
        "name": spectrum.name,
        "scan": spectrum.source.scan,
        "n_scans": spectrum.source.n_scans,
        "n_points": len(spectrum),
        "x_first": float(spectrum.x[first]),
        "x_last": float(spectrum.x[last]),
        "step_median": spectrum.step_median,
        "x_unit": spectrum.x_unit,
        "y_first": float(spectrum.y[first]),
        "y_last": float(spectrum.y[last]),
        "y_max": float(spectrum.y.max()),
        "y_unit": spectrum.y_unit,
        "counts": spectrum.counts,
        "wavelength_angstrom": None if spectrum.radiation is None else [line[0] for line in spectrum.radiation.lines],
    }
