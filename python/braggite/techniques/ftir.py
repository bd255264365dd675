"""Infrared absorption."""

from __future__ import annotations

from braggite.techniques.technique import BandLaw, FileHints, Technique

FTIR = Technique(
    name="ftir",
    title="infrared absorption",
    x_unit="cm-1",
    x_label="wavenumber (cm⁻¹)",
    column_title="wavenumber (cm-1)",
    y_label="absorbance",
    x_range=(10.0, 15000.0),
    plot_reversed=True,
    background_method="arpls",
    background_options={"stiffness_width": 800.0},  # bands are up to 300 cm-1 wide
    width=(2.0, 300.0),
    limit_quantity="band_fraction",
    calibrated="axis",
    bands=BandLaw(
        shift_sd=0.8,
        typical_fwhm=35.0,
        ln_fwhm_sd=0.6,
        stated_ln_fwhm_sd=0.3,
        least_fwhm=2.0,
        least_position_sd=1.0,
        background_method="arpls",
        background_options={"stiffness_width": 2500.0},  # OH stretches of adsorbed water are up to 500 wide
        range_cm1=(150.0, 4400.0),
        in_absorbance=True,
        left_out=((2270.0, 2400.0),),  # carbon dioxide of the air
    ),
    hints=FileHints(
        words=(r"absorbance", r"transmittance", r"infrared", r"\bft-?ir\b", r"\batr\b", r"wavenumber", r"%\s*t\b"),
        name_words=("ftir", "ir", "atr"),
        positions=(150.0, 15000.0),
        span=(200.0, 15000.0),
        direction="descending",
    ),
)
