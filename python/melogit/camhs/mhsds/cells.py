"""Any column of any frame as text, so that a folder of CSV files and a typed frame read the same."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from typing import Any, NoReturn

import narwhals.stable.v2 as nw
import numpy as np

from melogit.errors import DataError

# Above this a float no longer tells neighbouring whole numbers apart.
_EXACT = 2.0**53


def as_text(series: nw.Series[Any], where: str) -> nw.Series[Any]:
    """Turn a column into text; empty text and missing values become null.

    Parameters
    ----------
    series : narwhals Series, n rows
        Of any type. A floating-point 1 becomes "1.0", as a CSV file would have it.
    where : str
        What to call the column in an error.

    Returns
    -------
    narwhals Series of String, n rows

    Raises
    ------
    DataError
        For floating-point numbers too large to be exact (slug ``float-precision``), and for
        columns of lists or records (slug ``column-nested``).

    Examples
    --------
    >>> import polars as pl
    >>> as_text(nw.from_native(pl.Series([1.0, None]), series_only=True), "Gender").to_list()
    ['1.0', None]
    """
    dtype = series.dtype
    if dtype.is_nested():
        raise DataError(
            f"{where} holds {dtype}, and needs one value per row.", slug="column-nested"
        )
    if dtype == nw.Object:
        # Without a type: asked for text, older pandas would write None as a word.
        made = plain(series.to_list(), where)
        series = nw.new_series(series.name, made, backend=series.implementation)
    if dtype.is_float():
        frame = _floats(series, where)
    else:
        frame = series.alias("x").to_frame().with_columns(known=~nw.col("x").is_null())
        frame = frame.with_columns(x=nw.col("x").cast(nw.String()))
    if dtype == nw.Boolean:
        frame = frame.with_columns(x=nw.col("x").str.to_lowercase())
    kept = nw.when(nw.col("known") & (nw.col("x") != "")).then(nw.col("x"))
    return frame.select(x=kept)["x"]


def plain(values: Iterable[Any], where: str) -> list[str | None]:
    """Turn Python objects of mixed types into text, as `as_text` does.

    Examples
    --------
    >>> plain([1, 2.0, " a", "", None, float("nan"), True], "Gender")
    ['1', '2.0', ' a', None, None, None, 'true']
    """
    pandas = sys.modules.get("pandas")
    missing = (None, getattr(pandas, "NA", None), getattr(pandas, "NaT", None))
    out: list[str | None] = []
    for value in values:
        if any(value is none for none in missing) or value != value:
            out.append(None)
        elif isinstance(value, bool | np.bool_):
            out.append(str(bool(value)).lower())
        elif isinstance(value, float | np.floating):
            if abs(value) >= _EXACT:
                _refuse_precision(where)
            out.append(str(float(value)))
        else:
            out.append((value.isoformat() if isinstance(value, date) else str(value)) or None)
    return out


def _floats(series: nw.Series[Any], where: str) -> nw.DataFrame[Any]:
    values = series.cast(nw.Float64()).to_numpy()
    known = np.isfinite(values)
    values = np.where(known, values, 0.0)
    if len(values) and np.abs(values).max() >= _EXACT:
        _refuse_precision(where)
    frame = nw.from_dict({"x": values, "known": known}, backend=series.implementation)
    # Engines write whole floats differently, so the decimal point is put there by hand.
    digits = nw.concat_str(nw.col("x").cast(nw.Int64()).cast(nw.String()), nw.lit(".0"))
    if np.all(values == np.floor(values)):
        return frame.with_columns(x=digits)
    is_whole = nw.col("x") == nw.col("x").cast(nw.Int64())
    return frame.with_columns(
        x=nw.when(is_whole).then(digits).otherwise(nw.col("x").cast(nw.String()))
    )


def _refuse_precision(where: str) -> NoReturn:
    raise DataError(
        f"{where} holds floating-point numbers above 2^53, where neighbouring numbers are the same: "
        "different identifiers have become one. Read the column as text.",
        slug="float-precision",
    )
