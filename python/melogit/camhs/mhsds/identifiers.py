"""Identifiers: what spreadsheets and hands do to them is mended, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import codes
from melogit.camhs.mhsds.dates import NO_VALUE
from melogit.camhs.mhsds.fields import Table
from melogit.camhs.mhsds.findings import Findings
from melogit.errors import DataError

_WHOLE_FLOAT = r"^\d+\.0+$"
_SCIENTIFIC = r"^\s*\d(?:\.\d+)?[eE]\+\d+\s*$"
# Most columns have nothing to mend, and one look is cheaper than five changes.
_SUSPICIOUS = "^[\\s\u00a0]|[\\s\u00a0.]$|\\.0+$|[a-z+]|^(?:NULL|NONE|NAN|NAT|<NA>)$"


def mend(
    frames: Mapping[Table, nw.DataFrame[Any]], findings: Findings
) -> tuple[dict[Table, nw.DataFrame[Any]], frozenset[str]]:
    """Mend the identifiers of all tables alike, so that they still join.

    Blanks around them, trailing dots and the ".0" of a spreadsheet are taken away. Lower case
    becomes upper case, unless some identifiers of that name use both within one: then case carries
    meaning (pseudonyms in base 64 do so) and is left alone.

    Returns
    -------
    frames : dict
        Table -> its frame.
    sensitive : frozenset of str
        Columns whose case was left alone.

    Raises
    ------
    DataError
        If a spreadsheet has rounded identifiers ("1.23E+15"; slug ``identifiers-rounded``).
    """
    sensitive = frozenset(
        name
        for table, frame in frames.items()
        for name in table.of_kind("id")
        if _uses_both_cases(frame, name)
    )
    mended = dict(frames)
    for table in frames:
        for name in table.of_kind("id"):
            upper = name not in sensitive
            mended[table] = mend_column(mended[table], table.name, name, upper, findings)
    return mended, sensitive


def mend_column(
    frame: nw.DataFrame[Any], table: str, name: str, upper: bool, findings: Findings
) -> nw.DataFrame[Any]:
    """Mend one column of identifiers.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"Person_ID": [" p1", "P2.", "33.0", "NULL"]}))
    >>> found = Findings()
    >>> mend_column(frame, "MHS001MPI", "Person_ID", True, found)["Person_ID"].to_list()
    ['P1', 'P2', '33', None]
    >>> [(line.slug, line.count) for line in found.lines]
    [('id-blanks', 1), ('id-no-value', 1), ('id-float', 1), ('id-dots', 1), ('id-case', 1)]
    """
    only = frame.select(name)
    if not _any(only, nw.col(name).str.contains(_SUSPICIOUS)):
        return frame
    if _any(only, nw.col(name).str.contains(_SCIENTIFIC)):
        raise DataError(
            f"Column {name} of {table} has identifiers such as 1.23E+15: a spreadsheet has rounded "
            "them, and different ones may have become the same. Export the column as text.",
            slug="identifiers-rounded",
        )
    for slug, words, change in _steps(name, upper):
        both = only.select(name, _mended=change)
        mended = nw.col("_mended")
        gone = mended.is_null() & ~nw.col(name).is_null()
        changed = ~mended.is_null() & (mended != nw.col(name))
        findings.add(slug, table, name, words, len(both.filter(gone | changed)))
        only = both.select(mended.alias(name))
    return frame.with_columns(only[name])


def _steps(name: str, upper: bool) -> list[tuple[str, str, nw.Expr]]:
    """List the mends in order: slug, words, and what is done."""
    column = nw.col(name)
    is_word = column.str.to_uppercase().is_in(sorted(NO_VALUE))
    without_point = column.str.replace_all(r"\.0+$", "")
    whole = nw.when(column.str.contains(_WHOLE_FLOAT)).then(without_point).otherwise(column)
    steps = [
        ("id-blanks", "identifiers with blanks around them, mended", column.str.strip_chars(codes.BLANKS)),
        ("id-no-value", "no identifier: a word for 'no value', or blanks only",
         nw.when(~is_word).then(column)),
        ("id-float", "identifiers ending in '.0', as spreadsheets write them, mended", whole),
        ("id-dots", "identifiers with dots behind them, mended",
         column.str.replace_all(r"[.\s]+$", "")),
    ]  # fmt: skip
    if upper:
        steps.append(("id-case", "identifiers in lower case, mended", column.str.to_uppercase()))
    return steps


def _uses_both_cases(frame: nw.DataFrame[Any], name: str) -> bool:
    lower = frame.select(name).filter(nw.col(name).str.contains(r"[a-z]"))
    return _any(lower, nw.col(name).str.contains(r"[A-Z]"))


def _any(frame: nw.DataFrame[Any], condition: nw.Expr) -> bool:
    return len(frame.filter(condition)) > 0
