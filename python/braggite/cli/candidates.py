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
    return library.filter(elements=wanted_elements(options), groups=options.group or None)


def without(library: ReferenceLibrary, names: Collection[str]) -> ReferenceLibrary:
    """The library without the phases of these names."""
    from braggite.references import ReferenceLibrary

    return ReferenceLibrary([phase for phase in library if phase.name not in names], source=library.source)


def with_named(library: ReferenceLibrary, whole: ReferenceLibrary, names: Collection[str]) -> ReferenceLibrary:
    """The library and these phases of ``whole`` (or CIF files), which a filter may have taken out."""
    from braggite.references import ReferenceLibrary

    phases = [whole[name] for name in names]
    added = [phase for phase in phases if phase.name not in library.names]
    return library.merged(ReferenceLibrary(added)) if added else library


def named(library: ReferenceLibrary, name: str) -> Phase:
    """A phase by name, alias or file, or one of which only the cell is known as ``NAME:SPACE GROUP:A[,B,...]``."""
    from braggite.references.lattice import specified_phase

    given = None if name in library else specified_phase(name)
    return library[name] if given is None else given


def provenance(library: ReferenceLibrary) -> dict[str, Any]:
    """Name, digest and size of a library, as documents carry them."""
    return {"name": library.source, "sha256": library.sha256, "n_phases": len(library)}


def wanted_elements(options: Library) -> frozenset[str] | None:
    """The elements allowed by ``--elements`` and ``--precursors`` together, None for all."""
    from braggite.references.formula import parse_elements, parse_formula

    wanted: set[str] = set()
    if options.elements is not None:
        wanted |= parse_elements(options.elements)
    if options.precursors is not None:
        for formula in options.precursors.split(","):
            wanted |= {symbol for symbol, _ in parse_formula(formula)}
    return frozenset(wanted) or None
