"""The tables of an analysis as a paper prints them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from melogit import format as show
from melogit.camhs.codes import title, turned_away
from melogit.camhs.risks import Columns, e_value_columns, records
from melogit.tables import Group, Row, Table

if TYPE_CHECKING:
    from melogit.camhs.analysis import Analysis

_ESTIMATES = ("odds_ratio", "lower", "upper", "p")


def odds_columns(analysis: Analysis) -> Columns:
    """Join unadjusted and adjusted odds ratios: one row per level of every variable."""
    level = analysis.question.level
    alone = {
        (row["term"], row["level"]): row
        for model in analysis.unadjusted.values()
        for row in records(model._core.odds_ratio_table(level))
    }
    tests = analysis.adjusted._core.term_tests()
    joint = dict(zip(tests["term"], tests["p_value"], strict=True))
    rows = list(records(analysis.adjusted._core.odds_ratio_table(level)))
    names = [(row["term"], row["level"]) for row in rows]
    whole = analysis.counts.rows_analysed
    return {
        "variable": [term for term, _ in names],
        "level": [name for _, name in names],
        "reference": [bool(row["reference"]) for row in rows],
        "n": [int(row["n"]) for row in rows],
        "percent": [100.0 * row["n"] / whole for row in rows],
        "events": [int(row["events"]) for row in rows],
        "event_percent": [100.0 * row["events"] / max(row["n"], 1) for row in rows],
        **{
            f"unadjusted_{key}": [alone.get(name, {}).get(key) for name in names]
            for key in _ESTIMATES
        },
        **{f"adjusted_{key}": [row[key] for row in rows] for key in _ESTIMATES},
        "adjusted_joint_p": [joint.get(term) for term, _ in names],
        "note": [row["note"] for row in rows],
    }


def odds_table(analysis: Analysis) -> Table:
    """Lay out variable, level, n, outcome, unadjusted and adjusted odds ratio."""
    whole, name = analysis.counts.rows_analysed, show.level_name(analysis.question.level)
    groups = []
    for term, members in groupby(
        records(odds_columns(analysis)), key=lambda row: str(row["variable"])
    ):
        lines = list(members)
        if len(lines) == 1 and not lines[0]["level"]:
            groups.append(Group(title(term), _odds_cells(lines[0], whole)))
            continue
        levels = tuple(Row(str(row["level"]), _odds_cells(row, whole)) for row in lines)
        groups.append(Group(title(term), ("",) * 4, levels))
    return Table(
        caption=f"{title(analysis.question.outcome)}: unadjusted and adjusted odds ratios",
        stub=("Variable", "Level"),
        heads=(
            "n (%)",
            f"{_outcome_head(analysis)}, n (%)",
            f"Unadjusted OR ({name} CI)",
            f"Adjusted OR ({name} CI)",
        ),
        groups=tuple(groups),
        notes=tuple(_odds_notes(analysis)),
    )


def _odds_cells(row: dict[str, Any], whole: int) -> tuple[str, ...]:
    counts = (show.count_percent(row["n"], whole), show.count_percent(row["events"], row["n"]))
    if row["reference"]:
        return (*counts, "Reference", "Reference")
    both = tuple(
        show.with_interval(*(row[f"{kind}_{key}"] for key in ("odds_ratio", "lower", "upper")))
        or "not estimated"
        for kind in ("unadjusted", "adjusted")
    )
    return (*counts, *both)


def _outcome_head(analysis: Analysis) -> str:
    event = analysis.adjusted.event
    return "Rejected" if turned_away(event) else event


def _odds_notes(analysis: Analysis) -> list[str]:
    question, counts = analysis.question, analysis.counts
    notes = [
        (
            f"All models have a random effect of {question.location} and use the same "
            f"{show.plural(counts.rows_analysed, 'row')}, those with no missing value."
        ),
        "Unadjusted: the variable alone. Adjusted: all variables of the table together.",
        (
            "The adjusted odds ratios of covariates describe this model; they do not estimate those "
            "variables' own effects."
        ),
    ]
    return notes if question.adjust else notes[:1]


def risk_table(analysis: Analysis) -> Table:
    """Lay out each level's odds ratio beside its standardised risk, ratio and difference."""
    name = show.level_name(analysis.question.level)
    groups = tuple(
        Group(str(row["level"]), _risk_cells(row)) for row in records(analysis.risk_columns)
    )
    return Table(
        caption=f"{title(analysis.question.exposure)}: odds ratios beside absolute risks",
        stub=("Level", ""),
        heads=("Adjusted OR", "Standardised risk", "Risk ratio", "Risk difference"),
        groups=groups,
        notes=(
            f"In brackets: {name} confidence intervals. Risks in percent, differences in points.",
            "Standardised risk: the average over all rows and locations, were every row at this level.",
        ),
    )


