"""Curves of a number in a model: their tests, their memory, and what cannot be one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import core_fit
from numpy.testing import assert_allclose

import melogit as ml
from melogit import _core


@pytest.fixture
def aged(records: pd.DataFrame) -> pd.DataFrame:
    """The records with an age in whole years, and one to the day."""
    rng = np.random.default_rng(8)
    years = rng.integers(0, 19, len(records)).astype(float)
    eta = -0.5 + 0.9 * np.sin(years / 4) + 0.4 * records["x"]
    y = (rng.random(len(records)) < 1 / (1 + np.exp(-eta))).astype(int)
    return records.assign(y=y, age=years, exact=years + rng.random(len(records)))


CURVES = ["ns({}, df=4)", 'ns({}, knots="5 9 13", bounds="2 16")', "bs({}, df=6)", "bs({}, df=4, degree=2)",
          "poly({}, 3)"]  # fmt: skip


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("column", ["age", "exact"])
def test_a_saved_curve_predicts_the_same(
    aged: pd.DataFrame, curve: str, column: str, tmp_path: Any
) -> None:
    term = curve.format(column)
    fit = ml.fit(f"y ~ {term} * gender + (1 | location)", aged)
    assert fit.converged
    path = tmp_path / "model.json"
    fit.save(path)
    again = ml.load(path)
    whole = np.asarray(fit.predict(aged))
    assert_allclose(again.predict(aged), whole, rtol=1e-13)
    # A few rows alone: knots are those of the fit, not of the new data.
    for rows in ([3], [5, 99, 7], list(range(40))):
        assert_allclose(again.predict(aged.iloc[rows]), whole[rows], rtol=1e-12)


def test_a_curve_is_one_term(aged: pd.DataFrame) -> None:
    fit = ml.fit("y ~ ns(age, df=4) + gender", aged)
    tests = fit.term_tests()
    assert list(tests["term"]) == ["ns(age, df=4)", "gender"]
    assert list(tests["df"]) == [4, 1]
    assert tests["p_value"][0] < 1e-6
    table = fit.odds_ratios()
    assert list(table["level"])[:4] == ["1", "2", "3", "4"]
    assert "ns(age, df=4)[4]" in fit.params.index
    assert "curve" in fit.table().text()


def test_nested_curves_nest_their_likelihoods(aged: pd.DataFrame) -> None:
    """A straight line is in every curve; natural splines are in cubic ones over the same knots."""
    at = 'knots="5 9 13"'
    values = [
        ml.fit(f"y ~ {term}", aged).llf
        for term in ("exact", f"ns(exact, {at})", f"bs(exact, {at})")
    ]
    assert values[0] < values[1] < values[2]
    same = [
        ml.fit(f"y ~ {term}", aged).llf
        for term in ("age + I(age^2) + I(age^3)", "poly(age, 3)", "bs(age, df=3)")
    ]
    assert np.ptp(same) < 1e-7
    line = [ml.fit(f"y ~ {term}", aged).llf for term in ("age", "ns(age, df=1)", "poly(age, 1)")]
    assert np.ptp(line) < 1e-8


def test_the_curve_is_the_same_in_other_units(aged: pd.DataFrame) -> None:
    months = aged.assign(age=12 * aged["age"] + 3)
    for curve in ("ns(age, df=5)", "bs(age, df=5)", "poly(age, 4)"):
        one, other = (ml.fit(f"y ~ {curve}", data) for data in (aged, months))
        assert other.llf == pytest.approx(one.llf, abs=1e-7)
        assert_allclose(other.predict(months), one.predict(aged), atol=1e-6)


def test_a_curve_may_vary_between_groups(aged: pd.DataFrame) -> None:
    curves = [
        core_fit(f"y ~ {c} + (0 + {c} | location)", aged)
        for c in ("poly(exact, 2)", "bs(exact, df=2, degree=2)")
    ]
    # Both are quadratics through the same points, less their intercepts: they need not agree, but must be fitted.
    for fit in curves:
        assert fit.converged
        assert len(fit.variance_table(0.95)["sd"]) == 3
    full = [
        core_fit(f"y ~ {c} + (1 + {c} | location)", aged).loglik
        for c in ("poly(exact, 2)", "bs(exact, df=2, degree=2)")
    ]
    assert full[0] == pytest.approx(full[1], abs=1e-5)


def test_natural_splines_go_on_in_a_straight_line(aged: pd.DataFrame) -> None:
    fit = ml.fit('y ~ ns(age, df=4, bounds="1 17")', aged)
    for beyond in ([17.0, 20.0, 23.0, 26.0], [1.0, -3.0, -7.0, -11.0]):
        risk = np.asarray(fit.predict({"age": beyond}, kind="typical"))
        assert_allclose(np.diff(np.log(risk / (1 - risk)), 2), 0, atol=1e-9)


def test_b_splines_end_at_their_bounds(aged: pd.DataFrame) -> None:
    fit = ml.fit("y ~ bs(age, df=4)", aged)
    with pytest.raises(ml.DataError, match=r"row 1 \(counted from 0\), holds 19") as caught:
        fit.predict({"age": [18.0, 19.0]}, kind="typical")
    assert caught.value.slug == "outside-bounds"
    assert np.isnan(np.asarray(fit.predict({"age": [3.0, np.nan]}, kind="typical"))[1])


@pytest.mark.parametrize(
    ("term", "slug"),
    [
        ("ns(age, df=20)", "too-few-values"),
        ("poly(two, 2)", "too-few-values"),
        ("ns(heaped, df=6)", "repeated-knots"),
        ('ns(age, knots="5 40")', "knots-outside"),
        ('ns(age, knots="0 5")', "knots-outside"),
        ('bs(age, df=4, bounds="2 18")', "outside-bounds"),
        ("ns(gender, df=3)", "not-a-number"),
        ("poly(huge, 9)", "not-finite"),
        ("ns(infinite, df=3)", "not-finite"),
    ],
)
def test_what_cannot_be_a_curve(aged: pd.DataFrame, term: str, slug: str) -> None:
    n = len(aged)
    data = aged.assign(
        two=np.arange(n) % 2.0,
        heaped=np.where(np.arange(n) % 10 < 8, 5.0, aged["exact"]),
        huge=aged["exact"] * 1e40,
        infinite=np.where(np.arange(n) == 4, np.inf, aged["exact"]),
    )
    with pytest.raises(ml.DataError) as caught:
        ml.fit(f"y ~ {term}", data)
    assert caught.value.slug == slug


def test_missing_ages_are_dropped_before_knots_are_placed(aged: pd.DataFrame) -> None:
    holed = aged.assign(exact=aged["exact"].where(np.arange(len(aged)) % 5 > 0))
    one, other = ml.fit("y ~ ns(exact, df=4)", holed), ml.fit("y ~ ns(exact, df=4)", holed.dropna())
    assert one.llf == other.llf


def test_damaged_curves_are_refused(aged: pd.DataFrame) -> None:
    saved = core_fit("y ~ ns(age, df=3)", aged).to_json()
    basis = json.loads(saved)["design"]["terms"][0]["atoms"][0]["basis"]["shape"]["natural"]
    assert len(basis["knots"]) == 2
    for damage in ([9.0, 3.0], [3.0], [3.0, 40.0]):
        model = json.loads(saved)
        model["design"]["terms"][0]["atoms"][0]["basis"]["shape"]["natural"]["knots"] = damage
        with pytest.raises(ml.LoadError):
            _core.Fit.from_json(json.dumps(model))
