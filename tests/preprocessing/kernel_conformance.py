"""What every kernel that turns one spectrum or many rows into curves promises."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import braggite as bg


def spectrum(n: int = 600, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.linspace(10.0, 70.0, n)
    lines = sum(
        h * np.exp(-0.5 * ((x - at) / 0.3) ** 2) for at, h in ((20, 300.0), (33, 80.0), (33.9, 60.0), (55, 900.0))
    )
    return x, rng.poisson(100 + 80 * np.exp(-(x - 10) / 8) + lines).astype(float)


class KernelConformance:
    """A subclass names ``kernel`` (an entry of ``braggite.kernels``) and ``method``; results have ``curve``."""

    kernel: staticmethod
    method: str

    def run(self, y, x=None, **options):
        return self.kernel(y, x, method=self.method, **options)

    def short(self):
        """Options with which nine points are enough."""
        return {}

    def counters(self, result):
        """Whatever a result counts row by row."""
        return ()

    def test_input_is_untouched_and_the_result_is_read_only(self):
        x, y = spectrum()
        kept = y.copy()
        result = self.run(y, x)
        np.testing.assert_array_equal(y, kept)
        assert not result.curve.flags.writeable
        assert not pickle.loads(pickle.dumps(result)).curve.flags.writeable

    def test_a_list_a_float32_and_a_strided_array_give_the_same(self):
        x, y = spectrum()
        expected = self.run(y, x).curve
        for same in (y.tolist(), y.astype(np.float32), np.repeat(y, 2)[::2]):
            np.testing.assert_array_equal(self.run(same, x).curve, expected)

    def test_repeats_exactly(self):
        x, y = spectrum()
        np.testing.assert_array_equal(self.run(y, x).curve, self.run(y, x).curve)

    def test_rows_and_threads_do_not_matter(self):
        x, _ = spectrum()
        rows = np.stack([spectrum(seed=seed)[1] for seed in range(5)])
        single = [self.run(row, x) for row in rows]
        for threads in (1, 2, 3, 8):
            batch = self.run(rows, x, threads=threads)
            np.testing.assert_array_equal(batch.curve, np.stack([one.curve for one in single]))
            assert self.counters(batch) == tuple(count for one in single for count in self.counters(one))

    def test_no_rows_is_an_answer(self):
        assert self.run(np.empty((0, 50))).curve.shape == (0, 50)

    @pytest.mark.parametrize(
        "y",
        [[], [1.0], [1.0, 2.0, 3.0], [1.0, np.nan, 1.0, 1.0, 1.0], [1.0, np.inf, 1.0, 1.0, 1.0], ["a", 1.0], [[[1.0]]]],
    )
    def test_refuses_what_is_no_spectrum(self, y):
        with pytest.raises(bg.InvalidSpectrum):
            self.run(y)

    @pytest.mark.parametrize("x", [[0.0, 1.0], [3.0] * 9, list(range(9, 0, -1)), [np.nan] * 9])
    def test_refuses_a_wrong_axis(self, x):
        with pytest.raises(bg.InvalidSpectrum):
            self.run(np.ones(9), x, **self.short())

    def test_refuses_absurd_threads_and_unknown_options_by_name(self):
        x, y = spectrum()
        for name, value in (("threads", 0), ("threads", 1.5), ("lams", 1.0)):
            with pytest.raises(bg.OptionError, match=name):
                self.run(y, x, **{name: value})

    def test_refuses_an_unknown_method(self):
        with pytest.raises(bg.OptionError, match="no_such"):
            self.kernel([1.0] * 9, method="no_such")
