"""X-ray photoelectron spectroscopy."""

from __future__ import annotations

from braggite.techniques.technique import Technique

XPS = Technique(
    name="xps",
    title="X-ray photoelectron spectroscopy",
    x_unit="eV",
    x_label="binding energy (eV)",
    y_label="intensity",
    x_range=(-20.0, 10000.0),
    plot_reversed=True,
    background_method="arpls",
    width=(0.2, 10.0),
    limit_quantity="atomic_fraction",
)
