"""Groups of options: a verb asks for a dataclass of them, the command line offers each field."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any


def grouped(verb: Callable[..., int]) -> Callable[..., int]:
    """``verb`` with each parameter that is a dataclass replaced by that dataclass's fields.

    A field keeps its ``Annotated`` option and its default, or is required without one; repeated options default to an
    empty list.
    """
    hints = typing.get_type_hints(verb, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
    own = [
        parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(verb).parameters.values()
        if parameter.name not in groups
    ]
    flat = [*own, *(parameter for group in groups.values() for parameter in _parameters(group))]

    @functools.wraps(verb)
    def flattened(**given: Any) -> int:
        arguments = {
            name: group(**{field.name: _taken(given, field.name) for field in dataclasses.fields(group)})
            for name, group in groups.items()
        }
        return verb(**given, **arguments)

    flattened.__signature__ = inspect.Signature(flat, return_annotation=int)  # type: ignore[attr-defined]
    flattened.__annotations__ = {parameter.name: parameter.annotation for parameter in flat} | {"return": int}
    return flattened


def _taken(given: dict[str, Any], name: str) -> Any:
    value = given.pop(name)
    return tuple(value) if isinstance(value, list) else value


def _parameters(group: Any) -> list[inspect.Parameter]:
    hints = typing.get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=_repeated(hints[field.name])
        )
        for field in dataclasses.fields(group)
    ]


def _repeated(hint: Any) -> Any:
    """``Annotated[tuple[T, ...], ...]`` as the ``list[T]`` by which typer knows a repeatable option."""
    kind, *notes = typing.get_args(hint)
    if typing.get_origin(kind) is not tuple:
        return hint
    return Annotated[list[typing.get_args(kind)[0]], *notes]  # type: ignore[misc]


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is dataclasses.MISSING:
        return inspect.Parameter.empty
    return list(field.default) if isinstance(field.default, tuple) else field.default
