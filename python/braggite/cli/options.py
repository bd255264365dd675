"""The options that verbs share, each defined once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

import typer

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Measured spectra.", show_default=False)]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A measured spectrum.", show_default=False)]


InternalStandard = Annotated[
    str | None,
    typer.Option("--internal-standard", metavar="P=FRACTION", help="Weighed-in phase: absolute fractions, amorphous."),
]

Ghosts = Annotated[
    Literal["off", "auto"],
    typer.Option(help="Fit K-beta and W L-alpha of the tube where the data pay for them."),
]


Emission = Annotated[
    Literal["doublet", "full"],
    typer.Option(help="Emission lines: as the file states them, sharp; or as the anode emits them, with widths (Cu)."),
]


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go and how much is said."""

    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False
    path: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE instead of stdout.")
    ] = None
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No messages on stderr.")] = False
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="More messages on stderr.")] = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read, and what the user knows better than the file."""

    technique: Annotated[
        Literal["xrd", "raman", "ftir", "xps"] | None, typer.Option(help="Override the detected technique.")
    ] = None
    scan: Annotated[int | None, typer.Option(metavar="N", help="Which scan of a file with several, from 0.")] = None
    wavelength: Annotated[
        str | None, typer.Option(metavar="A[,A]", help="Wavelength in Å; two for a K-alpha doublet: 1.54056,1.54439.")
    ] = None
    radiation: Annotated[str | None, typer.Option(metavar="NAME", help="CuKa, CoKa, MoKa, CuKa1 ...")] = None
    photon_energy: Annotated[
        float | None, typer.Option(metavar="EV", help="XPS: photon energy in eV, where energies are kinetic.")
    ] = None
    laser: Annotated[
        float | None,
        typer.Option(
            metavar="NM", help="Raman: the laser's wavelength, where positions are in nm or a lamp calibrates."
        ),
    ] = None
    geometry: Annotated[
        Literal["bragg-brentano", "debye-scherrer"] | None, typer.Option(help="Geometry of the diffractometer.")
    ] = None
    divergence: Annotated[Literal["fixed", "variable"] | None, typer.Option(help="Divergence slit.")] = None
    monochromator: Annotated[
        float | None, typer.Option(metavar="DEG", help="2-theta of the monochromator crystal in degrees.")
    ] = None
    exclude_range: Annotated[
        tuple[str, ...], typer.Option(metavar="A:B", help="Leave out positions from A to B; repeatable.")
    ] = ()
    blank: Annotated[Path | None, typer.Option(metavar="FILE", help="XRD: scan of the empty holder, subtracted.")] = (
        None
    )
    blank_factor: Annotated[
        float | None, typer.Option(metavar="F", help="Times the blank; else by counting times, or fitted.")
    ] = None
    instrument: Annotated[
        tuple[Path, ...],
        typer.Option(
            metavar="FILE",
            help="What calibrate wrote, or .instprm. XRD: held, gives sizes; Raman, FT-IR: the axis is put right. "
            "One a technique; repeatable.",
        ),
    ] = ()
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse assumptions: a text file without a wavelength is exit 3.")
    ] = False


@dataclass(frozen=True, slots=True)
class Library:
    """Which references are candidates."""

    library: Annotated[
        tuple[Path, ...],
        typer.Option(metavar="DIR_OR_FILE", help="Add references: folders, a CIF, a built library; repeatable."),
    ] = ()
    only_library: Annotated[bool, typer.Option("--only-library", help="Leave the shipped references out.")] = False
    group: Annotated[tuple[str, ...], typer.Option(metavar="NAME", help="Only phases of this group; repeatable.")] = ()
    elements: Annotated[str | None, typer.Option(metavar="Li,Ba,...", help="Only phases made of these elements.")] = (
        None
    )
    precursors: Annotated[
        str | None, typer.Option(metavar="Li2CO3,...", help="Only what these compounds and oxygen can form.")
    ] = None
    all_of: Annotated[str | None, typer.Option(metavar="Li,...", help="Only phases holding all of these elements.")] = (
        None
    )
    any_of: Annotated[str | None, typer.Option(metavar="Ti,...", help="Only phases holding any of these elements.")] = (
        None
    )
    none_of: Annotated[
        str | None, typer.Option(metavar="S,...", help="Only phases holding none of these elements.")
    ] = None


@dataclass(frozen=True, slots=True)
class Search:
    """What an identification is asked besides which phases are there."""

    watch: Annotated[
        tuple[str, ...], typer.Option(metavar="P", help="State an upper limit for this phase; repeatable.")
    ] = ()
    require: Annotated[
        tuple[str, ...], typer.Option(metavar="P", help="Exit 5 unless this phase is present; repeatable.")
    ] = ()
    exclude: Annotated[tuple[str, ...], typer.Option(metavar="P", help="Never consider this phase; repeatable.")] = ()
    internal_standard: InternalStandard = None


@dataclass(frozen=True, slots=True)
class SampleSearch(Search):
    """A search in several files that are taken as one sample."""

    same_sample: Annotated[
        bool, typer.Option("--same-sample", help="Files with overlapping ranges are repeats on one sample.")
    ] = False
    reach: Annotated[
        float | None,
        typer.Option(metavar="FRACTION", help="How long to count until limits of watched phases reach this."),
    ] = None


def given(group: object) -> dict[str, object]:
    """The resolved options of a group, as documents echo them."""
    return {field.name: getattr(group, field.name) for field in fields(group)}  # type: ignore[arg-type]
