"""Powder X-ray diffraction."""

from __future__ import annotations

from braggite.techniques.technique import FileHints, Technique

XRD = Technique(
    name="xrd",
    title="powder X-ray diffraction",
    x_unit="deg",
    x_label="2θ (°)",
    column_title="2theta (deg)",
    y_label="intensity",
    x_range=(-20.0, 180.0),
    plot_reversed=False,
    background_method="arpls",
    background_options={
        "stiffness_width": 6.0
    },  # half of a wave of 6 deg passes: humps and air scatter do, lines up to 2 deg wide do not
    width=(0.03, 2.0),
    limit_quantity="weight_fraction",
    counting=True,
    calibrated="profile",
    assumed_radiation="CuKa",
    hints=FileHints(
        words=(
            r"2\s*-?\s*(theta|th\b|θ|þ)",
            r"(two|zwei)[ _-]?theta",
            r"\btth\b",
            r"\banode\b",
            r"scan ?type.*theta",
            r"\bangle\b",
            r"\bpsd\b",
            r"diffract",
            r"^\W*theta\b",
        ),
        name_words=("xrd", "pxrd", "diffraction"),
        positions=(-20.0, 180.0),
        span=(0.0, 200.0),
        direction="ascending",
        suffixes=(".xy", ".xye", ".prn"),
        sure_span=20.0,
    ),
)
