"""Powder patterns as pdCIF: one block with positions, ordinates and, where they are known, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite._core import __version__
from braggite.cif_text import block_heading, items, loop
from braggite.errors import OptionError
from braggite.formats.write_numbers import shortest

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.spectrum import Radiation, Spectrum


def cif_text(spectrum: Spectrum) -> str:
    """The text of a powder CIF.

    Standard deviations that counting does not imply are written as weights, 1/sigma^2.

    Raises
    ------
    OptionError
        A spectrum that is not an X-ray diffraction pattern.
    """
    if spectrum.technique != "xrd":
        raise OptionError(
            f"a powder CIF holds X-ray diffraction, not {spectrum.technique}", suggestion="write .jdx, .csv or .json"
        )
    ordinate = "_pd_meas_counts_total" if spectrum.counts else "_pd_meas_intensity_total"
    columns: dict[str, FloatArray] = {"_pd_meas_2theta_scan": spectrum.x, ordinate: spectrum.y}
    if spectrum.sigma is not None and not _implied(spectrum):
        columns["_pd_proc_ls_weight"] = 1 / spectrum.sigma**2
    stated = spectrum.radiation
    lines = [
        block_heading(spectrum.name or "pattern"),
        *items([("_audit_creation_method", f"braggite {__version__}"), ("_pd_block_id", spectrum.name or "pattern")]),
        *radiation_lines(None if stated is None or stated.assumed else stated),
        *items([("_pd_meas_number_of_points", spectrum.x.size)]),
        *column_loop(columns),
    ]
    return "\n".join([*lines, ""])


def column_loop(columns: dict[str, FloatArray]) -> list[str]:
    """A loop of arrays by name, each number as the shortest text that reads back as the same float."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return ["loop_", *columns, *(" ".join(map(shortest, row)) for row in rows)]


def _implied(spectrum: Spectrum) -> bool:
    """Whether the standard deviations are those of the counts themselves."""
    return bool(spectrum.counts) and bool(np.all(spectrum.sigma == np.sqrt(np.maximum(spectrum.y, 1.0))))


def radiation_lines(radiation: Radiation | None) -> list[str]:
    """That X-rays were used, and their wavelengths with their weights."""
    probe = items([("_diffrn_radiation_probe", "x-ray")])
    rows = [(index, *line) for index, line in enumerate(radiation.lines if radiation else (), start=1)]
    return [*probe, *loop([f"_diffrn_radiation_wavelength{part}" for part in ("_id", "", "_wt")], rows)]
