"""Jeffreys' penalty: logistf's values where there is no random effect, finite estimates where there is, and its profile."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Agreement, core_fit, simulate
from reference import FOLDER

import melogit as ml
from melogit.errors import OptionError

STORED = json.loads((FOLDER / "penalised.json").read_text(encoding="utf-8"))
CASES = ["endometrial", "sex2"]


def stored_frame(case: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / f"{case}.csv")


def stored_fit(case: str) -> ml.Fit:
    return ml.fit(STORED[case]["formula"], stored_frame(case), penalty="jeffreys")


def separated(seed: int = 3) -> pd.DataFrame:
    """Records in groups, one level of `source` without an event."""
    frame = simulate(seed, groups=12, size=10)
    frame.loc[frame["source"] == "Self", "y"] = 0
    return frame


@pytest.mark.parametrize("case", CASES)
def test_estimates_are_logistfs(case: str, agreement: Agreement) -> None:
    fit, stored = stored_fit(case), STORED[case]
    assert fit.converged
    distance = np.abs(fit.params.to_numpy() - stored["estimate"]) / stored["std_error"]
    agreement(case, "penalised coefficients, from logistf (SE)", distance.max(), 1e-6)
    errors = np.abs(fit.bse.to_numpy() / stored["std_error"] - 1.0)
    agreement(case, "their standard errors, from brglm2 (relative)", errors.max(), 1e-6)
    assert fit.penalised_llf is not None
    gap = abs(fit.penalised_llf - stored["penalised_loglik"][0])
    agreement(case, "penalised log-likelihood, from logistf", gap, 1e-8)
    assert fit.llf < ml.fit(STORED[case]["formula"], stored_frame(case)).llf


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("level", ["0.95", "0.8"])
def test_intervals_are_logistfs(case: str, level: str, agreement: Agreement) -> None:
    table, stored = stored_fit(case).penalised_intervals(float(level)), STORED[case]
    assert list(table.index) == stored["names"]
    for side in ("lower", "upper"):
        distance = np.abs(table[side].to_numpy() - stored["intervals"][level][side])
        worst = (distance / stored["std_error"]).max()
        agreement(case, "ends of profile intervals, from logistf (SE)", worst, 1e-5)
    gap = np.abs(table["p_value"].to_numpy() / stored["p_value"] - 1.0)
    agreement(case, "penalised p-values, from logistf (relative)", gap.max(), 1e-6)


def test_published_values() -> None:
    """Heinze & Schemper (2002), table II: log odds ratio and interval of neovasculation."""
    fit = stored_fit("endometrial")
    row = fit.penalised_intervals().loc["NV"]
    assert (round(row["estimate"], 2), round(row["lower"], 2), round(row["upper"], 2)) == (
        2.93,
        0.61,
        7.85,
    )
    found = fit.separation
    assert found.kind == "quasi-complete"
    assert found.coefficients.to_dict("list") == {"name": ["NV"], "estimate": ["+infinity"]}


def test_one_cell_has_a_closed_form() -> None:
    """Half an event and half a non-event are added to each group of a saturated model."""
    frame = {"y": [0] * 7 + [1, 1, 0, 1, 0], "g": ["a"] * 7 + ["b"] * 5}
    fit = ml.fit("y ~ g", frame, penalty="jeffreys")
    assert fit.params["(Intercept)"] == pytest.approx(math.log(0.5 / 7.5), abs=1e-6)
    assert fit.params["g[b]"] == pytest.approx(math.log(3.5 / 2.5) - math.log(0.5 / 7.5), abs=1e-6)


@pytest.mark.parametrize(("points", "formula"), [
    (1, "y ~ source + x + (1 | location)"),
    (9, "y ~ source + x + (1 | location)"),
    (1, "y ~ source + x + (1 + x | location)"),
    (1, "y ~ source + x + (1 | location) + (1 | team)"),
    (1, "y ~ source + x + gender"),
])  # fmt: skip
def test_estimates_are_finite_under_separation(points: int, formula: str) -> None:
    fit = ml.fit(formula, separated(), penalty="jeffreys", points=points)
    assert fit.converged, fit.diagnostics
    assert fit.separation.kind == "quasi-complete"
    assert list(fit.separation.coefficients["name"]) == ["source[Self]"]
    assert -8.0 < fit.params["source[Self]"] < -1.0
    assert fit.bse["source[Self]"] < 3.0
    odds = fit.odds_ratios().set_index("level")
    assert 0.0 < odds.loc["Self", "odds_ratio"] < 0.4
    assert fit.penalised_llf is not None
    assert fit.penalised_llf != fit.llf
    interval = fit.penalised_intervals().loc["source[Self]"]
    assert interval["lower"] < fit.params["source[Self]"] < interval["upper"] < 0.0
    assert math.isfinite(interval["lower"])
    assert interval["p_value"] < 0.01


def test_an_offset_moves_the_estimate_and_nothing_else() -> None:
    frame = separated()
    formula = "y ~ source + (1 | location)"
    fit = ml.fit(formula, frame, penalty="jeffreys")
    table = fit.penalised_intervals()
    name, by = "source[Self]", 2.5
    moved = frame.assign(shift=by * (frame["source"] == "Self"))
    other = ml.fit(formula, moved, penalty="jeffreys", offset="shift")
    assert other.penalised_llf == pytest.approx(fit.penalised_llf, abs=1e-7)
    found = other.penalised_intervals().loc[name]
    for column in ("estimate", "lower", "upper"):
        assert found[column] == pytest.approx(table.loc[name, column] - by, abs=1e-4)


def test_counts_are_records() -> None:
    records = separated()[["y", "source", "gender", "location"]]
    keys = ["source", "gender", "location"]
    counts = records.groupby(keys, as_index=False).agg(y=("y", "sum"), n=("y", "size"))
    one = ml.fit("y ~ source + gender + (1 | location)", records, penalty="jeffreys")
    two = ml.fit("y / n ~ source + gender + (1 | location)", counts, penalty="jeffreys")
    np.testing.assert_allclose(one.params, two.params, atol=1e-5)
    first, second = one.penalised_intervals(), two.penalised_intervals()
    np.testing.assert_allclose(first["lower"], second["lower"], atol=1e-4)


def test_units_and_contrasts_do_not_matter() -> None:
    """log|S| of another parametrisation differs by a constant."""
    frame = separated()
    frame["far"] = 2_000.0 + 1e3 * frame["x"]
    one = ml.fit("y ~ source + x + (1 | location)", frame, penalty="jeffreys")
    two = ml.fit("y ~ source + far + (1 | location)", frame, penalty="jeffreys",
                 contrasts={"source": "sum"})  # fmt: skip
    assert one.llf == pytest.approx(two.llf, abs=1e-5)
    assert one.params["x"] == pytest.approx(two.params["far"] * 1e3, abs=1e-4)


def test_groups_of_one_outcome_have_a_finite_variance() -> None:
    """Every group all events or none: maximum likelihood runs away with the variance."""
    frame = pd.DataFrame(
        {"y": np.repeat([0, 1, 0, 1, 1, 0], 6), "g": np.repeat(list("abcdef"), 6), "x": [0, 1] * 18}
    )
    fit = ml.fit("y ~ x + (1 | g)", frame, penalty="jeffreys")
    assert fit.converged
    assert 1.0 < fit.variance_components()["sd"][0] < 100.0


def test_much_data_leave_little_to_the_penalty() -> None:
    frame = simulate(5, groups=40, size=60)
    plain = ml.fit("y ~ source + x + (1 | location)", frame)
    fit = ml.fit("y ~ source + x + (1 | location)", frame, penalty="jeffreys")
    assert (abs(fit.params - plain.params) / plain.bse).max() < 0.05
    table = fit.penalised_intervals()
    wald = fit.conf_int()
    assert (abs(table["lower"] - wald["lower"]) / fit.bse).max() < 0.05


def test_it_is_said() -> None:
    fit = stored_fit("endometrial")
    assert fit.settings["penalty"] == "jeffreys"
    assert "penalised" in [finding["slug"] for finding in fit.diagnostics]
    assert "Jeffreys" in str(fit.summary())


def test_a_saved_fit_keeps_the_penalty(tmp_path: Any) -> None:
    fit = stored_fit("endometrial")
    fit.save(tmp_path / "model.json")
    again = ml.load(tmp_path / "model.json")
    assert again.penalised_llf == fit.penalised_llf
    with pytest.raises(OptionError, match="rows"):
        again.penalised_intervals()


def test_what_is_refused() -> None:
    frame = {"y": [0, 1, 0, 1, 1], "x": [1.0, 2, 3, 4, 5]}
    with pytest.raises(OptionError, match="penalty"):
        ml.fit("y ~ x", frame, penalty="firth")  # type: ignore[arg-type]
    with pytest.raises(OptionError) as caught:
        ml.fit("y ~ x", frame).penalised_intervals()
    assert caught.value.slug == "not-penalised"
    assert ml.fit("y ~ x", frame).penalised_llf is None
    fit = ml.fit("y ~ x", frame, penalty="jeffreys")
    with pytest.raises(OptionError):
        fit.penalised_intervals(95)


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_do_not_change_a_bit(threads: int) -> None:
    options: dict[str, Any] = {"penalty": "jeffreys", "threads": threads}
    fit = core_fit("y ~ source + x + (1 | location)", separated(), **options)
    first = core_fit("y ~ source + x + (1 | location)", separated(), penalty="jeffreys", threads=1)
    assert fit.params.tobytes() == first.params.tobytes()
    assert fit.penalised_profile(0.95) == first.penalised_profile(0.95)


NESTED = "y ~ x + source + (1 | location/ward)"


def nested(seed: int = 3, sd: float = 1.5) -> pd.DataFrame:
    """Draw three wards in every location, and one level of `source` without an event."""
    frame = simulate(seed, groups=20, size=12)
    rng = np.random.default_rng(seed)
    ward, place = np.arange(len(frame)) % 3, np.arange(len(frame)) // 12
    eta = 0.5 * frame["x"] + rng.normal(size=20)[place] + sd * rng.normal(size=60)[3 * place + ward]
    y = (rng.random(len(frame)) < 1 / (1 + np.exp(-eta))) & (frame["source"] != "Self")
    return frame.assign(y=y.astype(int), ward=[f"w{k}" for k in ward])


def test_nested_quadrature_keeps_separated_estimates_finite() -> None:
    fit = ml.fit(NESTED, nested(), penalty="jeffreys", points=5)
    assert fit.converged
    assert fit._core.points == 5
    assert np.isfinite(fit.params).all()
    assert np.abs(fit.params).max() < 10
    assert np.isfinite(fit.bse).all()
    table = fit.penalised_intervals()
    assert np.isfinite(table.to_numpy()).all()
    assert (table["lower"] < fit.params).all()
    assert (fit.params < table["upper"]).all()
    # More points move little: the rule is near the integral already.
    close = ml.fit(NESTED, nested(), penalty="jeffreys", points=9)
    assert (np.abs(fit.params - close.params) < 0.05 * close.bse).all()


def test_order_and_names_change_nothing_in_nested_quadrature() -> None:
    frame = nested()
    fit = ml.fit(NESTED, frame, penalty="jeffreys", points=5)
    order = np.random.default_rng(1).permutation(len(frame))
    other = frame.iloc[order].reset_index(drop=True)
    names = {level: f"z{k}" for k, level in enumerate(sorted(set(other["location"]), reverse=True))}
    other = other.assign(
        location=other["location"].map(names),
        ward=other["ward"].map({"w0": "b", "w1": "c", "w2": "a"}),
    )
    again = ml.fit(NESTED, other, penalty="jeffreys", points=5)
    np.testing.assert_allclose(again.params, fit.params, atol=2e-4)
    assert again.llf == pytest.approx(fit.llf, abs=1e-6)
    assert again.penalised_llf == pytest.approx(fit.penalised_llf, abs=1e-7)
    np.testing.assert_allclose(
        again.penalised_intervals().to_numpy(), fit.penalised_intervals().to_numpy(), atol=2e-3
    )


def test_nested_quadrature_without_a_variance_is_that_of_one_factor() -> None:
    # Wards that differ by chance alone: their variance ends at zero, and the model is that of locations.
    frame = nested(3, sd=0.0)
    both = ml.fit(NESTED, frame, penalty="jeffreys", points=5)
    alone = ml.fit("y ~ x + source + (1 | location)", frame, penalty="jeffreys", points=5)
    spread = both.variance_components().set_index("group")["sd"]
    assert spread["location:ward"] == 0.0
    assert spread["location"] > 0.0
    np.testing.assert_allclose(both.params, alone.params, atol=2e-4)
    assert both.penalised_llf == pytest.approx(alone.penalised_llf, abs=1e-6)
