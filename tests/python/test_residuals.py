"""Residuals: R's values, the definition done slowly, and what a right and a wrong model show."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import simulate

import melogit as ml

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "inference" / "fit.json").read_text())


@pytest.fixture(scope="module")
def contraception() -> ml.Fit:
    data = pd.read_csv(REFERENCE / "data" / "contraception.csv")
    return ml.fit("use ~ age + livch + urban + (1 | district)", data, points=1)


@pytest.mark.parametrize("kind", ["pearson", "deviance", "response"])
def test_classical_residuals_are_lme4s(contraception: ml.Fit, kind: str) -> None:
    found = contraception.residuals(kind)  # type: ignore[arg-type]
    assert list(found["row"][:6]) == [0, 1, 2, 3, 4, 5]
    assert found["residual"][:6].tolist() == pytest.approx(R[kind], abs=2e-5)


def test_a_quantile_residual_is_a_place_among_draws() -> None:
    data = {
        "y": [2, 5, 1, 7] * 10,
        "m": [10, 10, 4, 20] * 10,
        "g": [f"g{i % 8}" for i in range(40)],
    }
    fit = ml.fit("y / m ~ 1 + (1 | g)", data)
    draws = fit.simulate(100, rng=4)
    y = np.array(data["y"])
    low, high = (draws < y).mean(axis=0), (draws <= y).mean(axis=0)
    found = fit.residuals(replicates=100, rng=4)
    assert ((found["residual"] >= low) & (found["residual"] <= high)).all()
    assert found["expected"].tolist() == pytest.approx(draws.mean(axis=0))
    by = fit.residuals(by="g", replicates=100, rng=4)
    member = np.array(data["g"]) == by["level"][3]
    total = draws[:, member].sum(axis=1)
    assert by["observed"][3] == y[member].sum()
    share = (total < by["observed"][3]).mean(), (total <= by["observed"][3]).mean()
    assert share[0] <= by["residual"][3] <= share[1]


def test_residuals_are_the_same_for_any_number_of_threads(contraception: ml.Fit) -> None:
    one = contraception.residuals(rng=1, threads=1)
    assert one.equals(contraception.residuals(rng=1, threads=3))
    assert not one.equals(contraception.residuals(rng=2))


def test_dropped_rows_have_no_residual() -> None:
    data = simulate(2)
    data.loc[[0, 7], "x"] = np.nan
    fit = ml.fit("y ~ x + (1 | location)", data)
    for found in (fit.residuals(rng=1), fit.residuals("pearson")):
        assert found["row"].tolist() == [i for i in range(600) if i not in (0, 7)]
        assert found["observed"].tolist() == data["y"].drop([0, 7]).tolist()


def test_a_right_model_passes_as_often_as_it_should() -> None:
    p = [
        ml.fit("y ~ x + source + gender + (1 | location) + (1 | team)", simulate(seed))
        .residual_tests(replicates=120, rng=seed)["p_value"]
        .to_numpy()
        for seed in range(40)
    ]
    # Of 120 tests at 5 %, 13 or more would be rejected with probability 1 in 100.
    assert (np.array(p) < 0.05).sum() < 13


def test_conditional_draws_keep_the_places() -> None:
    """New places scatter a place's sum of events; its own effect kept, chance alone does."""
    data = simulate(3, groups=40, size=30, sd=1.2)
    fit = ml.fit("y ~ x + source + gender + (1 | location)", data)
    drawn = fit.residuals(by="location", rng=1)
    kept = fit.residuals(by="location", conditional=True, rng=1)
    assert (
        np.abs(kept["expected"] - kept["observed"]).mean()
        < 0.5 * np.abs(drawn["expected"] - drawn["observed"]).mean()
    )
    assert fit.residual_tests(by="location", rng=1).loc[1, "p_value"] > 0.05


def test_overdispersed_counts_are_found() -> None:
    rng = np.random.default_rng(8)
    eta = np.repeat(rng.normal(0, 0.5, 30), 20) + rng.normal(0, 1.2, 600)
    data = pd.DataFrame({"m": 25, "g": np.repeat([f"g{i}" for i in range(30)], 20)})
    data["y"] = rng.binomial(25, 1 / (1 + np.exp(-eta)))
    tests = ml.fit("y / m ~ 1 + (1 | g)", data).residual_tests(rng=1).set_index("test")
    assert (tests["p_value"] < 0.01).all()
    assert tests.loc["dispersion", "statistic"] > 2
    assert tests.loc["outliers", "statistic"] > 5 * tests.loc["outliers", "expected"]


def test_what_cannot_be_asked(contraception: ml.Fit) -> None:
    with pytest.raises(ml.OptionError, match="kind='raw'"):
        contraception.residuals("raw")  # type: ignore[arg-type]
    with pytest.raises(ml.OptionError, match="replicates=0"):
        contraception.residuals(replicates=0)
    with pytest.raises(ml.OptionError, match="not a grouping factor"):
        contraception.residuals(by="ward")
