"""New rows for a fitted model: which columns it needs, and which it can do without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit.frame import open_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from melogit._core import Column
    from melogit.frame import Frame


@dataclass(frozen=True)
class NewData:
    """An opened frame and the model's columns from it."""

    frame: Frame
    columns: dict[str, Column]


def read(
    core: _core.Fit, data: Any, *, groups: bool, outcome: bool = False, more: Sequence[str] = ()
) -> NewData:
    """Read the columns of a model's right-hand side, and of its outcome if asked for.

    Parameters
    ----------
    core : melogit._core.Fit
        The model.
    data : data frame, or dict of arrays
        New rows. The outcome need not be among the columns.
    groups : bool
        Whether the grouping columns must be.
    outcome : bool, default False
        Whether the outcome is read too.
    more : sequence of str
        Further columns to read.

    Raises
    ------
    ColumnNotFoundError
        If a needed column is absent.
    """
    wanted = _core.formula_columns(core.formula) if outcome else predictors(core.formula)
    free: set[str] = set()
    if not groups:
        free = {part for group in core.groups()["group"] for part in str(group).split(":")}
    wanted = list(dict.fromkeys([*wanted, *more]))
    frame = open_frame(data, wanted)
    return NewData(frame, frame.columns(wanted, optional=free.difference(more)))


def predictors(formula: str) -> list[str]:
    """List the columns of a canonical formula without those of its outcome.

    Examples
    --------
    >>> outcome_end("`odd ~ name` ~ age")
    13
    """
    outcome = set(_core.formula_columns(formula[: outcome_end(formula)] + "~ 1"))
    return [name for name in _core.formula_columns(formula) if name not in outcome]


def outcome_end(formula: str) -> int:
    """Find the tilde between outcome and predictors, passing over quoted names."""
    quote = ""
    for position, character in enumerate(formula):
        if quote:
            quote = "" if character == quote else quote
        elif character in "`'\"":
            quote = character
        elif character == "~":
            return position
    return len(formula)
