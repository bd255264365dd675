"""What file names tell, and what they do not."""

from __future__ import annotations

import pytest

from braggite.errors import OptionError
from braggite.formation.series import described
from braggite.formation.variable import Variable, guessed_variable, parsed_variable, stated_variable


@pytest.mark.parametrize(
    ("names", "variable", "values"),
    [
        (["LBT-600C", "LBT-1050C"], Variable("temperature", "°C", "temperature", "file names"), [600.0, 1050.0]),
        (["a_300K", "a_500K"], Variable("temperature", "K", "temperature", "file names"), [300.0, 500.0]),
        (["mill 2h x", "mill 10h x"], Variable("time", "h", "time", "file names"), [2.0, 10.0]),
        (["LZ-0p5BTO", "LZ-2BTO"], Variable("BTO", "", "other", "file names"), [0.5, 2.0]),
        (["S1_900C", "S1_950C"], Variable("temperature", "°C", "temperature", "file names"), [900.0, 950.0]),
        (["x=0.25", "x=0.5"], Variable("x", "", "other", "file names"), [0.25, 0.5]),
        (["scan1", "scan2"], Variable("scan", "", "other", "file names"), [1.0, 2.0]),
    ],
)
def test_one_number_that_differs_is_the_variable(names, variable, values):
    assert guessed_variable(names) == (variable, values)


@pytest.mark.parametrize(
    "names",
    [
        ["one", "two"],
        ["600C", "600C"],
        ["S1_900C", "S2_950C"],
        ["LBT-600C", "LBT-done"],
        ["LZ-1BTO", "LZ-1BTO-trace"],
        ["only-600C"],
    ],
)
def test_anything_else_leaves_the_order_of_the_files(names):
    variable, values = guessed_variable(names)
    assert (variable.origin, variable.ordered) == ("order", False)
    assert values == [float(i) for i in range(len(names))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("temperature:C", Variable("temperature", "°C", "temperature")),
        ("T:K", Variable("T", "K", "temperature")),
        ("time:h", Variable("time", "h", "time")),
        ("BTO:wt%", Variable("BTO", "wt%", "composition")),
        ("x", Variable("x", "", "composition")),
        ("pressure:MPa", Variable("pressure", "MPa", "other")),
        ("temperature", Variable("temperature", "", "temperature")),
    ],
)
def test_a_stated_variable_gets_its_kind_from_its_unit(text, expected):
    assert parsed_variable(text) == expected


def test_the_kind_can_be_stated():
    assert stated_variable("Li2CO3", "wt%", "other").kind == "other"
    with pytest.raises(OptionError, match=r"kind 'heat'"):
        stated_variable("T", "K", "heat")


def test_values_must_fit_the_scans():
    with pytest.raises(OptionError, match="2 values for 3 scans"):
        described(["a", "b", "c"], [1.0, 2.0], "time:h")
    with pytest.raises(OptionError, match="do not tell the time"):
        described(["a", "b"], None, "time:h")
    with pytest.raises(OptionError, match="names no variable"):
        described(["a", "b"], [1.0, 2.0], ":h")


def test_a_value_is_written_with_its_unit():
    assert parsed_variable("temperature:C").text(700.0) == "700 °C"
    assert parsed_variable("temperature:C").between(700.0, 750.0) == "between 700 and 750 °C"
    assert parsed_variable("x").text(0.25) == "x 0.25"
    assert parsed_variable("BTO:wt%").between(0.0, 0.5) == "between BTO 0 and 0.5 wt%"
