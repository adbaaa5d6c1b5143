"""Power of designs: the textbook where there are no locations, and what simulation must show."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from conftest import simulate

import melogit as ml

DESIGN: dict[str, Any] = {
    "locations": 20,
    "referrals": 30,
    "risk": 0.3,
    "odds_ratios": {"plan": 1.6},
}


def wald_power(risk: float, ratio: float, n: int) -> float:
    """Power of the Wald test of a log odds ratio, half of n exposed (Agresti, Categorical Data Analysis, 3.1.1)."""
    odds = ratio * risk / (1 - risk)
    other = odds / (1 + odds)
    variance = (1 / (risk * (1 - risk)) + 1 / (other * (1 - other))) / (n / 2)
    normal, effect = NormalDist(), np.log(ratio) / sqrt(variance)
    return normal.cdf(effect - 1.959964) + normal.cdf(-effect - 1.959964)


def test_without_variation_between_locations_it_is_the_textbooks() -> None:
    found = ml.power(**DESIGN, sd=0.0, replicates=1500, rng=1).frame
    row = found.set_index("parameter").loc["plan"]
    assert row["odds_ratio"] == pytest.approx(1.6)
    # Three Monte Carlo errors, and 2 % for a finite sample.
    assert abs(row["power"] - wald_power(0.3, 1.6, 600)) < 3 * row["power_error"] + 0.02
    assert row["power_error"] == pytest.approx(sqrt(row["power"] * (1 - row["power"]) / 1500))


def test_no_effect_is_found_as_often_as_the_level_says() -> None:
    found = ml.power(
        locations=30, referrals=30, risk=0.4, odds_ratios={"plan": 1.0}, sd=0.6, replicates=1500, rng=2,
        profile=True,
    ).frame.set_index("parameter")  # fmt: skip
    assert abs(found.loc["plan", "power"] - 0.05) < 3 * sqrt(0.05 * 0.95 / 1500)
    for coverage in ("coverage", "coverage_profile"):
        assert abs(found.loc["plan", coverage] - 0.95) < 3 * sqrt(0.05 * 0.95 / 1500)
        assert found.loc["sd", coverage] > 0.9
    assert abs(found.loc["plan", "mean"]) < 0.02
    assert found.loc["plan", "std_dev"] == pytest.approx(
        found.loc["plan", "mean_std_error"], rel=0.1
    )


def test_an_exposure_of_whole_locations_has_less_power() -> None:
    own = ml.power(**DESIGN, sd=0.8, replicates=300, rng=3).frame
    shared = ml.power(**DESIGN, sd=0.8, by_location=["plan"], replicates=300, rng=3).frame
    assert shared["power"][0] < own["power"][0] / 2


def test_power_repeats_by_its_seed_on_any_threads() -> None:
    one = ml.power(**DESIGN, replicates=30, rng=4, threads=1)
    two = ml.power(**DESIGN, replicates=30, rng=one.seed, threads=2)
    assert one.frame.equals(two.frame)


def test_analyses_that_give_nothing_are_counted_and_count_against_the_power() -> None:
    found = ml.power(
        locations=3, referrals=4, risk=0.1, odds_ratios={"plan": 1.0}, shares=0.1, replicates=200, rng=5
    )  # fmt: skip
    lost = int(found.failures["replicates"].sum())
    assert lost > 50
    assert set(found.failures["slug"]) <= {
        "constant-outcome", "constant-exposure", "separation", "not-converged", "no-parameters",
    }  # fmt: skip
    assert found.frame["estimates"][0] == 200 - lost
    assert found.frame["power"][0] < 0.1


def test_power_of_a_repeat_of_a_study() -> None:
    data = simulate(3, groups=30, size=20)
    fit = ml.fit("y ~ x + gender + (1 | location)", data)
    found = fit.power({"gender[M]": 1.0}, replicates=600, rng=1).frame
    assert abs(found["power"][0] - 0.05) < 3 * sqrt(0.05 * 0.95 / 600) + 0.01
    strong = fit.power({"gender[M]": 1.8, "x": 1.5}, replicates=200, rng=1).frame
    expected = NormalDist().cdf(np.log(1.8) / fit.bse["gender[M]"] - 1.96)
    assert strong["power"][0] == pytest.approx(expected, abs=0.12)
    assert strong["mean"].to_numpy() == pytest.approx(np.log([1.8, 1.5]), abs=0.05)


def test_a_design_is_drawn_as_stated() -> None:
    data = ml.simulate_design(
        locations=40, referrals=[500] * 40, risk=0.25, odds_ratios={"plan": 2.0, "care": 0.5},
        shares={"plan": 0.3, "care": 0.1}, sd=0.0, rng=1,
    )  # fmt: skip
    assert list(data.columns) == ["outcome", "plan", "care", "location"]
    assert data["location"].nunique() == 40
    assert data["plan"].mean() == pytest.approx(0.3, abs=0.015)
    assert data["care"].mean() == pytest.approx(0.1, abs=0.01)
    plain = data[(data["plan"] == 0) & (data["care"] == 0)]["outcome"].mean()
    assert plain == pytest.approx(0.25, abs=0.012)
    fit = ml.fit("outcome ~ plan + care + (1 | location)", data)
    off = (fit.params.to_numpy()[1:] - np.log([2.0, 0.5])) / fit.bse.to_numpy()[1:]
    assert np.abs(off).max() < 3
    again = ml.simulate_design(**DESIGN, rng=9, backend="polars")
    assert again.equals(ml.simulate_design(**DESIGN, rng=9, backend="polars"))


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"locations": 1}, "design-groups"),
        ({"referrals": [3, 4]}, "design-referrals"),
        ({"risk": 30}, "design-risk"),
        ({"odds_ratios": {}}, "design-names"),
        ({"odds_ratios": {"location": 2}}, "design-names"),
        ({"odds_ratios": {"plan": 0}}, "design-exposure"),
        ({"shares": {"care": 0.1}}, "design-names"),
        ({"shares": 1.5}, "design-exposure"),
        ({"sd": -1}, "design-sd"),
        ({"by_location": ["care"]}, "design-names"),
        ({"replicates": 0}, "replicates-range"),
    ],
)
def test_numbers_that_describe_no_study_are_refused(change: dict[str, Any], slug: str) -> None:
    with pytest.raises(ml.OptionError) as caught:
        ml.power(**{**DESIGN, **change})
    assert caught.value.slug == slug


def test_a_repeat_needs_coefficients() -> None:
    fit = ml.fit("y ~ x + (1 | location)", simulate(3))
    for given, slug in (
        ({}, "design-exposure"), ({"x": -1}, "design-exposure"), ({"age": 2}, "unknown-parameter"),
        ({"sd[location,(Intercept)]": 2}, "power-parameter"),
    ):  # fmt: skip
        with pytest.raises(ml.OptionError) as caught:
            fit.power(given)
        assert caught.value.slug == slug
