"""Variation between groups against definitions, brute force, and cases that must collapse."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from averages import Slope, delta, estimates, row
from conftest import simulate

import melogit as ml
from melogit import camhs

NORMAL = NormalDist()
LATENT = math.pi**2 / 3


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return simulate(11, groups=40, size=20, slope=0.5)


@pytest.fixture(scope="module")
def fit(data: pd.DataFrame) -> ml.Fit:
    return ml.fit("y ~ x + source + gender + (1 | location)", data)


def test_shares_at_a_covariate_with_a_random_slope(data: pd.DataFrame) -> None:
    model = Slope(slope=True)
    fit = ml.fit(model.formula, data)
    psi, covariance = estimates(fit)
    at = pd.DataFrame({"x": [-1.0, 0.0, 2.0]})
    frame = fit.heterogeneity(at=at)
    assert list(frame["x"]) == [-1.0, 0.0, 2.0]
    for x in at["x"]:

        def variance(at: Any, z: Any = (1.0, x)) -> float:
            return float(z @ model.covariance(at[-3:]) @ z)

        found, v = row(frame, x=x), variance(psi)
        assert found["variance"] == pytest.approx(v, rel=1e-10)
        assert found["icc"] == found["cumulative"] == pytest.approx(v / (v + LATENT), rel=1e-10)
        assert found["mor"] == pytest.approx(math.exp(NORMAL.inv_cdf(0.75) * math.sqrt(2 * v)))
        width = math.log(found["icc_upper"] / (1 - found["icc_upper"])) - math.log(v / LATENT)
        error = delta(lambda at: math.log(variance(at) / LATENT), psi, covariance)
        assert width == pytest.approx(1.959964 * error, rel=1e-5)
        icc, mor = fit.icc(at={"x": [x]}), fit.median_odds_ratio(at={"x": [x]})
        assert list(icc.columns) == ["x", "group", "icc", "lower", "upper"]
        assert icc["icc"][0] == found["icc"]
        assert mor["median_odds_ratio"][0] == found["mor"]
    assert row(frame, x=0.0)["icc"] == pytest.approx(fit.icc()["icc"][0], rel=1e-12)


def test_the_median_odds_ratio_is_the_median_over_pairs(fit: ml.Fit) -> None:
    sd = fit.heterogeneity()["sd"][0]
    rng = np.random.default_rng(1)
    pairs = rng.normal(0, sd, size=(200_000, 2))
    ratios = np.exp(np.abs(pairs[:, 0] - pairs[:, 1]))
    assert fit.median_odds_ratio()["median_odds_ratio"][0] == pytest.approx(
        np.median(ratios), rel=0.01
    )


def test_levels_within_levels_add_up() -> None:
    """Guatemalan mothers within communities: people of one mother share both."""
    folder = Path(__file__).parents[1] / "reference" / "data"
    data = pd.read_csv(folder / "guimmun.csv")
    fit = ml.fit("y ~ kid2p + (1 | comm / mom)", data)
    frame = fit.heterogeneity()
    comm, mom = row(frame, group="comm"), row(frame, group="comm:mom")
    total = comm["variance"] + mom["variance"] + LATENT
    assert comm["cumulative"] == comm["icc"] == pytest.approx(comm["variance"] / total)
    assert mom["icc"] == pytest.approx(mom["variance"] / total)
    assert mom["cumulative"] == pytest.approx(comm["icc"] + mom["icc"])
    assert mom["cumulative_lower"] < mom["cumulative"] < mom["cumulative_upper"]


def test_interval_odds_ratios_are_those_of_drawn_pairs(fit: ml.Fit) -> None:
    sd = fit.heterogeneity()["sd"][0]
    frame = fit.interval_odds_ratios()
    rng = np.random.default_rng(2)
    difference = rng.normal(0, sd, 400_000) - rng.normal(0, sd, 400_000)
    for name in ("x", "source[School]", "source[Self]"):
        found = row(frame, name=name)
        beta = fit.params[name]
        drawn = np.exp(beta + difference)
        assert found["odds_ratio"] == pytest.approx(math.exp(beta))
        ends = np.quantile(drawn, [0.1, 0.9])
        assert found["ior_lower"] == pytest.approx(ends[0], rel=0.02)
        assert found["ior_upper"] == pytest.approx(ends[1], rel=0.02)
        opposed = ((drawn > 1) != (beta > 0)).mean()
        assert found["opposed"] == pytest.approx(opposed, abs=0.003)
        assert found["opposed_lower"] < found["opposed"] <= found["opposed_upper"] <= 0.5
        assert found["ior_lower_lower"] < found["ior_lower"] < found["ior_lower_upper"]


def test_bounds_of_the_opposed_share(data: pd.DataFrame) -> None:
    fit = ml.fit("y ~ x + (1 | location)", data)
    psi, covariance = estimates(fit)
    found = row(fit.interval_odds_ratios(), name="x")

    def deviate(at: Any) -> float:
        return float(-abs(at[1]) / math.sqrt(2 * at[2] ** 2))

    error = delta(deviate, psi, covariance)
    for name, sign in (("opposed_lower", -1), ("opposed_upper", 1)):
        assert found[name] == pytest.approx(
            NORMAL.cdf(deviate(psi) + sign * 1.959964 * error), rel=1e-5
        )


def test_ranks_are_those_of_drawn_effects(fit: ml.Fit) -> None:
    frame = fit.rank(rng=1, replicates=4000)
    rng = np.random.default_rng(3)
    effect, error = frame["effect"].to_numpy(), frame["std_error"].to_numpy()
    modes = fit.random_effects["location"]
    assert np.array_equal(effect, modes["mode"])
    # What comes through the estimates adds to the conditional variance.
    assert (error >= modes["sd"].to_numpy() - 1e-12).all()
    assert (error > modes["sd"]).any()
    assert sorted(frame["rank"]) == list(range(1, 41))
    assert np.array_equal(np.argsort(np.argsort(effect)) + 1, frame["rank"])
    # Errors that all groups share move no rank: drawing with the conditional ones alone comes close.
    drawn = effect + rng.normal(size=(20_000, 40)) * modes["sd"].to_numpy()
    ranks = drawn.argsort(axis=1).argsort(axis=1) + 1
    assert np.allclose(ranks.mean(axis=0), frame["expected_rank"], atol=0.35)
    bounds = np.quantile(ranks, [0.025, 0.975], axis=0)
    assert np.abs(bounds[0] - frame["rank_lower"]).max() <= 2
    assert np.abs(bounds[1] - frame["rank_upper"]).max() <= 2
    assert frame["expected_rank"].sum() == pytest.approx(40 * 41 / 2)


def test_comparison_intervals_miss_as_often_as_they_say(fit: ml.Fit) -> None:
    frame = fit.rank(rng=1, level=0.9)
    error = frame["std_error"].to_numpy()
    width = (frame["comparison_upper"] - frame["effect"]).to_numpy() / error
    assert np.allclose(width, width[0])
    missed = [
        2 * NORMAL.cdf(-width[0] * (a + b) / math.hypot(a, b))
        for a, b in itertools.combinations(error, 2)
    ]
    assert np.mean(missed) == pytest.approx(0.1, abs=1e-6)


def test_ranks_are_the_same_again(fit: ml.Fit) -> None:
    one, two, other = fit.rank(rng=1), fit.rank(rng=1), fit.rank(rng=2)
    pd.testing.assert_frame_equal(one, two)
    assert one["expected_rank"].equals(other["expected_rank"])


def test_the_funnel_is_its_definition(fit: ml.Fit, data: pd.DataFrame) -> None:
    frame = fit.funnel()
    p = fit.predict(data, kind="marginal").to_numpy()
    sums = pd.DataFrame(
        {"n": 1.0, "observed": data["y"], "expected": p, "variance": p * (1 - p)}
    ).groupby(data["location"]).sum()  # fmt: skip
    for name in ("n", "observed", "expected"):
        assert np.allclose(frame[name], sums[name], rtol=1e-12)
    z = (sums["observed"] - sums["expected"]) / np.sqrt(sums["variance"])
    assert np.allclose(frame["z"], z)
    reach = NORMAL.inv_cdf(0.999) * np.sqrt(sums["variance"]) / sums["expected"]
    assert np.allclose(frame["outer_upper"], 1 + reach)
    assert np.allclose(frame["outer_lower"], np.maximum(1 - reach, 0))
    assert np.allclose(frame["precision"], sums["expected"] ** 2 / sums["variance"])
    wide = fit.funnel(overdispersion=True)
    inner = np.clip(z, *np.quantile(z, [0.1, 0.9]))
    ratio = (wide["outer_upper"] - 1) / (frame["outer_upper"] - 1)
    assert np.allclose(ratio, math.sqrt(max(1.0, (inner**2).mean())))


def test_groups_that_do_not_differ_stay_within_their_limits() -> None:
    """No planted differences: about 5 in 100 groups lie beyond the inner limits."""
    data = simulate(21, groups=200, size=40, sd=0.0)
    fit = ml.fit("y ~ x + source + gender + (1 | location)", data)
    frame = fit.funnel()
    outside = ((frame["ratio"] > frame["upper"]) | (frame["ratio"] < frame["lower"])).sum()
    assert 2 <= outside <= 20


def test_change_in_variance(data: pd.DataFrame) -> None:
    group = data.groupby("location")["y"].transform("mean") > data["y"].mean()
    marked = data.assign(high=np.where(group, "yes", "no"))
    before = ml.fit("y ~ x + (1 | location)", marked)
    after = ml.fit("y ~ x + high + (1 | team) + (1 | location)", marked)
    (found,) = ml.variance_change(before, after, replicates=40, rng=1).to_dict("records")
    old, new = (row(fit.heterogeneity(), group="location")["variance"] for fit in (before, after))
    assert found["group"] == "location"
    assert found["change"] == pytest.approx((old - new) / old)
    assert found["lower"] < found["upper"] <= 1.0
    again = ml.variance_change(before, after, replicates=40, rng=1, threads=1)
    assert (again["lower"][0], again["upper"][0]) == (found["lower"], found["upper"])
    (bare,) = ml.variance_change(before, after, replicates=0).to_dict("records")
    assert bare["change"] == found["change"]
    assert math.isnan(bare["lower"])


def test_the_same_model_twice_has_no_change(fit: ml.Fit, data: pd.DataFrame) -> None:
    """Each outcome is fitted by both in their own order of rows, so every draw of the change is zero."""
    again = ml.fit("y ~ x + source + gender + (1 | location)", data)
    (found,) = ml.variance_change(fit, again, replicates=5, rng=1).to_dict("records")
    assert found["change"] == found["lower"] == found["upper"] == 0.0


def test_the_funnel_plot_shows_who_stands_out(fit: ml.Fit) -> None:
    frame = fit.funnel()
    ax = fit.funnel_plot()
    points = ax.collections[0].get_offsets()
    assert np.allclose(points[:, 1], frame["ratio"])
    assert len(points) == 40
    out = (frame["ratio"] > frame["outer_upper"]) | (frame["ratio"] < frame["outer_lower"])
    assert {text.get_text() for text in ax.texts} == set(frame["level"][out])
    assert "99.8%" in ax.get_title(loc="left")


def test_names_in_the_funnel_plot_do_not_lie_on_each_other() -> None:
    referrals = camhs.synthetic_referrals(12_000, seed=21, locations=60, missing=False)
    ax = ml.fit("rejected ~ social_work + (1 | location)", referrals).funnel_plot()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) > 5
    assert all(not a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert all(ax.bbox.contains(*box.min) and ax.bbox.contains(*box.max) for box in boxes)


def test_frames_are_the_users(data: pd.DataFrame) -> None:
    fit = ml.fit("y ~ x + (1 + x | location)", pl.from_pandas(data))
    at = pl.DataFrame({"x": [0.0, 1.0], "who": ["a", "b"]})
    assert fit.heterogeneity(at=at).columns[:3] == ["x", "who", "group"]
    assert fit.icc(at=at).columns == ["x", "who", "group", "icc", "lower", "upper"]
    for frame in (fit.rank(rng=1), fit.funnel(), fit.interval_odds_ratios()):
        assert isinstance(frame, pl.DataFrame)


def test_what_is_refused(fit: ml.Fit, data: pd.DataFrame, tmp_path: Path) -> None:
    def refused(error: type[Exception], slug: str, call: Any) -> None:
        with pytest.raises(error) as caught:
            call()
        assert caught.value.slug == slug  # type: ignore[attr-defined]

    plain = ml.fit("y ~ x", data)
    slope = ml.fit("y ~ x + (1 + x | location)", data)
    fewer = ml.fit("y ~ x + (1 | location)", data.head(700))
    fit.save(tmp_path / "fit.json")
    loaded = ml.load(tmp_path / "fit.json")
    refused(ml.OptionError, "no-groups", plain.rank)
    refused(ml.OptionError, "group-choice", lambda: fit.rank("team"))
    refused(ml.OptionError, "unknown-term", lambda: fit.rank("location", "x"))
    refused(ml.OptionError, "levels-range", lambda: fit.funnel(levels=[0.9]))
    refused(ml.OptionError, "no-data", loaded.funnel)
    refused(ml.OptionError, "no-data", lambda: ml.variance_change(loaded, fit))
    refused(ml.OptionError, "different-rows", lambda: ml.variance_change(fewer, fit))
    refused(ml.OptionError, "no-shared-group", lambda: ml.variance_change(fit, plain))
    refused(ml.ColumnNotFoundError, "column-not-found", lambda: slope.icc(at={"age": [1]}))
    refused(ml.DataError, "missing-at", lambda: slope.icc(at={"x": [1.0, math.nan]}))
    refused(
        ml.OptionError, "at-column", lambda: slope.heterogeneity(at={"x": [1.0], "group": ["a"]})
    )
    assert np.isfinite(loaded.rank(rng=1)["expected_rank"]).all()
