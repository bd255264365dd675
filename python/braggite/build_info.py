"""Which sources the compiled library was built from: a stale one must not be tested or reported."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from braggite import _core

if TYPE_CHECKING:
    from pathlib import Path

SOURCE_SUFFIXES = (".rs", ".toml", ".csv")
REBUILD = "run `maturin develop --release`"


def source_digest(root: Path) -> str:
    """SHA-256 (hex) of the Rust sources of the checkout ``root``, as the build script stamps it into the library.

    Name, length and content of ``Cargo.lock``, ``Cargo.toml`` and every source under ``rust/``, by name.
    """
    sources = (path for path in (root / "rust").rglob("*") if path.suffix in SOURCE_SUFFIXES and path.is_file())
    names = {path.relative_to(root).as_posix() for path in sources} | {"Cargo.lock", "Cargo.toml"}
    digest = hashlib.sha256()
    for name in sorted(names, key=lambda name: name.encode()):
        path = root / name
        if path.is_file():
            content = path.read_bytes()
            digest.update(name.encode() + b"\0" + len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()


def why_stale(root: Path) -> str | None:
    """Why the loaded library is not the release build of the checkout ``root``; None when it is."""
    import tomllib

    version = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    if _core.__version__ != version:
        return f"the compiled library is version {_core.__version__}, the sources are {version}: {REBUILD}"
    if _core.source_digest != source_digest(root):
        return f"the compiled library was built from other sources than those of {root}: {REBUILD}"
    if _core.build_profile == "debug":
        return f"the compiled library is a debug build: {REBUILD}"
    return None
