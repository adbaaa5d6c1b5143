"""Imputations pooled: against R's mice and mitml, the rules by hand, and what cannot be pooled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import Agreement, simulate

import melogit as ml

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
MICE = json.loads((REFERENCE / "inference" / "imputation.json").read_text())
LIVCH = {"dtype": pd.CategoricalDtype(["0", "1", "2", "3+"], ordered=True)}


def completed() -> list[pd.DataFrame]:
    """The frames that mice completed."""
    data = pd.read_csv(REFERENCE / "data" / "contraception.csv")[: MICE["rows"]]
    frames = []
    for k in map(str, range(1, MICE["m"] + 1)):
        frame = data[["use", "age", "livch", "urban", "district"]].copy()
        frame["district"] = frame["district"].astype(str)
        for column in ("age", "livch"):
            frame.loc[MICE[column]["row"], column] = MICE[column]["values"][k]
        frame["livch"] = frame["livch"].astype(LIVCH["dtype"])
        frames.append(frame)
    return frames


@pytest.mark.parametrize(("df", "key"), [(None, "pooled"), (594, "pooled_594")])
def test_coefficients_are_pooled_as_by_mice(df: Any, key: str, agreement: Agreement) -> None:
    pooled = ml.fit_imputed(
        "use ~ age + livch + urban", completed(), complete_df=df, tolerance=1e-12
    )
    ours = pooled.coefficients()
    theirs = MICE[key]
    for column, name in (
        ("estimate", "estimate"), ("within", "ubar"), ("between", "b"), ("total", "t"), ("df", "df"),
        ("relative_increase", "riv"), ("missing_information", "fmi"),
    ):  # fmt: skip
        distance = np.abs(ours[column] / np.array(theirs[name]) - 1).max()
        agreement("contraception", f"mice::pool, {column} (relative)", float(distance), 1e-6)


@pytest.mark.parametrize(
    ("method", "df", "key"), [("D1", None, "D1"), ("D1", 594, "D1_594"), ("D2", None, "D2")]
)
def test_joint_tests_are_those_of_mice(
    method: Any, df: Any, key: str, agreement: Agreement
) -> None:
    pooled = ml.fit_imputed(
        "use ~ age + urban + livch", completed(), complete_df=df, tolerance=1e-12
    )
    row = pooled.term_tests(method).set_index("term").loc["livch"]
    theirs = MICE[key]
    for ours, name in (
        ("statistic", "F.value"), ("df1", "df1"), ("df2", "df2"), ("p_value", "P(>F)"),
        ("relative_increase", "RIV"),
    ):  # fmt: skip
        distance = abs(row[ours] / theirs[name] - 1)
        agreement("contraception", f"mice::{method}, {ours} (relative)", float(distance), 1e-6)


def test_identical_imputations_are_one_fit() -> None:
    data = simulate(3)
    fit = ml.fit("y ~ x + source + (1 | location)", data)
    pooled = ml.fit_imputed("y ~ x + source + (1 | location)", [data] * 4)
    table = pooled.coefficients()
    assert table["estimate"].to_numpy() == pytest.approx(fit.params.to_numpy(), abs=1e-4)
    assert table["std_error"].to_numpy() == pytest.approx(fit.bse.to_numpy(), rel=1e-4)
    assert table["missing_information"].max() < 1e-6
    ours, theirs = pooled.odds_ratios(), fit.odds_ratios()
    assert list(ours["level"]) == list(theirs["level"])
    assert list(ours["reference"]) == list(theirs["reference"])
    for column in ("n", "events", "odds_ratio", "lower", "upper", "p"):
        same = np.allclose(ours[column], theirs[column], rtol=2e-3, equal_nan=True)
        assert same, column
    sd, plain = pooled.variance_components(), fit.variance_components()
    for column in ("sd", "std_error", "lower", "upper"):
        assert sd[column][0] == pytest.approx(plain[column][0], rel=1e-3)
    tests, wald = pooled.term_tests(), fit.term_tests()
    assert (tests["statistic"] * tests["df1"]).to_numpy() == pytest.approx(
        wald["statistic"], rel=1e-3
    )


def test_the_rules_by_hand() -> None:
    frames = completed()[:3]
    pooled = ml.fit_imputed("use ~ age + livch + (1 | district)", frames)
    fits = [
        ml.fit("use ~ age + livch + (1 | district)", frame, points=pooled.fits[0]._core.points)
        for frame in frames
    ]
    q = np.array([fit.params["age"] for fit in fits])
    u = np.array([fit.bse["age"] ** 2 for fit in fits])
    total = u.mean() + (1 + 1 / 3) * q.var(ddof=1)
    row = pooled.coefficients().set_index("name").loc["age"]
    assert row["estimate"] == pytest.approx(q.mean(), rel=1e-4)
    assert row["std_error"] == pytest.approx(np.sqrt(total), rel=1e-4)
    sd = [fit.variance_components()["sd"][0] for fit in fits]
    assert pooled.variance_components()["sd"][0] == pytest.approx(
        np.exp(np.log(sd).mean()), rel=1e-4
    )


def long_frame() -> pd.DataFrame:
    frames = completed()
    frames.insert(0, frames[0].assign(age=np.nan))
    return pd.concat([f.assign(**{".imp": k}) for k, f in enumerate(frames)], ignore_index=True)


def test_one_long_frame_is_cut_by_its_column() -> None:
    formula = "use ~ age + livch + urban"
    expected = ml.fit_imputed(formula, completed()).params
    long = long_frame()
    for data in (long, pl.from_pandas(long), {name: long[name].to_numpy() for name in long}):
        pooled = ml.fit_imputed(formula, data, imputation=".imp")
        assert pooled.m == 5
        found = pooled.params
        for name in expected.keys():  # noqa: SIM118 - a Series iterates over values
            assert found[name] == pytest.approx(expected[name], abs=1e-12)


class Kernel:
    """What a miceforest kernel looks like from outside."""

    def __init__(self, frames: list[Any]) -> None:
        self.num_datasets, self.frames = len(frames), frames

    def complete_data(self, dataset: int) -> Any:
        return self.frames[dataset]


class MiceData:
    """What MICEData of statsmodels looks like: one frame, changed in place."""

    def __init__(self, frames: list[pd.DataFrame]) -> None:
        self.frames, self.data = iter(frames), frames[0].copy()

    def next_sample(self) -> pd.DataFrame:
        self.data.loc[:, "age"] = next(self.frames)["age"]
        return self.data


def test_common_imputers_give_their_frames() -> None:
    frames = completed()

    def lazily() -> Iterator[pd.DataFrame]:
        yield from frames

    assert [f["age"].sum() for f in ml.imputations(lazily())] == [f["age"].sum() for f in frames]
    assert ml.imputations(Kernel(frames), m=2)[1] is frames[1]
    drawn = ml.imputations(MiceData(frames), m=3)
    assert [f["age"].sum() for f in drawn] == [f["age"].sum() for f in frames[:3]]
    arrays = [f[["use", "age"]].to_numpy() for f in frames]
    named = ml.imputations(arrays, columns=["use", "age"])
    assert ml.fit_imputed("use ~ age", named).m == 5
    for call, slug in (
        (lambda: ml.imputations(MiceData(frames)), "imputations-m"),
        (lambda: ml.imputations(arrays), "imputations-columns"),
        (lambda: ml.imputations(frames[0]), "imputations-type"),
        (lambda: ml.imputations(3), "imputations-type"),
    ):
        with pytest.raises(ml.OptionError) as caught:
            call()
        assert caught.value.slug == slug


def test_what_cannot_be_pooled_is_named() -> None:
    frames = completed()
    formula = "use ~ age + livch + (1 | district)"

    def slug(data: Any, formula: str = formula, **options: Any) -> tuple[str, str]:
        with pytest.raises(ml.MelogitError) as caught:
            ml.fit_imputed(formula, data, **options)
        return caught.value.slug, str(caught.value)

    assert slug(frames[:1])[0] == "one-imputation"
    assert slug(frames[0])[0] == "imputations-type"
    assert slug(frames, complete_df=-1)[0] == "complete-df-range"
    found, message = slug([frames[0], frames[1].drop(columns="age")])
    assert found == "imputation-columns"
    assert "Imputation 2 has no column 'age'" in message
    assert slug([frames[0], frames[1].iloc[:500]])[0] == "imputation-rows"
    assert slug([frames[0], frames[1].assign(age=[np.nan] + [1.0, 2.0] * 299 + [3.0])])[0] == (
        "imputation-rows"
    )
    rare = frames[1].assign(livch=frames[1]["livch"].astype(str).replace("2", "1"))
    found, message = slug([frames[0].assign(livch=frames[0]["livch"].astype(str)), rare])
    assert found == "imputation-levels"
    assert "column 'livch' has no level '2'" in message
    assert slug(frames, "use ~ ns(age, df=3) + (1 | district)")[0] == "imputation-curves"
    assert slug(frames, max_iterations=1)[0] == "not-converged"
    stated = "use ~ ns(age, knots='-5 5', bounds='-15 20') + (1 | district)"
    assert ml.fit_imputed(stated, frames[:2]).m == 2
    with pytest.raises(ml.OptionError):
        ml.fit_imputed(formula, frames[:2]).term_tests("D3")  # type: ignore[arg-type]


def test_missing_data_side_by_side() -> None:
    data = completed()[0]
    data.loc[MICE["livch"]["row"], "livch"] = np.nan
    data.loc[MICE["age"]["row"], "age"] = np.nan
    formula = "use ~ livch + age + urban + (1 | district)"
    pooled = ml.fit_imputed(formula, completed())
    table = ml.missing_data_table(formula, data, imputed=pooled)
    by = table.set_index(["term", "level"])
    complete = ml.fit(formula, data)
    row = complete.odds_ratios().set_index(["term", "level"]).loc[("urban", "Y")]
    assert by.loc[("urban", "Y"), "complete_odds_ratio"] == row["odds_ratio"]
    assert by.loc[("livch", "Missing"), "indicator_n"] == len(MICE["livch"]["row"])
    assert np.isnan(by.loc[("livch", "Missing"), "complete_odds_ratio"])
    assert by.loc[("urban", "Y"), "complete_n"] < by.loc[("urban", "Y"), "indicator_n"]
    recoded = data.assign(
        livch=data["livch"].cat.add_categories("Missing").fillna("Missing"),
        lost=data["age"].isna().astype(float), age=data["age"].fillna(data["age"].mean()),
    )  # fmt: skip
    indicator = ml.fit("use ~ livch + age + urban + lost + (1 | district)", recoded)
    for key, name in ((("urban", "Y"), "urban[Y]"), (("age missing", ""), "lost")):
        assert by.loc[key, "indicator_odds_ratio"] == pytest.approx(
            np.exp(indicator.params[name]), rel=1e-4
        )
    imputed = pooled.odds_ratios().set_index(["term", "level"]).loc[("urban", "Y")]
    assert by.loc[("urban", "Y"), "imputed_odds_ratio"] == imputed["odds_ratio"]
