"""``braggite references``: the library of reference phases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from braggite.cli.grouping import grouped
from braggite.cli.options import File, Library, Output, Reading, given
from braggite.errors import OptionError
from braggite.references.names import BUILT_SUFFIX

if TYPE_CHECKING:
    from braggite.references import Phase

PROGRESS_EVERY = 10_000

app = typer.Typer(help="List, show, check, add and build reference phases.", rich_markup_mode=None)


@app.command("list")
@grouped
def list_phases(library: Library, output: Output) -> int:
    """The phases a search would consider.

    \b
    Examples:
      braggite references list --elements Ba,Ti,O
      braggite references list --group battery --json
    """
    from braggite.cli.candidates import filtered, provenance, whole_library
    from braggite.cli.output import emit
    from braggite.reporting.documents import document
    from braggite.reporting.text import table

    references = whole_library(library)
    phases = [_row(phase) for phase in filtered(references, library)]
    doc = document("references", {"phases": phases}, options=given(library), library=provenance(references))
    header = ["name", "formula", "space_group", "evidence_grade", "aliases", "groups"]
    rows = [[_cell(row[key]) for key in header] for row in phases]
    emit(output, doc, lambda: table(["phase", "formula", "space group", "grade", "aliases", "groups"], rows) + "\n")
    return 0


@app.command("show")
@grouped
def show(
    phase: Annotated[str, typer.Argument(metavar="P", help="A phase by name, alias or CIF file.")],
    library: Library,
    output: Output,
) -> int:
    """Everything known about one phase, with sources.

    \b
    Examples:
      braggite references show BTO
      braggite references show li2bati6o14 --json
    """
    from braggite.cli.candidates import provenance, whole_library
    from braggite.cli.output import emit
    from braggite.reporting.documents import document

    references = whole_library(library)
    found = references[phase]
    body = {key: value for key, value in found.to_dict().items() if key != "schema"}
    body["reference_intensity_ratio"] = _intensity_ratio(found)
    doc = document("phase", body, options=given(library), library=provenance(references))
    emit(output, doc, lambda: _phase_text(found))
    return 0


@app.command("check")
@grouped
def check(library: Library, output: Output) -> int:
    """Whether every phase parses and its formula, symmetry, density, distances and bands agree; exit 1 when not.

    \b
    Examples:
      braggite references check
      braggite references check --library my_phases/ --only-library
    """
    from braggite.cli.candidates import filtered, provenance, whole_library
    from braggite.cli.output import emit
    from braggite.references.check import Problem, check_library
    from braggite.reporting.documents import document

    references = whole_library(library)
    checked = filtered(references, library)
    findings = check_library(checked)
    findings = [*findings, *(Problem(file, "readable", reason) for file, reason in checked.unreadable)]
    faults = [finding.to_dict() for finding in findings]
    failed = any(finding.level == "error" for finding in findings)
    doc = document(
        "references-check",
        {"n_phases": len(checked), "ok": not failed, "findings": faults},
        options=given(library),
        library=provenance(references),
    )
    lines = [f"{finding}\n" for finding in findings]
    emit(output, doc, lambda: "".join(lines) + f"{len(checked)} phases checked, {len(findings)} findings\n")
    return 1 if failed else 0


@app.command("build")
@grouped
def build(
    output: Output,
    library: Library,
) -> int:
    """Turn references into one library file that is searched without being read; -o names it.

    \b
    Examples:
      braggite references build -o shipped.bgx
      braggite references build --library cifs/ --only-library -o cifs.bgx
      braggite identify scan.xy --library cifs.bgx --elements Li,Ti,O
    """
    from braggite.cli.candidates import filtered, whole_library
    from braggite.cli.output import emit, say
    from braggite.references.build import build_library
    from braggite.reporting.documents import document

    if output.path is None:
        raise OptionError("the library file has no name", where="-o", suggestion=f"-o library{BUILT_SUFFIX}")
    chosen = filtered(whole_library(library), library)

    def progress(done: int) -> None:
        if done % PROGRESS_EVERY == 0:
            say(output, f"braggite: {done} of {len(chosen)} phases")

    summary = build_library(chosen, output.path, skipped=chosen.unreadable, progress=progress)
    for name, reason in summary.skipped:
        say(output, f"braggite: left out {name}: {reason}")
    doc = document("references-build", summary.to_dict(), options=given(library))
    told = f"{summary.path}: {summary.n_phases} phases, {summary.n_lines} lines, {summary.n_bytes} bytes"
    counts = f"{len(summary.duplicates)} duplicates, {len(summary.renamed)} renamed, {len(summary.skipped)} left out"
    emit(replace(output, path=None), doc, lambda: f"{told}; {counts}\n")
    return 0


@app.command("add")
@grouped
def add(
    cif: Annotated[Path, typer.Argument(metavar="X.cif", help="The structure to add.")],
    output: Output,
    library: Annotated[Path, typer.Option(metavar="DIR", help="The folder of phase folders to add it to.")],
    name: Annotated[str | None, typer.Option(help="Folder name of the phase; from the CIF when not given.")] = None,
    group: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A group it belongs to; repeatable.")] = None,
) -> int:
    """Turn a CIF file into a phase folder of a library of your own.

    \b
    Examples:
      braggite references add my_phase.cif --library my_phases/
      braggite identify scan.xy --library my_phases/
    """
    from braggite.cli.output import emit
    from braggite.references.add import add_cif
    from braggite.reporting.documents import document

    target = add_cif(cif, library, name=name, groups=tuple(group or ()))
    options = {"cif": cif, "library": library, "name": name, "group": group or []}
    doc = document("references-add", {"path": str(target)}, options=options)
    emit(output, doc, lambda: f"{target}\n")
    return 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the user knows of a spectrum that becomes a reference."""

    phase: Annotated[str, typer.Option(metavar="P", help="The phase it is of, by name or alias.")]
    condition: Annotated[str | None, typer.Option(help="Way of measuring, such as ATR.")] = None
    source: Annotated[str | None, typer.Option(help="Who measured it; your own measurement when not given.")] = None
    licence: Annotated[str | None, typer.Option(help="What may be done with it.")] = None
    formula: Annotated[str | None, typer.Option(help="Of a phase that no library knows.")] = None


