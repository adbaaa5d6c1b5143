"""One series of any backend -> one column of the core: floats, or codes with their levels.

Nothing here computes with the values; it only changes how they are stored. Missing values become
NaN in a numeric column and code -1 in a categorical one.
"""

from __future__ import annotations

import math
import numbers
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from melogit import _core
from melogit.errors import DataError
from melogit.optional import optional

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from melogit._core import Column

_BOOLEAN = ["False", "True"]
# pandas' own missing markers, recognised by name so that pandas need not be imported.
_MISSING_TYPES = {"NAType", "NaTType"}
_WHAT_TO_DO = {
    "date": "Turn it into a number (for example years since a fixed date) or into categories.",
    "nested": "Turn it into one column per element before fitting.",
    "other": "Convert it to numbers, text, or categories before fitting.",
}


def from_pandas(name: str, series: Any) -> Column:
    """Encode a pandas Series of any supported dtype.

    Parameters
    ----------
    name : str
        Column name, for messages.
    series : pandas.Series
        Numbers, booleans, text, or categories; the nullable and Arrow-backed dtypes too.

    Returns
    -------
    Column
        Float64 array, or ``(codes, levels, declared)``.

    Raises
    ------
    DataError
        If the dtype has no place in a model: dates, lists, intervals, mixed objects.
    """
    dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    family = type(dtype).__name__
    if family == "CategoricalDtype":
        return _declared(name, series.cat.codes.to_numpy(), series.cat.categories.tolist())
    if family == "ArrowDtype" or (
        family == "StringDtype" and getattr(dtype, "storage", "").startswith("pyarrow")
    ):
        return from_arrow(name, series.array.__arrow_array__())
    if family == "StringDtype":
        return from_objects(name, series.to_numpy(dtype=object, na_value=None))
    if isinstance(dtype, np.dtype):
        return from_numpy(name, series.to_numpy())
    if kind == "b":
        return _boolean(series.to_numpy(dtype="float64", na_value=np.nan))
    if kind in "iuf" and not family.startswith("Sparse"):
        return np.ascontiguousarray(series.to_numpy(dtype="float64", na_value=np.nan))
    return refuse(name, str(dtype), "date" if kind in "mM" or family == "PeriodDtype" else "other")


def from_polars(name: str, series: Any) -> Column:
    """Encode a polars Series.

    An `Enum` declares its order. A `Categorical` does not: its physical codes follow the order of
    appearance anywhere in the process, so its levels are sorted like those of text.

    Parameters
    ----------
    name : str
        Column name, for messages.
    series : polars.Series
        Numbers, booleans, text, `Categorical`, or `Enum`.

    Returns
    -------
    Column
        Float64 array, or ``(codes, levels, declared)``.

    Raises
    ------
    DataError
        If the dtype has no place in a model.
    """
    pl = optional("polars", "A polars frame")
    dtype = series.dtype
    if dtype == pl.Boolean:
        return _codes(series.cast(pl.Int32)), list(_BOOLEAN), True
    if dtype.is_numeric() or dtype == pl.Null:
        return np.array(series.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=float)
    if dtype == pl.Enum:
        return _codes(series.to_physical()), dtype.categories.to_list(), True
    if dtype == pl.String:
        return _polars_text(pl, series)
    if dtype == pl.Categorical:
        return _sorted(series, _codes(series.to_physical()))
    if dtype == pl.Object:
        return from_sequence(name, series.to_list())
    cause = "date" if dtype.is_temporal() else "nested" if dtype.is_nested() else "other"
    return refuse(name, str(dtype), cause)


def from_arrow(name: str, array: Any) -> Column:
    """Encode a pyarrow Array or ChunkedArray.

    A dictionary type declares the order of its levels only when its ``ordered`` flag is set.

    Parameters
    ----------
    name : str
        Column name, for messages.
    array : pyarrow.Array or pyarrow.ChunkedArray
        Numbers, booleans, text, or a dictionary of those.

    Returns
    -------
    Column
        Float64 array, or ``(codes, levels, declared)``.

    Raises
    ------
    DataError
        If the type has no place in a model.
    """
    pa = optional("pyarrow", "An Arrow column")
    kinds, dtype = pa.types, array.type
    if not isinstance(array, pa.ChunkedArray):
        array = pa.chunked_array([array])
    if kinds.is_boolean(dtype):
        return _boolean(_arrow_floats(pa, array.cast(pa.int8())))
    if any(
        test(dtype)
        for test in (kinds.is_integer, kinds.is_floating, kinds.is_decimal, kinds.is_null)
    ):
        return _arrow_floats(pa, array)
    if getattr(kinds, "is_string_view", lambda _: False)(dtype):
        array = array.cast(pa.large_string())
        dtype = array.type
    if kinds.is_string(dtype) or kinds.is_large_string(dtype):
        return _arrow_text(pa, array)
    if kinds.is_dictionary(dtype):
        return _arrow_dictionary(name, array, declared=dtype.ordered)
    cause = "date" if kinds.is_temporal(dtype) else "nested" if kinds.is_nested(dtype) else "other"
    return refuse(name, str(dtype), cause)


