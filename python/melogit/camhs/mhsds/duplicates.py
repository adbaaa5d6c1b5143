"""Rows that are there twice, and rows that contradict each other."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds.columns import ROW
from melogit.camhs.mhsds.fields import Table
from melogit.errors import DataError

_EXAMPLES = 3


def without_copies(frame: nw.DataFrame[Any], table: Table) -> nw.DataFrame[Any]:
    """Keep one of the rows that agree in every column the reader uses.

    Examples
    --------
    >>> import polars as pl
    >>> from melogit.camhs.mhsds.fields import INDICATORS
    >>> rows = {"UniqMonthID": [1480.0] * 2, "RecordNumber": ["1"] * 2, "CPP": ["3"] * 2}
    >>> rows |= {"UniqSubmissionID": ["1"] * 2, "LACStatus": ["Y"] * 2, "_row": [0, 1]}
    >>> len(without_copies(nw.from_native(pl.DataFrame(rows)), INDICATORS))
    1
    """
    return frame.sort(ROW).unique(table.names(), keep="first", maintain_order=True)


def without_conflicts(frame: nw.DataFrame[Any], table: Table, keys: str) -> nw.DataFrame[Any]:
    """Settle rows of one submission with the same key and different content.

    Parameters
    ----------
    frame : narwhals DataFrame
        Without copies.
    table : Table
        Says what its key is.
    keys : str
        ``"refuse"``, or ``"last"`` to keep the last row as read.

    Raises
    ------
    DataError
        With ``"refuse"``, if there are such rows (slug ``duplicate-keys``).
    """
    keyed = frame.select(ROW, *table.key)
    for name in table.key:
        # A row without a submission still belongs to its month; without any other part of its key,
        # nothing says that two rows mean the same.
        if name == "UniqSubmissionID":
            keyed = keyed.with_columns(nw.col(name).fill_null("none"))
        else:
            keyed = keyed.drop_nulls(name)
    winning = keyed.group_by(*table.key).agg(nw.col(ROW).max()).select(ROW)
    losing = keyed.join(winning, on=ROW, how="anti")
    if not len(losing):
        return frame
    if keys == "refuse":
        _refuse(losing, table)
    return frame.join(losing.select(ROW), on=ROW, how="anti")


def _refuse(losing: nw.DataFrame[Any], table: Table) -> None:
    repeated = losing.select(*table.key).unique().sort(*table.key)
    shown = "; ".join(
        ", ".join(f"{name} {_plain(value)}" for name, value in row.items())
        for row in repeated.head(_EXAMPLES).rows(named=True)
    )
    raise DataError(
        f"{table.name} has {len(repeated):,} key(s) with rows of different content in the same "
        f"submission, such as {shown}. Find out which rows hold, or pass duplicate_keys='last' to "
        "keep the last one as read; their number is then stated.",
        slug="duplicate-keys",
    )


def _plain(value: Any) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)
