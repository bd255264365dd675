"""The quick way through a regular table against the slow way: the same table, or the same fault."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import braggite as bg
from braggite.formats import text_table
from braggite.formats.text_table import read_table

NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.floats(-1e6, 1e6).map(repr),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["1.", ".5", "+3", "1e5", "1E-3", "1D3", "-0", "1e999", "--", "1_0", "٣", "x", "", "1 2"]),
)
PLAIN = st.floats(-1e9, 1e9).map(repr)
SEPARATORS = st.sampled_from([" ", "  ", "\t", ",", ", ", ";", " ; ", "\t\t", " \t"])
HEADERS = st.sampled_from(["", "# 2theta intensity\n", "title\n/* 1 2\n3 4 */\n", "x,y\n", "a;b;c\n", "3\n", "\n\n"])
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\r\r\n", "\n\n"])
TAILS = st.sampled_from(["", "\n", "\n\n", "\n# end\n", "\x1a", " \n"])


def both(content: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    quick = outcome(content)
    with monkeypatch.context() as patch:
        patch.setattr(text_table, "regular_rows", lambda *_: None)
        return quick, outcome(content)


def outcome(content: bytes) -> object:
    try:
        table = read_table(content, "x.xy")
    except bg.BraggiteError as error:
        return str(error)
    rows = table.rows.shape, table.rows.view(np.int64).tolist()
    return table.header, table.columns, rows, table.labels, [note.to_dict() for note in table.notes]


@settings(max_examples=400, deadline=None)
@given(
    header=HEADERS,
    rows=st.lists(st.lists(st.one_of(PLAIN, PLAIN, PLAIN, NUMBERS), min_size=1, max_size=3), min_size=1, max_size=6),
    separator=SEPARATORS,
    end=ENDS,
    tail=TAILS,
    comma=st.booleans(),
)
def test_the_quick_way_and_the_slow_way_agree(*, header, rows, separator, end, tail, comma) -> None:
    text = end.join(separator.join(row) for row in rows)
    content = (header + (text.replace(".", ",") if comma else text) + tail).encode()
    with pytest.MonkeyPatch.context() as monkeypatch:
        quick, slow = both(content, monkeypatch)
    assert quick == slow


def test_tabs_beside_commas_may_be_an_empty_field(monkeypatch) -> None:
    quick, slow = both(b"1,\t\t0,0\n", monkeypatch)
    assert quick == slow


@pytest.mark.parametrize("separator", [" ", "\t", ",", ", ", ";"])
@pytest.mark.parametrize("width", [2, 3])
def test_regular_tables_take_the_quick_way(separator: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_table, "_separate", lambda _: pytest.fail("the slow way was taken"))
    names = separator.join("abc"[:width])
    body = "".join(separator.join([f"{10 + 0.02 * i:.2f}", str(7 * i), "1.5"][:width]) + "\r\n" for i in range(50))
    table = read_table(f"# {names}\r\n{body}".encode(), "x.xy")
    assert table.rows.shape == (50, width)
    assert table.columns == list("abc"[:width])
    np.testing.assert_array_equal(table.rows[:, 1], 7.0 * np.arange(50))
