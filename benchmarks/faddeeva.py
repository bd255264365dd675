"""The Faddeeva function: relative error against mpmath with 40 digits, and time against scipy."""

from __future__ import annotations

import mpmath
import numpy as np
from harness import Row, compare, main
from scipy.special import wofz

from braggite import _core

FAR = 12.0
"""From this distance on the asymptotic series is exact enough."""


def plane() -> tuple[np.ndarray, np.ndarray]:
    """Points of the upper half plane over twelve decades of the radius, many of them close to the real axis."""
    radius = np.concatenate([np.geomspace(1e-6, 1e6, 60), np.linspace(0.1, 12.0, 60)])
    angle = np.concatenate([np.linspace(0.0, np.pi, 25), np.geomspace(1e-12, 0.1, 12)])
    x, y = radius[:, None] * np.cos(angle), radius[:, None] * np.sin(angle)
    return x.ravel(), np.abs(y).ravel()


def exact(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """w(z) = exp(-z^2) erfc(-iz), with digits enough for what cancels between the two factors."""
    values = []
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        z = mpmath.mpc(a, b)
        if abs(z) > FAR:
            values.append(asymptotic(z))
            continue
        with mpmath.workdps(40 + int(abs(z) ** 2)):
            values.append(complex(mpmath.exp(-z * z) * mpmath.erfc(-1j * z)))
    return np.array(values)


def asymptotic(z: mpmath.mpc) -> complex:
    """i / (sqrt(pi) z) times the sum of (2 k - 1)!! / (2 z^2)^k; what is left out is below 1e-40 of it."""
    with mpmath.workdps(50):
        series = mpmath.fsum(mpmath.fac2(2 * k - 1) / (2 * z * z) ** k for k in range(60))
        return complex(1j * series / (mpmath.sqrt(mpmath.pi) * z))


def run() -> list[Row]:
    x, y = plane()
    want = exact(x, y)

    def worst(value: np.ndarray) -> float:
        return float(np.max(np.abs(value - want) / np.abs(want)))

    real, imaginary = _core.faddeeva_function(x, y)
    z = x + 1j * y
    note = f"largest relative error {worst(real + 1j * imaginary):.1e}, scipy's {worst(wofz(z)):.1e}"
    return [
        compare(
            f"Faddeeva function, {x.size} points", lambda: _core.faddeeva_function(x, y), "scipy wofz", lambda: wofz(z),
            note=note,
        )
    ]  # fmt: skip


if __name__ == "__main__":
    main(run)
