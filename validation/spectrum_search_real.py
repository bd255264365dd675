"""Real Raman and infrared spectra of known samples: whether whole-spectrum search names the sample first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import braggite as bg
from braggite.identification.spectra.search import search_spectra

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.identification.spectra.result import SpectrumSearch
    from braggite.references import ReferenceLibrary

FOLDER = "vibrational"
SAMPLES: tuple[tuple[str, str, str | None], ...] = (
    ("ramanchada2_calib/*PST*", "polystyrene", "polystyrene"),
    ("ramanchada2_calib/*CAL*", "calcite", "caco3-calcite"),
    ("ramanchada2_calib/*__S[01i][BNl]*", "silicon", "si"),
    ("ramanchada2_formats/PST*.txt", "polystyrene", "polystyrene"),
    ("ramanchada2_formats/*.tsv", "polystyrene, made worse on purpose", "polystyrene"),
    ("ramanchada2_formats/PST*.spc", "polystyrene", "polystyrene"),
    ("ramanchada2_formats/nCal*.txt", "calcite", "caco3-calcite"),
    ("raman_fitting_carbon/test*", "disordered carbon", "carbon-disordered"),
    ("raman_fitting_carbon/Si*", "silicon", "si"),
    ("datalab_samples/*raman_example.txt", "disordered carbon", "carbon-disordered"),
    ("pynxtools_raman/Si*", "silicon", "si"),
    ("openspecy_samples/ftir_ps.0", "polystyrene", "polystyrene"),
    ("arcadia_acetonitrile/[HRW]*acetonitrile*", "acetonitrile", None),
    ("openspecy_samples/raman_atacamit.spc", "atacamite", None),
    ("openspecy_samples/fitr_nitrocellulose.jdx", "nitrocellulose", None),
    ("openspecy_samples/ftir_ldpe_soil.asp", "polyethylene", None),
    ("openspecy_samples/ftir_pva_without_header.csv", "poly(vinyl acetate)", None),
    ("datalab_samples/*FeSO4_ref.asp", "FeSO4", None),
    ("pynxtools_raman/*.rod", "K-cymrite", None),
)
"""Pattern of files, sample, and its phase in the library if it is there. Carbon: D and G bands."""


@dataclass(frozen=True, slots=True)
class Row:
    """One file and what the search made of it."""

    file: str
    sample: str
    phase: str | None
    found: SpectrumSearch | None
    refusal: str = ""
    with_elements: SpectrumSearch | None = None

    @property
    def first(self) -> bool:
        """Whether the sample's phase is the first hit."""
        return _names_first(self.found, self.phase)

    @property
    def first_with_elements(self) -> bool:
        """The same where the elements of the sample are known."""
        return _names_first(self.with_elements, self.phase)


def _names_first(found: SpectrumSearch | None, phase: str | None) -> bool:
    return found is not None and bool(found.hits) and found.hits[0].name == phase


def rows(data: Path, library: ReferenceLibrary) -> list[Row]:
    """Every file of a known sample."""
    found = []
    for pattern, sample, phase in SAMPLES:
        for path in sorted((data / FOLDER).glob(pattern)):
            found.append(_row(path, f"{path.parent.name}/{path.name}", sample, phase, library))
    return found


def _row(path: Path, file: str, sample: str, phase: str | None, library: ReferenceLibrary) -> Row:
    try:
        spectrum = bg.read(path)
        result = search_spectra(spectrum, library)
        filtered = None if phase is None else library.filter(elements=sorted(library[phase].elements | {"H", "C", "O"}))
        with_elements = None if filtered is None else search_spectra(spectrum, filtered)
    except bg.BraggiteError as error:
        return Row(file, sample, phase, None, error.message)
    return Row(file, sample, phase, result, "", with_elements)


def real_tables(data: Path, library: ReferenceLibrary) -> str:
    """Those whose phase is in the library and those whose phase is not, counted apart."""
    found = rows(data, library)
    known = [row for row in found if row.phase is not None]
    others = [row for row in found if row.phase is None]
    answered = [row for row in known if row.found is not None]
    right, filtered = sum(row.first for row in known), sum(row.first_with_elements for row in known)
    return (
        f"### Phase in the library: {right} of {len(known)} named first, {filtered} with the elements known, "
        f"{len(known) - len(answered)} refused\n\n{_counts(known)}\n\n"
        f"{_table(known)}\n\n"
        f"### Phase not in the library: {len(others)} spectra\n\n"
        "The search always names the nearest reference; none of these names is right.\n\n"
        f"{_table(others)}\n"
    )


def _counts(rows: list[Row]) -> str:
    lines = ["| phase | spectra | named first | with the elements known |", "|---|---|---|---|"]
    for phase in dict.fromkeys(row.phase for row in rows):
        own = [row for row in rows if row.phase == phase]
        first, filtered = sum(row.first for row in own), sum(row.first_with_elements for row in own)
        lines.append(f"| {phase} | {len(own)} | {first} | {filtered} |")
    return "\n".join(lines)


def _table(rows: list[Row]) -> str:
    lines = [
        "| file | sample | first hit | score | shift (cm-1) | margin | elements known | remarks |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, rows)])


def _line(row: Row) -> str:
    if row.found is None or not row.found.hits:
        return f"| {row.file} | {row.sample} | - | - | - | - | - | {row.refusal or 'nothing compared'} |"
    hit = row.found.hits[0]
    margin = "-" if row.found.margin is None else f"{row.found.margin:.3f}"
    notes = ", ".join(note.code for note in row.found.diagnostics)
    name = hit.name if row.first or row.phase is None else f"**{hit.name}**"
    known = row.with_elements
    second = known.hits[0].name if known is not None and known.hits else "-"
    second = second if row.first_with_elements or second == "-" else f"**{second}**"
    cells = (row.file, row.sample, name, f"{hit.score:.2f}", f"{hit.shift_cm1:+.1f}", margin, second, notes)
    return "| " + " | ".join(cells) + " |"
