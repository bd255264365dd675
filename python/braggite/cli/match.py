"""``braggite match``: a whole-pattern match of named phases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from braggite.cli.options import (
    Emission,
    File,
    Ghosts,
    InternalStandard,
    Library,
    Output,
    Reading,
    given,
)

Phases = Annotated[
    list[str],
    typer.Option("--phase", metavar="P", help="A phase by name, alias, CIF file or NAME:SPACE GROUP:CELL; repeatable."),
]
Method = Annotated[
    str, typer.Option("--method", metavar="M", help="structure, pawley, lebail, lines or direct-derivation.")
]

Grain = Annotated[
    float | None, typer.Option("--grain-um", metavar="UM", help="Diameter of the grains: corrects micro-absorption.")
]
Offset = Annotated[
    Literal["auto", "displacement", "zero", "both"],
    typer.Option(help="What shifts the pattern; auto: displacement in reflection, zero in transmission."),
]
Transparency = Annotated[
    float | None,
    typer.Option("--transparency", metavar="MM", help="The beam enters the sample, some MM deep: 1/(2 mu)."),
]
Directions = Annotated[
    list[str] | None,
    typer.Option(
        "--anisotropic-strain", metavar="P", help="Phase whose strain may go with direction, or auto; repeatable."
    ),
]
Displacements = Annotated[
    Literal["reference", "overall", "elements"],
    typer.Option(help="B factors: held, one change for a phase, or one for each of its elements."),
]
Background = Annotated[
    Literal["estimate", "spline", "chebyshev", "fixed"] | None,
    typer.Option(help="What the background is made of, beneath or beside the lines."),
]
Order = Annotated[
    int | None, typer.Option("--background-order", metavar="N", help="Highest polynomial; without it as data tell.")
]
Export = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write profile .xy, refined CIFs, powder CIF and a TOPAS .inp into DIR."),
]
Plot = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the match: .png, .pdf or .svg, six inches wide.")]
Scale = Annotated[Literal["linear", "sqrt"], typer.Option(help="Intensity axis of the plot; sqrt shows weak lines.")]


def match(
    *,
    file: File,
    phase: Phases,
    reading: Reading,
    library: Library,
    output: Output,
    method: Method = "structure",
    background: Background = None,
    background_order: Order = None,
    grain_um: Grain = None,
    internal_standard: InternalStandard = None,
    emission: Emission = "doublet",
    ghosts: Ghosts = "off",
    anisotropic_strain: Directions = None,
    displacement_factors: Displacements = "overall",
    offset: Offset = "auto",
    transparency: Transparency = None,
    export: Export = None,
    plot: Plot = None,
    scale: Scale = "linear",
) -> int:
    """Whole-pattern match of named phases.

    \b
    Examples:
      braggite match scan.xrdml --phase batio3-tetragonal --phase LLZO
      braggite match scan.xy --phase my.cif --wavelength 1.5406 --json
      braggite match scan.xy --phase LLZO --export out --plot fit.png --scale sqrt
      braggite match scan.xy --phase LLZO --method pawley --background chebyshev
      braggite match scan.xy --phase LLZO --phase BTO --method lines
      braggite match scan.xy --phase LLZO --phase si --internal-standard si=0.1
      braggite match scan.xy --phase BTO --instrument instrument.toml

    Cells, widths and background are refined together; intensities are tied to the structures or free (pawley, lebail).
    lines assigns found peaks instead, without a profile. Sizes and strains are stated with --instrument only.
    """
    from braggite.cli.analysis import matched
    from braggite.cli.candidates import named, provenance, whole_library
    from braggite.cli.inputs import parsed_standard, read_instruments, read_one
    from braggite.cli.output import emit, remark, say
    from braggite.errors import OptionError
    from braggite.matching import LineMatch, MatchOptions
    from braggite.reporting.documents import document
    from braggite.reporting.line_text import line_match_text
    from braggite.reporting.plots import save_match_plot
    from braggite.reporting.text import match_text

    references = whole_library(library)
    phases = [named(references, name) for name in phase]
    spectrum = read_one(file, reading)
    asked, called = anisotropic_strain or [], dict(zip(phase, phases, strict=True))
    directions: tuple[str, ...] | Literal["auto"] = (
        "auto" if "auto" in asked else tuple(called[n].name if n in called else n for n in asked)
    )
    chosen: dict[str, Any] = {} if background is None else {"background": background}
    options = MatchOptions(
        grain_um=grain_um,
        internal_standard=parsed_standard(internal_standard),
        anisotropic_strain=directions,
        displacement_factors=displacement_factors,
        emission=emission,
        ghosts=ghosts,
        offset=offset,
        transparency_sd_mm=transparency,
        instrument=read_instruments(reading).profile,
        background_order=background_order,
        **chosen,
    )
    result = matched(spectrum, phases, method, options)
    written: list[Path] = []
    if isinstance(result, LineMatch):
        if export is not None or plot is not None:
            raise OptionError("a match of lines has no profile to export or plot", where="--method")
    else:
        written += [] if export is None else result.export(export)
        written += [] if plot is None else [save_match_plot(result, plot, scale=scale)]
    notes = (*spectrum.diagnostics, *result.diagnostics)
    doc = document(
        "match",
        result.to_dict() | {"written": [str(path) for path in written]},
        options=given(reading) | {"method": method, "phases": phase} | result.options,
        diagnostics=notes,
        inputs=[spectrum.source],
        library=provenance(references),
    )
    remark(output, notes)
    for path in written:
        say(output, f"wrote {path}")
    emit(output, doc, lambda: line_match_text(result) if isinstance(result, LineMatch) else match_text(result))
    return 0 if result.converged else 1
