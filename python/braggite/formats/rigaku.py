"""What Rigaku's two formats share: header keys, profile columns, X-rays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum
from braggite.formats.scan import Scan
from braggite.formats.scan_axis import require_two_theta
from braggite.formats.text_blocks import TRUNCATED, Line, count, optional_number, rows
from braggite.formats.tube import monochromator_angle, separates_kalpha2, tube_radiation
from braggite.spectrum import Instrument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.spectrum import YUnit

UNITS: dict[str, YUnit] = {"counts": "counts", "cps": "counts/s"}


def profile(
    header: Mapping[str, str], lines: Sequence[Line], where: str, *, radius_mm: float | None = None, **metadata: Any
) -> Scan:
    """A scan from header keys (without their star) and the lines ``position intensity [attenuator factor]``."""
    axis = header.get("MEAS_SCAN_AXIS_X_INTERNAL") or header.get("MEAS_SCAN_AXIS_X", "")
    require_two_theta(axis, where)
    table = rows(lines, (2, 3), where)
    declared = header.get("MEAS_DATA_COUNT", "").strip()
    if declared and count(declared, "*MEAS_DATA_COUNT", where) != len(table):
        raise InvalidSpectrum(
            f"{declared} points are declared, {len(table)} stand here", where=where, suggestion=TRUNCATED
        )
    notes = []
    if table.shape[1] == 3 and np.any(table[:, 2] != 1.0):
        engaged = int(np.sum(table[:, 2] != 1.0))
        notes.append(Diagnostic.of("attenuation_undecided", where=where, value=engaged))
    incident = [value for key, value in header.items() if key.startswith("HW_I_MONOCHRO")]
    radiation, beam_notes = tube_radiation(
        *(
            optional_number(header.get(f"HW_XG_WAVE_LENGTH_{line}"), f"*HW_XG_WAVE_LENGTH_{line}", where)
            for line in ("ALPHA1", "ALPHA2")
        ),
        anode=header.get("HW_XG_TARGET_NAME", ""),
        claimed_kalpha1=header.get("MEAS_COND_XG_WAVE_TYPE", "").strip().lower() == "ka1",
        crystal=separates_kalpha2(incident),
        where=where,
    )
    after = " ".join(value for key, value in header.items() if key.startswith("HW_COUNTER_MONOCHRO"))
    return Scan(
        x=table[:, 0],
        y=table[:, 1],
        where=where,
        dwell_s=_dwell(header, where),
        technique="xrd",
        y_unit=UNITS.get(header.get("MEAS_SCAN_UNIT_Y", "").strip().lower()),
        name=header.get("FILE_SAMPLE", "").strip(),
        radiation=radiation,
        instrument=Instrument(radius_mm=radius_mm, monochromator_two_theta_deg=monochromator_angle(after, radiation)),
        metadata={"scan_axis": axis, **metadata, "header": dict(header)},
        notes=(*notes, *beam_notes),
    )


def _dwell(header: Mapping[str, str], where: str) -> float | None:
    """Seconds for one step of a continuous scan, from the step and the speed in degrees a minute."""
    step, speed = (
        optional_number(header.get(f"MEAS_SCAN_{key}"), f"*MEAS_SCAN_{key}", where) for key in ("STEP", "SPEED")
    )
    unit = header.get("MEAS_SCAN_SPEED_UNIT", "deg/min").strip().lower()
    return 60.0 * step / speed if step and speed and unit in ("deg/min", "") else None
