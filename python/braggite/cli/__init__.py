"""The command line: one file a verb; data on stdout, messages on stderr, an exit code that says what happened."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from braggite.errors import BraggiteError, InternalError, OptionError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``braggite`` with ``arguments`` (default: those of the process) and leave with its exit code."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no exception leaves this function."""
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BraggiteError as error:
        return _fail(error, arguments)
    except Exception as error:
        if os.environ.get("BRAGGITE_DEBUG") == "1":
            raise
        return _fail(_internal(error), arguments)


def _dispatch(arguments: list[str]) -> int:
    import typer

    from braggite.cli.app import app

    usage_error: type[Exception] = typer.BadParameter.__mro__[2]
    try:
        code = app(args=arguments or ["--help"], prog_name="braggite", standalone_mode=False)
    except usage_error as error:
        raise OptionError(_usage_message(error), suggestion=_usage_hint(error)) from None
    except typer.Abort:
        return INTERRUPTED
    if not arguments:
        return OptionError.exit_code
    return code if isinstance(code, int) else 0


def _usage_message(error: BaseException) -> str:
    text = str(getattr(error, "format_message", error.__str__)()).strip()
    return text or "a command is missing"


def _usage_hint(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path if context is not None else 'braggite'} --help`"


def _internal(error: Exception) -> InternalError:
    return InternalError(
        f"unexpected {type(error).__name__}: {error}".splitlines()[0],
        suggestion="this is a fault of Braggite; run again with BRAGGITE_DEBUG=1 for the traceback and report it",
    )


def _fail(error: BraggiteError, arguments: list[str]) -> int:
    if "--json" in arguments:
        from braggite.reporting.documents import error_document, to_json

        sys.stdout.write(to_json(error_document(error)))
    print(f"braggite: {error.code}: {error}", file=sys.stderr)
    return error.exit_code
