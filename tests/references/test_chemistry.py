"""Which phases a chemistry admits."""

from __future__ import annotations

import numpy as np
import pytest

from braggite import OptionError, ReferenceLibrary
from braggite.references.chemistry import Chemistry
from braggite.references.line_index import element_bits

ASKED = [
    {},
    {"elements": "Li Ba Ti O"},
    {"all_of": "Li,O"},
    {"any_of": "Cl Br S"},
    {"none_of": "O"},
    {"elements": "Li O C Ti", "all_of": "Li", "any_of": "C Ti", "none_of": "H"},
    {"precursors": "Li2CO3,BaO,TiO2"},
]


@pytest.mark.parametrize("asked", ASKED)
def test_bits_admit_what_sets_admit(asked: dict[str, str]) -> None:
    chemistry = Chemistry.of(**asked)
    library = ReferenceLibrary.default()
    bits = np.array([element_bits(phase.elements) for phase in library])
    admitted = chemistry.admits_bits(bits)
    assert admitted.tolist() == [chemistry.admits(phase.elements) for phase in library]
    assert admitted.any()


def test_precursors_allow_their_elements_and_oxygen() -> None:
    """Oxygen may enter, so barium titanate forms from the metals; gases may leave, so carbon need not stay."""
    library = ReferenceLibrary.default()
    metals = library.filter(precursors="Ba,Ti")
    assert {"batio3-tetragonal", "tio2-rutile"} <= set(metals.names)
    assert library.filter(precursors="BaCO3,TiO2", none_of="C").names == metals.names
    both = library.filter(elements="Li", precursors="Ba,Ti")
    assert both.names == library.filter(elements="Li Ba Ti O").names


@pytest.mark.parametrize(
    "asked",
    [{"all_of": "Xx"}, {"any_of": ""}, {"all_of": "Li", "none_of": "Li"}, {"any_of": "S", "none_of": "S"},
     {"precursors": "Li2CO3,"}, {"precursors": []}],
)  # fmt: skip
def test_what_makes_no_chemistry_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(OptionError):
        Chemistry.of(**asked)
