"""Nothing but a MelogitError may escape, whatever the formula or the frame."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import melogit as ml
from melogit import _core

PIECES = [
    "y", "x", "g", "a b", "`a b`", 'Q("a b")', "C(g)", 'C(g, ref="p")', "C(g, Sum)", "C(g, Treatment)", "offset(x)",
    "log(x)", "scale(x)", "center(x)", "I(x^2)", "I(x)", "cbind(y, x)", "poly(x, 2)", "(1 | g)", "(1 + x | g)",
    "(x || g)", "(0 + x | g)", "(1 | g/h)", "(1 | g:h)", "(1 | )", "( | g)", "||", "|", "~", "+", "-", "*", ":", "/",
    "%in%", "^", "^2", "^99", "(", ")", "[", "]", "0", "1", "-1", "1e999", ".", ",", "`", '"', "'", "\\", "\n", "\t",
    "#", ";", "=", "é", "漢", "\u202e", "\x00", "🙂", "<script>", "__import__('os')",
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
TIGHT = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
ALMOST = st.lists(st.sampled_from(PIECES), max_size=5).map(
    lambda parts: "y ~ x + " + " + ".join(parts)
)


def _data() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "y": rng.integers(0, 2, 40),
            "x": rng.normal(size=40),
            "g": rng.choice(["p", "q", "r"], 40),
            "h": rng.choice(["s", "t"], 40),
            "a b": rng.normal(size=40),
        }
    )


DATA = _data()


@settings(max_examples=600)
@given(st.one_of(SOUP, TIGHT, ALMOST, st.text(max_size=40)))
@example("y ~ " + "(" * 5000 + "x" + ")" * 5000)
@example("y ~ " + "x:" * 3000 + "x")
@example("y ~ (x + g + h)^50 + (1 | g)")
@example("")
@example("~")
def test_any_text_is_a_formula_or_a_formula_error(text: str) -> None:
    try:
        canonical = _core.canonical_formula(text)
    except ml.FormulaError as error:
        assert isinstance(error, ValueError)
        assert error.message
        assert error.slug
        return
    # What parses has one spelling, which means the same.
    assert _core.canonical_formula(canonical) == canonical
    assert set(_core.formula_columns(canonical)) == set(_core.formula_columns(text))


@settings(max_examples=150)
@given(st.one_of(SOUP, ALMOST))
def test_any_formula_fits_or_raises_a_melogit_error(text: str) -> None:
    try:
        fit = ml.fit(text, DATA)
    except ml.MelogitError as error:
        assert not isinstance(error, ml.InternalError), text
        assert error.message
        return
    assert math.isfinite(fit.llf)


NUMBERS = st.one_of(
    st.sampled_from(
        [0.0, 1.0, 0.0, 1.0, -1.0, 2.0, 0.5, math.nan, math.inf, -math.inf, 1e308, 5e-324, 1e15]
    ),
    st.floats(allow_nan=True, allow_infinity=True),
)
WORDS = st.one_of(
    st.none(), st.sampled_from(["p", "q", "r", "", " ", "<b>", "é", "None"]), st.text(max_size=3)
)
BINARY = st.integers(0, 1)


def columns(rows: int) -> st.SearchStrategy[dict[str, list[Any]]]:
    def full(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        return st.lists(values, min_size=rows, max_size=rows)

    return st.fixed_dictionaries(
        {
            "y": st.one_of(
                full(BINARY), full(BINARY), full(NUMBERS), full(WORDS), full(st.booleans())
            ),
            "x": full(NUMBERS),
            "f": full(WORDS),
            "g": st.one_of(full(st.sampled_from("abc")), full(WORDS), full(NUMBERS)),
            "m": full(NUMBERS),
        }
    )


FORMULAS = [
    "y ~ x + (1 | g)",
    "y ~ f + (1 | g)",
    "y ~ x * f + (1 + x | g)",
    "y / m ~ x + (1 | g)",
    "cbind(y, m) ~ 1 + (1 | g)",
    "y ~ log(x) + (x || g)",
    "y ~ scale(x) + offset(m) + (1 | g/f)",
    "y ~ x + f",
    "y ~ 0 + f + (1 | g) + (1 | f)",
]


@settings(max_examples=250)
@given(
    st.integers(0, 14).flatmap(columns),
    st.sampled_from(FORMULAS),
    st.sampled_from([None, "p", "1"]),
)
def test_any_small_frame_fits_or_raises_a_melogit_error(
    data: dict[str, list[Any]], formula: str, event: str | None
) -> None:
    try:
        fit = ml.fit(formula, data, event=event, max_iterations=50)
    except ml.MelogitError as error:
        assert not isinstance(error, ml.InternalError), (formula, data)
        assert error.message
        assert str(error) == error.message
        return
    # What comes back can always be shown, and survives being saved: a copy goes by way of the JSON text.
    assert "<" in fit._repr_html_()
    assert str(fit.summary())
    assert copy.copy(fit).formula == fit.formula


@pytest.mark.slow
@settings(max_examples=20_000, derandomize=False)
@given(st.one_of(SOUP, TIGHT, ALMOST, st.text()))
def test_much_more_text(text: str) -> None:
    try:
        canonical = _core.canonical_formula(text)
    except ml.FormulaError:
        return
    assert _core.canonical_formula(canonical) == canonical
