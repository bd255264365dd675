"""What an instrument does to a spectrum, from a standard: calibrate, keep as a file, hold in a match or apply."""

from __future__ import annotations

from braggite.calibration.axis_standards import AXIS_STANDARDS, AxisLine, AxisStandard
from braggite.calibration.profile import InstrumentProfile
from braggite.calibration.results import Calibration
from braggite.calibration.standard_match import calibrate
from braggite.calibration.standards import STANDARDS, Standard
from braggite.calibration.wavenumber import WavenumberCalibration, axis_su_cm1, calibrate_wavenumber

__all__ = [
    "AXIS_STANDARDS",
    "STANDARDS",
    "AxisLine",
    "AxisStandard",
    "Calibration",
    "InstrumentProfile",
    "Standard",
    "WavenumberCalibration",
    "axis_su_cm1",
    "calibrate",
    "calibrate_wavenumber",
]
