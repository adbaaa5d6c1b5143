"""Months and dates of an extract: every way of writing them is read and counted, or refused with a cure."""

from __future__ import annotations

import pytest
from mhsds_tables import column, extract, flow, found, read, referral, slug

from melogit import DataError

ENGINES = ("pandas", "polars", "pyarrow")


# Months


@pytest.mark.parametrize("month", ["202404", "2024-04", "2024-04-01", "202404.0"])
def test_calendar_months_are_refused_with_the_number(month: str) -> None:
    text = extract([referral(month=month)])
    assert slug(DataError, text, "April 2024 is 1489") == "month-calendar"


def test_months_that_say_nothing() -> None:
    rows = [
        referral("R1", month=" 1490.0"),
        referral("R2", "P2", month="soon"),
        referral("R3", month=None),
    ]
    cohort = read(extract(rows))
    assert column(cohort, "UniqMonthID") == [1490]
    assert flow(cohort) == [("read", 3, 3, 2), ("month-missing", 2, 2, 1)]
    assert found(cohort)["month-unreadable", "UniqMonthID"] == 3
    assert slug(DataError, extract([referral(month="soon")]), "no row") == "table-empty"
    assert slug(DataError, extract([referral()]), "asked for", months=(1400, 1410)) == "table-empty"


# Dates


@pytest.mark.parametrize("backend", ENGINES)
def test_dates_in_every_way_of_writing(backend: str) -> None:
    written = [
        "2024-04-01", "01/04/2024", "1/4/2024", "01-Apr-2024", "01-APR-2024", "1 apr 2024",
        "2024-04-01T09:30:00", "2024-04-01 00:00:00.000", " 2024-04-01. ", "01/04/2024 10:15",
    ]  # fmt: skip
    rows = [
        referral(f"R{i}", f"P{i}", ReferralRequestReceivedDate=day) for i, day in enumerate(written)
    ]
    cohort = read(extract(rows), backend)
    assert {str(day)[:10] for day in column(cohort, "referral_date")} == {"2024-04-01"}
    assert len(column(cohort, "age")) == len(written)
    counts = found(cohort)
    assert counts["date-iso", "ReferralRequestReceivedDate"] == 4
    assert counts["date-slashes", "ReferralRequestReceivedDate"] == 3
    assert counts["date-named", "ReferralRequestReceivedDate"] == 3
    assert counts["date-with-time", "ReferralRequestReceivedDate"] == 3
    assert counts["date-mended", "ReferralRequestReceivedDate"] == 2


def test_dates_that_cannot_be_read() -> None:
    bad = ["31/02/2024", "2024-13-01", "01/04/24", "45383", "soon", "NULL", None, "9999-12-31",
           "13/04/2024", "04/13/2024"]  # fmt: skip
    rows = [
        referral(f"R{i}", f"P{i}", ReferralRequestReceivedDate=day) for i, day in enumerate(bad)
    ]
    cohort = read(extract(rows))
    assert column(cohort, "UniqServReqID") == ["R8"]
    assert flow(cohort) == [("read", 10, 10, 10), ("date", 9, 9, 9)]
    assert found(cohort)["date-unreadable", "ReferralRequestReceivedDate"] == 7
    assert found(cohort)["date-no-value", "ReferralRequestReceivedDate"] == 1
    rejected = extract([referral(ReferRejectionDate="soon", ReferRejectReason="02")])
    cohort = read(rejected)
    assert column(cohort, "rejected") == [0]
    assert found(cohort)["date-unreadable", "ReferRejectionDate"] == 1
    assert found(cohort)["reason-without-date", "ReferRejectReason"] == 1


@pytest.mark.parametrize("backend", ENGINES)
def test_month_first_is_refused(backend: str) -> None:
    rows = [
        referral("R1", ReferralRequestReceivedDate="04/05/2024"),
        referral("R2", ReferralRequestReceivedDate="04/13/2024"),
    ]
    assert slug(DataError, extract(rows), "'04/13/2024'", backend=backend) == "dates-month-first"
