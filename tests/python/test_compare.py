"""Likelihood-ratio tests between fits: what counts as nested, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import simulate

import melogit as ml

DATA = simulate(4, groups=40, size=15, slope=0.3)
SMALL = "y ~ x + (1 | location)"


def fitted(formula: str, **options: object) -> ml.Fit:
    return ml.fit(formula, DATA, **{"points": 1, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small() -> ml.Fit:
    return fitted(SMALL)


def reference(a: ml.Fit, b: ml.Fit) -> str:
    return str(ml.compare(a, b)["reference"][1])


def test_numbers_are_those_of_the_fits(small: ml.Fit) -> None:
    large = fitted("y ~ x + source + (1 | location)")
    table = ml.compare(large, small)
    assert list(table["llf"]) == [small.llf, large.llf]
    assert list(table["aic"]) == pytest.approx([small.aic, large.aic])
    assert list(table["bic"]) == pytest.approx([small.bic, large.bic])
    assert table["statistic"][1] == pytest.approx(2 * (large.llf - small.llf))
    assert np.isnan(table["statistic"][0])
    assert table["df_diff"][1] == 2


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("y ~ x + gender + (1 | location)", "chi2(1)"),
        ("y ~ poly(x, 3) + (1 | location)", "chi2(2)"),
        ("y ~ ns(x, df=4) + (1 | location)", "chi2(3)"),
        ("y ~ C(source, Helmert) * x + (1 | location)", "chi2(4)"),
        ("y ~ x + (1 + x | location)", "0.5 chi2(1) + 0.5 chi2(2)"),
        ("y ~ x + (x || location)", "0.5 chi2(0) + 0.5 chi2(1)"),
        ("y ~ x + (1 | location) + (1 | team)", "0.5 chi2(0) + 0.5 chi2(1)"),
        ("y ~ x + gender + (1 | location) + (1 | team)", "0.5 chi2(1) + 0.5 chi2(2)"),
        ("y ~ x + (1 + source | location)", "chi2(5), an upper bound"),
    ],
)
def test_nesting_is_found_in_the_data(small: ml.Fit, formula: str, expected: str) -> None:
    assert reference(small, fitted(formula)) == expected


def test_names_do_not_matter(small: ml.Fit) -> None:
    data = DATA.assign(z=2 * DATA["x"] - 1, place=DATA["location"].str.lower())
    other = ml.fit("y ~ z + gender + (1 | place)", data, points=1)
    assert reference(small, other) == "chi2(1)"


def test_a_correlation_is_inside(small: ml.Fit) -> None:
    assert (
        reference(fitted("y ~ x + (x || location)"), fitted("y ~ x + (x | location)")) == "chi2(1)"
    )


def test_a_coefficient_may_be_given_by_an_offset() -> None:
    # log odds rise by 0.5 per unit of x in the smaller model, freely in the larger one.
    given = ml.fit("y ~ 1 + (1 | location)", DATA, offset=0.5 * DATA["x"], points=1)
    assert reference(given, fitted(SMALL)) == "chi2(1)"


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (SMALL, "y ~ source + gender + (1 | location)", "span 'x'"),
        (SMALL, "y ~ gender + (1 | location)", "same|both have 3 parameters"),
        (
            "y ~ x + (1 | team)",
            "y ~ x + gender + (1 | location)",
            "random effect over the groups of 'team'",
        ),
        ("y ~ 1 + (x | location)", "y ~ x + gender + (x || location)", "no correlated block"),
        ("y ~ x + (x | location)", "y ~ x * source + (1 | location)", "no correlated block"),
    ],
)
def test_models_that_are_not_nested_are_refused(one: str, other: str, said: str) -> None:
    with pytest.raises(ml.OptionError, match=said) as caught:
        ml.compare(fitted(one), fitted(other))
    assert caught.value.slug == "not-nested"


def test_different_rows_are_refused(small: ml.Fit) -> None:
    holed = DATA.assign(gender=DATA["gender"].where(DATA.index != 17))
    with pytest.raises(ml.DataError, match="row 17") as caught:
        ml.compare(small, ml.fit("y ~ x + gender + (1 | location)", holed))
    assert caught.value.slug == "different-rows"
    with pytest.raises(ml.DataError, match="600 and 599 rows"):
        ml.compare(small, ml.fit("y ~ x + gender + (1 | location)", DATA.drop(index=3)))


def test_different_outcomes_and_weights_are_refused(small: ml.Fit) -> None:
    flipped = DATA.assign(y=DATA["y"].where(DATA.index != 5, 1 - DATA["y"]))
    with pytest.raises(ml.DataError, match="outcomes differ, first in row 5") as caught:
        ml.compare(small, ml.fit("y ~ x + gender + (1 | location)", flipped))
    assert caught.value.slug == "different-outcome"
    with pytest.raises(ml.DataError, match="weights differ") as caught:
        ml.compare(
            small, fitted("y ~ x + gender + (1 | location)", weights=np.full(len(DATA), 2.0))
        )
    assert caught.value.slug == "different-weights"


def test_different_points_are_refused_but_not_where_they_do_not_matter(small: ml.Fit) -> None:
    close = fitted("y ~ x + gender + (1 | location)", points=7)
    with pytest.raises(ml.OptionError, match="points=1 and the other with points=7") as caught:
        ml.compare(small, close)
    assert caught.value.slug == "different-points"
    assert reference(fitted("y ~ x"), close) == "0.5 chi2(1) + 0.5 chi2(2)"


def test_points_that_were_raised_apart_are_refused_with_those_for_both() -> None:
    one = ml.fit(SMALL, DATA, points="auto")
    crossed = ml.fit("y ~ x + (1 | location) + (1 | team)", DATA, points="auto")
    with pytest.raises(ml.OptionError, match="fit both with points=1"):
        ml.compare(one, crossed)
    with pytest.raises(ml.OptionError, match="fit both with points=7"):
        ml.compare(fitted(SMALL, points=5), fitted("y ~ x + (1 + x | location)", points=7))


def test_what_else_is_refused(small: ml.Fit, tmp_path: Path) -> None:
    with pytest.raises(ml.OptionError, match="at least two"):
        ml.compare(small)
    with pytest.raises(ml.OptionError, match="argument 2 is a int"):
        ml.compare(small, 3)  # type: ignore[arg-type]
    small.save(tmp_path / "fit.json")
    with pytest.raises(ml.OptionError, match="does not hold them"):
        ml.compare(small, ml.load(tmp_path / "fit.json"))
    short = fitted("y ~ x + source + gender + (1 | location)", max_iterations=1)
    assert not short.converged
    with pytest.raises(ml.FitError, match="has not") as caught:
        ml.compare(small, short)
    assert caught.value.slug == "not-converged"


def test_rows_in_any_order_compare(small: ml.Fit) -> None:
    # Records are sorted by the leading factor inside: here by team, there by location.
    teams = fitted("y ~ x + (1 | location) + (1 + x | team)")
    assert reference(small, teams) == "chi2(3), an upper bound"


def test_the_mixture_keeps_its_level() -> None:
    """Without any clustering, p-values of the variance are uniform below one half."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"place": np.repeat(np.arange(20).astype(str), 20)})
    p = []
    for _ in range(300):
        frame["y"] = rng.integers(0, 2, len(frame))
        fit = ml.fit("y ~ 1 + (1 | place)", frame)
        p.append(fit.variance_test()["p_value"][0])
    rejected = np.mean(np.array(p) < 0.1)
    # Three binomial standard errors about 0.1; the edge is reached a little more than half the time in 20 groups.
    assert 0.03 < rejected < 0.152, rejected
    assert 0.4 < np.mean(np.array(p) == 1.0) < 0.7


