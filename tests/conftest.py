"""What every test shares: the data folder, no silent skips, no stale compiled library."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from braggite.build_info import why_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = os.environ.get("BRAGGITE_REQUIRE_TEST_DATA") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files instead of comparing")


def pytest_sessionstart(session: pytest.Session) -> None:
    reason = why_stale(ROOT)
    if reason:
        pytest.exit(reason, returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with ``golden/<name>`` beside the test; ``--update-golden`` writes it instead."""

    def compare(name: str, text: str) -> None:
        file = request.path.parent / "golden" / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.is_file(), f"{file.name} is missing; run pytest --update-golden and read what it wrote"
        assert text == file.read_text(encoding="utf-8"), f"{file.name} differs; --update-golden accepts the new text"

    return compare


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of measured and simulated data files, from ``BRAGGITE_TEST_DATA``."""
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        pytest.skip("BRAGGITE_TEST_DATA is not set")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"BRAGGITE_TEST_DATA is not a folder: {folder}")
    return path


def _skip_is_failure(report: Any) -> None:
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"skipped although BRAGGITE_REQUIRE_TEST_DATA=1: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _skip_is_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _skip_is_failure(report)
    return report
