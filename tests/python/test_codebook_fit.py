"""What was coded goes straight into a fit, with the codebook's references and contrasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import simulate
from fake_core import FakeFit

import melogit as ml
from melogit import _core
from melogit.codebook import Map, Number

LEVELS = {"GP": "1", "School": "2", "Self": "3"}
FORMULA = "y ~ x + source + gender + (1 | location)"


def extract() -> Any:
    records = simulate(3)
    return records.assign(
        src=records["source"].map(LEVELS), sex=records["gender"].map({"F": "2", "M": "1"})
    )


def book(**source: Any) -> ml.Codebook:
    return ml.Codebook(
        {
            "source": Map("src", LEVELS, **source),
            "gender": Map("sex", {"M": "1", "F": "2"}),
            "x": Number("x"),
        }
    )


@pytest.mark.parametrize("frame", [lambda f: f, pl.from_pandas], ids=["pandas", "polars"])
def test_a_fit_of_what_was_coded_is_that_of_the_same_coding_by_hand(frame: Any) -> None:
    raw = extract().drop(columns=["source", "gender"])
    coded = book(reference="Self").apply(frame(raw), keep=["y", "location"])
    by_hand = extract()
    by_hand["source"] = pd.Categorical(by_hand["source"], ["GP", "School", "Self"])
    by_hand["gender"] = pd.Categorical(by_hand["gender"], ["M", "F"])
    one = ml.fit(FORMULA, coded)
    other = ml.fit(FORMULA, by_hand, references={"source": "Self"})
    assert list(one.params.keys()) == list(other.params.keys())
    assert "source[GP]" in one.params
    np.testing.assert_array_equal(
        list(dict(one.params).values()), list(dict(other.params).values())
    )
    assert one.llf == other.llf


@pytest.fixture
def passed(monkeypatch: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def record(formula: str, columns: Any, nrows: int, options: Any) -> Any:
        seen.update(options)
        return FakeFit()

    monkeypatch.setattr(_core, "fit", record)
    return seen


@pytest.fixture
def coded() -> ml.codebook.Codebook:
    return book(reference="Self", contrast="sum").apply(extract(), keep=["y", "location"])


def test_the_codebook_speaks_for_the_factors_of_the_formula(passed: Any, coded: Any) -> None:
    ml.fit(FORMULA, coded)
    assert passed["references"] == {"source": "Self", "gender": "M"}
    assert passed["contrasts"] == {"source": "sum"}
    ml.fit("y ~ x + gender + (1 | source)", coded)
    assert passed["references"] == {"gender": "M"}
    assert passed["contrasts"] == {}


def test_the_caller_goes_before_the_codebook(passed: Any, coded: Any) -> None:
    ml.fit(FORMULA, coded, references={"source": "GP"}, contrasts={"source": "helmert"})
    assert passed["references"] == {"source": "GP", "gender": "M"}
    assert passed["contrasts"] == {"source": "helmert"}


def test_a_coded_outcome_needs_no_reference(coded: Any) -> None:
    records = extract()
    outcome = ml.Codebook(
        {"y": Map("y", {"No": "0", "Yes": "1"}), "sex": Map("sex", {"M": "1", "F": "2"})}
    )
    fit = ml.fit("y ~ sex", outcome.apply(records), event="Yes")
    assert fit.nobs == len(records)


def test_a_reference_without_rows_is_not_replaced_in_silence() -> None:
    """The first printed level is the reference, or there is none: never the next one."""
    levels = {"Nobody": "0", **LEVELS}
    records = extract()
    coded = ml.Codebook({"source": Map("src", levels)}).apply(records, keep=["y"])
    with pytest.raises(ml.LevelError, match="Nobody"):
        ml.fit("y ~ source", coded)


def test_categories_of_a_formula() -> None:
    assert _core.formula_categories("y ~ log(a) + b * C(c) + (1 + d | e/f) + offset(g)") == [
        "b",
        "c",
        "d",
    ]
