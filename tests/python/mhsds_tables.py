"""Tiny extracts written by hand: only what a test is about is spelt out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pytest

from melogit import MelogitError, camhs

Row = dict[str, Any]
Tables = dict[str, dict[str, list[Any]]]

V6 = {
    "UniqCareProfTeamLocalID": "T1",
    "ServTeamType": "A06",
    "ServTeamIntAgeGroup": None,
    "ReferRejectionDate": None,
    "ReferRejectReason": None,
}


def referral(name: str = "R1", person: str = "P1", month: Any = 1490, **changes: Any) -> Row:
    """Write a row of MHS101Referral; months from 1489 on have the columns of version 6."""
    row = {
        "UniqMonthID": month,
        "UniqSubmissionID": "1",
        "RecordNumber": f"{person}-{month}-{changes.get('UniqSubmissionID', 1)}",
        "UniqServReqID": name,
        "Person_ID": person,
        "OrgIDProv": "RV5",
        "ReferralRequestReceivedDate": "2024-04-10",
        "AgeServReferRecDate": "12",
        "SourceOfReferralMH": "C1",
        "PrimReasonReferralMH": "01",
        "ServDischDate": None,
    }
    return row | V6 | changes


def old(row: Row) -> Row:
    """Take the columns of version 6 away."""
    return {name: value for name, value in row.items() if name not in V6}


def person(record: str, name: str = "P1", month: Any = 1490, **changes: Any) -> Row:
    """Write a row of MHS001MPI."""
    row = {
        "UniqMonthID": month,
        "UniqSubmissionID": "1",
        "RecordNumber": record,
        "Person_ID": name,
        "OrgIDProv": "RV5",
        "Gender": "1",
        "GenderIDCode": "1",
        "EthnicCategory": "A",
        "LSOA2011": "E01000001",
    }
    return row | changes


def indicators(record: str, month: Any = 1490, **changes: Any) -> Row:
    """Write a row of MHS005PatInd."""
    row = {"UniqMonthID": month, "UniqSubmissionID": "1", "RecordNumber": record}
    return row | {"Person_ID": "P1", "CPP": "1", "LACStatus": "N"} | changes


def team(row: Row, name: str, **changes: Any) -> Row:
    """Write a row of MHS102 for a referral's row."""
    own = {
        key: row[key]
        for key in ("UniqMonthID", "UniqSubmissionID", "RecordNumber", "UniqServReqID")
    }
    own |= {"UniqCareProfTeamID": name, "ServTeamTypeRefToMH": "A06"}
    return own | {"ReferRejectionDate": None, "ReferRejectReason": None} | changes


def contact(name: str, day: Any, status: Any = "5", month: Any = 1490, **changes: Any) -> Row:
    """Write a row of MHS201CareContact."""
    row = {
        "UniqMonthID": month,
        "UniqSubmissionID": "1",
        "RecordNumber": "x",
        "UniqServReqID": "R1",
        "UniqCareContID": name,
        "CareContDate": day,
        "AttendStatus": status,
    }
    return row | changes


def table(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Turn rows into columns."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def extract(
    referrals: Sequence[Row],
    *,
    persons: Sequence[Row] | None = None,
    marks: Sequence[Row] | None = None,
    teams: Sequence[Row] | None = None,
    contacts: Sequence[Row] | None = None,
) -> Tables:
    """Put an extract together; every record gets its person and indicators unless they are given."""
    keys = {row["RecordNumber"]: row for row in referrals if row["RecordNumber"] is not None}
    if persons is None:
        persons = [
            person(record, row["Person_ID"], row["UniqMonthID"]) for record, row in keys.items()
        ]
    if marks is None:
        marks = [indicators(record, row["UniqMonthID"]) for record, row in keys.items()]
    tables = {
        "MHS001MPI": table(persons),
        "MHS005PatInd": table(marks),
        "MHS101Referral": table(referrals),
    }
    if teams is not None:
        tables["MHS102ServiceTypeReferredTo"] = table(teams)
    if contacts is not None:
        tables["MHS201CareContact"] = table(contacts)
    return tables


def read(tables: Any, backend: str | None = "polars", **choices: Any) -> camhs.MhsdsCohort:
    """Read an extract."""
    return camhs.read_mhsds(tables, backend=backend, **choices)


def column(cohort: camhs.MhsdsCohort, name: str) -> list[Any]:
    """Give a column of the cohort."""
    values = nw.from_native(cohort.frame)[name].to_list()
    return [None if value is None or value != value else value for value in values]


def flow(cohort: camhs.MhsdsCohort) -> list[tuple[str, int, int, int]]:
    """Give each step that took something out: its name, and rows, referrals and persons out."""
    out = []
    for step in cohort.flow.steps:
        gone = step.before - step.after
        assert (step.before.rows, gone.rows) == (step.after.rows + gone.rows, gone.rows)
        if step.name == "read":
            out.append(("read", step.after.rows, step.after.referrals, step.after.persons))
        elif gone.rows:
            out.append((step.name, gone.rows, gone.referrals, gone.persons))
    return out


def found(cohort: camhs.MhsdsCohort) -> dict[tuple[str, str], int]:
    """Give the findings: slug and column -> count, summed over tables."""
    counts: dict[tuple[str, str], int] = {}
    for row in nw.from_native(cohort.findings).iter_rows(named=True):
        key = (row["slug"], row["column"])
        counts[key] = counts.get(key, 0) + row["count"]
    return counts


def slug(error: type[MelogitError], tables: Any, match: str = "", **choices: Any) -> str:
    """Give the slug of the refusal of an extract."""
    with pytest.raises(error, match=match) as refused:
        read(tables, **choices)
    return refused.value.slug
