"""The line shapes under test, each with parameters that show what is particular about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.kernels import line_shape

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Case:
    """A shape with its parameters; ``center`` matters only where the line depends on it."""

    name: str
    parameters: dict[str, float]
    symmetric: bool = False
    center: float = 50.0
    finite_area: bool = True
    inner: bool = False
    """Whether width and height are those of an inner line."""

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{value:g}' for value in self.parameters.values())})"

    def values(self, x: np.ndarray) -> np.ndarray:
        return line_shape(self.name, x, self.center, **self.parameters)


CASES = (
    Case("gaussian", {"fwhm": 0.8}, symmetric=True),
    Case("lorentzian", {"fwhm": 0.8}, symmetric=True),
    Case("pseudo_voigt", {"fwhm": 0.8, "eta": 0.35}, symmetric=True),
    Case("pseudo_voigt", {"fwhm": 0.8, "eta": 0.0}, symmetric=True),
    Case("voigt", {"fwhm_gauss": 0.8, "fwhm_lorentz": 0.3}, symmetric=True),
    Case("voigt", {"fwhm_gauss": 0.02, "fwhm_lorentz": 0.8}, symmetric=True),
    Case("thompson_cox_hastings", {"fwhm_gauss": 0.5, "fwhm_lorentz": 0.4}, symmetric=True),
    Case("split_pseudo_voigt", {"fwhm_left": 0.5, "fwhm_right": 1.1, "eta_left": 0.2, "eta_right": 0.9}),
    Case("sigmoidal_pseudo_voigt", {"fwhm": 0.8, "eta": 0.4, "asymmetry": 0.7}),
    Case("pearson7", {"fwhm": 0.8, "exponent": 1.7}, symmetric=True),
    Case("split_pearson7", {"fwhm_left": 1.0, "fwhm_right": 0.6, "exponent_left": 1.2, "exponent_right": 5.0}),
    Case("gl_sum", {"fwhm": 0.8, "mixing": 0.3}, symmetric=True),
    Case("gl_product", {"fwhm": 0.8, "mixing": 0.3}, symmetric=True),
    Case("exponentially_modified_gaussian", {"fwhm_gauss": 0.6, "decay": 0.5}),
    Case("exponentially_modified_gaussian", {"fwhm_gauss": 0.6, "decay": 0.01}),
    Case("doniach_sunjic", {"fwhm_lorentz": 0.5, "alpha": 0.15}, finite_area=False),
    Case("doniach_sunjic_gauss", {"fwhm_lorentz": 0.5, "alpha": 0.15, "fwhm_gauss": 0.4}, finite_area=False),
    Case("doniach_sunjic_damped", {"fwhm_lorentz": 0.5, "alpha": 0.15, "damping": 6.0, "fwhm_gauss": 0.4}),
    Case("la", {"fwhm_lorentz": 0.6, "exponent_high": 1.1, "exponent_low": 2.5, "fwhm_gauss": 0.3}),
    Case("lf", {"fwhm_lorentz": 0.6, "exponent_high": 0.8, "exponent_low": 2.5, "damping": 5.0, "fwhm_gauss": 0.3}),
    Case("fano", {"fwhm_lorentz": 0.8, "q": -4.0}, finite_area=False),
    Case("breit_wigner_fano", {"fwhm_lorentz": 0.8, "inverse_q": 0.2}, finite_area=False),
    Case(
        "finger_cox_jephcoat",
        {"fwhm_gauss": 0.06, "fwhm_lorentz": 0.04, "sample_ratio": 0.03, "slit_ratio": 0.02},
        center=18.0,
        inner=True,
    ),
)
