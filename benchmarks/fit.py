"""Peak fits against lmfit and scipy with analytic derivatives: same data, same start, covariance on both sides."""

from __future__ import annotations

import numpy as np
from harness import Row, compare, main, seconds_per_call
from lmfit.models import LinearModel, PseudoVoigtModel
from scipy.optimize import least_squares

import braggite as bg
from braggite.kernels import fit_peaks

LN2 = np.log(2.0)
FOR_LMFIT = 5


class Problem:
    """Pseudo-Voigts on a falling line over 4,000 points of counts; starts a fifth of a width off, a third too wide."""

    def __init__(self, n_peaks: int, seed: int = 11) -> None:
        rng = np.random.default_rng(seed)
        self.x = np.linspace(5.0, 120.0, 4000)
        gap = 0.5
        self.centre = 10 + gap * np.arange(n_peaks) + np.sort(rng.uniform(0, 105 - gap * n_peaks, n_peaks))
        self.fwhm, eta = rng.uniform(0.12, 0.3, n_peaks), rng.uniform(0.2, 0.8, n_peaks)
        height = 300 + 8000 * np.exp(rng.normal(-1.5, 1.0, n_peaks))
        truth = np.concatenate([np.stack([height, self.centre, self.fwhm, eta], 1).ravel(), [250.0, -0.9]])
        self.y = rng.poisson(self.model(truth)[0]).astype(float)
        self.sigma = np.sqrt(np.maximum(self.y, 1.0))
        self.at = self.centre + 0.2 * self.fwhm * rng.choice([-1, 1], n_peaks)
        self.start = np.concatenate(
            [np.stack([0.7 * height, self.at, 1.3 * self.fwhm, np.full(n_peaks, 0.5)], 1).ravel(), [200.0, 0.0]]
        )

    def model(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ordinates and their derivatives to height, centre, width and mixing of each peak, and the line."""
        h, c, w, e = theta[:-2].reshape(-1, 4).T[:, :, None]
        d = self.x - c
        q = 4 * (d / w) ** 2
        lorentz, gauss = 1 / (1 + q), np.exp(-LN2 * q)
        value = e * lorentz + (1 - e) * gauss
        slope = -e * lorentz**2 - (1 - e) * LN2 * gauss
        blocks = np.stack([value, h * slope * (-8 * d / w**2), h * slope * (-2 * q / w), h * (lorentz - gauss)], 1)
        line = np.stack([np.ones_like(self.x), self.x])
        jacobian = np.concatenate([blocks.reshape(-1, self.x.size), line])
        return (h * value).sum(axis=0) + theta[-2] + theta[-1] * self.x, jacobian

    def ours(self) -> bg.PeakFit:
        specs = [bg.PeakSpec(at, fwhm=1.3 * w) for at, w in zip(self.at, self.fwhm, strict=True)]
        return fit_peaks(self.x, self.y, specs, sigma=self.sigma)

    def scipy(self) -> tuple[float, np.ndarray]:
        result = least_squares(
            lambda theta: (self.model(theta)[0] - self.y) / self.sigma, self.start, x_scale="jac",
            jac=lambda theta: (self.model(theta)[1] / self.sigma).T,
        )  # fmt: skip
        return 2 * result.cost, np.linalg.inv(result.jac.T @ result.jac)

    def lmfit(self) -> float:
        model, parameters = LinearModel(), LinearModel().make_params(intercept=200.0, slope=0.0)
        for i, (at, w) in enumerate(zip(self.at, self.fwhm, strict=True)):
            peak = PseudoVoigtModel(prefix=f"p{i}_")
            area = 1.3 * self.start[4 * i] * 1.3 * w
            parameters.update(peak.make_params(amplitude=area, center=at, sigma=0.65 * w, fraction=0.5))
            model = model + peak
        return float(model.fit(self.y, parameters, x=self.x, weights=1 / self.sigma).chisqr)


def run() -> list[Row]:
    rows = []
    for n_peaks in (1, 5, 20, 60):
        problem = Problem(n_peaks)
        fit, (chi2, _) = problem.ours(), problem.scipy()
        name = f"{n_peaks} pseudo-Voigts, 4000 points, {fit.n_free} unknowns"
        note = f"chi-square {fit.chi2:.4f} and {chi2:.4f}, {fit.n_iterations} steps"
        peer = "scipy least_squares, analytic"
        rows.append(compare(name, problem.ours, peer, problem.scipy, note=note, repeats=5))
        if n_peaks <= FOR_LMFIT:
            theirs = problem.lmfit()
            note = f"chi-square {fit.chi2:.4f} and {theirs:.4f}"
            rows.append(compare(name, problem.ours, "lmfit", problem.lmfit, note=note, repeats=3))
    problem = Problem(60)
    cut = fit_peaks(problem.x, problem.y, problem.at, sigma=problem.sigma, tail=1e-3)
    seconds = seconds_per_call(lambda: fit_peaks(problem.x, problem.y, problem.at, sigma=problem.sigma, tail=1e-3))
    rows.append(Row("60 pseudo-Voigts, tails cut at 1e-3", seconds, note=f"chi-square {cut.chi2:.1f}"))
    return rows


if __name__ == "__main__":
    main(run)
