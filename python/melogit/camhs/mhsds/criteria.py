"""Who is in the cohort: one step of the flow per criterion."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import months, teams
from melogit.camhs.mhsds.choices import Choices
from melogit.camhs.mhsds.flow import Steps

_REFERRAL = "UniqServReqID"


def apply(
    referrals: nw.DataFrame[Any], types: nw.DataFrame[Any], choices: Choices, end: int, steps: Steps
) -> nw.DataFrame[Any]:
    """Take out what the choices leave out, one criterion after the other.

    Parameters
    ----------
    referrals : narwhals DataFrame
        One row per referral, dates in days since 1970.
    types : narwhals DataFrame
        From `melogit.camhs.mhsds.teams.all_types`.
    choices : Choices
        The analyst's.
    end : int
        Last month of the extract.
    steps : Steps
        The flow so far; grows by one step per criterion.
    """
    kept = referrals.filter(~nw.col("referral_date").is_null())
    kept = steps.take("date", "without a readable date of referral", kept)
    kept = _by_age(kept, choices, steps)
    if choices.camhs != "any":
        admitted = teams.camhs_referrals(types, choices.camhs)
        kept = kept.join(admitted, on=_REFERRAL, how="inner")
        steps.take("camhs", "not referred to a CAMHS team by the rule chosen", kept)
    if choices.duplicates == "out":
        kept = kept.filter(nw.col("duplicate") == 0)
        steps.take("duplicate", "rejected as a duplicate (reason 01)", kept)
    if "not_accessed" in choices.outcomes:
        complete = nw.col("referral_date") + choices.window <= months.last_day(end)
        kept = kept.filter(complete)
        words = (
            f"less than {choices.window} days from the referral to the end of {months.named(end)}"
        )
        steps.take("window", words, kept)
    if choices.unit == "first":
        ordered = kept.drop_nulls("Person_ID")
        steps.take("person", "without an identifier of the person", ordered)
        ordered = ordered.sort("Person_ID", "referral_date", _REFERRAL)
        kept = ordered.filter(nw.col("Person_ID").is_first_distinct())
        steps.take("first", "not the person's first referral in the cohort", kept)
    return kept


def _by_age(frame: nw.DataFrame[Any], choices: Choices, steps: Steps) -> nw.DataFrame[Any]:
    if choices.ages is None:
        return frame
    youngest, oldest = choices.ages
    known = frame.filter(~nw.col("age").is_null())
    steps.take("age-missing", "without an age, or with an impossible one", known)
    kept = known.filter((nw.col("age") >= youngest) & (nw.col("age") <= oldest))
    return steps.take("age", f"younger than {youngest} or older than {oldest} at referral", kept)
