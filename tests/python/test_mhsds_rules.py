"""Each rule by itself, on tables of a few rows, with the flow written by hand."""

from __future__ import annotations

import datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pytest
from mhsds_tables import (
    column,
    contact,
    extract,
    flow,
    found,
    indicators,
    old,
    person,
    read,
    referral,
    team,
)

from melogit.camhs.mhsds import codes
from melogit.camhs.mhsds.duplicates import without_conflicts
from melogit.camhs.mhsds.fields import REFERRALS
from melogit.camhs.mhsds.latest import latest

ENGINES = ("pandas", "polars", "pyarrow")


def test_latest_record_by_month_then_submission() -> None:
    """Submission 10 comes after submission 9, and either month before both loses."""
    tables = extract(
        [
            referral(month=1490, UniqSubmissionID="10", SourceOfReferralMH="right"),
            referral(month=1489, UniqSubmissionID="99", SourceOfReferralMH="month"),
            referral(month=1490, UniqSubmissionID="9", SourceOfReferralMH="submission"),
        ]
    )
    cohort = read(tables)
    assert column(cohort, "SourceOfReferralMH") == ["right"]
    assert column(cohort, "UniqMonthID") == [1490]
    assert flow(cohort) == [("read", 3, 1, 1), ("latest", 2, 0, 0)]


def test_person_fields_come_with_the_record_number() -> None:
    rows = [referral(month=1489), referral(month=1490), referral("R2", "P2", month=1490)]
    tables = extract(
        rows,
        persons=[
            person("P1-1489-1", EthnicCategory="Z"),
            person("P1-1490-1", EthnicCategory=" c "),
        ],
        marks=[indicators("P1-1490-1", CPP="3"), indicators("P2-1490-1", LACStatus="Y")],
    )
    cohort = read(tables)
    assert column(cohort, "EthnicCategory") == [" c ", None]
    assert column(cohort, "CPP") == ["3", "1"]
    assert column(cohort, "LACStatus") == ["N", "Y"]
    assert found(cohort)["person-missing", "RecordNumber"] == 1
    assert ("indicators-missing", "RecordNumber") not in found(cohort)


@pytest.mark.parametrize("month", [1488, 1489])
def test_the_month_decides_which_table_is_believed(month: int) -> None:
    """Month 1488 takes team and rejection from MHS102, month 1489 from the referral itself."""
    row = referral(month=month, ServTeamIntAgeGroup="02", ServTeamType="B01", ReferRejectReason="02",
                   ReferRejectionDate="2024-04-20", UniqCareProfTeamLocalID="T9")  # fmt: skip
    cohort = read(extract([row], teams=[team(row, "T1", ServTeamTypeRefToMH="C05")]))
    new = month == 1489
    assert column(cohort, "rejected") == [int(new)]
    assert column(cohort, "team_id") == ["T9" if new else "T1"]
    assert column(cohort, "team_type") == ["B01" if new else "C05"]
    assert column(cohort, "ServTeamIntAgeGroup") == ["02" if new else None]
    assert column(cohort, "all_team_types") == ["B01|C05" if new else "C05"]
    assert column(cohort, "rejection_date") == [datetime.date(2024, 4, 20) if new else None]


def test_one_record_of_each_version() -> None:
    rows = [referral("R1", month=1489), old(referral("R2", "P2", month=1488))]
    tables = extract(rows, teams=[team(rows[1], "T2", ReferRejectionDate="2024-03-01")])
    assert column(read(tables), "rejected") == [0, 1]
    # A referral of version 5 that goes on is read by version 6 from then on.
    tables["MHS101Referral"]["UniqServReqID"] = ["R1", "R1"]
    assert column(read(tables), "rejected") == [0]


@pytest.mark.parametrize(
    ("dates", "rejected", "own"),
    [
        ((None, None), 0, "T1"),
        (("2024-03-01", None), 0, "T2"),
        ((None, "2024-03-02"), 0, "T1"),
        (("2024-03-01", "2024-03-02"), 1, "T1"),
    ],
)
def test_several_teams_of_version_5(dates: tuple[Any, Any], rejected: int, own: str) -> None:
    """Rejected if every team rejected it; the team is the first that did not, else the first."""
    row = old(referral(month=1480))
    teams = [
        team(row, "T2", ReferRejectionDate=dates[1], ServTeamTypeRefToMH="C10"),
        team(row, "T1", ReferRejectionDate=dates[0], ServTeamTypeRefToMH="A06"),
    ]
    cohort = read(extract([row], teams=teams))
    assert column(cohort, "rejected") == [rejected]
    assert column(cohort, "team_id") == [own]
    assert column(cohort, "all_team_types") == ["A06|C10"]


