"""What a reader hands over: one scan as the file states it, before anything is decided about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.arrays import FloatArray
    from braggite.diagnostics import Diagnostic
    from braggite.spectrum import Instrument, Radiation, Step, TechniqueName, YUnit


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One scan in the file's own order; ``None`` means that the file does not say.

    Attributes
    ----------
    x, y : (n,) positions and ordinates as stored
    sigma : (n,) standard deviations, where the file states them
    dwell_s : counting time per point, seconds; a number or (n,)
    attenuation : (n,) factors already multiplied into ``y``
    technique, technique_hint : what the file states, and what its name or range suggests
    y_unit : unit the file states
    energy, photon_energy_ev : XPS: what the energies are (kinetic ones become binding energies), and hv
    wavelengths_nm : Raman: the positions are wavelengths, which become shifts where the laser's is known
    counts, decided : ``decided`` keeps ``sigma``, ``counts`` and ``y_unit`` as they are (our own files)
    """

    x: FloatArray
    y: FloatArray
    where: str
    sigma: FloatArray | None = None
    dwell_s: float | FloatArray | None = None
    attenuation: FloatArray | None = None
    technique: TechniqueName | None = None
    y_unit: YUnit | None = None
    energy: Literal["kinetic", "binding"] | None = None
    wavelengths_nm: bool = False
    photon_energy_ev: float | None = None
    counts: bool | None = None
    decided: bool = False
    name: str = ""
    radiation: Radiation | None = None
    instrument: Instrument | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    history: tuple[Step, ...] = ()
    notes: tuple[Diagnostic, ...] = ()


if TYPE_CHECKING:
    PendingScan = Callable[[], Scan]
