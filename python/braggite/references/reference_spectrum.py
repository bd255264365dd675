"""Full measured spectra of a phase, kept beside its phase.toml."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from braggite.errors import BraggiteError, LibraryError

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.references.bands import VibrationalTechnique
    from braggite.spectrum import Spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSpectrum:
    """A measured spectrum of a phase, read when it is asked for.

    Attributes
    ----------
    technique : "raman" or "ftir"
    file : path of the file within the folder of the phase, with slashes; any format that :func:`braggite.read` reads
    excitation_nm : wavelength of the laser, for Raman, if known
    condition : way of measuring ("ATR, not corrected")
    source : who measured it
    licence : what may be done with it
    covered_range_cm1 : wavenumbers that are to be trusted, where not all are
    processing : what was done to the ordinates
    note : one sentence for people
    sha256 : digest of the file when it was added; empty where nobody took it
    folder : of the phase; None for a phase that was not read from a folder

    Raises
    ------
    LibraryError
        A file outside the folder, a wavelength that is not positive, or no source.
    """

    technique: VibrationalTechnique
    file: str
    source: str
    excitation_nm: float | None = None
    condition: str | None = None
    licence: str | None = None
    covered_range_cm1: tuple[float, float] | None = None
    processing: str | None = None
    note: str | None = None
    sha256: str = ""
    folder: Path | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        path = PurePosixPath(self.file)
        if not self.file or path.is_absolute() or ".." in path.parts or "\\" in self.file or ":" in self.file:
            raise LibraryError(
                f"file = {self.file!r} does not lie in the folder of the phase",
                suggestion='write "spectra/raman-532nm.csv"',
            )
        if self.excitation_nm is not None and not 0.0 < self.excitation_nm < math.inf:
            raise LibraryError(f"{self.file}: excitation_nm = {self.excitation_nm} is not a wavelength")
        if not self.source.strip():
            raise LibraryError(f"{self.file} states no source")

    @property
    def path(self) -> Path:
        """Where the file is; ``LibraryError`` for a phase that was not read from a folder."""
        if self.folder is None:
            raise LibraryError(
                f"{self.file} belongs to a phase that was not read from a folder",
                suggestion="load the folder of the library; a built library holds no spectra",
            )
        return self.folder / self.file

    def spectrum(self) -> Spectrum:
        """The spectrum as it was stored, over wavenumbers (Raman: shifts) in 1/cm.

        Raises
        ------
        LibraryError
            The file is missing, cannot be read, is of another technique, or changed since it was added.
        """
        return _read(self.path, self.technique, self.sha256)

    @property
    def x_cm1(self) -> FloatArray:
        """(n,) ascending wavenumbers in 1/cm."""
        return self.spectrum().x

    @property
    def y(self) -> FloatArray:
        """(n,) ordinates as they were stored."""
        return self.spectrum().y

    def to_dict(self) -> dict[str, Any]:
        """Plain types, without the ordinates."""
        keys = ("file", "excitation_nm", "condition", "source", "licence", "processing", "note", "sha256")
        covered = None if self.covered_range_cm1 is None else list(self.covered_range_cm1)
        return {key: getattr(self, key) for key in keys} | {"covered_range_cm1": covered}


@lru_cache(maxsize=256)
def _read(path: Path, technique: VibrationalTechnique, sha256: str) -> Spectrum:
    from braggite.formats.reading import read

    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise LibraryError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    if sha256 and digest != sha256:
        raise LibraryError(
            "changed since it was added to the library",
            where=str(path),
            suggestion="add it again, or take its sha256 out of phase.toml",
        )
    try:
        return read(path, technique=technique)
    except BraggiteError as error:
        raise LibraryError(error.message, where=str(path), suggestion=error.suggestion) from None
