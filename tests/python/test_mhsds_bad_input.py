"""What is wrong with an extract is refused with a cure, or counted; nothing passes in silence."""

from __future__ import annotations

from typing import Any

import pandas as pd
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
    slug,
    team,
)

from melogit import ColumnNotFoundError, DataError, OptionError

ENGINES = ("pandas", "polars", "pyarrow")


# Identifiers


@pytest.mark.parametrize("backend", ENGINES)
def test_identifiers_are_mended_alike_in_all_tables(backend: str) -> None:
    rows = [
        referral("r1", " 77.0", RecordNumber="9001"),
        referral("R2..", "78", RecordNumber="NULL"),
    ]
    tables = extract(
        rows,
        persons=[person("9001.0", "77"), person("9002", "78")],
        marks=[indicators("\u00a09001")],
        contacts=[contact("c1", "2024-04-12", UniqServReqID="R1 ")],
    )
    cohort = read(tables, backend, outcomes="not_offered")
    assert column(cohort, "UniqServReqID") == ["R1", "R2"]
    assert column(cohort, "Person_ID") == ["77", "78"]
    assert column(cohort, "CPP") == ["1", None]
    assert column(cohort, "not_offered") == [0, 1]
    counts = found(cohort)
    assert counts["id-float", "RecordNumber"] == 1
    assert counts["id-no-value", "RecordNumber"] == 1
    assert counts["id-blanks", "RecordNumber"] == 1
    assert counts["id-case", "UniqServReqID"] == 1
    assert counts["id-dots", "UniqServReqID"] == 1
    assert counts["id-blanks", "Person_ID"] == 1
    assert counts["id-float", "Person_ID"] == 1


def test_case_that_carries_meaning_is_left_alone() -> None:
    """Pseudonyms in base 64 differ by case: upper case would make one person of two."""
    rows = [referral("R1", "aB1"), referral("R2", "AB1"), referral("r3", "ab1")]
    cohort = read(extract(rows), unit="first")
    assert sorted(column(cohort, "Person_ID")) == ["AB1", "aB1", "ab1"]
    assert column(cohort, "UniqServReqID") == ["R1", "R2", "R3"]
    assert found(cohort)["id-case-kept", "Person_ID"] == 1


@pytest.mark.parametrize("backend", ENGINES)
def test_identifiers_rounded_by_a_spreadsheet(backend: str) -> None:
    tables = extract([referral("R1", "1.23457E+15")])
    assert slug(DataError, tables, "Export the column as text", backend=backend) == (
        "identifiers-rounded"
    )


def test_floats_too_large_to_tell_apart() -> None:
    tables: dict[str, Any] = extract([referral("R1", "P1")])
    tables["MHS101Referral"]["Person_ID"] = [2.0**53]
    assert slug(DataError, tables, "Person_ID") == "float-precision"
    frames = {name: pd.DataFrame(table) for name, table in tables.items()}
    assert slug(DataError, frames, "Person_ID", backend=None) == "float-precision"


def test_rows_without_identifiers() -> None:
    rows = [
        referral(None, "P1"), referral("R2", None, RecordNumber=None), referral("R3", "P3"),
    ]  # fmt: skip
    contacts = [contact(None, "2024-04-12"), contact("C1", "2024-04-12", UniqServReqID=" ")]
    cohort = read(extract(rows, contacts=contacts), outcomes="not_offered")
    assert column(cohort, "UniqServReqID") == ["R2", "R3"]
    assert column(cohort, "Gender") == [None, "1"]
    assert flow(cohort) == [("read", 3, 2, 2), ("referral-nameless", 1, 0, 1)]
    assert found(cohort)["contact-nameless", ""] == 2
    assert found(cohort)["person-nameless", "Person_ID"] == 1


def test_not_one_person_found() -> None:
    tables = extract([referral()], persons=[person("1")])
    assert slug(DataError, tables, "leading zeros") == "no-person-found"


# Tables and columns


@pytest.mark.parametrize("name", ["MHS101Referral", "MHS001MPI", "MHS005PatInd"])
def test_a_missing_table(name: str) -> None:
    tables = extract([referral()])
    tables["notes"] = tables.pop(name)
    assert slug(DataError, tables, rf"{name}.*Found: .*notes") == "table-missing"


def test_tables_that_only_some_choices_need() -> None:
    row = old(referral(month=1488))
    assert slug(DataError, extract([row]), "MHS102ServiceTypeReferredTo") == "table-missing"
    tables = extract([referral()])
    assert slug(DataError, tables, "not_offered", outcomes="not_offered") == "table-missing"
    cohort = read(tables)
    assert column(cohort, "n_contacts") == [None]
    assert column(cohort, "first_contact") == [None]
    assert found(cohort)["table-absent", ""] == 2


