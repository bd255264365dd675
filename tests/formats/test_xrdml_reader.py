from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.formats.reader_conformance import Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

K_ALPHA = (
    "<kAlpha1 unit='Angstrom'>1.5405980</kAlpha1><kAlpha2 unit='Angstrom'>1.5444260</kAlpha2>"
    "<kBeta unit='Angstrom'>1.3922500</kBeta>"
)


def scan_xml(
    counts: str = "10 20 30",
    *,
    tag: str = "counts",
    unit: str = "counts",
    positions: str = "<startPosition>10.0</startPosition><endPosition>10.4</endPosition>",
    extra: str = "<commonCountingTime unit='seconds'>2.0</commonCountingTime>",
    axis: str = "Gonio",
    status: str = "Completed",
) -> str:
    return (
        f"<scan appendNumber='0' scanAxis='{axis}' status='{status}'><dataPoints>"
        f"<positions axis='2Theta' unit='deg'>{positions}</positions>"
        f"<positions axis='Omega' unit='deg'><commonPosition>5</commonPosition></positions>"
        f"{extra}<{tag} unit='{unit}'>{counts}</{tag}></dataPoints></scan>"
    )


def document(
    *scans: str,
    intended: str = "K-Alpha",
    ratio: str = "0.5000",
    incident: str = "",
    diffracted: str = "",
    lines: str = K_ALPHA,
    anode: str = "Cu",
    mode: str = "Reflection",
    prolog: str = "",
    prefix: str = "",
) -> bytes:
    text = (
        f"<?xml version='1.0' encoding='UTF-8'?>{prolog}<xrdMeasurements "
        "xmlns='http://www.xrdml.com/XRDMeasurement/2.1' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
        "<sample><id>LLZO 7</id></sample>"
        f"<xrdMeasurement measurementType='Scan' sampleMode='{mode}'><usedWavelength intended='{intended}'>{lines}"
        f"<ratioKAlpha2KAlpha1>{ratio}</ratioKAlpha2KAlpha1></usedWavelength><incidentBeamPath><radius unit='mm'>240.00"
        f"</radius><xRayTube><anodeMaterial>{anode}</anodeMaterial></xRayTube>{incident}</incidentBeamPath>"
        f"<diffractedBeamPath><radius unit='mm'>240.00</radius>{diffracted}</diffractedBeamPath>{''.join(scans)}"
        "</xrdMeasurement></xrdMeasurements>"
    )
    if prefix:
        text = (
            text.replace("xmlns=", f"xmlns:{prefix}=")
            .replace("<xrd", f"<{prefix}:xrd")
            .replace("</xrd", f"</{prefix}:xrd")
        )
    return text.encode()


class TestXrdml(StoredPositions):
    reader = "xrdml"
    suffix = ".xrdml"

    def build(self, rows: list[Row]) -> bytes:
        positions = f"<listPositions>{' '.join(str(x) for x, _ in rows)}</listPositions>"
        return document(scan_xml(" ".join(str(y) for _, y in rows), positions=positions))


Read = "Callable[..., bg.Spectrum]"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., bg.Spectrum]:
    def read_document(content: bytes, **options: Any) -> bg.Spectrum:
        path = tmp_path / "scan.xrdml"
        path.write_bytes(content)
        return bg.read(path, **options)

    return read_document


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


def test_positions_run_evenly_from_start_to_end(read: Read) -> None:
    spectrum = read(document(scan_xml()))
    np.testing.assert_allclose(spectrum.x, [10.0, 10.2, 10.4], rtol=0, atol=1e-12)
    assert spectrum.name == "LLZO 7"
    assert (spectrum.counts, spectrum.y_unit) == (True, "counts")
    np.testing.assert_allclose(spectrum.sigma, np.sqrt([10, 20, 30]))


def test_a_namespace_prefix_changes_nothing(read: Read) -> None:
    assert len(read(document(scan_xml(), prefix="p"))) == 3


