"""Parametric bootstrap: against lme4's, refits from scratch, and theory; nothing fails in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Agreement, simulate

import melogit as ml

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
KINDS: list[Any] = ["percentile", "basic", "normal", "bias_corrected"]


@pytest.fixture(scope="module")
def cbpp() -> ml.Fit:
    data = pd.read_csv(REFERENCE / "data" / "cbpp.csv", dtype={"herd": str, "period": str})
    return ml.fit("incidence / size ~ period + (1 | herd)", data, points=1)


def test_the_distribution_is_that_of_lme4s(cbpp: ml.Fit, agreement: Agreement) -> None:
    """2,000 refits each: means and SDs differ by their Monte Carlo error, quantiles by a little more."""
    stored = json.loads((REFERENCE / "inference" / "profile.json").read_text())
    theirs = stored["bootstrap"]["cbpp"]
    drawn = cbpp.bootstrap(2000, rng=1)
    assert drawn.n_failed == 0
    ours = drawn.draws[:, :5]
    assert drawn.names[4] == "sd[herd,(Intercept)]"
    sd = np.array(theirs["sd"])
    error = sd * np.sqrt(2 / 2000)
    distance = np.abs(ours.mean(axis=0) - theirs["mean"]) / error
    agreement("cbpp", "bootstrap means, in Monte Carlo errors", float(distance.max()), 4.0)
    ratio = np.abs(ours.std(axis=0, ddof=1) / sd - 1) / np.sqrt(1 / 2000)
    agreement("cbpp", "bootstrap SDs, in Monte Carlo errors", float(ratio.max()), 4.0)
    quantiles = np.quantile(ours, [0.025, 0.25, 0.5, 0.75, 0.975], axis=0, method="weibull")
    off = np.abs(quantiles - np.array(theirs["quantiles"])) / sd
    # The error of a 2.5 % quantile of 2,000 normal draws is 0.06 SD, twice over for two samples.
    agreement("cbpp", "bootstrap quantiles, in SDs", float(off.max()), 0.3)


def test_a_replicate_is_the_fit_to_its_draw() -> None:
    data = simulate(3, groups=20, size=15)
    fit = ml.fit("y ~ x + source + (1 | location)", data, points=1)
    drawn = fit.bootstrap(5, rng=7)
    outcomes = fit.simulate(5, rng=7)
    for outcome, row in zip(outcomes, drawn.draws, strict=True):
        again = ml.fit("y ~ x + source + (1 | location)", data.assign(y=outcome), points=1)
        assert row[:4] == pytest.approx(again.params.to_numpy(), abs=1e-3)
        assert row[4] == pytest.approx(again.variance_components()["sd"][0], abs=1e-3)
        assert row[5] == pytest.approx(again.icc()["icc"][0], abs=1e-3)
        assert row[6] == pytest.approx(again.median_odds_ratio()["median_odds_ratio"][0], abs=1e-3)


def test_draws_do_not_depend_on_threads_and_repeat_by_their_seed(cbpp: ml.Fit) -> None:
    one, two = cbpp.bootstrap(40, rng=3, threads=1), cbpp.bootstrap(40, rng=3, threads=2)
    assert one.draws.tobytes() == two.draws.tobytes()
    assert np.array_equal(cbpp.bootstrap(20, rng=one.seed).draws, one.draws[:20])
    generated = cbpp.bootstrap(5, rng=np.random.default_rng(1))
    assert np.array_equal(cbpp.bootstrap(5, rng=generated.seed).draws, generated.draws)


def test_intervals_are_what_their_definitions_say(cbpp: ml.Fit) -> None:
    drawn = cbpp.bootstrap(199, rng=5)
    x, estimate = drawn.draws[:, 1], drawn.estimates[1]
    low, high = np.quantile(x, [0.05, 0.95], method="weibull")
    found = {kind: drawn.conf_int(0.9, kind=kind).iloc[1] for kind in KINDS}
    z = 1.6448536269514722
    bias, sd = x.mean() - estimate, x.std(ddof=1)
    expected = {
        "percentile": (low, high),
        "basic": (2 * estimate - high, 2 * estimate - low),
        "normal": (estimate - bias - z * sd, estimate - bias + z * sd),
    }
    for kind, bounds in expected.items():
        assert (found[kind]["lower"], found[kind]["upper"]) == pytest.approx(bounds, abs=1e-9)
    assert found["bias_corrected"]["lower"] < estimate < found["bias_corrected"]["upper"]
    assert found["normal"]["std_error"] == pytest.approx(sd)
    assert list(drawn.frame.columns) == list(drawn.names)
    own = drawn.statistic(lambda p: np.exp(p["period[2]"]), name="odds ratio")
    assert own["estimate"][0] == pytest.approx(np.exp(estimate))
    assert own["lower"][0] == pytest.approx(np.exp(drawn.conf_int().iloc[1]["lower"]), rel=0.02)


def test_an_sd_of_zero_is_refitted_from_above_it() -> None:
    """At zero nothing pulls: a refit that started there would stay, whatever was drawn."""
    data = simulate(1, groups=12, size=10)
    data["y"] = ([0, 1] * 60)[: len(data)]
    fit = ml.fit("y ~ x + (1 | location)", data)
    sd = fit.bootstrap(200, rng=1).draws[:, 2]
    # Of a variance of zero about half the estimates are above zero.
    assert 0.25 < (sd > 0).mean() < 0.65


def test_what_went_wrong_is_counted_and_named() -> None:
    data = pd.DataFrame({"y": [0] * 36 + [1] * 4, "g": [f"L{i % 5}" for i in range(40)]})
    data["rare"] = [1.0 if i in (0, 38, 39) else 0.0 for i in range(40)]
    drawn = ml.fit("y ~ rare + (1 | g)", data).bootstrap(200, rng=1)
    slugs = set(drawn.failures["slug"])
    assert "separation" in slugs
    separated = drawn.failures[drawn.failures["slug"] == "separation"]
    assert separated["message"].str.contains("rare").any()
    lost = drawn.failures[drawn.failures["slug"] != "separation"]
    assert drawn.n_failed == len(lost)
    assert np.isinf(drawn.draws[separated["replicate"].iloc[0]]).any()
    assert "separation" in repr(drawn)
    table = drawn.conf_int()
    assert np.isfinite(table["draws"]).all()
    assert table["draws"].max() == 200 - drawn.n_failed


def test_nonsense_is_refused(cbpp: ml.Fit, tmp_path: Path) -> None:
    for call, slug in (
        (lambda: cbpp.bootstrap(1), "replicates-range"),
        (lambda: cbpp.bootstrap(rng="x"), "rng-type"),
        (lambda: cbpp.bootstrap(3, rng=1).conf_int(kind="bca"), "kind-choice"),  # type: ignore[arg-type]
        (lambda: cbpp.bootstrap(3, rng=1).conf_int(0), "level-range"),
    ):
        with pytest.raises(ml.OptionError) as caught:
            call()
        assert caught.value.slug == slug
    cbpp.save(tmp_path / "fit.json")
    with pytest.raises(ml.OptionError, match="does not hold them"):
        ml.load(tmp_path / "fit.json").bootstrap(5)
