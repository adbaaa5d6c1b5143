"""What a caller may pass to `melogit.fit` and to a fit's methods, and what crosses to the core."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_core import FakeFit

import melogit as ml
from melogit import _core

NEW = {"social_work": ["None", "Past & closed"], "age": [11.0, 17.0], "location": ["a", "b"]}


@pytest.fixture
def fit() -> Any:
    return ml.Fit(FakeFit(), "dict")  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, "0.95", True, float("nan"), None])
def test_a_confidence_level_is_checked_everywhere(fit: Any, level: Any) -> None:
    calls = [
        fit.conf_int, fit.odds_ratios, fit.variance_components, fit.icc, fit.median_odds_ratio,
        fit.table, fit.summary,
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(ml.OptionError, match="between 0 and 1") as caught:
            call(level=level)
        assert caught.value.slug == "level-range"


def test_ninety_five_is_understood(fit: Any) -> None:
    with pytest.raises(ml.OptionError, match=r"Did you mean 0\.95\?"):
        fit.conf_int(level=95)


def test_words_are_checked_and_suggested(fit: Any) -> None:
    with pytest.raises(ml.OptionError, match="Did you mean 'marginal'") as caught:
        fit.predict(NEW, kind="margnal")
    assert caught.value.slug == "kind-choice"
    with pytest.raises(ml.OptionError, match="'ran_vals'"):
        fit.tidy(effects="random")
    with pytest.raises(ml.OptionError, match="new_levels='zero'"):
        fit.predict(NEW, new_levels="zero")


GOOD = {"y": [0, 1, 0, 1], "x": ["a", "b", "a", "b"]}


@pytest.mark.parametrize(
    ("options", "slug"),
    [
        ({"missing": "ignore"}, "missing-choice"),
        ({"aliased": None}, "aliased-choice"),
        ({"points": 0}, "points-range"),
        ({"points": True}, "points-range"),
        ({"points": "many"}, "points-range"),
        ({"points": 2.0}, "points-range"),
        ({"threads": 0}, "threads-range"),
        ({"max_iterations": -1}, "max-iterations-range"),
        ({"tolerance": 0}, "tolerance-range"),
        ({"tolerance": "tight"}, "tolerance-range"),
        ({"event": ["yes"]}, "event-type"),
        ({"contrasts": "sum"}, "contrasts-type"),
        ({"contrasts": {"x": "summ"}}, "contrasts-choice"),
        ({"references": ["a"]}, "references-type"),
        ({"weights": [1.0]}, "weights-length"),
        ({"offset": "x"}, "offset-not-numeric"),
    ],
)
def test_options_of_fit_are_checked(options: Any, slug: Any) -> None:
    with pytest.raises(ml.OptionError) as caught:
        ml.fit("y ~ x", GOOD, **options)
    assert caught.value.slug == slug


@pytest.mark.parametrize("option", ["contrasts", "references"])
def test_options_by_column_name_a_column_of_the_formula(option: Any) -> None:
    given: dict[str, Any] = {option: {"xx": "sum"}}
    with pytest.raises(ml.ColumnNotFoundError, match="Did you mean 'x'") as caught:
        ml.fit("y ~ x", GOOD, **given)
    assert caught.value.slug == f"{option}-column"


def test_data_before_formula_is_explained() -> None:
    with pytest.raises(ml.OptionError, match="comes first") as caught:
        ml.fit(GOOD, "y ~ x")  # type: ignore[arg-type]
    assert caught.value.slug == "formula-type"


@pytest.fixture
def passed(monkeypatch: Any) -> Any:
    """Record what crosses to the core instead of fitting."""
    seen: dict[str, Any] = {}

    def record(formula: str, columns: Any, nrows: int, options: Any) -> Any:
        seen.update(formula=formula, columns=columns, nrows=nrows, options=options)
        return FakeFit()

    monkeypatch.setattr(_core, "fit", record)
    return seen


def test_what_crosses_to_the_core(passed: Any) -> None:
    ml.fit("y ~ x", {**GOOD, "w": [1, 2, 3, 4], "unused": [object()] * 4}, weights="w")
    assert set(passed["columns"]) == {"y", "x"}
    assert passed["nrows"] == 4
    options = passed["options"]
    np.testing.assert_array_equal(options.pop("weights"), [1.0, 2.0, 3.0, 4.0])
    assert options == {
        "event": None, "contrasts": {}, "references": {}, "missing": "drop", "aliased": "drop",
        "points": "auto", "offset": None, "threads": None, "max_iterations": None, "tolerance": None,
        "progress": None, "start": None, "penalty": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "text"), [("yes", "yes"), (1, "1"), (1.0, "1"), (True, "True"), (None, None)]
)
def test_an_event_crosses_as_text(passed: Any, event: Any, text: Any) -> None:
    ml.fit("y ~ x", GOOD, event=event)
    assert passed["options"]["event"] == text


def test_numpy_counts_are_counts(passed: Any) -> None:
    ml.fit("y ~ x", GOOD, points=np.int64(7), references={"x": "b"}, contrasts={"x": "sum"})
    options = passed["options"]
    assert (options["points"], type(options["points"])) == (7, int)
    assert (options["references"], options["contrasts"]) == ({"x": "b"}, {"x": "sum"})
