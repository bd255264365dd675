"""Quality of despiking on simulated Raman spectra: precision and recall over points, by the height of the spikes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from harness import Row, main, seconds_per_call

from braggite import kernels
from braggite.preprocessing.despike import DESPIKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "preprocessing"))
from spike_patterns import raman, scores

HEIGHTS = (5, 10, 30)
WIDTHS: tuple[dict[str, float], ...] = ({}, {"fwhm": 5.0})


def run() -> list[Row]:
    rows = []
    for method in DESPIKING:
        for options in WIDTHS:
            x, y, sigma, _ = raman(0, HEIGHTS[-1])
            seconds = seconds_per_call(
                lambda: kernels.despike(y, x, sigma=sigma, method=method, **options)  # noqa: B023
            )
            pairs = ((height, *scores(method, height, **options)) for height in HEIGHTS)
            note = "; ".join(f"{height} sigma: {precision:.3f}, {recall:.2f}" for height, precision, recall in pairs)
            name = ", ".join(
                [f"{method}, {np.size(y)} points", *(f"{key} {value:g}" for key, value in options.items())]
            )
            rows.append(Row(name, seconds, note=f"precision and recall at {note}"))
    return rows


if __name__ == "__main__":
    main(run)
