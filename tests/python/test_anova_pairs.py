"""Tests of terms and pairs of levels: what must not change them, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import simulate

import melogit as ml

DATA = simulate(8, groups=25, size=30)


@pytest.mark.parametrize("kind", ["II", "III"])
@pytest.mark.parametrize("test", ["wald", "lr"])
def test_tests_of_terms_do_not_depend_on_coding(kind: Any, test: Any) -> None:
    formula = "y ~ source * gender * x + (1 | location)"
    plain = ml.fit(formula, DATA).anova(kind, test=test)
    contrasts = {"source": ["Self - School", "(Self + School)/2 - GP"], "gender": "sum"}
    other = ml.fit(formula, DATA, contrasts=contrasts).anova(kind, test=test)
    turned = ml.fit(formula, DATA, references={"source": "Self", "gender": "M"}).anova(
        kind, test=test
    )
    assert list(plain["df"]) == [2, 1, 1, 2, 2, 1, 2]
    # Wald statistics to rounding; by likelihood ratio, to what a converged fit may still gain.
    near = {"rel": 1e-5, "abs": 1e-6} if test == "wald" else {"abs": 1e-5}
    assert list(other["statistic"]) == pytest.approx(list(plain["statistic"]), **near)
    assert list(turned["statistic"]) == pytest.approx(list(plain["statistic"]), **near)


def test_without_interactions_both_types_are_the_tests_of_terms() -> None:
    fit = ml.fit("y ~ x + source + ns(x, df=3):gender + (1 | location)", DATA)
    terms = fit.term_tests()
    two = fit.anova("II")
    assert list(two["term"]) == list(terms["term"])
    additive = ml.fit("y ~ poly(x, 2) + source + gender + (1 | location)", DATA)
    for kind in ("II", "III"):
        found = additive.anova(kind)  # type: ignore[arg-type]
        assert list(found["statistic"]) == pytest.approx(list(additive.term_tests()["statistic"]))


def test_a_likelihood_ratio_is_the_difference_of_two_fits() -> None:
    fit = ml.fit("y ~ x + source * gender + (1 | location)", DATA, points=5)
    found = fit.anova("II", test="lr").set_index("term")
    additive = ml.fit("y ~ x + source + gender + (1 | location)", DATA, points=5)
    without = ml.fit("y ~ x + gender + (1 | location)", DATA, points=5)
    expected = 2 * (additive.llf - without.llf)
    assert found.loc["source", "statistic"] == pytest.approx(expected, abs=1e-6)
    expected = 2 * (fit.llf - additive.llf)
    assert found.loc["source:gender", "statistic"] == pytest.approx(expected, abs=1e-6)


def test_threads_do_not_matter() -> None:
    fit = ml.fit("y ~ x + source * gender + (1 | location)", DATA)
    one, two = (fit.anova("III", test="lr", threads=n) for n in (1, 2))
    assert list(one["statistic"]) == list(two["statistic"])


def test_a_cell_without_rows_leaves_no_average() -> None:
    data = DATA[(DATA["source"] != "Self") | (DATA["gender"] == "F")]
    fit = ml.fit("y ~ source * gender", data)
    found = fit.anova("III").set_index("term")
    assert "cells have no rows" in found.loc["source", "note"]
    assert np.isnan(found.loc["source", "p_value"])
    assert found.loc["source:gender", "df"] == 1
    assert fit.anova("II").set_index("term").loc["source", "df"] == 2


def test_separation_leaves_a_likelihood_ratio() -> None:
    data = DATA.assign(sure=np.where((DATA["y"] == 1) & (DATA.index % 5 == 0), "yes", "no"))
    fit = ml.fit("y ~ x + sure", data)
    wald, ratio = (fit.anova(test=t).set_index("term").loc["sure"] for t in ("wald", "lr"))  # type: ignore[arg-type]
    assert np.isnan(wald["p_value"])
    assert "separation" in wald["note"]
    without = ml.fit("y ~ x", data)
    assert ratio["statistic"] == pytest.approx(2 * (fit.llf - without.llf), abs=1e-5)


def test_pairs_do_not_depend_on_coding_or_order() -> None:
    formula = "y ~ x + source * gender + (1 | location)"
    plain = ml.fit(formula, DATA).pairwise("source", adjust="mvt")
    other = ml.fit(formula, DATA, contrasts={"source": "helmert", "gender": "sum"})
    for name in ("estimate", "std_error", "p_value", "lower"):
        assert list(other.pairwise("source", adjust="mvt")[name]) == pytest.approx(
            list(plain[name]), rel=1e-6
        )
    odds = ml.fit("y ~ x + source + (1 | location)", DATA)
    first = odds.pairwise("source", adjust="none", reference="GP")
    table = odds.odds_ratios().set_index("level").loc[["School", "Self"]]
    assert list(first["odds_ratio"]) == pytest.approx(list(table["odds_ratio"]))
    assert list(first["lower"]) == pytest.approx(list(table["lower"]))
    assert list(first["p_value"]) == pytest.approx(list(table["p"]))


def test_averages_are_over_cells() -> None:
    fit = ml.fit("y ~ source * gender", DATA)
    found = fit.pairwise("source", adjust="none").iloc[0]
    b = fit.params
    expected = b["source[School]"] + b["source[School]:gender[M]"] / 2
    assert found["estimate"] == pytest.approx(expected)
    same = fit.test("source[School] + source[School]:gender[M]/2 = 0")
    assert found["std_error"] == pytest.approx(same.estimates["std_error"][0])


def test_adjustments_are_ordered_and_the_error_is_small() -> None:
    fit = ml.fit("y ~ x + source + (1 | location)", DATA)
    p = {name: fit.pairwise("source", adjust=name)["p_value"].to_numpy()  # type: ignore[arg-type]
         for name in ("none", "mvt", "tukey", "sidak", "bonferroni", "holm")}  # fmt: skip
    slack = 1e-4
    for smaller, larger in (
        ("none", "mvt"),
        ("mvt", "sidak"),
        ("sidak", "bonferroni"),
        ("none", "holm"),
        ("holm", "bonferroni"),
    ):
        assert (p[smaller] <= p[larger] + slack).all()
    assert (fit.pairwise("source", adjust="mvt")["p_error"] < 1e-3).all()


@pytest.mark.parametrize(
    ("arguments", "error", "slug"),
    [
        ({"column": "sorce"}, ml.OptionError, "unknown-factor"),
        ({"column": "x"}, ml.OptionError, "unknown-factor"),
        ({"column": "source", "reference": "Gp"}, ml.LevelError, "unknown-level"),
        (
            {"column": "source", "reference": "GP", "adjust": "tukey"},
            ml.OptionError,
            "tukey-reference",
        ),
        ({"column": "source", "adjust": "scheffe"}, ml.OptionError, "adjust-choice"),
        ({"column": 3}, ml.OptionError, "column-type"),
        ({"column": "gender"}, ml.OptionError, "depends-on-number"),
    ],
)
def test_pairs_that_are_refused(
    arguments: dict[str, Any], error: type[ml.MelogitError], slug: str
) -> None:
    fit = ml.fit("y ~ source + gender * x", DATA)
    with pytest.raises(error) as caught:
        fit.pairwise(**arguments)
    assert caught.value.slug == slug


def test_options_that_are_refused() -> None:
    fit = ml.fit("y ~ x + (1 | location)", DATA)
    for call in (
        lambda: fit.anova("IV"),
        lambda: fit.anova(test="score"),
        lambda: fit.variance_test(3),
    ):  # type: ignore[arg-type]
        with pytest.raises(ml.OptionError):
            call()
    with pytest.raises(ml.OptionError, match="'location'") as caught:
        fit.variance_test("place")
    assert caught.value.slug == "unknown-group"
    with pytest.raises(ml.OptionError, match="no random effects"):
        ml.fit("y ~ x", DATA).variance_test()
    short = ml.fit("y ~ x + source + (1 | location)", DATA, max_iterations=1)
    for again in (
        short.anova,
        short.variance_test,
        lambda: short.test("x"),
        lambda: short.pairwise("source"),
        short.robust,
    ):
        with pytest.raises(ml.FitError) as refused:
            again()
        assert refused.value.slug == "not-converged"


def test_a_penalised_fit_has_no_likelihood_ratio() -> None:
    fit = ml.fit("y ~ x + source + (1 | location)", DATA, penalty="jeffreys")
    plain = ml.fit("y ~ x + (1 | location)", DATA)
    for call in (
        lambda: fit.anova(test="lr"),
        fit.variance_test,
        lambda: ml.compare(plain, fit),
        fit.robust,
    ):
        with pytest.raises(ml.OptionError) as caught:
            call()
        assert caught.value.slug == "penalised"
    assert not fit.anova()["p_value"].isna().any()
