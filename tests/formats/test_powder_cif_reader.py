"""Powder CIF, from a writer of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

BEAM = "_diffrn_radiation_probe x-ray\n_diffrn_radiation_wavelength 1.5405929\n"


def cif(
    rows: list[Row],
    *,
    name: str = "scan",
    beam: str = BEAM,
    ordinate: str = "_pd_meas_counts_total",
    positions: str = "_pd_meas_2theta_scan",
    weight: str | None = None,
    extra: str = "",
) -> bytes:
    tags = [positions, ordinate, *(["_pd_proc_ls_weight"] if weight is not None else [])]
    body = "".join(f" {x} {y}{'' if weight is None else ' ' + weight}\n" for x, y in rows)
    return f"data_{name}\n{beam}{extra}loop_\n {' '.join(tags)}\n{body}_pd_meas_number_of_points {len(rows)}\n".encode()


class TestPowderCif(StoredPositions):
    reader = "powder-cif"
    suffix = ".cif"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return cif(rows) + b"#end\n"


@pytest.fixture
def read(tmp_path: Path):
    def read_cif(content: bytes, **options) -> bg.Spectrum:
        path = tmp_path / "scan.cif"
        path.write_bytes(content)
        return bg.read(path, **options)

    return read_cif


def codes(scan: bg.Spectrum) -> list[str]:
    return [note.code for note in scan.diagnostics]


def test_uncertainties_in_brackets(read) -> None:
    rows: list[Row] = [(x, f"{y}.50(125)") for x, y in GOOD_ROWS]
    scan = read(cif(rows, ordinate="_pd_meas_intensity_total"))
    np.testing.assert_array_equal(scan.y, [y + 0.5 for _, y in GOOD_ROWS])
    np.testing.assert_allclose(scan.sigma, 1.25)


def test_weights_become_standard_deviations(read) -> None:
    scan = read(cif([(x, y + 0.3) for x, y in GOOD_ROWS], ordinate="_pd_proc_intensity_total", weight="0.04"))
    np.testing.assert_allclose(scan.sigma, 5.0)
    without = read(cif(GOOD_ROWS, weight="0.0"))
    assert "third_column_not_sigma" in codes(without)
    np.testing.assert_allclose(without.sigma, [y**0.5 for _, y in GOOD_ROWS])


@pytest.mark.parametrize(("kind", "first"), [("meas", 3.0), ("proc", 2.9824)])
def test_measured_and_processed_ranges_are_not_mixed(read, kind: str, first: float) -> None:
    ranges = "".join(
        f"_pd_{k}_2theta_range_min {start}\n_pd_{k}_2theta_range_max {start + 2.38}\n_pd_{k}_2theta_range_inc 0.02\n"
        for k, start in (("meas", 3.0), ("proc", 2.9824))
    )
    body = "".join(f"{y}\n" for _, y in GOOD_ROWS)
    scan = read(f"data_a\n{BEAM}{ranges}loop_\n_pd_{kind}_intensity_total\n{body}".encode())
    assert scan.x[0] == pytest.approx(first, abs=1e-9)


def test_a_range_that_contradicts_the_ordinates_is_refused(read) -> None:
    ranges = "_pd_meas_2theta_range_min 5\n_pd_meas_2theta_range_max 6\n_pd_meas_2theta_range_inc 0.02\n"
    with pytest.raises(bg.InvalidSpectrum, match="make 51 points, 3 stand here"):
        read(f"data_a\n{ranges}loop_\n_pd_meas_counts_total\n1\n2\n3\n".encode())


def test_blocks_are_scans_and_calculated_copies_are_not(read) -> None:
    second: list[Row] = GOOD_ROWS[:50]
    content = cif(GOOD_ROWS, name="a_meas") + cif(GOOD_ROWS, name="a_calc") + cif(second, name="b_meas")
    scan = read(content, scan=1)
    assert (scan.source.n_scans, len(scan), scan.name) == (2, 50, "b_meas")
    assert "several_scans" in codes(read(content))


@pytest.mark.parametrize("probe", ["neutron", "electron"])
def test_other_probes_are_refused_even_at_the_wavelength_of_copper(read, probe: str) -> None:
    with pytest.raises(bg.UnknownFormat, match=probe):
        read(cif(GOOD_ROWS, beam=BEAM.replace("x-ray", probe)))


def test_time_of_flight_and_structures_are_refused(read) -> None:
    with pytest.raises(bg.UnknownFormat, match="time_of_flight"):
        read(cif(GOOD_ROWS, positions="_pd_meas_time_of_flight"))
    with pytest.raises(bg.UnknownFormat, match="no measured powder pattern") as caught:
        read(b"data_NaCl\n_cell_length_a 5.64\n_symmetry_space_group_name_H-M 'F m -3 m'\n")
    assert "reference library" in (caught.value.suggestion or "")


def test_the_beam_may_stand_in_another_block(read) -> None:
    beam = "data_beam\n_diffrn_radiation_type 'Cu K\\a'\n_diffrn_radiation_monochromator 'post-specimen graphite'\n"
    scan = read(beam.encode() + cif(GOOD_ROWS, beam="_pd_instr_dist_spec/detc 217.5\n"))
    assert scan.radiation.name == "CuKa"
    assert scan.instrument.radius_mm == 217.5
    assert scan.instrument.monochromator_two_theta_deg == pytest.approx(26.55, abs=0.01), "graphite 002 for Cu K-alpha"


def test_wavelengths_with_weights(read) -> None:
    beam = "loop_\n_diffrn_radiation_wavelength\n_diffrn_radiation_wavelength_wt\n1.54439 0.52\n1.54056(2) 1.0\n"
    assert read(cif(GOOD_ROWS, beam=beam)).radiation.lines == ((1.54056, 1.0), (1.54439, 0.52))


def test_declared_points_are_required(read) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="is 121, 120 stand here"):
        read(cif(GOOD_ROWS).replace(b"points 120", b"points 121"))


def test_a_fault_of_the_syntax_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.cif"
    path.write_text("data_x\n_a 1\n_b 'never ended\n")
    with pytest.raises(bg.InvalidSpectrum, match=r"a\.cif:3: the CIF cannot be parsed: .*, column \d+"):
        bg.read(path)
