"""What missing values do to a result: complete cases, missing indicators, and imputations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import _core, output
from melogit import checks as check
from melogit.coded import Coded
from melogit.factor import Factor
from melogit.frame import open_frame
from melogit.model import fit
from melogit.newdata import outcome_end, predictors

if TYPE_CHECKING:
    from melogit.imputed import Imputed
    from melogit.results import Fit

# The level that the missing-indicator method gives to a category that is missing.
MISSING = "Missing"


def missing_data_table(
    formula: str,
    data: Any,
    *,
    imputed: Imputed | None = None,
    level: float = 0.95,
    **options: Any,
) -> Any:
    """Odds ratios of complete cases, with missing indicators, and imputed, side by side.

    Parameters
    ----------
    formula : str
        As in `melogit.fit`.
    data : data frame, or dict of arrays
        The data with their missing values.
    imputed : Imputed, optional
        The same model from `fit_imputed`.
    level : float, default 0.95
        Confidence level, between 0 and 1.
    **options
        As in `melogit.fit`.

    Returns
    -------
    frame
        term, level, reference; then of each analysis n, odds_ratio, lower, upper under the
        prefixes ``complete_``, ``indicator_``, and, where given, ``imputed_``.

    Raises
    ------
    DataError, OptionError
        As `melogit.fit`.

    Notes
    -----
    The missing-indicator analysis makes missing categories a level "Missing"; a missing number
    becomes the mean and gets an indicator of its own. Rows without outcome or group stay out of
    both. Missing indicators are biased in general, even when values are missing completely at
    random: they are here to be compared, because reviewers ask.

    References
    ----------
    Groenwold et al. (2012). Missing covariate data in clinical research: when and when not to use
    the missing-indicator method. CMAJ 184(11). https://doi.org/10.1503/cmaj.110977
    """
    level = check.level(level)
    complete = fit(formula, data, **options)
    wider, frame = _indicated(complete, data.frame if isinstance(data, Coded) else data)
    if isinstance(data, Coded):
        frame = replace(data, frame=frame)
    indicator = fit(wider, frame, **options)
    tables = {
        "complete": complete._core.odds_ratio_table(level),
        "indicator": indicator._core.odds_ratio_table(level),
    }
    if imputed is not None:
        found = _core.pooled_odds_ratios(imputed.cores, imputed.complete_df, level)
        tables["imputed"] = found
    base = tables["indicator"]
    keys = list(zip(base["term"], base["level"], strict=True))
    columns: dict[str, Any] = {name: base[name] for name in ("term", "level", "reference")}
    for prefix, table in tables.items():
        place = {key: k for k, key in enumerate(zip(table["term"], table["level"], strict=True))}
        for name in ("n", "odds_ratio", "lower", "upper"):
            column = table[name]
            columns[f"{prefix}_{name}"] = [
                column[place[key]] if key in place else float("nan") for key in keys
            ]
    return output.frame(columns, complete._backend)


def _indicated(complete: Fit, data: Any) -> tuple[str, Any]:
    """Rewrite data and formula for the missing-indicator method."""
    formula = complete.formula
    wanted = _core.formula_columns(formula)
    opened = open_frame(data, wanted)
    groups = {part for group in complete._core.groups()["group"] for part in group.split(":")}
    ours = set(predictors(formula)) - groups
    frame: dict[str, Any] = {}
    extra = []
    for name, column in opened.columns(wanted).items():
        frame[name] = opened.raw(name)
        if name not in ours:
            continue
        if isinstance(column, tuple):
            codes, levels, _ = column
            if (codes < 0).any():
                frame[name] = Factor(np.where(codes < 0, len(levels), codes), [*levels, MISSING])
        elif (absent := np.isnan(column)).any():
            frame[name] = np.where(absent, column[~absent].mean(), column)
            frame[f"{name} missing"] = absent.astype(np.float64)
            extra.append(f" + `{name} missing`")
    tilde = outcome_end(formula)
    return formula[: tilde + 1] + formula[tilde + 1 :] + "".join(extra), frame
