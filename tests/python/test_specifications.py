"""One odds ratio under several analyses: every row is what the fit itself says."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import simulate

import melogit as ml


def test_each_row_is_a_whole_fit() -> None:
    data = simulate(3)
    wider = data.assign(y=(data["y"] + (data["x"] > 1) > 0).astype(int))
    table = ml.specification_table(
        {
            "main": "y ~ source + x + (1 | location)",
            "crude": "y ~ source",
            "by team": "y ~ source + x + (1 | team)",
            "wider outcome": {"formula": "y ~ source + x + (1 | location)", "data": wider},
            "event 0": {"formula": "y ~ source + x + (1 | location)", "event": 0},
        },
        data,
        exposure="source",
    )
    assert len(table) == 10
    by = table.set_index(["specification", "level"])
    fits = {
        "main": ml.fit("y ~ source + x + (1 | location)", data),
        "crude": ml.fit("y ~ source", data),
        "wider outcome": ml.fit("y ~ source + x + (1 | location)", wider),
    }
    for name, fit in fits.items():
        row = by.loc[(name, "Self")]
        own = fit.odds_ratios().set_index(["term", "level"]).loc[("source", "Self")]
        for column in ("odds_ratio", "lower", "upper", "p"):
            assert row[column] == own[column]
        assert (row["level_n"], row["n"], row["events"]) == (own["n"], fit.nobs, fit.n_events)
        assert row["llf"] == fit.llf
        assert row["converged"]
    assert by.loc[("main", "Self"), "sd"] == fits["main"].variance_components()["sd"][0]
    assert np.isnan(by.loc[("crude", "Self"), "sd"])
    assert by.loc[("by team", "Self"), "group"] == "team"
    product = by.loc[("event 0", "Self"), "odds_ratio"] * by.loc[("main", "Self"), "odds_ratio"]
    assert product == pytest.approx(1.0, abs=1e-4)


def test_a_refused_analysis_keeps_its_row_and_says_why() -> None:
    table = ml.specification_table(
        {"main": "y ~ source + (1 | location)", "typo": "y ~ source + agee + (1 | location)"},
        simulate(3),
        exposure="source",
    )
    lost = table[table["specification"] == "typo"].iloc[0]
    assert "agee" in lost["notes"]
    assert np.isnan(lost["odds_ratio"])
    assert not lost["converged"]


def test_nonsense_is_refused() -> None:
    data = simulate(3)
    for given, slug in (
        ({}, "specification-type"), (["y ~ x"], "specification-type"),
        ({"a": {"data": data}}, "specification-type"), ({"a": "y ~ x"}, "specification-exposure"),
    ):  # fmt: skip
        with pytest.raises(ml.OptionError) as caught:
            ml.specification_table(given, data, exposure="source")  # type: ignore[arg-type]
        assert caught.value.slug == slug
    with pytest.raises(ml.OptionError, match="data"):
        ml.specification_table({"a": "y ~ source"}, exposure="source")
