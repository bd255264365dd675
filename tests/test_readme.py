"""README and pages keep their word: the blocks marked ``<!-- executed -->`` run, in order, in one empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "preprocessing.md",
    ROOT / "docs" / "peak-fitting.md",
    ROOT / "docs" / "instrument-files.md",
    ROOT / "docs" / "series.md",
]


def executed(page: Path) -> list[tuple[str, str]]:
    """Language and text of the marked blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"<!-- executed -->\n```(\w+)\n(.*?)```", text, flags=re.DOTALL)


def test_the_readme_has_a_worked_example() -> None:
    assert {language for language, _ in executed(PAGES[0])} == {"python", "console"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_executed_blocks_run(page: Path, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    blocks = executed(page)
    assert blocks
    for language, block in blocks:
        for command in _commands(language, block):
            done = subprocess.run(
                command, cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert page.name != "README.md" or (tmp_path / "report.html").stat().st_size > 0


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
