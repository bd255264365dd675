"""Hostile variants of a file, and the one question: is what happens ours, soon over, and small?"""

from __future__ import annotations

import resource
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CUTS, FLIPS, SEED = 40, 200, 20260115
SECONDS, BYTES = 1.0, 512 << 20
"""Of processor time and of memory beyond what the process holds already, for one file."""
WRONG_SUFFIXES = (".xy", ".xrdml", ".raw", ".brml", ".cif", ".json", ".dat", "")


def cuts(content: bytes, number: int = CUTS) -> Iterator[tuple[str, bytes]]:
    """The first part of a file, at evenly spread places (not in the padding at its end, which holds nothing)."""
    for at in np.linspace(1, max(len(content.rstrip(b"\0 \t\r\n")) - 1, 1), number).astype(int):
        yield f"cut at byte {at}", content[:at]


def flips(content: bytes, number: int = FLIPS) -> Iterator[tuple[str, bytes]]:
    """A file with one random byte replaced, always the same ones."""
    rng = np.random.default_rng(SEED)
    for at, value in zip(rng.integers(0, len(content), number), rng.integers(0, 256, number), strict=True):
        yield f"byte {at} set to {value}", content[:at] + bytes([value]) + content[at + 1 :]


@contextmanager
def limited_memory() -> Iterator[None]:
    """No more than ``BYTES`` of further address space: what asks for more gets a MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as held:  # noqa: PTH123 (not a file of the disk)
        used = int(held.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def outcome(path: Path) -> str:
    """``read``, or the code of our error; anything else that happens is a fault, told by the exception it raises."""
    start = time.process_time()
    spectrum, refusal = None, None
    try:
        with limited_memory():
            spectrum = bg.read(path)
    except bg.BraggiteError as error:
        refusal = error
    taken = time.process_time() - start
    assert taken < SECONDS, f"{taken:.1f} s"
    if spectrum is None:
        assert refusal is not None
        assert refusal.exit_code == 3, refusal
        assert str(path) in str(refusal), f"the message does not name the file: {refusal}"
        return refusal.code
    assert np.all(np.isfinite(spectrum.x))
    assert np.all(np.isfinite(spectrum.y))
    assert np.all(np.diff(spectrum.x) > 0)
    return "read"


def survive(path: Path, variants: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    """The outcome of every variant, written to ``path`` in turn; a fault names its variant."""
    outcomes = {}
    for name, content in variants:
        path.write_bytes(content)
        try:
            outcomes[name] = outcome(path)
        except Exception as fault:
            raise AssertionError(f"{path.name}, {name}: {type(fault).__name__}: {fault}") from fault
    return outcomes
