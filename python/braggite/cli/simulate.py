"""``braggite simulate``: a spectrum from references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from braggite.cli.options import Library, Output, given

if TYPE_CHECKING:
    from braggite.band_simulation import VibrationalTechnique
    from braggite.references import ReferenceLibrary
    from braggite.spectrum import Spectrum

Technique = Annotated[
    Literal["xrd", "raman", "ftir"],
    typer.Option("--technique", help="A powder pattern, or bands over the technique's usual range."),
]
Phases = Annotated[list[str], typer.Argument(metavar="P[=WEIGHT]...", help="Phases and their weights (default 1).")]
From = Annotated[float, typer.Option("--from", metavar="DEG", help="First 2-theta.")]
To = Annotated[float, typer.Option("--to", metavar="DEG", help="Last 2-theta.")]
Step = Annotated[float, typer.Option("--step", metavar="DEG", help="Step of 2-theta.")]
Radiation = Annotated[str, typer.Option("--radiation", metavar="NAME", help="CuKa, CoKa, MoKa, CuKa1 ...")]
Wavelength = Annotated[str | None, typer.Option("--wavelength", metavar="A[,A]", help="Wavelength in Å instead.")]
Counts = Annotated[float, typer.Option("--counts", metavar="N", help="Counts of the highest line over background.")]
Background = Annotated[float, typer.Option("--background", metavar="N", help="Level of the background in counts.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Add counting noise, reproducibly.")]
Profile = Annotated[
    str, typer.Option("--profile", metavar="U,V,W,X,Y", help="Caglioti U V W (deg²) and Lorentz X Y (deg).")
]
Zero = Annotated[float, typer.Option("--zero", metavar="DEG", help="Zero shift of 2-theta.")]
Displacement = Annotated[float, typer.Option("--displacement", metavar="MM", help="Height error, radius 240 mm.")]
Size = Annotated[float | None, typer.Option("--size", metavar="NM", help="Crystallite size of all phases.")]
Strain = Annotated[float, typer.Option("--strain", metavar="E", help="Microstrain of all phases, e.g. 0.001.")]
Monochromator = Annotated[float, typer.Option("--monochromator", metavar="DEG", help="2-theta of a monochromator.")]
Texture = Annotated[list[str] | None, typer.Option("--texture", metavar="P=h,k,l,r", help="March-Dollase; repeatable.")]
Scale = Annotated[list[str] | None, typer.Option("--scale-cell", metavar="P=F", help="Scale a cell; repeatable.")]


def simulate(
    *,
    phases: Phases,
    library: Library,
    output: Output,
    start: From = 10.0,
    stop: To = 90.0,
    step: Step = 0.02,
    radiation: Radiation = "CuKa",
    wavelength: Wavelength = None,
    counts: Counts = 10000.0,
    background: Background = 100.0,
    seed: Seed = None,
    profile: Profile = "0.01,-0.01,0.008,0.02,0.02",
    zero: Zero = 0.0,
    displacement: Displacement = 0.0,
    size: Size = None,
    strain: Strain = 0.0,
    monochromator: Monochromator = 0.0,
    texture: Texture = None,
    scale_cell: Scale = None,
    technique: Technique = "xrd",
) -> int:
    """A powder pattern, Raman or infrared spectrum of named phases.

    \b
    Examples:
      braggite simulate LLZO=95 BTO=5 -o mixture.xy --seed 1
      braggite simulate licoo2 --texture licoo2=0,0,3,0.7 --from 15 --to 70 -o lco.xye
      braggite simulate LLZTO=6 Li2CO3=4 --technique raman --counts 3000 --seed 1 -o raman.csv

    Weights are normalised to fractions; for bands they are shares of the area, and options of diffraction do not count.
    """
    from braggite.cli.candidates import whole_library
    from braggite.radiation import radiation_from_wavelengths, radiation_named
    from braggite.simulation import PhaseState, simulate_pattern
    from braggite.simulation import Profile as Widths

    references = whole_library(library)
    if technique != "xrd":
        bands = _bands(phases, references, technique, counts, seed)
        return _written(bands, output, given(library) | {"phases": phases, "technique": technique}, references)
    textures, factors = _textures(texture or ()), _factors(scale_cell or ())
    states = []
    for text in phases:
        name, weight = _weighted(text)
        found = references[name]
        states.append(
            PhaseState(
                found,
                weight,
                cell_factor=factors.pop(name, 1.0),
                texture=textures.pop(name, None),
                size_nm=size,
                strain=strain,
            )
        )
    _refuse_leftovers([*textures, *factors])
    spectrum = simulate_pattern(
        states,
        radiation=radiation_from_wavelengths(wavelength) if wavelength else radiation_named(radiation),
        two_theta_deg=(start, stop, step),
        profile=Widths(*_numbers(profile, 5, "--profile")),
        zero_deg=zero,
        displacement_mm=displacement,
        monochromator_two_theta_deg=monochromator,
        peak_counts=counts,
        background=background,
        seed=seed,
    )
    return _written(spectrum, output, given(library) | {"phases": phases}, references)


def _bands(
    phases: list[str], references: ReferenceLibrary, technique: VibrationalTechnique, counts: float, seed: int | None
) -> Spectrum:
    """Bands over the usual range of the technique; infrared in absorbance, its highest band at 0.5."""
    from braggite.band_simulation import BandState, simulate_bands

    states = [BandState(references[name], weight) for name, weight in map(_weighted, phases)]
    if technique == "raman":
        return simulate_bands(states, technique=technique, peak=counts, seed=seed)
    covered, noise = (400.0, 4000.0, 1.93), 0.5 / counts**0.5
    return simulate_bands(states, technique=technique, range_cm1=covered, peak=0.5, noise=noise, seed=seed)


def _written(spectrum: Spectrum, output: Output, options: dict[str, object], references: ReferenceLibrary) -> int:
    from braggite.cli.candidates import provenance
    from braggite.cli.output import emit, say
    from braggite.formats.write import write
    from braggite.reporting.documents import document

    if output.path is not None and output.path.suffix != ".json":
        write(spectrum, output.path)
        say(output, f"wrote {output.path}")
        if not output.as_json:
            return 0
        output = Output(as_json=True, quiet=output.quiet)
    body = {key: value for key, value in spectrum.to_dict().items() if key != "diagnostics"}
    doc = document("spectrum", body, options=options, library=provenance(references))
    emit(output, doc, lambda: "".join(f"{x:.5f}\t{y:.8g}\n" for x, y in zip(spectrum.x, spectrum.y, strict=True)))
    return 0


def _weighted(text: str) -> tuple[str, float]:
    name, sign, weight = text.rpartition("=")
    if not sign:
        return text, 1.0
    (value,) = _numbers(weight, 1, text)
    return name, value


def _textures(entries: list[str] | tuple[str, ...]) -> dict[str, tuple[tuple[int, int, int], float]]:
    textures = {}
    for entry in entries:
        name, _, values = entry.rpartition("=")
        *axis, r = _numbers(values, 4, "--texture")
        textures[name] = ((int(axis[0]), int(axis[1]), int(axis[2])), r)
    return textures


def _factors(entries: list[str] | tuple[str, ...]) -> dict[str, float]:
    factors = {}
    for entry in entries:
        name, _, value = entry.rpartition("=")
        (factors[name],) = _numbers(value, 1, "--scale-cell")
    return factors


def _numbers(text: str, count: int, where: str) -> list[float]:
    from braggite.errors import OptionError

    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count:
        raise OptionError(f"{text!r} is not {count} number{'s' if count > 1 else ''}", where=where)
    return values


def _refuse_leftovers(names: list[str]) -> None:
    from braggite.errors import OptionError

    if names:
        raise OptionError(f"{names[0]!r} is none of the simulated phases", suggestion="name it as the phase is named")
