"""The Python door to powder lines: defaults, dispersion, errors that name what is wrong."""

from __future__ import annotations

import pickle
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from crystal_cases import CASES, WAVELENGTH, Case, Site
from hypothesis import given, settings
from hypothesis import strategies as st

from braggite import LibraryError, OptionError, Radiation, _core
from braggite.kernels import structure_lines
from braggite.references import ReferenceLibrary
from braggite.references.powder_lines import compiled_structure, dispersion, powder_lines

CU = Radiation(((WAVELENGTH, 1.0),), "CuKa1")
LLZO, BATIO3 = CASES[0], CASES[2]
SILICON = Case("si", "F d -3 m:1", (5.43102, 5.43102, 5.43102, 90, 90, 90), (Site("Si", 0, 0, 0),))


def phase(case: Case) -> Any:
    return SimpleNamespace(name=case.name, structure=case)


def test_lines_are_complete_and_read_only() -> None:
    lines = powder_lines(phase(LLZO), CU, two_theta_min_deg=10, two_theta_max_deg=60)
    assert lines.hkl.shape == (len(lines), 3)
    assert lines.relative_intensity.max() == 100.0
    assert 10 <= lines.two_theta_deg.min() < lines.two_theta_deg.max() <= 60
    for copy in (lines, pickle.loads(pickle.dumps(lines))):
        assert not any(getattr(copy, name).flags.writeable for name in ("hkl", "intensity", "d_angstrom"))
    assert set(lines.to_dict()) >= {"hkl", "d_angstrom", "two_theta_deg", "multiplicity", "f_squared", "intensity"}


def test_intensity_is_multiplicity_f_squared_and_lorentz_polarisation() -> None:
    lines = powder_lines(phase(BATIO3), CU, monochromator_two_theta_deg=26.6)
    theta, monochromator = np.radians(lines.two_theta_deg) / 2, np.cos(np.radians(26.6)) ** 2
    factor = (1 + monochromator * np.cos(2 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
    # The formula of International Tables C, 6.2, in double precision.
    np.testing.assert_allclose(lines.intensity, lines.multiplicity * lines.f_squared * factor, rtol=1e-12)
    np.testing.assert_allclose(np.sin(theta) * 2 * lines.d_angstrom, WAVELENGTH, rtol=1e-12, err_msg="Bragg's law")


def test_dispersion_is_that_of_the_wavelength() -> None:
    assert dispersion("La", WAVELENGTH) == pytest.approx((-1.377, 9.034), abs=2e-3), "Cromer-Liberman at Cu K-alpha1"
    copper, molybdenum = (compiled_structure(LLZO, wavelength) for wavelength in (WAVELENGTH, 0.70931715))
    assert copper is compiled_structure(LLZO, WAVELENGTH)
    assert copper is not molybdenum


def test_ions_are_used_where_tabulated_and_the_choice_shows() -> None:
    charges = {"Ba": 2, "Ti": 4, "O": -2}
    case = replace(BATIO3, sites=tuple(replace(site, charge=charges[site.element]) for site in BATIO3.sites))
    assert powder_lines(phase(case), CU).species == ("Ba2+", "Ti4+", "O2-")
    assert powder_lines(phase(BATIO3), CU).species == ("Ba", "Ti", "O")


def test_accidentally_extinct_lines_are_dropped_unless_asked_for() -> None:
    default = powder_lines(phase(SILICON), CU).hkl.tolist()
    everything = powder_lines(phase(SILICON), CU, relative_floor=None).hkl.tolist()
    assert [2, 2, 2] not in default, "the basis of diamond extinguishes 222"
    assert [2, 2, 2] in everything, "no operation of Fd-3m forbids 222"
    assert structure_lines(phase(SILICON), WAVELENGTH, 120.0).hkl.tolist() == everything


def test_silicon_has_its_known_multiplicities() -> None:
    lines = powder_lines(phase(SILICON), CU, two_theta_max_deg=80)
    found = {tuple(h): int(m) for h, m in zip(lines.hkl.tolist(), lines.multiplicity, strict=True)}
    assert found == {(1, 1, 1): 8, (2, 2, 0): 12, (3, 1, 1): 24, (4, 0, 0): 6, (3, 3, 1): 24}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parameters": (5.0, 5.0, 5.0, 60.0, 60.0, 130.0)}, "60, 60, 130"),
        ({"parameters": (5.0, -5.0, 5.0, 90.0, 90.0, 90.0)}, "-5"),
        ({"space_group": "P m -3 m"}, "lacks the symmetry"),
        ({"sites": (Site("Ba", 0, 0, 0, 1.2),)}, "occupancy 1.2"),
        ({"sites": (Site("Ba", 0, 0, 0), Site("O", 0.5, 0.5, 0, -0.1))}, "atom 2: occupancy -0.1"),
        ({"sites": (Site("Ba", 0, 0, 0, 1.0, -1.0),)}, "B = -1"),
        ({"sites": (Site("Xx", 0, 0, 0),)}, "'Xx'"),
        ({"sites": (Site("Ba", float("nan"), 0, 0),)}, "not finite"),
    ],
)
def test_impossible_structures_are_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(LibraryError) as caught:
        powder_lines(phase(replace(BATIO3, **changes)), CU)
    assert words in str(caught.value)


