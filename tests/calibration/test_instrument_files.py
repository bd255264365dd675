from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standards_made import instrument

import braggite as bg
from braggite.calibration.instprm import instprm_text, parse_instprm
from braggite.calibration.instrument_toml import instrument_toml_text, parse_instrument_toml
from braggite.values import Value

if TYPE_CHECKING:
    from pathlib import Path

positive = st.floats(0.0, 0.5)
numbers = st.builds(Value, st.floats(-0.5, 0.5), st.one_of(st.none(), positive))
widths = st.builds(Value, positive, st.one_of(st.none(), positive))
profiles = st.builds(
    bg.InstrumentProfile,
    radiation=st.sampled_from(
        [
            bg.Radiation(((1.54, 1.0),)),
            bg.Radiation(((1.5406, 1.0), (1.5444, 0.52)), name="CuKa"),
            bg.Radiation(((1.5406, 1.0), (1.5444, 0.52)), widths_angstrom=(4e-4, 0.0)),
        ]
    ),
    diffractometer=st.builds(
        bg.Instrument,
        geometry=st.sampled_from(["bragg-brentano", "debye-scherrer"]),
        radius_mm=st.one_of(st.none(), st.floats(50.0, 500.0)),
        monochromator_two_theta_deg=st.one_of(st.none(), st.floats(5.0, 80.0)),
        divergence=st.sampled_from(["fixed", "variable"]),
    ),
    gauss_u_deg2=numbers,
    gauss_v_deg2=numbers,
    gauss_w_deg2=numbers,
    lorentz_x_deg=widths,
    lorentz_y_deg=widths,
    axial_ratio=widths,
    zero_deg=numbers,
    correlation=st.one_of(st.none(), st.just(np.full((7, 7), 0.3) + 0.7 * np.eye(7))),
    name=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20),
)


@settings(max_examples=60, deadline=None)
@given(profile=profiles)
def test_toml_comes_back_as_it_was(profile: bg.InstrumentProfile) -> None:
    back = parse_instrument_toml(instrument_toml_text(profile), "x.toml")
    assert back.to_dict() == profile.to_dict()


@settings(max_examples=60, deadline=None)
@given(profile=profiles)
def test_instprm_brings_back_the_numbers(profile: bg.InstrumentProfile) -> None:
    back = parse_instprm(instprm_text(profile), "x.instprm")
    found, expected = ([n.value for n in p.numbers] for p in (back, profile))
    if profile.radiation.widths_angstrom:
        # The mean natural width of the doublet, as FWHM_L = 2 tan(theta) width / wavelength.
        expected[4] += math.degrees(2.0 * 4e-4 / 1.5406 / 1.52)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-300)
    assert back.radiation is not None
    assert profile.radiation is not None
    np.testing.assert_allclose(back.radiation.lines, np.array(profile.radiation.lines), rtol=1e-14)
    angles = [p.diffractometer.monochromator_two_theta_deg or 0.0 for p in (back, profile)]
    # The polarisation is stored: an angle comes back to the root of the rounding.
    assert angles[0] == pytest.approx(angles[1], abs=1e-5)


def test_instprm_has_the_units_of_gsas2() -> None:
    """FWHM of GSAS-II: 2.35482 sqrt(U tan² + V tan + W) and X / cos + Y tan, in centidegrees (GSASIIpwd)."""
    profile = instrument()
    text = instprm_text(profile)
    items = dict(line.split(":") for line in text.splitlines() if not line.startswith("#"))
    value = {key: float(items[key]) for key in ("U", "V", "W", "X", "Y", "SH/L", "Polariz.")}
    for two_theta in (20.0, 60.0, 120.0):
        tangent, cosine = math.tan(math.radians(two_theta / 2.0)), math.cos(math.radians(two_theta / 2.0))
        gauss = 2.354820045 * math.sqrt(value["U"] * tangent**2 + value["V"] * tangent + value["W"]) / 100.0
        lorentz = (value["X"] / cosine + value["Y"] * tangent) / 100.0
        assert profile.gauss_fwhm_deg(two_theta) == pytest.approx(gauss, rel=1e-9)
        assert profile.lorentz_fwhm_deg(two_theta) == pytest.approx(lorentz, rel=1e-12)
    assert value["SH/L"] == 2.0 * profile.axial_ratio.value, "S/L + H/L"
    assert value["Polariz."] == 0.5, "unpolarised"
    assert items["Type"] == "PXC"
    assert items["I(L2)/I(L1)"] == "0.5"


GSAS2 = """#GSAS-II instrument parameter file; do not add/delete items!
Type:PXC;Bank:1
Lam1:1.5405;Lam2:1.5443;I(L2)/I(L1):0.5
Zero:-0.01;Polariz.:0.7;Azimuth:0.0;Source:CuKa
U:2.0;V:-2.0;W:5.0;X:1.5;Y:2.5;Z:0.0;SH/L:0.03
"""


