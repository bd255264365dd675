"""Reading a text file: ours (format, columns, counts, sigma, checks, hash) against numpy's bare table of numbers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from harness import Row, compare, main, seconds_per_call

import braggite as bg

POINTS = 100_000


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="ascii")
    return path


def run() -> list[Row]:
    rng = np.random.default_rng(3)
    x, y = 5 + 0.001 * np.arange(POINTS), rng.poisson(300, POINTS)
    two = "".join(f"{a:.4f} {b}\n" for a, b in zip(x, y, strict=True))
    three = "".join(f"{a:.4f} {b} {b**0.5:.4f}\n" for a, b in zip(x, y, strict=True))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        xy, xye = write(folder, "scan.xy", two), write(folder, "scan.xye", three)
        german = write(folder, "scan.csv", two.replace(" ", ";").replace(".", ","))
        return [
            compare(f".xy, {POINTS} points", lambda: bg.read(xy), "numpy.loadtxt", lambda: np.loadtxt(xy)),
            compare(f".xye, {POINTS} points", lambda: bg.read(xye), "numpy.loadtxt", lambda: np.loadtxt(xye)),
            Row(
                f".csv with decimal commas, {POINTS} points", seconds_per_call(lambda: bg.read(german, technique="xrd"))
            ),
        ]


if __name__ == "__main__":
    main(run)
