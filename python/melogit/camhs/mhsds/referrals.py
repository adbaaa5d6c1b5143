"""One row per referral, with everything the cohort's rules look at."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import codes, contacts, people, teams
from melogit.camhs.mhsds.choices import Choices
from melogit.camhs.mhsds.fields import CONTACTS, INDICATORS, PERSONS, REFERRALS, TEAMS
from melogit.camhs.mhsds.findings import Findings
from melogit.camhs.mhsds.latest import latest
from melogit.camhs.mhsds.tidied import Tidied

COLUMNS = [
    "UniqServReqID",
    "Person_ID",
    "OrgIDProv",
    "UniqMonthID",
    "referral_date",
    "age",
    "Gender",
    "GenderIDCode",
    "EthnicCategory",
    "LSOA",
    "CPP",
    "LACStatus",
    "SourceOfReferralMH",
    "PrimReasonReferralMH",
    "team_id",
    "team_type",
    "all_team_types",
    "ServTeamIntAgeGroup",
    "rejection_date",
    "rejection_reason",
    "closed_date",
    "first_contact",
    "first_attended",
    "rejected_all",
    "duplicate",
    "n_contacts",
]
DATES = ["referral_date", "rejection_date", "closed_date", "first_contact", "first_attended"]
WHOLE = ["UniqMonthID", "age", "rejected_all", "duplicate", "n_contacts"]

_REFERRAL = "UniqServReqID"
_NAMES = {
    "ReferralRequestReceivedDate": "referral_date",
    "AgeServReferRecDate": "age",
    "ServDischDate": "closed_date",
}
_TEAM_NAMES = {
    "TeamID": "team_id",
    "TeamType": "team_type",
    "ReferRejectionDate": "rejection_date",
    "ReferRejectReason": "rejection_reason",
}


def assemble(tidied: Tidied, findings: Findings) -> tuple[nw.DataFrame[Any], nw.DataFrame[Any]]:
    """Bring the tables together.

    Returns
    -------
    referrals : narwhals DataFrame
        One row per referral of the extract, the columns of `COLUMNS`.
    types : narwhals DataFrame
        Every team type of every referral: see `melogit.camhs.mhsds.teams.all_types`.
    """
    frames = tidied.frames
    _count_changed_persons(frames[REFERRALS], findings)
    newest = latest(frames[REFERRALS], _REFERRAL)
    tidied.steps.take("latest", "earlier submissions of a referral", newest)
    rows = teams.rows_of(newest, frames[TEAMS] if TEAMS in frames else _no_teams(newest))
    types = teams.all_types(newest, rows)
    team = teams.own_team(newest, rows)
    joined = newest.drop(*teams.TEAM).rename(_NAMES)
    joined = joined.join(team.rename(_TEAM_NAMES), on=_REFERRAL, how="left")
    joined = joined.join(teams.joined_types(types), on=_REFERRAL, how="left")
    joined = people.add_persons(joined, frames[PERSONS], frames[INDICATORS], findings)
    joined = _with_contacts(joined, frames.get(CONTACTS), findings)
    joined = _with_rejection(joined)
    _count_oddities(joined, findings)
    return joined.select(COLUMNS), types


def outcomes(referrals: nw.DataFrame[Any], choices: Choices) -> nw.DataFrame[Any]:
    """Add a 0/1 column per outcome asked for."""
    waited = nw.col("first_attended") - nw.col("referral_date")
    accessed = (waited <= choices.window).fill_null(False)
    rejected = nw.col("rejected_all") == 1
    if choices.duplicates == "accepted":
        rejected = rejected & (nw.col("duplicate") == 0)
    rules = {
        "rejected": rejected,
        "not_offered": nw.col("first_contact").is_null(),
        "not_accessed": ~accessed,
    }
    return referrals.with_columns(
        *(rules[name].cast(nw.Int64()).alias(name) for name in choices.outcomes)
    )


def _no_teams(newest: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    return newest.head(0)


def _with_contacts(
    joined: nw.DataFrame[Any], rows: nw.DataFrame[Any] | None, findings: Findings
) -> nw.DataFrame[Any]:
    if rows is None:
        nothing = nw.lit(None, dtype=nw.Float64())
        return joined.with_columns(
            n_contacts=nothing, first_contact=nothing, first_attended=nothing
        )
    own = contacts.summarise(joined, contacts.latest_contacts(rows, findings), findings)
    joined = joined.join(own, on=_REFERRAL, how="left")
    return joined.with_columns(nw.col("n_contacts").fill_null(0))


def _with_rejection(joined: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    rejected = ~nw.col("rejection_date").is_null()
    duplicate = rejected & codes.is_one_of("rejection_reason", ["01"])
    return joined.with_columns(
        rejected_all=rejected.cast(nw.Int64()), duplicate=duplicate.cast(nw.Int64())
    )


def _count_changed_persons(rows: nw.DataFrame[Any], findings: Findings) -> None:
    pairs = rows.select(_REFERRAL, "Person_ID").drop_nulls().unique()
    changed = len(pairs) - pairs[_REFERRAL].n_unique()
    words = "referrals whose person changed between submissions; the latest one holds"
    findings.add("person-changed", REFERRALS.name, "Person_ID", words, changed, "referrals")


def _count_oddities(joined: nw.DataFrame[Any], findings: Findings) -> None:
    """Count what is kept as it is and should be known."""
    reason = ~nw.col("rejection_reason").is_null()
    rejected = nw.col("rejected_all") == 1
    known = codes.is_one_of("rejection_reason", ["01", "02", "03"])
    later = (nw.col("referral_date") > nw.col("closed_date")).fill_null(False)
    early = (nw.col("rejection_date") < nw.col("referral_date")).fill_null(False)
    for slug, column, words, condition in (
        ("referral-after-closure", "ServDischDate", "referral dated after its closure, kept", later),
        ("rejection-before-referral", "ReferRejectionDate",
         "rejection dated before the referral, kept", early),
        ("reason-without-date", "ReferRejectReason",
         "a reason for rejection and no date of it: not counted as rejected", reason & ~rejected),
        ("reason-unknown", "ReferRejectReason",
         "rejected for a reason other than 01, 02, 03, or none: not a duplicate", rejected & ~known),
        ("person-nameless", "Person_ID", "no identifier of the person",
         nw.col("Person_ID").is_null()),
        ("team-missing", "TeamType", "no team, kept",
         nw.col("team_id").is_null() & nw.col("team_type").is_null()),
    ):  # fmt: skip
        count = len(joined.filter(condition))
        findings.add(slug, REFERRALS.name, column, words, count, "referrals")