class TestNoise:
    def test_version_1_stores_intensities(self, read: Read) -> None:
        assert read(document(scan_xml(tag="intensities"))).counts is True

    def test_rates_of_whole_counts(self, read: Read) -> None:
        spectrum = read(document(scan_xml("10.5 20 30.5", tag="intensities", unit="cps")))
        assert (spectrum.counts, spectrum.y_unit) == (False, "counts/s")
        np.testing.assert_allclose(spectrum.sigma, np.sqrt(spectrum.y / 2.0))

    def test_counting_times_per_point(self, read: Read) -> None:
        spectrum = read(document(scan_xml("10.5 20.25 30.5", extra="<countingTimes>2 4 2</countingTimes>")))
        np.testing.assert_allclose(spectrum.sigma, np.sqrt([10.5 / 2, 20.25 / 4, 30.5 / 2]))

    def test_neither_counts_nor_rates_have_no_sigma(self, read: Read) -> None:
        spectrum = read(document(scan_xml("10.123 20.456 30.789")))
        assert spectrum.sigma is None
        assert "sigma_unknown" in codes(spectrum)

    def test_attenuation_is_multiplied_into_counts_and_sigma(self, read: Read) -> None:
        factors = "<beamAttenuationFactors>1.00 188.00 1.00</beamAttenuationFactors>"
        spectrum = read(document(scan_xml("14602 1877 13749", extra=factors)))
        np.testing.assert_array_equal(spectrum.y, [14602, 1877 * 188, 13749])
        np.testing.assert_allclose(spectrum.sigma, np.sqrt([14602, 1877, 13749]) * [1, 188, 1])
        assert "attenuation_corrected" in codes(spectrum)

    def test_a_broken_factor_still_leaves_counts(self, read: Read) -> None:
        factors = "<beamAttenuationFactors>1.00 149.53 1.00</beamAttenuationFactors>"
        spectrum = read(document(scan_xml("14602 1877 13749", extra=factors)))
        assert spectrum.counts is True
        np.testing.assert_allclose(spectrum.sigma[1], np.sqrt(1877) * 149.53)

    def test_factors_beside_intensities_are_left_alone_and_said(self, read: Read) -> None:
        factors = "<beamAttenuationFactors>1.00 188.00 1.00</beamAttenuationFactors>"
        spectrum = read(document(scan_xml(tag="intensities", extra=factors)))
        np.testing.assert_array_equal(spectrum.y, [10, 20, 30])
        assert "attenuation_undecided" in codes(spectrum)


class TestRadiation:
    def test_the_doublet_of_the_file(self, read: Read) -> None:
        spectrum = read(document(scan_xml(), ratio="0.52"))
        assert spectrum.radiation.lines == ((1.5405980, 1.0), (1.5444260, 0.52))
        assert spectrum.radiation.name == "CuKa"

    def test_intended_kalpha1_proves_nothing(self, read: Read) -> None:
        spectrum = read(document(scan_xml(), intended="K-Alpha 1"))
        assert len(spectrum.radiation.lines) == 2
        assert "kalpha2_kept" in codes(spectrum)

    def test_a_ratio_of_zero_does(self, read: Read) -> None:
        spectrum = read(document(scan_xml(), intended="K-Alpha 1", ratio="0.0000"))
        assert spectrum.radiation.lines == ((1.5405980, 1.0),)
        assert "kalpha2_kept" not in codes(spectrum)

    def test_a_crystal_before_the_specimen_does(self, read: Read) -> None:
        mono = "<monochromator name='Hybrid'><crystal type='Asymmetric'>Ge</crystal></monochromator>"
        assert len(read(document(scan_xml(), incident=mono)).radiation.lines) == 1

    def test_graphite_after_the_specimen_does_not(self, read: Read) -> None:
        mono = "<monochromator><crystal>Graphite</crystal></monochromator>"
        spectrum = read(document(scan_xml(), diffracted=mono))
        assert len(spectrum.radiation.lines) == 2
        # Referent: Bragg's law for graphite 002, d = 3.354 A, and Cu K-alpha1: 26.56 deg
        assert spectrum.instrument.monochromator_two_theta_deg == pytest.approx(26.56, abs=0.01)

    def test_kbeta(self, read: Read) -> None:
        assert read(document(scan_xml(), intended="K-Beta")).radiation.lines == ((1.3922500, 1.0),)

    def test_an_anode_alone_names_its_doublet(self, read: Read) -> None:
        spectrum = read(document(scan_xml(), lines="", anode="Co"))
        assert spectrum.radiation.name == "CoKa"
        assert "wavelength_assumed" not in codes(spectrum)

    def test_the_callers_radiation_wins(self, read: Read) -> None:
        assert read(document(scan_xml()), radiation="MoKa1").radiation.lines == ((0.70931715, 1.0),)


def test_optics_become_the_instrument(read: Read) -> None:
    fixed = "<divergenceSlit xsi:type='fixedDivergenceSlitType'><height>1.52</height></divergenceSlit>"
    automatic = "<divergenceSlit xsi:type='automaticDivergenceSlitType'><mode>a</mode></divergenceSlit>"
    first = read(document(scan_xml(), incident=fixed)).instrument
    assert (first.geometry, first.radius_mm, first.divergence) == ("bragg-brentano", 240.0, "fixed")
    second = read(document(scan_xml(), incident=automatic, mode="Transmission")).instrument
    assert (second.geometry, second.divergence) == ("debye-scherrer", "variable")


