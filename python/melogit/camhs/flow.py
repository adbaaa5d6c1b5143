"""Which rows were analysed: numbers at each stage, and what was missing where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from melogit import _core


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows from the file to the model (STROBE items 13 and 14b).

    Attributes
    ----------
    rows_read : int
        Rows of the frame handed in.
    missing : tuple of (str, int)
        For every column of the adjusted model, rows without a value in it. A row can be counted
        under several columns.
    rows_dropped : int
        Rows without a value in at least one of them.
    rows_analysed : int
        The rest: every model of the analysis uses exactly these.
    events : int
        How many of those had the outcome.
    locations : int
        How many locations they are in.
    smallest, median, largest : float
        Rows of the smallest, the middle and the largest location.
    """

    rows_read: int
    missing: tuple[tuple[str, int], ...]
    rows_dropped: int
    rows_analysed: int
    events: int
    locations: int
    smallest: float
    median: float
    largest: float

    def columns(self) -> dict[str, list[Any]]:
        """Give the stages as columns: stage, column (or None), rows, percent of the rows read."""
        stages: list[tuple[str, str | None, int]] = [("read", None, self.rows_read)]
        stages += [("missing", name, count) for name, count in self.missing]
        stages.append(("dropped: missing in at least one column", None, self.rows_dropped))
        stages.append(("analysed", None, self.rows_analysed))
        stages.append(("analysed, with the outcome", None, self.events))
        whole = max(self.rows_read, 1)
        return {
            "stage": [stage for stage, _, _ in stages],
            "column": [column for _, column, _ in stages],
            "rows": [rows for _, _, rows in stages],
            "percent_of_read": [100.0 * rows / whole for _, _, rows in stages],
        }


def flow_of(core: _core.Fit, columns: Sequence[str]) -> Flow:
    """Read the flow off the adjusted model, whose columns decide which rows are complete."""
    account, groups = core.missing(), core.groups()
    return Flow(
        rows_read=int(account["rows_read"]),
        missing=tuple((name, int(account["columns"].get(name, 0))) for name in columns),
        rows_dropped=int(account["rows_dropped"]),
        rows_analysed=int(core.nobs),
        events=int(core.n_events),
        locations=int(groups["levels"][0]),
        smallest=float(groups["min"][0]),
        median=float(groups["median"][0]),
        largest=float(groups["max"][0]),
    )


def take(data: Any, columns: Sequence[str], rows: NDArray[np.bool_]) -> Any:
    """Keep some columns and rows of any frame that `melogit.fit` reads.

    Parameters
    ----------
    data : data frame, or dict of arrays
        As for `melogit.fit`.
    columns : sequence of str
        Columns to keep.
    rows : ndarray of bool, shape (n,)
        Rows to keep.

    Returns
    -------
    object
        The same kind of frame.

    Examples
    --------
    >>> take({"a": [1, 2], "b": [3, 4]}, ["a"], np.array([False, True]))
    {'a': [2]}
    """
    if isinstance(data, dict):
        return {name: _picked(data[name], rows) for name in columns}
    import narwhals.stable.v2 as nw

    frame = nw.from_native(data)
    kept = frame.select(*columns)
    whole = kept.collect() if isinstance(kept, nw.LazyFrame) else kept
    return whole.filter(rows.tolist()).to_native()


def _picked(values: Any, rows: NDArray[np.bool_]) -> Any:
    """Index an array, or go through anything else that has one value per row."""
    if isinstance(values, np.ndarray):
        return values[rows]
    return [value for value, keep in zip(values, rows, strict=True) if keep]
