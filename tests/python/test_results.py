"""`Fit`: every name, every backend, every option checked. Numbers pass through unchanged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from fake_core import SCRIPT, FakeFit

import melogit as ml
from melogit import _core

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

BACKENDS: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}
ODDS_COLUMNS = [
    "term", "level", "n", "events", "odds_ratio", "lower", "upper", "p", "reference", "note",
]  # fmt: skip


def make(backend: str | None = "pandas", **changes: Any) -> Any:
    return ml.Fit(FakeFit(**changes), backend)  # type: ignore[arg-type]


def columns(frame: Any) -> list[str]:
    return list(frame.column_names if isinstance(frame, pa.Table) else frame.columns)


@pytest.fixture
def fit() -> Any:
    return make()


def test_scalars(fit: Any) -> None:
    assert (fit.formula, fit.response, fit.event) == (
        "rejected ~ social_work + age + (1 + age | location)",
        "rejected",
        "yes",
    )
    assert (fit.nobs, fit.n_events, fit.df, fit.converged) == (71_740, 16_340.0, 8, True)
    assert (fit.llf, fit.deviance, fit.aic) == (-35_000.5, 70_001.0, 70_017.0)
    assert fit.bic == 70_001.0 + 8 * math.log(71_740)


def test_a_fit_is_frozen(fit: Any) -> None:
    for name in ("params", "_core", "anything"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(fit, name, 1)


def test_repr(fit: Any) -> None:
    assert repr(fit) == (
        "<melogit.Fit rejected ~ social_work + age + (1 + age | location)\n"
        " 71,740 records, 16,340 events, converged, deviance 70,001.00>"
    )
    assert "NOT CONVERGED" in repr(make(converged=False))


def test_coefficients_are_series_in_pandas(fit: Any) -> None:
    for name, key in (
        ("params", "estimate"), ("bse", "std_error"), ("zvalues", "statistic"),
        ("pvalues", "p_value"),
    ):  # fmt: skip
        series = getattr(fit, name)
        assert isinstance(series, pd.Series)
        assert series.name == name
        assert list(series.index) == fit._core.names
        np.testing.assert_array_equal(series.to_numpy(), fit._core.coefficients[key])


@pytest.mark.parametrize("backend", ["polars", "pyarrow"])
def test_coefficients_are_a_mapping_elsewhere(backend: Any) -> None:
    assert make(backend).params["age"] == -3.378


@pytest.mark.parametrize("backend", BACKENDS)
def test_frames_are_of_the_users_kind(backend: Any) -> None:
    fit, kind = make(backend), BACKENDS[backend]
    assert columns(fit.odds_ratios()) == ODDS_COLUMNS
    for frame in (
        fit.odds_ratios(), fit.conf_int(), fit.cov_params(), fit.variance_components(),
        fit.icc(), fit.median_odds_ratio(), fit.random_effects["location"], fit.tidy(),
        fit.glance(), fit.coding, fit.groups, fit.term_tests(), fit.trace,
    ):  # fmt: skip
        assert isinstance(frame, kind)


def test_dict_data_gives_pandas_where_that_is_installed(monkeypatch: Any) -> None:
    assert isinstance(make("dict").icc(), pd.DataFrame)
    monkeypatch.setattr("melogit.output.installed", lambda name: False)
    assert make("dict").icc() == {
        "group": ["location"], "icc": [0.0507], "lower": [0.0349], "upper": [0.0728],
    }  # fmt: skip


def test_a_loaded_model_takes_what_is_installed(monkeypatch: Any) -> None:
    assert isinstance(make(None).icc(), pd.DataFrame)
    monkeypatch.setattr("melogit.output.installed", lambda name: name == "polars")
    assert isinstance(make(None).icc(), pl.DataFrame)


def test_odds_ratios_pass_through_unchanged(fit: Any) -> None:
    frame, core = fit.odds_ratios(), fit._core.odds
    for name in ODDS_COLUMNS:
        assert list(frame[name].fillna(-1) if frame[name].dtype == float else frame[name]) == [
            -1 if isinstance(v, float) and math.isnan(v) else v for v in core[name]
        ]


def test_conf_int_and_covariance_are_labelled(fit: Any) -> None:
    assert fit.conf_int().loc["age"].tolist() == [-3.5, -3.256]
    covariance = fit.cov_params()
    assert list(covariance.index) == list(covariance.columns) == fit._core.names
    assert covariance.loc["(Intercept)", "age"] == fit._core.joint_cov[0, 4]
    assert covariance.loc["age", "(Intercept)"] == fit._core.joint_cov[4, 0]
    assert list(fit.cov_params(variance=True).index) == fit._core.joint_names
    assert make("polars").cov_params()["name"].to_list() == fit._core.names


def test_heterogeneity(fit: Any) -> None:
    assert fit.icc().to_dict("records") == [
        {"group": "location", "icc": 0.0507, "lower": 0.0349, "upper": 0.0728}
    ]
    assert fit.median_odds_ratio().to_dict("records") == [
        {"group": "location", "median_odds_ratio": 1.491, "lower": 1.389, "upper": 1.624}
    ]


def test_random_effects(fit: Any) -> None:
    frame = fit.random_effects["location"]
    assert list(frame.columns) == ["level", "term", "mode", "sd"]
    assert frame.loc[0].tolist() == ["Lambeth", "(Intercept)", 0.5, 0.1]


TIDY = [
    "effect", "group", "level", "term", "estimate", "std_error", "statistic", "p_value",
    "conf_low", "conf_high",
]  # fmt: skip


def test_tidy(fit: Any) -> None:
    fixed = fit.tidy()
    assert list(fixed.columns) == TIDY
    assert set(fixed["effect"]) == {"fixed"}
    assert fixed["estimate"].tolist() == fit._core.coefficients["estimate"]
    parameters = fit.tidy(effects="ran_pars")
    assert parameters["term"].tolist() == ["sd__(Intercept)", "sd__age", "cor__(Intercept).age"]
    assert parameters["estimate"].tolist() == [0.419, 0.05, -0.31]
    values = fit.tidy(effects="ran_vals")
    assert values["level"].tolist() == ["Lambeth", "Lewisham", "S&S <b>", "Croydon $1"]
    assert values["conf_high"][0] == pytest.approx(0.5 + 1.959963984540054 * 0.1, abs=1e-15)
    assert len(fit.tidy(effects="all")) == len(fixed) + len(parameters) + len(values)


def test_tidy_exponentiated_is_broom_mixeds(fit: Any) -> None:
    age = fit.tidy(exponentiate=True).iloc[4]
    assert age["estimate"] == math.exp(-3.378)
    assert age["conf_low"] == math.exp(-3.5)
    assert age["std_error"] == 0.062 * math.exp(-3.378)
    assert fit.tidy(exponentiate=True).iloc[3]["estimate"] == math.inf


def test_glance(fit: Any) -> None:
    (row,) = fit.glance().to_dict("records")
    assert row["aic"] == fit.aic
    assert list(row) == [
        "formula", "nobs", "n_events", "df", "llf", "deviance", "aic", "bic", "points", "converged",
        "next_rule_change",
    ]  # fmt: skip


def test_coding_lists_every_level(fit: Any) -> None:
    coding = fit.coding
    assert list(coding.columns) == ["column", "level", "reference", "contrast", "declared"]
    assert coding["reference"].tolist() == [True, False, False, False]


def test_summary_is_text(fit: Any) -> None:
    text = str(fit.summary())
    assert text == repr(fit.summary())
    assert text.startswith("Mixed-effects logistic regression of rejected (event: yes)\n")
    assert "Converged         Yes; the predicted remaining drop in deviance is 3.2e-11." in text
    assert SCRIPT in text


# -- findings ---------------------------------------------------------------------------------


def test_text_that_lost_many_rows_is_pointed_out(fit: Any) -> None:
    found = fit.diagnostics
    assert [finding["slug"] for finding in found] == ["separation", "text-read-as-missing"]
    assert found[1]["severity"] == "warning"
    assert found[1]["subject"] == "social_work"
    assert "58,000 of 130,000 rows (44.6%)" in found[1]["message"]
    assert "keep_default_na=False" in found[1]["message"]
    assert all(set(f) == {"slug", "severity", "subject", "message"} for f in found)


@pytest.mark.parametrize(("count", "found"), [(30, False), (31, True)])
def test_thirty_per_cent_is_the_line(count: Any, found: Any) -> None:
    gaps = {"rows_read": 100, "rows_dropped": count, "columns": {"social_work": count}}
    slugs = [f["slug"] for f in make(gaps=gaps).diagnostics]
    assert ("text-read-as-missing" in slugs) is found


def test_a_number_that_lost_many_rows_is_not_taken_for_text() -> None:
    gaps = {"rows_read": 100, "rows_dropped": 90, "columns": {"age": 90}}
    assert [f["slug"] for f in make(gaps=gaps).diagnostics] == ["separation"]


# -- predictions ------------------------------------------------------------------------------

NEW = {"social_work": ["None", "Past & closed"], "age": [11.0, 17.0], "location": ["a", "b"]}


@pytest.fixture
def needs(monkeypatch: Any) -> Any:
    """Make formula_columns answer for the fake formula, whichever core is installed."""

    def answer(formula: str) -> list[str]:
        every = ["rejected", "social_work", "age", "location"]
        return every[:1] if formula.rstrip().endswith("~ 1") else every

    monkeypatch.setattr(_core, "formula_columns", answer)


def test_predictions_keep_the_index(fit: Any, needs: Any) -> None:
    new = pd.DataFrame(NEW, index=[7, 3])
    series = fit.predict(new)
    assert isinstance(series, pd.Series)
    assert series.index.tolist() == [7, 3]
    assert series.tolist() == [0.1, 0.9]
    assert set(fit._core.asked["columns"]) == {"social_work", "age", "location"}
    assert fit._core.asked["kind"] == "conditional"


def test_predictions_with_intervals(fit: Any, needs: Any) -> None:
    frame = fit.predict(pd.DataFrame(NEW, index=[7, 3]), interval=True, level=0.9)
    assert list(frame.columns) == ["estimate", "lower", "upper", "linear", "std_error"]
    assert frame.index.tolist() == [7, 3]
    assert fit._core.asked["level"] == 0.9


def test_predictions_come_in_the_kind_of_the_new_rows(fit: Any, needs: Any) -> None:
    assert isinstance(fit.predict(pl.DataFrame(NEW)), pl.Series)
    assert isinstance(fit.predict(pa.table(NEW)), pa.Array)
    assert isinstance(fit.predict(pl.DataFrame(NEW), interval=True), pl.DataFrame)
    assert isinstance(fit.predict(NEW), pd.Series)


@pytest.mark.parametrize("kind", ["typical", "marginal"])
def test_groups_are_needed_only_for_conditional_predictions(
    fit: Any, needs: Any, kind: Any
) -> None:
    alike = {name: NEW[name] for name in ("social_work", "age")}
    fit.predict(alike, kind=kind)
    assert set(fit._core.asked["columns"]) == {"social_work", "age"}
    with pytest.raises(ml.ColumnNotFoundError, match="'location'"):
        fit.predict(alike)


def test_predictions_take_an_offset(fit: Any, needs: Any) -> None:
    fit.predict({**NEW, "shift": [0.5, 1.0]}, offset="shift")
    assert fit._core.asked["offset"].tolist() == [0.5, 1.0]
    with pytest.raises(ml.OptionError, match="one value per row"):
        fit.predict(NEW, offset=[0.5])


def test_standardised_risks(fit: Any, needs: Any) -> None:
    frame = fit.standardised_risks(pl.DataFrame(NEW), "social_work", level=0.9)
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == [
        "level", "risk", "risk_lower", "risk_upper", "risk_ratio", "rr_lower", "rr_upper",
        "risk_difference", "rd_lower", "rd_upper",
    ]  # fmt: skip
    assert (fit._core.asked["column"], fit._core.asked["level"]) == ("social_work", 0.9)


def test_the_tilde_of_a_quoted_name_does_not_split_the_formula() -> None:
    from melogit.newdata import outcome_end

    for formula, outcome in (
        ("y ~ x", "y "), ("`a ~ b` ~ x", "`a ~ b` "), ('Q("a~b") ~ x', 'Q("a~b") '), ("y", "y"),
    ):  # fmt: skip
        assert formula[: outcome_end(formula)] == outcome
