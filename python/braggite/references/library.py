"""A library of reference phases: looked up by name, filtered by chemistry, identified by a digest."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from braggite.errors import BraggiteError, LibraryError, OptionError
from braggite.references.bands import vibrational_technique
from braggite.references.chemistry import Chemistry
from braggite.references.formula import parse_formula
from braggite.references.indexed import IndexedPhases
from braggite.references.line_index import BuiltIndex, is_built
from braggite.references.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

FOLDER = "reference_patterns"


class ReferenceLibrary:
    """Phases under unique names and aliases: those in memory by name, then those of built libraries. Immutable.

    Parameters
    ----------
    phases
        Phases in memory.
    source
        Where they come from, for reports.
    indexed
        Phases of built libraries, which are read one by one; where names meet, earlier entries have them.
    unreadable
        (file, reason) of what belongs to the library and could not be read.

    Raises
    ------
    LibraryError
        Two phases claim one name or alias (upper and lower case count as the same).
    """

    __slots__ = ("_indexed", "_keys", "_phases", "_sha256", "source", "unreadable")

    def __init__(
        self,
        phases: Iterable[Phase] = (),
        *,
        source: str = "",
        indexed: Iterable[IndexedPhases] = (),
        unreadable: Iterable[tuple[str, str]] = (),
    ) -> None:
        ordered = sorted(phases, key=lambda phase: phase.name)
        self.source = source
        self.unreadable = tuple(unreadable)
        self._phases: dict[str, Phase] = {phase.name: phase for phase in ordered}
        self._indexed = tuple(part for part in indexed if len(part))
        self._keys = _index(ordered)
        self._sha256: str | None = None

    @classmethod
    def default(cls) -> ReferenceLibrary:
        """The shipped library: the repository's own folder in a checkout, else the one inside the package."""
        return _default()

    @classmethod
    def load(cls, path: str | Path) -> ReferenceLibrary:
        """Read a folder of phase folders or of CIF files, one phase folder, ``phase.toml`` or CIF, or a built library.

        Of a folder of CIF files those that cannot be read are named in ``unreadable``.

        Raises
        ------
        LibraryError
            Nothing readable there, or a phase folder or single file is broken; the message names it.
        """
        path = Path(path)
        if not path.exists():
            raise LibraryError("does not exist", where=str(path))
        if path.is_file() and is_built(path):
            return cls(source=str(path), indexed=[IndexedPhases.all(BuiltIndex(path))])
        phases, unreadable = _read_all(path)
        return cls(phases, source=str(path), unreadable=unreadable)

    @property
    def indexed(self) -> tuple[IndexedPhases, ...]:
        """The phases of built libraries."""
        return self._indexed

    @property
    def in_memory(self) -> tuple[Phase, ...]:
        """The phases in memory, by name."""
        return tuple(self._phases.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all phases, sorted."""
        return tuple(sorted([*self._phases, *(name for part in self._indexed for name in part.names)]))

    @property
    def aliases(self) -> dict[str, str]:
        """Every alias as written -> name of its phase."""
        own = {alias: phase.name for phase in self._phases.values() for alias in phase.aliases}
        for part in self._indexed:
            own = part.aliases | own
        return own

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups that occur, sorted."""
        own = {group for phase in self._phases.values() for group in phase.groups}
        return tuple(sorted(own.union(*(part.groups for part in self._indexed))))

    @property
    def sha256(self) -> str:
        """Digest of the content (names and canonical text of the phases), whatever folder it was read from."""
        if self._sha256 is None:
            self._sha256 = _digest(self._phases.values(), [part.sha256 for part in self._indexed])
        return self._sha256

    def filter(
        self,
        elements: str | Iterable[str] | None = None,
        groups: str | Iterable[str] | None = None,
        *,
        precursors: str | Iterable[str] | None = None,
        all_of: str | Iterable[str] | None = None,
        any_of: str | Iterable[str] | None = None,
        none_of: str | Iterable[str] | None = None,
    ) -> ReferenceLibrary:
        """Phases of this chemistry that belong to at least one of these groups; None does not ask.

        Parameters
        ----------
        elements
            Made of these only: ``"Li Ba Ti O"``, ``"Li,Ba"`` or symbols.
        groups
            One group or several.
        precursors
            Made only of the elements of these compounds (``"Li2CO3,BaO,TiO2"``), of oxygen, and of ``elements``: gases
            may leave a reaction, and oxygen may enter.
        all_of, any_of, none_of
            Holding all, at least one, none of these elements.

        Raises
        ------
        OptionError
            An unknown element, elements both wanted and excluded, or a group no phase belongs to.
        """
        chemistry = Chemistry.of(elements, precursors=precursors, all_of=all_of, any_of=any_of, none_of=none_of)
        wanted = None if groups is None else _group_names(groups)
        unknown = set() if wanted is None else wanted - set(self.groups)
        if unknown and len(self):
            raise OptionError(
                f"{sorted(unknown)[0]!r} is no group of this library", suggestion=f"known: {', '.join(self.groups)}"
            )
        kept = [
            phase
            for phase in self._phases.values()
            if chemistry.admits(phase.elements) and (wanted is None or not wanted.isdisjoint(phase.groups))
        ]
        return self._like(kept, [part.filter(chemistry, wanted) for part in self._indexed])

    def without(self, names: Collection[str]) -> ReferenceLibrary:
        """The library without the phases of these names."""
        gone = {name.casefold() for name in names}
        kept = [phase for phase in self._phases.values() if phase.name.casefold() not in gone]
        return self._like(kept, [part.without(gone) if gone else part for part in self._indexed])

    def for_diffraction(self) -> ReferenceLibrary:
        """The library without the phases that are known by their bands alone."""
        kept = [phase for phase in self._phases.values() if phase.structure is not None or not phase.vibrations]
        return self if len(kept) == len(self._phases) else self._like(kept, self._indexed)

    def with_bands(self, technique: str) -> ReferenceLibrary:
        """The phases with bands for ``"raman"`` or ``"ftir"``.

        Raises
        ------
        OptionError
            A technique without bands.
        """
        vibrational_technique(technique)
        kept = [phase for phase in self._phases.values() if phase.bands(technique)]
        return self._like(kept, [part.with_bands(technique) for part in self._indexed])

    def merged(self, other: ReferenceLibrary) -> ReferenceLibrary:
        """Both libraries; where they claim one name or alias, ``other`` has it."""
        from dataclasses import replace

        kept = []
        for phase in self._phases.values():
            if phase.name in other:
                continue
            aliases = tuple(alias for alias in phase.aliases if alias not in other)
            kept.append(phase if len(aliases) == len(phase.aliases) else replace(phase, aliases=aliases))
        claimed = set(other._keys).union(*(part.keys() for part in other._indexed)) if self._indexed else set()
        return ReferenceLibrary(
            [*kept, *other._phases.values()],
            source="; ".join(filter(None, (self.source, other.source))),
            indexed=[*other._indexed, *(part.without(claimed) for part in self._indexed)],
            unreadable=(*self.unreadable, *other.unreadable),
        )

    def _like(self, phases: Iterable[Phase], indexed: Iterable[IndexedPhases]) -> ReferenceLibrary:
        return ReferenceLibrary(phases, source=self.source, indexed=indexed, unreadable=self.unreadable)

    def __getitem__(self, name: str | Path) -> Phase:
        """A phase by name, alias or path to a CIF or phase file; ``LibraryError`` with near names otherwise."""
        key = str(name)
        found = self._keys.get(key.strip().casefold())
        if found is not None:
            return self._phases[found]
        for part in self._indexed:
            if (row := part.row_of(key.strip().casefold())) is not None:
                return part.index.phase(row)
        path = Path(key)
        if path.suffix.lower() in (".cif", ".toml") or (path.is_dir() and len(path.parts) > 1):
            return _single(path)
        near = self._near(key)
        advice = f"did you mean {', '.join(near)}?" if near else "`braggite references list` names all"
        raise LibraryError(f"{key!r} names no phase of the library", suggestion=advice)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        key = name.strip().casefold()
        return key in self._keys or any(part.row_of(key) is not None for part in self._indexed)

    def __iter__(self) -> Iterator[Phase]:
        yield from self._phases.values()
        for part in self._indexed:
            yield from part

    def __len__(self) -> int:
        return len(self._phases) + sum(map(len, self._indexed))

    def __repr__(self) -> str:
        return f"ReferenceLibrary({len(self)} phases from {self.source or 'memory'})"

    def _near(self, text: str) -> list[str]:
        """Phases of the same formula, then those whose names are spelled alike."""
        from difflib import get_close_matches

        try:
            formula = parse_formula(text)
        except OptionError:
            formula = None
        phases = self._phases.values()
        same = [phase.name for phase in phases if formula and parse_formula(phase.formula) == formula]
        alike = get_close_matches(text.strip().casefold(), self._keys, n=5, cutoff=0.6)
        return list(dict.fromkeys([*same, *(self._keys[key] for key in alike)]))[:5]


def _index(phases: list[Phase]) -> dict[str, str]:
    keys: dict[str, str] = {}
    previous: str | None = None
    for phase in phases:
        if phase.name == previous:
            raise LibraryError(f"two phases are called {phase.name}", suggestion="rename one of them")
        previous = phase.name
        for text in (phase.name, *phase.aliases):
            owner = keys.setdefault(text.casefold(), phase.name)
            if owner != phase.name:
                raise LibraryError(f"{text!r} names both {owner} and {phase.name}", suggestion="rename one of them")
    return keys


def _group_names(groups: str | Iterable[str]) -> set[str]:
    return set(groups.replace(",", " ").split()) if isinstance(groups, str) else set(groups)


def _read_all(path: Path) -> tuple[list[Phase], list[tuple[str, str]]]:
    """The phases of a file or folder, and the CIF files of a folder that cannot be read, with the reason."""
    from braggite.references.toml_reader import FILE_NAME, read_phase

    if path.is_file() or (path / FILE_NAME).is_file():
        return [_single(path)], []
    folders = sorted(path.glob(f"*/{FILE_NAME}"))
    cifs = sorted(file for file in path.iterdir() if file.suffix.lower() == ".cif")
    if not folders and not cifs:
        raise LibraryError(
            f"holds neither phase folders (*/{FILE_NAME}) nor CIF files",
            where=str(path),
            suggestion="name another folder",
        )
    phases = list(map(read_phase, folders))
    read, unreadable = _read_cifs(cifs, phases)
    phases += read
    if not phases:
        first, reason = unreadable[0]
        raise LibraryError(f"none of its {len(cifs)} CIF files can be read; {first}: {reason}", where=str(path))
    return phases, unreadable


def _read_cifs(cifs: Iterable[Path], known: Iterable[Phase]) -> tuple[list[Phase], list[tuple[str, str]]]:
    """Each under its own name; of other names that several claim, as files of one compound do, the first has them."""
    from dataclasses import replace

    phases: dict[str, Phase] = {}
    unreadable = []
    taken = {text.casefold() for phase in known for text in (phase.name, *phase.aliases)}
    for cif in cifs:
        try:
            phase = Phase.from_cif(cif)
        except BraggiteError as error:
            unreadable.append((str(cif), error.message))
            continue
        if phase.name in phases or phase.name in taken:
            unreadable.append((str(cif), f"another phase is called {phase.name} already"))
        else:
            phases[phase.name] = phase
    taken.update(phases)
    kept = []
    for phase in phases.values():
        aliases = tuple(alias for alias in phase.aliases if alias.casefold() not in taken)
        kept.append(replace(phase, aliases=aliases))
        taken.update(map(str.casefold, aliases))
    return kept, unreadable


def _single(path: Path) -> Phase:
    from braggite.references.toml_reader import FILE_NAME, read_phase

    if not path.exists():
        raise LibraryError("does not exist", where=str(path))
    if path.is_dir():
        return read_phase(path / FILE_NAME)
    if path.suffix.lower() == ".toml":
        return read_phase(path)
    return Phase.from_cif(path)


def _digest(phases: Iterable[Phase], indexed: Iterable[str]) -> str:
    import hashlib

    from braggite.references.toml_writer import write_phase

    digest = hashlib.sha256()
    for phase in phases:
        digest.update(f"{phase.name}\0{write_phase(phase)}\0".encode())
    for sha256 in indexed:
        digest.update(f"{sha256}\0".encode())
    return digest.hexdigest()


@cache
def _default() -> ReferenceLibrary:
    return ReferenceLibrary.load(shipped_folder())


def shipped_folder() -> Path:
    """The repository's own folder of references in a checkout, else the one inside the package."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    candidates = [package / FOLDER]
    if (checkout / "pyproject.toml").is_file() and (checkout / "rust").is_dir():
        candidates.insert(0, checkout / FOLDER)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise LibraryError("the shipped reference library is missing", suggestion="install the package again")