def _risk_cells(row: dict[str, Any]) -> tuple[str, ...]:
    risk = show.with_interval(row["risk"], row["risk_lower"], row["risk_upper"], percent_points)
    if row["reference"]:
        return ("Reference", risk, "Reference", "Reference")
    return (
        show.with_interval(row["odds_ratio"], row["or_lower"], row["or_upper"]),
        risk,
        show.with_interval(row["risk_ratio"], row["rr_lower"], row["rr_upper"]),
        show.with_interval(
            row["risk_difference"], row["rd_lower"], row["rd_upper"], percent_points
        ),
    )


def percent_points(value: Any) -> str:
    """Show a risk, or a difference of risks, in percent to one decimal.

    Examples
    --------
    >>> percent_points(0.3791), percent_points(-0.0912), percent_points(None)
    ('37.9', '-9.1', '')
    """
    return show.estimate(None if value is None else 100.0 * value, 1)


def flow_table(analysis: Analysis) -> Table:
    """Lay out the rows at each stage, with the missing values of each column."""
    counts = analysis.counts
    whole = counts.rows_read
    missing = tuple(
        Row(title(name), (show.count_percent(count, whole),)) for name, count in counts.missing
    )
    return Table(
        caption="Numbers at each stage, and missing values",
        stub=("Stage", "Column"),
        heads=("Rows (% of those read)",),
        groups=(
            Group("Rows read", (show.count(whole),)),
            Group("Missing (a row may be in several)", ("",), missing),
            Group(
                "Left out: missing in one or more",
                (show.count_percent(counts.rows_dropped, whole),),
            ),
            Group("Analysed, in every model", (show.count_percent(counts.rows_analysed, whole),)),
        ),
    )


def e_value_table(analysis: Analysis) -> Table:
    """Lay out the E-values of the exposure's levels."""
    groups = tuple(
        Group(
            str(row["level"]),
            tuple(show.ratio(row[key]) for key in list(row)[1:]),
        )
        for row in records(e_value_columns(analysis.risk_columns))
    )
    return Table(
        caption="E-values: how strong would an unmeasured confounder have to be?",
        stub=("Level", ""),
        heads=("From √OR", "its interval's end", "From risk ratio", "its interval's end"),
        groups=groups,
        notes=(
            (
                "Least risk ratio that a confounder would need with both the exposure and the outcome, "
                "beyond what is adjusted for, to move the estimate (or the interval's nearer end) to 1. "
                "VanderWeele and Ding 2017."
            ),
        ),
    )


def comparison_table(columns: Columns, level: float) -> Table:
    """Lay out what was planted beside what was estimated."""
    groups = []
    for term, members in groupby(records(columns), key=lambda row: str(row["variable"])):
        rows = tuple(Row(str(row["level"]), _comparison_cells(row)) for row in members)
        groups.append(Group(title(term), ("",) * 4, rows))
    missed, all_of_them = columns["covered"].count(False), len(columns["covered"])
    expected = (1 - level) * all_of_them
    return Table(
        caption="Synthetic data: what was planted and what was found",
        stub=("Variable", "Level"),
        heads=(
            "Planted",
            f"Estimated ({show.level_name(level)} CI)",
            "In the interval",
            "Planted value is from",
        ),
        groups=tuple(groups),
        notes=(
            f"{missed} of {all_of_them} intervals miss the planted value; about {expected:.1f} should.",
        ),
    )


def _comparison_cells(row: dict[str, Any]) -> tuple[str, ...]:
    estimate = show.with_interval(row["estimate"], row["lower"], row["upper"])
    inside = "yes" if row["covered"] else "no"
    origin = f"{row['origin']}: {row['note']}" if row["note"] else str(row["origin"])
    return (show.ratio(row["planted"]), estimate, inside, origin)
