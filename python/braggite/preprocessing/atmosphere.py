"""Carbon dioxide and water vapour of the air in the beam: taken off by a spectrum of the air, or left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing.blank import on_grid
from braggite.preprocessing.ordinates import refuse_single_beam
from braggite.preprocessing.ranges import without_points
from braggite.spectrum import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.spectrum import Spectrum


@dataclass(frozen=True, slots=True)
class Gas:
    """A gas of the air: ranges in cm-1 where its bands are taken off, and narrow ones that are left out instead."""

    name: str
    ranges_cm1: tuple[tuple[float, float], ...]
    masks_cm1: tuple[tuple[float, float], ...] = ()


GASES = (
    Gas("CO2", ((2190.0, 2480.0), (655.0, 682.0)), ((2280.0, 2395.0), (665.5, 670.0))),
    Gas("H2O", ((1330.0, 2100.0), (3410.0, 3850.0))),
)
"""The masks cover the band of CO2 near 2349 and the Q branch at 667.4. Water vapour has a line nearly everywhere."""
PROTECTED_CM1 = {"LiOH": 3677.0, "La(OH)3": 3609.0, "LiOH.H2O": 3567.0, "Co3O4": 662.0, "La(OH)3 bend": 652.0}
"""Bands of samples in those ranges: not masked, and not used when the amount of a gas is determined."""
HALF_WIDTH_CM1 = 8.0
FEWEST_POINTS = 8


def compensate_atmosphere(spectrum: Spectrum, reference: Spectrum | None = None) -> Spectrum:
    """The absorbance without what carbon dioxide and water vapour of the air add to it, of either sign.

    Parameters
    ----------
    reference
        Absorbance of the air alone, of the same instrument and resolution. Of each gas so much is taken off, within its
        ranges, that the sum of the absolute differences between neighbours is least; bands of samples that are known to
        lie there (:data:`PROTECTED_CM1`) have no say. None: the bands of CO2 are left out, nothing is put in their
        place, and water vapour stays.

    Returns
    -------
    Spectrum
        ``atmosphere_subtracted`` states the amounts, in units of the reference; ``atmosphere_masked`` the ranges left
        out, which no later step sees.

    Raises
    ------
    OptionError
        Ordinates that are no absorbance, or a reference of another technique or that ends inside the ranges.
    """
    for given, name in ((spectrum, "spectrum"), (reference, "reference")):
        if given is None:
            continue
        refuse_single_beam(given)
        if given.y_unit != "absorbance":
            raise OptionError(
                f"the ordinates of the {name} are {given.y_unit}, not absorbance", where=name,
                suggestion="convert it first: to_absorbance, --to absorbance",
            )  # fmt: skip
    return _masked(spectrum) if reference is None else _subtracted(spectrum, reference)


def _masked(spectrum: Spectrum) -> Spectrum:
    covered = [mask for gas in GASES for mask in gas.masks_cm1 if _count(spectrum.x, mask)]
    if not covered:
        return spectrum.with_step(Step("compensate_atmosphere", {"masked_cm1": []}))
    left_out = np.any([_inside(spectrum.x, mask) for mask in covered], axis=0)
    ranges = [list(mask) for mask in covered]
    shown = ", ".join(f"{low:g} to {high:g}" for low, high in covered)
    detail = f"{int(np.count_nonzero(left_out))} points from {shown} cm-1 were left out; water vapour was not looked at"
    note = Diagnostic.of("atmosphere_masked", where=spectrum.name or None, value=ranges, detail=detail)
    part = without_points(spectrum, left_out)
    return part.with_step(Step("compensate_atmosphere", {"masked_cm1": ranges}), diagnostics=(*part.diagnostics, note))


def _subtracted(spectrum: Spectrum, reference: Spectrum) -> Spectrum:
    covered = [
        (gas, [r for r in gas.ranges_cm1 if _count(spectrum.x, r) >= FEWEST_POINTS]) for gas in GASES
    ]  # fmt: skip
    needed = [r for _, ranges in covered for r in ranges]
    step = max(spectrum.step_median, reference.step_median)
    low, high = max(spectrum.x[0], min(a for a, _ in needed)), min(spectrum.x[-1], max(b for _, b in needed))
    if reference.technique != spectrum.technique or reference.x[0] > low + step or reference.x[-1] < high - step:
        raise OptionError(
            f"the spectrum of the air must cover {low:.0f} to {high:.0f} cm-1 of the same technique", where="reference"
        )
    sigma, remarks = sigma_or_estimate(spectrum)
    reference_sigma, _ = sigma_or_estimate(reference)
    air, variance, interpolated = on_grid(spectrum, reference, reference_sigma)
    y, noise, amounts = spectrum.y.copy(), sigma.copy() ** 2, {}
    for gas, ranges in covered:
        if not ranges:
            continue
        bands = np.zeros(len(spectrum))
        for part in ranges:
            inside = _inside(spectrum.x, part)
            bands[inside] = _above_ends(spectrum.x[inside], air[inside])
        amount, su = _amount(spectrum.x, y, bands, sigma, ranges)
        amounts[gas.name] = [amount, su]
        y -= amount * bands
        noise += np.where(bands != 0.0, amount**2 * variance, 0.0)
    said = ", ".join(f"{name} {amount:.3g} +/- {su:.1g}" for name, (amount, su) in amounts.items())
    detail = f"taken off, in units of the spectrum of the air: {said}"
    notes = [*remarks, Diagnostic.of("atmosphere_subtracted", value=amounts, detail=detail)]
    if interpolated:
        notes.append(Diagnostic.of("blank_interpolated", detail="the spectrum of the air is interpolated"))
    options: dict[str, Any] = {"reference": reference.source.path, "amounts": amounts}
    return spectrum.with_step(
        Step("compensate_atmosphere", options), y=y, sigma=np.sqrt(noise), diagnostics=(*spectrum.diagnostics, *notes)
    )


def _amount(
    x: FloatArray, y: FloatArray, bands: FloatArray, sigma: FloatArray, ranges: list[tuple[float, float]]
) -> tuple[float, float]:
    """The factor k of least sum |d(y - k bands)|, a weighted median of ratios, and its standard uncertainty."""
    free = np.any([_inside(x, part) for part in ranges], axis=0)
    for centre in PROTECTED_CM1.values():
        free &= np.abs(x - centre) > HALF_WIDTH_CM1
    pair = free[1:] & free[:-1]
    rise, own = np.diff(y)[pair], np.diff(bands)[pair]
    usable = np.abs(own) > 0.0
    rise, own = rise[usable], own[usable]
    if own.size < FEWEST_POINTS:
        return 0.0, 0.0
    ratio, weight = rise / own, np.abs(own)
    order = np.argsort(ratio)
    total = np.cumsum(weight[order])
    amount = float(ratio[order][np.searchsorted(total, 0.5 * total[-1])])
    spread = 1.4826 * float(np.median(np.abs(rise - amount * own)))
    noise = max(spread, float(np.sqrt(2.0) * np.median(sigma[1:][pair])))
    return amount, float(np.sqrt(np.pi / 2.0) * noise / np.sqrt(np.sum(own**2)))


def _above_ends(x: FloatArray, air: FloatArray) -> FloatArray:
    """The bands above the straight line through the ends of the range, so that nothing jumps there."""
    return np.asarray(air - np.interp(x, [x[0], x[-1]], [air[0], air[-1]]))


def _inside(x: FloatArray, part: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((x >= part[0]) & (x <= part[1]))


def _count(x: FloatArray, part: tuple[float, float]) -> int:
    return int(np.count_nonzero(_inside(x, part)))
