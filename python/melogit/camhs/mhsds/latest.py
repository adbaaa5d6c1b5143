"""The latest record: the one with the highest month, and in it the highest submission."""

from __future__ import annotations

import re
from typing import Any

import narwhals.stable.v2 as nw

_ORDER = "_order"


def natural(text: str) -> list[tuple[int, int, str]]:
    """Give a sorting key under which "S9" comes before "S10".

    Examples
    --------
    >>> sorted(["S10", "S9", "8"], key=natural)
    ['8', 'S9', 'S10']
    """
    pieces = (piece for piece in re.split(r"(\d+)", text) if piece)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces]


def latest(frame: nw.DataFrame[Any], key: str) -> nw.DataFrame[Any]:
    """Keep the latest row of each key.

    Parameters
    ----------
    frame : narwhals DataFrame
        With `key`, `UniqMonthID` and `UniqSubmissionID`; no null in key and month, and no key
        twice in one submission. A row without a submission comes before those that have one.

    Examples
    --------
    >>> import polars as pl
    >>> rows = {"id": ["R1"] * 3, "UniqMonthID": [1480.0, 1481.0, 1481.0]}
    >>> rows |= {"UniqSubmissionID": ["11", "9", "10"]}
    >>> latest(nw.from_native(pl.DataFrame(rows)), "id")["UniqSubmissionID"].to_list()
    ['10']
    """
    known = frame.select("UniqSubmissionID").unique().drop_nulls()["UniqSubmissionID"].to_list()
    known.sort(key=natural)
    ranks = nw.from_dict(
        {"UniqSubmissionID": known, "_rank": list(range(1, len(known) + 1))},
        {"UniqSubmissionID": nw.String(), "_rank": nw.Int64()},
        backend=frame.implementation,
    )
    order = nw.col("UniqMonthID").cast(nw.Int64()) * (len(known) + 1) + nw.col("_rank")
    ranked = frame.join(ranks, on="UniqSubmissionID", how="left")
    ranked = ranked.with_columns(nw.col("_rank").fill_null(0).cast(nw.Int64()))
    ranked = ranked.with_columns(order.alias(_ORDER))
    # Not `max().over(key)`: over pyarrow tables of many rows it hands values to the wrong rows.
    newest = ranked.group_by(key).agg(nw.col(_ORDER).max())
    return ranked.join(newest, on=[key, _ORDER], how="inner").drop("_rank", _ORDER)
