"""What the package promises to installers: one version, typed, light, its references aboard."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import braggite
from braggite import _core

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"matplotlib", "pymatgen", "lmfit", "gemmi", "scipy", "pandas", "typer", "rich", "jinja2"}

in_checkout = pytest.mark.skipif(not (ROOT / "Cargo.toml").exists(), reason="away from the checkout")


def test_one_version_reaches_library_package_and_metadata() -> None:
    assert braggite.__version__ == _core.__version__
    release = re.sub(
        r"-(alpha|beta|rc)", lambda kind: {"alpha": "a", "beta": "b", "rc": "rc"}[kind[1]], _core.__version__
    )
    assert importlib.metadata.version("braggite") == release


@in_checkout
def test_the_version_stands_once_in_the_workspace() -> None:
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    assert manifest["workspace"]["package"]["version"] == braggite.__version__
    for crate in ("braggite-core", "braggite-py"):
        own = tomllib.loads((ROOT / "rust" / crate / "Cargo.toml").read_text(encoding="utf-8"))
        assert own["package"]["version"] == {"workspace": True}
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dynamic"] == ["version"]


def test_the_package_is_marked_as_typed() -> None:
    package = importlib.resources.files("braggite")
    assert package.joinpath("py.typed").is_file()
    assert package.joinpath("_core.pyi").is_file()


def test_the_package_says_what_it_needs() -> None:
    metadata = importlib.metadata.metadata("braggite")
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_import_is_cheap() -> None:
    listed = "import braggite, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    shown = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(shown.stdout.split())


@in_checkout
def test_every_phase_of_the_repository_is_in_the_library() -> None:
    folders = {path.parent.name for path in (ROOT / "reference_patterns").glob("*/phase.toml")}
    assert folders
    assert {phase.name for phase in braggite.ReferenceLibrary.default()} == folders


@in_checkout
def test_the_lock_file_holds_one_pyo3_and_one_numpy() -> None:
    locked = [crate["name"] for crate in tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]]
    assert {name: locked.count(name) for name in ("pyo3", "numpy")} == {"pyo3": 1, "numpy": 1}
