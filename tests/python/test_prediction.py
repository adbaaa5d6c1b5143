"""Intervals of predictions: several grouping factors by dense matrices, new groups by quadrature, coverage by drawing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from averages import sigma
from conftest import simulate

import melogit as ml

Floats = npt.NDArray[np.float64]


def dense(data: pd.DataFrame, terms: list[tuple[str, list[str]]]) -> Floats:
    """Return Z of intercepts and slopes, group after group, effects of a group beside each other."""
    parts = []
    for group, slopes in terms:
        levels = sorted(data[group].unique())
        rows = np.column_stack([np.ones(len(data)), *(data[s] for s in slopes)])
        part = np.zeros((len(data), len(levels) * rows.shape[1]))
        for i, level in enumerate(data[group]):
            at = levels.index(level) * rows.shape[1]
            part[i, at : at + rows.shape[1]] = rows[i]
        parts.append(part)
    return np.hstack(parts)


def mode(y: Floats, x: Floats, zl: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Return u at the mode and A there, by plain Newton steps."""
    u = np.zeros(zl.shape[1])
    for _ in range(50):
        p = sigma(x @ beta + zl @ u)
        a = zl.T @ ((p * (1 - p))[:, None] * zl) + np.eye(len(u))
        step = np.linalg.solve(a, zl.T @ (y - p) - u)
        u = u + step
        if np.abs(step).max() < 1e-13:
            break
    p = sigma(x @ beta + zl @ u)
    return u, zl.T @ ((p * (1 - p))[:, None] * zl) + np.eye(len(u))


@pytest.mark.parametrize("slopes", [[], ["x"]], ids=["intercepts", "slope"])
def test_several_grouping_factors_against_dense_matrices(slopes: list[str]) -> None:
    """Var(x'b + z'u) = m'A⁻¹m + g'Vg with g by differences of the modes, for pairs of groups that met and that never did."""
    data = simulate(7, groups=24, size=12, slope=1.0 if slopes else 0.0)
    random = "(1 + x | location)" if slopes else "(1 | location)"
    fit = ml.fit(f"y ~ x + {random} + (1 | team)", data)
    terms = [("location", slopes), ("team", [])]
    k = 1 + len(slopes)
    x = np.column_stack([np.ones(len(data)), data["x"]])
    y, z = data["y"].to_numpy(float), dense(data, terms)
    components = fit.variance_components()
    sds = components[components["with_term"].isna()]["sd"].to_numpy()
    theta = list(sds)
    if slopes:
        rho = components["correlation"].dropna().iloc[0]
        theta = [sds[0], rho * sds[1], sds[1] * math.sqrt(1 - rho**2), sds[2]]

    def scaled(theta: Floats) -> tuple[Floats, Floats]:
        block = np.zeros((k, k))
        block[np.triu_indices(k)[1], np.triu_indices(k)[0]] = theta[:-1]
        lam = np.zeros((z.shape[1], z.shape[1]))
        for j in range(24):
            lam[j * k : (j + 1) * k, j * k : (j + 1) * k] = block
        lam[24 * k :, 24 * k :] = np.eye(12) * theta[-1]
        return z @ lam, lam

    psi = np.array([*fit.params, *theta])
    new = data.iloc[[0, 5, 100, 287]].copy()
    new.loc[new.index[1], "team"] = min(set(data["team"]) - set(
        data[data["location"] == new["location"].iloc[1]]["team"]))  # fmt: skip
    rows = np.array([dense(pd.concat([data, new.iloc[[i]]]), terms)[-1] for i in range(4)])
    fixed = np.column_stack([np.ones(4), new["x"]])

    def predictor(psi: Floats) -> Floats:
        zl, lam = scaled(psi[2:])
        u, _ = mode(y, x, zl, psi[:2])
        return np.asarray(fixed @ psi[:2] + rows @ lam @ u)

    zl, lam = scaled(psi[2:])
    _, a = mode(y, x, zl, psi[:2])
    h = 1e-5
    gradient = np.array([(predictor(psi + s) - predictor(psi - s)) / (2 * h)
                         for s in np.eye(len(psi)) * h])  # fmt: skip
    covariance = np.asarray(fit._core.joint_cov)
    # The core has the factor with most columns first, which here is location in either case.
    own = np.einsum("ia,ab,ib->i", rows @ lam, np.linalg.inv(a), rows @ lam)
    variance = own + np.einsum("ki,kl,li->i", gradient, covariance, gradient)
    found = fit.predict(new, interval=True)
    assert np.allclose(found["linear"], predictor(psi), atol=1e-6)
    assert np.allclose(found["std_error"], np.sqrt(variance), rtol=1e-5)
    assert np.allclose(
        found["upper"], sigma(predictor(psi) + 1.959964 * np.sqrt(variance)), rtol=1e-5
    )


def test_a_second_factor_without_variance_changes_nothing() -> None:
    """Both halves hold the same records, so they cannot differ."""
    once = simulate(3, groups=20, size=15, sd=1.0)
    data = pd.concat([once.assign(half="a"), once.assign(half="b")])
    alone = ml.fit("y ~ x + (1 | location)", data, points=1)
    both = ml.fit("y ~ x + (1 | location) + (1 | half)", data, points=1)
    assert both.heterogeneity()["sd"].min() == 0.0
    one, two = (fit.predict(data.head(9), interval=True) for fit in (alone, both))
    assert np.allclose(one["std_error"], two["std_error"], rtol=1e-4)


