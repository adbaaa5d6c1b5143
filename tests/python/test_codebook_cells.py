"""Cells of every kind: codes as text, numbers, and truth values; what is mended, and what is no code."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from coding_data import labels, level_counts, lines, one

import melogit as ml
from melogit.codebook import Map

MESSY = [
    "1",
    " 1",
    "1 ",
    "1.",
    "1.0",
    "01",
    1,
    1.0,
    np.int64(1),
    Decimal(1),
    True,
    None,
    np.nan,
    pd.NA,
    "",
    "  ",
]


def test_messy_cells_are_mended_and_counted() -> None:
    coded = one({"Yes": ["1", "True"], "Two": "2"}, np.array(MESSY, dtype=object))
    account = lines(coded.account)
    assert level_counts(coded.account, "x") == {"Yes": 11, "[no value]": 5}
    assert sum(line[-1] for line in account) == len(MESSY)
    assert {line[1] for line in account if line[2]} >= {" 1", "1 ", "1.", "1.0"}


def test_lower_case_and_lost_zeros() -> None:
    coded = one({"A": "A01", "One": "01", "Ten": "10"}, ["a01", "1", "01", "10", 1, "10.0"])
    assert labels(coded.frame["x"]) == ["A", "One", "One", "Ten", "One", "Ten"]
    what = {line[1]: line[2] for line in lines(coded.account)}
    assert what["a01"] == "case"
    assert "zero" in what["1"]
    assert what["01"] == ""


def test_clean_false_takes_codes_as_they_stand() -> None:
    with pytest.raises(ml.DataError) as caught:
        one({"A": "A1"}, ["A1", "a1", " A1"], clean=False)
    assert caught.value.slug == "uncovered-codes"


NUMBERS: dict[str, Any] = {
    "int64": np.array([1, 2, 1]),
    "uint8": np.array([1, 2, 1], dtype=np.uint8),
    "float with gaps": np.array([1.0, 2.0, 1.0]),
    "pandas Int64": pd.Series([1, 2, 1], dtype="Int64"),
    "pandas category of ints": pd.Series([1, 2, 1], dtype="category"),
    "polars": pl.Series([1, 2, 1]),
    "polars decimal": pl.Series([Decimal(1), Decimal(2), Decimal(1)]),
    "pyarrow": pa.array([1, 2, 1]),
    "masked": np.ma.masked_array([1, 2, 1], [False, False, False]),
    "text": np.array(["1", "2", "1"]),
    "tuple": (1, 2.0, "1"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_codes(name: str) -> None:
    coded = one({"Male": "1", "Female": "2"}, NUMBERS[name])
    assert labels(coded.frame["x"]) == ["Male", "Female", "Male"]
    assert {line[1] for line in lines(coded.account)} == {"1", "2"}


def test_a_number_reads_the_same_as_object_category_or_float() -> None:
    numbers = [0.1, -0.0, 1e21, 1e-7, 5e-324, 2.5, 123456789.125, float("inf"), float("nan"), 3.0]
    book = ml.Codebook({"x": Map("a", {"Three": "3"}, uncovered="missing", clean=False)})
    read = [
        sorted(lines(book.apply({"a": values}).account))
        for values in (
            np.array(numbers),
            np.array(numbers, dtype=object),
            pd.Series(numbers).astype("category"),
            pl.Series(numbers),
        )
    ]
    assert all(account == read[0] for account in read[1:])


LONG = 9_007_199_254_740_993  # 2**53 + 1: no float has this value


@pytest.mark.parametrize(
    "values",
    [
        np.array([LONG]),
        pd.Series([LONG], dtype="Int64"),
        pl.Series([LONG]),
        pa.array([LONG]),
        [LONG],
        pd.Series([LONG], dtype="category"),
    ],
    ids=["numpy", "pandas", "polars", "pyarrow", "list", "category"],
)
def test_long_numbers_keep_their_last_digit(values: Any) -> None:
    coded = one({"Long": str(LONG)}, values)
    assert labels(coded.frame["x"]) == ["Long"]


FLAGS = [np.array([True, False]), pd.Series([True, False]), pd.Series([True, False], dtype="boolean"),
         pl.Series([True, False]), pa.array([True, False]), [True, False]]  # fmt: skip


@pytest.mark.parametrize("values", FLAGS, ids=lambda v: type(v).__module__)
def test_truth_values_are_codes(values: Any) -> None:
    assert labels(one({"No": "False", "Yes": "True"}, values).frame["x"]) == ["Yes", "No"]


DAY = datetime.date(2024, 3, 1)


@pytest.mark.parametrize(
    ("values", "slug"),
    [
        (pd.Series(pd.to_datetime([DAY])), "column-type"),
        (pd.Series([DAY], dtype=object), "code-type"),
        (pd.Series(pd.to_datetime([DAY])).astype("category"), "code-type"),
        (pl.Series([DAY]), "column-type"),
        (pl.Series([[1]]), "column-type"),
        (pl.Series([b"1"]), "column-type"),
        (pa.array([DAY]), "column-type"),
        (pa.array([[1]]), "column-type"),
        (pa.array([b"1"]), "column-type"),
        (np.array([DAY], dtype="M8[D]"), "column-type"),
        (np.zeros((1, 2)), "column-type"),
        ([[1]], "code-type"),
        ([object()], "code-type"),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v).__module__,
)
def test_columns_without_codes_are_refused_by_name(values: Any, slug: str) -> None:
    with pytest.raises(ml.DataError, match="'a'") as caught:
        one({"A": "1"}, values)
    assert caught.value.slug == slug
