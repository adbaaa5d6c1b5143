"""Average risks the slow way: numpy alone, from a fit's joint covariance and names. It shares no line with the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import melogit as ml

Floats = npt.NDArray[np.float64]


def sigma(eta: Floats) -> Floats:
    """Return the logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-eta)))


@dataclass(frozen=True)
class Slope:
    """The model ``y ~ x + source * gender + (1 + x | location)`` of `conftest.simulate`, or with an intercept alone.

    Attributes
    ----------
    slope
        Whether x has a random slope.
    interaction
        Whether source and gender have their interaction.
    """

    slope: bool = False
    interaction: bool = False

    def x(self, data: pd.DataFrame) -> Floats:
        """Return the fixed-effects design in the order of melogit's names, shape (n, p)."""
        school, own = data["source"] == "School", data["source"] == "Self"
        male = data["gender"] == "M"
        columns = [np.ones(len(data)), data["x"], school, own, male]
        if self.interaction:
            columns += [school & male, own & male]
        return np.column_stack([np.asarray(c, dtype=float) for c in columns])

    def z(self, data: pd.DataFrame) -> Floats:
        """Return each row of the random design, shape (n, k)."""
        ones = np.ones(len(data))
        return np.column_stack([ones, data["x"]]) if self.slope else ones[:, None]

    @property
    def formula(self) -> str:
        """The formula."""
        fixed = "x + source * gender" if self.interaction else "x + source + gender"
        return f"y ~ {fixed} + ({'1 + x' if self.slope else '1'} | location)"

    def covariance(self, theta: Floats) -> Floats:
        """Return Sigma from theta, lower triangle column by column."""
        k = 2 if self.slope else 1
        lower = np.zeros((k, k))
        lower[np.triu_indices(k)[1], np.triu_indices(k)[0]] = theta
        return np.asarray(lower @ lower.T)

    def marginal(self, psi: Floats, data: pd.DataFrame) -> Floats:
        """Return each row's risk, random effects integrated out by 150 Gauss-Hermite nodes."""
        x, z = self.x(data), self.z(data)
        nodes, weights = np.polynomial.hermite_e.hermegauss(150)
        p = x.shape[1]
        sd = np.sqrt(np.einsum("ia,ab,ib->i", z, self.covariance(psi[p:]), z))
        values = sigma((x @ psi[:p])[:, None] + sd[:, None] * nodes)
        return np.asarray(values @ (weights / weights.sum()))

    def typical(self, psi: Floats, data: pd.DataFrame) -> Floats:
        """Return each row's risk at random effects of zero."""
        x = self.x(data)
        return sigma(x @ psi[: x.shape[1]])


def estimates(fit: ml.Fit) -> tuple[Floats, Floats]:
    """Return (beta, theta) and their joint covariance."""
    core = fit._core
    beta = np.asarray(core.params)
    components = core.variance_table(0.95)
    sds = [s for s, o in zip(components["sd"], components["with_term"], strict=True) if o is None]
    rhos = [c for c, o in zip(components["correlation"], components["with_term"], strict=True) if o]
    if len(sds) == 1:
        theta = [sds[0]]
    else:
        (rho,) = rhos
        theta = [sds[0], rho * sds[1], sds[1] * np.sqrt(1 - rho**2)]
    return np.concatenate([beta, theta]), np.asarray(core.joint_cov)


def delta(value: Callable[[Floats], Any], psi: Floats, covariance: Floats) -> Any:
    """Return standard errors of functions of the parameters, gradients by central differences."""
    h = 1e-5
    ends = [(value(psi + step), value(psi - step)) for step in np.eye(len(psi)) * h]
    gradient = np.array([(np.asarray(a) - np.asarray(b)) / (2 * h) for a, b in ends])
    return np.sqrt(np.einsum("k...,kl,l...->...", gradient, covariance, gradient))


def row(frame: Any, **where: Any) -> Any:
    """Return the one row of a frame where columns have these values."""
    keep = np.ones(len(frame), dtype=bool)
    for name, value in where.items():
        keep &= (frame[name] == value).to_numpy()
    (found,) = frame[keep].to_dict("records")
    return found
