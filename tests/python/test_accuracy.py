"""Measures of fit: R's values, slow counts of pairs, and new rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def test_r_squared_are_those_of_the_formulas_at_lme4s_estimates(
    data: pd.DataFrame, fitted: ml.Fit
) -> None:
    slope = ml.fit("use ~ age + livch + urban + (1 + urban | district)", data, points=1)
    for fit, name in ((fitted, "nakagawa"), (slope, "nakagawa_slope")):
        row = fit.goodness().iloc[0]
        for kind, value in R[name].items():
            assert row[f"r2_{kind}"] == pytest.approx(value, abs=2e-5)


def test_scores_and_calibration_are_rs(fitted: ml.Fit) -> None:
    row = fitted.goodness().iloc[0]
    assert row["r2_tjur"] == pytest.approx(R["tjur"], abs=1e-5)
    assert row["brier"] == pytest.approx(R["brier"], abs=1e-6)
    assert row["log_score"] == pytest.approx(R["log_score"], abs=1e-6)
    assert row["brier_scaled"] == pytest.approx(
        1 - row["brier"] / (row["events"] / row["n"] * (1 - row["events"] / row["n"]))
    )
    for name, key in (("calibration_intercept", "in_the_large"), ("calibration_slope", "slope")):
        assert [row[name], row[f"{name}_se"]] == pytest.approx(R[key], abs=1e-5)
    assert row["ici"] == pytest.approx(R["ici"], abs=5e-5)
    assert row["eci"] == pytest.approx(R["eci"], abs=5e-4)


def test_the_smooth_curve_is_rs_loess(fitted: ml.Fit) -> None:
    curve = fitted.calibration_curve(bins=None)
    assert curve["predicted"].is_monotonic_increasing
    there = np.interp(R["loess"]["predicted"], curve["predicted"], curve["observed"])
    assert there == pytest.approx(R["loess"]["value"], abs=2e-4)


def test_delong_is_that_of_proc(fitted: ml.Fit) -> None:
    table = fitted.auc()
    assert list(table["scope"]) == ["overall", "overall", "within", "between"]
    found = table.loc[0, ["auc", "std_error", "lower", "upper"]].tolist()
    assert found == pytest.approx(R["auc"], abs=1e-5)


def test_hosmer_lemeshow_is_its_definition(data: pd.DataFrame, fitted: ml.Fit) -> None:
    plain = ml.fit("use ~ age + livch + urban", data)
    for fit, key in ((plain, "hosmer_plain"), (fitted, "hosmer")):
        found = fit.hosmer_lemeshow().iloc[0]
        assert [found["statistic"], found["df"], found["p_value"]] == pytest.approx(
            R[key], rel=1e-4
        )
    assert fitted.hosmer_lemeshow(data).loc[0, "df"] == 10


def brute_areas(y: Any, p: Any, place: Any) -> tuple[float, float, float]:
    """All pairs, pairs in one place, pairs in two: shares that are concordant."""
    above = p[y == 1][:, None] - p[y == 0][None, :]
    score = (above > 0) + 0.5 * (above == 0)
    same = place[y == 1][:, None] == place[y == 0][None, :]
    return score.mean(), score[same].mean(), score[~same].mean()


def test_areas_are_shares_of_pairs_ties_and_all() -> None:
    data = simulate(4, groups=12, size=20)
    data["x"] = data["x"].round(0)
    fit = ml.fit("y ~ x + (1 | location)", data)
    p = np.asarray(fit.predict(data))
    brute = brute_areas(data["y"].to_numpy(), p, data["location"].to_numpy())
    assert fit.auc().loc[[0, 2, 3], "auc"].tolist() == pytest.approx(brute, abs=1e-12)


def test_clustered_errors_are_those_of_data_drawn_again() -> None:
    """Against the spread of the estimates over fresh samples of locations, risks held fixed."""
    rng = np.random.default_rng(2)
    areas, errors = [], []
    template = simulate(0, groups=40, size=15, sd=1.0)
    fit = ml.fit("y ~ x + (1 | location)", template)
    for seed in range(60):
        new = simulate(int(rng.integers(1_000, 9_999)) + seed, groups=40, size=15, sd=1.0)
        table = fit.auc(new)
        areas.append(table["auc"].to_numpy())
        errors.append(table["std_error"].to_numpy())
    spread, claimed = np.std(areas, axis=0, ddof=1), np.mean(errors, axis=0)
    # The standard deviation of 60 numbers is itself known to 9 %.
    assert (np.abs(claimed[1:] / spread[1:] - 1) < 0.3).all()


def test_counts_are_judged_as_the_records_they_stand_for() -> None:
    data = simulate(5, groups=10, size=30)
    counted = data.groupby(["source", "location"], as_index=False).agg(
        events=("y", "sum"), trials=("y", "size")
    )
    single = ml.fit("y ~ source + (1 | location)", data, points=1)
    grouped = ml.fit("events / trials ~ source + (1 | location)", counted, points=1)
    names = ["auc", "auc_within", "auc_between", "brier", "log_score", "r2_tjur",
             "calibration_slope", "calibration_slope_se"]  # fmt: skip
    one, other = single.goodness().loc[0, names], grouped.goodness().loc[0, names]
    assert one.astype(float).tolist() == pytest.approx(other.astype(float).tolist(), abs=1e-6)
    assert single.auc()["std_error"].tolist() == pytest.approx(
        grouped.auc()["std_error"].tolist(), rel=1e-6
    )
    bins, others = single.calibration_curve(bins=5), grouped.calibration_curve(bins=5)
    assert bins["n"].tolist() == others["n"].tolist()


def test_own_rows_given_back_are_judged_alike(data: pd.DataFrame, fitted: ml.Fit) -> None:
    for kind in ("conditional", "typical", "marginal"):
        own, new = fitted.goodness(kind=kind), fitted.goodness(data, kind=kind)  # type: ignore[arg-type]
        assert own.drop(columns="kind").to_numpy() == pytest.approx(
            new.drop(columns="kind").to_numpy(), rel=1e-9
        )
        assert own.loc[0, "kind"] == new.loc[0, "kind"] == kind


def test_validation_elsewhere(fitted: ml.Fit, data: pd.DataFrame) -> None:
    elsewhere = data.assign(district="unknown")
    elsewhere.loc[3, "age"] = np.nan
    elsewhere.loc[5, "use"] = np.nan
    row = fitted.goodness(elsewhere).iloc[0]
    assert (row["kind"], row["n"]) == ("marginal", len(data) - 2)
    without = fitted.goodness(elsewhere.drop(columns="district")).iloc[0]
    assert np.isnan(without["auc_within"])
    assert without["auc"] == row["auc"]
    typical = fitted.goodness(elsewhere, kind="conditional").iloc[0]
    assert typical["brier"] == pytest.approx(
        fitted.goodness(elsewhere, kind="typical").loc[0, "brier"]
    )


def test_predictions_of_a_right_model_are_calibrated_in_new_places() -> None:
    fit = ml.fit("y ~ x + source + gender + (1 | location)", simulate(6, groups=150, size=40))
    row = fit.goodness(simulate(7, groups=150, size=40)).iloc[0]
    assert abs(row["calibration_slope"] - 1) < 3 * row["calibration_slope_se"]
    assert row["ici"] < 0.04


def test_bins_hold_everybody_and_intervals_hold_the_share(fitted: ml.Fit) -> None:
    bins = fitted.calibration_curve()
    assert (bins["n"].sum(), bins["events"].sum()) == (fitted.nobs, fitted.n_events)
    assert ((bins["lower"] < bins["observed"]) & (bins["observed"] < bins["upper"])).all()


def test_what_cannot_be_asked(fitted: ml.Fit, data: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ml.OptionError, match="kind='averaged'"):
        fitted.goodness(kind="averaged")  # type: ignore[arg-type]
    with pytest.raises(ml.OptionError, match="not a grouping factor") as error:
        fitted.auc(group="ward")
    assert error.value.slug == "unknown-group"
    with pytest.raises(ml.OptionError, match="at least 2"):
        fitted.calibration_curve(bins=1)
    with pytest.raises(ml.ColumnNotFoundError):
        fitted.goodness(data.drop(columns="use"))
    with pytest.raises(ml.DataError, match="nothing to compare"):
        fitted.goodness(data.assign(age=np.nan))
    constant = ml.fit("use ~ 1", data)
    with pytest.raises(ml.OptionError, match="groups of different predicted risk") as error:
        constant.hosmer_lemeshow()
    assert error.value.slug == "too-few-bins"
    fitted.save(tmp_path / "fit.json")
    loaded = ml.load(tmp_path / "fit.json")
    with pytest.raises(ml.OptionError, match="does not hold them"):
        loaded.goodness()
    assert loaded.goodness(data, kind="conditional").loc[0, "auc"] == pytest.approx(
        R["auc"][0], abs=1e-5
    )


def test_plots(fitted: ml.Fit) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = fitted.calibration_plot()
    assert ax.get_xlabel() == "Predicted risk"
    assert len(ax.collections) == 2
    residual = fitted.residual_plot(rng=1)
    assert "uniformity" in residual.get_title(loc="left")
    assert fitted.residual_plot(by="district", rng=1, ax=ax) is ax
