"""What every reader must do, whatever its format: subclass `ReaderConformance` beside the reader's own tests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.robustness import WRONG_SUFFIXES, cuts, flips, outcome, survive

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[float | str, float | str]

GOOD_ROWS: list[Row] = [(round(10 + 0.02 * i, 2), 100 + (37 * i) % 91) for i in range(120)]


def grid(rows: list[Row]) -> tuple[float, float]:
    """Start and step of evenly spaced rows, for formats that store no more."""
    start = float(rows[0][0])
    return start, (float(rows[-1][0]) - start) / (len(rows) - 1) if len(rows) > 1 else 0.02


TESTED_READERS: set[str] = set()


class ReaderConformance:
    """Subclasses give `reader` (its registered name), `suffix`, `build`, and `cut_may_read` without an end mark.

    Every reader that is not a refusal has such a class; formats that store each position use `StoredPositions` too.
    """

    reader: str
    suffix: str
    cut_may_read = False
    position_tolerance_deg = 1e-9

    def __init_subclass__(cls) -> None:
        if "reader" in cls.__dict__:
            TESTED_READERS.add(cls.reader)

    def build(self, rows: list[Row]) -> bytes:
        """A file of this format with these positions and ordinates, in this order."""
        raise NotImplementedError

    def write(self, folder: Path, content: bytes) -> Path:
        path = folder / f"scan{self.suffix}"
        path.write_bytes(content)
        return path

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        return self.write(tmp_path, self.build(GOOD_ROWS))

    def test_the_values_come_back_exactly(self, good: Path) -> None:
        spectrum = bg.read(good)
        assert spectrum.source.format == self.reader
        expected = [row[0] for row in GOOD_ROWS]
        np.testing.assert_allclose(spectrum.x, expected, rtol=0, atol=self.position_tolerance_deg)
        np.testing.assert_array_equal(spectrum.y, [row[1] for row in GOOD_ROWS])

    def test_the_file_is_left_untouched(self, good: Path) -> None:
        before = good.read_bytes()
        bg.read(good)
        assert good.read_bytes() == before

    def test_a_string_path_is_as_good_as_a_path(self, good: Path) -> None:
        np.testing.assert_array_equal(bg.read(str(good)).y, bg.read(good).y)

    def test_reading_twice_gives_the_same(self, good: Path) -> None:
        assert bg.read(good).to_dict() == bg.read(good).to_dict()

    def test_arrays_are_read_only(self, good: Path) -> None:
        spectrum = bg.read(good)
        for array in (spectrum.x, spectrum.y, spectrum.sigma):
            if array is not None:
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 1.0

    def test_the_source_names_the_file_and_its_hash(self, good: Path) -> None:
        source = bg.read(good).source
        assert source.path == str(good)
        assert source.sha256 == hashlib.sha256(good.read_bytes()).hexdigest()
        assert (source.scan, source.n_scans) == (0, 1)

    def test_reading_stands_in_the_history(self, good: Path) -> None:
        step = bg.read(good).history[-1]
        assert step.verb == "read"
        assert step.options["path"] == str(good)

    def test_a_cut_file_is_never_read_with_half_a_row(self, tmp_path: Path) -> None:
        whole = dict(GOOD_ROWS)
        path = self.write(tmp_path, b"")
        for name, content in cuts(self.build(GOOD_ROWS)):
            if survive(path, iter([(name, content)]))[name].code != "read":
                continue
            assert self.cut_may_read, f"{name} was read"
            spectrum = bg.read(path)
            assert all(whole[round(x, 2)] == y for x, y in zip(spectrum.x, spectrum.y, strict=True)), name

    def test_flipped_bytes_raise_nothing_but_our_errors(self, tmp_path: Path) -> None:
        survive(self.write(tmp_path, b""), flips(self.build(GOOD_ROWS)))

    @pytest.mark.parametrize("suffix", WRONG_SUFFIXES)
    def test_under_a_wrong_suffix_it_is_read_or_refused(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"scan{suffix}"
        path.write_bytes(self.build(GOOD_ROWS))
        outcome(path)

    @pytest.mark.parametrize("content", [b"", b" \r\n\n"], ids=["empty", "blank"])
    def test_an_empty_file_is_refused(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(bg.InvalidSpectrum, match="empty"):
            bg.read(self.write(tmp_path, content))

    def test_binary_junk_under_the_suffix_is_refused(self, tmp_path: Path) -> None:
        junk = np.random.default_rng(1).integers(0, 256, 5000, dtype=np.uint8).tobytes()
        with pytest.raises(bg.BraggiteError) as caught:
            bg.read(self.write(tmp_path, junk))
        assert caught.value.exit_code == 3

    def test_a_value_that_is_no_number_is_refused_with_its_place(self, tmp_path: Path) -> None:
        rows = list(GOOD_ROWS)
        rows[50] = (rows[50][0], "NaN")
        with pytest.raises(bg.InvalidSpectrum, match="scan") as caught:
            bg.read(self.write(tmp_path, self.build(rows)))
        assert caught.value.exit_code == 3

    def test_one_point_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(bg.InvalidSpectrum, match="1 point"):
            bg.read(self.write(tmp_path, self.build(GOOD_ROWS[:1])))

    def test_negative_counts_are_read_with_a_warning(self, tmp_path: Path) -> None:
        rows = [*GOOD_ROWS[:10], (GOOD_ROWS[10][0], -3), *GOOD_ROWS[11:]]
        spectrum = bg.read(self.write(tmp_path, self.build(rows)))
        assert "negative_counts" in [note.code for note in spectrum.diagnostics]
        assert spectrum.y.min() == -3

    def test_a_scan_the_file_does_not_have_is_an_option_error(self, good: Path) -> None:
        with pytest.raises(bg.OptionError, match="no scan 99"):
            bg.read(good, scan=99)


class StoredPositions(ReaderConformance):
    """What a reader of a format with a position beside each ordinate must do besides."""

    def test_descending_positions_are_reversed_and_noted(self, tmp_path: Path) -> None:
        spectrum = bg.read(self.write(tmp_path, self.build(GOOD_ROWS[::-1])))
        assert "axis_reversed" in [note.code for note in spectrum.diagnostics]
        np.testing.assert_array_equal(spectrum.y, [row[1] for row in GOOD_ROWS])

    def test_unsorted_positions_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(bg.InvalidSpectrum, match="not sorted"):
            bg.read(self.write(tmp_path, self.build([*GOOD_ROWS[20:], *GOOD_ROWS[5:15], (80.0, 5)])))

    def test_a_position_with_two_ordinates_is_refused(self, tmp_path: Path) -> None:
        rows = [*GOOD_ROWS[:10], (GOOD_ROWS[9][0], 7), *GOOD_ROWS[10:]]
        with pytest.raises(bg.InvalidSpectrum, match="twice"):
            bg.read(self.write(tmp_path, self.build(rows)))

    def test_a_row_that_stands_twice_is_dropped_and_noted(self, tmp_path: Path) -> None:
        spectrum = bg.read(self.write(tmp_path, self.build([*GOOD_ROWS[:10], *GOOD_ROWS[9:]])))
        assert "duplicate_positions_dropped" in [note.code for note in spectrum.diagnostics]
        assert len(spectrum) == len(GOOD_ROWS)
