"""The search through line indices once more, slow and plain, for one round of nominations."""

from __future__ import annotations

import numpy as np

from braggite.references.line_index import strongest_lines

REACH, CELLS_PER_FWHM, REFERENCE_DEG, CHANCE = 1.6, 3.0, 80.0, 0.03
STRAIN_COST, UNEVEN, LACK = 0.1, 0.2, 2.0


def roots(x, net, variance, fwhm):
    """Square root above noise of the mean of the net ordinates under a line."""
    mean, sd = np.zeros(x.size), np.zeros(x.size)
    for i, centre in enumerate(x):
        near = np.abs(x - centre) <= REACH * fwhm
        shape = np.exp(-4 * np.log(2) * ((x[near] - centre) / fwhm) ** 2)
        mean[i] = np.sum(shape * net[near]) / shape.sum()
        sd[i] = np.sqrt(np.sum(shape**2 * variance[near])) / shape.sum()
    noise = np.sort(sd)[sd.size // 2]
    return np.sign(mean) * (np.sqrt(np.abs(mean) + noise) - np.sqrt(noise))


def grid(x, fwhm, wavelength):
    """2-theta of cells even in ln(1/d), and how many there are in a unit."""
    low, high = np.log(2 * np.sin(np.radians(x[[0, -1]] / 2)) / wavelength)
    per_unit = CELLS_PER_FWHM * 2 * np.tan(np.radians(min(x[-1], REFERENCE_DEG) / 2)) / np.radians(fwhm)
    logs = low + np.arange(int((high - low) * per_unit) + 1) / per_unit
    return logs, per_unit, 2 * np.degrees(np.arcsin(np.minimum(wavelength * np.exp(logs) / 2, 1)))


def score(phase, x, found, *, shifts, fwhm, wavelength):
    """Score, strain and shift of the best place of one phase."""
    logs, per_unit, two_theta = grid(x, fwhm, wavelength)
    theta = np.radians(two_theta / 2)
    polarised = (1 + np.cos(2 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
    positions, strengths = (column.astype(float) for column in strongest_lines(phase.structure))
    cells = np.floor((positions - logs[0]) * per_unit + 0.5).astype(int)
    inside = (cells >= 0) & (cells < logs.size)
    cells, asked = cells[inside], np.sqrt(strengths[inside] * polarised[cells[inside]])
    half = int(np.ceil(phase.structure.cell_tolerance * per_unit))
    window = int(CHANCE * per_unit)
    best = (0.0, 0, 0.0, None)
    for shift in shifts:
        column = np.interp(two_theta + shift, x, found, left=0.0, right=0.0)
        chance = [column[max(i - window, 0) : i + window + 1].mean() for i in range(column.size)]
        beyond = column - chance
        for offset in range(-half, half + 1):
            there = cells + offset
            seen = (there >= 0) & (there < logs.size)
            overlap = np.sum(asked[seen] * beyond[there[seen]])
            gain = overlap**2 / np.sum(asked**2) * (1 - STRAIN_COST * (offset / max(half, 1)) ** 2)
            if overlap > 0 and gain > best[0]:
                best = (gain, offset, shift, column)
    gain, offset, shift, column = best
    beside = int(np.ceil(UNEVEN * phase.structure.cell_tolerance * per_unit))
    padded = np.pad(column, 10 * (half + 1))
    largest = np.array([padded[c + offset + 10 * (half + 1) + np.arange(-beside, beside + 1)].max() for c in cells])
    return np.sqrt(gain * one_sided(largest, asked)), -offset / per_unit, shift


def one_sided(found, asked):
    """The largest F(s)^2 / sum of a^2 over all factors s at which a line begins to lack."""

    def value(s):
        return np.sum(asked * (np.minimum(s * asked, found) - LACK * np.maximum(s * asked - found, 0)))

    return max(0.0, *(value(s) for s in found / asked if s > 0)) ** 2 / np.sum(asked**2)
