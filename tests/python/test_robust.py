"""Covariances robust to clusters: an independent computation, special cases, simulation, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from conftest import simulate

import melogit as ml

Floats = npt.NDArray[np.float64]
DATA = simulate(6, groups=30, size=12).assign(
    trust=lambda d: d["location"].str[1:].astype(int) // 3
)


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


def group_loglik(psi: Floats, x: Floats, y: Floats) -> float:
    """Log-likelihood of one group with a random intercept, by plain Gauss-Hermite quadrature with many points."""
    eta = (x @ psi[:-1])[:, None] + psi[-1] * NODES
    terms = (y[:, None] * eta - np.logaddexp(0.0, eta)).sum(axis=0)
    return float(np.log((WEIGHTS / WEIGHTS.sum() * np.exp(terms)).sum()))


def test_scores_of_a_mixed_model_are_derivatives_of_its_clusters() -> None:
    fit = ml.fit("y ~ x + gender + (1 | location)", DATA, points=25)
    psi = np.array([*fit.params, fit.variance_components()["sd"][0]])
    x = np.column_stack([np.ones(len(DATA)), DATA["x"], DATA["gender"] == "M"]).astype(float)
    y = DATA["y"].to_numpy(float)
    scores = {}
    for place, rows in DATA.groupby("location").indices.items():
        steps = 1e-5 * np.eye(4)
        at = [
            group_loglik(psi + s, x[rows], y[rows]) - group_loglik(psi - s, x[rows], y[rows])
            for s in steps
        ]
        scores[place] = np.array(at) / 2e-5
    v = fit.cov_params(variance=True).to_numpy()
    for cluster, kind in (("location", "CR0"), ("trust", "CR0"), ("trust", "CR1")):
        of = DATA.groupby("location")[cluster].first()
        sums = pd.DataFrame(scores).T.groupby(of).sum().to_numpy()
        expected = v @ sums.T @ sums @ v
        if kind == "CR1":
            expected *= len(sums) / (len(sums) - 1)
        found = fit.robust(DATA[cluster], kind=kind).cov_params(variance=True).to_numpy()
        scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        assert np.abs((found - expected) / scale).max() < 1e-5


def test_a_variance_of_zero_leaves_the_plain_sandwich() -> None:
    rng = np.random.default_rng(4)
    data = DATA.assign(y=rng.integers(0, 2, len(DATA)))
    for seed in range(20):
        data["y"] = np.random.default_rng(seed).permutation(np.repeat([0, 1], len(DATA) // 2))
        mixed = ml.fit("y ~ x + (1 | location)", data)
        if mixed.variance_components()["sd"][0] == 0.0:
            break
    plain = ml.fit("y ~ x", data).robust(data["location"])
    found = mixed.robust()
    assert list(found.bse) == pytest.approx(list(plain.bse), rel=1e-6)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2"])
def test_counts_are_their_records(kind: Any) -> None:
    """The same data one record a row and as counts: CR2 differs in what a row is, the others must not."""
    records = DATA[["y", "gender", "source", "trust"]]
    counts = records.groupby(["gender", "source", "trust"], as_index=False).agg(
        y=("y", "sum"), m=("y", "size")
    )
    a = ml.fit("y ~ gender + source", records).robust(records["trust"], kind=kind)
    b = ml.fit("y / m ~ gender + source", counts).robust(counts["trust"], kind=kind)
    near = 0.03 if kind == "CR2" else 1e-7
    assert list(a.bse) == pytest.approx(list(b.bse), rel=near)


def plain_cr2(x: Floats, y: Floats, cluster: Floats, beta: Floats) -> Floats:
    """CR2 by the definition, with whole matrices."""
    mu = 1 / (1 + np.exp(-x @ beta))
    theta = mu * (1 - mu)
    d = theta[:, None] * x
    v = np.linalg.inv(d.T @ (d / theta[:, None]))
    meat = np.zeros_like(v)
    for g in np.unique(cluster):
        r = cluster == g
        half = np.diag(theta[r] ** 0.5)
        b = half @ (np.diag(theta[r]) - d[r] @ v @ d[r].T) @ half
        value, vector = np.linalg.eigh(b)
        kept = np.where(value > 1e-10 * value.max(), value, np.inf)
        root = vector @ np.diag(kept**-0.5) @ vector.T
        s = d[r].T @ ((half @ root @ half @ (y[r] - mu[r])) / theta[r])
        meat += np.outer(s, s)
    return np.asarray(v @ meat @ v)


def test_cr2_by_its_definition_also_where_a_cluster_has_a_coefficient_of_its_own() -> None:
    data = DATA.assign(first=(DATA["trust"] == 0) * 1.0)
    fit = ml.fit("y ~ x + gender + first", data)
    x = np.column_stack(
        [np.ones(len(data)), data["x"], data["gender"] == "M", data["first"]]
    ).astype(float)
    expected = plain_cr2(
        x, data["y"].to_numpy(float), data["trust"].to_numpy(float), fit.params.to_numpy()
    )
    found = fit.robust(data["trust"], kind="CR2").cov_params().to_numpy()
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-10)


def test_everything_that_follows_uses_it() -> None:
    fit = ml.fit("y ~ x + source + (1 | location)", DATA)
    robust = fit.robust(DATA["trust"])
    assert list(robust.params) == list(fit.params)
    assert robust.llf == fit.llf
    assert not np.allclose(robust.bse, fit.bse, rtol=1e-3)
    z = 1.959963984540054
    assert list(
        np.log(robust.odds_ratios()["upper"].dropna())
        - np.log(robust.odds_ratios()["odds_ratio"][[0, 2, 3]])
    ) == pytest.approx(list(z * robust.bse[["x", "source[School]", "source[Self]"]]))
    assert robust.test("x").estimates["std_error"][0] == pytest.approx(robust.bse["x"])
    slugs = [finding["slug"] for finding in robust.diagnostics]
    assert {"robust-covariance", "few-clusters"} <= set(slugs)
    assert "robust-covariance" not in [finding["slug"] for finding in fit.diagnostics]
    assert "robust to 10 clusters" in str(robust.summary())


def test_labels_order_and_kinds_of_columns_do_not_matter() -> None:
    fit = ml.fit("y ~ x + (1 | location)", DATA)
    expected = list(fit.robust(DATA["trust"]).bse)
    for column in (
        DATA["trust"].astype(str),
        DATA["trust"].to_numpy() * -1.5,
        [f"t{k}" for k in DATA["trust"]],
        pd.Categorical(DATA["trust"]),
    ):
        assert list(fit.robust(column).bse) == pytest.approx(expected, rel=1e-12)
    assert list(fit.robust().bse) == list(fit.robust("location").bse)
    shuffled = DATA.sample(frac=1.0, random_state=1)
    again = ml.fit("y ~ x + (1 | location)", shuffled).robust(shuffled["trust"])
    assert list(again.bse) == pytest.approx(expected, rel=1e-6)
    one, two = (fit.robust(DATA["trust"], threads=n).cov_params().to_numpy() for n in (1, 2))
    assert (one == two).all()


def test_nested_factors_are_clustered_by_the_outer_one() -> None:
    data = DATA.assign(trust=DATA["trust"].astype(str))
    fit = ml.fit("y ~ x + (1 | trust/location)", data)
    assert list(fit.robust().bse) == list(fit.robust("trust").bse)
    with pytest.raises(ml.DataError) as caught:
        fit.robust("trust:location")
    assert caught.value.slug == "cluster-splits-group"


def test_rows_that_were_dropped_need_no_cluster() -> None:
    data = DATA.assign(x=DATA["x"].where(DATA.index != 7))
    trust = data["trust"].astype(float).where(data.index != 7)
    fit = ml.fit("y ~ x + (1 | location)", data)
    short = fit.robust(trust.drop(7))
    assert list(fit.robust(trust).bse) == list(short.bse)
    with pytest.raises(
        ml.DataError, match="1 of the analysed rows, the first of these row 9"
    ) as caught:
        fit.robust(trust.where(data.index != 9))
    assert caught.value.slug == "cluster-missing"


@pytest.mark.parametrize(
    ("cluster", "kind", "error", "slug"),
    [
        (np.zeros(len(DATA)), "CR1", ml.DataError, "one-cluster"),
        (np.arange(len(DATA)), "CR1", ml.DataError, "cluster-splits-group"),
        (np.zeros(3), "CR1", ml.DataError, "cluster-length"),
        ("trust", "CR1", ml.OptionError, "unknown-cluster"),
        (3, "CR1", ml.OptionError, "cluster-type"),
        (None, "HC3", ml.OptionError, "kind-choice"),
    ],
)
def test_clusters_that_are_refused(
    cluster: Any, kind: Any, error: type[ml.MelogitError], slug: str
) -> None:
    fit = ml.fit("y ~ x + (1 | location)", DATA)
    with pytest.raises(error) as caught:
        fit.robust(cluster, kind=kind)
    assert caught.value.slug == slug


def test_what_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ml.OptionError, match="what the clusters are"):
        ml.fit("y ~ x", DATA).robust()
    with pytest.raises(ml.OptionError, match="crossed"):
        ml.fit("y ~ x + (1 | location) + (1 | team)", DATA).robust()
    fit = ml.fit("y ~ x + (1 | location)", DATA)
    robust = fit.robust()
    with pytest.raises(ml.OptionError, match="robust already"):
        robust.robust()
    for call in (
        lambda: robust.anova(test="lr"),
        robust.variance_test,
        lambda: ml.compare(robust, robust),
    ):
        with pytest.raises(ml.OptionError) as caught:
            call()
        assert caught.value.slug == "likelihood-of-robust"
    robust.save(tmp_path / "fit.json")
    again = ml.load(tmp_path / "fit.json")
    assert list(again.bse) == list(robust.bse)
    assert "robust-covariance" in [finding["slug"] for finding in again.diagnostics]


def test_a_joint_test_of_more_than_the_clusters_has_no_answer() -> None:
    few = DATA.assign(two=(DATA["trust"] > 4).astype(str))
    fit = ml.fit("y ~ x + source + gender", few).robust(few["two"])
    assert np.isnan(fit.test("x", "source[School]", "gender[M]").statistic)
    assert not np.isnan(fit.test("x").statistic)


def test_robust_errors_see_what_the_model_leaves_out() -> None:
    """A trust effect that the model does not have: the sandwich above the random effect is right, the model's errors are not."""
    rng = np.random.default_rng(2)
    trusts, places, size = 60, 3, 8
    trust = np.repeat(np.arange(trusts), places * size)
    place = np.repeat(np.arange(trusts * places), size)
    slopes, naive, robust = [], [], []
    for _ in range(60):
        x = np.repeat(rng.normal(size=trusts), places * size)
        eta = (
            0.3 * x + rng.normal(size=trusts)[trust] + 0.4 * rng.normal(size=trusts * places)[place]
        )
        y = (rng.random(len(x)) < 1 / (1 + np.exp(-eta))).astype(int)
        fit = ml.fit("y ~ x + (1 | place)", {"y": y, "x": x, "place": place.astype(str)})
        slopes.append(fit.params["x"])
        naive.append(fit.bse["x"])
        robust.append(fit.robust(trust).bse["x"])
    truth = np.std(slopes, ddof=1)
    # The SD of 60 draws has an error of 9 %.
    assert abs(np.mean(robust) / truth - 1.0) < 0.25
    assert np.mean(naive) / np.mean(robust) < 0.85
