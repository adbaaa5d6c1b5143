"""One column of any backend -> the distinct texts in it and where they stand, for a codebook.

A column is handed over in pieces of about a million rows, so that no copy of the whole is ever
made. Numbers become their shortest text (``1.0`` is ``1``), since a code is text whatever type it
was read as.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from melogit import _core
from melogit.errors import DataError
from melogit.optional import installed, optional

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

PIECE_ROWS = 1 << 20
# Below this, importing pyarrow takes longer than reading polars' text without it.
WORTH_ARROW_ROWS = 1 << 18
_LARGEST = np.iinfo(np.int64).max
_WIDTHS = (np.int8, np.int16, np.int32)
# Read as a signed number it is -1.
_NULL = 2**32 - 1
_WHAT_TO_DO = {
    "date": "Turn the dates into numbers (an age, a month number) or into text first.",
    "nested": "Turn it into one column per element first.",
    "other": "Convert it to text or numbers first.",
}


def read_source(name: str, column: Any, threads: int | None = None) -> _core.Source:
    """Read one column.

    Parameters
    ----------
    name : str
        Column name, for messages.
    column : series or array of shape (n_rows,)
        Text, numbers, booleans, categories, or a mixture of them as Python objects; of pandas,
        polars, pyarrow, numpy, a list, or a narwhals series.
    threads : int, optional
        Threads to use at most.

    Returns
    -------
    _core.Source

    Raises
    ------
    DataError
        If the values are no codes: dates, lists, bytes.

    Examples
    --------
    >>> read_source("gender", ["1", 2, None]).rows
    3
    """
    builder = _core.source_builder(name, len(column), threads)
    _push(name, column, builder)
    return builder.finish()


def _push(name: str, column: Any, builder: _core.SourceBuilder) -> None:
    if isinstance(column, np.ndarray):
        return _push_numpy(name, column, builder)
    if isinstance(column, list | tuple):
        return _push_sequence(column, builder)
    from narwhals.stable.v2 import dependencies as is_

    if is_.is_pandas_series(column):
        return _push_pandas(name, column, builder)
    if is_.is_polars_series(column):
        return _push_polars(name, column, builder)
    arrow = type(column).__module__.partition(".")[0] == "pyarrow"
    if arrow or is_.is_pyarrow_chunked_array(column) or hasattr(column, "__arrow_array__"):
        return _push_arrow(name, column, builder)
    if hasattr(column, "implementation"):
        return _push_narwhals(name, column, builder)
    if hasattr(column, "__array__"):
        return _push_numpy(name, np.asarray(column), builder)
    return _push_sequence(list(column), builder)


def _push_pandas(name: str, series: Any, builder: _core.SourceBuilder) -> None:
    dtype = series.dtype
    kind, family = getattr(dtype, "kind", "O"), type(dtype).__name__
    storage = str(getattr(dtype, "storage", ""))
    if family == "ArrowDtype" or (family == "StringDtype" and storage.startswith("pyarrow")):
        return _push_arrow(name, series.array.__arrow_array__(), builder)
    if isinstance(dtype, np.dtype):
        return _push_numpy(name, series.to_numpy(), builder)
    if family == "CategoricalDtype":
        codes, levels = series.array.codes, series.cat.categories.tolist()
        for rows in _pieces(len(codes)):
            builder.push_codes(_signed(codes[rows]), levels)
        return None
    if family == "StringDtype":
        for rows in _pieces(len(series)):
            builder.push_objects(series.iloc[rows].to_numpy(dtype=object, na_value=None))
        return None
    if kind not in "biuf" or family.startswith("Sparse"):
        _refuse(name, str(dtype), "date" if kind in "mM" or family == "PeriodDtype" else "")
    for rows in _pieces(len(series)):
        piece = series.iloc[rows]
        if kind in "iu":
            present = piece.notna().to_numpy()
            _push_integers(piece.to_numpy(dtype=dtype.numpy_dtype, na_value=0), present, builder)
            continue
        floats = piece.to_numpy(dtype="float64", na_value=np.nan)
        if kind == "b":
            _push_booleans(floats, builder)
        else:
            builder.push_floats(np.ascontiguousarray(floats))
    return None


def _push_polars(name: str, series: Any, builder: _core.SourceBuilder) -> None:
    pl = optional("polars", "A polars frame")
    dtype = series.dtype
    if dtype.is_temporal() or dtype.is_nested() or dtype == pl.Binary:
        _refuse(name, str(dtype), "date" if dtype.is_temporal() else "nested")
    if dtype == pl.Categorical:
        return _push_polars_categories(pl, series, builder)
    levels = dtype.categories.to_list() if dtype == pl.Enum else []
    views = hasattr(pl, "CompatLevel") and len(series) >= WORTH_ARROW_ROWS and installed("pyarrow")
    for rows in _pieces(len(series)):
        piece = series[rows]
        if dtype == pl.String and views:
            _push_arrow(name, piece.to_arrow(compat_level=pl.CompatLevel.newest()), builder)
        elif dtype == pl.String:
            _push_polars_text(pl, piece, builder)
        elif dtype == pl.Enum:
            builder.push_codes(_physical(pl, piece), levels)
        elif dtype == pl.Boolean:
            _push_booleans(piece.cast(pl.Float64).fill_null(np.nan).to_numpy(), builder)
        elif dtype.is_integer():
            _push_integers(piece.fill_null(0).to_numpy(), piece.is_not_null().to_numpy(), builder)
        elif dtype.is_numeric() or dtype == pl.Null:
            floats = piece.cast(pl.Float64).fill_null(np.nan).to_numpy()
            builder.push_floats(np.ascontiguousarray(floats))
        else:
            _push_sequence(piece.to_list(), builder)
    return None


def _push_polars_text(pl: Any, piece: Any, builder: _core.SourceBuilder) -> None:
    """Lay the text out as Arrow does, which polars by itself shows to no one but pyarrow."""
    ends = np.zeros(len(piece) + 1, dtype=np.int64)
    np.cumsum(piece.str.len_bytes().fill_null(0).to_numpy(), out=ends[1:])
    whole = piece.str.join("").cast(pl.Binary).item() if ends[-1] else b""
    present = None
    if piece.null_count():
        present = np.packbits(piece.is_not_null().to_numpy(), bitorder="little")
    builder.push_strings(ends, np.frombuffer(whole, dtype=np.uint8), present, 0, len(piece))


def _push_polars_categories(pl: Any, series: Any, builder: _core.SourceBuilder) -> None:
    """Push a `Categorical`, whose physical codes count the categories of the whole process."""
    levels: list[str | None] = []  # by physical code; None for those not met yet
    for rows in _pieces(len(series)):
        piece = series[rows]
        codes = _physical(pl, piece)
        met = np.bincount(_physical(pl, piece.drop_nulls()))
        levels += [None] * (len(met) - len(levels))
        new = [code for code in np.flatnonzero(met).tolist() if levels[code] is None]
        if new:
            row = np.zeros(len(met) + 1, dtype=np.int64)
            row[codes] = np.arange(len(codes))  # code -1 writes the last, unused cell
            for code, level in zip(new, piece.gather(row[new]).to_list(), strict=True):
                levels[code] = level
        builder.push_codes(codes, levels)


def _push_arrow(name: str, array: Any, builder: _core.SourceBuilder) -> None:
    pa = optional("pyarrow", "An Arrow column")
    if not isinstance(array, pa.Array | pa.ChunkedArray):
        array = pa.array(array)
    kinds, dtype = pa.types, array.type
    kind = dtype.value_type if kinds.is_dictionary(dtype) else dtype
    binary = (kinds.is_binary, kinds.is_large_binary, kinds.is_fixed_size_binary)
    if kinds.is_temporal(kind) or kinds.is_nested(kind) or any(test(kind) for test in binary):
        _refuse(name, str(dtype), "date" if kinds.is_temporal(kind) else "nested")
    for chunk in array.chunks if isinstance(array, pa.ChunkedArray) else [array]:
        for rows in _pieces(len(chunk)):
            _push_arrow_piece(pa, chunk.slice(rows.start, rows.stop - rows.start), builder)
    return


def _push_arrow_piece(pa: Any, piece: Any, builder: _core.SourceBuilder) -> None:
    kinds, dtype = pa.types, piece.type
    if kinds.is_string(dtype) or kinds.is_large_string(dtype):
        validity, ends, text = piece.buffers()
        offsets = _cells(ends, np.int64 if kinds.is_large_string(dtype) else np.int32)
        builder.push_strings(
            offsets, _cells(text, np.uint8), _bitmap(validity), piece.offset, len(piece)
        )
    elif getattr(kinds, "is_string_view", lambda _: False)(dtype):
        validity, views, *texts = piece.buffers()
        data = [_cells(text, np.uint8) for text in texts]
        builder.push_views(
            _cells(views, np.uint8), data, _bitmap(validity), piece.offset, len(piece)
        )
    elif kinds.is_dictionary(dtype):
        indices = piece.indices.fill_null(-1) if piece.null_count else piece.indices
        codes = indices.to_numpy(zero_copy_only=False)
        builder.push_codes(_signed(codes), piece.dictionary.to_pylist())
    elif kinds.is_boolean(dtype):
        _push_booleans(_arrow_floats(pa, piece.cast(pa.int8())), builder)
    elif kinds.is_integer(dtype):
        present = piece.is_valid().to_numpy(zero_copy_only=False)
        _push_integers(piece.fill_null(0).to_numpy(zero_copy_only=False), present, builder)
    else:
        builder.push_floats(_arrow_floats(pa, piece))


def _push_numpy(name: str, array: npt.NDArray[Any], builder: _core.SourceBuilder) -> None:
    kind = array.dtype.kind
    if array.ndim != 1 or array.dtype.names is not None:
        _refuse(name, f"array of shape {array.shape}", "nested")
    if kind not in "biufOUT":
        _refuse(name, str(array.dtype), "date" if kind in "mM" else "other")
    masked = isinstance(array, np.ma.MaskedArray)
    for rows in _pieces(len(array)):
        piece = array[rows]
        if masked:
            _push_sequence(piece.tolist(), builder)
        elif kind in "OUT":
            builder.push_objects(np.ascontiguousarray(piece, dtype=object))
        elif kind == "b":
            _push_booleans(piece.astype(np.float64), builder)
        elif kind == "f":
            builder.push_floats(np.ascontiguousarray(piece, dtype=np.float64))
        else:
            _push_integers(piece, None, builder)
    return


def _push_narwhals(name: str, series: Any, builder: _core.SourceBuilder) -> None:
    dtype = series.dtype
    if dtype.is_temporal() or dtype.is_nested():
        _refuse(name, str(dtype), "date" if dtype.is_temporal() else "nested")
    for rows in _pieces(len(series)):
        _push_sequence(series[rows.start : rows.stop].to_list(), builder)
    return


def _push_sequence(values: list[Any] | tuple[Any, ...], builder: _core.SourceBuilder) -> None:
    for rows in _pieces(len(values)):
        piece = values[rows]
        objects = np.empty(len(piece), dtype=object)
        # Assigned one by one: at once, numpy would unpack a list of equally long lists.
        for position, value in enumerate(piece):
            objects[position] = value
        builder.push_objects(objects)


def _push_booleans(floats: npt.NDArray[np.float64], builder: _core.SourceBuilder) -> None:
    codes = np.where(np.isnan(floats), -1, floats)
    builder.push_codes(codes.astype(np.int8), [False, True])


def _push_integers(
    integers: npt.NDArray[Any], present: npt.NDArray[np.bool_] | None, builder: _core.SourceBuilder
) -> None:
    if integers.dtype.kind == "u" and integers.max(initial=0) > _LARGEST:
        objects = integers.astype(object)
        if present is not None:
            objects[~present] = None
        builder.push_objects(objects)
        return
    validity = None
    if present is not None and not present.all():
        validity = np.packbits(present, bitorder="little")
    builder.push_integers(np.ascontiguousarray(integers, dtype=np.int64), validity)


def _pieces(rows: int) -> Iterator[slice]:
    for start in range(0, rows, PIECE_ROWS):
        yield slice(start, min(start + PIECE_ROWS, rows))


def _physical(pl: Any, piece: Any) -> npt.NDArray[np.int32]:
    codes = piece.to_physical()
    # Physical codes are u8 to u32 by polars version; a null has none.
    if codes.dtype != pl.UInt32:
        return _signed(codes.cast(pl.Int32).fill_null(-1).to_numpy())
    unsigned = (codes.fill_null(_NULL) if codes.null_count() else codes).to_numpy()
    return np.ascontiguousarray(unsigned).view(np.int32)


def _signed(codes: Any) -> npt.NDArray[Any]:
    return np.ascontiguousarray(codes, dtype=None if codes.dtype in _WIDTHS else np.int32)


def _arrow_floats(pa: Any, piece: Any) -> npt.NDArray[np.float64]:
    floats = piece.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(floats, dtype=np.float64)


def _cells(buffer: Any, dtype: Any) -> npt.NDArray[Any]:
    # An empty array may come without buffers.
    return np.frombuffer(b"" if buffer is None else buffer, dtype=dtype)


def _bitmap(validity: Any) -> npt.NDArray[np.uint8] | None:
    return None if validity is None else _cells(validity, np.uint8)


def _refuse(name: str, dtype: str, cause: str) -> NoReturn:
    raise DataError(
        f"Column {name!r} has type {dtype}, which holds no codes. "
        f"{_WHAT_TO_DO.get(cause, _WHAT_TO_DO['other'])}",
        slug="column-type",
    )
