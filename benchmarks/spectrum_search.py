"""Whole-spectrum search against one product of matrices in numpy, which is a correlation without masks and slopes."""

from __future__ import annotations

import numpy as np
from harness import Row, compare, main, seconds_per_call

from braggite import _core

REFERENCES, CELLS, SHIFTED, REACH = 5000, 1000, 200, 5


def run() -> list[Row]:
    """5,000 references of 1,000 cells, one query, one thread."""
    rng = np.random.default_rng(5)
    values = np.sqrt(rng.random((REFERENCES, CELLS), dtype=np.float32) ** 8)
    values -= values.mean(axis=1, keepdims=True)
    starts = np.arange(REFERENCES + 1, dtype=np.uint64) * CELLS
    shelf = _core.SpectrumShelf(starts, np.zeros(REFERENCES, dtype=np.int32), values.ravel())
    query, used = values[7].astype(np.float64), np.ones(CELLS, dtype=np.bool_)
    closer = np.arange(SHIFTED, dtype=np.uint32)
    single = query.astype(np.float32)
    slopes = np.diff(values, axis=1)
    slope = np.diff(single)

    def search() -> None:
        shelf.agreements(0, query, used)
        shelf.placed(closer, 0, query, used, reach=REACH)

    note = f"{REFERENCES} references x {CELLS} cells, single precision"
    return [
        compare(
            "values and slopes of every reference",
            lambda: shelf.agreements(0, query, used),
            "numpy @, values alone",
            lambda: values @ single,
            note=note,
        ),
        compare(
            "values and slopes of every reference",
            lambda: shelf.agreements(0, query, used),
            "numpy @, values and slopes, twice the memory",
            lambda: (values @ single, slopes @ slope),
            note=note,
        ),
        Row("the same and the best shift of 200", seconds_per_call(search), note=f"{2 * REACH + 1} shifts"),
    ]


if __name__ == "__main__":
    main(run)