def test_a_referral_without_a_team() -> None:
    rows = [old(referral("R1", month=1480)), old(referral("R2", "P2", month=1480))]
    cohort = read(extract(rows, teams=[team(rows[0], "T1", ServTeamTypeRefToMH="  ")]))
    assert column(cohort, "team_type") == ["  ", None]
    assert column(cohort, "all_team_types") == [None, None]
    assert column(cohort, "rejected") == [0, 0]
    assert found(cohort)["team-missing", "TeamType"] == 1


REASONS = [" 1.0", "01", "02", None]


@pytest.mark.parametrize(
    ("duplicates", "rejected", "out"),
    [
        ("in", [1, 1, 1, 1, 0], []),
        ("accepted", [0, 0, 1, 1, 0], []),
        ("out", [1, 1, 0], [("duplicate", 2, 2, 2)]),
    ],
)
def test_duplicates(duplicates: str, rejected: list[int], out: list[Any]) -> None:
    """The last one has the reason of a duplicate, and no date: it was not rejected."""
    rows = [
        referral(f"R{i}", f"P{i}", ReferRejectionDate="2024-05-01", ReferRejectReason=reason)
        for i, reason in enumerate(REASONS)
    ]
    rows.append(referral("R9", "P9", ReferRejectReason="01"))
    cohort = read(extract(rows), duplicates=duplicates)
    assert column(cohort, "rejected") == rejected
    assert flow(cohort) == [("read", 5, 5, 5), *out]
    assert found(cohort)["reason-without-date", "ReferRejectReason"] == 1
    assert found(cohort)["reason-unknown", "ReferRejectReason"] == 1


def test_not_offered_is_no_contact_at_all_from_the_day_of_referral_on() -> None:
    days = {"R0": "2024-04-09", "R1": "2024-04-10", "R2": "2025-01-01", "R3": None}
    rows = [referral(name, f"P{name}") for name in ("R0", "R1", "R2", "R3", "R4")]
    contacts = [
        contact(f"C{name}", day, status="3", UniqServReqID=name) for name, day in days.items()
    ]
    cohort = read(extract(rows, contacts=contacts), outcomes="not_offered")
    assert column(cohort, "not_offered") == [1, 0, 0, 1, 1]
    assert column(cohort, "n_contacts") == [1, 1, 1, 1, 0]
    assert column(cohort, "first_attended") == [None] * 5
    assert found(cohort)["contact-early", "CareContDate"] == 1
    assert found(cohort)["contact-undated", "CareContDate"] == 1


@pytest.mark.parametrize("backend", ENGINES)
def test_not_accessed_within_the_window(backend: str) -> None:
    """The extract ends on 31 May 2024; 20 days are complete for referrals up to 11 May."""
    rows = [referral(f"R{i}", f"P{i}") for i in range(5)]
    rows.append(referral("R5", "P5", ReferralRequestReceivedDate="2024-05-11"))
    rows.append(referral("R6", "P6", ReferralRequestReceivedDate="2024-05-12"))
    contacts = [
        contact("C0", "2024-04-10", "5", UniqServReqID="R0"),
        contact("C1", "2024-04-30", "6.0", UniqServReqID="R1"),
        contact("C2", "2024-05-01", "5", UniqServReqID="R2"),
        contact("C3", "2024-04-11", "3", UniqServReqID="R3"),
        contact("C4", "2024-04-09", "5", UniqServReqID="R4"),
    ]
    tables = extract(rows, contacts=contacts)
    cohort = read(tables, backend, outcomes=["not_accessed"], window=20)
    assert column(cohort, "not_accessed") == [0, 0, 1, 1, 1, 1]
    assert flow(cohort) == [("read", 7, 7, 7), ("window", 1, 1, 1)]


