"""Raman scattering."""

from __future__ import annotations

from braggite.techniques.technique import BandLaw, FileHints, Technique

RAMAN = Technique(
    name="raman",
    title="Raman scattering",
    x_unit="cm-1",
    x_label="Raman shift (cm⁻¹)",
    column_title="Raman shift (cm-1)",
    y_label="intensity",
    x_range=(-4000.0, 10000.0),
    plot_reversed=False,
    background_method="arpls",
    background_options={"stiffness_width": 600.0},  # second-order bands are up to 200 cm-1 wide, fluorescence is wider
    width=(2.0, 200.0),
    limit_quantity="band_fraction",
    saturates=True,
    calibrated="axis",
    bands=BandLaw(
        shift_sd=2.5,  # silicon of real instruments is found up to 6 off, most within 2
        typical_fwhm=20.0,
        ln_fwhm_sd=0.6,
        stated_ln_fwhm_sd=0.3,
        least_fwhm=3.0,
        least_position_sd=1.0,
        background_method="arpls",
        background_options={"stiffness_width": 600.0},
        range_cm1=(60.0, 4200.0),
        despiked=True,
    ),
    hints=FileHints(
        words=(r"raman", r"\blaser\b", r"#\s*wave\b", r"\bshift\b.*cm", r"axisunit.*1/cm", r"\bgrating\b"),
        name_words=("raman",),
        positions=(-1000.0, 8000.0),
        span=(181.0, 9000.0),
        direction="ascending",
    ),
)
