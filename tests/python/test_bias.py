"""E-values and tipping points: published numbers, and confounders put back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import melogit as ml


@pytest.fixture(scope="module")
def fitted() -> ml.Fit:
    rng = np.random.default_rng(3)
    n = 4_000
    exposed = rng.random(n) < 0.3
    place = rng.integers(0, 20, n)
    eta = -0.4 + 0.9 * exposed + rng.normal(0, 0.5, 20)[place]
    data = pd.DataFrame(
        {
            "y": (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int),
            "exposed": pd.Categorical(np.where(exposed, "yes", "no"), categories=["no", "yes"]),
            "x": rng.normal(size=n),
            "place": [f"P{i}" for i in place],
        }
    )
    return ml.fit("y ~ exposed + x + (1 | place)", data)


def test_published_e_values() -> None:
    value = ml.e_value(2.65, 2.43, 2.88)
    assert (round(value.estimate, 3), round(value.bound, 3)) == (2.639, 2.492)
    value = ml.e_value(3.9, 1.8, 8.7, rare=True)
    assert (round(value.estimate, 2), round(value.bound, 2)) == (7.26, 3.0)


def test_e_values_of_a_fit_are_those_of_its_odds_ratios(fitted: ml.Fit) -> None:
    found, odds = fitted.e_values(), fitted.odds_ratios()
    assert found["term"].tolist() == ["exposed", "x"]
    row = odds[odds["level"] == "yes"].iloc[0]
    value = ml.e_value(row["odds_ratio"], row["lower"], row["upper"])
    assert found.loc[0, ["e_value", "e_value_bound"]].tolist() == [value.estimate, value.bound]


def test_the_confounder_put_back_explains_everything(fitted: ml.Fit) -> None:
    """A population without any effect, with the confounder found, shows the odds ratio found."""
    risk = 0.35
    table = fitted.tipping_point("exposed", "yes", risk=risk, confounder_odds_ratios=[6.0, 12.0])
    odds = fitted.odds_ratios().set_index("level").loc["yes"]
    there = table.dropna()
    assert len(there) >= 4
    for _, row in there.iterrows():
        gamma, p0 = row["confounder_odds_ratio"], row["prevalence_unexposed"]
        grid = np.linspace(-8, 8, 160_001)
        risks = (1 - p0) / (1 + np.exp(-grid)) + p0 / (1 + np.exp(-grid) / gamma)
        alpha = grid[np.argmin(np.abs(risks - risk))]

        def shown(p: float, alpha: float = alpha, gamma: float = gamma) -> float:
            r = (1 - p) / (1 + np.exp(-alpha)) + p / (1 + np.exp(-alpha) / gamma)
            return float(r / (1 - r))

        for name, target in (("estimate", odds["odds_ratio"]), ("bound", odds["lower"])):
            ratio = shown(row[f"prevalence_{name}"]) / shown(p0)
            assert ratio == pytest.approx(target, rel=1e-3)


def test_a_rare_outcome_has_the_classical_bias_factor(fitted: ml.Fit) -> None:
    table = fitted.tipping_point("exposed", risk=1e-8)
    ratio = fitted.odds_ratios().set_index("level").loc["yes", "odds_ratio"]
    gamma, p0 = table["confounder_odds_ratio"], table["prevalence_unexposed"]
    classical = (ratio * (1 + p0 * (gamma - 1)) - 1) / (gamma - 1)
    possible = classical <= 1
    assert table["prevalence_estimate"].isna().tolist() == (~possible).tolist()
    assert table.loc[possible, "prevalence_estimate"].tolist() == pytest.approx(
        classical[possible].tolist(), abs=1e-6
    )


def test_stronger_confounders_need_less_difference(fitted: ml.Fit) -> None:
    table = fitted.tipping_point("exposed", prevalences=[0.2])
    need = table["prevalence_estimate"].dropna()
    assert need.is_monotonic_decreasing
    assert len(need) >= 2
    assert (table["prevalence_bound"].dropna() > 0.2).all()
    assert (need > table.loc[need.index, "prevalence_bound"]).all()


def test_what_cannot_be_asked(fitted: ml.Fit) -> None:
    for call, slug in (
        (lambda: fitted.tipping_point("expose"), "term-choice"),
        (lambda: fitted.tipping_point("exposed", "no"), "level-choice"),
        (lambda: fitted.tipping_point("exposed", prevalences=[1.2]), "tipping-point"),
        (lambda: fitted.tipping_point("exposed", confounder_odds_ratios=[1.0]), "tipping-point"),
        (lambda: fitted.tipping_point("exposed", risk=0.0), "tipping-point"),
        (lambda: fitted.tipping_point("exposed", confidence=95), "confidence-range"),
        (lambda: ml.e_value(2.0, 2.1, 3.0), "e-value"),
    ):
        with pytest.raises(ml.OptionError) as error:
            call()
        assert error.value.slug == slug
    with pytest.raises(ml.OptionError, match="Did you mean 'exposed'"):
        fitted.tipping_point("expose")
