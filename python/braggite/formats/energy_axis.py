"""Kinetic energies of photoelectrons to binding energies, in one place for every reader."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import UnknownFormat

if TYPE_CHECKING:
    from typing import Literal

    from braggite.arrays import FloatArray
    from braggite.formats.scan import Scan

PHOTON_ENERGY_EV = {"al": 1486.6, "mg": 1253.6, "ag": 2984.3}
"""K-alpha (Ag: L-alpha) of laboratory sources, for files that name the anode but not its energy."""

_DECIMALS = 9
"""Energies are written in decimals; computed ones are rounded far below any step to give them back as such."""


@np.errstate(over="ignore")
def rounded_ev(energies: FloatArray) -> FloatArray:
    """(n,) energies without the last digits of floating-point arithmetic, and without -0."""
    return np.asarray(np.round(energies, _DECIMALS) + 0.0)


def energy_kind(label: str) -> Literal["kinetic", "binding"] | None:
    """What an axis label or column name says; None when it says neither."""
    text = label.lower()
    if re.search(r"kinetic|\bk\.? ?e\b|\be_?kin|\bke[\W_]", text):
        return "kinetic"
    return "binding" if re.search(r"binding|\bb\.? ?e\b|\be_?bind?|\bbe[\W_]", text) else None


def photon_energy_in(text: str) -> float | None:
    """The photon energy that the name of a source points to (``Al (mono)``, ``Mg``); None when it names none."""
    anode = re.match(r"\W*(al|mg|ag)(?:\b|k)", text.lower())
    return PHOTON_ENERGY_EV[anode[1]] if anode else None


def settle_energies(scan: Scan, photon_energy_ev: float | None) -> Scan:
    """A scan over energies of which nothing says what they are: kinetic where the user states a photon energy.

    Binding energies are assumed otherwise; either is said.
    """
    if scan.energy is not None or scan.decided:
        return scan
    kind: Literal["kinetic", "binding"] = "kinetic" if photon_energy_ev else "binding"
    note = Diagnostic.of(
        "energy_axis_assumed",
        where=scan.where,
        value=kind,
        detail=f"nothing says whether the energies are kinetic or binding energies; {kind} ones are assumed",
        suggestion=None if photon_energy_ev else "state the photon energy where they are kinetic (--photon-energy)",
    )
    return to_binding_energy(replace(scan, energy=kind, notes=(*scan.notes, note)), photon_energy_ev)


def to_binding_energy(scan: Scan, photon_energy_ev: float | None) -> Scan:
    """The scan on a binding-energy axis: BE = hv - KE where it holds kinetic energies, unchanged otherwise.

    The work function is not used: the energies of a file already stand against the Fermi level, and the figure in the
    header is the analyser's own setting.

    Raises
    ------
    UnknownFormat
        Kinetic energies without a photon energy.
    """
    if scan.energy != "kinetic":
        return scan
    energy = photon_energy_ev or scan.photon_energy_ev
    if not energy:
        raise UnknownFormat(
            "the energies are kinetic, and no photon energy is stated",
            where=scan.where,
            suggestion="state the photon energy in eV (photon_energy_ev=, --photon-energy)",
        )
    note = Diagnostic.of("binding_energy_computed", where=scan.where, value=energy)
    x = rounded_ev(energy - scan.x)
    return replace(scan, x=x, energy="binding", photon_energy_ev=energy, notes=(*scan.notes, note))
