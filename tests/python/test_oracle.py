"""Small random models against the slow oracle: value, gradient and covariance at the fit's own estimates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import core_fit
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import Floats, Problem, factor_from

from melogit import GroupingError, OutcomeError, _core

# formula of the random part -> the blocks: grouping columns, and the columns of the effects ("1" is the intercept)
STRUCTURES: dict[str, list[tuple[tuple[str, ...], list[list[str]]]]] = {
    "(1 | g)": [(("g",), [["1"]])],
    "(1 + x | g)": [(("g",), [["1", "x"]])],
    "(x || g)": [(("g",), [["1"], ["x"]])],
    "(0 + x | g)": [(("g",), [["x"]])],
    "(1 | g) + (1 | h)": [(("g",), [["1"]]), (("h",), [["1"]])],
    "(1 + x | g) + (1 | h)": [(("g",), [["1", "x"]]), (("h",), [["1"]])],
    "(1 | g/h)": [(("g",), [["1"]]), (("g", "h"), [["1"]])],
}
NAMES = {"1": "(Intercept)", "x": "x"}


def draw(seed: int, groups: int, size: int, trials: int) -> pd.DataFrame:
    """Draw a small data set with clustering of every kind the structures ask about."""
    rng = np.random.default_rng(seed)
    n = groups * size
    g, h = np.repeat(np.arange(groups), size), rng.integers(0, 4, n)
    x = rng.normal(size=n)
    eta = -0.2 + 0.5 * x + rng.normal(0, 1.0, groups)[g] + rng.normal(0, 0.8, groups)[g] * x
    eta += rng.normal(0, 0.8, 4)[h]
    m = rng.integers(1, trials + 1, n)
    y = rng.binomial(m, 1 / (1 + np.exp(-eta)))
    return pd.DataFrame(
        {"events": y, "trials": m, "x": x, "g": [f"g{i:02d}" for i in g], "h": [f"h{i}" for i in h]}
    )


def problem_of(data: pd.DataFrame, structure: str) -> tuple[Problem, list[tuple[str, list[str]]]]:
    """Build the oracle's problem, and (group, terms) of each of its blocks."""
    n = len(data)
    columns = {"1": np.ones(n), "x": data["x"].to_numpy(dtype=float)}
    blocks, labels = [], []
    for group, parts in STRUCTURES[structure]:
        codes = data.groupby(list(group)).ngroup().to_numpy()
        for part in parts:
            blocks.append((np.column_stack([columns[name] for name in part]), codes))
            labels.append((":".join(group), [NAMES[name] for name in part]))
    design = np.column_stack([columns["1"], columns["x"]])
    problem = Problem(
        data["events"].to_numpy(float), data["trials"].to_numpy(float), design, blocks
    )
    return problem, labels


def factors_of(fit: _core.Fit, labels: list[tuple[str, list[str]]]) -> list[Floats]:
    """Read the relative Cholesky factors off the table of variances."""
    table = fit.variance_table(0.95)
    rows = list(
        zip(*(table[k] for k in ("group", "term", "with_term", "sd", "correlation")), strict=True)
    )
    factors = []
    for group, terms in labels:
        sds = [
            next(r[3] for r in rows if r[:2] == (group, term) and r[2] is None) for term in terms
        ]
        pairs = {
            # Beside a variance of zero there is no correlation; any number gives the same covariance.
            (terms.index(r[2]), terms.index(r[1])): 0.0 if np.isnan(r[4]) else r[4]
            for r in rows
            if r[0] == group and r[1] in terms and r[2] in terms
        }
        factors.append(factor_from(sds, pairs))
    return factors


def pack(beta: Floats, factors: list[Floats]) -> Floats:
    return np.concatenate([beta, *(factor[np.tril_indices(len(factor))] for factor in factors)])


def unpack(point: Floats, p: int, factors: list[Floats]) -> tuple[Floats, list[Floats]]:
    start, out = p, []
    for factor in factors:
        lower = np.zeros_like(factor)
        rows = np.tril_indices(len(factor))
        lower[rows] = point[start : start + len(rows[0])]
        start += len(rows[0])
        out.append(lower)
    return point[:p], out


