"""Any data frame -> the columns the core reads. Only the columns asked for are touched.

One small reader per backend; the values themselves are encoded in `melogit.encode`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import encode
from melogit.errors import ColumnNotFoundError, DataError, OptionError
from melogit.factor import Factor
from melogit.optional import installed, optional

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from melogit._core import Column

_SHOWN_COLUMNS = 30


@dataclass(frozen=True)
class Frame:
    """A user's data, opened but not read.

    Attributes
    ----------
    backend : str
        ``"pandas"``, ``"polars"``, ``"pyarrow"``, ``"dict"``, or another narwhals backend.
    names : tuple of str
        Column names in the data's order, as they are, repeats included.
    nrows : int
        Rows, missing values included.
    raw : callable
        Column name -> the column as the data hold it.
    encode : callable
        Column name and such a column -> `Column`.
    index_names : tuple of str
        Names of a pandas index, to explain why a "column" is not found.
    index : object or None
        The pandas index itself, so that predictions can carry it.

    Examples
    --------
    >>> opened = open_frame({"age": [11, 17], "source": ["GP", None]})
    >>> opened.columns(["age"])["age"].tolist()
    [11.0, 17.0]
    """

    backend: str
    names: tuple[str, ...]
    nrows: int
    raw: Callable[[str], Any]
    encode: Callable[[str, Any], Column]
    index_names: tuple[str, ...] = ()
    index: Any = None

    def columns(self, wanted: Iterable[str], optional: Collection[str] = ()) -> dict[str, Column]:
        """Read columns by name.

        Parameters
        ----------
        wanted : iterable of str
            Names to read, each once.
        optional : collection of str
            Those among them that may be absent.

        Returns
        -------
        dict
            Name -> `Column` of `nrows` values.

        Raises
        ------
        ColumnNotFoundError
            If a name is absent and not optional.
        DataError
            If a name occurs twice, or a column's type has no place in a model.
        """
        there = self.check(name for name in wanted if name not in optional or name in self.names)
        return {name: self.encode(name, self.raw(name)) for name in there}

    def check(self, wanted: Iterable[str]) -> list[str]:
        """Check that each column is there, once.

        Raises
        ------
        ColumnNotFoundError
            If a name is absent.
        DataError
            If a name occurs twice.
        """
        held = Counter(self.names)
        names = list(wanted)
        for name in names:
            if held[name] > 1:
                raise DataError(
                    f"The data have {held[name]} columns called {name!r}, so it is not clear which "
                    "one is meant. Rename or drop all but one.",
                    slug="column-repeated",
                )
            if not held[name]:
                raise ColumnNotFoundError(self._not_found(name), slug="column-not-found")
        return names

    def numeric(self, option: str, value: Any) -> npt.NDArray[np.float64] | None:
        """Read an option given as a column name or as one number per row.

        Raises
        ------
        OptionError
            If it is not one-dimensional, not numeric, or not one number per row.
        """
        if value is None:
            return None
        if isinstance(value, str):
            column = _numeric(option, self.columns([value])[value], f"column {value!r} is")
        else:
            column = numbers(option, value)
        if len(column) != self.nrows:
            raise OptionError(
                f"{option}= has {len(column):,} values and the data have {self.nrows:,} rows; "
                "there must be one value per row, before any row is dropped.",
                slug=f"{option}-length",
            )
        return column

    def _not_found(self, name: str) -> str:
        unique = list(dict.fromkeys(self.names))
        parts = [f"There is no column {name!r} in the data."]
        folded = {column.casefold(): column for column in unique}
        close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
        if name in self.index_names:
            parts.append("It is in the index of the frame: call .reset_index() first.")
        elif close:
            parts.append(f"Did you mean {folded[close[0]]!r}?")
        shown = ", ".join(unique[:_SHOWN_COLUMNS]) or "none"
        more = len(unique) - _SHOWN_COLUMNS
        parts.append(f"Columns: {shown}" + (f", and {more} more." if more > 0 else "."))
        return " ".join(parts)


def numbers(option: str, values: Any) -> npt.NDArray[np.float64]:
    """Read an option given as numbers by themselves.

    Raises
    ------
    OptionError
        If it is not one-dimensional or not numeric.

    Examples
    --------
    >>> numbers("weights", [1, 2]).tolist()
    [1.0, 2.0]
    """
    try:
        column = _series(option, values)
    except DataError as error:
        raise OptionError(f"{option}= cannot be read. {error}", slug=error.slug) from None
    return _numeric(option, column, "the values are")


def _numeric(option: str, column: Column, what: str) -> npt.NDArray[np.float64]:
    if isinstance(column, np.ndarray):
        return column
    raise OptionError(
        f"{option}= needs numbers, but {what} not numeric.", slug=f"{option}-not-numeric"
    )


def open_frame(data: Any, wanted: Sequence[str] = ()) -> Frame:
    """Open a data frame of any supported kind.

    Parameters
    ----------
    data : data frame, or dict of arrays
        pandas, polars, pyarrow, anything else narwhals understands, anything that exports Arrow
        tables, or a dict of equally long arrays or lists.
    wanted : sequence of str
        The columns that will be read: a lazy polars frame is collected for these alone.

    Returns
    -------
    Frame

    Raises
    ------
    OptionError
        If `data` is not a data frame, or is a lazy one that melogit should not run by itself.
    DataError
        If the arrays of a dict differ in length.

    Notes
    -----
    Backends are told apart with `narwhals.stable.v2.dependencies`, which imports none of them.
    """
    if isinstance(data, dict):
        return _open_dict(data)
    from narwhals.stable.v2 import dependencies as is_

    if is_.is_pandas_dataframe(data):
        return _open_pandas(data)
    if is_.is_polars_lazyframe(data):
        data = _collect(data, wanted)
    if is_.is_polars_dataframe(data):
        return Frame(
            "polars", tuple(data.columns), data.height, data.get_column, encode.from_polars
        )
    if is_.is_pyarrow_table(data):
        return _open_arrow(data)
    return _open_other(data)


def _collect(lazy: Any, wanted: Sequence[str]) -> Any:
    names = lazy.collect_schema().names()
    # A missing name must be reported with the whole list of columns, so nothing is pruned then.
    return (lazy.select(wanted) if wanted and set(wanted) <= set(names) else lazy).collect()


def _open_pandas(data: Any) -> Frame:
    names = tuple(name for name in data.columns if isinstance(name, str))
    index_names = tuple(name for name in data.index.names if isinstance(name, str))
    return Frame(
        "pandas", names, len(data), data.__getitem__, encode.from_pandas, index_names, data.index
    )


def _open_arrow(data: Any) -> Frame:
    return Frame("pyarrow", tuple(data.column_names), data.num_rows, data.column, encode.from_arrow)


def _open_dict(data: Mapping[Any, Any]) -> Frame:
    lengths: dict[str, int] = {}
    for name, values in data.items():
        if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
            raise DataError(
                f"data[{name!r}] is a single {type(values).__name__}; a dict of data needs one "
                "array or list per column.",
                slug="dict-scalar",
            )
        lengths[name] = len(values)
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name}: {length:,}" for name, length in lengths.items())
        raise DataError(f"The columns of data differ in length: {found}.", slug="dict-lengths")
    names = tuple(name for name in data if isinstance(name, str))
    nrows = next(iter(lengths.values()), 0)
    return Frame("dict", names, nrows, data.__getitem__, _series)


def _open_other(data: Any) -> Frame:
    import narwhals.stable.v2 as nw

    try:
        frame = nw.from_native(data)
    except TypeError:
        if hasattr(data, "__arrow_c_stream__") and installed("pyarrow"):
            return _open_arrow(optional("pyarrow", "This frame").table(data))
        raise OptionError(
            f"data is a {type(data).__name__}, which melogit cannot read. Pass a pandas, polars, "
            "or pyarrow frame, another frame narwhals understands, or a dict of arrays.",
            slug="not-a-frame",
        ) from None
    if isinstance(frame, nw.LazyFrame):
        raise OptionError(
            f"data is a lazy {frame.implementation.value} frame: its rows are not in memory, and "
            "running the query is your decision. Collect it first (for example .collect(), "
            ".to_arrow(), or .df()).",
            slug="lazy-frame",
        )
    backend = frame.implementation.value
    return Frame(str(backend), tuple(frame.columns), len(frame), frame.get_column, _from_narwhals)


def _from_narwhals(name: str, series: Any) -> Column:
    dtype = series.dtype
    if dtype.is_temporal() or dtype.is_nested():
        encode.refuse(name, str(dtype), "date" if dtype.is_temporal() else "nested")
    return encode.from_sequence(name, series.to_list())


def _series(name: str, values: Any) -> Column:
    """Encode one column given by itself: an array, a list, or a series of any backend."""
    if isinstance(values, np.ndarray):
        return encode.from_numpy(name, values)
    if isinstance(values, Factor):
        return values.codes.astype(np.int32), list(values.levels), True
    if isinstance(values, list | tuple):
        return encode.from_sequence(name, values)
    from narwhals.stable.v2 import dependencies as is_

    if is_.is_pandas_series(values):
        return encode.from_pandas(name, values)
    if is_.is_polars_series(values):
        return encode.from_polars(name, values)
    if hasattr(values, "__arrow_array__") or is_.is_pyarrow_chunked_array(values):
        return encode.from_arrow(name, values)
    if type(values).__module__.partition(".")[0] == "pyarrow":
        return encode.from_arrow(name, values)
    if hasattr(values, "__array__"):
        return encode.from_numpy(name, np.asarray(values))
    return encode.from_sequence(name, values)
