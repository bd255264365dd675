"""Peak finding against scipy: the whole of ours (noise, widths, three filters, uncertainties) against one call."""

from __future__ import annotations

import numpy as np
from harness import Row, compare, main, seconds_per_call
from scipy.signal import find_peaks as scipy_find_peaks
from scipy.signal import find_peaks_cwt

from braggite.kernels import find_peaks


def pattern(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    x = np.linspace(5.0, 120.0, n)
    ground = 150 * (1 + 1.5 * np.exp(-(x - 5) / 12))
    lines = sum(
        h * np.exp(-4 * np.log(2) * ((x - at) / 0.15) ** 2)
        for at, h in zip(rng.uniform(8, 118, 60), 10 ** rng.uniform(1.5, 4, 60), strict=True)
    )
    return x, rng.poisson(ground + lines).astype(float), ground


def run() -> list[Row]:
    rows = []
    for n in (4000, 64_000):
        x, y, ground = pattern(n)
        net, sigma = y - ground, np.sqrt(np.maximum(y, 1.0))
        ours = lambda x=x, net=net, sigma=sigma: find_peaks(net, x, sigma=sigma, subtract=False)  # noqa: E731
        peer = lambda y=y: scipy_find_peaks(y, prominence=5 * np.sqrt(np.median(y)))  # noqa: E731
        rows.append(compare(f"peaks of net ordinates, {n} points", ours, "scipy find_peaks(prominence)", peer))
        rows.append(
            Row(
                f"peaks and background of raw ordinates, {n} points",
                seconds_per_call(lambda x=x, y=y: find_peaks(y, x)),
            )
        )
        if n == 4000:
            wavelets = lambda y=y: find_peaks_cwt(y, np.arange(1, 31))  # noqa: E731
            rows.append(
                compare(f"peaks of net ordinates, {n} points", ours, "scipy find_peaks_cwt", wavelets, repeats=3)
            )
    return rows


if __name__ == "__main__":
    main(run)