def gradient(value: Any, at: Floats, step: float) -> Floats:
    out = np.zeros_like(at)
    for i in range(len(at)):
        e = np.zeros_like(at)
        e[i] = step
        # Five points: the error falls with the fourth power of the step.
        out[i] = (8 * (value(at + e) - value(at - e)) - (value(at + 2 * e) - value(at - 2 * e))) / (
            12 * step
        )
    return out


def hessian(value: Any, at: Floats, step: float) -> Floats:
    columns = []
    for i in range(len(at)):
        e = np.zeros_like(at)
        e[i] = step
        # Five points again: with two, a small SD on the log scale was off by 1e-3 of a variance.
        near = gradient(value, at + e, step) - gradient(value, at - e, step)
        far = gradient(value, at + 2 * e, step) - gradient(value, at - 2 * e, step)
        columns.append((8 * near - far) / (12 * step))
    full = np.array(columns)
    return np.asarray((full + full.T) / 2)


def check(structure: str, seed: int, groups: int, size: int, trials: int) -> bool:
    """Fit, then ask the oracle; False where the estimates run off to infinity, so that there is nothing to ask."""
    data = draw(seed, groups, size, trials)
    try:
        fit = core_fit(f"events / trials ~ x + {structure}", data)
    except (OutcomeError, GroupingError):  # nothing but events, or every record a group of its own
        return False
    if not fit.converged or np.abs(fit.params).max() >= 6.0:
        return False
    problem, labels = problem_of(data, structure)
    factors = factors_of(fit, labels)
    if max(float(np.abs(factor).max()) for factor in factors) >= 6.0:
        return False
    beta = fit.params.copy()
    assert problem.loglik(beta, factors) == pytest.approx(fit.loglik, abs=1e-8, rel=1e-11)

    def value(point: Floats) -> float:
        return problem.loglik(*unpack(point, 2, factors))

    at = pack(beta, factors)
    slope, curve = gradient(value, at, 1e-3), hessian(value, at, 2e-3)
    # A variance of zero, or a correlation of one, is a corner: nothing is claimed about curvature there.
    corner = any(np.diag(factor).min() < 1e-3 for factor in factors)
    free = 2 if corner else len(at)
    step = np.linalg.solve(-curve[:free, :free], slope[:free])
    # What the core promises: the deviance, twice the log-likelihood, could drop by less than its tolerance.
    assert abs(float(slope[:free] @ step)) < fit.settings()["tolerance"]
    if corner:
        return True
    assert np.linalg.eigvalsh(-curve).min() > 0.0, "the optimum is not a maximum"
    covariance = np.linalg.inv(-curve)
    # The block of the coefficients does not depend on how the variances are written.
    scale = np.sqrt(np.diag(covariance)[:2])
    difference = (fit.joint_cov[:2, :2] - covariance[:2, :2]) / np.outer(scale, scale)
    assert np.abs(difference).max() < 2e-4
    return True


@pytest.mark.parametrize("structure", STRUCTURES)
def test_one_of_each_structure(structure: str) -> None:
    assert check(structure, seed=12, groups=10, size=10, trials=4)


@settings(max_examples=25)
@given(
    st.sampled_from(list(STRUCTURES)),
    st.integers(0, 10_000),
    st.integers(4, 9),
    st.integers(4, 9),
    st.sampled_from([1, 3, 8]),
)
def test_random_models(structure: str, seed: int, groups: int, size: int, trials: int) -> None:
    assume(check(structure, seed, groups, size, trials))


@pytest.mark.slow
@settings(max_examples=400, derandomize=False)
@given(
    st.sampled_from(list(STRUCTURES)),
    st.integers(0, 1_000_000),
    st.integers(3, 15),
    st.integers(3, 15),
    st.sampled_from([1, 2, 5, 20]),
)
def test_many_random_models(structure: str, seed: int, groups: int, size: int, trials: int) -> None:
    assume(check(structure, seed, groups, size, trials))
