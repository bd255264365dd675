"""Each verb: its document's shape, its text, its file."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest

import braggite as bg
from braggite.preprocessing.methods import METHODS

ENVELOPE = {"schema", "version", "diagnostics", "options", "provenance"}


def test_info(braggite, mixture):
    outcome = braggite("info", mixture, "--json")
    assert outcome.code == 0
    assert set(outcome.document) >= ENVELOPE
    (row,) = outcome.document["spectra"]
    assert set(row) >= {
        "path",
        "technique",
        "format",
        "scan",
        "n_scans",
        "n_points",
        "x_first",
        "x_last",
        "step_median",
        "x_unit",
        "y_first",
        "y_last",
        "y_max",
        "y_unit",
        "counts",
        "wavelength_angstrom",
    }
    assert (row["technique"], row["n_points"], row["counts"]) == ("xrd", 3251, True)
    (entry,) = outcome.document["provenance"]["inputs"]
    assert entry["path"] == str(mixture)
    assert len(entry["sha256"]) == 64


def test_info_as_text_and_of_several_files(braggite, mixture, bare):
    outcome = braggite("info", mixture, bare)
    assert outcome.out.count("technique   xrd") == 2
    assert "(assumed)" in outcome.out


def test_info_lists_every_scan_and_opens_the_file_once(braggite, tmp_path, monkeypatch):
    path = tmp_path / "regions.csv"
    path.write_text(
        "region,x,y\n" + "".join(f"{name},{x},{x % 7}\n" for name in "AB" for x in range(10, 40)) + "C,1,2\n"
    )
    opened = []
    monkeypatch.setattr("braggite.formats.reading._content", lambda p: opened.append(p) or p.read_bytes())
    outcome = braggite("info", path, "--technique", "xrd", "--json")
    assert outcome.code == 0
    assert len(opened) == 1
    assert [(row["scan"], row["n_scans"], row["n_points"]) for row in outcome.document["spectra"]] == [
        (0, 3, 30),
        (1, 3, 30),
    ]
    codes = [note["code"] for note in outcome.document["diagnostics"]]
    assert codes[:2] == ["several_scans", "scan_refused"]
    assert "1 point" in outcome.document["diagnostics"][1]["message"]


def test_quiet_silences_messages(braggite, bare):
    assert braggite("info", bare, "-q").err == ""


def test_output_goes_to_the_file(braggite, mixture, tmp_path):
    path = tmp_path / "info.json"
    outcome = braggite("info", mixture, "-o", path)
    assert outcome.out == ""
    assert path.read_text(encoding="utf-8").startswith("{")


def test_background(braggite, mixture):
    doc = braggite("background", mixture, "--json").document
    assert doc["schema"] == "braggite.background/1"
    assert len(doc["x"]) == len(doc["y"]) == len(doc["background"]) == 3251
    assert {"method", "converged", "n_iterations"} <= set(doc)
    assert doc["options"]["lam"] > 0


@pytest.mark.parametrize("method", METHODS)
def test_every_background_method(braggite, method, tmp_path):
    x = np.linspace(280.0, 300.0, 401)
    y = 200 + 900 * np.exp(-(((x - 290) / 1.2) ** 2)) + 80 / (1 + np.exp(290 - x))
    file = tmp_path / "c1s.csv"
    noisy = np.random.default_rng(1).poisson(y)
    file.write_text("binding energy (eV),counts\n" + "".join(f"{a:.2f},{b}\n" for a, b in zip(x, noisy, strict=True)))
    outcome = braggite("background", file, "--technique", "xps", "--method", method, "--json")
    assert outcome.code == 0
    assert (outcome.document["method"], outcome.document["converged"]) == (method, True)


def test_background_as_columns(braggite, mixture):
    rows = np.array([line.split("\t") for line in braggite("background", mixture).out.splitlines()], dtype=float)
    assert rows.shape == (3251, 4)
    # Referent: the third column itself, at the eight digits printed of each.
    assert np.allclose(rows[:, 1] - rows[:, 2], rows[:, 3], atol=1e-3)


def test_peaks(braggite, mixture):
    doc = braggite("peaks", mixture, "--json").document
    assert doc["schema"] == "braggite.peaks/1"
    assert doc["unit"] == "deg"
    peak = max(doc["peaks"], key=lambda peak: peak["height"])
    assert {"position", "height", "area", "fwhm", "significance"} <= set(peak)
    assert set(peak["position"]) >= {"value", "su"}


def test_fit(braggite, tmp_path):
    x = np.linspace(30.0, 34.0, 401)
    y = np.round(5000 * np.exp(-(((x - 32.0) / 0.1) ** 2)) + 200)
    path = tmp_path / "line.xy"
    path.write_text("".join(f"{a:.4f} {b:.0f}\n" for a, b in zip(x, y, strict=True)))
    options = ("--technique", "xrd", "--range", "31:33", "--peak", "31.98", "--background", "1", "--model", "gaussian")
    outcome = braggite("fit", path, *options, "--json")
    doc = outcome.document
    assert outcome.code == 0
    assert set(doc) >= ENVELOPE | {"converged", "stop_reason", "at_bound", "statistics", "peaks"}
    assert doc["schema"] == "braggite.fit/1"
    (peak,) = doc["peaks"]
    assert set(peak) == {"position", "area", "height", "fwhm", "shape", "label"}
    assert peak["position"]["value"] == pytest.approx(32.0, abs=1e-4)  # counts are rounded
    assert doc["statistics"]["n_points"] == 201
    text = braggite("fit", path, *options)
    assert text.out.startswith("converged")
    assert "gaussian" in text.out
    assert braggite("fit", path, *options[:-1], "triangle").code == 2
    assert braggite("fit", path, "--technique", "xrd", "--peak", "99").code == 2


def test_a_fit_that_does_not_converge_is_printed_with_exit_1(braggite, mixture, monkeypatch):
    monkeypatch.setattr("braggite.fit_peaks", partial(bg.fit_peaks, max_iterations=1))
    outcome = braggite("fit", mixture, "--range", "29:33", "--json")
    assert outcome.code == 1
    assert outcome.document["converged"] is False
    assert outcome.document["peaks"]


def test_excluded_range_is_left_out(braggite, mixture):
    doc = braggite("peaks", mixture, "--json", "--exclude-range", "29:32").document
    assert not [peak for peak in doc["peaks"] if 29.05 < peak["position"]["value"] < 31.95]
    assert doc["options"]["exclude_range"] == ["29:32"]


def test_references_list_by_chemistry(braggite):
    by_elements = braggite("references", "list", "--elements", "Ba,Ti,O", "--json").document["phases"]
    by_precursors = braggite("references", "list", "--precursors", "BaO,TiO2", "--json").document["phases"]
    assert [phase["name"] for phase in by_elements] == [phase["name"] for phase in by_precursors]
    assert all(set(phase["elements"]) <= {"Ba", "Ti", "O"} for phase in by_elements)
    assert "batio3-tetragonal" in {phase["name"] for phase in by_elements}


def test_references_of_a_group(braggite):
    doc = braggite("references", "list", "--group", "standard", "--json").document
    assert all("standard" in phase["groups"] for phase in doc["phases"])
    assert doc["phases"]
    assert doc["provenance"]["library"]["n_phases"] >= 232


def test_references_show_by_alias(braggite):
    doc = braggite("references", "show", "BTO", "--json").document
    assert doc["schema"] == "braggite.phase/1"
    assert doc["name"] == "batio3-tetragonal"
    text = braggite("references", "show", "BTO").out
    assert "space group  P 4 m m" in text
    assert f"I/Ic         {doc['reference_intensity_ratio']:.2f} (Cu K-alpha)" in text


def test_references_show_bands_with_roles_and_sources(braggite):
    doc = braggite("references", "show", "BTO-cubic", "--json").document
    raman = next(entry for entry in doc["vibrations"] if entry["technique"] == "raman")
    assert [band["role"] for band in raman["bands"]] == ["may", "must_not", "may", "must_not"]
    text = braggite("references", "show", "BTO-cubic").out
    assert re.search(r"307 +303 to 310 +must not +m 0\.3 .*\[2\]", text)
    assert "[2] Perry & Hall" in text
    assert "Raman bands: none; no published band positions" in braggite("references", "show", "li2bati6o14").out


def test_references_list_counts_bands(braggite):
    phases = braggite("references", "list", "--group", "polymer", "--json").document["phases"]
    assert {phase["name"]: phase["n_bands"] for phase in phases}["polystyrene"] == {"raman": 11, "ftir": 17}


def test_a_measured_spectrum_becomes_a_reference(braggite, tmp_path):
    x = np.linspace(100.0, 1200.0, 400)
    y = np.round(50.0 + 900.0 / (1.0 + ((x - 1090.0) / 4.0) ** 2), 3)
    path, library = tmp_path / "powder.txt", tmp_path / "mine"
    path.write_text("#Wave\t#Intensity\n" + "".join(f"{a:.4f}\t{b}\n" for a, b in zip(x, y, strict=True)))
    options = ("--phase", "Li2CO3", "--library", library, "--technique", "raman", "--laser", "532")
    outcome = braggite("references", "add-spectrum", path, *options, "--json")
    assert outcome.code == 0
    assert outcome.document["schema"] == "braggite.references-add-spectrum/1"
    assert outcome.document["file"] == "spectra/raman-532nm.csv"
    text = braggite("references", "show", "li2co3", "--library", library).out
    assert "Raman spectrum: spectra/raman-532nm.csv, 532 nm, as recorded, own measurement, powder.txt" in text
    assert braggite("references", "check", "--library", library, "--only-library").code == 0
    unknown = ("--phase", "no such phase", "--library", library)
    assert "give its formula" in braggite("references", "add-spectrum", path, "--technique", "raman", *unknown).err


def test_references_check(braggite, tmp_path):
    outcome = braggite("references", "check", "--group", "standard", "--json")
    assert outcome.code == 0
    assert outcome.document["ok"] is True


def test_references_check_names_unreadable_files(braggite, tmp_path):
    (tmp_path / "good.cif").write_text(bg.ReferenceLibrary.default()["tio2-rutile"].to_cif(), encoding="utf-8")
    (tmp_path / "broken.cif").write_text("data_x\n", encoding="utf-8")
    outcome = braggite("references", "check", "--library", tmp_path, "--only-library", "--json")
    assert outcome.code == 1
    errors = [finding for finding in outcome.document["findings"] if finding["level"] == "error"]
    assert [finding["check"] for finding in errors] == ["readable"]


def test_a_library_is_built_once_and_searched(braggite, mixture, tmp_path):
    cifs = tmp_path / "cifs"
    cifs.mkdir()
    for name in ("llzo-ta-cubic", "batio3-tetragonal", "licl"):
        (cifs / f"{name}.cif").write_text(bg.ReferenceLibrary.default()[name].to_cif(), encoding="utf-8")
    (cifs / "again.cif").write_text((cifs / "licl.cif").read_text(encoding="utf-8"), encoding="utf-8")
    (cifs / "broken.cif").write_text("data_x\n", encoding="utf-8")
    built = tmp_path / "mine.bgx"
    outcome = braggite("references", "build", "--library", cifs, "--only-library", "-o", built, "--json")
    assert outcome.code == 0
    doc = outcome.document
    assert (doc["schema"], doc["n_phases"], doc["path"]) == ("braggite.references-build/1", 3, str(built))
    assert doc["duplicates"] == [{"name": "licl", "same_as": "again"}]
    assert [left["name"].rsplit("/", 1)[-1] for left in doc["skipped"]] == ["broken.cif"]
    assert "broken.cif" in outcome.err

    arguments = ("identify", mixture, "--library", built, "--only-library", "--require", "batio3-tetragonal", "--json")
    report = braggite(*arguments)
    assert report.code == 0
    assert {phase["name"] for phase in report.document["phases"]} == {"llzo-ta-cubic", "batio3-tetragonal"}
    assert report.document["provenance"]["library"]["n_phases"] == 3
    chosen = braggite("references", "list", "--library", built, "--only-library", "--all-of", "Li", "--none-of", "O")
    assert chosen.code == 0
    assert "again" in chosen.out
    assert "batio3" not in chosen.out
    assert braggite("references", "build").code == 2
    built.write_bytes(built.read_bytes()[:-1])
    refused = braggite(*arguments)
    assert refused.code == 3
    assert refused.document["error"]["where"] == str(built)


def test_a_cif_becomes_a_phase_of_an_own_library(braggite, tmp_path):
    cif = tmp_path / "Mine.cif"
    cif.write_text(bg.ReferenceLibrary.default()["tio2-rutile"].to_cif(), encoding="utf-8")
    folder = tmp_path / "library"
    outcome = braggite("references", "add", cif, "--library", folder, "--group", "own", "--json")
    assert outcome.code == 0
    assert outcome.document["path"] == str(folder / "mine" / "phase.toml")
    again = braggite("references", "add", cif, "--library", folder)
    assert again.code == 3
    listed = braggite("references", "list", "--library", folder, "--only-library", "--json").document
    assert [phase["name"] for phase in listed["phases"]] == ["mine"]


@pytest.mark.parametrize("suffix", [".xy", ".csv", ".json", ".jdx", ".cif"])
def test_convert_writes_what_reads_back(braggite, mixture, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    outcome = braggite("convert", mixture, target, "--json")
    assert outcome.code == 0
    assert set(outcome.document) >= ENVELOPE
    assert outcome.document["written"] == str(target)
    np.testing.assert_array_equal(bg.read(target).y, bg.read(mixture).y)
    assert str(target) in braggite("convert", mixture, target).out


def test_convert_chooses_a_scan_and_refuses_other_suffixes(braggite, tmp_path):
    regions = tmp_path / "regions.csv"
    regions.write_text("".join(f"{name},{280 + i},{i * k}\n" for k, name in ((1, "C1s"), (2, "O1s")) for i in range(9)))
    target = tmp_path / "out.csv"
    assert braggite("convert", regions, target, "--scan", "1", "--technique", "xps").code == 0
    np.testing.assert_array_equal(bg.read(target, technique="xps").y, 2 * np.arange(9))
    assert braggite("convert", regions, tmp_path / "out.docx", "--technique", "xps").code == 2
    assert braggite("convert", regions, target, "--scan", "7").code == 2


def test_simulate_to_a_file_that_reads_back(braggite, tmp_path):
    path = tmp_path / "pattern.xy"
    outcome = braggite("simulate", "LLZO=95", "BTO=5", "-o", path, "--seed", 1, "--from", 20, "--to", 60)
    assert (outcome.code, outcome.out) == (0, "")
    scan = bg.read(path)
    assert (scan.x[0], scan.x[-1], scan.counts) == (20.0, 60.0, True)
    assert not scan.radiation.assumed


def test_simulate_options_reach_the_pattern(braggite):
    def document(*options):
        return braggite("simulate", "LCO", "--from", 15, "--to", 50, "--json", *options).document

    plain, scaled = document(), document("--scale-cell", "LCO=1.01")
    assert document("--seed", 3)["y"] == document("--seed", 3)["y"] != document("--seed", 4)["y"]
    assert plain["x"][int(np.argmax(scaled["y"]))] < plain["x"][int(np.argmax(plain["y"]))]
    assert document("--texture", "LCO=0,0,1,0.7")["y"] != plain["y"]
    assert document("--size", 10)["y"] != plain["y"]


@pytest.mark.parametrize("suffix", [".xye", ".docx"])
def test_simulate_refuses_what_it_cannot_write(braggite, tmp_path, suffix):
    assert braggite("simulate", "BTO", "-o", tmp_path / f"a{suffix}").code == 2


def test_match_exports_and_draws(braggite, mixture, tmp_path):
    folder, picture = tmp_path / "out", tmp_path / "fit.png"
    phases = ("--phase", "llzo-ta-cubic", "--phase", "batio3-tetragonal")
    outcome = braggite("match", mixture, *phases, "--export", folder, "--plot", picture, "--scale", "sqrt", "--json")
    assert outcome.code == 0
    written = outcome.document["written"]
    assert {name.rpartition(".")[2] for name in written} == {"xy", "cif", "inp", "xye", "png"}
    assert set(written) == {str(path) for path in (*folder.iterdir(), picture)}
    assert outcome.err.count("wrote ") == len(written)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert outcome.document["options"]["radius_mm"] == bg.MatchOptions().radius_mm
    assert braggite("match", mixture, *phases, "--json").document["written"] == []


def test_match_of_phases_without_atoms(braggite, mixture, tmp_path):
    cif = tmp_path / "titanate.cif"
    phase = bg.Phase.from_cell("titanate", (3.9945, 4.0335), "P 4 m m")
    cif.write_text(phase.to_cif(), encoding="utf-8")
    given = ("--phase", "garnet:I a -3 d:12.95", "--phase", cif)
    outcome = braggite("match", mixture, *given, "--method", "pawley", "--json")
    assert outcome.code == 0
    garnet, titanate = outcome.document["phases"]
    assert (garnet["name"], titanate["name"]) == ("garnet", "titanate")
    assert (garnet["formula"], garnet["weight_fraction"]) == ("", None)
    truth = bg.ReferenceLibrary.default()["llzo-ta-cubic"].structure.cell.a_angstrom * 1.0008
    # Simulated truth, and the aim of all matches.
    assert garnet["cell"]["a_angstrom"]["value"] == pytest.approx(truth, rel=50e-6)
    refused = braggite("match", mixture, *given, "--json")
    assert refused.code == 3
    assert "only the cell is known" in refused.document["error"]["message"]
    assert "pawley" in refused.document["error"]["suggestion"]


def test_a_blank_is_subtracted_before_anything_else(braggite, mixture, scan_file):
    scan = bg.read(mixture)
    level = np.round(40.0 + 400.0 * np.exp(-(((scan.x - 22.0) / 4.0) ** 2)))
    empty, held = scan_file(scan.x, level, "empty.xy"), scan_file(scan.x, scan.y + 0.5 * level, "held.xy")
    phases = ("--phase", "llzo-ta-cubic", "--phase", "batio3-tetragonal", "--wavelength", "1.54056,1.54439")
    outcome = braggite("match", held, *phases, "--blank", empty, "--blank-factor", "0.5", "--json")
    assert outcome.code == 0
    (note,) = [note for note in outcome.document["diagnostics"] if note["code"] == "blank_subtracted"]
    assert note["value"] == 0.5
    assert outcome.document["options"]["blank"] == str(empty)
    found = outcome.document["phases"][1]["weight_fraction"]
    plain = braggite("match", mixture, *phases, "--json").document["phases"][1]["weight_fraction"]
    # The scan as it was before the holder's was added, but for the noise that is reckoned with.
    assert abs(found["value"] - plain["value"]) < 2.0 * plain["su"]
    subtracted = ("--blank", empty, "--blank-factor", "0.5", "--wavelength", "1.54056,1.54439")
    report = braggite("identify", held, "--elements", "Ba,Ti,O,Li,La,Zr,Ta", *subtracted, "--json")
    assert "blank_subtracted" in {note["code"] for note in report.document["diagnostics"]}
    alone = braggite("match", mixture, *phases, "--blank-factor", "0.5")
    assert alone.code == 2
    assert "--blank-factor needs a --blank" in alone.err
    absent = braggite("match", mixture, *phases, "--blank", empty.with_name("nothing.xy"))
    assert absent.code == 3


def test_match_of_lines(braggite, mixture, tmp_path):
    phases = ("--phase", "llzo-ta-cubic", "--phase", "batio3-tetragonal", "--method", "lines")
    outcome = braggite("match", mixture, *phases, "--json")
    assert (outcome.code, outcome.document["schema"]) == (0, "braggite.match/1")
    garnet = outcome.document["phases"][0]
    edge, truth = garnet["cell"]["a_angstrom"], bg.ReferenceLibrary.default()["llzo-ta-cubic"].structure.cell.a_angstrom
    # Simulated truth, four standard uncertainties.
    assert abs(edge["value"] - 1.0008 * truth) < 4.0 * edge["su"]
    assert outcome.document["statistics"]["rwp_percent"] is None
    assert len(garnet["matched"]) > 20
    assert {line["status"] for line in garnet["reflections"]} <= {"matched", "missing", "wrong_intensity", "not_seen"}
    text = braggite("match", mixture, *phases)
    assert "converged: converged" in text.out
    assert "M20" in text.out
    refused = braggite("match", mixture, *phases, "--export", tmp_path)
    assert refused.code == 2
    assert "no profile" in refused.err
    garnet_alone = braggite("match", mixture, "--phase", "mgo", "--method", "lines")
    assert garnet_alone.code == 1
    assert "NOT CONVERGED" in garnet_alone.out


def test_an_internal_standard(braggite, mixture):
    phases = ("--phase", "llzo-ta-cubic", "--phase", "batio3-tetragonal")
    outcome = braggite("match", mixture, *phases, "--internal-standard", "BTO=0.04", "--json")
    assert (outcome.code, outcome.document["basis"]) == (0, "total")
    assert outcome.document["options"]["internal_standard"] == ["BTO", 0.04]
    # 5 of 100 crystalline parts are BaTiO3; that these are 4 % of the specimen leaves a fifth of it amorphous.
    rest = outcome.document["amorphous_fraction"]
    assert rest["value"] == pytest.approx(0.2, abs=3.0 * rest["su"])
    text = braggite("match", mixture, *phases, "--internal-standard", "BTO=0.04").out
    assert "amorphous or unidentified: " in text
    elements = ("--elements", "Li,La,Zr,Ta,O")
    report = braggite("identify", mixture, *elements, "--internal-standard", "batio3-tetragonal=0.04", "--json")
    assert report.code == 0
    assert {entry["basis"] for entry in report.document["phases"]} == {"total"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("BTO", "is not P=FRACTION"), ("=0.1", "is not P=FRACTION"), ("BTO=x", "is not P=FRACTION"),
     ("BTO=1.5", "between 0 and 1"), ("mgo=0.1", "none of the phases")],
)  # fmt: skip
def test_an_internal_standard_that_makes_no_sense_is_refused(braggite, mixture, text, message):
    outcome = braggite("match", mixture, "--phase", "BTO", "--internal-standard", text)
    assert outcome.code == 2
    assert message in outcome.err


def test_an_internal_standard_needs_amounts(braggite, mixture):
    given = ("--phase", "BTO", "--method", "pawley", "--internal-standard", "BTO=0.1")
    outcome = braggite("match", mixture, *given)
    assert outcome.code == 2
    assert "internal_standard means nothing to free strengths" in outcome.err


def test_match_lets_strain_go_with_direction(braggite, mixture):
    arguments = ("match", mixture, "--phase", "tio2-rutile", "--anisotropic-strain")
    document = braggite(*arguments, "tio2-rutile", "--json").document
    told = [note for note in document["diagnostics"] if note["code"].startswith("anisotropic_strain")]
    assert [note["where"] for note in told] == ["tio2-rutile"]
    kept = told[0]["code"] == "anisotropic_strain"
    assert ("tio2-rutile.strain_s400" in document["parameters"]) == kept
    assert document["options"]["anisotropic_strain"] == ["tio2-rutile"]
    refused = braggite(*arguments, "mgo", "--json")
    assert refused.code == 2
    assert "mgo" in refused.document["error"]["message"]


def test_match_gives_every_element_its_displacement_factor(braggite, mixture):
    arguments = ("match", mixture, "--phase", "tio2-rutile", "--json", "--displacement-factors")
    own = braggite(*arguments, "elements").document
    assert own["options"]["displacement_factors"] == "elements"
    assert own["parameters"]["tio2-rutile.b_iso_ti_angstrom2"]["su"] > 0.0
    assert not [name for name in braggite(*arguments, "reference").document["parameters"] if "_b_" in name]
    refused = braggite(*arguments, "elements", "--method", "pawley")
    assert (refused.code, refused.document["error"]["where"]) == (2, "displacement_factors")


def test_match_says_what_its_background_is_made_of(braggite, mixture):
    one = ("match", mixture, "--phase", "tio2-rutile", "--json")
    given = braggite(*one, "--background", "chebyshev", "--background-order", 4).document["options"]
    assert (given["background"], given["background_order"]) == ("chebyshev", 4)
    assert braggite(*one, "--background", "spline").document["options"]["background"] == "spline"


def test_match_says_what_shifts_the_pattern(braggite, mixture):
    arguments = ("match", mixture, "--phase", "tio2-rutile", "--json", "--offset", "both", "--transparency", "0.1")
    document = braggite(*arguments).document
    assert {"zero_deg", "displacement_mm", "transparency_mm"} <= set(document["parameters"])
    assert document["options"]["offset"] == "both"
    assert document["options"]["transparency_sd_mm"] == 0.1


def test_match_refuses_a_picture_it_cannot_draw(braggite, mixture, tmp_path):
    outcome = braggite("match", mixture, "--phase", "tio2-rutile", "--plot", tmp_path / "fit.docx")
    assert outcome.code == 2
    assert ".png .pdf .svg" in outcome.err