def sparse(seed: int = 3, groups: int = 120) -> pd.DataFrame:
    """Draw pairs of records in groups that differ much: where points="auto" must climb."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(groups), 4)
    x = rng.normal(size=len(place))
    w = rng.normal(size=len(place))
    eta = 1.5 * x + 2.5 * rng.normal(size=groups)[place]
    y = (rng.random(len(place)) < 1 / (1 + np.exp(-eta))).astype(int)
    return pd.DataFrame({"y": y, "x": x, "w": w, "place": place.astype(str)})


SPARSE = sparse()
WITHOUT, WITH = "y ~ w + (1 | place)", "y ~ w + x + (1 | place)"


def at(formula: str, points: int | str) -> ml.Fit:
    return ml.fit(formula, SPARSE, points=points)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "most"),
    [(5, "auto", None), ("auto", 5, None), ("auto", 60, 60), (60, "auto", 60)],
)
def test_a_fit_with_fewer_points_is_refitted(
    one: int | str, other: int | str, most: int | None
) -> None:
    small, large = at(WITHOUT, one), at(WITH, other)
    before = [small.llf, large.llf]
    used = [small.settings["points"], large.settings["points"]]
    points = max(small._core.points, large._core.points)
    assert most is None or points == most
    assert small._core.points != large._core.points
    table = ml.compare(small, large)
    level = ml.compare(at(WITHOUT, points), at(WITH, points))
    for column in ("llf", "deviance", "aic", "bic", "statistic", "p_value"):
        np.testing.assert_allclose(table[column], level[column], rtol=1e-9, atol=2e-8)
    assert list(level["note"]) == ["", ""]
    refitted = 0 if small._core.points < points else 1
    fewer = (small, large)[refitted]._core.points
    assert table["note"][refitted] == (
        f"refitted with points={points} for this comparison; the fit itself has {fewer}"
    )
    assert table["note"][1 - refitted] == ""
    # The fits stay what they were.
    assert before == [small.llf, large.llf]
    assert used == [small.settings["points"], large.settings["points"]]


def test_three_fits_are_brought_to_the_largest_number() -> None:
    plain, small, large = at("y ~ w", 1), at(WITHOUT, 7), at(WITH, "auto")
    points = large._core.points
    assert points > 7
    table = ml.compare(large, plain, small)
    assert list(table["note"] != "") == [False, True, False]
    assert table["llf"][1] == pytest.approx(at(WITHOUT, points).llf, abs=1e-7)
    assert table["llf"][0] == plain.llf


def test_a_variance_at_zero_is_refitted_too() -> None:
    rng = np.random.default_rng(5)
    frame = SPARSE.assign(y=rng.integers(0, 2, len(SPARSE)))
    small, large = (ml.fit(f, frame, points=p) for f, p in ((WITHOUT, "auto"), (WITH, 15)))
    table = ml.compare(small, large)
    level = ml.compare(ml.fit(WITHOUT, frame, points=15), large)
    np.testing.assert_allclose(table["llf"], level["llf"], rtol=1e-9)


def test_fits_without_rows_are_refused_as_before(tmp_path: Path) -> None:
    small, large = at(WITHOUT, 5), at(WITH, "auto")
    small.save(tmp_path / "fit.json")
    with pytest.raises(ml.OptionError, match="does not hold them") as caught:
        ml.compare(ml.load(tmp_path / "fit.json"), large)
    assert caught.value.slug == "no-data"
