"""A CIF becomes a phase folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from braggite.errors import LibraryError
from braggite.references.names import slug
from braggite.references.phase import Phase
from braggite.references.toml_reader import FILE_NAME
from braggite.references.toml_writer import write_phase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from braggite.references.structure import Grade


def add_cif(
    path: str | Path,
    library_dir: str | Path,
    *,
    name: str | None = None,
    aliases: Iterable[str] = (),
    groups: Iterable[str] = (),
    evidence_grade: Grade | None = None,
    cell_tolerance: float | None = None,
    overwrite: bool = False,
) -> Path:
    """Write ``library_dir/<name>/phase.toml`` from a CIF file and say where it went.

    Parameters
    ----------
    path
        The CIF file.
    library_dir
        Folder of phase folders; made if it does not exist.
    name
        Folder name; by default the stem of the file, in lower case with hyphens.
    aliases, groups
        Added to what the CIF states.
    evidence_grade, cell_tolerance
        As in :meth:`Phase.from_cif`.
    overwrite
        Whether a phase of this name may be replaced.

    Returns
    -------
    The file written.

    Raises
    ------
    LibraryError
        The CIF cannot be read, or the phase exists already.
    """
    from dataclasses import replace

    phase = Phase.from_cif(path, evidence_grade=evidence_grade, cell_tolerance=cell_tolerance)
    phase = replace(
        phase,
        name=slug(name) if name else phase.name,
        aliases=tuple(dict.fromkeys((*phase.aliases, *aliases))),
        groups=tuple(dict.fromkeys((*phase.groups, *groups))),
    )
    return write_phase_folder(phase, library_dir, overwrite=overwrite)


def write_phase_folder(phase: Phase, library_dir: str | Path, *, overwrite: bool = False) -> Path:
    """Write a phase into its folder; raises as :func:`add_cif`, also for a phase without atoms."""
    if phase.structure is not None and not phase.structure.has_atoms:
        raise LibraryError(f"of {phase.name} only the cell is known; a library holds phases with atoms")
    target = Path(library_dir) / phase.name / FILE_NAME
    if target.exists() and not overwrite:
        raise LibraryError(
            f"the library holds {phase.name} already",
            where=str(target),
            suggestion="choose another name or overwrite it",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(write_phase(phase), encoding="utf-8")
    except OSError as error:
        raise LibraryError(f"cannot be written: {error}", where=str(target)) from None
    return target
