"""Whatever the codebook and whatever the data: no row is lost, none is counted twice, order does not matter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from coding_data import labels, lines
from hypothesis import given, reject
from hypothesis import strategies as st

import melogit as ml
from melogit.codebook import Bands, Blank, Map, Not, Number, Precedence, Rare, Step, Within

CELLS = st.one_of(
    st.none(),
    st.sampled_from(["1", "2", "3", " 1", "2.0", "x", "X", "A1", "a1.", "03", "=1", "", "  ", "é"]),
    st.integers(-2, 20),
    st.floats(-2, 20, width=16),
    st.just(float("nan")),
)
CODES = ["1", "2", "3", "4", "X", "A1", "12", "03"]
KINDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table, "dict": dict}


@st.composite
def maps(draw: Any) -> Any:
    """A map of some of the codes to up to three levels, with what is left sent somewhere."""
    clean = draw(st.booleans())
    # Where lost zeros are mended, 03 and 3 are one code.
    codes = draw(st.permutations([code for code in CODES if code != "03" or not clean]))
    cuts = sorted(draw(st.lists(st.integers(1, len(codes)), min_size=2, max_size=3, unique=True)))
    shares = [codes[a:b] for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]
    levels = {f"level {k}": share for k, share in enumerate(shares[:-1])}
    levels = levels or {"level 0": shares[0]}
    uncovered = draw(st.sampled_from(["missing", {"level": "Other"}]))
    rare = draw(st.sampled_from([None, Rare("Other", below=3), Rare("Other", share=0.2)]))
    missing = {"No code": shares[-1]} if len(shares) > 1 else None
    levels["Other"] = "999"
    return Map("a", levels, missing=missing, uncovered=uncovered, rare=rare, clean=clean)


@st.composite
def bands(draw: Any) -> Any:
    edges = sorted(draw(st.lists(st.integers(-5, 25), min_size=2, max_size=5, unique=True)))
    intervals = [f"[{a}, {b})" for a, b in pairwise(edges)]
    return Bands("a", intervals, uncovered="missing")


@st.composite
def precedences(draw: Any) -> Any:
    tests = st.sampled_from(["1", ["2", "X"], Not("1", "3"), Blank(), Within("[0, 3)"), "A*"])
    columns = st.dictionaries(st.sampled_from(["a", "b"]), tests, min_size=1)
    steps = [
        Step(f"step {k}", when=when)
        for k, when in enumerate(draw(st.lists(columns, min_size=1, max_size=3)))
    ]
    variable = Precedence([*steps, Step("rest", otherwise=True)])
    try:
        ml.Codebook({"v": variable})
    except ml.CodebookError:
        reject()  # a step behind one that covers it
    return variable


VARIABLES = st.one_of(
    maps(), bands(), precedences(), st.just(Number("a", min=0, uncovered="missing"))
)


def coded_lines(book: ml.Codebook, data: Any) -> tuple[list[Any], list[Any]]:
    coded = book.apply(data)
    return labels(coded.frame["v"]), lines(coded.account)


ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30)


@given(VARIABLES, ROWS, st.randoms(use_true_random=False))
def test_no_row_is_lost_and_order_does_not_matter(variable: Any, rows: Any, random: Any) -> None:
    book = ml.Codebook({"v": variable})
    values, account = coded_lines(book, {"a": [a for a, _ in rows], "b": [b for _, b in rows]})
    assert len(values) == len(rows)
    assert sum(line[-1] for line in account) == len(rows)
    if not isinstance(variable, Number):
        for level in {line[5] for line in account if line[5]}:
            counted = sum(line[-1] for line in account if line[5] == level)
            assert counted == values.count(level)
    assert sum(line[-1] for line in account if not line[5]) == values.count(None)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = {"a": [rows[i][0] for i in order], "b": [rows[i][1] for i in order]}
    moved, other = coded_lines(book, shuffled)
    assert moved == [values[i] for i in order]
    assert sorted(other) == sorted(account)


@given(VARIABLES, ROWS)
def test_twice_gives_the_same_and_settled_levels_stay(variable: Any, rows: Any) -> None:
    book = ml.Codebook({"v": variable})
    data = {"a": [a for a, _ in rows], "b": [b for _, b in rows]}
    first, second = book.apply(data), book.apply(data)
    assert labels(first.frame["v"]) == labels(second.frame["v"])
    assert lines(first.account) == lines(second.account)
    again = first.codebook.apply(data)
    assert labels(again.frame["v"]) == labels(first.frame["v"])
    assert ml.Codebook.parse(first.codebook.to_toml()) == first.codebook


@given(
    VARIABLES,
    st.lists(st.sampled_from(["1", "2", " 1", "x", "A1", "03", "", None, "7"]), min_size=1),
)
def test_every_kind_of_frame_gives_the_same(variable: Any, cells: Any) -> None:
    book = ml.Codebook({"v": variable})
    expected = coded_lines(book, {"a": cells, "b": cells[::-1]})
    for make in KINDS.values():
        text = {"a": pa.array(cells, pa.string()), "b": pa.array(cells[::-1], pa.string())}
        data = text if make in (pa.table, dict) else {k: v.to_pylist() for k, v in text.items()}
        if make is pl.DataFrame:
            frame = pl.DataFrame(data, schema={"a": pl.String, "b": pl.Categorical})
        else:
            frame = make(data)
        assert coded_lines(book, frame) == expected


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1))
def test_numbers_pass_through(numbers: Any) -> None:
    book = ml.Codebook({"v": Number("a")})
    found = np.array(
        [np.nan if v is None else v for v in labels(book.apply({"a": numbers}).frame["v"])]
    )
    np.testing.assert_array_equal(found, [np.nan if v is None else v for v in numbers])
