"""Any frame in, the same columns out: codes, levels, floats, missing values."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from melogit.errors import ColumnNotFoundError, DataError, OptionError
from melogit.frame import open_frame

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

TEXT = ["school", "GP", None, "self", "GP"]
NUMBERS = [11.0, 17.0, None, 13.0, 9.0]
FLAGS = [True, False, None, True, True]


def read(data: Any, name: str = "x") -> Any:
    return open_frame(data, [name]).columns([name])[name]


TEXT_FRAMES: dict[str, Any] = {
    "pandas object": lambda: pd.DataFrame({"x": pd.Series(TEXT, dtype=object)}),
    "pandas object NaN": lambda: pd.DataFrame(
        {"x": pd.Series([np.nan if v is None else v for v in TEXT], dtype=object)}
    ),
    "pandas object NA": lambda: pd.DataFrame(
        {"x": pd.Series([pd.NA if v is None else v for v in TEXT], dtype=object)}
    ),
    "pandas default": lambda: pd.DataFrame({"x": TEXT}),
    "pandas string[python]": lambda: pd.DataFrame({"x": pd.Series(TEXT, dtype="string[python]")}),
    "pandas string[pyarrow]": lambda: pd.DataFrame({"x": pd.Series(TEXT, dtype="string[pyarrow]")}),
    "pandas ArrowDtype": lambda: pd.DataFrame(
        {"x": pd.Series(TEXT, dtype=pd.ArrowDtype(pa.string()))}
    ),
    "polars String": lambda: pl.DataFrame({"x": TEXT}),
    "polars Categorical": lambda: pl.DataFrame({"x": TEXT}, schema={"x": pl.Categorical}),
    "polars lazy": lambda: pl.LazyFrame({"x": TEXT, "other": [1] * 5}),
    "pyarrow string": lambda: pa.table({"x": TEXT}),
    "pyarrow large_string": lambda: pa.table({"x": pa.array(TEXT, pa.large_string())}),
    "pyarrow string_view": lambda: pa.table({"x": pa.array(TEXT, pa.string_view())}),
    "pyarrow dictionary": lambda: pa.table({"x": pa.array(TEXT).dictionary_encode()}),
    "pyarrow chunks": lambda: pa.table({"x": pa.chunked_array([TEXT[:2], TEXT[2:]])}),
    "pyarrow dictionary chunks": lambda: pa.table(
        {"x": pa.chunked_array([pa.array(t).dictionary_encode() for t in (TEXT[:1], TEXT[1:])])}
    ),
    "dict of lists": lambda: {"x": TEXT},
    "dict of objects": lambda: {"x": np.array(TEXT, dtype=object)},
    "dict of pandas": lambda: {"x": pd.Series(TEXT)},
    "dict of polars": lambda: {"x": pl.Series(TEXT)},
    "dict of pyarrow": lambda: {"x": pa.array(TEXT)},
}


@pytest.mark.parametrize("name", TEXT_FRAMES)
def test_text_becomes_sorted_levels(name: Any) -> None:
    frame = TEXT_FRAMES[name]()
    codes, levels, declared = read(frame)
    assert codes.tolist() == [1, 0, -1, 2, 0]
    assert levels == ["GP", "school", "self"]
    assert declared is False
    assert codes.dtype == np.int32
    assert codes.flags.c_contiguous


DECLARED_FRAMES: dict[str, Any] = {
    "pandas": lambda: pd.DataFrame({"x": pd.Categorical(TEXT, ["self", "unused", "school", "GP"])}),
    "polars Enum": lambda: pl.DataFrame(
        {"x": TEXT}, schema={"x": pl.Enum(["self", "unused", "school", "GP"])}
    ),
    "pyarrow ordered": lambda: pa.table(
        {
            "x": pa.DictionaryArray.from_arrays(
                pa.array([2, 3, None, 0, 3], pa.int8()),
                pa.array(["self", "unused", "school", "GP"]),
                ordered=True,
            )
        }
    ),
}


@pytest.mark.parametrize("name", DECLARED_FRAMES)
def test_a_declared_order_is_kept_with_its_unused_levels(name: Any) -> None:
    codes, levels, declared = read(DECLARED_FRAMES[name]())
    assert codes.tolist() == [2, 3, -1, 0, 3]
    assert levels == ["self", "unused", "school", "GP"]
    assert declared is True


def test_categories_of_numbers_become_text() -> None:
    codes, levels, declared = read(pd.DataFrame({"x": pd.Categorical([3, 1, 3], [1, 2, 3])}))
    assert (codes.tolist(), levels, declared) == ([2, 0, 2], ["1", "2", "3"], True)


def test_categories_that_read_the_same_are_refused() -> None:
    with pytest.raises(DataError, match="read the same as text") as caught:
        read(pd.DataFrame({"x": pd.Categorical([1, "1"], [1, "1"])}))
    assert caught.value.slug == "category-names"


def test_dictionary_entries_nobody_uses_are_not_levels() -> None:
    whole = pa.table({"x": pa.array(TEXT).dictionary_encode()})
    codes, levels, _ = read(whole.slice(3, 2))
    assert (codes.tolist(), levels) == ([1, 0], ["GP", "self"])


def test_a_polars_categorical_ignores_levels_other_columns_brought() -> None:
    pl.Series(["aardvark", "zebra"], dtype=pl.Categorical)
    codes, levels, _ = read(pl.DataFrame({"x": TEXT}, schema={"x": pl.Categorical}).slice(3, 2))
    assert (codes.tolist(), levels) == ([1, 0], ["GP", "self"])


NUMBER_FRAMES: dict[str, Any] = {
    "pandas float": lambda: pd.DataFrame({"x": NUMBERS}),
    "pandas float32": lambda: pd.DataFrame({"x": pd.Series(NUMBERS, dtype="float32")}),
    "pandas Int64": lambda: pd.DataFrame({"x": pd.Series(NUMBERS, dtype="Int64")}),
    "pandas Float64": lambda: pd.DataFrame({"x": pd.Series(NUMBERS, dtype="Float64")}),
    "pandas arrow": lambda: pd.DataFrame({"x": pd.Series(NUMBERS, dtype="int64[pyarrow]")}),
    "pandas object": lambda: pd.DataFrame({"x": pd.Series([11, 17, None, 13, 9], dtype=object)}),
    "polars float": lambda: pl.DataFrame({"x": NUMBERS}),
    "polars int": lambda: pl.DataFrame({"x": [11, 17, None, 13, 9]}),
    "polars decimal": lambda: pl.DataFrame(
        {"x": [None if v is None else Decimal(int(v)) for v in NUMBERS]}
    ),
    "pyarrow int": lambda: pa.table({"x": pa.array([11, 17, None, 13, 9], pa.uint8())}),
    "pyarrow float": lambda: pa.table({"x": NUMBERS}),
    "pyarrow decimal": lambda: pa.table(
        {"x": [None if v is None else Decimal(int(v)) for v in NUMBERS]}
    ),
    "dict of lists": lambda: {"x": NUMBERS},
    "dict of floats": lambda: {"x": np.array([11, 17, np.nan, 13, 9])},
    "dict of masked": lambda: {"x": np.ma.masked_equal([11, 17, -9, 13, 9], -9)},
}


@pytest.mark.parametrize("name", NUMBER_FRAMES)
def test_numbers_become_floats(name: Any) -> None:
    column = read(NUMBER_FRAMES[name]())
    np.testing.assert_array_equal(column, [11, 17, np.nan, 13, 9])
    assert column.dtype == np.float64
    assert column.flags.c_contiguous


@pytest.mark.parametrize("step", [2, -1])
def test_strided_columns_are_made_contiguous(step: Any) -> None:
    wide = np.arange(12.0).reshape(6, 2)
    column = read({"x": wide[::step, 0]})
    assert column.flags.c_contiguous
    assert column.tolist() == wide[::step, 0].tolist()


FLAG_FRAMES: dict[str, Any] = {
    "pandas object": lambda: pd.DataFrame({"x": pd.Series(FLAGS, dtype=object)}),
    "pandas boolean": lambda: pd.DataFrame({"x": pd.Series(FLAGS, dtype="boolean")}),
    "pandas arrow": lambda: pd.DataFrame({"x": pd.Series(FLAGS, dtype="bool[pyarrow]")}),
    "polars": lambda: pl.DataFrame({"x": FLAGS}),
    "pyarrow": lambda: pa.table({"x": FLAGS}),
    "dict": lambda: {"x": FLAGS},
}


@pytest.mark.parametrize("name", FLAG_FRAMES)
def test_booleans_become_false_and_true(name: Any) -> None:
    codes, levels, declared = read(FLAG_FRAMES[name]())
    assert codes.tolist() == [1, 0, -1, 1, 1]
    assert (levels, declared) == (["False", "True"], True)
    assert codes.dtype == np.int32


def test_plain_booleans() -> None:
    codes, levels, _ = read(pd.DataFrame({"x": [True, False]}))
    assert (codes.tolist(), levels) == ([1, 0], ["False", "True"])


DAY = datetime.date(2024, 3, 1)
REFUSED: dict[str, Any] = {
    "pandas dates": (lambda: pd.DataFrame({"x": pd.to_datetime(["2024-03-01"])}), "datetime64"),
    "pandas zoned": (
        lambda: pd.DataFrame({"x": pd.to_datetime(["2024-03-01"], utc=True)}),
        "UTC",
    ),
    "pandas periods": (lambda: pd.DataFrame({"x": pd.period_range("2024", periods=1)}), "period"),
    "pandas durations": (lambda: pd.DataFrame({"x": pd.to_timedelta([1])}), "timedelta"),
    "pandas intervals": (lambda: pd.DataFrame({"x": pd.interval_range(0, 1)}), "interval"),
    "pandas complex": (lambda: pd.DataFrame({"x": [1j]}), "complex"),
    "pandas sparse": (lambda: pd.DataFrame({"x": pd.arrays.SparseArray([0.0])}), "Sparse"),
    "pandas lists": (lambda: pd.DataFrame({"x": [[1, 2]]}), "list"),
    "pandas date objects": (lambda: pd.DataFrame({"x": [DAY]}), "date"),
    "polars dates": (lambda: pl.DataFrame({"x": [DAY]}), "Date"),
    "polars lists": (lambda: pl.DataFrame({"x": [[1, 2]]}), "List"),
    "polars structs": (lambda: pl.DataFrame({"x": [{"a": 1}]}), "Struct"),
    "polars binary": (lambda: pl.DataFrame({"x": [b"a"]}), "Binary"),
    "pyarrow dates": (lambda: pa.table({"x": [DAY]}), "date32"),
    "pyarrow lists": (lambda: pa.table({"x": [[1, 2]]}), "list"),
    "pyarrow structs": (lambda: pa.table({"x": [{"a": 1}]}), "struct"),
    "dict of dates": (lambda: {"x": np.array(["2024-03-01"], "M8[D]")}, "datetime64"),
    "dict of matrices": (lambda: {"x": np.zeros((2, 2))}, "shape"),
    "dict of bytes": (lambda: {"x": np.array([b"a"])}, "S1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_types_are_refused_by_column_and_type(name: Any) -> None:
    make, dtype = REFUSED[name]
    with pytest.raises(DataError, match="Column 'x'") as caught:
        read(make())
    assert dtype in caught.value.message
    assert caught.value.slug == "column-type"


def test_mixed_objects_are_refused_with_their_rows() -> None:
    with pytest.raises(DataError) as caught:
        read(pd.DataFrame({"x": pd.Series(["GP", None, 3, "self"], dtype=object)}))
    assert caught.value.slug == "column-mixed"
    assert "number (first at row 2), text (first at row 0)" in caught.value.message


def test_only_the_columns_asked_for_are_read() -> None:
    frame = pd.DataFrame({"x": [1.0], "when": pd.to_datetime(["2024-03-01"])})
    assert list(open_frame(frame).columns(["x"])) == ["x"]


def test_the_frame_is_left_alone() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", None]})
    before = frame.copy(deep=True)
    open_frame(frame).columns(["x", "y"])
    pd.testing.assert_frame_equal(frame, before)


BACKENDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table, "dict": dict}


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_unknown_column_suggests_and_lists(backend: Any) -> None:
    frame = BACKENDS[backend]({"age_band": [1.0], "gender": ["f"]})
    opened = open_frame(frame, ["Age_bnd"])
    assert (opened.backend, opened.nrows) == (backend, 1)
    with pytest.raises(ColumnNotFoundError) as caught:
        opened.columns(["Age_bnd"])
    assert caught.value.slug == "column-not-found"
    assert str(caught.value) == (
        "There is no column 'Age_bnd' in the data. Did you mean 'age_band'? "
        "Columns: age_band, gender."
    )


def test_a_lazy_frame_lists_all_its_columns_when_one_is_missing() -> None:
    with pytest.raises(ColumnNotFoundError, match="Columns: a, b"):
        open_frame(pl.LazyFrame({"a": [1], "b": [2]}), ["a", "c"]).columns(["a", "c"])


def test_a_column_hidden_in_the_index_is_pointed_out() -> None:
    frame = pd.DataFrame({"location": ["a"], "x": [1]}).set_index("location")
    with pytest.raises(ColumnNotFoundError, match="reset_index"):
        open_frame(frame).columns(["location"])


def test_a_long_list_of_columns_is_cut() -> None:
    frame = {f"c{i}": [1.0] for i in range(50)}
    with pytest.raises(ColumnNotFoundError, match="and 20 more"):
        open_frame(frame).columns(["zzz"])


def test_a_repeated_column_is_refused_when_it_is_used() -> None:
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["x", "x", "y"])
    assert np.array_equal(read(frame, "y"), [3.0])
    with pytest.raises(DataError, match="2 columns called 'x'") as caught:
        open_frame(frame).columns(["x"])
    assert caught.value.slug == "column-repeated"


def test_optional_columns_may_be_absent() -> None:
    assert list(open_frame({"x": [1.0]}).columns(["x", "g"], optional={"g"})) == ["x"]


@pytest.mark.parametrize("values", ["age", [1.0, 2.0], (1, 2), np.array([1, 2]), "series"])
def test_an_option_may_be_a_column_or_an_array(values: Any) -> None:
    frame = open_frame(pd.DataFrame({"age": [1, 2]}))
    values = pd.Series([1, 2]) if isinstance(values, str) and values == "series" else values
    read = frame.numeric("weights", values)
    assert read is not None
    assert read.tolist() == [1.0, 2.0]
    assert read.dtype == np.float64


def test_an_option_left_out_is_none() -> None:
    assert open_frame({"x": [1.0]}).numeric("weights", None) is None


@pytest.mark.parametrize(
    ("values", "slug"),
    [
        ([1.0], "weights-length"),
        (["a", "b"], "weights-not-numeric"),
        ("source", "weights-not-numeric"),
        (np.ones((2, 1)), "column-type"),
    ],
)
def test_an_option_is_checked(values: Any, slug: Any) -> None:
    frame = open_frame({"source": ["GP", "self"]})
    with pytest.raises(OptionError, match="weights=") as caught:
        frame.numeric("weights", values)
    assert caught.value.slug == slug


def test_an_option_naming_no_column_says_so() -> None:
    with pytest.raises(ColumnNotFoundError, match="'wt'"):
        open_frame({"x": [1.0]}).numeric("weights", "wt")


@pytest.mark.parametrize("data", [None, 3, "referrals.csv", [[1, 2]], np.zeros((2, 2))])
def test_what_is_not_a_frame_is_refused(data: Any) -> None:
    with pytest.raises(OptionError, match="melogit cannot read") as caught:
        open_frame(data)
    assert caught.value.slug == "not-a-frame"


def test_a_dict_needs_arrays_of_one_length() -> None:
    with pytest.raises(DataError, match="differ in length: a: 2, b: 1") as caught:
        open_frame({"a": [1, 2], "b": [1]})
    assert caught.value.slug == "dict-lengths"
    for scalar in (3, "text"):
        with pytest.raises(DataError, match="is a single") as caught:
            open_frame({"a": scalar})
        assert caught.value.slug == "dict-scalar"


def test_a_lazy_query_of_a_database_is_not_run() -> None:
    import duckdb

    with pytest.raises(OptionError, match="Collect it first") as caught:
        open_frame(duckdb.sql("select 1 as x"))
    assert caught.value.slug == "lazy-frame"


class ArrowOnly:
    """A frame melogit has never heard of that exports Arrow."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return pa.table({"x": TEXT}).__arrow_c_stream__(requested_schema)


def test_anything_that_exports_arrow_is_read() -> None:
    codes, levels, _ = read(ArrowOnly())
    assert (codes.tolist(), levels) == ([1, 0, -1, 2, 0], ["GP", "school", "self"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_empty_frame_is_read_as_empty(backend: Any) -> None:
    frame = BACKENDS[backend](
        {"x": pa.array([], pa.string())} if backend == "pyarrow" else {"x": []}
    )
    assert open_frame(frame).nrows == 0
    column = read(frame)
    assert len(column[0] if isinstance(column, tuple) else column) == 0


def test_a_column_of_nothing_is_missing_throughout() -> None:
    for frame in (pl.DataFrame({"x": [None, None]}), pa.table({"x": [None, None]})):
        assert np.isnan(read(frame)).all()
