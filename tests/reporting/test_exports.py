"""Exports: other programs read them, and read the numbers of the match."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import gemmi
import numpy as np
import pytest
from builders import RADIATION
from builders import match_result as handmade
from pymatgen.io.cif import CifParser
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer
from tests.matching.samples import DISPLACEMENT_MM, PROFILE, pattern, phases

import braggite as bg
from braggite import _core
from braggite.matching.results import CELL_NAMES, FitParameter
from braggite.references.symmetry import quiet_spglib
from braggite.reporting.exports import EXPORTERS, export_match
from braggite.simulation import PhaseState, simulate_pattern
from braggite.spectrum import Source
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pymatgen.core import Structure

    from braggite.matching.results import MatchResult, PhaseFit

HOSTILE = [
    "it's \"both\"", "two\nlines\r\nand\ttabs", "data_evil", "loop_", "has #hash", "γ-Al₂O₃ é", ";semicolon", "'", '"',
    "a' b\" #c", "CON", "../../escape", "x" * 300, r"$\frac{1$", "_tag", "?", "null\x00\x1b[31mred", "phase.scale",
]  # fmt: skip


STRAIN = {
    "tio2-rutile": {"400": 9000.0, "004": 5000.0, "220": -9000.0, "202": 45000.0},
    "al2o3-corundum": {"400": 4000.0, "004": 200.0, "202": 500.0},
}
"""Terms in 1e-12 angstrom^-4; those of the trigonal phase that are not given are zero."""


@cache
def result() -> MatchResult:
    spectrum = replace(pattern(3), name="corundum, rutile", source=Source("mix.xrdml", "xrdml", "ab" * 32))
    return bg.match_structure(spectrum, phases())


@cache
def by_element() -> MatchResult:
    """The same pattern with a displacement factor of its own for each element."""
    return bg.match_structure(pattern(3), phases(), options=bg.MatchOptions(displacement_factors="elements"))


@cache
def bare() -> MatchResult:
    """A match that holds nothing but curves and reflections."""
    match = handmade()
    return replace(match, parameters={}, phases=tuple(replace(fit, r_bragg_percent=None) for fit in match.phases))


def with_free_intensities(match: MatchResult, *, cell: bool = True) -> MatchResult:
    """The same match as Pawley's way would give it: no structure, no fraction, an uncertainty for every intensity."""
    free = []
    for fit in match.phases:
        lines = fit.reflections
        own = replace(lines, intensity_su=0.03 * lines.intensity + 0.2, intensity_calculated=None)
        free.append(
            replace(
                fit, reference=None, weight_fraction=None, weight_fraction_range=None, r_bragg_percent=None,
                reflections=own, cell=fit.cell if cell else {}, formula=fit.formula if cell else "",
                space_group=fit.space_group if cell else "",
            )
        )  # fmt: skip
    kept = {n: p for n, p in match.parameters.items() if not n.endswith((".scale", ".delta_b_angstrom2"))}
    return replace(match, phases=tuple(free), parameters=kept, covariance=None)


def text_of(match: MatchResult, kind: str, ending: str) -> str:
    (text,) = (text for name, text in EXPORTERS[kind](match, "x").items() if name.endswith(ending))
    return text


