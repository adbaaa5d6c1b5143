"""Estimates in the columns of R's broom.mixed."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from melogit import _core

COLUMNS = (
    "effect", "group", "level", "term", "estimate", "std_error", "statistic", "p_value",
    "conf_low", "conf_high",
)  # fmt: skip
_NONE = math.nan


def tidy(
    core: _core.Fit, effects: str, level: float, *, exponentiate: bool
) -> dict[str, list[Any]]:
    """Stack the estimates asked for, one row each, in `COLUMNS`."""
    rows: list[tuple[Any, ...]] = []
    if effects in ("fixed", "all"):
        rows += _fixed(core, level, exponentiate=exponentiate)
    if effects in ("ran_pars", "all"):
        rows += _parameters(core, level)
    if effects in ("ran_vals", "all"):
        rows += _values(core, level)
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}


def _fixed(core: _core.Fit, level: float, *, exponentiate: bool) -> list[tuple[Any, ...]]:
    table = core.coefficient_table(level)
    keys = ("name", "estimate", "std_error", "statistic", "p_value", "lower", "upper")
    rows = []
    for name, estimate, error, statistic, p, low, high in zip(
        *(table[key] for key in keys), strict=True
    ):
        if exponentiate:
            estimate, low, high = map(_exp, (estimate, low, high))  # noqa: PLW2901 - same quantity
            error *= estimate  # noqa: PLW2901 - delta method, as broom.mixed
        rows.append(("fixed", None, None, name, estimate, error, statistic, p, low, high))
    return rows


def _parameters(core: _core.Fit, level: float) -> list[tuple[Any, ...]]:
    table = core.variance_table(level)
    rows = []
    for values in zip(*table.values(), strict=True):
        row = dict(zip(table, values, strict=True))
        if row["with_term"] is None:
            term, estimate = f"sd__{row['term']}", row["sd"]
        else:
            term, estimate = f"cor__{row['term']}.{row['with_term']}", row["correlation"]
        rows.append(("ran_pars", row["group"], None, term, estimate, row["std_error"],
                     _NONE, _NONE, row["lower"], row["upper"]))  # fmt: skip
    return rows


def _values(core: _core.Fit, level: float) -> list[tuple[Any, ...]]:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    return [
        ("ran_vals", group, label, term, mode, sd, _NONE, _NONE, mode - z * sd, mode + z * sd)
        for group, effects in core.random_effects().items()
        for label, term, mode, sd in zip(
            effects["level"], effects["term"], effects["mode"], effects["sd"], strict=True
        )
    ]


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
