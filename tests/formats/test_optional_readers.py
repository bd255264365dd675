"""Readers on top of optional packages: on real files, on files built here, and without the package."""

from __future__ import annotations

import builtins
import importlib
import io
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import opusFC
import pytest
from tests.formats.reader_conformance import TESTED_READERS, Row, StoredPositions
from tests.formats.robustness import cuts, flips, survive

import braggite as bg
from braggite.formats import registry
from braggite.formats.registry import Evidence

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = {
    "wdf": "vibrational/wdf_parser/sp.wdf",
    "opus": "formats/opus/test_opus.0",
    "igor": "xps/pynxtools_xps/tests/data/scienta_ibw/Ag_0001Ag__001.ibw",
}
"""A real file of each format that other packages take apart here."""
TESTED_READERS.update({*SAMPLES, "witec", "omnic", "vgd"})
MODULES = {
    "wdf": ("renishawWiRE", "raman", b"WDF1"), "witec": ("witio", "raman", b"WIT_PR"),
    "opus": ("brukeropus", "ir", b"\n\n\xfe\xfe"), "omnic": ("spectrochempy", "omnic", b"Spectral Data File"),
    "vgd": ("vgd_reader", "thermo", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "igor": ("igor2.binarywave", "igor", b"\5\0"),
    "nexus": ("h5py", "nexus", b"\x89HDF\r\n\x1a\n"),
}  # fmt: skip


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


def reader_named(name: str) -> registry.Reader:
    return next(reader for reader in registry.readers() if reader.name == name)


@pytest.mark.parametrize("name", MODULES)
def test_without_its_package_the_command_that_installs_it_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, extra, magic = MODULES[name]
    real = importlib.import_module

    def absent(wanted: str, *rest: Any) -> Any:
        if wanted == module:
            raise ImportError(f"No module named {wanted!r}")
        return real(wanted, *rest)

    monkeypatch.setattr(importlib, "import_module", absent)
    path = tmp_path / f"scan{reader_named(name).suffixes[0]}"
    path.write_bytes(magic + bytes(600))
    with pytest.raises(bg.UnknownFormat, match=rf"pip install 'braggite\[{extra}\]'") as caught:
        bg.read(path)
    assert str(path) in str(caught.value)


def test_no_optional_package_is_imported_before_it_is_needed() -> None:
    held = {module.partition(".")[0] for module, _, _ in MODULES.values()}
    code = f"import sys, braggite.formats.registry as r; r.readers(); sys.exit(bool({held!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", SAMPLES)
def test_real_files_cut_flipped_and_misnamed_raise_nothing_but_our_errors(
    name: str, test_data: Path, tmp_path: Path
) -> None:
    sample = test_data / SAMPLES[name]
    path = tmp_path / f"scan{sample.suffix}"
    ends = survive(path, cuts(sample.read_bytes())).values()
    assert {end.code for end in ends} <= {"invalid_spectrum", "unknown_format"}
    survive(path, flips(sample.read_bytes()))
    for suffix in (".xy", ".raw", ".csv", ""):
        survive(tmp_path / f"wrong{suffix}", iter([("wrong suffix", sample.read_bytes())]))


