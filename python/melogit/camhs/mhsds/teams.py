"""Teams of a referral: its own one, its rejection, and every team it was sent to.

Up to March 2024 team and rejection stand in MHS102, one row per team. From April 2024 on they stand
on the referral itself, and MHS102 holds further teams only.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import codes, months
from melogit.camhs.mhsds.columns import ROW

PUBLISHED_TYPES = ("C05", "C06", "C07")
PUBLISHED_AGE_GROUP = "02"
TEAM = ["TeamID", "TeamType", "ServTeamIntAgeGroup", "ReferRejectionDate", "ReferRejectReason"]
_REFERRAL = "UniqServReqID"


def rows_of(latest: nw.DataFrame[Any], teams: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Keep the team rows that belong to the latest records.

    Returns
    -------
    narwhals DataFrame
        Their teams, with the month of the referral, which says what they mean.
    """
    records = latest.select("RecordNumber", _REFERRAL, _month="UniqMonthID")
    records = records.drop_nulls("RecordNumber")
    rows = teams.select(ROW, "RecordNumber", _REFERRAL, *TEAM)
    rows = rows.drop_nulls(["RecordNumber", _REFERRAL])
    return rows.join(records, on=["RecordNumber", _REFERRAL], how="inner")


def own_team(latest: nw.DataFrame[Any], rows: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Give each referral its team, with date and reason of a rejection.

    Of several teams of version 5 it is the first one by identifier among those that did not reject
    the referral, else among all: so there is a date of rejection only if every team rejected it.

    Returns
    -------
    narwhals DataFrame
        One row per referral that has a team or is of version 6.
    """
    old = rows.filter(_is_old("_month"))
    old = old.with_columns(
        _rejected=(~nw.col("ReferRejectionDate").is_null()).cast(nw.Int64()),
        ServTeamIntAgeGroup=nw.lit(None, dtype=nw.String()),
    )
    # Beyond the identifier the order only has to be the same however the rows are arranged.
    order = ["TeamType", "ReferRejectionDate", "ReferRejectReason", ROW]
    old = old.sort(_REFERRAL, "_rejected", "TeamID", *order, nulls_last=True)
    old = old.filter(nw.col(_REFERRAL).is_first_distinct()).select(_REFERRAL, *TEAM)
    new = latest.filter(~_is_old("UniqMonthID")).select(_REFERRAL, *TEAM)
    return nw.concat([old, new])


def all_types(latest: nw.DataFrame[Any], rows: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """List every team type of every referral, with the age group of the team.

    Returns
    -------
    narwhals DataFrame
        `UniqServReqID`, `TeamType`, `ServTeamIntAgeGroup`: one row per team.
    """
    columns = [_REFERRAL, "TeamType", "ServTeamIntAgeGroup"]
    old = rows.filter(_is_old("_month")).with_columns(
        ServTeamIntAgeGroup=nw.lit(None, dtype=nw.String())
    )
    further = rows.filter(~_is_old("_month"))
    own = latest.filter(~_is_old("UniqMonthID"))
    return nw.concat([old.select(columns), further.select(columns), own.select(columns)])


def joined_types(types: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Join the distinct team types of a referral in sorted order with "|".

    Examples
    --------
    >>> import polars as pl
    >>> types = pl.DataFrame({"UniqServReqID": ["R1", "R1"], "TeamType": ["C05", "A06"]})
    >>> joined_types(nw.from_native(types))["all_team_types"].to_list()
    ['A06|C05']
    """
    rest = types.select(_REFERRAL, "TeamType").drop_nulls("TeamType")
    rest = rest.filter(nw.col("TeamType").str.strip_chars(codes.BLANKS) != "")
    rest = rest.unique().sort(_REFERRAL, "TeamType")
    first = nw.col(_REFERRAL).is_first_distinct()
    joined = rest.filter(first).rename({"TeamType": "all_team_types"})
    rest = rest.filter(~first)
    # One turn per team of the referral that has most.
    while len(rest):
        joined = joined.join(rest.filter(first), on=_REFERRAL, how="left")
        both = nw.concat_str("all_team_types", "TeamType", separator="|")
        joined = joined.select(
            _REFERRAL,
            all_team_types=nw.when(~nw.col("TeamType").is_null())
            .then(both)
            .otherwise(nw.col("all_team_types")),
        )
        rest = rest.filter(~first)
    return joined


def camhs_referrals(types: nw.DataFrame[Any], rule: str | frozenset[str]) -> nw.DataFrame[Any]:
    """Name the referrals that a CAMHS rule admits, in one column `UniqServReqID`.

    Examples
    --------
    >>> import polars as pl
    >>> types = pl.DataFrame({"UniqServReqID": ["R1", "R2"], "TeamType": ["c05", "A06"]})
    >>> camhs_referrals(nw.from_native(types), frozenset({"A06"}))["UniqServReqID"].to_list()
    ['R2']
    """
    if isinstance(rule, frozenset):
        admitted = codes.is_one_of("TeamType", rule)
    else:
        admitted = codes.is_one_of("TeamType", PUBLISHED_TYPES) | codes.is_one_of(
            "ServTeamIntAgeGroup", [PUBLISHED_AGE_GROUP]
        )
    return types.filter(admitted).select(_REFERRAL).unique()


def _is_old(column: str) -> nw.Expr:
    return nw.col(column) <= months.LAST_OF_VERSION_5
