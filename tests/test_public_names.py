"""The public names and signatures are an interface: they change on purpose or not at all."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

GOLDEN = Path(__file__).parent / "golden" / "public_names.txt"


def _lines(module: ModuleType) -> list[str]:
    return [
        line
        for name in sorted(module.__all__)
        for line in _described(f"{module.__name__}.{name}", getattr(module, name))
    ]


def _described(path: str, thing: object) -> list[str]:
    if inspect.isclass(thing):
        return [_signed(path, thing), *(line for line in _members(path, thing))]
    return [_signed(path, thing) if callable(thing) else f"{path}: {type(thing).__name__}"]


def _members(path: str, cls: type) -> list[str]:
    """Public methods and properties that the class itself defines."""
    lines = []
    for name, member in sorted(vars(cls).items()):
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            lines.append(f"{path}.{name}: property")
        elif isinstance(member, (classmethod, staticmethod)) or inspect.isfunction(member):
            lines.append(_signed(f"{path}.{name}", getattr(cls, name)))
    return lines


def _signed(path: str, thing: object) -> str:
    return f"{path}{inspect.signature(thing)}"  # type: ignore[arg-type]


def test_public_names_and_signatures_are_the_golden_ones(request: pytest.FixtureRequest) -> None:
    modules = (importlib.import_module(name) for name in ("braggite", "braggite.kernels"))
    text = "".join(f"{line}\n" for module in modules for line in _lines(module))
    if request.config.getoption("--update-golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "public names changed; if on purpose, run with --update-golden"
