"""Every error Braggite raises on purpose; each states its exit code."""

from __future__ import annotations


class BraggiteError(Exception):
    """Base of all errors of Braggite.

    Parameters
    ----------
    message
        What is wrong, naming the file, line, byte or value.
    where
        Place of the fault (``"scan.xrdml:12"``, ``"y[17]"``), if there is one.
    suggestion
        What the user can do about it.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.suggestion = suggestion

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where and self.where not in self.message else self.message
        return f"{text} ({self.suggestion})" if self.suggestion else text

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.where, self.suggestion)

    def to_dict(self) -> dict[str, str | None]:
        """The ``error`` object of a ``braggite.error/1`` document."""
        return {"code": self.code, "message": self.message, "where": self.where, "suggestion": self.suggestion}


def _rebuild(cls: type[BraggiteError], message: str, where: str | None, suggestion: str | None) -> BraggiteError:
    return cls(message, where=where, suggestion=suggestion)


class InvalidSpectrum(BraggiteError):
    """Data that no analysis can use: NaN, one point, unsorted or duplicate positions."""

    code = "invalid_spectrum"
    exit_code = 3


class UnknownFormat(BraggiteError):
    """A file that no reader recognises, or that a reader refuses with advice."""

    code = "unknown_format"
    exit_code = 3


class LibraryError(BraggiteError):
    """A reference phase or library that cannot be read or does not exist."""

    code = "library_error"
    exit_code = 3


class OptionError(BraggiteError):
    """An option outside its meaning, or options that contradict each other."""

    code = "option_error"
    exit_code = 2


class InternalError(BraggiteError):
    """A fault of Braggite itself; please report it."""

    code = "internal_error"
    exit_code = 4
