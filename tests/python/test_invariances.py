"""What must not change an estimate, and what must change it in a known way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import core_fit, core_predict, deviations, simulate, standard_errors
from numpy.testing import assert_allclose

import melogit as ml
from melogit import _core

FORMULA = "y ~ x + source + gender + (1 | location)"
SAME = 1e-6
"""Estimates of two routes to one optimum: each stops with less than 1e-8 of deviance to go."""


def params(fit: _core.Fit) -> dict[str, float]:
    return dict(zip(fit.names, fit.params.tolist(), strict=True))


def assert_same_fit(one: _core.Fit, other: _core.Fit) -> None:
    """Same likelihood, coefficients, standard errors and standard deviations."""
    assert other.loglik == pytest.approx(one.loglik, abs=1e-7)
    assert params(other) == pytest.approx(params(one), abs=SAME)
    assert standard_errors(other) == pytest.approx(standard_errors(one), rel=1e-5)
    assert list(deviations(other).values()) == pytest.approx(
        list(deviations(one).values()), abs=SAME
    )


def modes(fit: _core.Fit, group: str = "location") -> dict[str, float]:
    table = fit.random_effects()[group]
    return dict(zip(table["level"], table["mode"], strict=True))


def test_order_of_rows(records: pd.DataFrame) -> None:
    one = core_fit(FORMULA, records)
    other = core_fit(FORMULA, records.sample(frac=1.0, random_state=3))
    assert_same_fit(one, other)
    assert modes(other) == pytest.approx(modes(one), abs=SAME)


def test_order_of_columns_and_terms(records: pd.DataFrame) -> None:
    assert_same_fit(
        core_fit(FORMULA, records),
        core_fit("y ~ (1 | location) + gender + source + x", records[records.columns[::-1]]),
    )


def test_names_of_groups(records: pd.DataFrame) -> None:
    """Renaming turns their order around, and with it the order of the sums."""
    renamed = {f"L{i:02d}": f"place {99 - i}" for i in range(30)}
    one = core_fit(FORMULA, records)
    other = core_fit(FORMULA, records.assign(location=records["location"].map(renamed)))
    assert_same_fit(one, other)
    assert modes(other) == pytest.approx({renamed[k]: v for k, v in modes(one).items()}, abs=SAME)


def test_names_of_levels(records: pd.DataFrame) -> None:
    one = core_fit(FORMULA, records)
    renamed = {"GP": "a", "School": "b", "Self": "c"}
    other = core_fit(FORMULA, records.assign(source=records["source"].map(renamed)))
    assert list(params(other).values()) == pytest.approx(list(params(one).values()), abs=SAME)


def test_declared_order_moves_the_reference_only(records: pd.DataFrame) -> None:
    one = core_fit(FORMULA, records)
    order = ["School", "Self", "GP"]
    other = core_fit(FORMULA, records.assign(source=pd.Categorical(records["source"], order)))
    a, b = params(one), params(other)
    assert b["source[GP]"] == pytest.approx(-a["source[School]"], abs=SAME)
    assert b["source[Self]"] == pytest.approx(a["source[Self]"] - a["source[School]"], abs=SAME)
    assert b["(Intercept)"] == pytest.approx(a["(Intercept)"] + a["source[School]"], abs=SAME)
    assert_allclose(
        core_predict(
            other, records.assign(source=pd.Categorical(records["source"], order)), "conditional"
        ),
        core_predict(one, records, "conditional"),
        atol=SAME,
    )


@pytest.mark.parametrize("how", ["argument", "formula"])
def test_reference_by_option(records: pd.DataFrame, how: str) -> None:
    one = core_fit(FORMULA, records)
    if how == "argument":
        other = core_fit(FORMULA, records, references={"source": "Self"})
    else:
        other = core_fit(FORMULA.replace("source", 'C(source, ref="Self")'), records)
    assert other.loglik == pytest.approx(one.loglik, abs=1e-7)
    values = {
        name.partition("[")[2]: value for name, value in params(other).items() if "GP" in name
    }
    assert list(values.values()) == pytest.approx([-params(one)["source[Self]"]], abs=SAME)


CONTRASTS: dict[str, Any] = {
    **{name: name for name in ("sum", "helmert", "polynomial", "successive", "forward", "simple")},
    "scores": [0.0, 1.0, 10.0],
    "one comparison": [("late", "Self - School")],
    "two comparisons": [("a", "(GP + School)/2 - Self"), ("b", "3*GP - 2*School - Self")],
}


@pytest.mark.parametrize("formula", [FORMULA, "y ~ x + source * gender + (1 + source | location)"])
@pytest.mark.parametrize("contrast", CONTRASTS)
def test_contrasts(records: pd.DataFrame, contrast: str, formula: str) -> None:
    """Another basis of the same columns: likelihood, predictions, random effects and other coefficients stay."""
    # A tight tolerance, so that what is compared is the model and not where the search stopped.
    one = core_fit(formula, records, tolerance=1e-12)
    other = core_fit(formula, records, contrasts={"source": CONTRASTS[contrast]}, tolerance=1e-12)
    assert other.loglik == pytest.approx(one.loglik, abs=1e-8)
    assert params(other)["x"] == pytest.approx(params(one)["x"], abs=SAME)
    assert standard_errors(other)["x"] == pytest.approx(standard_errors(one)["x"], rel=1e-5)
    for kind in ("typical", "conditional", "marginal"):
        assert_allclose(
            core_predict(other, records, kind), core_predict(one, records, kind), atol=1e-8
        )
    if formula == FORMULA:
        assert params(other)["gender[M]"] == pytest.approx(params(one)["gender[M]"], abs=SAME)
        assert modes(other) == pytest.approx(modes(one), abs=SAME)


def test_flipping_the_outcome_flips_the_signs(records: pd.DataFrame) -> None:
    one = core_fit(FORMULA, records)
    other = core_fit(FORMULA, records.assign(y=1 - records["y"]))
    assert other.loglik == pytest.approx(one.loglik, abs=1e-7)
    assert params(other) == pytest.approx({k: -v for k, v in params(one).items()}, abs=SAME)
    assert standard_errors(other) == pytest.approx(standard_errors(one), rel=1e-5)
    assert modes(other) == pytest.approx({k: -v for k, v in modes(one).items()}, abs=SAME)
    assert list(deviations(other).values()) == pytest.approx(
        list(deviations(one).values()), abs=SAME
    )


def test_naming_the_other_event_flips_the_signs(records: pd.DataFrame) -> None:
    text = records.assign(y=np.where(records["y"] == 1, "rejected", "accepted"))
    one = core_fit(FORMULA, text, event="rejected")
    other = core_fit(FORMULA, text, event="accepted")
    assert params(other) == pytest.approx({k: -v for k, v in params(one).items()}, abs=SAME)
    assert_same_fit(core_fit(FORMULA, records), one)


@pytest.fixture
def counted(records: pd.DataFrame) -> pd.DataFrame:
    """The records without their number, counted: one row per combination."""
    keys = ["source", "gender", "location"]
    counts = records.groupby(keys, as_index=False).agg(events=("y", "sum"), trials=("y", "size"))
    return counts.assign(nonevents=counts["trials"] - counts["events"])


def test_counts_are_the_same_model(records: pd.DataFrame, counted: pd.DataFrame) -> None:
    """Counting loses the order of the records: the likelihoods differ by the binomial coefficients alone."""
    right = "source + gender + (1 | location)"
    rows = core_fit(f"y ~ {right}", records)
    share = core_fit(f"events / trials ~ {right}", counted)
    pairs = core_fit(f"cbind(events, nonevents) ~ {right}", counted)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, 700)))])
    constant = float(
        sum(
            factorials[m] - factorials[k] - factorials[m - k]
            for k, m in zip(counted["events"], counted["trials"], strict=True)
        )
    )
    assert share.loglik == pytest.approx(rows.loglik + constant, abs=1e-7)
    assert params(share) == pytest.approx(params(rows), abs=SAME)
    assert standard_errors(share) == pytest.approx(standard_errors(rows), rel=1e-5)
    assert (share.n_events, share.n_trials) == (rows.n_events, rows.n_trials)
    assert_same_fit(share, pairs)


def test_weight_two_is_the_row_twice(records: pd.DataFrame) -> None:
    weights = np.random.default_rng(2).integers(1, 4, len(records)).astype(float)
    weighted = core_fit(FORMULA, records, weights=weights)
    repeated = core_fit(FORMULA, records.loc[records.index.repeat(weights.astype(int))])
    assert_same_fit(repeated, weighted)


def test_weight_zero_is_no_row(records: pd.DataFrame) -> None:
    keep = np.random.default_rng(4).random(len(records)) < 0.8
    weighted = core_fit(FORMULA, records, weights=keep.astype(float))
    assert_same_fit(core_fit(FORMULA, records[keep]), weighted)


def test_constant_offset_moves_the_intercept(records: pd.DataFrame) -> None:
    # A tight tolerance: the search starts from coefficients made larger, and not along with the offset.
    one = core_fit(FORMULA, records, tolerance=1e-12)
    expected = {**params(one), "(Intercept)": params(one)["(Intercept)"] - 0.75}
    for other in (
        core_fit(FORMULA, records, offset=np.full(len(records), 0.75), tolerance=1e-12),
        core_fit(FORMULA + " + offset(shift)", records.assign(shift=0.75), tolerance=1e-12),
    ):
        assert params(other) == pytest.approx(expected, abs=SAME)
        assert other.loglik == pytest.approx(one.loglik, abs=1e-7)


def test_offset_takes_a_known_slope_out(records: pd.DataFrame) -> None:
    one = core_fit(FORMULA, records)
    other = core_fit(FORMULA, records, offset=0.3 * records["x"].to_numpy())
    assert params(other) == pytest.approx({**params(one), "x": params(one)["x"] - 0.3}, abs=SAME)


def test_units_of_a_number(records: pd.DataFrame) -> None:
    one = core_fit(FORMULA, records)
    other = core_fit(FORMULA, records.assign(x=records["x"] * 1e4 + 5e4))
    assert other.loglik == pytest.approx(one.loglik, abs=1e-6)
    assert params(other)["x"] * 1e4 == pytest.approx(params(one)["x"], rel=1e-5)
    assert standard_errors(other)["x"] * 1e4 == pytest.approx(standard_errors(one)["x"], rel=1e-5)


def test_nesting_is_spelt_in_two_ways(records: pd.DataFrame) -> None:
    data = records.assign(site=records["location"].str[:2])
    one = core_fit("y ~ x + (1 | site/location)", data)
    other = core_fit("y ~ x + (1 | site) + (1 | site:location)", data)
    assert_same_fit(one, other)
    assert set(deviations(one)) == set(deviations(other))


def test_a_double_bar_is_two_terms() -> None:
    data = simulate(6, slope=0.6)
    assert_same_fit(
        core_fit("y ~ x + (x || location)", data),
        core_fit("y ~ x + (1 | location) + (0 + x | location)", data),
    )


def test_labels_that_repeat_across_parents_are_told_apart(records: pd.DataFrame) -> None:
    """Locations numbered afresh within each site are the same locations under a/b."""
    site = records["location"].str[:2]
    afresh = records.assign(site=site, location=records["location"].str[2:])
    assert_same_fit(
        core_fit("y ~ x + (1 | site/location)", records.assign(site=site)),
        core_fit("y ~ x + (1 | site/location)", afresh),
    )


def test_unused_declared_levels_change_nothing(records: pd.DataFrame) -> None:
    order = ["GP", "School", "Self", "Court", "Police"]
    other = core_fit(FORMULA, records.assign(source=pd.Categorical(records["source"], order)))
    assert_same_fit(core_fit(FORMULA, records), other)


def test_rows_with_missing_values_are_rows_left_out(records: pd.DataFrame) -> None:
    holed = records.copy()
    holed.loc[::7, "x"] = np.nan
    holed.loc[3::11, "gender"] = None
    fit = core_fit(FORMULA, holed)
    assert_same_fit(core_fit(FORMULA, holed.dropna()), fit)
    assert fit.missing()["rows_dropped"] == len(holed) - len(holed.dropna())
    assert_allclose(fit.used_rows, holed.notna().all(axis=1).to_numpy())


def test_a_saved_model_is_the_model(records: pd.DataFrame) -> None:
    fit = core_fit("y ~ x * source + (1 + x | location) + (1 | team)", records)
    again = _core.Fit.from_json(fit.to_json())
    assert again.params.tobytes() == fit.params.tobytes()
    assert again.joint_cov.tobytes() == fit.joint_cov.tobytes()
    assert again.loglik == fit.loglik
    for kind in ("conditional", "typical", "marginal"):
        assert_allclose(
            core_predict(again, records, kind), core_predict(fit, records, kind), rtol=1e-13
        )
    assert again.to_json() == fit.to_json()


def test_no_variation_between_groups_is_the_plain_model(records: pd.DataFrame) -> None:
    """Groups handed out without regard to the outcome: pinned at zero, equal to the fit without them, and said."""
    shuffled = records["location"].sample(frac=1.0, random_state=11).to_numpy()
    plain = core_fit("y ~ x + gender", records)
    for seed in range(40):
        shuffled = np.random.default_rng(seed).permutation(shuffled)
        mixed = core_fit("y ~ x + gender + (1 | location)", records.assign(location=shuffled))
        assert mixed.loglik >= plain.loglik - 1e-8
        if next(iter(deviations(mixed).values())) == 0.0:
            assert params(mixed) == pytest.approx(params(plain), abs=SAME)
            assert mixed.loglik == pytest.approx(plain.loglik, abs=1e-7)
            assert mixed.diagnostics()
            return
    pytest.fail("forty shuffles, and not one variance of zero: about half are expected")


def test_shifting_a_covariate_moves_a_correlated_model_nowhere() -> None:
    """A column of zeros in a correlated block is a saddle here: the search must see it and leave."""
    rng = np.random.default_rng(164)
    n = 240
    g, h = rng.integers(0, 15, n), rng.integers(0, 6, n)
    x = rng.normal(size=n)
    b1, b0 = rng.normal(0, 1.5, 15), rng.normal(0, 0.5, 6)
    y = (rng.random(n) < 1 / (1 + np.exp(-(b0[h] + b1[g] * x)))).astype(float)
    data = {"y": y, "g": [f"g{i:02d}" for i in g], "h": [f"h{i:02d}" for i in h]}
    formula = "y ~ x + (1 + x | g) + (1 + x | h)"
    values = [ml.fit(formula, data | {"x": x + shift}).llf for shift in (0.0, 1.0, -3.0)]
    assert np.ptp(values) < 1e-6


def test_rows_without_trials_are_not_there() -> None:
    """They would otherwise define a reference level that no outcome belongs to."""
    rng = np.random.default_rng(3)
    n = 90
    data = {
        "t": np.full(n, 5.0),
        "e": rng.binomial(5, 0.4, n).astype(float),
        "f": np.array(["b", "c"])[rng.integers(0, 2, n)],
        "g": np.array([f"g{i}" for i in range(12)])[rng.integers(0, 12, n)],
    }
    empty = {"t": [0.0] * 4, "e": [0.0] * 4, "f": ["a"] * 4, "g": ["new"] * 4}
    both = {name: np.concatenate([data[name], empty[name]]) for name in data}
    without, with_ = (ml.fit("e / t ~ f + (1 | g)", d) for d in (data, both))
    assert with_.nobs == without.nobs
    assert with_.llf == without.llf
    assert list(with_.params) == list(without.params)


def test_the_order_of_names_in_a_group_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    n = 400
    data = {
        "y": rng.integers(0, 2, n).astype(float),
        "x": rng.normal(size=n),
        "a": np.array([f"a{i}" for i in range(6)])[rng.integers(0, 6, n)],
        "b": np.array([f"b{i}" for i in range(5)])[rng.integers(0, 5, n)],
    }
    one = ml.fit("y ~ x + (1 | a:b) + (0 + x | b:a)", data)
    assert len(one.random_effects) == 1
    assert one.llf == ml.fit("y ~ x + (1 | a:b) + (0 + x | a:b)", data).llf


def test_combined_labels_that_read_the_same_are_refused() -> None:
    data = {
        "y": [0.0, 1.0] * 6,
        "a": ["x", "x:y", "z"] * 4,
        "b": ["y:z", "z", "w"] * 4,
    }
    with pytest.raises(ml.GroupingError, match="both read 'x:y:z'"):
        ml.fit("y ~ 1 + (1 | a:b)", data)


def test_minus_zero_is_zero() -> None:
    data = {"y": [0.0, 1.0, 1.0, 0.0] * 5, "k": [-0.0, 1.0, 0.0, 1.0] * 5}
    fit = ml.fit("y ~ C(k)", data)
    assert np.isfinite(
        np.asarray(fit.predict({"k": [0.0, -0.0]}, kind="typical"), dtype=float)
    ).all()
