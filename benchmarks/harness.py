"""What every benchmark shares: one row of a table, and a timing that noise does not move.

A benchmark is a module with ``run() -> list[Row]`` and ``main(run)`` under ``if __name__ == "__main__"``. Import this
module before numpy: it pins every numerical library to one thread, so that ours and the peer meet on equal terms.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
for _variable in THREAD_VARIABLES:
    os.environ.setdefault(_variable, "1")

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: seconds per call of ours and of a peer doing the same work in the same process."""

    name: str
    ours_seconds: float
    peer: str | None = None
    peer_seconds: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times faster than the peer."""
        return None if self.peer_seconds is None else self.peer_seconds / self.ours_seconds


def seconds_per_call(work: Work, *, repeats: int = 9, sample_seconds: float = 0.002) -> float:
    """Median over ``repeats`` samples, each the mean of enough calls to last ``sample_seconds``."""
    return statistics.median(_samples((work,), repeats, sample_seconds)[0])


def compare(
    name: str,
    ours: Work,
    peer: str,
    peer_work: Work,
    *,
    note: str = "",
    repeats: int = 9,
    sample_seconds: float = 0.002,
) -> Row:
    """One row, with the samples of ours and of the peer taken in turn so that a busy machine slows both."""
    own, other = _samples((ours, peer_work), repeats, sample_seconds)
    return Row(name, statistics.median(own), peer, statistics.median(other), note)


def _samples(works: tuple[Work, ...], repeats: int, sample_seconds: float) -> list[list[float]]:
    calls = [_calls_to_last(work, sample_seconds) for work in works]
    samples: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for kept, work, count in zip(samples, works, calls, strict=True):
            kept.append(_mean_seconds(work, count))
    return samples


def _calls_to_last(work: Work, seconds: float) -> int:
    work()
    return max(1, round(seconds / max(_mean_seconds(work, 1), 1e-9)))


def _mean_seconds(work: Work, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def seconds_text(seconds: float | None) -> str:
    """Three figures with a fitting unit."""
    if seconds is None:
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| what | Braggite | peer | peer's time | times faster | note |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = "-" if row.ratio is None else f"{row.ratio:.3g}"
        cells = (
            row.name,
            seconds_text(row.ours_seconds),
            row.peer or "-",
            seconds_text(row.peer_seconds),
            ratio,
            row.note,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(run: Callable[[], list[Row]]) -> None:
    """Print the table of one benchmark module; ``--json`` prints its rows for ``benchmarks/run.py``."""
    rows = run()
    if "--json" in sys.argv[1:]:
        json.dump([asdict(row) for row in rows], sys.stdout)
    else:
        sys.stdout.write(table(rows))
