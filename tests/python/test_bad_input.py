"""Every refusal: its type, the builtin error a caller may already catch, and the words a person needs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import melogit as ml

FORMULA = "y ~ x + source + (1 | location)"
Change = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Refused:
    """A call that must be refused."""

    error: type[ml.MelogitError]
    parent: type[Exception]
    words: list[str]
    change: Change = lambda data: data
    formula: str = FORMULA
    options: dict[str, Any] = field(default_factory=dict)


def put(**columns: Any) -> Change:
    """Replace columns of the frame."""
    return lambda data: data.assign(**columns)


def counts(events: list[float], trials: list[float]) -> Change:
    """Overwrite the first rows of two columns of good counts."""

    def change(data: pd.DataFrame) -> pd.DataFrame:
        e, t = np.full(len(data), 2.0), np.full(len(data), 5.0)
        e[: len(events)], t[: len(trials)] = events, trials
        return data.assign(events=e, trials=t)

    return change


COUNTED = "events / trials ~ x + (1 | location)"
REFUSED = {
    "unknown column": Refused(
        ml.ColumnNotFoundError, KeyError, ["sorce", "Did you mean", "source"], formula="y ~ sorce + (1 | location)"
    ),
    "unknown grouping column": Refused(
        ml.ColumnNotFoundError, KeyError, ["locaton", "location"], formula="y ~ x + (1 | locaton)"
    ),
    "unknown outcome": Refused(ml.ColumnNotFoundError, KeyError, ["Y"], formula="Y ~ x + (1 | location)"),
    "three values": Refused(ml.OutcomeError, ValueError, ["'y'", "two"], lambda d: d.assign(y=np.arange(len(d)) % 3)),
    "numbers other than 0 and 1": Refused(
        ml.OutcomeError, ValueError, ["'y'", "event="], lambda d: d.assign(y=d["y"] + 1)
    ),
    "text without an event": Refused(
        ml.OutcomeError, ValueError, ["'y'", "event="], lambda d: d.assign(y=np.where(d["y"] == 1, "yes", "no"))
    ),
    "an event that is not there": Refused(
        ml.OutcomeError,
        ValueError,
        ["perhaps", "yes"],
        lambda d: d.assign(y=np.where(d["y"] == 1, "yes", "no")),
        options={"event": "perhaps"},
    ),
    "nothing but events": Refused(ml.OutcomeError, ValueError, ["'y'", "vary"], put(y=1)),
    "no event": Refused(ml.OutcomeError, ValueError, ["'y'", "vary"], put(y=0)),
    "empty frame": Refused(ml.DataError, ValueError, ["row"], lambda d: d.iloc[:0]),
    "factor of one level": Refused(ml.LevelError, ValueError, ["source", "level"], put(source="GP")),
    "infinite number": Refused(
        ml.DataError, ValueError, ["x", "inf"], lambda d: d.assign(x=np.where(np.arange(len(d)) == 3, np.inf, d["x"]))
    ),
    "infinite logarithm": Refused(
        ml.DataError,
        ValueError,
        ["log(x)", "finite"],
        lambda d: d.assign(x=np.abs(d["x"]) * (np.arange(len(d)) > 0)),
        formula="y ~ log(x) + (1 | location)",
    ),
    "negative count": Refused(ml.CountError, ValueError, ["events", "-1", "count"], counts([-1], [5]), COUNTED),
    "fractional count": Refused(ml.CountError, ValueError, ["events", "2.5", "count"], counts([2.5], [5]), COUNTED),
    "fractional trials": Refused(ml.CountError, ValueError, ["trials", "5.5", "count"], counts([2], [5.5]), COUNTED),
    "infinite trials": Refused(ml.DataError, ValueError, ["trials"], counts([2], [np.inf]), COUNTED),
    "events above trials": Refused(ml.CountError, ValueError, ["events", "trials", "6", "5"], counts([6], [5]), COUNTED),
    "no trials at all": Refused(ml.DataError, ValueError, ["trials"], put(events=0.0, trials=0.0), COUNTED),
    "counts as text": Refused(ml.DataError, ValueError, ["events", "number"], put(events="2", trials=5), COUNTED),
    "too few weights": Refused(ml.OptionError, ValueError, ["weights", "rows"], options={"weights": [1.0, 2.0]}),
    "negative weight": Refused(ml.MelogitError, ValueError, ["weights"], put(w=-1.0), options={"weights": "w"}),
    "infinite weight": Refused(ml.MelogitError, ValueError, ["weights"], put(w=np.inf), options={"weights": "w"}),
    "weights of text": Refused(ml.MelogitError, ValueError, ["weights"], options={"weights": "source"}),
    "unknown weights": Refused(ml.ColumnNotFoundError, KeyError, ["wieght"], options={"weights": "wieght"}),
    "infinite offset": Refused(ml.MelogitError, ValueError, ["offset"], put(o=np.inf), options={"offset": "o"}),
    "every row its own group": Refused(
        ml.GroupingError, ValueError, ["id", "row"], lambda d: d.assign(id=[f"r{i}" for i in range(len(d))]), "y ~ x + (1 | id)"
    ),
    "one group": Refused(ml.GroupingError, ValueError, ["location", "one"], put(location="here")),
    "a hundred thousand fixed levels": Refused(
        ml.SizeError,
        ValueError,
        ["id", "random effect", "(1 | id)"],
        lambda _: pd.DataFrame({"y": np.arange(200_000) % 2, "id": [f"p{i // 2}" for i in range(200_000)]}),
        "y ~ id",
    ),
    "a column of nothing": Refused(ml.DataError, ValueError, ["missing"], put(x=np.nan)),
    "every row missing something": Refused(
        ml.DataError,
        ValueError,
        ["missing"],
        lambda d: d.assign(x=np.where(np.arange(len(d)) % 2, np.nan, 1.0), source=d["source"].where(np.arange(len(d)) % 2 == 1, None)),
    ),
    "missing values refused": Refused(
        ml.DataError,
        ValueError,
        ["missing", "x"],
        lambda d: d.assign(x=np.where(np.arange(len(d)) == 3, np.nan, d["x"])),
        options={"missing": "error"},
    ),
    "redundant columns refused": Refused(
        ml.AliasedError, ValueError, ["twice"], lambda d: d.assign(twice=2 * d["x"]), "y ~ x + twice + (1 | location)",
        options={"aliased": "error"},
    ),
    "dates": Refused(ml.DataError, ValueError, ["x", "datetime"], put(x=pd.Timestamp("2024-04-01"))),
    "complex numbers": Refused(ml.DataError, ValueError, ["x", "complex"], put(x=1j)),
    "mixed kinds": Refused(
        ml.DataError, ValueError, ["source", "text", "number"], lambda d: d.assign(source=np.array(["a", 1] * (len(d) // 2), dtype=object))
    ),
    "lists": Refused(ml.DataError, ValueError, ["x"], lambda d: d.assign(x=[[1, 2]] * len(d))),
    "two columns of one name": Refused(
        ml.DataError, ValueError, ["x"], lambda d: pd.concat([d, d[["x"]]], axis=1)
    ),
    "points": Refused(ml.OptionError, ValueError, ["points"], options={"points": 0}),
    "points for crossed groups": Refused(
        ml.OptionError, ValueError, ["points=7", "location", "team"], formula="y ~ x + (1 | location) + (1 | team)", options={"points": 7},
    ),
    "too many points": Refused(ml.OptionError, ValueError, ["points=101", "100"], options={"points": 101}),
    "threads": Refused(ml.OptionError, ValueError, ["threads"], options={"threads": -1}),
    "iterations": Refused(ml.OptionError, ValueError, ["max_iterations"], options={"max_iterations": 0}),
    "tolerance": Refused(ml.OptionError, ValueError, ["tolerance"], options={"tolerance": -1.0}),
    "missing=": Refused(ml.OptionError, ValueError, ["missing", "drop"], options={"missing": "dorp"}),
    "contrasts": Refused(ml.OptionError, ValueError, ["helmert"], options={"contrasts": {"source": "helmet"}}),
    "contrasts of a stranger": Refused(
        ml.ColumnNotFoundError, KeyError, ["sorce", "source"], options={"contrasts": {"sorce": "sum"}}
    ),
    "reference level": Refused(ml.LevelError, ValueError, ["source", "Court"], options={"references": {"source": "Court"}}),
    "not a frame": Refused(ml.OptionError, ValueError, ["str"], lambda _: "referrals.csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, records: pd.DataFrame) -> None:
    case = REFUSED[name]
    data = case.change(records)
    start = time.perf_counter()
    with pytest.raises(case.error) as caught:
        ml.fit(case.formula, data, **case.options)
    assert time.perf_counter() - start < 10.0
    error = caught.value
    assert isinstance(error, case.parent)
    assert not isinstance(error, ml.InternalError)
    for word in case.words:
        assert word in error.message, error.message
    # Not a KeyError's quoted form; a slug for programs; a sentence for people.
    assert str(error) == error.message
    assert error.slug == error.slug.lower()
    assert " " not in error.slug
    assert error.slug != "unspecified"


GARBAGE = [
    "", "   ", "y", "~", "~ x", "y ~", "y ~ x ~ g", "y ~ x +", "y ~ + ", "y ~ * x", "y ~ x | location", "y ~ (x", "y ~ x)", "y ~ (1 | )",
    "y ~ ( | location)", "y ~ (1 | location", "y ~ 1 | location)", "y ~ (1 || | location)", "y ~ x ^ x", "y ~ 2", "y ~ 'x'",
    "y ~ x $ z", "y ~ x; import os", "y ~ __import__('os').system('true')", "y ~ foo(x)", "y ~ log()", "y ~ log(x, 2, 3)", "y ~ log(x",
    "y ~ C()", "y ~ C(source, Sums)", "y ~ C(source, ref=)", "y ~ `x", "y ~ Q('x", "y ~ x[0]", "y ~ x.real()", "y ~ lambda x: x",
    "y ~ {x}", "y ~ (1 | log(location))", "log(y) ~ x", "y + x ~ x", "cbind(y) ~ x", "cbind(y, x, x) ~ x", "y / ~ x", "y ~ x\x00",
    "y ~ ((((((((((1 | location", "y ~ offset()", "y ~ offset(", "y ~ (1 | location)^2", "y ~ (1 | location):x", "y ~ 🙂 (1|",
]  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE)
def test_formula_garbage(text: str, records: pd.DataFrame) -> None:
    with pytest.raises(ml.FormulaError) as caught:
        ml.fit(text, records)
    assert isinstance(caught.value, ValueError)
    assert caught.value.message
    if text.strip():
        assert "^" in caught.value.message, "no caret under the place"


def test_names_that_would_be_code_in_python_are_names(records: pd.DataFrame) -> None:
    """R's names have dots, and `lambda: x` is an interaction; `**` is R's other spelling of `^`."""
    for text, missing in (("y ~ x.real", "x.real"), ("y ~ lambda: x", "lambda")):
        with pytest.raises(ml.ColumnNotFoundError, match=re.escape(missing)):
            ml.fit(text, records)
    assert (
        ml.fit("y ~ (x + source) ** 2", records).formula
        == ml.fit("y ~ x * source", records).formula
    )


@pytest.mark.parametrize("formula", [None, 3, b"y ~ x", ["y ~ x"]])
def test_formula_of_another_type(formula: Any, records: pd.DataFrame) -> None:
    with pytest.raises(ml.OptionError, match="text"):
        ml.fit(formula, records)


@pytest.mark.parametrize(
    ("column", "spelling"),
    [
        ("age at referral", "`age at referral`"),
        ("age at referral", 'Q("age at referral")'),
        ('the "age"', '`the "age"`'),
        ("l'âge", "`l'âge`"),
        ("a + b", "`a + b`"),
        ("~", "`~`"),
        ("年齢", "年齢"),
        ("<b>age</b>", "`<b>age</b>`"),
    ],
)
def test_odd_column_names_work(column: str, spelling: str, records: pd.DataFrame) -> None:
    data = records.rename(columns={"x": column})
    fit = ml.fit(f"y ~ {spelling} + (1 | location)", data)
    plain = ml.fit("y ~ x + (1 | location)", records)
    assert list(fit.params) == pytest.approx(list(plain.params))
    # The page has bold words of its own, such as <b>Missing:</b>; the name must not be among them.
    assert "<b>age" not in fit._repr_html_()
    assert np.asarray(fit.predict(data)) == pytest.approx(np.asarray(plain.predict(records)))
    with pytest.raises(ml.ColumnNotFoundError) as caught:
        ml.fit(f"y ~ {spelling} + (1 | location)", records)
    assert column in caught.value.message


def test_levels_that_look_like_html(records: pd.DataFrame) -> None:
    hostile = "<script>alert('x')</script>&\"]:["
    data = records.assign(
        source=records["source"].where(records["source"] != "Self", hostile),
        location=records["location"].where(
            records["location"] != "L03", "<img src=x onerror=alert(1)>"
        ),
    )
    fit = ml.fit(FORMULA, data)
    plain = ml.fit(FORMULA, records)
    assert fit.llf == pytest.approx(plain.llf, abs=1e-7)
    for page in (fit._repr_html_(), fit.table().html(), fit.summary()._repr_html_()):
        assert "<script" not in page
        assert "<img" not in page
    assert "&lt;script&gt;" in fit._repr_html_()


def test_every_record_its_own_group_is_a_model_of_counts(records: pd.DataFrame) -> None:
    """With several trials a row, variation between rows is estimable: the usual remedy for overdispersion."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(
        {"id": [f"r{i}" for i in range(80)], "x": rng.normal(size=80), "trials": 20}
    )
    chance = 1 / (1 + np.exp(-(0.3 * data["x"] + rng.normal(0, 0.8, 80))))
    data["events"] = rng.binomial(20, chance)
    fit = ml.fit("events / trials ~ x + (1 | id)", data)
    assert fit.converged


