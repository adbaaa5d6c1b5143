"""CR2 by each cluster's share in the information: mixed models, and plain ones with large clusters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from conftest import Agreement, simulate
from test_robust import group_loglik

import melogit as ml

Floats = npt.NDArray[np.float64]
DATA = simulate(6, groups=30, size=12).assign(
    trust=lambda d: d["location"].str[1:].astype(int) // 3
)
REFERENCE = Path(__file__).parents[1] / "reference"
STEP = 1e-3


def design(data: pd.DataFrame) -> Floats:
    """Return the columns of ``x + gender``."""
    return np.column_stack([np.ones(len(data)), data["x"], data["gender"] == "M"]).astype(float)


def derivatives(psi: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return score and Hessian of a group's log-likelihood by central differences, errors of order STEP^4."""
    n = len(psi)
    e = np.eye(n)

    def at(step: Floats) -> float:
        return group_loglik(psi + step, x, y)

    def first(h: float) -> Floats:
        return np.array([(at(h * e[i]) - at(-h * e[i])) / (2 * h) for i in range(n)])

    def second(h: float) -> Floats:
        found = np.empty((n, n))
        for i in range(n):
            for j in range(i + 1):
                a, b = h * (e[i] + e[j]), h * (e[i] - e[j])
                found[i, j] = found[j, i] = (at(a) - at(b) - at(-b) + at(-a)) / (4 * h * h)
        return found

    score, hessian = ((4 * of(STEP) - of(2 * STEP)) / 3 for of in (first, second))
    return score, hessian


def power(matrix: Floats, exponent: float) -> Floats:
    """Return a power of a symmetric matrix, zero where it is."""
    value, vector = np.linalg.eigh(matrix)
    powers = np.array([v**exponent if v > 1e-6 else 0.0 for v in value])
    return np.asarray(vector @ np.diag(powers) @ vector.T)


def adjusted_sandwich(scores: list[Floats], informations: list[Floats], p: int) -> Floats:
    """CR2 by its definition: coefficients (the first p) and variances apart, with the symmetric root of each block."""
    whole = np.sum(informations, axis=0)
    meat = np.zeros_like(whole)
    for score, information in zip(scores, informations, strict=True):
        s = np.zeros(len(whole))
        for own in (slice(0, p), slice(p, None)):
            root, back = power(whole[own, own], -0.5), power(whole[own, own], 0.5)
            share = root @ information[own, own] @ root
            s[own] = back @ power(np.eye(len(share)) - share, -0.5) @ root @ score[own]
        meat += np.outer(s, s)
    v = np.linalg.inv(whole)
    return np.asarray(v @ meat @ v)


def distance(found: Any, expected: Floats) -> float:
    """Return the largest difference of two covariances in standard errors."""
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    return float(np.abs((np.asarray(found) - expected) / scale).max())


@pytest.mark.parametrize(("kind", "near"), [("model", 1e-5), ("CR0", 1e-5), ("CR2", 1e-5)])
def test_mixed_models_by_differences_of_the_deviance_of_lme4(
    kind: Any, near: float, agreement: Agreement
) -> None:
    stored = json.loads((REFERENCE / "inference/robust.json").read_text(encoding="utf-8"))
    herds = pd.read_csv(REFERENCE / "data/cbpp.csv").astype({"period": str})
    fit = ml.fit("incidence / size ~ period + (1 | herd)", herds, points=1)
    if kind != "model":
        fit = fit.robust(kind=kind)
    found = distance(fit.cov_params(variance=True), np.array(stored[kind]))
    agreement("cbpp", f"lme4 and numDeriv, {kind}: covariance / (SE SE)", found, near)