def test_nothing_is_printed(test_data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in SAMPLES.values():
        bg.read_all(test_data / name)
    assert capfd.readouterr() == ("", "")


WIRE_TWINS = {
    "ramanchada2_formats/nCal_Qontor785_z005H12_100_1x3s": "ramanchada2_formats/nCal_Qontor785_z005H12_100_1x3s",
    "datalab_samples/raman_example": "datalab_samples/raman_example",
}


@pytest.mark.parametrize("stem", WIRE_TWINS)
def test_wdf_equals_its_text_twin(test_data: Path, stem: str) -> None:
    folder = test_data / "vibrational"
    scan, twin = bg.read(folder / f"{stem}.wdf"), bg.read(folder / f"{stem}.txt")
    np.testing.assert_allclose(scan.x, twin.x, rtol=0, atol=1e-6)  # six decimals in the text
    np.testing.assert_allclose(scan.y, twin.y, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(("name", "n"), [("sp", 1), ("depth", 40), ("line", 235), ("6x6", 36)])
def test_wdf_series_and_maps_hold_every_spectrum(test_data: Path, name: str, n: int) -> None:
    scans = bg.read_all(test_data / "vibrational" / "wdf_parser" / f"{name}.wdf")
    assert [len(scans), {len(scan) for scan in scans}] == [n, {1015}]
    steps = np.diff(scans[0].x)
    assert np.ptp(steps) > 0.1 * steps.mean(), "the stored axis is uneven"
    assert scans[0].metadata["laser_wavelength_nm"] == pytest.approx(456.817 if name == "6x6" else 532.25, abs=0.01)


def test_the_map_equals_its_resampled_twin(test_data: Path) -> None:
    """Equal within 0.14 of 14489 counts after interpolation, as the README of the data states."""
    folder = test_data / "vibrational" / "wdf_parser"
    for scan, twin in zip(bg.read_all(folder / "6x6.wdf"), bg.read_all(folder / "6x6.spc"), strict=True):
        apart = np.abs(np.interp(twin.x, scan.x, scan.y) - twin.y)
        assert float(apart.max()) < 0.145


OPUS = {
    "formats/opus/file.0": ["a", "rf", "sm"],
    "formats/opus/test_opus.0": ["ra"],
    "vibrational/openspecy_samples/ftir_ps.0": ["a", "rf", "sm"],
    "vibrational/opus_samples/BF_lo_01_soil_cal.1": ["a", "a_2", "rf", "sm"],
    "vibrational/opus_samples/test_spectra.0": ["r", "rf", "sm"],
}


@pytest.mark.parametrize("name", OPUS)
def test_opus_blocks_equal_those_of_another_reader(test_data: Path, name: str) -> None:
    path = test_data / name
    scans = bg.read_all(path)
    assert [scan.metadata["block"] for scan in scans] == OPUS[name]
    content = path.read_bytes()
    theirs = [opusFC.getOpusData(str(path), entry) for entry in opusFC.listContents(str(path))]
    for scan in scans:
        assert ("single_beam" in codes(scan)) == (scan.metadata["block"] in ("rf", "sm"))
        assert scan.y[::-1].astype("<f4").tobytes() in content, "the floats stand in the file as they are"
        if scan.metadata["block"] == "a_2":
            continue  # the other reader hands out the first of two absorbance blocks only
        same = [
            peer for peer in theirs
            if len(peer.x) == len(scan) and np.allclose(np.sort(peer.x), scan.x, rtol=0, atol=1e-6)
            and np.allclose(peer.y[np.argsort(peer.x)], scan.y, rtol=1e-6, atol=0)
        ]  # fmt: skip
        assert same, scan.metadata["block"]


def test_opus_raman_is_raman_and_a_cap_is_kept(test_data: Path) -> None:
    raman = bg.read(test_data / "formats" / "opus" / "test_opus.0")
    assert raman.technique == "raman"
    assert raman.metadata["laser_wavelength_nm"] == pytest.approx(1e7 / 9394.9, rel=1e-6)
    assert bg.read(test_data / "formats" / "opus" / "file.0").y.max() == 6.0


def test_igor_waves_equal_their_text_twins(test_data: Path) -> None:
    folder = test_data / "xps" / "pynxtools_xps"
    pairs = [
        (f"tests/data/scienta_ibw/Ag_000{i}Ag__00{i}.ibw", f"tests/data/scienta_txt/Ag_000{i}.txt") for i in (1, 2)
    ]
    here = "examples/scienta"
    pairs += [(f"{here}/ibw/Cu-HHTP_000{i}Cu-HHTP__00{i}.ibw", f"{here}/txt/Cu-HHTP_000{i}.txt") for i in range(1, 6)]
    for wave, text in pairs:
        scan, twin = bg.read(folder / wave), bg.read(folder / text)
        np.testing.assert_allclose(scan.x, twin.x, rtol=0, atol=1e-9)
        np.testing.assert_allclose(scan.y, twin.y, rtol=1e-12)
        assert scan.metadata["pass_energy_ev"] == twin.metadata["pass_energy_ev"]


class TestNexusConformance(StoredPositions):
    reader = "nexus"
    suffix = ".nxs"

    def build(self, rows: list[Row]) -> bytes:
        return nexus([float(x) for x, _ in rows], [float(y) for _, y in rows])


def nexus(x: list[float], y: list[float], unit: str = "deg", name: str = "two_theta", extra: Any = None) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("entry/data")
        group.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": [name]})
        group.create_dataset(name, data=np.array(x)).attrs["units"] = unit
        group.create_dataset("counts", data=np.array(y)).attrs["units"] = "counts"
        if extra:
            extra(file, group)
    return buffer.getvalue()


X, Y = np.linspace(400, 900, 50).tolist(), (np.arange(50) * 3 % 41 + 10.0).tolist()


def test_nexus_units_decide_the_technique(tmp_path: Path) -> None:
    path = tmp_path / "scan.nxs"
    path.write_bytes(nexus(X, Y, "eV", "kinetic_energy"))
    assert bg.read(path, photon_energy_ev=1486.6).x[0] == pytest.approx(1486.6 - 900)
    path.write_bytes(
        nexus(X, Y, "1/cm", "shift", lambda file, _: file.create_dataset("entry/definition", data="NXraman"))
    )
    assert bg.read(path).technique == "raman"
    path.write_bytes(nexus(X, Y, "1/nm", "q"))
    with pytest.raises(bg.UnknownFormat, match="not in degrees"):
        bg.read(path)


def test_nexus_errors_are_sigma_and_two_groups_two_scans(tmp_path: Path) -> None:
    def more(file: Any, group: Any) -> None:
        group.create_dataset("counts_errors", data=np.full(50, 2.5))
        file.copy(group, "entry/second")

    path = tmp_path / "scan.h5"
    path.write_bytes(nexus(np.linspace(10, 90, 50).tolist(), Y, extra=more))
    first, second = bg.read_all(path)
    assert {first.metadata["group"], second.metadata["group"]} == {"entry/data", "entry/second"}
    np.testing.assert_array_equal(first.sigma, 2.5)


def test_nexus_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.h5").write_bytes(nexus(X, Y))

    def link(_: Any, group: Any) -> None:
        del group["counts"]
        group["counts"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/entry/data/counts")

    path = tmp_path / "scan.h5"
    path.write_bytes(nexus(X, Y, extra=link))
    with pytest.raises(bg.UnknownFormat, match="no NXdata"):
        bg.read(path)


class _Graph:
    """What witio hands over for a graph of 2 x 1 spectra."""

    caption = "Spectrum 1"

    def array(self) -> np.ndarray:
        return np.stack([Y, Y]).reshape(2, 1, 50)

    def x_axis(self, unit: str) -> tuple[np.ndarray, str]:
        return np.array(X), unit


def _witio() -> types.SimpleNamespace:
    return types.SimpleNamespace(read_bytes=lambda _: types.SimpleNamespace(find=lambda class_name: [_Graph()]))


def _vgd() -> types.SimpleNamespace:
    spectrum = types.SimpleNamespace(
        binding_energy=np.array(X[::-1]), intensity=np.array(Y), dwell_time=0.1, periods=4, source_energy=1486.68,
        sample_id="pellet", core_level="C1s", pass_energy=50.0,
    )  # fmt: skip
    return types.SimpleNamespace(read_vgd=lambda path: types.SimpleNamespace(spectra=[spectrum]))


def _omnic() -> types.ModuleType:
    module = types.ModuleType("spectrochempy")
    axis = types.SimpleNamespace(data=np.array(X[::-1]), units="cm⁻¹")
    found = types.SimpleNamespace(x=axis, data=np.stack([Y, Y]), title="absorbance", units="", name="a film")
    module.read_omnic = lambda path: found  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize(
    ("name", "fake", "expected"),
    [("witec", _witio, [2, "raman"]), ("vgd", _vgd, [1, "xps"]), ("omnic", _omnic, [2, "ftir"])],
)
def test_formats_without_a_sample_on_what_their_package_hands_over(
    name: str, fake: Any, expected: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of these may be shared (or its package is not installed): the package is replaced, its interface kept."""
    monkeypatch.setitem(sys.modules, MODULES[name][0], fake())
    path = tmp_path / f"scan{reader_named(name).suffixes[0]}"
    path.write_bytes(MODULES[name][2] + bytes(100))
    scans = bg.read_all(path)
    assert [len(scans), scans[0].technique] == expected
    assert scans[0].source.format == name
    np.testing.assert_array_equal(scans[0].x, X)
    np.testing.assert_array_equal(scans[0].y, Y[::-1] if name != "witec" else Y)


def test_a_package_that_fails_or_leaves_is_our_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(path: str) -> None:
        builtins.print("noise")
        raise SystemExit(path)

    monkeypatch.setitem(sys.modules, "vgd_reader", types.SimpleNamespace(read_vgd=leave))
    path = tmp_path / "scan.vgd"
    path.write_bytes(MODULES["vgd"][2])
    with pytest.raises(bg.InvalidSpectrum, match="SystemExit"):
        bg.read(path)


def test_a_wrong_beginning_under_the_suffix_is_refused(tmp_path: Path) -> None:
    for name in ("wdf", "opus", "nexus"):
        path = tmp_path / f"scan{reader_named(name).suffixes[0]}"
        path.write_bytes(b"\x01\x02" + bytes(100))
        assert reader_named(name).claims(path.read_bytes(), path) == Evidence.SUFFIX
        with pytest.raises(bg.UnknownFormat):
            bg.read(path)
