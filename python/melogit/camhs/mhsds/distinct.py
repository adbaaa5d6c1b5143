"""Reading a column of text through its distinct values.

Dates, months and ages have few distinct texts however many rows there are, so Python may look at
each text once, as carefully as it likes; the rows are only joined to the answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw

Parse = Callable[[str], tuple[float | None, str]]
_EXAMPLES = 3


@dataclass(slots=True)
class Remark:
    """How many rows drew one remark, and some of their texts."""

    rows: int = 0
    texts: list[str] = field(default_factory=list)

    def examples(self) -> str:
        """Quote some of the texts."""
        return ", ".join(repr(text) for text in self.texts)


def read(
    frame: nw.DataFrame[Any], column: str, parse: Parse
) -> tuple[nw.DataFrame[Any], dict[str, Remark]]:
    """Replace a column of text by the numbers a function reads in it.

    Parameters
    ----------
    frame : narwhals DataFrame, n rows
        Its rows may come back in another order.
    column : str
        A column of text.
    parse : callable
        Text -> number or None, and a remark ("" for none).

    Returns
    -------
    frame : narwhals DataFrame, n rows
        With numbers in place of the text; null where the text was null or gave none.
    remarks : dict
        Remark -> `Remark`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = nw.from_native(pd.DataFrame({"age": ["14", "14", "abc"]}))
    >>> read(frame, "age", lambda t: (float(t), "") if t.isdigit() else (None, "unreadable"))[1]
    {'unreadable': Remark(rows=1, texts=['abc'])}
    """
    counted = (
        frame.filter(~nw.col(column).is_null())
        .group_by(column)
        .agg(nw.len().alias("_rows"))
        .sort(column)
    )
    values: list[float | None] = []
    remarks: dict[str, Remark] = {}
    for text, rows in zip(counted[column].to_list(), counted["_rows"].to_list(), strict=True):
        value, said = parse(text)
        values.append(value)
        if said:
            remark = remarks.setdefault(said, Remark())
            remark.rows += rows
            remark.texts += [text] if len(remark.texts) < _EXAMPLES else []
    answers = counted.select(column).with_columns(
        nw.new_series("_value", values, dtype=nw.Float64(), backend=counted.implementation)
    )
    joined = frame.join(answers, on=column, how="left")
    return joined.drop(column).rename({"_value": column}), remarks
