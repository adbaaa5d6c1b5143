"""Effects on the scale of risks against numpy's quadrature, brute force, R, and cases that must collapse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from averages import Slope, delta, estimates, row, sigma
from conftest import simulate

import melogit as ml

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return simulate(12, groups=30, size=14, slope=0.9)


@pytest.fixture(scope="module", params=[False, True], ids=["intercept", "slope"])
def case(request: pytest.FixtureRequest, data: pd.DataFrame) -> tuple[Slope, ml.Fit]:
    model = Slope(slope=request.param, interaction=True)
    return model, ml.fit(model.formula, data)


def test_risks_and_their_errors_are_those_of_slow_quadrature(
    case: tuple[Slope, ml.Fit], data: pd.DataFrame
) -> None:
    model, fit = case
    psi, covariance = estimates(fit)
    weights = 1.0 + np.arange(len(data)) % 3
    for kind, risk in (("marginal", model.marginal), ("typical", model.typical)):
        frame = fit.effects("source", over="gender", weights=weights, kind=kind)
        assert len(frame) == 6
        for gender in ("F", "M"):
            rows = data[data["gender"] == gender]
            w = weights[data["gender"] == gender]

            def averages(at: Any, rows: Any = rows, w: Any = w, risk: Any = risk) -> Any:
                new, old = (
                    np.average(risk(at, rows.assign(source=level)), weights=w)
                    for level in ("School", "GP")
                )
                return np.array([new, new - old, np.log(new / old)])

            found = row(frame, gender=gender, level="School")
            assert found["versus"] == "GP"
            assert found["n"] == len(rows)
            new, difference, log_ratio = averages(psi)
            old = new - difference
            errors = delta(averages, psi, covariance)
            expected = {
                "risk": new,
                "risk_difference": difference,
                "risk_ratio": new / old,
                "odds_ratio": new / (1 - new) / (old / (1 - old)),
                "risk_std_error": errors[0],
                "rd_std_error": errors[1],
                "rr_upper": np.exp(log_ratio + 1.959964 * errors[2]),
            }
            for name, value in expected.items():
                assert found[name] == pytest.approx(value, rel=2e-6), (kind, gender, name)


def test_population_averages_are_those_of_many_drawn_groups(
    case: tuple[Slope, ml.Fit], data: pd.DataFrame
) -> None:
    """Each row is put into 1,500 new groups; the Monte Carlo error of their mean is known."""
    model, fit = case
    psi, _ = estimates(fit)
    rows = data.assign(source="Self")
    p = model.x(rows).shape[1]
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(model.covariance(psi[p:]))
    groups = rng.normal(size=(1500, root.shape[0])) @ root.T
    means = [sigma(model.x(rows) @ psi[:p] + model.z(rows) @ b).mean() for b in groups]
    found = row(fit.effects("source"), level="Self")["risk"]
    assert abs(found - np.mean(means)) < 4 * np.std(means) / np.sqrt(1500)


def test_risks_in_the_rows_own_groups(case: tuple[Slope, ml.Fit], data: pd.DataFrame) -> None:
    _, fit = case
    frame = fit.effects("gender", kind="observed")
    for level in ("F", "M"):
        own = fit.predict(data.assign(gender=level), kind="conditional")
        assert row(frame, level=level)["risk"] == pytest.approx(own.mean(), rel=1e-12)
    found = row(frame, level="M")
    assert found["rd_lower"] < found["risk_difference"] < found["rd_upper"]


def test_errors_in_own_groups_are_those_of_one_row() -> None:
    """One row's average is its prediction, whose error has both parts: of the estimates, and of the modes given them."""
    data = simulate(5, groups=20, size=15)
    fit = ml.fit("y ~ x + gender + (1 | location) + (1 | team)", data)
    rows = data.iloc[[7]].assign(gender="M")
    alone = fit.effects("gender", rows, kind="observed")
    found = row(alone, level="M")
    predicted = fit.predict(rows, interval=True).iloc[0]
    assert found["risk"] == pytest.approx(predicted["estimate"], rel=1e-12)
    assert found["risk_lower"] == pytest.approx(predicted["lower"], rel=1e-9)
    # Of a difference, two modes that move together leave less.
    assert found["rd_std_error"] < found["risk_std_error"]


