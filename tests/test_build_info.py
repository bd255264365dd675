from __future__ import annotations

from pathlib import Path

import pytest

from braggite import _core, build_info

ROOT = Path(__file__).resolve().parents[1]


def test_the_library_under_test_is_the_one_of_these_sources() -> None:
    assert build_info.source_digest(ROOT) == _core.source_digest
    assert build_info.why_stale(ROOT) is None


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "rust").mkdir()
    (tmp_path / "Cargo.toml").write_text(f'[workspace.package]\nversion = "{_core.__version__}"\n')
    (tmp_path / "rust" / "lib.rs").write_text("// one")
    return tmp_path


def test_changed_sources_are_called_stale(checkout: Path) -> None:
    before = build_info.source_digest(checkout)
    (checkout / "rust" / "lib.rs").write_text("// two")
    assert build_info.source_digest(checkout) != before
    assert "maturin develop --release" in (build_info.why_stale(checkout) or "")


def test_files_that_are_no_sources_do_not_matter(checkout: Path) -> None:
    before = build_info.source_digest(checkout)
    (checkout / "rust" / "notes.md").write_text("text")
    assert build_info.source_digest(checkout) == before


def test_another_version_is_stale(checkout: Path) -> None:
    (checkout / "Cargo.toml").write_text('[workspace.package]\nversion = "0.0.0"\n')
    assert "0.0.0" in (build_info.why_stale(checkout) or "")


def test_a_debug_build_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_core, "build_profile", "debug")
    assert "debug" in (build_info.why_stale(ROOT) or "")