@app.command("add-spectrum")
@grouped
def add_spectrum(
    file: File,
    library: Annotated[Path, typer.Option(metavar="DIR", help="The folder of phase folders to keep it in.")],
    measurement: Measurement,
    reading: Reading,
    output: Output,
) -> int:
    """Keep a measured Raman or infrared spectrum as a reference of a phase, in a library of your own.

    \b
    Examples:
      braggite references add-spectrum powder.txt --phase Li2CO3 --library my_phases/ --laser 532
      braggite references add-spectrum film.spa --phase PEO --condition ATR --library my_phases/
    """
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark
    from braggite.references.add_spectrum import add_spectrum as add
    from braggite.reporting.documents import document

    spectrum = read_one(file, reading)
    entry = add(
        spectrum,
        library,
        phase=measurement.phase,
        formula=measurement.formula,
        excitation_nm=reading.laser,
        condition=measurement.condition,
        source=measurement.source,
        licence=measurement.licence,
    )
    doc = document(
        "references-add-spectrum",
        {"path": str(entry.path), **entry.to_dict()},
        options={"library": library} | given(measurement) | given(reading),
        diagnostics=spectrum.diagnostics,
        inputs=[spectrum.source],
    )
    remark(output, spectrum.diagnostics)
    emit(output, doc, lambda: f"{entry.path}\n")
    return 0


def _row(phase: Phase) -> dict[str, Any]:
    structure = phase.structure
    return {
        "name": phase.name,
        "title": phase.title,
        "formula": phase.formula,
        "space_group": structure.space_group if structure else None,
        "evidence_grade": phase.evidence_grade,
        "aliases": list(phase.aliases),
        "groups": list(phase.groups),
        "n_bands": {reference.technique: len(reference.bands) for reference in phase.vibrations},
        "n_spectra": {reference.technique: len(reference.spectra) for reference in phase.vibrations},
        "elements": sorted(phase.elements),
    }


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value is None else str(value)


def _intensity_ratio(phase: Phase) -> float | None:
    """I / Ic for Cu K-alpha; None without atoms."""
    from braggite.references import reference_intensity_ratio

    has_atoms = phase.structure is not None and phase.structure.has_atoms
    return reference_intensity_ratio(phase) if has_atoms else None


def _phase_text(phase: Phase) -> str:
    from braggite.reporting.band_text import bands_text

    lines = [f"{phase.name}: {phase.title}", f"  formula      {phase.formula}"]
    if phase.aliases:
        lines.append(f"  aliases      {', '.join(phase.aliases)}")
    structure = phase.structure
    if structure is not None:
        cell = structure.cell
        lines += [
            f"  space group  {structure.space_group} (no. {structure.space_group_number})",
            f"  cell         {cell.a_angstrom:g} {cell.b_angstrom:g} {cell.c_angstrom:g} Å, "
            f"{cell.alpha_deg:g} {cell.beta_deg:g} {cell.gamma_deg:g}°, ± {100 * structure.cell_tolerance:g} %",
            f"  density      {structure.density_g_cm3:.3f} g/cm³",
            *([] if (ratio := _intensity_ratio(phase)) is None else [f"  I/Ic         {ratio:.2f} (Cu K-alpha)"]),
            f"  grade        {structure.evidence_grade}",
            f"  source       {phase.citation}",
        ]
        lines += [
            f"  site         {site.label:<6} {site.element:<2} {site.x:9.5f} {site.y:9.5f} {site.z:9.5f}  "
            f"occupancy {site.occupancy:g}"
            for site in structure.sites
        ]
    if phase.caveat:
        lines.append(f"  CAVEAT       {phase.caveat}")
    for reference in phase.vibrations:
        lines += bands_text(reference)
    return "\n".join(lines) + "\n"
