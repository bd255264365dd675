"""Infrared absorption."""

from __future__ import annotations

from braggite.techniques.technique import Technique

FTIR = Technique(
    name="ftir",
    title="infrared absorption",
    x_unit="cm-1",
    x_label="wavenumber (cm⁻¹)",
    y_label="absorbance",
    x_range=(10.0, 15000.0),
    plot_reversed=True,
    background_method="arpls",
    width=(2.0, 300.0),
    limit_quantity="band_fraction",
)
