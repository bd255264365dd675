"""``match``, ``identify``, ``report`` and ``demo`` with the real engine, on few candidates."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import braggite as bg
from braggite.formats.write import write
from scenarios import corundum

CANDIDATES = ("--elements", "Al,O")


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    return write(corundum().spectrum, tmp_path_factory.mktemp("corundum") / "corundum.xy")


@pytest.fixture(scope="module")
def sample_file(scan):
    path = scan.with_name("sample.toml")
    path.write_text(
        'schema = "braggite.sample/1"\nname = "alumina"\nelements = ["Al", "O"]\nwatch = ["al2o3-gamma"]\n'
        f'[[files]]\npath = "{scan.name}"\nradiation = "CuKa"\n',
        encoding="utf-8",
    )
    return path


def test_match(braggite, scan):
    outcome = braggite("match", scan, "--phase", "al2o3-corundum", "--json")
    doc = outcome.document
    assert (outcome.code, doc["schema"], doc["converged"]) == (0, "braggite.match/1", True)
    assert set(doc["statistics"]) == {
        "rwp_percent",
        "rp_percent",
        "rexp_percent",
        "gof",
        "n_points",
        "n_free",
        "durbin_watson",
    }
    (phase,) = doc["phases"]
    assert set(phase) == {
        "name",
        "formula",
        "space_group",
        "cell",
        "weight_fraction",
        "weight_fraction_range",
        "microstructure",
        "derived",
        "r_bragg_percent",
        "reflections",
    }
    line = {"h", "k", "l", "d_angstrom", "two_theta_deg", "intensity", "multiplicity", "resolved", "group"}
    assert set(phase["reflections"][0]) == line
    assert doc["parameters"]
    # Referent: the cell the scan was simulated with; three standard uncertainties.
    edge, truth = phase["cell"]["a_angstrom"], bg.ReferenceLibrary.default()["al2o3-corundum"].structure.cell.a_angstrom
    assert abs(edge["value"] - truth) < 3 * edge["su"]


def test_identify(braggite, scan):
    outcome = braggite("identify", scan, *CANDIDATES, "--watch", "al2o3-gamma", "--json")
    doc = outcome.document
    assert (outcome.code, doc["schema"]) == (0, "braggite.phase-report/1")
    assert doc["phases"][0]["name"] == "al2o3-corundum"
    assert doc["phases"][0]["verdict"] == "present"
    assert [phase["name"] for phase in doc["watched"]] == ["al2o3-gamma"]
    assert doc["watched"][0]["counting_time"] is None
    candidates = doc["candidates"]
    named = {entry["name"] for key in ("rejected", "failed") for entry in candidates[key]}
    assert candidates["considered"] == len(bg.ReferenceLibrary.default().filter(elements="Al O"))
    assert not named & {phase["name"] for phase in doc["phases"]}
    assert doc["provenance"]["library"]["n_phases"] == len(bg.ReferenceLibrary.default())
    assert doc["options"]["command"]["elements"] == "Al,O"


def test_required_phase_present_and_absent(braggite, scan):
    assert braggite("identify", scan, *CANDIDATES, "--require", "al2o3-corundum", "-q").code == 0
    outcome = braggite("identify", scan, *CANDIDATES, "--require", "alooh-boehmite", "--json")
    assert outcome.code == 5
    assert outcome.document["schema"] == "braggite.phase-report/1"
    assert "alooh-boehmite" in outcome.err


def test_a_fit_that_did_not_converge_is_exit_1_with_its_document(braggite, scan, monkeypatch):
    whole = bg.identify

    def halted(*arguments, **options):
        report = whole(*arguments, **options)
        fits = tuple(fit and replace(fit, converged=False, stop_reason="iteration limit") for fit in report.fits)
        return replace(report, fits=fits)

    monkeypatch.setattr(bg, "identify", halted)
    outcome = braggite("identify", scan, *CANDIDATES, "--json")
    assert outcome.code == 1
    assert outcome.document["phases"]
    assert "iteration limit" in outcome.err


def test_excluded_phase_is_never_considered(braggite, scan):
    doc = braggite("identify", scan, *CANDIDATES, "--exclude", "al2o3-corundum", "--json").document
    assert "al2o3-corundum" not in json.dumps({key: doc[key] for key in ("phases", "candidates", "hypotheses")})


def test_own_library_alone(braggite, scan, tmp_path):
    cif = tmp_path / "mine.cif"
    cif.write_text(bg.ReferenceLibrary.default()["al2o3-corundum"].to_cif(), encoding="utf-8")
    doc = braggite("identify", scan, "--library", cif, "--only-library", "--json").document
    assert [phase["name"] for phase in doc["phases"]] == ["mine"]
    assert doc["candidates"]["considered"] == 1


def test_strict_refuses_an_assumed_wavelength(braggite, bare):
    assert braggite("identify", bare, "--strict", "--json").code == 3


@pytest.mark.parametrize(
    ("suffix", "start"), [(".html", "<!doctype"), (".txt", "alumina: "), (".json", "{"), (".pdf", "%PDF")]
)
def test_report_by_suffix(braggite, sample_file, tmp_path, suffix, start):
    path = tmp_path / f"report{suffix}"
    outcome = braggite("report", sample_file, "-o", path)
    assert outcome.code == 0
    assert outcome.out == ""
    assert path.read_bytes().decode("utf-8", "replace").startswith(start)


def test_report_prints_the_document_beside_the_page(braggite, sample_file, tmp_path):
    doc = braggite("report", sample_file, "-o", tmp_path / "report.html", "--json").document
    assert doc["sample"] == "alumina"
    assert [phase["name"] for phase in doc["watched"]] == ["al2o3-gamma"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("schema = 1", "schema"),
        ('schema = "braggite.sample/1"', "files"),
        ('schema = "braggite.sample/1"\nelement = []\n[[files]]\npath = "a"', "element"),
        ('schema = "braggite.sample/1"\nelements = "Al"\n[[files]]\npath = "a"', "elements"),
        ('schema = "braggite.sample/1"\n[[files]]\nname = "a"', "files[0].path"),
        ('schema = "braggite.sample/1"\n[[files]]\npath = "a"\nwavelength = 1.5', "files[0].wavelength"),
        ('schema = "braggite.sample/1"\n[[files]]\npath = "a"\nwavelength_angstrom = "Cu"', "wavelength_angstrom"),
        ('schema = "braggite.sample/1"\n[[files]]\npath = "a"\ntechnique = "nmr"', "technique"),
        ('schema = "braggite.sample/1"\n[[files]]\npath = "a"\nscan = "first"', "scan"),
        ("not toml", "TOML"),
    ],
)
def test_faulty_sample_file_is_exit_3_and_named(braggite, tmp_path, text, complaint):
    path = tmp_path / "sample.toml"
    path.write_text(text, encoding="utf-8")
    outcome = braggite("report", path, "--json")
    assert outcome.code == 3
    assert complaint in outcome.document["error"]["message"]


def test_demo_writes_a_page_and_prints_the_phases(braggite, monkeypatch, tmp_path):
    from braggite.examples import Example

    example = Example(write(corundum().spectrum, tmp_path / "alumina.xy"), "Al,O", (), {})
    monkeypatch.setattr("braggite.examples.example_scans", lambda: (example,))
    outcome = braggite("demo", "--output-dir", tmp_path / "pages")
    assert outcome.code == 0
    assert "al2o3-corundum" in outcome.out
    page = tmp_path / "pages" / "report.html"
    assert str(page) in outcome.out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_all_that_could_have_formed_is_watched_in_one_sample_but_not_in_a_series(braggite, scan):
    doc = braggite("identify", scan, *CANDIDATES, "--watch", "auto", "--json").document
    assert "al2o3-corundum" in [phase["name"] for phase in doc["watched"]]
    assert len(doc["watched"]) > 1
    assert braggite("series", scan, scan, *CANDIDATES, "--watch", "auto", "--json").code != 0
