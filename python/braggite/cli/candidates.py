"""From library options to the candidates of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from braggite.cli.options import Library
from braggite.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Collection

    from braggite.references import Phase, ReferenceLibrary


def whole_library(options: Library) -> ReferenceLibrary:
    """The shipped references and those of ``--library``, before any filter."""
    from braggite.references import ReferenceLibrary

    if options.only_library and not options.library:
        raise OptionError("--only-library needs at least one --library", where="--only-library")
    library = ReferenceLibrary() if options.only_library else ReferenceLibrary.default()
    for path in options.library:
        library = library.merged(ReferenceLibrary.load(path))
    return library


def filtered(library: ReferenceLibrary, options: Library) -> ReferenceLibrary:
    """The candidates that ``--group``, ``--elements`` and ``--precursors`` leave."""
    return library.filter(
        elements=options.elements,
        groups=options.group or None,
        precursors=options.precursors,
        all_of=options.all_of,
        any_of=options.any_of,
        none_of=options.none_of,
    )


def with_named(library: ReferenceLibrary, whole: ReferenceLibrary, names: Collection[str]) -> ReferenceLibrary:
    """The library and these phases of ``whole`` (or CIF files), which a filter may have taken out."""
    from braggite.references import ReferenceLibrary

    phases = [whole[name] for name in names]
    added = [phase for phase in phases if phase.name not in library]
    return library.merged(ReferenceLibrary(added)) if added else library


def named(library: ReferenceLibrary, name: str) -> Phase:
    """A phase by name, alias or file, or one of which only the cell is known as ``NAME:SPACE GROUP:A[,B,...]``."""
    from braggite.references.lattice import specified_phase

    given = None if name in library else specified_phase(name)
    return library[name] if given is None else given


def provenance(library: ReferenceLibrary) -> dict[str, Any]:
    """Name, digest and size of a library, as documents carry them."""
    return {"name": library.source, "sha256": library.sha256, "n_phases": len(library)}
