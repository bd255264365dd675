"""What CasaXPS leaves in the comment of a VAMAS block: energy calibrations, regions and components of a fit."""

from __future__ import annotations

import re
from typing import Any

from braggite.diagnostics import Diagnostic

_TOKEN = re.compile(r"\(\*(.*?)\*\)|(\S+)")
_CALIBRATION = re.compile(r"Calib\s+M\s*=\s*([\d.,eE+-]+)\s+A\s*=\s*([\d.eE+-]+)\s+(BE|KE)\s+(\w+)")
_LIMITS = ("value", "min", "max")


def fit_model(comment: list[str], where: str) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Calibrations, regions and components as the lines state them; empty where CasaXPS left none.

    Positions and region limits are kinetic energies in eV before any calibration, whatever the block's axis.
    ``tied_to`` is the component that an area, width or position follows, with ``factor`` (a ratio, for positions a
    shift); None for free ones.
    """
    found: dict[str, Any] = {"calibrations": [], "regions": [], "components": []}
    notes: list[Diagnostic] = []
    for line in comment:
        key, parser = next(((key, parser) for start, key, parser in _PARSERS if line.startswith(start)), ("", None))
        if parser is None:
            continue
        try:
            found[key].append(parser(line))
        except (ValueError, IndexError, OverflowError):
            notes.append(Diagnostic.of("fit_model_unreadable", where=where, value=line[:120]))
    if found["calibrations"]:
        notes.append(Diagnostic.of("energy_calibration_stored", where=where, value=len(found["calibrations"])))
    if found["regions"] or found["components"]:
        notes.append(Diagnostic.of("fit_model_stored", where=where, value=len(found["components"])))
    return {key: value for key, value in found.items() if value}, notes


def _tokens(line: str) -> list[str]:
    """Words and ``(*quoted*)`` texts of a line."""
    return [quoted if plain == "" else plain for quoted, plain in _TOKEN.findall(line)]


def _calibration(line: str) -> dict[str, Any]:
    stated = _CALIBRATION.match(line)
    if stated is None:
        raise ValueError(line)
    measured = [float(value) for value in stated[1].split(",")]
    return {"measured_ev": measured, "assigned_ev": float(stated[2]), "scale": stated[3], "operation": stated[4]}


def _region(line: str) -> dict[str, Any]:
    words = _tokens(line)[2:]
    numbers = [float(word) for word in words[2:12]]
    return {
        "name": words[0],
        "background": words[1],
        "start_kinetic_ev": numbers[0],
        "end_kinetic_ev": numbers[1],
        "sensitivity_factor": numbers[2],
        "average_width": numbers[3],
        "start_offset": numbers[4],
        "end_offset": numbers[5],
        "cross_section": numbers[6:10],
        "tag": words[12] if len(words) > 12 else "",
        "further": [float(word) for word in words[13:]],
    }


def _component(line: str) -> dict[str, Any]:
    words = _tokens(line)[2:]
    rest = words[2:]
    width_word = "MFWHM" if "MFWHM" in rest else "FWHM"

    def limited(word: str) -> dict[str, Any]:
        at = rest.index(word) + 1
        stated: dict[str, Any] = dict(zip(_LIMITS, map(float, rest[at : at + 3]), strict=True))
        tie = int(float(rest[at + 3]))
        return {**stated, "tied_to": None if tie < 0 else tie, "factor": float(rest[at + 4])}

    def single(word: str) -> float | None:
        return float(rest[rest.index(word) + 1]) if word in rest else None

    index = single("INDEX")
    return {
        "name": words[0],
        "shape": words[1],
        "area": limited("Area"),
        "fwhm_ev": limited(width_word),
        "position_kinetic_ev": limited("Position"),
        "sensitivity_factor": single("RSF"),
        "mass": single("MASS"),
        "index": None if index is None else int(index),
        "tag": rest[rest.index("INDEX") + 2] if index is not None else "",
        "constraint": rest[rest.index("CONST") + 1] if "CONST" in rest else "",
        "uncorrected_sensitivity_factor": single("UNCORRECTEDRSF"),
    }


_PARSERS = (
    ("Calib ", "calibrations", _calibration),
    ("CASA region", "regions", _region),
    ("CASA comp", "components", _component),
)