@pytest.mark.parametrize("backend", ENGINES)
def test_empty_tables(backend: str) -> None:
    tables: dict[str, Any] = extract([referral()], contacts=[contact("C1", "2024-04-12")])
    headings: dict[str, Any] = {name: [] for name in tables["MHS201CareContact"]}
    for empty in ({}, headings):
        tables["MHS201CareContact"] = empty
        assert column(read(tables, backend), "n_contacts") == [0]
        assert slug(DataError, tables, "every referral", outcomes="not_offered") == "table-empty"
    tables["MHS005PatInd"] = {}
    cohort = read(tables, backend)
    assert column(cohort, "CPP") == [None]
    assert found(cohort)["table-empty", ""] == 2
    tables["MHS001MPI"] = {}
    assert column(read(tables, backend), "Gender") == [None]
    tables["MHS101Referral"] = {}
    assert slug(DataError, tables, "no rows", backend=backend) == "table-empty"


def test_a_missing_column() -> None:
    tables = extract([referral()])
    tables["MHS001MPI"]["EthnicCategry"] = tables["MHS001MPI"].pop("EthnicCategory")
    message = "no column EthnicCategory.*Did you mean 'EthnicCategry'.*Columns: UniqMonthID"
    assert slug(ColumnNotFoundError, tables, message) == "column-not-found"


def test_a_column_that_one_version_needs() -> None:
    """Version 5 rows do without the rejection on MHS101; version 6 rows do not."""
    rows = [old(referral("R1", month=1488)), old(referral("R2", "P2", month=1489))]
    teams = [team(rows[0], "T1")]
    assert (
        slug(ColumnNotFoundError, extract(rows, teams=teams), "from 1489 on") == "column-not-found"
    )
    tables = extract(rows[:1], teams=teams)
    del tables["MHS102ServiceTypeReferredTo"]["ReferRejectionDate"]
    assert slug(ColumnNotFoundError, tables, "up to 1488") == "column-not-found"


@pytest.mark.parametrize(
    ("table", "now", "other"),
    [
        ("MHS201CareContact", "AttendStatus", "AttendOrDNACode"),
        ("MHS201CareContact", "AttendStatus", "ATTENDSTATUS"),
        ("MHS101Referral", "UniqCareProfTeamLocalID", "UniqCareProfTeamID"),
        ("MHS101Referral", "Person_ID", " person_id "),
        ("MHS001MPI", "LSOA2011", "LSOA2021"),
        ("MHS102ServiceTypeReferredTo", "ServTeamTypeRefToMH", "ServTeamType"),
        ("MHS102ServiceTypeReferredTo", "UniqCareProfTeamID", "UniqOtherCareProfTeamLocalID"),
    ],
)
def test_columns_renamed_between_versions(table: str, now: str, other: str) -> None:
    row = referral()
    tables = extract([row], teams=[team(row, "T5")], contacts=[contact("C1", "2024-04-12")])
    expected = read(tables, "pandas", outcomes="not_offered").frame
    tables[table][other] = tables[table].pop(now)
    renamed = read(tables, "pandas", outcomes="not_offered").frame
    pd.testing.assert_frame_equal(renamed, expected)


def test_repeated_headings() -> None:
    tables = extract([referral()])
    tables["MHS001MPI"]["gender"] = ["2"]
    assert slug(DataError, tables, "differ in case") == "column-repeated"
    frames: dict[str, Any] = {
        name: pd.DataFrame(table) for name, table in extract([referral()]).items()
    }
    frames["MHS001MPI"].columns = ["Gender", *frames["MHS001MPI"].columns[1:]]
    assert slug(DataError, frames, "Gender", backend=None) == "column-repeated"


def test_nested_columns_and_unequal_ones() -> None:
    tables: dict[str, Any] = extract([referral()])
    tables["MHS001MPI"]["Gender"] = ["1", "2"]
    assert slug(DataError, tables, "differ in length") == "dict-lengths"
    frames = {name: pd.DataFrame(table) for name, table in extract([referral()]).items()}
    import polars as pl

    lists: dict[str, Any] = {name: pl.from_pandas(frame) for name, frame in frames.items()}
    lists["MHS001MPI"] = lists["MHS001MPI"].with_columns(Gender=pl.Series([["1"]]))
    assert slug(DataError, lists, "one value per row", backend=None) == "column-nested"


# Rows that contradict each other


@pytest.mark.parametrize("backend", ENGINES)
def test_contradicting_rows(backend: str) -> None:
    rows = [
        referral(SourceOfReferralMH="A1"),
        referral(SourceOfReferralMH="B1"),
        referral("R2", "P2"),
    ]
    message = r"UniqServReqID R1, UniqMonthID 1490, UniqSubmissionID 1\..*duplicate_keys='last'"
    assert slug(DataError, extract(rows), message, backend=backend) == "duplicate-keys"
    cohort = read(extract(rows), backend, duplicate_keys="last")
    assert column(cohort, "SourceOfReferralMH") == ["B1", "C1"]
    assert flow(cohort) == [("read", 3, 2, 2), ("conflicts", 1, 0, 0)]