@pytest.mark.parametrize("cluster", ["location", "trust"])
def test_mixed_models_by_differences_of_their_log_likelihood(cluster: str) -> None:
    fit = ml.fit("y ~ x + gender + (1 | location)", DATA, points=25)
    psi = np.array([*fit.params, fit.variance_components()["sd"][0]])
    x, y = design(DATA), DATA["y"].to_numpy(float)
    parts: dict[Any, list[tuple[Floats, Floats]]] = {}
    for rows in DATA.groupby("location").indices.values():
        key = DATA[cluster].iloc[rows[0]]
        parts.setdefault(key, []).append(derivatives(psi, x[rows], y[rows]))
    scores = [np.sum([s for s, _ in of], axis=0) for of in parts.values()]
    informations = [-np.sum([h for _, h in of], axis=0) for of in parts.values()]
    v = np.linalg.inv(np.sum(informations, axis=0))
    assert distance(fit.cov_params(variance=True), v) < 1e-5
    found = fit.robust(DATA[cluster], kind="CR2")
    expected = adjusted_sandwich(scores, informations, 3)
    assert distance(found.cov_params(variance=True), expected) < 1e-4
    assert (found.bse > fit.robust(DATA[cluster], kind="CR0").bse).all()
    assert "cr2-by-information" not in [finding["slug"] for finding in found.diagnostics]


def plain_by_residuals(x: Floats, y: Floats, cluster: Any, beta: Floats) -> Floats:
    """Residuals adjusted with the symmetric root on the scale W^1/2, with matrices of a row per record."""
    mu = 1 / (1 + np.exp(-x @ beta))
    half = np.sqrt(mu * (1 - mu))
    scaled = half[:, None] * x
    v = np.linalg.inv(scaled.T @ scaled)
    meat = np.zeros_like(v)
    for g in np.unique(cluster):
        r = np.asarray(cluster) == g
        rest = np.eye(r.sum()) - scaled[r] @ v @ scaled[r].T
        s = scaled[r].T @ power(rest, -0.5) @ ((y[r] - mu[r]) / half[r])
        meat += np.outer(s, s)
    return np.asarray(v @ meat @ v)


def test_plain_models_with_a_large_cluster_by_its_residuals() -> None:
    """One cluster has a coefficient of its own, so that its root has a zero."""
    rng = np.random.default_rng(3)
    sizes = [1600, 400, 300, 350, 250]
    cluster = np.repeat(np.arange(5), sizes)
    x = rng.normal(size=len(cluster)) + 0.3 * cluster
    effect = np.array([0.4, -0.3, 0.2, 0.0, -0.5])[cluster]
    y = (rng.random(len(x)) < 1 / (1 + np.exp(-0.5 * x - effect))).astype(float)
    data = {"y": y, "x": x, "last": (cluster == 4) * 1.0}
    fit = ml.fit("y ~ x + last", data)
    found = fit.robust(cluster, kind="CR2")
    matrix = np.column_stack([np.ones(len(x)), x, data["last"]])
    expected = plain_by_residuals(matrix, y, cluster, fit.params.to_numpy())
    assert distance(found.cov_params(), expected) < 1e-6
    (finding,) = [f for f in found.diagnostics if f["slug"] == "cr2-by-information"]
    assert "1500 distinct records" in finding["message"]
    assert "cr2-left-out" not in [f["slug"] for f in found.diagnostics]