def test_instprm_as_gsas2_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "lab.instprm"
    file.write_text(GSAS2, encoding="utf-8")
    profile = bg.InstrumentProfile.read(file)
    assert profile.gauss_w_deg2.value == pytest.approx(5.0 * 8.0 * math.log(2.0) * 1e-4)
    assert (profile.lorentz_x_deg.value, profile.lorentz_y_deg.value) == pytest.approx((0.015, 0.025))
    assert (profile.axial_ratio.value, profile.zero_deg.value) == pytest.approx((0.015, -0.01))
    assert profile.lorentz_x_deg.su is None, "an .instprm states no uncertainty"
    angle = profile.diffractometer.monochromator_two_theta_deg
    assert angle is not None
    assert math.cos(math.radians(angle)) ** 2 == pytest.approx(0.3 / 0.7), "Polariz. P weighs cos² by (1 - P) / P"
    one_wavelength = GSAS2.replace("Lam1:1.5405;Lam2:1.5443;I(L2)/I(L1):0.5", "Lam:0.4124")
    assert parse_instprm(one_wavelength, "x").radiation == bg.Radiation(((0.4124, 1.0),))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Type:PXC", "Type:PNT", "PNT"),
        ("Z:0.0", "Z:0.3", "Z = 0.3"),
        ("W:5.0;", "", "W is missing"),
        ("U:2.0", "U:two", "U is 'two'"),
        ("X:1.5", "X:-1.5", "lorentz_x_deg"),
        ("Polariz.:0.7", "Polariz.:0.2", "Polariz"),
        ("Lam1:1.5405", "Lam1:-1", "positive"),
        ("Type:PXC;", "Lam:nan;Type:PXC;", "Lam is 'nan'"),
        ("Zero:", "#Bank 2\nZero:", "banks"),
    ],
)
def test_instprm_faults_are_named(old: str, new: str, message: str) -> None:
    with pytest.raises(bg.UnknownFormat, match=message):
        parse_instprm(GSAS2.replace(old, new), "x.instprm")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("instrument/1", "instrument/9", "schema"),
        ("[profile]", "[profile", "not TOML"),
        ("[profile]", "[profile]\nfoo = 1", "profile.foo"),
        ("gauss_w_deg2 = { value", "gauss_w_deg2 = { worth", "profile.gauss_w_deg2"),
        ("lorentz_x_deg = { value = 0.012", "lorentz_x_deg = { value = -0.012", "profile.lorentz_x_deg"),
        ('geometry = "bragg-brentano"', 'geometry = "round"', "diffractometer.geometry"),
        ("radius_mm = 240.0", "radius_mm = -1", "diffractometer.radius_mm"),
        ("lines = [[1.5405929", "lines = [[-1.5405929", "radiation.lines"),
        ("[provenance]", "[profile.correlation]\nx = 1\n[provenance]", "profile.correlation"),
    ],
)
def test_toml_faults_are_named(old: str, new: str, message: str) -> None:
    text = instrument_toml_text(instrument())
    assert old in text
    with pytest.raises(bg.UnknownFormat, match=message):
        parse_instrument_toml(text.replace(old, new), "x.toml")


def test_files_are_told_apart_by_suffix(tmp_path: Path) -> None:
    for suffix in (".toml", ".instprm"):
        path = instrument().write(tmp_path / f"a{suffix}")
        assert bg.InstrumentProfile.read(path).gauss_u_deg2.value == pytest.approx(0.006)
    with pytest.raises(bg.OptionError, match="instprm"):
        instrument().write(tmp_path / "a.txt")
    with pytest.raises(bg.UnknownFormat, match="instrument file"):
        bg.InstrumentProfile.read(tmp_path / "a.txt")
    with pytest.raises(bg.UnknownFormat, match="cannot be read"):
        bg.InstrumentProfile.read(tmp_path / "missing.toml")


def test_several_emission_lines_become_a_doublet() -> None:
    four = bg.Radiation(
        ((1.5405925, 0.58384), (1.5443873, 0.22846), (1.5446782, 0.11259), (1.5410769, 0.07078), (1.39223, 0.006))
    )
    back = parse_instprm(instprm_text(replace(instrument(), radiation=four)), "x").radiation
    assert back is not None
    (first, _), (second, ratio) = back.lines
    assert first == pytest.approx((1.5405925 * 0.58384 + 1.5410769 * 0.07078) / 0.65462, rel=1e-12)
    assert second == pytest.approx((1.5443873 * 0.22846 + 1.5446782 * 0.11259) / 0.34105, rel=1e-12)
    assert ratio == pytest.approx(0.34105 / 0.65462, rel=1e-12)
    with pytest.raises(bg.OptionError, match="wavelength"):
        instprm_text(replace(instrument(), radiation=None))


@pytest.mark.parametrize(
    "change",
    [
        {"gauss_u_deg2": Value(math.nan)},
        {"axial_ratio": Value(-0.01)},
        {"lorentz_y_deg": Value(0.1, -1.0)},
        {"correlation": np.eye(3)},
        {"correlation": 2.0 * np.eye(7)},
    ],
)
def test_impossible_profiles(change: dict[str, object]) -> None:
    with pytest.raises(bg.OptionError):
        replace(instrument(), **change)


def test_covariance_follows_uncertainties() -> None:
    known = replace(instrument(0.1), correlation=np.full((7, 7), 0.5) + 0.5 * np.eye(7))
    covariance = known.covariance
    assert covariance[0, 0] == pytest.approx((0.1 * 0.006) ** 2)
    assert covariance[0, 3] == pytest.approx(0.5 * 0.1 * 0.006 * 0.1 * 0.012)
    assert covariance[6, 6] == 0.0, "no uncertainty of the zero is known"
