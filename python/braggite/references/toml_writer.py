"""Phase -> the text of its phase.toml, laid out for a chemist: names, structure, cell, sites, source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.references.bands import STRENGTH_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from braggite.references.bands import Band, BandReference
    from braggite.references.citation import Citation
    from braggite.references.phase import Phase
    from braggite.references.reference_spectrum import ReferenceSpectrum
    from braggite.references.structure import Site, Structure

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})
_LINE_LENGTH = 110


def write_phase(phase: Phase) -> str:
    """TOML text that ``toml_reader.parse_phase`` reads back to an equal phase (its name is the folder's)."""
    lines = [
        'schema = "braggite.phase/1"',
        f"title = {quoted(phase.title)}",
        f"formula = {quoted(phase.formula)}",
        *_list("aliases", phase.aliases),
        *_list("groups", phase.groups),
        *_optional("note", phase.note),
    ]
    if phase.structure is not None:
        lines += ["", "[structure]", *_structure(phase.structure, "structure")]
    for alternative in phase.alternatives:
        lines += ["", "[[structure_alternatives]]", *_structure(alternative, "structure_alternatives")]
    for reference in phase.vibrations:
        lines += _band_reference(reference)
    return "\n".join(lines) + "\n"


def _structure(structure: Structure, table: str) -> list[str]:
    cell = structure.cell
    names = ("a_angstrom", "b_angstrom", "c_angstrom", "alpha_deg", "beta_deg", "gamma_deg")
    lines = [
        *_optional("label", structure.label),
        f"space_group = {quoted(structure.space_group)}",
        f"space_group_number = {structure.space_group_number}",
        f"hall = {quoted(structure.hall)}",
        f"formula_units = {_number(structure.formula_units)}",
        *([] if structure.temperature_k is None else [f"temperature_k = {_number(structure.temperature_k)}"]),
        *_interval("stable_range_k", structure.stable_range_k),
        *_optional("stable_range_source", structure.stable_range_source),
        f"evidence_grade = {quoted(structure.evidence_grade)}",
        f"cell_tolerance = {_number(structure.cell_tolerance)}",
        *_optional("cell_tolerance_reason", structure.cell_tolerance_reason),
        *_optional("cell_status", structure.cell_status),
        *_optional("note", structure.note),
        *_sites(structure.sites),
        "",
        f"[{table}.cell]",
        *(f"{name} = {_number(value)}" for name, value in zip(names, cell.parameters, strict=True)),
    ]
    source = _source(structure.citation)
    if source:
        lines += ["", f"[{table}.source]", *source]
    if structure.known_deviations:
        lines += ["", f"[{table}.known_deviations]"]
        lines += [f"{check} = {quoted(reason)}" for check, reason in structure.known_deviations]
    return lines


def _sites(sites: Iterable[Site]) -> list[str]:
    rows = [_site(site) for site in sites]
    if not rows:
        return ["sites = []"]
    full = [row + [""] * (7 - len(row)) for row in rows]
    widths = [max(len(row[column]) for row in full) for column in range(7)]
    lines = ["# label, element, x, y, z, occupancy, B in angstrom^2 (left out: not stated by the source)", "sites = ["]
    for row in rows:
        cells = [f"{text},".ljust(width + 1) for text, width in zip(row, widths[: len(row)], strict=True)]
        lines.append(f"  [{' '.join(cells).rstrip().rstrip(',')}],")
    return [*lines, "]"]


def _site(site: Site) -> list[str]:
    charge = "" if site.charge is None else f"{abs(site.charge)}{'-' if site.charge < 0 else '+'}"
    row = [quoted(site.label), quoted(site.element + charge)]
    row += [_number(value) for value in (*site.position, site.occupancy)]
    return row if site.b_iso_angstrom2 is None else [*row, _number(site.b_iso_angstrom2)]


def _source(citation: Citation) -> list[str]:
    return [
        *(_list("authors", citation.authors) if citation.authors else []),
        *_optional("journal", citation.journal),
        *([] if citation.year is None else [f"year = {citation.year}"]),
        *_optional("volume", citation.volume),
        *_optional("pages", citation.pages),
        *_optional("doi", citation.doi),
        *_optional("role", citation.role),
        *_optional("citation_status", citation.status),
        *_optional("database_id", citation.database_id),
        *_optional("origin", citation.origin),
        *_optional("licence", citation.licence),
        *_optional("coordinates_citation", citation.coordinates),
    ]


def _band_reference(reference: BandReference) -> list[str]:
    head = [*_interval("covered_range_cm1", reference.covered_range_cm1), *_optional("note", reference.note)]
    lines = ["", f"[{reference.technique}]", *head] if head or not (reference.bands or reference.spectra) else []
    for band in reference.bands:
        lines += ["", f"[[{reference.technique}.bands]]", *_band(band)]
    for spectrum in reference.spectra:
        lines += ["", f"[[{reference.technique}.spectra]]", *_spectrum(spectrum)]
    return lines


def _spectrum(spectrum: ReferenceSpectrum) -> list[str]:
    return [
        f"file = {quoted(spectrum.file)}",
        *([] if spectrum.excitation_nm is None else [f"excitation_nm = {_number(spectrum.excitation_nm)}"]),
        *_optional("condition", spectrum.condition),
        f"source = {quoted(spectrum.source)}",
        *_optional("licence", spectrum.licence),
        *_interval("covered_range_cm1", spectrum.covered_range_cm1),
        *_optional("processing", spectrum.processing),
        *_optional("note", spectrum.note),
        *_optional("sha256", spectrum.sha256 or None),
    ]


def _band(band: Band) -> list[str]:
    return [
        f"position_cm1 = {_number(band.position_cm1)}",
        *_interval("range_cm1", band.range_cm1),
        f"role = {quoted(band.role)}",
        *_strength(band),
        *([] if band.fwhm_cm1 is None else [f"fwhm_cm1 = {_number(band.fwhm_cm1)}"]),
        *(["negative = true"] if band.negative else []),
        *_optional("symmetry", band.symmetry),
        *_optional("assignment", band.assignment),
        *_optional("condition", band.condition),
        f"status = {quoted(band.status)}",
        f"confidence = {quoted(band.confidence)}",
        f"source = {quoted(band.source)}",
        *_optional("note", band.note),
    ]


def _strength(band: Band) -> list[str]:
    """The word where the numbers are those of the word."""
    if (band.strength, band.strength_range) == STRENGTH_CLASSES[band.strength_class]:
        return [f"strength = {quoted(band.strength_class)}"]
    return [f"strength = {_number(band.strength)}", *_interval("strength_range", band.strength_range)]


def _interval(key: str, interval: tuple[float, float] | None) -> list[str]:
    return [] if interval is None else [f"{key} = [{_number(interval[0])}, {_number(interval[1])}]"]


def _optional(key: str, text: str | None) -> list[str]:
    return [] if text is None else [f"{key} = {quoted(text)}"]


def _list(key: str, values: Iterable[str]) -> list[str]:
    texts = [quoted(value) for value in values]
    line = f"{key} = [{', '.join(texts)}]"
    return [line] if len(line) <= _LINE_LENGTH else [f"{key} = [", *(f"  {value}," for value in texts), "]"]


def quoted(text: str) -> str:
    """The text as a TOML string."""
    return f'"{text.translate(_ESCAPES)}"'


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