def from_numpy(name: str, array: npt.NDArray[Any]) -> Column:
    """Encode a one-dimensional numpy array.

    Examples
    --------
    >>> from_numpy("age", np.array([11, 17])).tolist()
    [11.0, 17.0]
    >>> codes, levels, declared = from_numpy("urgent", np.array([True, False]))
    >>> codes.tolist(), levels
    ([1, 0], ['False', 'True'])
    """
    kind = array.dtype.kind
    if array.ndim != 1 or array.dtype.names is not None:
        return refuse(name, f"array of shape {array.shape}", "nested")
    if isinstance(array, np.ma.MaskedArray):
        # np.asarray would forget the mask and show the core the values underneath.
        return from_sequence(name, array.tolist())
    if kind == "b":
        return array.astype(np.int32), list(_BOOLEAN), True
    if kind in "iuf":
        return np.ascontiguousarray(array, dtype=np.float64)
    if kind == "O":
        return from_objects(name, array)
    if kind in "UT":
        return from_objects(name, array.astype(object))
    return refuse(name, str(array.dtype), "date" if kind in "mM" else "other")


def from_sequence(name: str, values: Iterable[Any]) -> Column:
    """Encode a list, tuple, or other iterable of Python objects."""
    values = list(values)
    objects = np.empty(len(values), dtype=object)
    # Assigning into an object array keeps nested lists whole, so that they can be refused by name.
    for position, value in enumerate(values):
        objects[position] = value
    return from_objects(name, objects)


def from_objects(name: str, values: npt.NDArray[np.object_]) -> Column:
    """Encode Python objects: all text, all numbers, or all booleans, with None, NaN, or NA between.

    Text goes straight to the core, which recognises repeated objects by their address. Anything
    else takes the slow path once, and is refused unless it is of one kind.
    """
    try:
        codes, levels, *_ = _core.encode_objects(np.ascontiguousarray(values))
    except DataError:
        return _one_kind(name, values)
    return codes, list(levels), False


def refuse(name: str, dtype: str, cause: str = "other") -> NoReturn:
    """Raise the DataError for a column whose type has no place in a model."""
    raise DataError(
        f"Column {name!r} has type {dtype}, which cannot enter a model. {_WHAT_TO_DO[cause]}",
        slug="column-type",
    )


def _one_kind(name: str, values: npt.NDArray[np.object_]) -> Column:
    # A copy, filled by mask: np.array() on the objects would unpack a column of lists.
    cleaned = values.copy()
    cleaned[np.fromiter(map(_is_missing, values), dtype=bool, count=len(values))] = None
    kinds: dict[str, int] = {}
    for position, value in enumerate(cleaned):
        if value is not None:
            kinds.setdefault(_kind(value), position)
    if set(kinds) == {"number"}:
        return np.array([np.nan if v is None else float(v) for v in cleaned], dtype=np.float64)
    if set(kinds) == {"boolean"}:
        return _boolean(np.array([np.nan if v is None else float(v) for v in cleaned]))
    if set(kinds) <= {"text"}:
        codes, levels, *_ = _core.encode_objects(cleaned)
        return codes, list(levels), False
    if len(kinds) == 1:
        (kind,) = kinds
        return refuse(name, f"object ({kind})", "date" if kind.startswith("date") else "other")
    found = ", ".join(f"{kind} (first at row {at})" for kind, at in sorted(kinds.items()))
    raise DataError(
        f"Column {name!r} mixes kinds of values: {found}; rows counted from 0. Convert the column "
        "to one kind, for example with .astype(str), and check how the file was read.",
        slug="column-mixed",
    )


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    return isinstance(value, float | np.floating | Decimal) and math.isnan(value)


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "boolean"
    if isinstance(value, numbers.Real | Decimal):
        return "number"
    return type(value).__name__


