"""Readers on top of optional packages: imported when needed, kept quiet, their failures turned into our errors."""

from __future__ import annotations

import contextlib
import importlib
import io
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from braggite.errors import BraggiteError, InvalidSpectrum, UnknownFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

T = TypeVar("T")


def package(module: str, *, extra: str, title: str, where: str) -> ModuleType:
    """The module of an optional package.

    Raises
    ------
    UnknownFormat
        It is not installed, or cannot be imported; the message names the command that installs it.
    """
    try:
        with _quiet():
            return importlib.import_module(module)
    except ImportError as error:
        raise UnknownFormat(
            f"{title} files are read by the package {module.partition('.')[0]!r}, which is not installed ({error})",
            where=where,
            suggestion=f"pip install 'braggite[{extra}]'",
        ) from None


def on_file(content: bytes, suffix: str, work: Callable[[str], T], where: str) -> T:
    """``work`` on the path of a file with this content, for packages that read paths; quiet, as :func:`guarded`."""
    with tempfile.TemporaryDirectory(prefix="braggite-") as folder:
        path = Path(folder) / f"scan{suffix}"
        path.write_bytes(content)
        return guarded(lambda: work(str(path)), where)


def guarded(work: Callable[[], T], where: str) -> T:
    """What ``work`` returns; what it prints or warns is dropped.

    Raises
    ------
    InvalidSpectrum
        Whatever ``work`` raises that is not our own error: other packages meet a damaged file with any exception.
    """
    with _quiet():
        try:
            return work()
        except BraggiteError:
            raise
        except (Exception, SystemExit) as error:
            failure = f"{type(error).__name__}: {str(error)[:200]}"  # its frames, and the files they hold, end here
    raise InvalidSpectrum(
        f"the file cannot be read: {failure}",
        where=where,
        suggestion="the file is probably truncated or damaged; export or copy it again",
    )


@contextlib.contextmanager
def _quiet() -> Any:
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