def test_a_large_second_factor_takes_another_way_to_the_same_error() -> None:
    """2,100 columns beside the leading factor: no inverse is formed. An average over one row solves for all effects instead."""
    rng = np.random.default_rng(4)
    person = np.repeat(np.arange(4200), 2)
    eta = rng.normal(0, 0.8, 4200)[person] + rng.normal(0, 0.8, 2100)[person // 2]
    data = pd.DataFrame(
        {
            "y": (rng.random(len(person)) < sigma(eta)).astype(int),
            "sex": np.where(rng.random(len(person)) < 0.5, "F", "M"),
            "person": [f"P{i}" for i in person],
            "team": [f"T{i // 2}" for i in person],
        }
    )
    fit = ml.fit("y ~ sex + (1 | person) + (1 | team)", data)
    assert min(fit.groups["levels"]) == 2100
    for row in (data.iloc[[3]], data.iloc[[5000]].assign(team="T7")):
        predicted = fit.predict(row, interval=True).iloc[0]
        averaged = fit.effects("sex", row, kind="observed").set_index("level")
        own = averaged.loc[row["sex"].iloc[0]]
        for name in ("lower", "upper"):
            assert predicted[name] == pytest.approx(own[f"risk_{name}"], rel=1e-9)


def test_a_new_group_is_averaged_over() -> None:
    data = simulate(9, groups=30, size=25, sd=1.0)
    fit = ml.fit("y ~ x + (1 | location) + (1 | team)", data)
    new = data.head(4).assign(location="elsewhere")
    found = fit.predict(new, new_levels="marginal", interval=True)
    zero = fit.predict(new, new_levels="typical", interval=True)
    sd = dict(zip(fit.heterogeneity()["group"], fit.heterogeneity()["sd"], strict=True))
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    values = sigma(zero["linear"].to_numpy()[:, None] + sd["location"] * nodes)
    assert np.allclose(found["estimate"], values @ (weights / weights.sum()), rtol=1e-10)
    whole = data.head(4).assign(location="elsewhere", team="another")
    marginal = fit.predict(whole, kind="marginal", interval=True)
    pd.testing.assert_frame_equal(
        fit.predict(whole, new_levels="marginal", interval=True), marginal, rtol=1e-10
    )
    pd.testing.assert_frame_equal(
        fit.predict(whole, new_levels="typical", interval=True),
        fit.predict(whole, kind="typical", interval=True),
    )


def test_prediction_intervals_hold_new_groups() -> None:
    """The bounds are z√(error² + variance between groups) about the typical group, and hold 95 % of new groups' risks."""
    data = simulate(13, groups=60, size=30, sd=0.8)
    fit = ml.fit("y ~ x + (1 | location)", data)
    new = data.head(3)
    error = fit.predict(new, kind="typical", interval=True)
    wide = fit.predict(new, kind="typical", interval="prediction")
    sd = fit.heterogeneity()["sd"][0]
    reach = 1.959964 * np.sqrt(error["std_error"] ** 2 + sd**2)
    assert np.allclose(wide["lower"], sigma((error["linear"] - reach).to_numpy()))
    assert np.allclose(wide["std_error"], error["std_error"])
    averaged = fit.predict(new, kind="marginal", interval="prediction")
    assert np.allclose(averaged[["lower", "upper"]], wide[["lower", "upper"]])
    rng = np.random.default_rng(1)
    x0 = np.array([1.0, new["x"].iloc[0]])
    b = rng.multivariate_normal(fit.params, np.asarray(fit.cov_params()), 50_000) @ x0
    drawn = sigma(b + rng.normal(0, sd, 50_000))
    inside = (drawn > wide["lower"].iloc[0]) & (drawn < wide["upper"].iloc[0])
    assert inside.mean() == pytest.approx(0.95, abs=0.005)


def test_prediction_intervals_of_known_groups_are_refused() -> None:
    data = simulate(13, groups=10, size=20)
    fit = ml.fit("y ~ x + (1 | location)", data)
    with pytest.raises(ml.OptionError) as caught:
        fit.predict(data, interval="prediction")
    assert caught.value.slug == "interval-kind"
    mixed = data.head(2).assign(location=["L00", "new"])
    wide = fit.predict(mixed, interval="prediction", new_levels="typical")
    usual = fit.predict(mixed, interval=True, new_levels="typical")
    assert wide["lower"][0] == usual["lower"][0]
    assert wide["lower"][1] < usual["lower"][1]
    with pytest.raises(ml.OptionError, match="interval='both'"):
        fit.predict(data, interval="both")  # type: ignore[arg-type]


def test_a_plain_logistic_model_has_intervals_of_every_kind() -> None:
    data = simulate(13, groups=10, size=20)
    fit = ml.fit("y ~ x", data)
    kinds: tuple[Any, ...] = ("conditional", "typical", "marginal")
    first, *others = (fit.predict(data, kind=kind, interval=True) for kind in kinds)
    for other in others:
        pd.testing.assert_frame_equal(first, other, rtol=1e-10)
    x = np.column_stack([np.ones(len(data)), data["x"]])
    error = np.sqrt(np.einsum("ia,ab,ib->i", x, np.asarray(fit.cov_params()), x))
    assert np.allclose(first["std_error"], error)


def test_a_loaded_model_with_several_factors_says_what_it_lacks(tmp_path: Path) -> None:
    data = simulate(13, groups=10, size=20)
    ml.fit("y ~ x + (1 | location) + (1 | team)", data).save(tmp_path / "fit.json")
    loaded = ml.load(tmp_path / "fit.json")
    assert np.isfinite(loaded.predict(data.head(2))).all()
    with pytest.raises(ml.OptionError) as caught:
        loaded.predict(data.head(2), interval=True)
    assert caught.value.slug == "interval-groups"