@pytest.mark.parametrize("name", ["MHS001MPI", "MHS005PatInd", "MHS102", "MHS201CareContact"])
def test_contradicting_rows_of_other_tables(name: str) -> None:
    row = referral()
    record = row["RecordNumber"]
    tables = extract(
        [row],
        persons=[person(record, Gender="1"), *[person(record, Gender="2")] * (name == "MHS001MPI")],
        marks=[indicators(record), *[indicators(record, CPP="3")] * (name == "MHS005PatInd")],
        teams=[team(row, "T5"), *[team(row, "T5", ServTeamTypeRefToMH="C05")] * (name == "MHS102")],
        contacts=[contact("C1", "2024-04-12", "3"), *[contact("C1", "2024-04-12")] * (name == "MHS201CareContact")],
    )  # fmt: skip
    assert slug(DataError, tables, name) == "duplicate-keys"
    cohort = read(tables, duplicate_keys="last")
    assert found(cohort)["conflicts", ""] == 1
    last = {
        "MHS001MPI": ("Gender", "2"), "MHS005PatInd": ("CPP", "3"),
        "MHS102": ("all_team_types", "A06|C05"), "MHS201CareContact": ("n_contacts", 1),
    }[name]  # fmt: skip
    assert column(cohort, last[0]) == [last[1]]


def test_rows_without_a_submission_contradict_within_their_month() -> None:
    rows = [
        referral(UniqSubmissionID=None, RecordNumber="1"),
        referral(UniqSubmissionID=" ", RecordNumber="2"),
    ]
    assert slug(DataError, extract(rows), "R1") == "duplicate-keys"
    rows[1]["UniqSubmissionID"] = "0"
    cohort = read(extract(rows, persons=[person("2", Gender="2")]))
    assert column(cohort, "Gender") == ["2"]


# Codes and options


def test_unknown_attendance_is_not_attended_and_counted() -> None:
    contacts = [
        contact(f"C{i}", "2024-04-12", code) for i, code in enumerate(["9", None, "x", "05"])
    ]
    cohort = read(extract([referral()], contacts=contacts), outcomes=())
    assert column(cohort, "n_contacts") == [4]
    assert [str(day)[:10] for day in column(cohort, "first_attended")] == ["2024-04-12"]
    assert found(cohort)["attendance-unknown", "Attendance"] == 3
    stray = contact("C9", "2024-04-12", UniqServReqID="R7")
    cohort = read(extract([referral()], contacts=[stray]), outcomes=())
    assert found(cohort)["contact-stray", "UniqServReqID"] == 1


def test_a_table_that_ends_early_is_told() -> None:
    rows = [referral(month=1492)]
    cohort = read(extract(rows, contacts=[contact("C1", "2024-04-12")]))
    assert found(cohort)["table-short", "UniqMonthID"] == 2


@pytest.mark.parametrize(
    ("option", "value", "match"),
    [
        ("outcomes", "refused", "is not one of"),
        ("outcomes", ("rejected", "not_ofered"), "did you mean 'not_offered'"),
        ("duplicates", "yes", "'in', 'out', 'accepted'"),
        ("window", -1, "0 or more"),
        ("window", 1.5, "0 or more"),
        ("window", True, "0 or more"),
        ("ages", (17, 0), "larger number first"),
        ("ages", 17, "two whole numbers"),
        ("camhs", "C05", r"\{'C05'\}"),
        ("camhs", "publised", "did you mean 'published'"),
        ("camhs", (), "team types"),
        ("camhs", {5}, "team types"),
        ("unit", "person", "'all', 'first'"),
        ("months", (202304, 202312), "April 2023 is 1477"),
        ("months", (1490, 1489), "larger number first"),
        ("duplicate_keys", "first", "'refuse', 'last'"),
    ],
)
def test_options(option: str, value: Any, match: str) -> None:
    tables = extract([referral()])
    expected = f"{option.replace('_', '-')}-option"
    assert slug(OptionError, tables, match, **{option: value}) == expected


def test_local_frames_that_do_not_fit() -> None:
    tables = extract([referral()])
    assert (
        slug(ColumnNotFoundError, tables, "Person_ID", local={"id": ["P1"]}) == "column-not-found"
    )
    twice = {"Person_ID": ["P1", "p1"], "x": [1, 2]}
    assert slug(DataError, tables, "one row per", local=twice) == "local-repeated"
    taken = {"Person_ID": ["P1"], "CPP": ["1"]}
    assert slug(OptionError, tables, "'CPP'", local=taken) == "local-name-taken"
