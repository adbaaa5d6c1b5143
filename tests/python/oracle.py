"""The Laplace log-likelihood the slow way: dense matrices, plain Newton, numpy alone. It shares no line with the core."""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """A mixed logistic model with one block of correlated effects per grouping factor.

    Attributes
    ----------
    y, m
        Events and trials, shape (n,).
    x
        Fixed-effects design, shape (n, p).
    blocks
        Per grouping factor: the rows of its effects, shape (n, k), and the group of each row, shape (n,).
    """

    y: Floats
    m: Floats
    x: Floats
    blocks: list[tuple[Floats, npt.NDArray[np.intp]]]

    def design(self, factors: list[Floats]) -> Floats:
        """Return Z Lambda, shape (n, q): one block of k columns per group."""
        parts = []
        for (z, group), factor in zip(self.blocks, factors, strict=True):
            k, groups = z.shape[1], int(group.max()) + 1
            part = np.zeros((len(z), groups * k))
            for i in range(len(z)):
                part[i, group[i] * k : (group[i] + 1) * k] = z[i] @ factor
            parts.append(part)
        return np.hstack(parts) if parts else np.zeros((len(self.y), 0))

    def loglik(self, beta: Floats, factors: list[Floats]) -> float:
        """Laplace log-likelihood with every constant, at coefficients and relative Cholesky factors."""
        zl = self.design(factors)
        u = np.zeros(zl.shape[1])
        value = self._penalised(beta, zl, u)
        for _ in range(200):
            eta = self.x @ beta + zl @ u
            p = 1.0 / (1.0 + np.exp(-eta))
            step = np.linalg.solve(self._curvature(zl, p), zl.T @ (self.y - self.m * p) - u)
            size, tried = 1.0, self._penalised(beta, zl, u + step)
            while tried < value - 1e-12 and size > 1e-8:
                size /= 2.0
                tried = self._penalised(beta, zl, u + size * step)
            u, value = u + size * step, tried
            if np.abs(size * step).max(initial=0.0) < 1e-12:
                break
        p = 1.0 / (1.0 + np.exp(-(self.x @ beta + zl @ u)))
        _, log_determinant = np.linalg.slogdet(self._curvature(zl, p))
        constant = sum(
            lgamma(m + 1) - lgamma(y + 1) - lgamma(m - y + 1)
            for y, m in zip(self.y, self.m, strict=True)
        )
        return float(self._penalised(beta, zl, u) - 0.5 * log_determinant + constant)

    def _curvature(self, zl: Floats, p: Floats) -> Floats:
        return zl.T @ ((self.m * p * (1.0 - p))[:, None] * zl) + np.eye(zl.shape[1])

    def _penalised(self, beta: Floats, zl: Floats, u: Floats) -> float:
        eta = self.x @ beta + zl @ u
        return float(self.y @ eta - self.m @ np.logaddexp(0.0, eta) - 0.5 * u @ u)


def factor_from(sds: list[float], correlations: dict[tuple[int, int], float]) -> Floats:
    """Lower Cholesky factor of the covariance with these standard deviations and correlations."""
    k = len(sds)
    correlation = np.eye(k)
    for (i, j), value in correlations.items():
        correlation[i, j] = correlation[j, i] = value
    lower = np.zeros((k, k))
    for i in range(k):  # by hand: numpy refuses a correlation of exactly one
        for j in range(i + 1):
            rest = correlation[i, j] - lower[i, :j] @ lower[j, :j]
            if i == j:
                lower[i, i] = np.sqrt(max(rest, 0.0))
            elif lower[j, j] > 0.0:
                lower[i, j] = rest / lower[j, j]
    return np.asarray(np.array(sds)[:, None] * lower)
