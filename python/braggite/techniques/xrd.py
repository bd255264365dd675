"""Powder X-ray diffraction."""

from __future__ import annotations

from braggite.techniques.technique import Technique

XRD = Technique(
    name="xrd",
    title="powder X-ray diffraction",
    x_unit="deg",
    x_label="2θ (°)",
    y_label="intensity",
    x_range=(0.0, 180.0),
    plot_reversed=False,
    background_method="arpls",
    width=(0.03, 2.0),
    limit_quantity="weight_fraction",
)
