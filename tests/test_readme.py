"""The README keeps its word: the blocks marked ``<!-- executed -->`` run, in order, in one empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXECUTED = re.findall(r"<!-- executed -->\n```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def test_the_readme_has_a_worked_example() -> None:
    assert {language for language, _ in EXECUTED} == {"python", "console"}


def test_executed_blocks_run(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for language, block in EXECUTED:
        for command in _commands(language, block):
            done = subprocess.run(
                command, cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert (tmp_path / "report.html").stat().st_size > 0


def _commands(language: str, block: str) -> list[list[str]]:
    """Each ``$`` line of a console block; a Python block as one program."""
    if language == "python":
        return [[sys.executable, "-c", block]]
    return [line.removeprefix("$ ").split() for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.skipif(not (ROOT / "dev.py").exists(), reason="away from the checkout")
def test_the_set_up_commands_of_the_readme_exist() -> None:
    verbs = re.findall(r"^python3 dev\.py (\w+)$", README, flags=re.MULTILINE)
    assert verbs == ["demo", "test"]
    shown = subprocess.run([sys.executable, ROOT / "dev.py", "--help"], capture_output=True, text=True, check=True)
    for verb in verbs:
        assert re.search(rf"^  {verb} ", shown.stdout, flags=re.MULTILINE)
