"""Hostile variants of a file, and the one question: is what happens ours, soon over, and small?"""

from __future__ import annotations

import resource
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """``read`` or the code of our error, the processor time it took, and by how much the resident memory grew."""

    code: str
    seconds: float
    grown_bytes: int


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


def outcome(path: Path) -> Outcome:
    """What reading the file came to; anything but a spectrum or our error is a fault, told by what it raises."""
    held = _resident_bytes(forget_peak=True)
    start = time.process_time()
    spectrum, refusal = None, None
    try:
        with limited_memory():
            spectrum = bg.read(path)
    except bg.BraggiteError as error:
        refusal = error
    seconds = time.process_time() - start
    grown = _resident_bytes(peak=True) - held
    assert seconds < SECONDS, f"{seconds:.1f} s"
    if spectrum is None:
        assert refusal is not None
        assert refusal.exit_code == 3, refusal
        assert str(path) in str(refusal), f"the message does not name the file: {refusal}"
        return Outcome(refusal.code, seconds, grown)
    assert np.all(np.isfinite(spectrum.x))
    assert np.all(np.isfinite(spectrum.y))
    assert np.all(np.diff(spectrum.x) > 0)
    return Outcome("read", seconds, grown)


def _resident_bytes(*, peak: bool = False, forget_peak: bool = False) -> int:
    """Memory the process holds, or the most it held since the peak was last forgotten; 0 where nothing tells."""
    process = Path("/proc/self")
    try:
        if forget_peak:
            (process / "clear_refs").write_text("5", encoding="ascii")
        lines = (process / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    name = "VmHWM:" if peak else "VmRSS:"
    return 1024 * next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def survive(path: Path, variants: Iterator[tuple[str, bytes]]) -> dict[str, Outcome]:
    """The outcome of every variant, written to ``path`` in turn; a fault names its variant."""
    outcomes = {}
    for name, content in variants:
        path.write_bytes(content)
        try:
            outcomes[name] = outcome(path)
        except Exception as fault:
            raise AssertionError(f"{path.name}, {name}: {type(fault).__name__}: {fault}") from fault
    return outcomes
