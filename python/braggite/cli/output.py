"""Data to stdout or a file, messages to stderr."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from braggite.cli.options import Output
from braggite.diagnostics import Diagnostic
from braggite.reporting.documents import to_json, write_text
from braggite.reporting.text import diagnostic_line


def emit(output: Output, document: Mapping[str, Any], text: Callable[[], str]) -> None:
    """The document under ``--json`` or for a .json file, the text otherwise."""
    wants_json = output.as_json or (output.path is not None and output.path.suffix == ".json")
    content = to_json(document) if wants_json else text()
    if output.path is None:
        sys.stdout.write(content)
        return
    write_text(output.path, content)
    say(output, f"wrote {output.path}")


def say(output: Output, message: str) -> None:
    """A message on stderr, unless ``--quiet``."""
    if not output.quiet:
        print(message, file=sys.stderr)


def remark(output: Output, diagnostics: Iterable[Diagnostic]) -> None:
    """Warnings on stderr, each with its first place; every place, and information too, with ``--verbose``."""
    if output.verbose:
        for note in diagnostics:
            say(output, diagnostic_line(note).strip())
        return
    warnings = [note for note in diagnostics if note.level != "info"]
    places = Counter((note.code, note.message) for note in warnings)
    for note in warnings:
        further = places.pop((note.code, note.message), 0) - 1
        if further >= 0:
            more = f" (and {further} more {'place' if further == 1 else 'places'}; -v names them)" if further else ""
            say(output, diagnostic_line(note).strip() + more)