def test_a_variance_of_zero_leaves_the_plain_model() -> None:
    data = DATA.copy()
    for seed in range(20):
        data["y"] = np.random.default_rng(seed).permutation(np.repeat([0, 1], len(DATA) // 2))
        mixed = ml.fit("y ~ x + gender + (1 | location)", data)
        if mixed.variance_components()["sd"][0] == 0.0:
            break
    found = mixed.robust(data["trust"], kind="CR2").cov_params()
    beta = mixed.params.to_numpy()
    y = data["y"].to_numpy(float)
    assert distance(found, plain_by_residuals(design(data), y, data["trust"], beta)) < 1e-6


@pytest.mark.parametrize(
    ("formula", "points"),
    [
        ("y ~ x + gender + (1 + x | location)", 1),
        ("y ~ x + gender + (1 | trust/location)", 3),
        ("y ~ x + gender + (1 | location) + (1 | room)", 1),
    ],
)
def test_order_labels_and_threads_do_not_matter(formula: str, points: int) -> None:
    data = DATA.assign(
        room=DATA["trust"].astype(str) + "-" + (DATA.index % 4).astype(str),
        trust=DATA["trust"].astype(str),
    )
    fit = ml.fit(formula, data, points=points)
    expected = fit.robust(data["trust"], kind="CR2")
    assert (expected.bse > 0).all()
    renamed = fit.robust(data["trust"].map(lambda t: f"z{9 - int(t)}"), kind="CR2")
    assert list(renamed.bse) == pytest.approx(list(expected.bse), rel=1e-10)
    one, two = (
        fit.robust(data["trust"], kind="CR2", threads=n).cov_params().to_numpy() for n in (1, 2)
    )
    assert (one == two).all()
    shuffled = data.sample(frac=1.0, random_state=1)
    again = ml.fit(formula, shuffled, points=points).robust(shuffled["trust"], kind="CR2")
    assert list(again.bse) == pytest.approx(list(expected.bse), rel=1e-4)


def test_units_do_not_matter() -> None:
    data = DATA.assign(big=1e6 * DATA["x"])
    a = ml.fit("y ~ x + (1 | location)", data).robust(kind="CR2").bse
    b = ml.fit("y ~ big + (1 | location)", data).robust(kind="CR2").bse
    assert [b.iloc[0], 1e6 * b.iloc[1]] == pytest.approx(list(a), rel=1e-6)


def test_counts_are_their_records() -> None:
    """Of a mixed model exactly: what is adjusted is a cluster's score, not what a row is."""
    records = DATA[["y", "gender", "source", "location"]]
    counts = records.groupby(["gender", "source", "location"], as_index=False).agg(
        y=("y", "sum"), m=("y", "size")
    )
    a = ml.fit("y ~ gender + source + (1 | location)", records).robust(kind="CR2")
    b = ml.fit("y / m ~ gender + source + (1 | location)", counts).robust(kind="CR2")
    assert list(a.bse) == pytest.approx(list(b.bse), rel=1e-6)


def test_what_the_others_deny_is_left_out_with_a_warning() -> None:
    """Places of one trust differ much, those of the two others less than by chance: without the first, no variance."""
    events = {0: [1, 11, 1, 11, 0, 12], 1: [6, 6, 6, 6, 6, 6], 2: [6, 6, 6, 6, 6, 6]}
    rows = [
        {"y": int(k < count), "place": f"{trust}-{place}", "trust": trust}
        for trust, counts in events.items()
        for place, count in enumerate(counts)
        for k in range(12)
    ]
    data = pd.DataFrame(rows)
    found = ml.fit("y ~ 1 + (1 | place)", data).robust(data["trust"], kind="CR2")
    assert "cr2-left-out" in [finding["slug"] for finding in found.diagnostics]
    assert np.isfinite(found.bse).all()


@pytest.mark.parametrize(("places", "size", "sd"), [(2, 12, 0.5), (1, 30, 0.7)])
def test_with_twelve_clusters_cr2_is_nearer_than_cr0(places: int, size: int, sd: float) -> None:
    """An effect between clusters, the model true: mean variances beside the variance of the estimates, seeds fixed.

    With one group per cluster, a root over coefficients and variances together has a mean 70 % too large.
    """
    rng = np.random.default_rng(12)
    trust = np.repeat(np.arange(12), places * size)
    place = np.repeat(np.arange(12 * places), size)
    x = (trust < 4) * 1.0
    slopes, few, none = [], [], []
    for _ in range(400):
        eta = 0.4 * x + sd * rng.normal(size=12 * places)[place]
        y = (rng.random(len(x)) < 1 / (1 + np.exp(-eta))).astype(int)
        data = {"y": y, "x": x, "place": place.astype(str)}
        fit = ml.fit("y ~ x + (1 | place)", data, points=1)
        slopes.append(fit.params["x"])
        few.append(fit.robust(trust, kind="CR2").bse["x"] ** 2)
        none.append(fit.robust(trust, kind="CR0").bse["x"] ** 2)
    truth = np.var(slopes, ddof=1)
    cr2, cr0 = np.mean(few) / truth, np.mean(none) / truth
    assert cr0 < cr2
    assert abs(cr2 - 1.0) < abs(cr0 - 1.0)
    # The variance of 400 draws has an error of 7 %.
    assert abs(cr2 - 1.0) < 0.15


def test_one_cluster_of_everything_is_refused() -> None:
    fit = ml.fit("y ~ x + (1 | location)", DATA)
    with pytest.raises(ml.DataError) as caught:
        fit.robust(np.zeros(len(DATA)), kind="CR2")
    assert caught.value.slug == "one-cluster"
    with pytest.raises(ml.DataError) as caught:
        fit.robust(np.arange(len(DATA)), kind="CR2")
    assert caught.value.slug == "cluster-splits-group"
