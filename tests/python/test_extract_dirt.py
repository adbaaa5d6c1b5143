"""The faults of an invented extract: each is in the tables as often as it says, and truth knows."""

from __future__ import annotations

from collections import defaultdict

import pytest
from extracted import DATES, VERSIONS, Row, cells, distinct, number, rows

from melogit import camhs
from melogit.camhs.extract import RATES


@pytest.fixture(scope="module", params=VERSIONS)
def dirty(request: pytest.FixtureRequest) -> camhs.Extract:
    return camhs.synthetic_extract(3000, version=request.param)


def only(**dirt: float) -> camhs.Extract:
    """An extract with one fault, which crosses the change of version."""
    extract = camhs.synthetic_extract(800, version="both", dirt=dirt)
    (name,) = dirt
    assert extract.planted[name] > 0
    assert all(count == 0 for other, count in extract.planted.items() if other != name)
    return extract


def test_spellings_are_counted_cell_by_cell(dirty: camhs.Extract) -> None:
    everything = cells(dirty)
    planted = dirty.planted
    assert sum(cell != cell.strip() for cell in everything) == planted["blanks"]
    assert sum(cell.endswith(".") for cell in everything) == planted["trailing_dots"]
    assert sum(cell.endswith(".0") for cell in everything) == planted["floats"]
    worded = {"AgeServReferRecDate", *DATES}
    names = {name for columns in dirty.tables.values() for name in columns} - worded
    assert sum(c != c.upper() for c in cells(dirty, *names)) == planted["lower_case"]
    padded = cells(dirty, "PrimReasonReferralMH", "ReferRejectReason", "ServTeamIntAgeGroup")
    assert sum(len(cell) == 1 for cell in padded) == planted["lost_zeros"]
    days = cells(dirty, *DATES)
    assert sum("/" in cell for cell in days) == planted["dates_day_first"]
    assert sum(cell[3:4].isalpha() for cell in days) == planted["dates_named_month"]
    invalid = {"EthnicCategory": "Q", "GenderIDCode": "8", "CPP": "7", "SourceOfReferralMH": "Z9"}
    found = sum(cells(dirty, name).count(code) for name, code in invalid.items())
    assert found == planted["invalid_codes"]
    unused = {"duplicate_keys"}
    assert all(count > 0 for name, count in planted.items() if name not in unused)


def test_copies_are_exact_and_counted(dirty: camhs.Extract) -> None:
    spare = 0
    for columns in dirty.tables.values():
        table = list(zip(*columns.values(), strict=True))
        spare += len(table) - len(set(table))
    assert spare == dirty.planted["duplicate_rows"]


def test_dates_keep_their_meaning() -> None:
    extract = only(dates_day_first=0.2)
    iso = camhs.synthetic_extract(800, version="both", dirt=False)
    for cell, true in zip(cells(extract, *DATES), cells(iso, *DATES), strict=True):
        day = "-".join(reversed(cell.split("/"))) if "/" in cell else cell
        assert day == true


def test_impossible_ages() -> None:
    extract = only(impossible_ages=0.05)
    ages = distinct(rows(extract.tables["MHS101Referral"]), "UniqServReqID", "AgeServReferRecDate")
    wrong = {name for name, found in ages.items() if found & {"-3", "130", "abc"}}
    assert len(wrong) == extract.planted["impossible_ages"]
    unknown = [row["UniqServReqID"] for row in rows(extract.truth) if row["age"] is None]
    assert set(unknown) == wrong


def test_closed_before_received() -> None:
    extract = only(closed_before_received=0.05)
    table = rows(extract.tables["MHS101Referral"])
    wrong = {
        row["UniqServReqID"]
        for row in table
        if row["ServDischDate"] and row["ServDischDate"] < row["ReferralRequestReceivedDate"]
    }
    assert len(wrong) == extract.planted["closed_before_received"]
    told = [r for r in rows(extract.truth) if (r["closed_date"] or "9") < r["referral_date"]]
    assert {row["UniqServReqID"] for row in told} == wrong


def test_contacts_before_received() -> None:
    extract = only(contacts_before_received=0.05)
    received = dict(
        zip(extract.truth["UniqServReqID"], extract.truth["referral_date"], strict=True)
    )
    table = rows(extract.tables["MHS201CareContact"])
    early = {
        row["UniqCareContID"]
        for row in table
        if row["CareContDate"] < received[row["UniqServReqID"]]
    }
    assert len(early) == extract.planted["contacts_before_received"]
    for row in rows(extract.truth):
        assert row["first_contact"] is None or row["first_contact"] >= row["referral_date"]


