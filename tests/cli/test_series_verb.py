"""``braggite series``: files, manifests, outputs and exit codes."""

from __future__ import annotations

import pytest

from braggite.formats.write import write
from scenarios import corundum, reaction_product

ELEMENTS = ("--elements", "Li,Ba,Ti,O")
LBT = "li2bati6o14"


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Two scans of Li2BaTi6O14 with what is left over, named as if one were taken after an hour, one after five."""
    folder = tmp_path_factory.mktemp("series")
    return [write(reaction_product(seed).spectrum, folder / f"LBT-{hours}h.xy") for seed, hours in ((3, 1), (4, 5))]


@pytest.fixture(scope="module")
def manifest(scans):
    path = scans[0].with_name("series.toml")
    path.write_text(
        'schema = "braggite.series-manifest/1"\nname = "LBT"\nelements = ["Li", "Ba", "Ti", "O"]\n'
        f'watch = ["{LBT}"]\nvariable = {{name = "time", unit = "h"}}\n'
        f'[[files]]\npath = "{scans[0].name}"\nvalue = 1\n[[files]]\npath = "{scans[1].name}"\nvalue = 5\n',
        encoding="utf-8",
    )
    return path


def test_files_and_their_names(braggite, scans):
    outcome = braggite("series", *scans, *ELEMENTS, "--watch", LBT, "--require", "BTO", "--json")
    doc = outcome.document
    assert (outcome.code, doc["schema"]) == (0, "braggite.series/1")
    assert doc["variable"] == {"name": "time", "unit": "h", "kind": "time", "origin": "file names"}
    assert [point["value"] for point in doc["points"]] == [1.0, 5.0]
    assert [answer["outcome"] for answer in doc["answers"]] == ["present_throughout", "present_throughout"]
    assert len(doc["provenance"]["inputs"]) == 2
    assert doc["options"]["command"]["elements"] == "Li,Ba,Ti,O"
    assert "variable_guessed" in outcome.err


def test_a_manifest_and_its_pictures(braggite, manifest, tmp_path):
    for suffix, start in ((".csv", b"label,"), (".html", b"<!doctype"), (".txt", b"LBT: 2 scans"), (".json", b"{")):
        target = tmp_path / f"out{suffix}"
        outcome = braggite("series", manifest, "-o", target, "--plot", tmp_path / "plot.png")
        assert (outcome.code, outcome.out) == (0, "")
        assert target.read_bytes().startswith(start)
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_document_beside_the_page(braggite, manifest, tmp_path):
    doc = braggite("series", manifest, "-o", tmp_path / "out.html", "--json").document
    assert doc["name"] == "LBT"
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!doctype")


def test_a_required_phase_that_is_in_no_scan_is_exit_5(braggite, manifest):
    outcome = braggite("series", manifest, "--require", "bati4o9", "--json")
    assert outcome.code == 5
    assert "bati4o9" in outcome.err
    assert "bati4o9" in {answer["phase"] for answer in outcome.document["answers"]}


def test_a_broken_scan_is_a_point_and_strictly_exit_1(braggite, scans, tmp_path):
    broken = tmp_path / "LBT-9h.xy"
    broken.write_text("no numbers\n", encoding="utf-8")
    outcome = braggite("series", *scans, broken, *ELEMENTS, "--json")
    assert (outcome.code, [point["status"] for point in outcome.document["points"]]) == (0, ["ok", "ok", "failed"])
    assert "scan_failed" in outcome.err
    assert braggite("series", *scans, broken, *ELEMENTS, "--strict", "-q").code == 1
    assert braggite("series", broken, broken, *ELEMENTS, "--json").code == 3


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--values", "1"), "1 values for 2 scans"),
        (("--values", "1,two"), "--values"),
        (("--values", "1,2", "--variable", ":C"), "names no variable"),
        (("--start", "TiO2"), "--start"),
        (("--start", "Xx=1"), "Xx"),
        (("--gases", "air"), "air"),
        (("-o", "series.docx"), ".docx"),
        (("--plot", "series.docx"), ".docx"),
        (("--watch", LBT, "--exclude", LBT), "excluded"),
    ],
)
def test_usage_is_exit_2(braggite, scans, arguments, complaint):
    outcome = braggite("series", *scans, *ELEMENTS, *arguments)
    assert outcome.code == 2
    assert complaint in outcome.err


def test_one_scan_and_a_manifest_beside_files_are_usage(braggite, scans, manifest):
    assert braggite("series", scans[0]).code == 2
    assert braggite("series", manifest, scans[0]).code == 2
    assert braggite("series", manifest, "--values", "1,2").code == 2


def test_options_stand_over_the_manifest(braggite, manifest):
    doc = braggite("series", manifest, "--variable", "x", "--start", "TiO2=6,BaO=1,Li2O=1", "--json").document
    assert doc["variable"]["kind"] == "composition"
    assert doc["reaction"]["status"] == "not_asked"
    assert doc["options"]["start"] == {"TiO2": 6.0, "BaO": 1.0, "Li2O": 1.0}


def test_nothing_found_is_an_answer(braggite, tmp_path):
    files = [write(corundum(seed).spectrum, tmp_path / f"a-{seed}h.xy") for seed in (1, 2)]
    outcome = braggite("series", *files, "--elements", "Na,Cl", "--plot", tmp_path / "p.png")
    assert outcome.code == 0
    assert "No phase was found" in outcome.out
    assert not (tmp_path / "p.png").exists()
