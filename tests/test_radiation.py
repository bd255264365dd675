from __future__ import annotations

import pytest

from braggite.errors import OptionError
from braggite.radiation import ANODES, radiation_from_wavelengths, radiation_named


@pytest.mark.parametrize("name", ["CuKa", "Cu Ka", "cu k-alpha", "CuKα", "Cu", "CuKa12", "CU_KALPHA"])
def test_spellings_of_the_copper_doublet(name: str) -> None:
    radiation = radiation_named(name)
    # Referent: NIST SRD-128 peak positions
    assert radiation.lines == ((1.5405929, 1.0), (1.5444274, 0.5))
    assert radiation.name == "CuKa"
    assert not radiation.assumed


@pytest.mark.parametrize("element", ANODES)
def test_every_anode_has_its_lines_in_order(element: str) -> None:
    (alpha1, _), (alpha2, _) = radiation_named(f"{element}Ka").lines
    ((beta, _),) = radiation_named(f"{element}Kb").lines
    assert beta < alpha1 < alpha2
    assert radiation_named(f"{element}Ka1").lines == ((alpha1, 1.0),)
    # Referent: K-beta lies 9 to 12 % below K-alpha for these elements (Moseley's law)
    assert 0.88 < beta / alpha1 < 0.915


@pytest.mark.parametrize("name", ["", "X", "XxKa", "CuKa3", "CuL", "1.54"])
def test_unknown_names(name: str) -> None:
    with pytest.raises(OptionError, match="not known"):
        radiation_named(name)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (1.5406, ((1.5406, 1.0),)),
        ("1.5406", ((1.5406, 1.0),)),
        ("1.54056,1.54439", ((1.54056, 1.0), (1.54439, 0.5))),
        ((1.54056, 1.54439), ((1.54056, 1.0), (1.54439, 0.5))),
        ("1.54056:1,1.54439:0.52", ((1.54056, 1.0), (1.54439, 0.52))),
        ("1.0:3, 1.1:2, 1.2:1", ((1.0, 3.0), (1.1, 2.0), (1.2, 1.0))),
    ],
)
def test_wavelengths(given: object, lines: tuple) -> None:
    assert radiation_from_wavelengths(given).lines == lines


@pytest.mark.parametrize("given", [0, -1.5, 200.0, "a", "", "1,2,3", "1:0", "1:1:1", float("nan"), (), "nan"])
def test_impossible_wavelengths(given: object) -> None:
    with pytest.raises(OptionError):
        radiation_from_wavelengths(given)
