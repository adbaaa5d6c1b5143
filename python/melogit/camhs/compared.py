"""What was planted in a synthetic cohort beside what the model found in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from melogit.camhs.planted import PLANTED, PlantedEffect
from melogit.camhs.risks import Columns, records

if TYPE_CHECKING:
    from melogit import _core
    from melogit.camhs.question import Question

_OUTCOME = "rejected"


def planted_in(referrals: Any) -> Mapping[str, Any] | None:
    """Read what a frame says was planted in it; None for anything but a synthetic cohort."""
    attributes = getattr(referrals, "attrs", None)
    if not isinstance(attributes, Mapping):
        return None
    planted = attributes.get("camhs")
    return planted if isinstance(planted, Mapping) and planted.get("synthetic") else None


def same_model(question: Question, planted: Mapping[str, Any]) -> bool:
    """Say whether the adjusted model is the one that made the data.

    Only then should its odds ratios meet the planted ones: an odds ratio changes when a covariate
    or a random effect is left out, even one unrelated to the exposure.
    """
    return (
        question.outcome == _OUTCOME
        and set(question.variables) == set(planted["odds_ratios"])
        and set(planted["spreads"]) == {question.location}
    )


def comparison_columns(
    core: _core.Fit, question: Question, planted: Mapping[str, Any] | None
) -> Columns | None:
    """Lay planted and estimated values side by side.

    Returns
    -------
    dict of lists or None
        variable, level, planted, estimate, lower, upper, covered (does the interval hold the
        planted value), origin of the planted value, and a note on it. Odds ratios, then the SD
        of the location.
        None without planted values, or when the adjusted model is not theirs.
    """
    if planted is None or not same_model(question, planted):
        return None
    origins = {(effect.variable, effect.level): effect for effect in PLANTED}
    rows = [
        _row(row, planted["odds_ratios"], origins, _reference(core, row["term"]))
        for row in records(core.odds_ratio_table(question.level))
        if not row["reference"] and row["level"] in planted["odds_ratios"][row["term"]]
    ]
    rows += [
        (row["group"], "SD, log odds", planted["spreads"][row["group"]], row["sd"], row["lower"],
         row["upper"], "invented", "")
        for row in records(core.variance_table(question.level))
        if row["with_term"] is None and row["group"] in planted["spreads"]
    ]  # fmt: skip
    names = ("variable", "level", "planted", "estimate", "lower", "upper", "origin", "note")
    columns: Columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    columns["covered"] = [_covers(row[4], row[2], row[5]) for row in rows]
    return columns


def _row(
    row: Mapping[str, Any],
    odds_ratios: Mapping[str, Mapping[str, float]],
    origins: Mapping[tuple[str, str], PlantedEffect],
    reference: str,
) -> tuple[Any, ...]:
    """Re-base the planted odds ratio on the model's reference level."""
    term, level = row["term"], row["level"]
    value = odds_ratios[term][level]
    default = origins[term, level]
    said = (default.origin, default.note) if value == default.odds_ratio else ("caller", "")
    planted = value / odds_ratios[term][reference]
    return term, level, planted, row["odds_ratio"], row["lower"], row["upper"], *said


def _reference(core: _core.Fit, term: str) -> str:
    return next(str(c["reference"]) for c in core.coding() if c["column"] == term)


def _covers(lower: float | None, value: float, upper: float | None) -> bool:
    return lower is not None and upper is not None and lower <= value <= upper
