"""The instrument's part of a pattern, from a standard: calibrate, keep as a file, hold in a match."""

from __future__ import annotations

from braggite.calibration.profile import InstrumentProfile
from braggite.calibration.results import Calibration
from braggite.calibration.standard_match import calibrate
from braggite.calibration.standards import STANDARDS, Standard

__all__ = ["STANDARDS", "Calibration", "InstrumentProfile", "Standard", "calibrate"]
