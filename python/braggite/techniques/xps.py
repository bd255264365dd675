"""X-ray photoelectron spectroscopy."""

from __future__ import annotations

from braggite.techniques.technique import FileHints, Technique

XPS = Technique(
    name="xps",
    title="X-ray photoelectron spectroscopy",
    x_unit="eV",
    x_label="binding energy (eV)",
    column_title="binding energy (eV)",
    y_label="intensity",
    x_range=(-20.0, 10000.0),
    plot_reversed=True,
    background_method="shirley",
    # a survey has many steps where Shirley's curve knows one: a curve that bends over more than 30 eV
    survey_span=100.0,
    survey_method="arpls",
    survey_options={"stiffness_width": 30.0},
    fit_background="shirley",
    width=(0.2, 10.0),
    limit_quantity="atomic_fraction",
    counting=True,
    hints=FileHints(
        words=(
            r"binding ?energy",
            r"kinetic ?energy",
            r"pass ?energy",
            r"\bxps\b",
            r"photoelectron",
            r"\bb\.?e\.?\s*\(ev\)",
            r"\bal k",
            r"\bmg k",
        ),
        name_words=("xps", "hv", r"[a-z]{1,2}(?:1s|3d|4d|4f)"),  # li2s and fe2p are compounds
        positions=(-20.0, 1500.0),
        span=(2.0, 1600.0),
        direction="descending",
    ),
)