def test_one_engine(case: tuple[Slope, ml.Fit], data: pd.DataFrame) -> None:
    """Standardised risks, the rows of the fit, and their frame given again are the same numbers."""
    _, fit = case
    old, new, again = (
        fit.standardised_risks(data, "source"),
        fit.effects("source"),
        fit.effects("source", pl.from_pandas(data)),
    )
    for name in ("risk", "risk_ratio", "risk_difference", "risk_lower", "rd_upper"):
        assert np.array_equal(old[name], new[name], equal_nan=True)
        assert np.array_equal(new[name], np.asarray(again[name]), equal_nan=True)


def test_without_groups_every_kind_is_the_same(data: pd.DataFrame) -> None:
    fit = ml.fit("y ~ x + source", data)
    kinds = [fit.effects("source", kind=kind) for kind in ("marginal", "typical", "observed")]
    for other in kinds[1:]:
        pd.testing.assert_frame_equal(kinds[0], other, rtol=1e-10)


def test_comparisons(case: tuple[Slope, ml.Fit]) -> None:
    _, fit = case

    def pairs(contrast: Any) -> list[tuple[str, str]]:
        frame = fit.effects("source", contrast=contrast)
        return list(zip(frame["level"], frame["versus"], strict=True))

    assert pairs("reference") == [("GP", "GP"), ("School", "GP"), ("Self", "GP")]
    assert pairs("pairwise") == [("School", "GP"), ("Self", "GP"), ("Self", "School")]
    assert pairs("sequential") == [("School", "GP"), ("Self", "School")]
    assert pairs([("GP", "Self")]) == [("GP", "Self")]
    forth = row(fit.effects("source", contrast="pairwise"), level="Self", versus="School")
    back = row(fit.effects("source", contrast=[("School", "Self")]), level="School")
    assert forth["risk_ratio"] == pytest.approx(1 / back["risk_ratio"], rel=1e-12)
    assert forth["rr_upper"] == pytest.approx(1 / back["rr_lower"], rel=1e-12)


def test_numbers_at_values(case: tuple[Slope, ml.Fit], data: pd.DataFrame) -> None:
    model, fit = case
    psi, covariance = estimates(fit)
    found = row(fit.effects("x", at=[-1, 0.5]), level="0.5")

    def difference(at: Any) -> float:
        ends = [model.marginal(at, data.assign(x=x)).mean() for x in (-1.0, 0.5)]
        return float(ends[1] - ends[0])

    assert found["versus"] == "-1"
    assert found["risk_difference"] == pytest.approx(difference(psi), rel=1e-9)
    assert found["rd_std_error"] == pytest.approx(delta(difference, psi, covariance), rel=1e-6)


def test_intervals_by_draws_agree_with_the_delta_method(data: pd.DataFrame) -> None:
    """The three are different methods: their widths agree within what 1,000 and 150 draws leave, about 3 and 8 %."""
    fit = ml.fit("y ~ x + gender + (1 | location)", data)
    plain = row(fit.effects("gender"), level="M")
    drawn = row(fit.effects("gender", interval="simulation", rng=1), level="M")
    refit = row(fit.effects("gender", interval="bootstrap", replicates=150, rng=1), level="M")
    for found, allowed in ((drawn, 0.1), (refit, 0.25)):
        assert found["risk_difference"] == plain["risk_difference"]
        assert found["rd_std_error"] == pytest.approx(plain["rd_std_error"], rel=allowed)
        assert found["rd_lower"] < plain["risk_difference"] < found["rd_upper"]
        assert (
            abs(found["rd_lower"] - plain["rd_lower"]) < 2 * allowed * plain["rd_std_error"] + 0.01
        )