def test_operations_that_form_no_group_are_refused() -> None:
    rotations, translations = BATIO3.operations
    build = lambda r, t: _core.Structure(BATIO3.parameters, r.tolist(), t.tolist(), [("Ba", None, None, 0.0, 0.0)], [])  # noqa: E731
    for chosen in (slice(0, 7), slice(0, 0)):
        with pytest.raises(LibraryError, match="group"):
            build(rotations[chosen], translations[chosen])
    wrong = translations.copy()
    wrong[3, 2] = 0.3
    with pytest.raises(LibraryError, match="group"):
        build(rotations, wrong)


def test_phase_without_structure_and_impossible_ranges() -> None:
    with pytest.raises(LibraryError, match="glass"):
        powder_lines(SimpleNamespace(name="glass", structure=None), CU)  # type: ignore[arg-type]
    for options in ({"two_theta_max_deg": 180.0}, {"two_theta_min_deg": 70.0, "two_theta_max_deg": 60.0}):
        with pytest.raises(OptionError, match="two_theta"):
            powder_lines(phase(BATIO3), CU, **options)
    with pytest.raises(OptionError, match="wavelength"):
        structure_lines(phase(BATIO3), 0.0, 120.0)
    with pytest.raises(OptionError, match="millions"):
        structure_lines(phase(LLZO), 0.01, 170.0)


@settings(max_examples=40, deadline=None)
@given(
    case=st.sampled_from(CASES),
    low=st.floats(5.0, 50.0),
    width=st.floats(0.5, 30.0),
)
def test_multiplicities_add_up_to_every_allowed_lattice_point(case: Case, low: float, width: float) -> None:
    """The sum rule, by brute force over the whole sphere and gemmi's extinctions."""
    lines = structure_lines(phase(case), WAVELENGTH, low + width)
    inside = lines.two_theta_deg >= low
    d_max, d_min = (WAVELENGTH / 2 / np.sin(np.radians(angle / 2)) for angle in (low, low + width))
    axes = [np.arange(-n, n + 1) for n in (int(length / d_min) for length in case.parameters[:3])]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.int32)
    grid = grid[np.abs(grid).sum(axis=1) > 0]
    d = case.unit_cell.calculate_d_array(grid)
    shell = grid[(d >= d_min) & (d <= d_max)]
    allowed = sum(not case.group.is_systematically_absent(h) for h in shell.tolist())
    assert int(lines.multiplicity[inside].sum()) == allowed


def test_every_shipped_phase_has_lines_and_the_atoms_it_says() -> None:
    for entry in ReferenceLibrary.default().for_diffraction():
        if entry.structure is None:
            continue
        compiled = compiled_structure(entry.structure, WAVELENGTH)
        # Two implementations of the same rule: the library's in numpy, the kernel's over its orbits.
        assert tuple(compiled.site_multiplicities) == entry.structure.multiplicities, entry.name
        assert compiled.volume == pytest.approx(entry.structure.cell.volume_angstrom3, rel=1e-12), entry.name
        assert len(powder_lines(entry, CU)) > 0, entry.name
