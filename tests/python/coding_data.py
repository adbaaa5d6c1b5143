"""Small extracts in every kind of frame, and how to look at what was coded."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import melogit as ml
from melogit.codebook import Bands, Blank, Map, Precedence, Step

# As an extract has them: mended, missing, and plain.
SEX = ["1", "2", None, "3", " 1", "x", "2"]
LAC = ["Y", "N", "N", None, "y", "N", ""]
AGE = [4.0, 17.0, 9.0, float("nan"), 0.0, 12.5, 5.0]

BOOK = ml.Codebook(
    {
        "gender": Map(
            "GenderIDCode",
            {"Male": "1", "Female": "2", "Other": "3"},
            missing={"Not known": "X"},
            label="Gender",
            reference="Female",
        ),
        "age_band": Bands("Age", {"0 to 4": "[0, 5)", "5 to 17": "[5, 18)"}),
        "care": Precedence(
            [
                Step("In care", LACStatus="Y"),
                Step(missing="Not recorded", LACStatus=Blank()),
                Step("Not in care", otherwise=True),
            ],
            order=["Not in care", "In care"],
        ),
    },
    title="Referrals",
)
CODED = {
    "gender": ["Male", "Female", None, "Other", "Male", None, "Female"],
    "age_band": ["0 to 4", "5 to 17", "5 to 17", None, "0 to 4", "5 to 17", "5 to 17"],
    "care": ["In care", "Not in care", "Not in care", None, "In care", "Not in care", None],
}


def _plain() -> dict[str, Any]:
    return {"GenderIDCode": SEX, "LACStatus": LAC, "Age": np.array(AGE)}


def _pandas(dtype: Any) -> Any:
    made = {
        name: pd.Series(values, dtype=dtype)
        for name, values in (("GenderIDCode", SEX), ("LACStatus", LAC))
    }
    return pd.DataFrame({**made, "Age": AGE})


def _polars(dtype: Any) -> Any:
    return pl.DataFrame(
        {"GenderIDCode": SEX, "LACStatus": LAC, "Age": AGE},
        schema_overrides={"GenderIDCode": dtype, "LACStatus": dtype},
    )


def _arrow(change: Any) -> Any:
    return pa.table(
        {
            "GenderIDCode": change(SEX),
            "LACStatus": change(LAC),
            "Age": pa.array(AGE, from_pandas=True),
        }
    )


def _sliced() -> Any:
    # Offsets that do not begin at the buffers' beginning, in two chunks.
    whole = pa.table(
        {
            name: pa.array([None, *values, None])
            for name, values in _plain().items()
            if name != "Age"
        }
    )
    whole = whole.append_column("Age", pa.array([1.0, *AGE, 1.0], from_pandas=True))
    return pa.concat_tables([whole.slice(1, 3), whole.slice(4, 4)])


FRAMES: dict[str, Any] = {
    "dict of lists": _plain,
    "dict of arrays": lambda: {name: np.array(values, dtype=object) for name, values in _plain().items()},
    "pandas default": lambda: _pandas(None),
    "pandas object": lambda: _pandas(object),
    "pandas category": lambda: _pandas("category"),
    "pandas string[python]": lambda: _pandas("string[python]"),
    "pandas string[pyarrow]": lambda: _pandas("string[pyarrow]"),
    "pandas ArrowDtype": lambda: _pandas(pd.ArrowDtype(pa.large_string())),
    "pandas nullable age": lambda: _pandas("string").astype({"Age": "Float64"}),
    "polars String": lambda: _polars(pl.String),
    "polars Categorical": lambda: _polars(pl.Categorical),
    "polars Enum": lambda: _polars(pl.Enum(["", " 1", "1", "2", "3", "N", "Y", "unused", "x", "y"])),
    "polars lazy": lambda: _polars(pl.String).lazy(),
    "pyarrow string": lambda: _arrow(pa.array),
    "pyarrow large_string": lambda: _arrow(lambda v: pa.array(v, pa.large_string())),
    "pyarrow string_view": lambda: _arrow(lambda v: pa.array(v, pa.string_view())),
    "pyarrow dictionary": lambda: _arrow(lambda v: pa.array(v).dictionary_encode()),
    "pyarrow slices": _sliced,
    "narwhals": lambda: nw.from_native(_polars(pl.String)),
}  # fmt: skip


def labels(column: Any) -> list[str | None]:
    """Levels row by row, None where there is none."""
    if isinstance(column, pd.Series):
        return [None if pd.isna(value) else value for value in column]
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    raise AssertionError(type(column))


def lines(account: Any) -> list[tuple[Any, ...]]:
    """The account as plain tuples, whatever frame it comes in."""
    frame = account.frame()
    columns = [labels(frame[name]) for name in frame_names(frame)]
    return list(zip(*columns, strict=True))


def frame_names(frame: Any) -> list[str]:
    """Column names of any frame."""
    if isinstance(frame, pa.Table):
        return list(frame.column_names)
    return list(frame) if isinstance(frame, dict) else list(frame.columns)


def level_counts(account: Any, name: str) -> dict[str, int]:
    """Rows per level, or per cause in brackets, of one variable."""
    counts: dict[str, int] = {}
    for variable, _, _, _, _, level, cause, rows in lines(account):
        if variable == name:
            key = level or f"[{cause}]"
            counts[key] = counts.get(key, 0) + rows
    return counts


def one(levels: Any, values: Any, **options: Any) -> Any:
    """Code one column by a map."""
    return ml.Codebook({"x": Map("a", levels, **options)}).apply({"a": values})
