"""Groups left out: lme4 without them, refits by hand, and one step against them. Collinearity: R's car."""

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
FORMULA = "use ~ age + livch + urban + (1 | district)"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / "contraception.csv")


@pytest.fixture(scope="module")
def fitted(data: pd.DataFrame) -> ml.Fit:
    return ml.fit(FORMULA, data, points=1)


def test_exact_is_lme4_without_the_district(fitted: ml.Fit) -> None:
    groups = fitted.influence(exact=True).set_index("level")
    coefficients = fitted.dfbetas(exact=True)
    sd = fitted.variance_components().loc[0, "sd"]
    errors = fitted.bse.to_numpy()
    names = ["(Intercept)", "age", "livch[1]", "livch[2]", "livch[3+]", "urban[Y]"]
    for left in R["left_out"]:
        own = coefficients[coefficients["level"] == str(left["district"])].set_index("name")
        distance = np.abs(own.loc[names, "without"].to_numpy() - left["beta"]) / errors
        assert distance.max() < 2e-3
        found = sd * np.exp(groups.loc[str(left["district"]), "log_sd_change"])
        assert found == pytest.approx(left["sd"], abs=2e-4)


def test_exact_is_a_fit_of_the_rest(data: pd.DataFrame, fitted: ml.Fit) -> None:
    rest = ml.fit(FORMULA, data[data["district"] != 14], points=1)
    row = fitted.influence(exact=True).set_index("level").loc["14"]
    change = (fitted.params - rest.params).to_numpy()
    assert row["cooks_distance"] == pytest.approx(
        change @ np.linalg.solve(fitted.cov_params().to_numpy(), change) / 6, rel=1e-3
    )
    table = fitted.dfbetas(exact=True)
    found = table[table["level"] == "14"]
    assert found["without"].tolist() == pytest.approx(rest.params.tolist(), abs=1e-4)
    assert (found["dfbetas"] * fitted.bse.to_numpy()).tolist() == pytest.approx(
        change.tolist(), abs=1e-4
    )
    assert row["largest_dfbetas"] == found["dfbetas"].loc[found["dfbetas"].abs().idxmax()]


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("y ~ x + source + (1 | location)", {"points": 1}),
        ("y ~ x + source + (1 | location)", {"points": 9}),
        ("y ~ x + source + (1 + x | location)", {"points": 1}),
        ("y ~ x + source + (1 | location) + (1 | team)", {"points": 1}),
    ],
)
def test_one_step_agrees_to_first_order(formula: str, options: dict[str, int]) -> None:
    """Its error falls with the square of a group's share: groups matter less where there are more."""
    errors, sizes = [], []
    for groups in (20, 80):
        fit = ml.fit(formula, simulate(9, groups=groups, size=30, slope=0.4), **options)  # type: ignore[arg-type]
        step, exact = fit.dfbetas("location"), fit.dfbetas("location", exact=True)
        assert list(step["level"]) == list(exact["level"])
        errors.append((step["dfbetas"] - exact["dfbetas"]).abs().mean())
        sizes.append(exact["dfbetas"].abs().mean())
        assert np.corrcoef(step["dfbetas"], exact["dfbetas"])[0, 1] > 0.97
    # dfbetas themselves fall with the root of the number of groups, by 2; their error faster.
    assert errors[1] < errors[0] * 0.5
    assert errors[1] < 0.2 * sizes[1]


def test_influence_of_crossed_and_nested_groups() -> None:
    data = simulate(10, groups=24, size=25)
    data["trust"] = data["location"].str[1:].astype(int).map(lambda i: f"T{i % 6}")
    fit = ml.fit("y ~ x + (1 | trust/location)", data, points=1)
    step, exact = fit.influence("trust"), fit.influence("trust", exact=True)
    assert list(step["level"]) == [f"T{i}" for i in range(6)]
    assert step["n"].tolist() == [100.0] * 6
    assert np.corrcoef(step["cooks_distance"], exact["cooks_distance"])[0, 1] > 0.9


def test_threads_do_not_matter(fitted: ml.Fit) -> None:
    for exact in (False, True):
        one = fitted.influence(exact=exact, threads=1)
        assert one.equals(fitted.influence(exact=exact, threads=3))


def test_a_level_that_only_one_group_has_is_not_determined_without_it() -> None:
    data = simulate(11, groups=15, size=30)
    data.loc[data["location"] == "L03", "source"] = "Only here"
    fit = ml.fit("y ~ x + source + (1 | location)", data)
    for exact in (False, True):
        found = fit.influence(exact=exact).set_index("level")
        assert not found.loc["L03", "converged"]
        assert np.isnan(found.loc["L03", "cooks_distance"])
        assert found.drop(index="L03")["converged"].all()
        table = fit.dfbetas(exact=exact)
        lost = table[table["without"].isna()]
        assert list(zip(lost["level"], lost["name"], strict=True)) == [("L03", "source[Only here]")]


def test_gvif_are_those_of_car(data: pd.DataFrame, fitted: ml.Fit) -> None:
    plain = ml.fit("use ~ age + livch + urban", data)
    for fit, key in ((plain, "vif_plain"), (fitted, "vif_mixed")):
        found = fit.collinearity().set_index("term")
        for row in R[key]:
            assert found.loc[row["_row"], "df"] == row["Df"]
            assert found.loc[row["_row"], "gvif"] == pytest.approx(row["GVIF"], rel=1e-4)
            assert found.loc[row["_row"], "gvif_scaled"] == pytest.approx(
                row["GVIF^(1/(2*Df))"], rel=1e-4
            )
    other = ml.fit(FORMULA, data, contrasts={"livch": "helmert"}, points=1)
    assert other.collinearity()["gvif"].tolist() == pytest.approx(
        fitted.collinearity()["gvif"].tolist(), rel=1e-5
    )


def test_what_cannot_be_asked(data: pd.DataFrame, fitted: ml.Fit) -> None:
    with pytest.raises(ml.OptionError, match="not a grouping factor"):
        fitted.influence("ward")
    with pytest.raises(ml.OptionError, match="no groups to leave out") as error:
        ml.fit("use ~ age", data).influence()
    assert error.value.slug == "no-groups"
    short = ml.fit(FORMULA, data, max_iterations=1, points=1)
    assert not short.converged
    with pytest.raises(ml.FitError, match="did not converge") as failed:
        short.influence()
    assert failed.value.slug == "not-converged"
