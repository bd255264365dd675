"""A library of reference phases: looked up by name, filtered by chemistry, identified by a digest."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from braggite.errors import LibraryError, OptionError
from braggite.references.formula import parse_elements, parse_formula
from braggite.references.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = "reference_patterns"


class ReferenceLibrary:
    """Phases under unique names and aliases, in the order of their names. Immutable.

    Raises
    ------
    LibraryError
        Two phases claim one name or alias (upper and lower case count as the same).
    """

    __slots__ = ("_keys", "_phases", "_sha256", "source")

    def __init__(self, phases: Iterable[Phase] = (), *, source: str = "") -> None:
        ordered = sorted(phases, key=lambda phase: phase.name)
        self.source = source
        self._phases: dict[str, Phase] = {phase.name: phase for phase in ordered}
        self._keys = _index(ordered)
        self._sha256: str | None = None

    @classmethod
    def default(cls) -> ReferenceLibrary:
        """The shipped library: the repository's own folder in a checkout, else the one inside the package."""
        return _default()

    @classmethod
    def load(cls, path: str | Path) -> ReferenceLibrary:
        """Read a folder of phase folders, a folder of CIF files, one phase folder, one ``phase.toml`` or one CIF.

        Raises
        ------
        LibraryError
            Nothing readable there, or a file is broken; the message names it.
        """
        path = Path(path)
        if not path.exists():
            raise LibraryError("does not exist", where=str(path))
        return cls(_read_all(path), source=str(path))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all phases, sorted."""
        return tuple(self._phases)

    @property
    def aliases(self) -> dict[str, str]:
        """Every alias as written -> name of its phase."""
        return {alias: phase.name for phase in self for alias in phase.aliases}

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups that occur, sorted."""
        return tuple(sorted({group for phase in self for group in phase.groups}))

    @property
    def sha256(self) -> str:
        """Digest of the content (names and canonical text of the phases), whatever folder it was read from."""
        if self._sha256 is None:
            self._sha256 = _digest(self)
        return self._sha256

    def filter(
        self, elements: str | Iterable[str] | None = None, groups: str | Iterable[str] | None = None
    ) -> ReferenceLibrary:
        """Phases made of these elements only, and belonging to at least one of these groups.

        Parameters
        ----------
        elements
            ``"Li Ba Ti O"``, ``"Li,Ba"`` or symbols; None keeps all.
        groups
            One group or several; None keeps all.

        Raises
        ------
        OptionError
            An unknown element or a group no phase belongs to.
        """
        allowed = None if elements is None else parse_elements(elements)
        wanted = None if groups is None else _group_names(groups)
        unknown = set() if wanted is None else wanted - set(self.groups)
        if unknown and len(self):
            raise OptionError(
                f"{sorted(unknown)[0]!r} is no group of this library", suggestion=f"known: {', '.join(self.groups)}"
            )
        kept = [
            phase
            for phase in self
            if (allowed is None or phase.elements <= allowed)
            and (wanted is None or not wanted.isdisjoint(phase.groups))
        ]
        return ReferenceLibrary(kept, source=self.source)

    def merged(self, other: ReferenceLibrary) -> ReferenceLibrary:
        """Both libraries; where they claim one name or alias, ``other`` has it."""
        from dataclasses import replace

        claimed = set(other._keys)
        kept = []
        for phase in self:
            if phase.name.casefold() in other._keys:
                continue
            aliases = tuple(alias for alias in phase.aliases if alias.casefold() not in claimed)
            kept.append(phase if len(aliases) == len(phase.aliases) else replace(phase, aliases=aliases))
        return ReferenceLibrary([*kept, *other], source="; ".join(filter(None, (self.source, other.source))))

    def __getitem__(self, name: str | Path) -> Phase:
        """A phase by name, alias or path to a CIF or phase file; ``LibraryError`` with near names otherwise."""
        key = str(name)
        found = self._keys.get(key.strip().casefold())
        if found is not None:
            return self._phases[found]
        path = Path(key)
        if path.suffix.lower() in (".cif", ".toml") or (path.is_dir() and len(path.parts) > 1):
            return _single(path)
        near = self._near(key)
        advice = f"did you mean {', '.join(near)}?" if near else "`braggite references list` names all"
        raise LibraryError(f"{key!r} names no phase of the library", suggestion=advice)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.strip().casefold() in self._keys

    def __iter__(self) -> Iterator[Phase]:
        return iter(self._phases.values())

    def __len__(self) -> int:
        return len(self._phases)

    def __repr__(self) -> str:
        return f"ReferenceLibrary({len(self)} phases from {self.source or 'memory'})"

    def _near(self, text: str) -> list[str]:
        """Phases of the same formula, then those whose names are spelled alike."""
        from difflib import get_close_matches

        try:
            formula = parse_formula(text)
        except OptionError:
            formula = None
        same = [phase.name for phase in self if formula and parse_formula(phase.formula) == formula]
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


def _read_all(path: Path) -> list[Phase]:
    from braggite.references.toml_reader import FILE_NAME, read_phase

    if path.is_file() or (path / FILE_NAME).is_file():
        return [_single(path)]
    folders = sorted(path.glob(f"*/{FILE_NAME}"))
    cifs = sorted(file for file in path.iterdir() if file.suffix.lower() == ".cif")
    if not folders and not cifs:
        raise LibraryError(
            f"holds neither phase folders (*/{FILE_NAME}) nor CIF files",
            where=str(path),
            suggestion="name another folder",
        )
    return [*map(read_phase, folders), *map(Phase.from_cif, cifs)]


def _single(path: Path) -> Phase:
    from braggite.references.toml_reader import FILE_NAME, read_phase

    if not path.exists():
        raise LibraryError("does not exist", where=str(path))
    if path.is_dir():
        return read_phase(path / FILE_NAME)
    if path.suffix.lower() == ".toml":
        return read_phase(path)
    return Phase.from_cif(path)


def _digest(phases: Iterable[Phase]) -> str:
    import hashlib

    from braggite.references.toml_writer import write_phase

    digest = hashlib.sha256()
    for phase in phases:
        digest.update(f"{phase.name}\0{write_phase(phase)}\0".encode())
    return digest.hexdigest()


@cache
def _default() -> ReferenceLibrary:
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    candidates = [package / FOLDER]
    if (checkout / "pyproject.toml").is_file() and (checkout / "rust").is_dir():
        candidates.insert(0, checkout / FOLDER)
    for folder in candidates:
        if folder.is_dir():
            return ReferenceLibrary.load(folder)
    raise LibraryError("the shipped reference library is missing", suggestion="install the package again")
