"""Composition from cells: the published points themselves, ranges, flags, and that nothing else gets a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from braggite.references import ReferenceLibrary
from braggite.references.cell_relations import _table, cell_line, derived_quantities, student_over_normal
from braggite.values import Value

LIBRARY = ReferenceLibrary.default().for_diffraction()


def derived(name, **cell):
    numbers = {
        f"{key}_angstrom": value if isinstance(value, Value) else Value(value, 0.0005) for key, value in cell.items()
    }
    return {quantity.symbol: quantity for quantity in derived_quantities(LIBRARY[name], numbers)}


def _number(value):
    return value if isinstance(value, Value) else Value(value, 0.0005)


@pytest.mark.parametrize("index", range(2))
def test_published_cells_come_back_within_the_scatter(index):
    entry = _table()["relations"][index]
    line = cell_line(entry["points"])
    found = [line.composition(Value(cell, 0.0)) for _, cell, _ in entry["points"]]
    assert all(line.reaches(x) for x in found)
    misses = [(x.value - point[0]) * line.slope / line.scatter for x, point in zip(found, entry["points"], strict=True)]
    # Least squares: the sum of the squares is that of n - 2 degrees of freedom.
    assert sum(miss**2 for miss in misses) == pytest.approx(len(misses) - 2)
    assert max(abs(x.value - point[0]) / x.su for x, point in zip(found, entry["points"], strict=True)) < 3.0


@pytest.mark.parametrize("freedom", [2, 3, 5, 16, 100])
def test_few_points_widen_the_scatter(freedom):
    from scipy import stats

    # Referent: scipy's Student and normal points; the expansion is 3 % low at two degrees of freedom.
    assert student_over_normal(freedom) == pytest.approx(stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975), rel=0.04)


def test_every_fact_states_where_it_is_from():
    for kind in ("relations", "ratios", "flags"):
        for entry in _table()[kind]:
            assert len(entry["origin"]) > 20
            assert entry["status"] in ("read", "recalled", "estimated")
            assert all(len(point[2]) > 10 for point in entry.get("points", ()))


def test_tantalum_of_a_garnet():
    found = derived("llzo-ta-cubic", a=12.9445)["x(Ta)"]
    # Referent: the composition of the reference itself, Li6.5La3Zr1.5Ta0.5O12.
    assert abs(found.value.value - 0.5) < 2 * found.value.su
    assert 0.08 < found.value.su < 0.11
    assert "only substituent" in found.assumption
    assert "10.1039/c2jm31413d" in found.source


def test_lithium_of_the_cobaltate():
    assert abs(derived("licoo2-layered", a=2.815, c=14.0516)["x(Li)"].value.value - 1.0) < 0.05
    found = derived("licoo2-layered", a=2.81, c=14.30)["x(Li)"].value
    assert 0.48 < found.value < 0.68


@pytest.mark.parametrize(
    ("name", "cell"), [("llzo-ta-cubic", {"a": 12.84}), ("licoo2-layered", {"a": 2.81, "c": 14.46})]
)
def test_outside_the_range_there_is_no_number(name, cell):
    (found,) = derived(name, **cell).values()
    assert found.value is None
    assert "outside the cells of the relation" in found.flag


def test_the_uncertainty_of_the_cell_adds_to_the_scatter():
    sure, vague = (derived("llzo-ta-cubic", a=Value(12.95, su))["x(Ta)"].value.su for su in (0.0, 0.02))
    assert vague > 2 * sure


@pytest.mark.parametrize(
    ("name", "a", "flags"),
    [
        ("llzo-cubic", 12.972, set()),
        ("llzo-cubic", 13.06, {"H+/Li+"}),
        ("llzo-cubic", 12.93, {"substituted"}),
        ("llzo-ta-cubic", 13.03, {"H+/Li+", "x(Ta)"}),
        ("llzo-al-cubic", 12.963, {"x(Al)"}),
        ("llzo-ga-cubic", 12.97, {"x(Ga)"}),
        ("llzo-ga-cubic", 13.05, {"x(Ga)", "H+/Li+"}),
    ],
)
def test_what_garnets_are_flagged_for(name, a, flags):
    found = derived(name, a=a)
    assert {symbol for symbol, quantity in found.items() if quantity.flag} == flags
    assert all(quantity.value is None for symbol, quantity in found.items() if quantity.flag)


def test_an_uncertain_cell_is_not_flagged():
    assert derived("llzo-cubic", a=Value(13.02, 0.02)) == {}


def test_tetragonality():
    coarse, fine = (
        derived("batio3-tetragonal", a=3.994, c=4.034)["c/a"],
        derived("batio3-tetragonal", a=4.0, c=4.016)["c/a"],
    )
    assert coarse.value.value == pytest.approx(4.034 / 3.994)
    assert coarse.flag is None
    assert "fine grains" in fine.flag
    assert 0.0 < fine.value.su < 0.001


def test_other_phases_and_unknown_cells_get_nothing():
    for phase in LIBRARY:
        if phase.name not in ("batio3-tetragonal", "licoo2-layered") and "llzo" not in phase.name:
            assert (
                derived_quantities(
                    phase, {key: Value(value, 0.001) for key, value in phase.structure.cell.to_dict().items()}
                )
                == ()
            )
    assert derived_quantities(LIBRARY["llzo-ta-cubic"], None) == ()
    assert derived_quantities(LIBRARY["llzo-ta-cubic"], {}) == ()
    assert derived_quantities(replace(LIBRARY["llzo-ta-cubic"], structure=None), {"a_angstrom": Value(12.9)}) == ()


def test_a_match_shows_it_and_prints_it():
    import braggite as bg
    from scenarios import garnet_with_titanate

    result = bg.match_structure(
        garnet_with_titanate().spectrum, [LIBRARY["llzo-ta-cubic"], LIBRARY["batio3-tetragonal"]]
    )
    garnet, titanate = result.to_dict()["phases"]
    assert [entry["symbol"] for entry in garnet["derived"]] == ["x(Ta)"]
    assert [entry["symbol"] for entry in titanate["derived"]] == ["c/a"]
    from braggite.reporting.text import match_text

    assert "From the cells (shown, never used for a verdict)\n  llzo-ta-cubic: x(Ta) 0." in match_text(result)