def test_late_corrections() -> None:
    extract = only(late_corrections=0.1)
    table = rows(extract.tables["MHS101Referral"])
    sources = distinct(table, "UniqServReqID", "SourceOfReferralMH")
    changed = {name for name, found in sources.items() if len(found) > 1}
    assert len(changed) == extract.planted["late_corrections"]
    last = {row["UniqServReqID"]: row for row in sorted(table, key=number)}
    for row in rows(extract.truth):
        assert last[row["UniqServReqID"]]["SourceOfReferralMH"] == row["SourceOfReferralMH"]


def test_late_person_corrections() -> None:
    extract = only(late_person_corrections=0.1)
    table = rows(extract.tables["MHS001MPI"])
    groups = distinct(table, "Person_ID", "EthnicCategory")
    assert (
        sum(len(found) > 1 for found in groups.values())
        == (extract.planted["late_person_corrections"])
    )
    at = {(row["Person_ID"], int(row["UniqMonthID"])): row["EthnicCategory"] for row in table}
    for row in rows(extract.truth):
        assert at[row["Person_ID"], row["UniqMonthID"]] == (row["EthnicCategory"] or "")


def test_resubmission_corrections() -> None:
    extract = only(resubmission_corrections=0.3)
    table = sorted(rows(extract.tables["MHS101Referral"]), key=number)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in table:
        found[row["UniqMonthID"], row["UniqServReqID"]].append(row["PrimReasonReferralMH"])
    changed = sum(len(set(reasons)) > 1 for reasons in found.values())
    assert changed == extract.planted["resubmission_corrections"]
    reasons = {(row["UniqServReqID"]): row["PrimReasonReferralMH"] for row in table}
    for row in rows(extract.truth):
        assert reasons[row["UniqServReqID"]] == (row["PrimReasonReferralMH"] or "")


def test_contact_corrections() -> None:
    extract = only(contact_corrections=0.1)
    table = sorted(rows(extract.tables["MHS201CareContact"]), key=number)
    statuses = distinct(table, "UniqCareContID", "AttendStatus")
    changed = sum(len(found) > 1 for found in statuses.values())
    assert changed == extract.planted["contact_corrections"]
    final = {row["UniqCareContID"]: row for row in table}.values()
    attended: dict[str, str] = {}
    for row in final:
        if row["AttendStatus"] in ("5", "6"):
            earliest = min(row["CareContDate"], attended.get(row["UniqServReqID"], "9"))
            attended[row["UniqServReqID"]] = earliest
    for row in rows(extract.truth):
        assert row["first_attended"] == attended.get(row["UniqServReqID"])


def test_missing_persons() -> None:
    extract = only(missing_mpi=0.05)
    present = set(extract.tables["MHS001MPI"]["Person_ID"])
    lost = [row for row in rows(extract.truth) if row["Person_ID"] not in present]
    assert len(lost) == extract.planted["missing_mpi"]
    for row in lost:
        assert {row[k] for k in ("Gender", "GenderIDCode", "EthnicCategory", "LSOA")} == {None}
    assert {row["Person_ID"] for row in lost} <= set(extract.tables["MHS005PatInd"]["Person_ID"])


def test_duplicate_keys_only_when_asked_for() -> None:
    extract = camhs.synthetic_extract(800, dirt=False, duplicate_keys=True)
    keys: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows(extract.tables["MHS101Referral"]):
        keys[row["UniqSubmissionID"], row["UniqServReqID"]].append(row)
    twice = [found for found in keys.values() if len(found) > 1]
    assert len(twice) == extract.planted["duplicate_keys"] > 0
    true = {r["UniqServReqID"]: r["SourceOfReferralMH"] for r in rows(extract.truth)}
    for stale, last in twice:
        assert stale["SourceOfReferralMH"] != last["SourceOfReferralMH"]
        assert last["SourceOfReferralMH"] == true[last["UniqServReqID"]]


@pytest.mark.parametrize("name", sorted(RATES))
def test_each_fault_can_be_planted_alone(name: str) -> None:
    only(**{name: 0.2})
