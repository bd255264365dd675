"""Powder patterns as pdCIF: one block with positions, ordinates and, where they are known, weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from braggite._core import __version__
from braggite.errors import OptionError
from braggite.formats.write_numbers import shortest

if TYPE_CHECKING:
    from braggite.spectrum import Spectrum


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
    columns = {"_pd_meas_2theta_scan": spectrum.x, ordinate: spectrum.y}
    if spectrum.sigma is not None and not _implied(spectrum):
        columns["_pd_proc_ls_weight"] = 1 / spectrum.sigma**2
    lines = [
        "data_" + (re.sub(r"[^\w.-]+", "_", spectrum.name, flags=re.ASCII)[:70] or "pattern"),
        f"_audit_creation_method 'braggite {__version__}'",
        f"_pd_block_id {_quoted(spectrum.name or 'pattern')}",
        "_diffrn_radiation_probe x-ray",
        *_radiation(spectrum),
        f"_pd_meas_number_of_points {spectrum.x.size}",
        "loop_",
        *columns,
    ]
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return "\n".join([*lines, *(" ".join(map(shortest, row)) for row in rows), ""])


def _implied(spectrum: Spectrum) -> bool:
    """Whether the standard deviations are those of the counts themselves."""
    return bool(spectrum.counts) and bool(np.all(spectrum.sigma == np.sqrt(np.maximum(spectrum.y, 1.0))))


def _radiation(spectrum: Spectrum) -> list[str]:
    if spectrum.radiation is None or spectrum.radiation.assumed:
        return []
    rows = [
        f"{index} {shortest(wavelength)} {shortest(weight)}"
        for index, (wavelength, weight) in enumerate(spectrum.radiation.lines, start=1)
    ]
    names = [f"_diffrn_radiation_wavelength{part}" for part in ("_id", "", "_wt")]
    return ["loop_", *names, *rows]


def _quoted(text: str) -> str:
    """A CIF string on one line."""
    text = " ".join(text.split())
    quote = next((sign for sign in "'\"" if not re.search(rf"{sign}(?:\s|$)", text)), None)
    return f"{quote}{text}{quote}" if quote else "'" + text.replace("'", " ") + "'"