class TestSeveralScans:
    content = document(scan_xml("1 2 3"), scan_xml("4 5 6", status="Aborted"), scan_xml("7 8", axis="Omega"))

    def test_the_first_is_read_and_the_choice_said(self, read: Read) -> None:
        spectrum = read(self.content)
        np.testing.assert_array_equal(spectrum.y, [1, 2, 3])
        assert "several_scans" in codes(spectrum)
        assert spectrum.source.n_scans == 3

    def test_another_is_chosen(self, read: Read) -> None:
        spectrum = read(self.content, scan=1)
        np.testing.assert_array_equal(spectrum.y, [4, 5, 6])
        assert "scan_not_completed" in codes(spectrum)
        assert "several_scans" not in codes(spectrum)

    def test_a_rocking_curve_is_refused(self, read: Read) -> None:
        with pytest.raises(bg.UnknownFormat, match="Omega"):
            read(self.content, scan=2)

    def test_beyond_the_last(self, read: Read) -> None:
        with pytest.raises(bg.OptionError, match="3 scans"):
            read(self.content, scan=3)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (document(scan_xml("1 2 3", positions="<listPositions>10 11</listPositions>")), "2 values for 3 points"),
        (document(scan_xml("1 2 3", extra="<beamAttenuationFactors>1 1</beamAttenuationFactors>")), "2 values for 3"),
        (document(scan_xml("1 2 3", extra="<countingTimes>1 1</countingTimes>")), "2 values for 3"),
        (document(scan_xml("1 2 3", extra="<beamAttenuationFactors>1 0 1</beamAttenuationFactors>")), "not positive"),
        (document(scan_xml("1 x 3")), "counts"),
        (document(scan_xml("")), "is empty"),
        (
            document(scan_xml(positions="<startPosition>ten</startPosition><endPosition>20</endPosition>")),
            "startPosition",
        ),
        (document("<scan scanAxis='Gonio' status='Aborted'/>"), "no data points"),
        (document(), "no scan"),
        (document(scan_xml()).replace(b"axis='2Theta'", b"axis='Phi'"), "no 2Theta positions"),
        (document(scan_xml())[:-30], "well formed"),
    ],
)
def test_damage_is_named(read: Read, content: bytes, match: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match=match):
        read(content)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (document(scan_xml(positions="<commonPosition>30</commonPosition>")), "stands still"),
        (document(scan_xml(), prolog="<!DOCTYPE xrdMeasurements [<!ENTITY a 'b'>]>"), "document type"),
        (document(scan_xml(), prolog="<!DOCTYPE xrdMeasurements SYSTEM 'file:///etc/passwd'>"), "document type"),
        (b"\x00\x01\x02" * 50, "not XML"),
        (b"<html></html>", "root"),
        (document(scan_xml()).replace(b"unit='deg'", b"unit='rad'"), "degrees"),
    ],
)
def test_what_is_no_pattern_is_refused(read: Read, content: bytes, match: str) -> None:
    with pytest.raises(bg.UnknownFormat, match=match):
        read(content)


def test_the_root_is_known_under_another_suffix(tmp_path: Path) -> None:
    path = tmp_path / "scan.xml"
    path.write_bytes(document(scan_xml()))
    assert bg.read(path).source.format == "xrdml"


def test_counting_time_and_attenuation_are_kept(read: Read) -> None:
    factors = "<beamAttenuationFactors>1 1 188</beamAttenuationFactors>"
    scan = read(document(scan_xml(extra=f"<commonCountingTime>2.0</commonCountingTime>{factors}")))
    assert (scan.metadata["dwell_s"], scan.metadata["attenuation"]) == (2.0, [1.0, 1.0, 188.0])
    scan = read(document(scan_xml(extra="<countingTimes>1 2 3</countingTimes>")))
    assert scan.metadata["dwell_s"] == [1.0, 2.0, 3.0]


def test_declared_counts_that_are_not_whole_are_doubted(read: Read) -> None:
    assert "unit_contradicted" in codes(read(document(scan_xml("10.3 20.9 30.1"))))
    rates = read(document(scan_xml("5.5 10 15.5", tag="intensities", unit="cps")))
    assert (rates.counts, rates.y_unit) == (False, "counts/s")
