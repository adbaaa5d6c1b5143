"""Cells of a column as Python objects, whatever holds them: for text and names that no model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit.errors import ColumnNotFoundError, DataError
from melogit.optional import optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from melogit.frame import Frame


def collect(data: Any, wanted: Sequence[str]) -> Any:
    """Collect a lazy polars frame, for the wanted columns alone; leave other data as they are."""
    if isinstance(data, dict):
        return data
    from narwhals.stable.v2 import dependencies as is_

    if not is_.is_polars_lazyframe(data):
        return data
    names = data.collect_schema().names()
    # A missing name must be reported with the whole list of columns, so nothing is pruned then.
    return (
        data.select(list(dict.fromkeys(wanted))) if set(wanted) <= set(names) else data
    ).collect()


def read(data: Any, opened: Frame, name: str) -> list[Any]:
    """List the cells of a column.

    Parameters
    ----------
    data : data frame, or dict of arrays or lists
        The data.
    opened : Frame
        The same, opened.
    name : str
        The column.

    Returns
    -------
    list
        Python objects, one per row.

    Raises
    ------
    ColumnNotFoundError
        If there is no such column.
    DataError
        If there are several.

    Examples
    --------
    >>> from melogit.frame import open_frame
    >>> data = {"note": ["Seen.", None]}
    >>> read(data, open_frame(data), "note")
    ['Seen.', None]
    """
    held = opened.names.count(name)
    if held == 0:
        raise ColumnNotFoundError(opened._not_found(name), slug="column-not-found")
    if held > 1:
        raise DataError(
            f"The data have {held} columns called {name!r}. Rename or drop all but one.",
            slug="column-repeated",
        )
    if opened.backend in ("dict", "pandas"):
        values = data[name]
    elif opened.backend == "polars":
        values = data.get_column(name)
    elif opened.backend == "pyarrow":
        table = data if hasattr(data, "column") else optional("pyarrow", "This frame").table(data)
        return list(table.column(name).to_pylist())
    else:
        import narwhals.stable.v2 as nw

        values = nw.from_native(data).get_column(name)
    for method in ("to_list", "tolist", "to_pylist"):
        if hasattr(values, method):
            return list(getattr(values, method)())
    return list(values)