def test_the_latest_row_of_a_contact_holds() -> None:
    """A contact that was corrected, moved to another referral, and one that was sent twice."""
    rows = [referral("R1", month=1491), referral("R2", "P2", month=1491)]
    contacts = [
        contact("C1", "2024-04-12", "5", 1490),
        contact("C1", "2024-04-12", "3", 1491),
        contact("C2", "2024-04-15", "5", 1490),
        contact("C2", "2024-04-15", "5", 1491, UniqServReqID="R2"),
        contact("C3", "2024-04-16", "5", 1490),
        contact("C3", "2024-04-16", "5", 1491),
    ]
    cohort = read(extract(rows, contacts=contacts), outcomes=())
    assert column(cohort, "n_contacts") == [2, 1]
    assert column(cohort, "first_contact") == [datetime.date(2024, 4, d) for d in (12, 15)]
    assert column(cohort, "first_attended") == [datetime.date(2024, 4, d) for d in (16, 15)]


@pytest.mark.parametrize("backend", ENGINES)
def test_ages(backend: str) -> None:
    written = ["0", "17", "18", "17.0", " 5 ", "-1", "130", "abc", None, "12.5"]
    rows = [referral(f"R{i}", f"P{i}", AgeServReferRecDate=age) for i, age in enumerate(written)]
    cohort = read(extract(rows), backend)
    assert column(cohort, "age") == [0, 17, 17, 5]
    assert flow(cohort) == [("read", 10, 10, 10), ("age-missing", 5, 5, 5), ("age", 1, 1, 1)]
    counts = found(cohort)
    assert counts["age-impossible", "AgeServReferRecDate"] == 2
    assert counts["age-unreadable", "AgeServReferRecDate"] == 2
    assert counts["age-mended", "AgeServReferRecDate"] == 2
    assert flow(read(extract(rows), backend, ages=None)) == [("read", 10, 10, 10)]
    assert column(read(extract(rows), backend, ages=(18, 18)), "UniqServReqID") == ["R2"]


def test_camhs_rules() -> None:
    """By type, by the age group of a team, by a further team; in lower case and with blanks too."""
    rows = [
        referral("R1", "P1", ServTeamType="C05"),
        referral("R2", "P2", ServTeamType="A06", ServTeamIntAgeGroup="2"),
        referral("R3", "P3", ServTeamType="A06"),
        referral("R4", "P4", ServTeamType=" c07."),
        referral("R5", "P5", ServTeamType="C10"),
    ]
    tables = extract(rows, teams=[team(rows[2], "T8", ServTeamTypeRefToMH="C06")])
    kept = column(read(tables, camhs="published"), "UniqServReqID")
    assert kept == ["R1", "R2", "R3", "R4"]
    cohort = read(tables, camhs={"c10", "C06"})
    assert column(cohort, "UniqServReqID") == ["R3", "R5"]
    assert flow(cohort) == [("read", 5, 5, 5), ("camhs", 3, 3, 3)]
    assert len(column(read(tables, camhs="any"), "age")) == 5


@pytest.mark.parametrize("backend", ENGINES)
def test_first_referral_of_a_person_in_the_cohort(backend: str) -> None:
    """The first one of P1 is of an adult's age, so the second is the first one in the cohort."""
    day = {"ReferralRequestReceivedDate": "2024-04-01"}
    rows = [
        referral("R1", "P1", AgeServReferRecDate="18", **day),
        referral("R3", "P1"),
        referral("R2", "P1"),
        referral("R4", "P2"),
        referral("R5", None, RecordNumber="none"),
    ]
    cohort = read(extract(rows), backend, unit="first")
    assert column(cohort, "UniqServReqID") == ["R2", "R4"]
    assert flow(cohort) == [
        ("read", 5, 5, 2),
        ("age", 1, 1, 0),
        ("person", 1, 1, 0),
        ("first", 1, 1, 0),
    ]


def test_months() -> None:
    """What was submitted outside of them does not exist."""
    rows = [referral(month=1489), referral(month=1490), referral("R2", "P2", month=1491)]
    rows[1]["SourceOfReferralMH"] = "A1"
    cohort = read(extract(rows), months=(1489, 1490))
    assert column(cohort, "SourceOfReferralMH") == ["A1"]
    assert flow(cohort) == [("read", 3, 2, 2), ("months", 1, 1, 1), ("latest", 1, 0, 0)]
    assert "April 2024" in cohort.rules["months"]


