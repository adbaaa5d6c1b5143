"""An analysis in sentences: what was found, how sure it is, and what it does not mean."""

from __future__ import annotations

from math import isfinite, log
from textwrap import fill
from typing import TYPE_CHECKING, Any

from melogit import format as show
from melogit.camhs.codes import in_sentence, title, turned_away
from melogit.camhs.compared import same_model
from melogit.camhs.paper import percent_points
from melogit.camhs.risks import e_value_columns, records

if TYPE_CHECKING:
    from melogit.camhs.analysis import Analysis

_WIDTH = 96


def text(analysis: Analysis) -> str:
    """Write the paragraphs for a terminal."""
    return "\n\n".join(fill(p, _WIDTH, break_on_hyphens=False) for p in paragraphs(analysis))


def paragraphs(analysis: Analysis) -> list[str]:
    """Write the paragraphs, each of plain sentences."""
    parts = [
        _synthetic(analysis),
        _rows(analysis),
        *_levels(analysis),
        _not_times_as_likely(analysis),
        _locations(analysis),
        _unmeasured(analysis),
        _limits(analysis),
    ]
    return [part for part in parts if part]


def happened(analysis: Analysis) -> str:
    """Say the event as a verb phrase: "were rejected", or the column and its level."""
    event = analysis.adjusted.event
    return "were rejected" if turned_away(event) else f"had {event}"


def _would(analysis: Analysis) -> str:
    return happened(analysis).replace("were ", "would be ").replace("had ", "would have ")


def _synthetic(analysis: Analysis) -> str:
    planted = analysis.planted
    if planted is None:
        return ""
    words = (
        "These data are synthetic: no row describes a person, and nothing here is a finding about "
        "any service. The odds ratios of social work involvement and of deprivation were planted "
        "from a published briefing; everything else is invented."
    )
    if not same_model(analysis.question, planted):
        words += (
            " The adjusted model is not the one that made the data, so its odds ratios need not "
            "meet the planted ones."
        )
    return words


def _rows(analysis: Analysis) -> str:
    counts, whole = analysis.counts, analysis.counts.rows_read
    absent = ", ".join(f"{in_sentence(name)} {show.count(n)}" for name, n in counts.missing if n)
    dropped = (
        f"{show.count_percent(counts.rows_dropped, whole)} had no value in at least one column of "
        f"the adjusted model ({absent}) and were left out of every model, adjusted or not. "
        if counts.rows_dropped
        else "None had a missing value in the columns used. "
    )
    return (
        f"{show.plural(whole, 'row')} read. {dropped}The analysis is of "
        f"{show.plural(counts.rows_analysed, 'row')} in {show.plural(counts.locations, 'location')} "
        f"of {show.count(counts.smallest)} to {show.count(counts.largest)} (median "
        f"{show.count(counts.median)}); {show.count_percent(counts.events, counts.rows_analysed)} "
        f"{happened(analysis)}."
    )


def _levels(analysis: Analysis) -> list[str]:
    """Write one paragraph per level of the exposure, odds ratio and absolute risk together."""
    rows = list(records(analysis.risk_columns))
    base = next((row for row in rows if row["reference"]), None)
    if base is None:
        return []
    start = (
        f'{title(analysis.question.exposure)}. If every row had the level "{base["level"]}" and '
        f"nothing else changed, {percent_points(base['risk'])}% {_would(analysis)}."
    )
    return [start, *(_level(row, analysis) for row in rows if not row["reference"])]


def _level(row: dict[str, Any], analysis: Analysis) -> str:
    if not isfinite(row["odds_ratio"]):
        return f"{row['level']}: not estimated (see the notes of the model)."
    name = show.level_name(analysis.question.level)
    rd = show.interval(row["rd_lower"], row["rd_upper"], percent_points)
    return (
        f"{row['level']}: adjusted odds ratio {show.ratio(row['odds_ratio'])} ({name} CI "
        f"{show.interval(row['or_lower'], row['or_upper'])}). In absolute terms "
        f"{percent_points(row['risk'])}% {_would(analysis)}: a difference of "
        f"{percent_points(row['risk_difference'])} percentage points ({rd}) and a risk ratio of {show.ratio(row['risk_ratio'])} "
        f"({show.interval(row['rr_lower'], row['rr_upper'])})."
    )


def _not_times_as_likely(analysis: Analysis) -> str:
    """Warn with the level whose odds ratio misleads most."""
    rows = [
        row for row in records(analysis.risk_columns)
        if not row["reference"] and isfinite(row["odds_ratio"]) and row["odds_ratio"] > 0
    ]  # fmt: skip
    if not rows:
        return ""
    worst = max(rows, key=lambda row: abs(log(row["odds_ratio"])))
    odds, risk = show.ratio(worst["odds_ratio"]), show.ratio(worst["risk_ratio"])
    return (
        f'An odds ratio is not "times as likely". For "{worst["level"]}" the odds are {odds} times '
        f"those of the reference, but the risk is {risk} times: the outcome is common "
        f"({show.percent(analysis.counts.events, analysis.counts.rows_analysed)}), and odds run "
        "ahead of risks where it is."
    )


def _locations(analysis: Analysis) -> str:
    group = next(records(analysis.adjusted._core.heterogeneity(analysis.question.level)), None)
    if group is None:
        return ""
    if group["sd"] == 0:
        return f"No variation between levels of {group['group']} was found beyond chance."
    name = show.level_name(analysis.question.level)
    return (
        f"Between locations: take two alike referrals from two locations at random. In the median "
        f"pair the odds are {show.ratio(group['mor'])} times as high in the one as in the other "
        f"(median odds ratio, {name} CI {show.interval(group['mor_lower'], group['mor_upper'])}; "
        f"intraclass correlation {show.estimate(group['icc'])}). The odds ratios above compare "
        "referrals of the same location."
    )


def _unmeasured(analysis: Analysis) -> str:
    rows = [
        row for row in records(e_value_columns(analysis.risk_columns)) if isfinite(row["e_value"])
    ]
    if not rows:
        return ""
    listed = "; ".join(
        f"{row['level']} {show.ratio(row['e_value'])} (end of the interval "
        f"{show.ratio(row['e_value_bound'])})"
        for row in rows
    )
    return (
        "Something unmeasured, associated with both the exposure and the outcome by a risk ratio "
        "of at least this much beyond what is adjusted for, could explain an estimate away "
        f"(E-value, from the square root of the odds ratio): {listed}."
    )


def _limits(analysis: Analysis) -> str:
    adjusted = ", ".join(in_sentence(name) for name in analysis.question.adjust) or "nothing"
    return (
        f"Adjusted for {adjusted}, and the location. These are associations. Leaving out rows with "
        "missing values is safe for odds ratios if, given the other columns, missingness does not "
        "depend on the outcome; the analyst has to judge that. Adjusting for a step on the way "
        "from exposure to outcome, such as the team a referral is sent to, takes that part of an "
        "effect away."
    )
