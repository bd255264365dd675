"""Run the command line in this process, and the files it is run on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from braggite.cli import run
from braggite.formats.write import write
from scenarios import garnet_with_titanate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """stdout as exactly one JSON document, without NaN."""

        def refuse(token: str) -> None:
            raise AssertionError(f"{token} in JSON")

        return json.loads(self.out, parse_constant=refuse)


@pytest.fixture
def braggite(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """``braggite("peaks", path, "--json")``; a traceback anywhere is a failure."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5 wt% BaTiO3 in LLZTO, with its wavelength."""
    return write(garnet_with_titanate().spectrum, tmp_path_factory.mktemp("scans") / "mixture.xy")


@pytest.fixture(scope="session")
def bare(mixture: Path) -> Path:
    """The same columns without a header: nothing states the wavelength."""
    target = mixture.with_name("bare.xy")
    rows = [line for line in mixture.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return target


@pytest.fixture
def scan_file(tmp_path: Path) -> Callable[..., Path]:
    """A two-column file of these numbers."""

    def make(x: Any, y: Any, name: str = "scan.xy") -> Path:
        target = tmp_path / name
        rows = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
        target.write_text("\n".join(f"{a:.5f} {b:.3f}" for a, b in rows) + "\n", encoding="utf-8")
        return target

    return make
