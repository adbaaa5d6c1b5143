"""Absolute risks and E-values of the exposure's levels, as columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from melogit import newdata
from melogit.bias import EValue, e_value

if TYPE_CHECKING:
    from melogit import _core
    from melogit.camhs.question import Question

Columns = dict[str, list[Any]]
_NO_NUMBER = EValue(math.nan, math.nan)


def records(columns: Columns) -> Iterator[dict[str, Any]]:
    """Go through a dict of columns row by row.

    Examples
    --------
    >>> list(records({"level": ["a", "b"], "n": [1, 2]}))
    [{'level': 'a', 'n': 1}, {'level': 'b', 'n': 2}]
    """
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def risk_columns(core: _core.Fit, complete: Any, question: Question) -> Columns:
    """Set the exposure's odds ratios beside its standardised risks.

    Parameters
    ----------
    core : melogit._core.Fit
        The adjusted model.
    complete : frame
        The rows it used: the people over whom the risks are averaged.
    question : Question
        Names the exposure and the confidence level.

    Returns
    -------
    dict of lists
        One row per level, the reference first as the model codes it.
    """
    held = newdata.read(core, complete, groups=False)
    risks = core.standardise(
        held.columns, held.frame.nrows, question.exposure, question.level, None
    )
    odds = {
        row["level"]: row
        for row in records(core.odds_ratio_table(question.level))
        if row["term"] == question.exposure
    }
    ordered = [odds[level] for level in risks["level"]]
    return {
        "level": list(risks["level"]),
        "reference": [bool(row["reference"]) for row in ordered],
        "n": [int(row["n"]) for row in ordered],
        "odds_ratio": [_or_one(row, "odds_ratio") for row in ordered],
        "or_lower": [_or_one(row, "lower") for row in ordered],
        "or_upper": [_or_one(row, "upper") for row in ordered],
        **{name: list(values) for name, values in risks.items() if name != "level"},
    }


def e_value_columns(risks: Columns) -> Columns:
    """Compute the E-values of every level but the reference."""
    rows = [row for row in records(risks) if not row["reference"]]
    odds = [_e_value(row, ("odds_ratio", "or_lower", "or_upper"), True) for row in rows]
    ratios = [_e_value(row, ("risk_ratio", "rr_lower", "rr_upper"), False) for row in rows]
    return {
        "level": [row["level"] for row in rows],
        "e_value": [value.estimate for value in odds],
        "e_value_bound": [value.bound for value in odds],
        "e_value_rr": [value.estimate for value in ratios],
        "e_value_rr_bound": [value.bound for value in ratios],
    }


def _e_value(row: dict[str, Any], names: tuple[str, str, str], common_odds: bool) -> EValue:
    """Compute one E-value; a level that could not be estimated has none."""
    numbers = [math.nan if row[name] is None else float(row[name]) for name in names]
    if not all(math.isfinite(number) and number > 0 for number in numbers):
        return _NO_NUMBER
    return e_value(*numbers, rare=not common_odds)


def _or_one(row: dict[str, Any], name: str) -> float:
    """Read an odds ratio; the reference's is 1 by definition, an aliased level's is unknown."""
    if row["reference"]:
        return 1.0
    return math.nan if row[name] is None else float(row[name])
