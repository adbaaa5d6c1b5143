"""Tables of codes to codes, from whatever the user has them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from melogit import _core
from melogit.errors import DataError, OptionError


def read_lookups(given: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """Read the look-ups handed to `Codebook.apply`.

    Parameters
    ----------
    given : mapping of str to table, or None
        Name -> dict, frame of two columns, or ``(frame, code_column, value_column)``.

    Returns
    -------
    dict
        Name -> text -> text. Codes are the same as text or number: ``"1"``, ``1``, and ``1.0``.

    Raises
    ------
    OptionError
        If a table is none of these.
    DataError
        If a code has two values.

    Examples
    --------
    >>> read_lookups({"deciles": {"E01000001": 1, "E01000002": 2.0, "E01000003": None}})
    {'deciles': {'E01000001': '1', 'E01000002': '2'}}
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise OptionError(
            f"lookups= is a dict of name to table, not a {type(given).__name__}.",
            slug="lookups-type",
        )
    return {str(name): _read(str(name), table) for name, table in given.items()}


def _read(name: str, table: Any) -> dict[str, str]:
    codes, values = _columns(name, table)
    read: dict[str, str] = {}
    for code, value in zip(_core.code_texts(codes), _core.code_texts(values), strict=True):
        # A code without a value has no entry: it counts as unmatched.
        if code is not None and value is not None and read.setdefault(code, value) != value:
            raise DataError(
                f"Look-up table {name!r} gives {code!r} two values, {read[code]!r} and {value!r}. "
                "Keep one row per code.",
                slug="lookup-repeated",
            )
    return read


def _columns(name: str, table: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(table, Mapping) and not any(
        hasattr(v, "__len__") and not isinstance(v, str) for v in table.values()
    ):
        return list(table), list(table.values())
    from melogit.frame import open_frame

    frame, columns = (table[0], table[1:]) if isinstance(table, tuple) and table else (table, ())
    try:
        opened = open_frame(frame)
    except OptionError as error:
        raise OptionError(
            f"lookups={{{name!r}: ...}} is neither a dict nor a frame. {error}", slug=error.slug
        ) from None
    columns = columns or opened.names
    if len(columns) != 2:
        raise OptionError(
            f"Look-up table {name!r} has {len(columns)} columns: {', '.join(map(str, columns))}. "
            f"Say which is the code and which the value: ({name}, 'code', 'value').",
            slug="lookup-columns",
        )
    code, value = opened.check(columns)
    return _values(opened.raw(code)), _values(opened.raw(value))


def _values(column: Any) -> list[Any]:
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)