def _boolean(values: npt.NDArray[np.float64]) -> Column:
    codes = np.where(np.isnan(values), -1, values).astype(np.int32)
    # A boolean declares its own order: False first, hence the reference.
    return codes, list(_BOOLEAN), True


def _declared(name: str, codes: npt.NDArray[Any], categories: Iterable[Any]) -> Column:
    levels = [str(category) for category in categories]
    if len(set(levels)) < len(levels):
        raise DataError(
            f"Column {name!r} has categories that read the same as text (for example 1 and '1'). "
            "Rename one of them.",
            slug="category-names",
        )
    return np.ascontiguousarray(codes, dtype=np.int32), levels, True


def _codes(physical: Any) -> npt.NDArray[np.int32]:
    # Physical codes are u8 to u32 by polars version; a null has none.
    signed = np.asarray(physical.cast(optional("polars", "A polars frame").Int64).fill_null(-1))
    return np.ascontiguousarray(signed, dtype=np.int32)


def _polars_text(pl: Any, series: Any) -> Column:
    """Lay the text out as Arrow does, which polars by itself shows to no one but pyarrow."""
    ends = np.zeros(len(series) + 1, dtype=np.int64)
    np.cumsum(series.str.len_bytes().fill_null(0).to_numpy(), out=ends[1:])
    whole = series.str.join("").cast(pl.Binary).item() if ends[-1] else b""
    present = None
    if series.null_count():
        present = np.packbits(series.is_not_null().to_numpy(), bitorder="little")
    text = np.frombuffer(whole, dtype=np.uint8)
    codes, levels = _core.encode_utf8(ends, text, present, 0, len(series))
    return codes, levels, False


def _sorted(series: Any, codes: npt.NDArray[np.int32]) -> Column:
    """Map sparse physical codes to the ranks of their sorted levels."""
    # A row of each code, to read its name from: faster than asking polars for the distinct values.
    row = np.full(int(codes.max(initial=-1)) + 2, -1, dtype=np.int64)
    row[codes] = np.arange(len(codes))  # code -1 writes the last, unused cell
    used = np.flatnonzero(row[:-1] >= 0)
    names = series.gather(row[used]).to_list()
    order = sorted(range(len(names)), key=names.__getitem__)
    lookup = np.full(len(row), -1, dtype=np.int32)
    lookup[used[order]] = np.arange(len(names), dtype=np.int32)
    return lookup[codes], [names[i] for i in order], False


def _arrow_floats(pa: Any, array: Any) -> npt.NDArray[np.float64]:
    # safe=False: an integer beyond 2**53 may lose its last digit, as everywhere in numpy.
    floats = array.cast(pa.float64(), safe=False).to_numpy()
    return np.array(floats, dtype=np.float64)


def _arrow_text(pa: Any, array: Any) -> Column:
    """Hand the buffers of a string array to the core: no Python object per row, nothing copied."""
    if array.num_chunks != 1:
        # Together, the chunks may hold more than narrow offsets can count.
        array = array.cast(pa.large_string())
    whole = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
    validity, ends, text = whole.buffers()
    width = np.int64 if pa.types.is_large_string(whole.type) else np.int32
    codes, levels = _core.encode_utf8(
        _bytes(ends, width),
        _bytes(text, np.uint8),
        None if validity is None else _bytes(validity, np.uint8),
        whole.offset,
        len(whole),
    )
    return codes, levels, False


def _bytes(buffer: Any, dtype: Any) -> npt.NDArray[Any]:
    # An empty array may come without buffers.
    return np.frombuffer(b"" if buffer is None else buffer, dtype=dtype)


def _arrow_dictionary(name: str, array: Any, *, declared: bool) -> Column:
    whole = array.unify_dictionaries().combine_chunks()
    values = whole.dictionary.to_pylist()
    indices = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    if declared and None not in values:
        return _declared(name, indices, values)
    # An undeclared dictionary is only a way of storing text: entries no row uses, repeats, and a
    # null among the entries are all legal there, and none of them is a level.
    counts = np.bincount(indices + 1, minlength=len(values) + 1)[1:]  # half np.unique's time
    used = [i for i in np.flatnonzero(counts).tolist() if values[i] is not None]
    names = [str(values[i]) for i in used]
    levels = sorted(set(names))
    rank = {level: position for position, level in enumerate(levels)}
    lookup = np.full(len(values) + 1, -1, dtype=np.int32)
    lookup[used] = [rank[name] for name in names]
    return lookup[indices], levels, False  # index -1 reads the last, unused cell