def test_copies_are_counted_and_go() -> None:
    """The same content counts as the same, however it is written."""
    rows = [referral(), referral(), referral(Person_ID=" p1 ", ServDischDate="")]
    rows[2]["ReferralRequestReceivedDate"] = "10/04/2024"
    rows[2]["RecordNumber"] = "p1-1490-1"
    cohort = read(extract(rows[:2]) | {"MHS101Referral": extract(rows)["MHS101Referral"]})
    assert flow(cohort) == [("read", 3, 1, 1), ("copies", 2, 0, 0)]
    assert found(cohort)["copies", ""] == 2


def test_local_columns_pass_through() -> None:
    rows = [referral("R1", "P1"), referral("R2", "P2"), referral("R3", "P3")]
    local = {"Person_ID": ["p2 ", "P1", "P9"], "child_in_need": ["yes", "no", "yes"]}
    cohort = read(extract(rows), local=local)
    assert column(cohort, "child_in_need") == ["no", "yes", None]
    assert list(nw.from_native(cohort.frame).columns)[-1] == "child_in_need"
    assert found(cohort)["local-missing", "Person_ID"] == 1
    assert flow(cohort) == [("read", 3, 3, 3)]


def test_oddities_are_kept_and_counted() -> None:
    rows = [
        referral("R1", "P1", ServDischDate="2024-04-09"),
        referral("R2", "P2", ServDischDate="2024-04-10", ReferRejectionDate="2024-04-01"),
        referral("R3", "P4", month=1489),
        referral("R3", "P3", month=1490),
    ]
    cohort = read(extract(rows))
    assert len(column(cohort, "age")) == 3
    assert found(cohort)["referral-after-closure", "ServDischDate"] == 1
    assert found(cohort)["rejection-before-referral", "ReferRejectionDate"] == 1
    assert found(cohort)["person-changed", "Person_ID"] == 1
    assert flow(cohort) == [("read", 4, 3, 4), ("latest", 1, 0, 1)]


def test_columns_and_types() -> None:
    tables = extract([referral()], contacts=[contact("C1", "2024-04-12")])
    for backend, real in (("pandas", "datetime64"), ("polars", "Date"), ("pyarrow", "date32")):
        cohort = read(tables, backend, outcomes=("rejected", "not_offered"))
        frame = nw.from_native(cohort.frame)
        assert frame.columns[:5] == [
            "UniqServReqID", "Person_ID", "OrgIDProv", "UniqMonthID", "referral_date",
        ]  # fmt: skip
        assert frame.columns[-3:] == ["n_contacts", "rejected", "not_offered"]
        native = cohort.frame.schema if backend != "pandas" else cohort.frame.dtypes
        kind = native.field("closed_date").type if backend == "pyarrow" else native["closed_date"]
        assert real in str(kind)
        for name in ("age", "n_contacts", "rejected_all", "not_offered", "UniqMonthID"):
            assert frame.schema[name] == nw.Int64, name
        assert nw.from_native(cohort.findings).implementation.value == backend
        assert nw.from_native(cohort.flow.frame()).implementation.value == backend


@pytest.mark.parametrize("backend", ENGINES)
def test_latest_record_of_many(backend: str) -> None:
    """Engines work on large tables in pieces, out of order: the answer must not show it."""
    n, referrals = 300_000, 100_000
    rows = np.random.default_rng(3).permutation(n)
    frame = nw.from_dict(
        {
            "UniqServReqID": [f"R{i % referrals}" for i in rows.tolist()],
            "UniqMonthID": 1480.0 + rows // referrals,
            "UniqSubmissionID": ["1"] * n,
            "position": rows,
        },
        backend=backend,
    )
    kept = latest(frame, "UniqServReqID")
    assert sorted(kept["position"].to_list()) == list(range(n - referrals, n))
    keyed = frame.rename({"position": "_row"})
    assert len(without_conflicts(keyed, REFERRALS, "refuse")) == n
    again = keyed.with_columns(UniqMonthID=nw.lit(1480.0))
    settled = without_conflicts(again, REFERRALS, "last")
    assert sorted(settled["_row"].to_list()) == list(range(n - referrals, n))


@pytest.mark.parametrize("backend", ENGINES)
def test_a_column_of_codes_is_mended_like_one_code(backend: str) -> None:
    written = [" c05.", "01", "1.0", "00", "0", "A06", "", "010", "x0", " ", "2.", "C05.00"]
    frame = nw.from_dict({"code": written}, backend=backend)
    assert frame.select(codes.compared("code"))["code"].to_list() == [
        codes.canonical(code) for code in written
    ]
