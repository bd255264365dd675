"""Wavenumber calibration on real standards: what laws leave, where verified bands come out, how far one line carries.

``python -m validation.wavenumber`` prints the tables of docs/instrument-files.md; BRAGGITE_TEST_DATA names the data.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import braggite as bg

SETS = "vibrational/ramanchada2_calib"
KINDS = {"PST": "polystyrene", "CAL": "calcite", "Ne": "neon", "S0": "silicon", "S1": "silicon", "Sil": "silicon"}
LASERS_NM = {"Ho785": 785.0}  # the others state theirs
VERIFIED = {
    "B&W Tek 785 (ICV)": ("ICV_BW785", "Ne_785nm_x20_50ms", "S0N02_iRPlus785_Z050_100_3200ms"),
    "Horiba 785, fine (FMNT-M OP03)": ("FMNT-M_Ho785", "NeonSNQ043_iR785_OP03", "S0N10_iR785_OP03_8000msx2"),
    "Horiba 785, coarse (FMNT-M OP02)": ("FMNT-M_Ho785", "NeonSNQ043_iR785_OP02", "S0N10_iR785_OP02_25000msx2"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One spectrum of a standard and its calibration."""

    file: str
    standard: str
    spectrum: bg.Spectrum
    found: bg.WavenumberCalibration


def laser_of(file: str) -> float | None:
    """The laser's wavelength where the file does not state it."""
    return next((value for key, value in LASERS_NM.items() if key in file), None)


def rows(folder: Path) -> list[Row]:
    """Every spectrum of a standard in the folder, calibrated on it."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        name = path.stem.partition("__")[2]
        standard = next((kind for part, kind in KINDS.items() if part in name), None)
        if standard is None or "NIST" in name:
            continue
        spectrum = bg.read(path)
        calibration = bg.calibrate_wavenumber(spectrum, standard, laser_wavelength_nm=laser_of(path.name))
        found.append(Row(path.name, standard, spectrum, calibration))
    return found


def residual_table(found: list[Row]) -> str:
    """What each law leaves; ``-`` and the reason where there is none."""
    lines = [
        "| spectrum | standard | lines | order | read - true (cm-1) | rms left (cm-1) |",
        "|---|---|---|---|---|---|",
    ]
    for row in found:
        law = row.found.law
        if law is None:
            reason = ", ".join(note.code for note in row.found.diagnostics)
            lines.append(f"| {row.file} | {row.standard} | {len(row.found.lines)} | - | - | {reason} |")
            continue
        off = [line.observed_cm1 - line.true_cm1 for line in row.found.lines if line.used]
        rms = "-" if len(off) == 1 else f"{row.found.residual_rms_cm1:.2f}"
        span = f"{off[0]:+.2f}" if len(off) == 1 else f"{min(off):+.2f} to {max(off):+.2f}"
        lines.append(f"| {row.file} | {row.standard} | {len(off)} | {law.order} | {span} | {rms} |")
    return "\n".join(lines)


def verified_table(found: list[Row]) -> str:
    """Polystyrene and calcite after lamp and wafer: mean error before and after, and the uncertainty stated."""
    by_name = {Path(row.file).stem: row for row in found}
    lines = ["| instrument | standard | recorded | after lamp and wafer | su stated |", "|---|---|---|---|---|"]
    for title, (prefix, lamp, wafer) in VERIFIED.items():
        first = by_name[f"{prefix}__{lamp}"].found
        both = bg.calibrate_wavenumber(by_name[f"{prefix}__{wafer}"].spectrum, "silicon", after=first)
        probe = wafer.rpartition("_iR")[2].split("_")[1]
        for row in found:
            if (
                row.standard not in ("polystyrene", "calcite")
                or not row.file.startswith(prefix)
                or probe not in row.file
            ):
                continue
            before, after = row.found, bg.calibrate_wavenumber(both.apply(row.spectrum), row.standard)
            errors = [_rms(result) for result in (before, after)]
            su = float(np.mean(both.su_cm1([line.observed_cm1 for line in before.lines])))
            lines.append(f"| {title} | {row.file.partition('__')[2]} | {errors[0]:.2f} | {errors[1]:.2f} | {su:.2f} |")
    return "\n".join(lines)


def _rms(calibration: bg.WavenumberCalibration) -> float:
    off = [line.observed_cm1 - line.true_cm1 for line in calibration.lines if line.used]
    return float(np.sqrt(np.mean(np.square(off)))) if off else float("nan")


def stretch(found: list[Row]) -> float:
    """Root mean square change of an axis error per cm-1 of distance from silicon, over instruments."""
    silicon: dict[str, list[tuple[float, float]]] = {}
    for row in found:
        if row.standard == "silicon" and row.found.law is not None:
            line = row.found.lines[0]
            silicon.setdefault(instrument(row.file), []).append((line.observed_cm1, line.observed_cm1 - line.true_cm1))
    slopes = []
    for row in found:
        at = silicon.get(instrument(row.file))
        if row.standard not in ("polystyrene", "calcite") or not at:
            continue
        x0, error0 = np.mean(at, axis=0)
        slopes += [
            (line.observed_cm1 - line.true_cm1 - error0) / (line.observed_cm1 - x0)
            for line in row.found.lines
            if line.used and abs(line.observed_cm1 - x0) > 400.0
        ]
    return float(np.sqrt(np.mean(np.square(slopes))))


def instrument(file: str) -> str:
    """Instrument and probe of a file name."""
    prefix, _, name = file.partition("__")
    return f"{prefix} {next((part for part in name.replace('.', '_').split('_') if part.startswith(('OP', 'Z0'))), '')}"


def main() -> None:
    """Print the tables."""
    found = rows(Path(os.environ["BRAGGITE_TEST_DATA"]) / SETS)
    print(residual_table(found), verified_table(found), sep="\n\n")
    print(f"\nchange of the error per cm-1 of distance from silicon: {stretch(found):.2g}")


if __name__ == "__main__":
    main()