@pytest.mark.parametrize("interval", ["simulation", "bootstrap"])
def test_draws_do_not_depend_on_threads(data: pd.DataFrame, interval: Any) -> None:
    fit = ml.fit("y ~ gender + (1 | location)", data)
    one, two = (
        fit.effects("gender", interval=interval, replicates=20, rng=3, threads=n) for n in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    other = fit.effects("gender", interval=interval, replicates=20, rng=4)
    assert not one["rd_lower"].equals(other["rd_lower"])


def test_marginal_effects_of_a_number(case: tuple[Slope, ml.Fit], data: pd.DataFrame) -> None:
    model, fit = case
    psi, covariance = estimates(fit)

    def slope(at: Any) -> float:
        h = 1e-4
        up, down = (model.marginal(at, data.assign(x=data["x"] + s)).mean() for s in (h, -h))
        return float((up - down) / (2 * h))

    (found,) = fit.marginal_effects("x").to_dict("records")
    assert found["estimate"] == pytest.approx(slope(psi), rel=1e-7)
    assert found["std_error"] == pytest.approx(delta(slope, psi, covariance), rel=1e-4)
    assert found["statistic"] == pytest.approx(found["estimate"] / found["std_error"])
    (step,) = fit.marginal_effects("x", step=1.5).to_dict("records")
    change = model.marginal(psi, data.assign(x=data["x"] + 1.5)) - model.marginal(psi, data)
    assert step["estimate"] == pytest.approx(change.mean(), rel=1e-9)
    apart = fit.marginal_effects("x", over="gender")
    shares = data["gender"].value_counts(normalize=True)
    mean = sum(r["estimate"] * shares[r["gender"]] for r in apart.to_dict("records"))
    assert mean == pytest.approx(found["estimate"], rel=1e-9)


@pytest.mark.parametrize("term", ["ns(x, df=3)", "bs(x, df=4)", "x + x^2", "log(x)"])
def test_marginal_effects_of_curves(data: pd.DataFrame, term: str) -> None:
    """A curve moves along; where it ends (bs, log near zero) the ends take one-sided differences."""
    moved = data.assign(x=data["x"] - data["x"].min() + 1e-5)
    fit = ml.fit(f"y ~ {term} + (1 | location)", moved)
    (found,) = fit.marginal_effects("x", kind="typical").to_dict("records")
    inside = moved[(moved["x"] > 0.02) & (moved["x"] < moved["x"].max() - 0.02)]
    h = 1e-6
    ends = [
        fit.predict(inside.assign(x=inside["x"] + s), kind="typical").to_numpy() for s in (h, -h)
    ]
    (there,) = fit.marginal_effects("x", inside, kind="typical").to_dict("records")
    assert there["estimate"] == pytest.approx(((ends[0] - ends[1]) / (2 * h)).mean(), rel=1e-6)
    assert np.isfinite(found["estimate"])
    assert found["std_error"] > 0


def test_interaction_measures_are_those_of_r() -> None:
    """lme4's fit by Laplace's method, and car::deltaMethod on the formulas of Hosmer & Lemeshow."""
    stored = json.loads((REFERENCE / "inference" / "effects.json").read_text(encoding="utf-8"))
    data = pd.read_csv(REFERENCE / "data" / "contraception.csv")
    data["children"] = np.where(data["livch"] == "0", "none", "some")
    fit = ml.fit(stored["formula"], data, points=1)
    frame = fit.interaction("urban", "children")
    odds = frame[frame["scale"] == "odds"].set_index("measure")
    for name in ("odds_ratio_both", "reri", "attributable_proportion"):
        expected = stored["measures"][name]
        assert odds.loc[name, "estimate"] == pytest.approx(expected["Estimate"], rel=2e-4), name
        assert odds.loc[name, "std_error"] == pytest.approx(expected["SE"], rel=2e-3), name
    for name, own in (("log_synergy", "synergy_index"), ("log_ratio_of_ratios", "ratio_of_ratios")):
        expected = stored["measures"][name]
        found = odds.loc[own]
        assert np.log(found["estimate"]) == pytest.approx(expected["Estimate"], rel=1e-3), name
        width = np.log(found["upper"] / found["lower"]) / (2 * 1.959964)
        assert width == pytest.approx(expected["SE"], rel=2e-3), name
    typical = pd.DataFrame(stored["typical"])
    found = fit.predict(typical, kind="typical", interval=True)
    assert np.allclose(found["estimate"], typical["prob"], rtol=2e-4)
    # emmeans has lme4's covariance, whose Hessian is by differences.
    odds_of = {end: np.log(typical[end] / (1 - typical[end])) for end in ("lower", "upper")}
    errors = (odds_of["upper"] - odds_of["lower"]) / (2 * 1.959964)
    assert np.allclose(found["std_error"], errors, rtol=3e-3)


def test_interaction_measures_of_risks(case: tuple[Slope, ml.Fit], data: pd.DataFrame) -> None:
    model, fit = case
    psi, covariance = estimates(fit)
    frame = fit.interaction("source", "gender")
    assert len(frame) == 2 * 18

    def measures(at: Any) -> dict[str, float]:
        risk = {
            (a, b): float(model.marginal(at, data.assign(source=a, gender=b)).mean())
            for a in ("GP", "Self")
            for b in ("F", "M")
        }
        r00, r10 = risk["GP", "F"], risk["Self", "F"]
        r01, r11 = risk["GP", "M"], risk["Self", "M"]
        contrast = r11 - r10 - r01 + r00
        return {
            "risk_both": r11,
            "interaction_contrast": contrast,
            "reri": contrast / r00,
            "attributable_proportion": contrast / r11,
            "ratio_of_ratios": r11 * r00 / (r10 * r01),
        }

    errors = delta(lambda at: list(measures(at).values()), psi, covariance)
    for (name, value), error in zip(measures(psi).items(), errors, strict=True):
        found = row(frame, level="Self", by_level="M", scale="risk", measure=name)
        assert found["estimate"] == pytest.approx(value, rel=1e-8), name
        assert found["std_error"] == pytest.approx(error, rel=1e-5), name


def test_interactions_apart_are_those_of_the_rows_alone(
    case: tuple[Slope, ml.Fit], data: pd.DataFrame
) -> None:
    """By subgroup with weights: the same as each subgroup's rows given alone, every kind and both scales."""
    _, fit = case
    cohort = data.assign(site=np.where(data.index % 3 == 0, "north", "south"), band=data.index % 2)
    weights = 1.0 + np.arange(len(cohort)) % 4
    kinds: tuple[Any, ...] = ("marginal", "typical", "observed")
    for kind in kinds:
        apart = fit.interaction(
            "source", "gender", cohort, over=["site", "band"], weights=weights, kind=kind
        )
        assert list(apart.columns[:3]) == ["site", "band", "level"]
        assert len(apart) == 4 * 36
        for (site, band), found in apart.groupby(["site", "band"]):
            rows = (cohort["site"] == site) & (cohort["band"].astype(str) == band)
            alone = fit.interaction(
                "source", "gender", cohort[rows], weights=weights[rows], kind=kind
            )
            pd.testing.assert_frame_equal(
                found.drop(columns=["site", "band"]).reset_index(drop=True), alone, rtol=1e-10
            )
    whole = fit.interaction("source", "gender", over="gender")
    assert set(whole["gender"]) == {"F", "M"}
    drawn, alone = (
        fit.interaction(
            "source", "gender", rows, interval="simulation", replicates=50, rng=2, over=over
        )
        for rows, over in ((cohort, "site"), (cohort[cohort["site"] == "south"], None))
    )
    south = drawn[drawn["site"] == "south"].drop(columns="site").reset_index(drop=True)
    pd.testing.assert_frame_equal(south, alone, rtol=1e-10)


def test_interactions_apart_by_brute_force(case: tuple[Slope, ml.Fit], data: pd.DataFrame) -> None:
    model, fit = case
    psi, covariance = estimates(fit)
    cohort = data.assign(site=np.where(data["x"] > 0.3, "high", "low"))
    weights = 1.0 + np.arange(len(cohort)) % 3
    frame = fit.interaction("source", "gender", cohort, over="site", weights=weights)
    for site in ("high", "low"):
        rows = cohort[cohort["site"] == site]
        w = weights[cohort["site"] == site]

        def measures(at: Any, rows: Any = rows, w: Any = w) -> Any:
            r00, r10, r01, r11 = (
                np.average(model.marginal(at, rows.assign(source=a, gender=b)), weights=w)
                for b in ("F", "M")
                for a in ("GP", "School")
            )
            return np.array([r11, r11 - r10 - r01 + r00, (r11 - r10 - r01 + r00) / r00])

        errors = delta(measures, psi, covariance)
        for name, value, error in zip(
            ("risk_both", "interaction_contrast", "reri"), measures(psi), errors, strict=True
        ):
            found = row(frame, site=site, level="School", by_level="M", scale="risk", measure=name)
            assert found["estimate"] == pytest.approx(value, rel=1e-7), name
            assert found["std_error"] == pytest.approx(error, rel=1e-5), name


def test_without_an_interaction_term_ratios_do_not_differ(data: pd.DataFrame) -> None:
    fit = ml.fit("y ~ source + gender + x + (1 | location)", data)
    frame = fit.interaction("source", "gender")
    odds = fit.odds_ratios()
    for level in ("School", "Self"):
        ratio = row(frame, level=level, scale="odds", measure="ratio_of_ratios")
        assert ratio["estimate"] == pytest.approx(1.0, abs=1e-12)
        own = row(odds, term="source", level=level)
        within = row(frame, level=level, scale="odds", measure="odds_ratio_first_within")
        for name, theirs in (("estimate", "odds_ratio"), ("lower", "lower"), ("upper", "upper")):
            assert within[name] == pytest.approx(own[theirs], rel=1e-9)


def test_columns_are_stable(case: tuple[Slope, ml.Fit]) -> None:
    _, fit = case
    measures = [
        f"{name}"
        for long, short in (("risk", "risk"), ("risk_difference", "rd"), ("risk_ratio", "rr"),
                            ("odds_ratio", "or"))
        for name in (long, f"{short}_std_error", f"{short}_lower", f"{short}_upper")
    ]  # fmt: skip
    frame = fit.effects("source", over=["gender"])
    assert list(frame.columns) == ["gender", "term", "level", "versus", "n", *measures]
    assert list(fit.interaction("source", "gender").columns) == [
        "level", "versus", "by_level", "by_versus", "scale", "measure", "estimate", "std_error",
        "lower", "upper",
    ]  # fmt: skip


def test_what_is_refused(data: pd.DataFrame, tmp_path: Path) -> None:
    fit = ml.fit("y ~ x + source + (1 | location)", data)

    def refused(error: type[Exception], slug: str, call: Any) -> None:
        with pytest.raises(error) as caught:
            call()
        assert caught.value.slug == slug  # type: ignore[attr-defined]

    refused(ml.OptionError, "at-needed", lambda: fit.effects("x"))
    refused(ml.OptionError, "at-levels", lambda: fit.effects("source", at=[1, 2]))
    refused(ml.OptionError, "not-a-term", lambda: fit.effects("gender"))
    refused(ml.OptionError, "not-a-number", lambda: fit.marginal_effects("source"))
    refused(ml.OptionError, "step-range", lambda: fit.marginal_effects("x", step=0))
    refused(ml.OptionError, "not-a-factor", lambda: fit.interaction("x", "source"))
    refused(ml.OptionError, "same-column", lambda: fit.interaction("source", "source"))
    refused(
        ml.ColumnNotFoundError,
        "unknown-column",
        lambda: ml.fit("y ~ source + gender", data).interaction("source", "gender", over="area"),
    )
    refused(ml.OptionError, "contrast-choice", lambda: fit.effects("source", contrast=["GP"]))
    refused(ml.LevelError, "unknown-level", lambda: fit.effects("source", contrast=[("GP", "?")]))
    refused(ml.OptionError, "kind-choice", lambda: fit.effects("source", kind="mean"))  # type: ignore[arg-type]
    refused(
        ml.OptionError, "weights-range", lambda: fit.effects("source", weights=-data["x"].abs())
    )
    refused(ml.OptionError, "vector-length", lambda: fit.effects("source", weights=[1, 2]))
    refused(ml.ColumnNotFoundError, "unknown-column", lambda: fit.effects("source", over="gender"))
    refused(
        ml.OptionError,
        "interval-observed",
        lambda: fit.effects("source", kind="observed", interval="simulation"),
    )
    new = data.assign(location="elsewhere")
    refused(ml.LevelError, "unseen-group", lambda: fit.effects("source", new, kind="observed"))
    fit.save(tmp_path / "fit.json")
    loaded = ml.load(tmp_path / "fit.json")
    refused(ml.OptionError, "no-data", lambda: loaded.effects("source"))
    refused(ml.OptionError, "no-data", lambda: loaded.effects("source", data, interval="bootstrap"))
    assert row(loaded.effects("source", data), level="Self")["risk"] == pytest.approx(
        row(fit.effects("source"), level="Self")["risk"]
    )
    stopped = ml.fit("y ~ x + source + (1 | location)", data, max_iterations=1)
    assert not stopped.converged
    refused(ml.FitError, "not-converged", lambda: stopped.effects("source"))


def test_rows_with_missing_outcomes_were_not_analysed(data: pd.DataFrame) -> None:
    holes = data.assign(y=data["y"].astype(float).mask(data.index % 5 == 0))
    fit = ml.fit("y ~ x + source + (1 | location)", holes)
    inside = fit.effects("source")
    given = fit.effects("source", holes[holes["y"].notna()])
    pd.testing.assert_frame_equal(inside, given)
    assert inside["n"].iloc[0] == fit.nobs == len(holes) * 4 // 5
