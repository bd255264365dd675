"""Measured Raman and infrared spectra through ``identify``, in the whole library, no elements given: a line each."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import braggite as bg
from validation.references import library

FILES = {
    "ramanchada2_calib/*nCAL10*OP03*": "caco3-calcite",
    "ramanchada2_calib/ICV_BW532__nCAL02*": "caco3-calcite",
    "ramanchada2_formats/nCal*.txt": "caco3-calcite",
    "ramanchada2_calib/FMNT-M_BW532__S0B10*": "si",
    "raman_fitting_carbon/Si_spectrum01.txt": "si",
    "ramanchada2_calib/FMNT-M_BW532__PST10*": "polystyrene",
    "ramanchada2_calib/FMNT-M_Ho785__PST10*OP03*": "polystyrene",
    "ramanchada2_calib/ICV_BW785__PST02*Z050*": "polystyrene",
    "openspecy_samples/ftir_ps.0": "polystyrene",
    "raman_fitting_carbon/testDW38C_pos1.txt": "carbon-disordered",
    "datalab_samples/raman_example.txt": "carbon-disordered",
    "datalab_samples/labspec*": "",
    "arcadia_acetonitrile/Horiba*aceto*": "",
    "openspecy_samples/raman_atacamit.spc": "",
    "openspecy_samples/ftir_ldpe_soil.asp": "",
    "datalab_samples/*FeSO4*": "",
}
"""What each holds, as the library names it; nothing where the library lacks it or the label does not say."""


def main() -> int:
    """Print what is named in each file."""
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        sys.stderr.write("set BRAGGITE_TEST_DATA to the folder of test data\n")
        return 2
    for pattern, truth in FILES.items():
        for path in sorted((Path(folder) / "vibrational").glob(pattern)):
            start = time.perf_counter()
            report = bg.identify(bg.read(path), library=library())
            named = ", ".join(f"{phase.name} {phase.verdict} {phase.confidence:.2f}" for phase in report.phases)
            seconds = time.perf_counter() - start
            sys.stdout.write(
                f"{path.name[:48]:48s} holds {truth or 'nothing known'}: {named or '-'}; {seconds:.1f} s\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