def structures(text: str) -> list[Structure]:
    """All structures pymatgen finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CifParser.from_str(text).parse_structures(primitive=False, on_error="raise")


def column(block: gemmi.cif.Block, tag: str) -> np.ndarray:
    return np.array([gemmi.cif.as_number(text) for text in block.find_values(tag)])


def inp_number(text: str, pattern: str) -> float:
    (found,) = re.findall(pattern, text)
    return float(found)


def evaluated(expression: str, match: MatchResult, names: dict[str, object]) -> np.ndarray:
    """An expression of a TOPAS file over tan theta, for every line of the first phase."""
    lines = match.phases[0].reflections
    indices = dict(zip("HKL", lines.hkl.T.astype(float), strict=True))
    reserved = {"D_spacing": lines.d_angstrom, "Sqrt": np.sqrt, "Max": np.maximum, "Tan": lambda _: 1.0, "Th": 0.0}
    return eval(expression.replace("^", "**"), {"__builtins__": {}}, {**indices, **reserved, **names})


@cache
def strained(method: Callable[..., MatchResult], name: str, share: float) -> MatchResult:
    """A match of one phase whose strain goes with direction."""
    phase = bg.ReferenceLibrary.default()[name]
    free = _core.strain_terms(phase.structure.operations[0].tolist())
    size = {"".join(map(str, term[0][0])): term for term in free}
    terms = [(powers, STRAIN[name][key] * c) for key, term in size.items() for powers, c in term if key in STRAIN[name]]
    scan = simulate_pattern(
        [PhaseState(phase, strain_terms=tuple(terms), strain_lorentzian_share=share)],
        radiation=RADIATION, profile=PROFILE, two_theta_deg=(20.0, 120.0, 0.02), seed=1, peak_counts=40_000.0,
    )  # fmt: skip
    options = bg.MatchOptions(axial_ratio=0.0, anisotropic_strain="auto", strain_lorentzian_share=share)
    return method(scan, [phase], options=options)


def contents(inp: str) -> dict[str, float]:
    """Atoms in the cell by element, from the sites of a TOPAS file."""
    amounts: dict[str, float] = {}
    for positions, symbol, occupancy in re.findall(r"num_posns (\d+) .* occ (\S+) (\S+) beq", inp):
        element = re.match("[A-Za-z]+", symbol)[0]
        amounts[element] = amounts.get(element, 0.0) + int(positions) * float(occupancy)
    return amounts


class TestProfileTable:
    def test_columns_are_those_of_the_match(self) -> None:
        text = text_of(result(), "xy", "_profile.xy")
        table, match = np.loadtxt(text.splitlines()), result()
        difference = match.observed - match.calculated
        columns = [match.x, match.observed, match.calculated, match.background, difference, match.sigma]
        assert np.array_equal(table.T, np.array([*columns, *(fit.curve for fit in match.phases)]))

    def test_reads_back_as_the_measured_pattern(self, tmp_path: Path) -> None:
        path = tmp_path / "x_profile.xy"
        path.write_text(text_of(result(), "xy", ".xy"), encoding="utf-8")
        back = bg.read(path)
        assert np.array_equal(back.y, result().observed)
        assert np.array_equal(back.sigma, result().sigma)
        assert (back.name, back.counts, back.y_unit) == ("corundum, rutile", True, "counts")
        assert back.radiation.lines == pattern(3).radiation.lines

    def test_says_when_the_fit_may_not_be_believed(self) -> None:
        assert "NOT CONVERGED" in text_of(handmade(converged=False), "xy", ".xy")


class TestRefinedCif:
    @pytest.mark.parametrize("index", [0, 1])
    def test_gemmi_reads_the_numbers_of_the_match(self, index: int) -> None:
        fit = result().phases[index]
        block = gemmi.cif.read_string(text_of(result(), "cif", f"{fit.name}.cif")).sole_block()
        tags = {"a_angstrom": "_cell_length_a", "c_angstrom": "_cell_length_c", "volume_angstrom3": "_cell_volume"}
        for name, tag in tags.items():
            written, value = block.find_value(tag), fit.cell[name]
            assert written == str(value), "notation of the tables"
            # Rounded to the digits of its uncertainty, which has 2 to 19 units of the last one.
            assert gemmi.cif.as_number(written) == pytest.approx(value.value, abs=0.25 * value.su)
        assert block.find_value("_cell_angle_alpha") == "90"
        small = gemmi.make_small_structure_from_block(block)
        structure = fit.reference.structure
        assert small.spacegroup.hall == structure.hall
        assert len(block.find_values("_space_group_symop_operation_xyz")) == len(structure.operations[0])
        for site, ours in zip(small.sites, structure.sites, strict=True):
            assert (site.fract.x, site.fract.y, site.fract.z) == pytest.approx(ours.position, abs=1e-12)

    @pytest.mark.parametrize("index", [0, 1])
    def test_pymatgen_reads_the_same_crystal(self, index: int) -> None:
        fit = result().phases[index]
        (structure,) = structures(text_of(result(), "cif", f"{fit.name}.cif"))
        assert structure.composition.reduced_formula == fit.formula
        with quiet_spglib():
            number = SpacegroupAnalyzer(structure).get_space_group_number()
        assert number == fit.reference.structure.space_group_number
        assert structure.volume == pytest.approx(fit.cell["volume_angstrom3"].value, rel=1e-4)

    @pytest.mark.parametrize("match", [result, by_element])
    def test_intensities_of_the_written_structure_are_those_of_the_fit(self, match, tmp_path: Path) -> None:
        """Cell and displacement factors as written draw the lines that the engine drew."""
        fit = match().phases[1]
        path = tmp_path / "rutile.cif"
        path.write_text(text_of(match(), "cif", "rutile.cif"), encoding="utf-8")
        lines = bg.references.powder_lines.powder_lines(bg.Phase.from_cif(path), pattern(3).radiation)
        listed = {tuple(hkl): value for hkl, value in zip(lines.hkl.tolist(), lines.intensity, strict=True)}
        table = fit.reflections
        expected = np.array([listed[tuple(hkl)] for hkl in table.hkl.tolist()])
        ratio = table.intensity_calculated / expected
        # B stands in the file with two decimals: up to 0.005 * 0.2 of the intensity at the last line.
        assert ratio == pytest.approx(np.full(ratio.size, ratio.mean()), rel=2e-3)

    def test_displacement_factors_of_elements_carry_their_uncertainties(self) -> None:
        text = text_of(by_element(), "cif", "rutile.cif")
        assert "one for each element" in " ".join(text.split())
        block = gemmi.cif.read_string(text).sole_block()
        written = dict(
            zip(block.find_values("_atom_site_label"), block.find_values("_atom_site_B_iso_or_equiv"), strict=True)
        )
        known = {label[0]: value for label, value in written.items()}
        for element in ("Ti", "O"):
            value = by_element().parameters[f"tio2-rutile.b_iso_{element.lower()}_angstrom2"].value
            assert known[element[0]] == str(value), "notation of the tables"

    def test_a_phase_without_structure_keeps_cell_and_symmetry(self) -> None:
        text = text_of(with_free_intensities(result()), "cif", "rutile.cif")
        block = gemmi.cif.read_string(text).sole_block()
        assert block.find_value("_space_group_name_H-M_alt") == "'P 42/m n m'"
        assert block.find_value("_cell_length_a") == str(result().phases[1].cell["a_angstrom"])
        for tag in ("_atom_site_label", "_refine_ls_R_I_factor", "_cell_formula_units_Z"):
            assert not block.find_values(tag), tag
        assert "Sites" not in text

    def test_sites_that_took_no_part_are_called_so(self) -> None:
        free = with_free_intensities(result())
        known = tuple(
            replace(fit, reference=own.reference) for fit, own in zip(free.phases, result().phases, strict=True)
        )
        text = text_of(replace(free, phases=known), "cif", "rutile.cif")
        assert "Sites took no part in the match, whose intensities were free" in text
        assert len(structures(text)) == 1
        block = gemmi.cif.read_string(text).sole_block()
        sites = known[1].reference.structure.sites
        assert column(block, "_atom_site_B_iso_or_equiv").tolist() == [site.b_iso_angstrom2 for site in sites]

    def test_a_phase_without_cell_has_none(self) -> None:
        assert EXPORTERS["cif"](with_free_intensities(result(), cell=False), "x") == {}

    def test_says_where_it_comes_from(self) -> None:
        text = text_of(replace(result(), converged=False, stop_reason="max_iterations"), "cif", "rutile.cif")
        details = gemmi.cif.read_string(text).sole_block().find_value("_refine_special_details")
        for part in ("mix.xrdml", "ab" * 32, "NOT CONVERGED (max_iterations)", "Meagher & Lager"):
            assert part in details


def one_of_each_setting() -> list[bg.Phase]:
    """A phase of every crystal system, and of every setting that a colon marks."""
    chosen: dict[tuple[str, str], bg.Phase] = {}
    for phase in bg.ReferenceLibrary.default().for_diffraction():
        structure = phase.structure
        if structure is not None:
            setting = structure.space_group if ":" in structure.space_group else ""
            chosen.setdefault((structure.crystal_system, setting), phase)
    return list(chosen.values())


@pytest.mark.parametrize("phase", one_of_each_setting(), ids=lambda phase: phase.name)
def test_every_setting_keeps_its_symmetry_and_contents(phase: bg.Phase) -> None:
    structure = phase.structure
    cell = {name: Value(number, 0.0003) for name, number in zip(CELL_NAMES, structure.cell.parameters, strict=True)}
    fit = replace(
        handmade().phases[0], name=phase.name, formula=phase.formula, space_group=structure.space_group,
        reference=phase, cell=cell,
    )  # fmt: skip
    match = replace(
        handmade(), phases=(fit,), parameters={f"{phase.name}.scale": FitParameter(Value(1.0), "arbitrary")}
    )
    text = text_of(match, "cif", ".cif")
    small = gemmi.make_small_structure_from_block(gemmi.cif.read_string(text).sole_block())
    assert small.spacegroup.hall == structure.hall
    (crystal,) = structures(text)
    assert crystal.composition.get_el_amt_dict() == pytest.approx(structure.composition, rel=1e-3)
    assert contents(text_of(match, "topas", ".inp")) == pytest.approx(structure.composition, rel=1e-4)


class TestPowderCif:
    @staticmethod
    def document(match: MatchResult) -> gemmi.cif.Document:
        return gemmi.cif.read_string(text_of(match, "pdcif", "_powder.cif"))

    def test_the_profile_is_that_of_the_match(self) -> None:
        match, block = result(), self.document(result())[0]
        assert np.array_equal(column(block, "_pd_meas_2theta_scan"), match.x)
        assert np.array_equal(column(block, "_pd_meas_counts_total"), match.observed)
        assert np.array_equal(column(block, "_pd_calc_intensity_total"), match.calculated)
        assert np.array_equal(column(block, "_pd_proc_intensity_bkg_calc"), match.background)
        assert column(block, "_diffrn_radiation_wavelength") == pytest.approx([1.5405929, 1.5444274])
        assert column(block, "_pd_phase_mass_%") == pytest.approx([70.0, 30.0], abs=0.5)

    def test_the_agreement_follows_from_the_columns(self) -> None:
        """Rwp, R_Bragg as anybody can compute them again from the file (Toby, Powder Diffr. 21 (2006) 67)."""
        pattern_block, *phase_blocks = self.document(result())
        y, calculated = (
            column(pattern_block, "_pd_meas_counts_total"),
            column(pattern_block, "_pd_calc_intensity_total"),
        )
        weight = column(pattern_block, "_pd_proc_ls_weight")
        r_wp = np.sqrt(np.sum(weight * (y - calculated) ** 2) / np.sum(weight * y**2))
        # Both are written with six digits.
        assert gemmi.cif.as_number(pattern_block.find_value("_pd_proc_ls_prof_wR_factor")) == pytest.approx(
            r_wp, rel=1e-5
        )
        for block in phase_blocks:
            observed, model = column(block, "_refln_intensity_meas"), column(block, "_refln_intensity_calc")
            r_bragg = np.abs(observed - model).sum() / np.abs(observed).sum()
            assert gemmi.cif.as_number(block.find_value("_refine_ls_R_I_factor")) == pytest.approx(r_bragg, abs=5e-6)

    def test_reflections_obey_the_written_cell(self) -> None:
        document = self.document(result())
        ids = list(document[0].find_values("_pd_phase_block_id"))
        assert [block.name for block in document][1:] == ids
        for block, fit in zip(list(document)[1:], result().phases, strict=True):
            cell = gemmi.make_small_structure_from_block(block).cell
            hkl = np.array([column(block, f"_refln_index_{axis}") for axis in "hkl"], dtype=int).T
            assert np.array_equal(hkl, fit.reflections.hkl)
            d = [cell.calculate_d(row) for row in hkl.tolist()]
            assert column(block, "_refln_d_spacing") == pytest.approx(d, rel=2e-5), "edges rounded to their uncertainty"

    def test_pymatgen_finds_the_structures_and_passes_over_the_pattern(self) -> None:
        found = structures(text_of(result(), "pdcif", ".cif"))
        assert [s.composition.reduced_formula for s in found] == [fit.formula for fit in result().phases]

    def test_reads_back_as_the_measured_pattern(self, tmp_path: Path) -> None:
        path = tmp_path / "x_powder.cif"
        path.write_text(text_of(result(), "pdcif", ".cif"), encoding="utf-8")
        back = bg.read(path)
        assert np.array_equal(back.y, result().observed)
        assert np.allclose(back.sigma, result().sigma, rtol=1e-15), "two roundings of 1 / sigma^2"
        assert back.instrument.radius_mm == 240.0

    def test_free_intensities_carry_their_uncertainties(self) -> None:
        match = with_free_intensities(result())
        pattern_block, *blocks = self.document(match)
        assert not pattern_block.find_values("_pd_phase_mass_%")
        for block, fit in zip(blocks, match.phases, strict=True):
            table = fit.reflections
            texts = list(block.find_values("_refln_intensity_meas"))
            assert all(re.fullmatch(r"-?[\d.]+\(\d+\)", text) for text in texts)
            off = np.abs(column(block, "_refln_intensity_meas") - table.intensity) / table.intensity_su
            assert off.max() < 0.26, "rounding to the digits of the uncertainty"
            assert not block.find_values("_refln_intensity_calc")
            assert not block.find_values("_atom_site_label")

    def test_what_is_not_known_is_left_out(self) -> None:
        text = text_of(bare(), "pdcif", ".cif")
        for tag in (
            "_diffrn_radiation_wavelength",
            "_pd_instr",
            "_refln_intensity_calc",
            "_atom",
            "_refine_ls_R_I_factor",
        ):
            assert tag not in text, tag
        assert "_pd_meas_intensity_total" in text, "whether these are counts is not known"

    def test_an_assumed_wavelength_is_called_so(self) -> None:
        spectrum = replace(result().spectrum, radiation=replace(RADIATION, assumed=True))
        assert "wavelength was assumed" in text_of(replace(result(), spectrum=spectrum), "pdcif", ".cif")


class TestTopas:
    def test_positions_follow_from_the_file(self) -> None:
        """Cell, wavelength and displacement as TOPAS defines them give back the positions of the match."""
        text, fit = text_of(result(), "topas", ".inp"), result().phases[1]
        a, c = inp_number(text, r" a cell2_a (\S+)"), inp_number(text, r" c cell2_c (\S+)")
        wavelength = float(re.findall(r" la \S+ lo (\S+)", text)[0])
        moved, radius = inp_number(text, r"Specimen_Displacement\(@, (\S+)\)"), inp_number(text, r"Radius\((\S+),")
        h, k, l = fit.reflections.hkl.T  # noqa: E741
        d = 1.0 / np.sqrt((h**2 + k**2) / a**2 + l**2 / c**2)
        theta = np.arcsin(wavelength / (2.0 * d))
        offset = -2.0 * np.degrees(1.0) * moved * np.cos(theta) / radius
        # The cell stands with eight digits, the displacement with six.
        assert 2.0 * np.degrees(theta) + offset == pytest.approx(fit.reflections.two_theta_deg, abs=1e-5)
        # Truth of the simulation, within the uncertainty of the fit.
        assert moved == pytest.approx(DISPLACEMENT_MM, abs=3.0 * result().parameters["displacement_mm"].value.su)

    @pytest.mark.parametrize(("name", "share"), [("tio2-rutile", 1.0), ("al2o3-corundum", 0.4)])
    @pytest.mark.parametrize("method", [bg.match_structure, bg.match_pawley])
    def test_strain_that_goes_with_direction_gives_the_widths_of_the_match(
        self, method, name: str, share: float
    ) -> None:
        """The written expressions, worked out for every line, are what the engine drew its widths from."""
        fit = strained(method, name, share)
        (note,) = (note for note in fit.diagnostics if note.code == "anisotropic_strain")
        text = text_of(fit, "topas", ".inp")
        values = {key: float(value) for key, value in re.findall(r"prm (s1_\d+) (\S+)", text)}
        assert values == pytest.approx(
            {f"s1_{key[-3:]}": p.value.value for key, p in fit.parameters.items() if ".strain_s" in key}, rel=1e-5
        )
        form = evaluated(re.findall(r"prm !strain1 = (.*);", text)[0], fit, values)
        parts = re.findall(r"(lor|gauss)_fwhm = (.*);", text)
        assert [keyword for keyword, _ in parts] == ["lor", "gauss"][: 1 if share == 1.0 else 2]
        whole = sum(evaluated(part, fit, {"strain1": form}) for _, part in parts)
        # Narrowest and widest line of the engine; terms stand with six digits.
        assert [whole.min(), whole.max()] == pytest.approx(note.value, rel=1e-4)
        assert whole.max() > 1.3 * whole.min()
        assert evaluated(parts[0][1], fit, {"strain1": form}) == pytest.approx(share * whole, rel=1e-8)
        assert "not those of the macros" in text
        assert "_fwhm" not in text_of(result(), "topas", ".inp")

    def test_displacement_factors_are_those_of_the_match(self) -> None:
        for match in (result(), by_element()):
            text, kind = text_of(match, "topas", ".inp"), "tio2-rutile"
            sites = match.phases[1].reference.structure.sites
            found = [float(value) for value in re.findall(r"beq (\S+)", text)][-len(sites) :]
            change = match.parameters.get(f"{kind}.delta_b_angstrom2")
            expected = [
                match.parameters[f"{kind}.b_iso_{site.element.lower()}_angstrom2"].value.value
                if change is None
                else site.b_iso_used_angstrom2 + change.value.value
                for site in sites
            ]
            assert found == pytest.approx(expected, rel=1e-3), "four digits"

    def test_widths_follow_from_the_file(self) -> None:
        text, match = text_of(result(), "topas", ".inp"), result()
        found = re.findall(r"TCHZ_Peak_Type\((.*)\)", text)
        assert len(found) == 2
        for fit, line in zip(match.phases, found, strict=True):
            numbers = [float(word) for word in line.split(", ")[1::2]]
            gauss = [match.parameters[f"gauss_{letter}_deg2"].value.value for letter in "uvw"]
            own = [match.parameters[f"{fit.name}.{kind}_width_deg"].value.value for kind in ("strain", "size")]
            assert numbers == pytest.approx([*gauss, 0.0, *own], rel=1e-5)

    def test_contents_of_the_cell(self) -> None:
        text = text_of(result(), "topas", ".inp")
        blocks = text.split("   str\n")[1:]
        for block, fit in zip(blocks, result().phases, strict=True):
            assert contents(block) == pytest.approx(fit.reference.structure.composition)

    def test_the_background_is_that_of_the_match(self) -> None:
        match = result()
        (words,) = re.findall(r"bkg @ (.*)", text_of(match, "topas", ".inp"))
        along = np.polynomial.Chebyshev([float(w) for w in words.split()], domain=[match.x[0], match.x[-1]])(match.x)
        # A Chebyshev series of twelve terms beside a spline: within a tenth of the noise of a point.
        assert np.sqrt(np.mean((along - match.background) ** 2)) < 0.1 * np.median(match.sigma)

    def test_reads_the_data_written_beside_it(self) -> None:
        files = EXPORTERS["topas"](result(), "x")
        (name,) = re.findall(r"xdd (\S+)", files["x.inp"])
        table = np.loadtxt(files[name].splitlines())
        assert np.array_equal(table.T, np.array([result().x, result().observed, result().sigma]))

    def test_gaps_are_excluded(self) -> None:
        match = result()
        keep = (match.x < 40.0) | (match.x > 42.0)
        columns = {n: getattr(match, n)[keep] for n in ("x", "observed", "calculated", "background", "sigma")}
        text = text_of(replace(match, **columns), "topas", ".inp")
        ((low, high),) = re.findall(r"exclude (\S+) (\S+)", text)
        assert (float(low), float(high)) == pytest.approx((39.99, 42.01), abs=1e-6)

    def test_charges_and_thirds_are_written_the_way_of_topas(self) -> None:
        oxide = bg.ReferenceLibrary.default()["zno-zincite"]
        charges = {"Zn": 2, "O": -2}
        sites = tuple(replace(site, charge=charges[site.element]) for site in oxide.structure.sites)
        charged = replace(oxide, structure=replace(oxide.structure, sites=sites))
        fit = replace(result().phases[0], reference=charged)
        text = text_of(replace(result(), phases=(fit,)), "topas", ".inp")
        assert re.search(r"x = 1/3; y = 2/3; z .* occ Zn\+2 1 ", text)
        assert "occ O-2 1 " in text

    @pytest.mark.parametrize("held", [True, False])
    def test_a_held_instrument_keeps_its_numbers(self, held: bool) -> None:
        match = result()
        numbers = {"gauss_u_deg2": 0.004, "gauss_v_deg2": -0.003, "gauss_w_deg2": 0.002, "lorentz_x_deg": 0.011}
        profile = {name: {"value": value, "su": 1e-4} for name, value in numbers.items()} | {
            "zero_deg": {"value": 0.02}
        }
        refined = {name: entry for name, entry in match.parameters.items() if "." in name}
        options = match.options | ({"instrument": {"profile": profile}} if held else {})
        text = text_of(replace(match, parameters=refined, options=options), "topas", ".inp")
        assert ("Zero_Error(!zero_error, 0.02)" in text) == held
        assert ("TCHZ_Peak_Type(!pku, 0.004, !pkv, -0.003, !pkw, 0.002, !pkz, 0, " in text) == held
        assert ("TCHZ_Peak_Type(pku, 0, pkv, 0, pkw, 0.005, !pkz, 0, " in text) != held
        size = match.parameters["tio2-rutile.size_width_deg"].value.value + (0.011 if held else 0.0)
        assert f"pky2, {size:.6g})" in text

    def test_free_intensities_become_lists(self) -> None:
        text = text_of(with_free_intensities(result()), "topas", ".inp")
        assert text.count("hkl_Is") == 2
        assert " str\n" not in text
        rows = re.findall(r"^ +(-?\d+) (-?\d+) (-?\d+) (\d+) \S+ \S+ @ (\S+)$", text, re.MULTILINE)
        assert len(rows) == sum(len(fit.reflections) for fit in result().phases)
        unindexed = text_of(with_free_intensities(result(), cell=False), "topas", ".inp")
        assert unindexed.count("load xo I {") == 2
        assert unindexed.count("{") == unindexed.count("}")

    def test_a_match_without_wavelength_says_so(self) -> None:
        text = text_of(bare(), "topas", ".inp")
        assert "NO WAVELENGTH" in text
        assert "lam " not in text


def renamed(match: MatchResult, name: str) -> MatchResult:
    def with_name(fit: PhaseFit) -> PhaseFit:
        reference = None if fit.reference is None else replace(fit.reference, name=name, title=name)
        return replace(fit, name=name, reference=reference)

    first, *rest = match.phases
    parameters = {key.replace(first.name, name): value for key, value in match.parameters.items()}
    spectrum = replace(match.spectrum, name=name, source=replace(match.spectrum.source, path=name))
    return replace(match, phases=(with_name(first), *rest), parameters=parameters, spectrum=spectrum)


class TestHostileNames:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_files_stay_in_the_folder_and_can_be_read(self, name: str, tmp_path: Path) -> None:
        match = renamed(result(), name)
        folder = tmp_path / "out"
        files = match.export(folder)
        assert sorted(folder.iterdir()) == sorted(files)
        assert [p for p in tmp_path.iterdir() if p != folder] == []
        for file in files:
            assert re.fullmatch(r"[A-Za-z0-9][\w.-]*", file.name, re.ASCII), file.name
            assert len(file.name) < 150
        shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())
        for file in (f for f in files if f.suffix == ".cif"):
            text = file.read_text(encoding="utf-8")
            document = gemmi.cif.read_string(text)
            assert len({block.name for block in document}) == len(document)
            assert len(structures(text)) == (2 if "powder" in file.name else 1)
        powder = gemmi.cif.read(str(next(f for f in files if f.name.endswith("_powder.cif"))))
        assert gemmi.cif.as_string(powder[1].find_value("_pd_phase_name")) == shown
        inp = next(f for f in files if f.suffix == ".inp").read_text(encoding="utf-8")
        assert all(line.count('"') % 2 == 0 for line in inp.splitlines() if not line.startswith("'"))
        assert inp.count("   str\n") == 2
        table = np.loadtxt(next(f for f in files if f.suffix == ".xy"))
        assert table.shape == (match.x.size, 8)

    @pytest.mark.parametrize("name", HOSTILE)
    def test_the_plot_shows_them_as_they_are(self, name: str, tmp_path: Path) -> None:
        from braggite.reporting.plots import save_match_plot

        assert save_match_plot(renamed(result(), name), tmp_path / "x.png").stat().st_size > 1000


def test_phases_of_one_name_in_files_stay_apart(tmp_path: Path) -> None:
    match = result()
    twins = replace(
        match, phases=tuple(replace(fit, name=f"a{sign}b") for fit, sign in zip(match.phases, "+*", strict=True))
    )
    names = [file.name for file in twins.export(tmp_path, ["cif"])]
    assert names == ["corundum_rutile_1_a-b.cif", "corundum_rutile_2_a-b.cif"]


def test_only_what_is_asked_for_is_written(tmp_path: Path) -> None:
    (file,) = result().export(tmp_path / "new" / "folder", ["xy"])
    assert file == tmp_path / "new" / "folder" / "corundum_rutile_profile.xy"
    with pytest.raises(bg.OptionError, match="nothing is exported as 'word'"):
        export_match(result(), tmp_path, ["word"])


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(bg.OptionError, match="cannot be made"):
        result().export(tmp_path / "taken")
