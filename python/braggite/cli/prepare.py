"""``braggite prepare``: Raman and infrared spectra made ready, step by step, in the order in which steps make sense."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from braggite.cli.options import File, Output, Reading, given

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.spectrum import Spectrum

TakenAs = Annotated[
    Literal["transmittance", "absorbance", "reflectance"] | None,
    typer.Option("--from", help="What the ordinates are, where the file does not say."),
]
Wanted = Annotated[
    Literal["absorbance", "transmittance", "kubelka-munk"] | None,
    typer.Option("--to", help="Convert the ordinates of an infrared spectrum."),
]
Despike = Annotated[bool, typer.Option("--despike", help="Remove cosmic rays.")]
Atmosphere = Annotated[
    str | None,
    typer.Option(
        metavar="mask|FILE",
        help="FT-IR: leave out the bands of CO2; or take off CO2 and water by a spectrum of the air.",
    ),
]
Atr = Annotated[
    str | None,
    typer.Option(metavar="CRYSTAL", help="FT-IR: correct for reflection at diamond, germanium, znse or an index."),
]
AtrMode = Annotated[
    Literal["intensity", "full", "dispersion"] | None,
    typer.Option(help="Depth alone (default); over the effective thickness; or with refraction, which moves bands."),
]
Angle = Annotated[float | None, typer.Option(metavar="DEG", help="Angle of incidence (45).")]
Reflections = Annotated[int | None, typer.Option(metavar="N", help="How often the light is reflected (1).")]
Index = Annotated[float | None, typer.Option(metavar="N", help="Refractive index of the sample (1.5).")]
Baseline = Annotated[
    str | None, typer.Option("--baseline", metavar="M", help="Subtract a background by this method, or auto.")
]
Derivative = Annotated[
    int | None, typer.Option(metavar="N", help="First or second derivative, Savitzky-Golay (--window points).")
]
Window = Annotated[int | None, typer.Option(metavar="POINTS", help="Window of --derivative, odd (9).")]
Normalise = Annotated[
    Literal["maximum", "area", "vector", "snv"] | None, typer.Option(help="Divide by what is named; snv also centres.")
]


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps in the order in which they are taken; None or False leaves one out."""

    taken_as: TakenAs = None
    to: Wanted = None
    despike: Despike = False
    atmosphere: Atmosphere = None
    atr: Atr = None
    atr_mode: AtrMode = None
    angle: Angle = None
    index: Index = None
    reflections: Reflections = None
    baseline: Baseline = None
    derivative: Derivative = None
    window: Window = None
    normalise: Normalise = None


def prepare(*, file: File, reading: Reading, output: Output, steps: Steps) -> int:
    """Make a Raman or infrared spectrum ready: units, cosmic rays, air, total reflection, background, scale.

    \b
    Examples:
      braggite prepare raw.txt --despike --baseline auto --normalise snv -o ready.csv
      braggite prepare film.spa --to absorbance --atr diamond --atmosphere mask -o film.jdx
      braggite prepare powder.0 --atmosphere air.0 --atr diamond --atr-mode dispersion --index 1.6

    Steps are taken in the order of the options. -o writes the spectrum by its suffix (.xy .xye .csv .json .jdx);
    without it two columns are printed.
    """
    from braggite.cli.inputs import read_one
    from braggite.cli.output import emit, remark, say
    from braggite.formats.describe import describe
    from braggite.formats.write import write
    from braggite.reporting.documents import document

    first = read_one(file, reading)
    spectrum = first
    for step in _chosen(steps, reading):
        spectrum = step(spectrum)
    taken = [step.to_dict() for step in spectrum.history[len(first.history) :]]
    written = [] if output.path is None else [str(write(spectrum, output.path))]
    body = {
        "steps": taken, "written": written, "spectra": [describe(spectrum)], "x": spectrum.x.tolist(),
        "y": spectrum.y.tolist(), "sigma": None if spectrum.sigma is None else spectrum.sigma.tolist(),
    }  # fmt: skip
    doc = document(
        "prepare", body, options=given(reading) | given(steps), diagnostics=spectrum.diagnostics,
        inputs=[spectrum.source],
    )  # fmt: skip
    remark(output, spectrum.diagnostics)
    for path in written:
        say(output, f"wrote {path}: {', '.join(step['verb'] for step in taken) or 'nothing was changed'}")
    if output.path is None or output.as_json:
        rows = zip(spectrum.x, spectrum.y, strict=True)
        emit(Output(output.as_json), doc, lambda: "".join(f"{x:.6f}\t{y:.8g}\n" for x, y in rows))
    return 0


def _chosen(steps: Steps, reading: Reading) -> list[Callable[[Spectrum], Spectrum]]:
    """The steps asked for, in order."""
    import braggite as bg

    _refuse_lone_options(steps)
    chosen: list[Callable[[Spectrum], Spectrum]] = []
    if steps.to is not None:
        conversion = {
            "absorbance": bg.to_absorbance, "transmittance": bg.to_transmittance, "kubelka-munk": bg.kubelka_munk,
        }[steps.to]  # fmt: skip
        chosen.append(lambda spectrum: conversion(spectrum, taken_as=steps.taken_as))
    if steps.despike:
        chosen.append(_despiked)
    if steps.atmosphere is not None:
        air = None if steps.atmosphere == "mask" else _air(Path(steps.atmosphere), reading, steps)
        chosen.append(lambda spectrum: bg.compensate_atmosphere(spectrum, air))
    if steps.atr is not None:
        crystal = _crystal(steps.atr)
        chosen.append(
            lambda spectrum: bg.correct_atr(
                spectrum,
                crystal,
                angle_deg=45.0 if steps.angle is None else steps.angle,
                sample_index=1.5 if steps.index is None else steps.index,
                mode=steps.atr_mode or "intensity",
                reflections=1 if steps.reflections is None else steps.reflections,
            )
        )
    if steps.baseline is not None:
        method = steps.baseline
        chosen.append(lambda spectrum: bg.subtract_background(spectrum, method=method))
    if steps.derivative is not None:
        options = {"deriv": steps.derivative, "window_length": steps.window or 9, "polyorder": 3}
        chosen.append(lambda spectrum: bg.smooth(spectrum, "savitzky_golay", **options))
    if steps.normalise is not None:
        scaling = steps.normalise
        chosen.append(lambda spectrum: bg.normalise(spectrum, scaling))
    return chosen


def _refuse_lone_options(steps: Steps) -> None:
    from braggite.errors import OptionError

    needs = {
        "atr": ("atr_mode", "angle", "index", "reflections"), "derivative": ("window",), "to": ("taken_as",),
    }  # fmt: skip
    names = {"taken_as": "--from"}
    for step, options in needs.items():
        for option in options:
            if getattr(steps, option) is not None and getattr(steps, step) is None:
                name = names.get(option, "--" + option.replace("_", "-"))
                raise OptionError(f"{name} needs --{step}", where=name)


def _despiked(spectrum: Spectrum) -> Spectrum:
    import braggite as bg

    return bg.despike(spectrum).spectrum or spectrum


def _air(path: Path, reading: Reading, steps: Steps) -> Spectrum:
    """The spectrum of the air, as absorbance, read as the sample's is."""
    from dataclasses import replace

    import braggite as bg
    from braggite.cli.inputs import read_one

    air = read_one(path, replace(reading, scan=None, exclude_range=()))
    return bg.to_absorbance(air, taken_as=steps.taken_as) if steps.to == "absorbance" else air


def _crystal(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
