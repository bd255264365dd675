"""Input that cannot be matched is answered clearly, and never with a wrong "converged"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from validation.whole_pattern.bad_input import CASES, METHODS, NOT_MET, TWENTY, Bad, answer

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Callable

methods = pytest.mark.parametrize("match", METHODS, ids=lambda match: match.__name__)


@methods
@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_bad_input_is_answered(match: Callable[..., bg.MatchResult], bad: Bad) -> None:
    if bad.error is not None:
        with pytest.raises(bg.BraggiteError, match=bad.error):
            match(bad.scan(), bad.phases())
        return
    result = match(bad.scan(), bad.phases())
    assert not result.converged
    assert result.stop_reason in NOT_MET
    if match is not bg.match_structure:
        assert bad.note in {note.code for note in result.diagnostics}
    if bad.note == "cell_not_determined" and match is not bg.match_structure:
        assert result.phases[0].cell["a_angstrom"].su is None, "a cell from noise is not known"


@methods
def test_twenty_phases_at_once(match: Callable[..., bg.MatchResult]) -> None:
    assert answer(TWENTY, match).right