def test_text_none_is_a_level_and_a_hole_is_counted(records: pd.DataFrame) -> None:
    data = records.assign(source=records["source"].where(records["source"] != "GP", "None"))
    assert ml.fit(FORMULA, data).nobs == len(data)
    holed = records.assign(source=records["source"].where(records["source"] != "GP", None))
    fit = ml.fit(FORMULA, holed)
    expected = int((records["source"] == "GP").sum())
    assert fit.missing["rows_dropped"] == expected
    assert fit.missing["columns"]["source"] == expected


@pytest.mark.parametrize(
    ("change", "error", "word"),
    [
        (put(source="Court"), ml.LevelError, "Court"),
        (put(location="elsewhere"), ml.LevelError, "elsewhere"),
        (lambda d: d.drop(columns="x"), ml.ColumnNotFoundError, "x"),
        (put(x="tall"), ml.DataError, "x"),
        (put(x=np.inf), ml.DataError, "x"),
    ],
)
def test_new_data_are_checked(
    change: Change, error: type[ml.MelogitError], word: str, records: pd.DataFrame
) -> None:
    fit = ml.fit(FORMULA, records)
    with pytest.raises(error) as caught:
        fit.predict(change(records.head(5)))
    assert word in caught.value.message


def test_intervals_with_several_grouping_factors(records: pd.DataFrame, tmp_path: Path) -> None:
    """A loaded model has the estimate; an interval would need its rows, and must not come as a column of NaN."""
    ml.fit("y ~ x + (1 | location) + (1 | team)", records).save(tmp_path / "fit.json")
    fit = ml.load(tmp_path / "fit.json")
    assert np.isfinite(np.asarray(fit.predict(records.head(3)))).all()
    with pytest.raises(ml.OptionError, match="several grouping factors") as caught:
        fit.predict(records.head(3), interval=True)
    assert caught.value.slug == "interval-groups"
    for kind in ("typical", "marginal"):
        bounds = fit.predict(records[["x"]].head(3), kind=kind, interval=True)
        assert (bounds["lower"] < bounds["upper"]).all()


def test_missing_new_values_give_missing_predictions(records: pd.DataFrame) -> None:
    fit = ml.fit(FORMULA, records)
    new = records.head(5).assign(x=[0.1, np.nan, 0.2, 0.3, 0.4])
    predicted = np.asarray(fit.predict(new), dtype=float)
    assert np.isnan(predicted).tolist() == [False, True, False, False, False]


@pytest.mark.parametrize("call", ["tidy", "conf_int", "odds_ratios", "icc"])
@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.5, float("nan"), "95%", None])
def test_levels_of_confidence(call: str, level: Any, records: pd.DataFrame) -> None:
    fit = ml.fit(FORMULA, records)
    name = "conf_level" if call == "tidy" else "level"
    with pytest.raises(ml.OptionError, match=name):
        getattr(fit, call)(**{name: level})
