"""The rules of `conftest.py` themselves: where data are required, a skip is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NEEDS_DATA = "def test_data_needed(test_data):\n    assert test_data.is_dir()\n"
INNER = {
    "test_skips.py": "import pytest\ndef test_skipped():\n    pytest.skip('no reason')\n",
    "test_needs_data.py": NEEDS_DATA,
    "test_module.py": "import pytest\npytest.importorskip('no_such_module_anywhere')\ndef test_nothing(): ...\n",
}


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("BRAGGITE_", "PYTEST_", "COV_"))}
    keep |= {"PYTHONPATH": str(Path(__file__).parent), **environment}
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-ra"]
    command += ["--continue-on-collection-errors"]
    return subprocess.run(command, cwd=folder, env=keep, capture_output=True, text=True, check=False)


def test_a_skip_is_a_failure_only_where_data_are_required(tmp_path: Path) -> None:
    for name, content in INNER.items():
        (tmp_path / name).write_text(content)
    lenient = run(tmp_path)
    assert "3 skipped" in lenient.stdout, lenient.stdout + lenient.stderr
    strict = run(tmp_path, BRAGGITE_REQUIRE_TEST_DATA="1")
    assert strict.returncode != 0
    assert "1 failed, 2 errors" in strict.stdout, "a test, a fixture and a module that skipped"
    assert "BRAGGITE_TEST_DATA is not set" in strict.stdout


def test_a_data_folder_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "test_needs_data.py").write_text(NEEDS_DATA)
    result = run(tmp_path, BRAGGITE_TEST_DATA=str(tmp_path / "nowhere"))
    assert "not a folder" in result.stdout
