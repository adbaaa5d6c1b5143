"""Hypotheses in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import simulate

import melogit as ml


@pytest.fixture(scope="module")
def fit() -> ml.Fit:
    data = simulate(2)
    data["social_work"] = data["source"].map(
        {"GP": "None", "School": "Child protection plan", "Self": "Other (a, b = c)"}
    )
    data["social_work"] = pd.Categorical(
        data["social_work"], ["None", "Child protection plan", "Other (a, b = c)"]
    )
    return ml.fit("y ~ x + I(x^2) + social_work * gender + (1 | location)", data)


def combination(fit: ml.Fit, weights: dict[str, float]) -> tuple[float, float]:
    w = np.array([weights.get(name, 0.0) for name in fit.params.index])
    return float(w @ fit.params), float(np.sqrt(w @ fit.cov_params().to_numpy() @ w))


CPP = "social_work[Child protection plan]"
OTHER = "social_work[Other (a, b = c)]"


@pytest.mark.parametrize(
    ("text", "weights", "value"),
    [
        (f"{CPP} = {OTHER}", {CPP: 1, OTHER: -1}, 0.0),
        (f"{CPP}={OTHER}", {CPP: 1, OTHER: -1}, 0.0),
        ("x", {"x": 1}, 0.0),
        ("x = 0.5", {"x": 1}, 0.5),
        ("0.5 == x", {"x": -1}, -0.5),
        ("2*x - 1 = 0", {"x": 2}, 1.0),
        ("2*(x + I(x^2))/4 = (Intercept)", {"x": 0.5, "I(x^2)": 0.5, "(Intercept)": -1}, 0.0),
        ("-x = 1/4", {"x": -1}, 0.25),
        (f"{CPP} + {CPP}:gender[M] = 0", {CPP: 1, f"{CPP}:gender[M]": 1}, 0.0),
        (f"{OTHER}:gender[M] = 0", {f"{OTHER}:gender[M]": 1}, 0.0),
        ("`x` = `gender[M]`", {"x": 1, "gender[M]": -1}, 0.0),
    ],
)
def test_texts_and_their_meaning(
    fit: ml.Fit, text: str, weights: dict[str, float], value: float
) -> None:
    found = fit.test(text)
    estimate, error = combination(fit, weights)
    row = found.estimates.iloc[0]
    assert row["hypothesis"] == text
    assert row["estimate"] == pytest.approx(estimate, rel=1e-9)
    assert row["std_error"] == pytest.approx(error, rel=1e-9)
    assert row["value"] == value
    assert row["lower"] == pytest.approx(estimate - 1.959963984540054 * error, rel=1e-8)
    assert found.statistic == pytest.approx(((estimate - value) / error) ** 2, rel=1e-8)
    assert found.p_value == pytest.approx(row["p_value"], rel=1e-6)


@pytest.mark.parametrize(
    "several",
    [
        ("x = 0", "gender[M] = 0"),
        ("x = 0, gender[M] = 0",),
        ("x = 0; gender[M]",),
        ("\n  x = 0,\n\n gender[M] = 0\n",),
        ("x = gender[M] = 0",),
        (["x", "gender[M]"],),
        ("x", "gender[M]", "x + gender[M]", "2*x = gender[M]"),
    ],
)
def test_several_at_once(fit: ml.Fit, several: Any) -> None:
    found = fit.test(*several)
    names = ["x", "gender[M]"]
    beta = fit.params[names].to_numpy()
    covariance = fit.cov_params().loc[names, names].to_numpy()
    assert found.df == 2
    assert found.statistic == pytest.approx(beta @ np.linalg.solve(covariance, beta), rel=1e-8)


def test_the_test_of_a_term_is_its_hypothesis(fit: ml.Fit) -> None:
    names = [name for name in fit.params.index if ":" in name]
    found = fit.test(*names)
    term = fit.term_tests().set_index("term").loc["social_work:gender"]
    assert found.statistic == pytest.approx(term["statistic"], rel=1e-9)
    assert "chi-square" in repr(found)


@pytest.mark.parametrize(
    ("text", "slug", "said"),
    [
        ("social_work[CPP] = 0", "unknown-coefficient", r"\^{16}"),
        (
            "social_work[Child protection pln] = x",
            "unknown-coefficient",
            "Did you mean 'social_work",
        ),
        ("gendr[M] = 0", "unknown-coefficient", r"Did you mean 'gender\[M\]'"),
        ("social_work[None] = x", "unknown-coefficient", "reference level of social_work.*write 0"),
        (f"{CPP}:gender[F]", "unknown-coefficient", "this is not a coefficient"),
        ("x x", "hypothesis-syntax", "operator is missing"),
        ("x =", "hypothesis-syntax", "coefficient is missing"),
        ("= 0", "hypothesis-syntax", "coefficient is missing"),
        ("x, , x", "hypothesis-syntax", "coefficient is missing"),
        ("x * gender[M]", "hypothesis-syntax", "multiplied or divided by a coefficient"),
        ("x / 0 = 1", "hypothesis-syntax", "divides by zero"),
        ("(x = 0", "hypothesis-syntax", "never closed"),
        ("x = x", "hypothesis-syntax", "says nothing"),
        ("1 = 1", "hypothesis-syntax", "says nothing"),
        ("`x = 0", "hypothesis-syntax", "never closed"),
        ("x = 0, x = 1", "contradiction", "x = 1"),
        ("  ", "no-hypothesis", "no hypothesis"),
    ],
)
def test_mistakes_are_pointed_at(fit: ml.Fit, text: str, slug: str, said: str) -> None:
    with pytest.raises(ml.OptionError, match=f"(?s){said}") as caught:
        fit.test(text)
    assert caught.value.slug == slug


def test_what_else_is_refused(fit: ml.Fit) -> None:
    with pytest.raises(ml.OptionError, match="is text"):
        fit.test(3)  # type: ignore[arg-type]
    with pytest.raises(ml.OptionError, match="no hypothesis"):
        fit.test()
    with pytest.raises(ml.OptionError, match="between 0 and 1"):
        fit.test("x", level=95)


def test_what_has_no_estimate_is_refused() -> None:
    data = simulate(5)
    data["again"] = data["x"]
    fit = ml.fit("y ~ x + again + (1 | location)", data)
    with pytest.raises(ml.OptionError, match="redundant") as caught:
        fit.test("again = 0")
    assert caught.value.slug == "redundant-coefficient"
    data["sure"] = np.where((data["y"] == 1) & (data.index % 3 == 0), "yes", "no")
    separated = ml.fit("y ~ x + sure", data)
    with pytest.raises(ml.FitError, match="no finite estimate") as caught2:
        separated.test("sure[yes] = 0")
    assert caught2.value.slug == "separated-coefficient"


def test_a_saved_fit_can_be_tested(fit: ml.Fit, tmp_path: Any) -> None:
    fit.save(tmp_path / "fit.json")
    assert ml.load(tmp_path / "fit.json").test("x").statistic == fit.test("x").statistic
