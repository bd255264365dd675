"""The manifest: what it may say, and how its mistakes are named."""

from __future__ import annotations

import pytest

from braggite.errors import InvalidSpectrum
from braggite.formation.analysis import GASES
from braggite.formation.elements import formula_mass
from braggite.formation.manifest import read_manifest

HEAD = 'schema = "braggite.series-manifest/1"\n'
FILES = '[[files]]\npath = "a.xy"\nvalue = 600\n[[files]]\npath = "sub/b.xy"\nvalue = 700\nlabel = "hot"\n'
VARIABLE = 'variable = {name = "temperature", unit = "C"}\n'


def manifest(folder, text):
    path = folder / "series.toml"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path)


def test_everything_it_may_say(tmp_path):
    read = manifest(
        tmp_path,
        f'{HEAD}name = "LBT"\nprecursors = ["Li2CO3", "TiO2"]\nelements = ["Ba"]\nwatch = ["li2bati6o14"]\n'
        f'gases = ["CO2"]\n{VARIABLE}start.moles = {{Li2CO3 = 1, TiO2 = 6}}\n{FILES}',
    )
    assert (read.name, read.variable.label, read.variable.kind) == ("LBT", "temperature (°C)", "temperature")
    assert (read.values, read.labels) == ((600.0, 700.0), ("a", "hot"))
    assert [entry.path for entry in read.files] == [tmp_path / "a.xy", tmp_path / "sub" / "b.xy"]
    assert (read.precursors, read.elements, read.watch) == (("Li2CO3", "TiO2"), ("Ba",), ("li2bati6o14",))
    assert (read.start, read.gases) == ({"Li2CO3": 1.0, "TiO2": 6.0}, ("CO2",))


def test_what_it_leaves_out(tmp_path):
    read = manifest(tmp_path, HEAD + FILES)
    assert (read.name, read.gases, read.start, read.variable.kind) == ("series", GASES, None, "other")
    named = manifest(tmp_path, f'{HEAD}[[files]]\npath = "a-1h.xy"\n[[files]]\npath = "a-5h.xy"\n')
    assert (named.variable.label, named.variable.origin, named.values) == ("time (h)", "file names", (1.0, 5.0))


def test_weights_become_moles(tmp_path):
    read = manifest(tmp_path, f"{HEAD}start.weights = {{BaTiO3 = 93, Li2CO3 = 7}}\n{VARIABLE}{FILES}")
    assert read.start == pytest.approx({"BaTiO3": 93 / formula_mass("BaTiO3"), "Li2CO3": 7 / formula_mass("Li2CO3")})


def test_samples_need_no_values(tmp_path):
    read = manifest(tmp_path, f'{HEAD}variable.kind = "sample"\n[[files]]\npath = "a.xy"\n[[files]]\npath = "b.xy"\n')
    assert (read.variable.ordered, read.values) == (False, (0.0, 1.0))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("schema = 1\n", "schema"),
        (HEAD, "files"),
        (f"{HEAD}variables = 1\n{FILES}", "variables"),
        (f'{HEAD}{VARIABLE}[[files]]\npath = "a.xy"\n', "files[0].value"),
        (f'{HEAD}{VARIABLE}[[files]]\npath = "a.xy"\nvalue = "hot"\n', "files[0].value"),
        (f'{HEAD}variable = "temperature"\n{FILES}', "variable"),
        (f'{HEAD}variable = {{name = "T", unit = "C", kind = "heat"}}\n{FILES}', "variable.kind"),
        (f'{HEAD}variable = {{names = "T"}}\n{FILES}', "variable.names"),
        (f"{HEAD}start.grams = {{TiO2 = 1}}\n{FILES}", "start"),
        (f"{HEAD}start.moles = {{TiO2 = -1}}\n{FILES}", "start.moles.TiO2"),
        (f"{HEAD}start.moles = {{Tx = 1}}\n{FILES}", "start.moles"),
        (f'{HEAD}gases = ["air"]\n{FILES}', "gases"),
        (f'{HEAD}[[files]]\npath = "a.xy"\nvalues = 1\n', "files[0].values"),
    ],
)
def test_a_faulty_manifest_is_named_with_its_key(tmp_path, text, complaint):
    with pytest.raises(InvalidSpectrum) as refusal:
        manifest(tmp_path, text)
    assert complaint in refusal.value.message
    assert "series.toml" in refusal.value.message
    assert refusal.value.exit_code == 3
