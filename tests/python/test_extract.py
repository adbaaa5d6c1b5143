"""Invented extracts: what is promised of submissions holds, truth agrees, and files keep it all."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from extracted import DATES, KEY, MPI, VERSIONS, Row, cells, number, rows

from melogit import camhs
from melogit.camhs.extract import SWITCH
from melogit.camhs.extract.calendar import month_of

REFERRAL = [
    *KEY,
    "UniqServReqID",
    "Person_ID",
    "OrgIDProv",
    "ReferralRequestReceivedDate",
    "AgeServReferRecDate",
    "SourceOfReferralMH",
    "PrimReasonReferralMH",
    "ServDischDate",
]
TEAM_OF_REFERRAL = [
    "UniqCareProfTeamLocalID",
    "ServTeamType",
    "ServTeamIntAgeGroup",
    "ReferClosReason",
    "ReferRejectionDate",
    "ReferRejectReason",
]
COLUMNS = {
    "MHS005PatInd": [*KEY, "Person_ID", "CPP", "LACStatus"],
    "MHS102ServiceTypeReferredTo": [
        *KEY,
        "UniqServReqID",
        "UniqCareProfTeamID",
        "ServTeamTypeRefToMH",
        "ReferRejectionDate",
        "ReferRejectReason",
    ],
    "MHS102OtherServiceType": [
        *KEY,
        "UniqServReqID",
        "UniqOtherCareProfTeamLocalID",
        "ServTeamTypeRefToMH",
    ],
    "MHS201CareContact": [
        *KEY,
        "UniqServReqID",
        "UniqCareContID",
        "CareContDate",
        "AttendStatus",
    ],
}


def same(one: camhs.Extract, other: camhs.Extract) -> bool:
    return (
        one.planted == other.planted
        and one.lookup == other.lookup
        and all(
            np.array_equal(column, other.tables[table][name])
            for table, columns in one.tables.items()
            for name, column in columns.items()
        )
        and all(np.array_equal(column, other.truth[name]) for name, column in one.truth.items())
        and all(np.array_equal(column, other.local[name]) for name, column in one.local.items())
    )


@pytest.fixture(scope="module", params=VERSIONS)
def clean(request: pytest.FixtureRequest) -> camhs.Extract:
    return camhs.synthetic_extract(600, version=request.param, dirt=False)


@pytest.fixture(scope="module", params=VERSIONS)
def dirty(request: pytest.FixtureRequest) -> camhs.Extract:
    return camhs.synthetic_extract(3000, version=request.param)


def test_same_seed_same_extract_and_another_seed_another() -> None:
    one = camhs.synthetic_extract(300, version="both", rng=4)
    assert same(one, camhs.synthetic_extract(300, version="both", rng=4))
    assert not same(one, camhs.synthetic_extract(300, version="both", rng=5))
    drawn = [camhs.synthetic_extract(300, rng=np.random.default_rng(8)) for _ in range(2)]
    assert same(*drawn)


def test_dirt_leaves_the_world_as_it_is() -> None:
    clean = camhs.synthetic_extract(400, dirt=False).truth
    dirty = camhs.synthetic_extract(400).truth
    for name in ("UniqServReqID", "referral_date", "rejection_date", "team_id", "n_contacts"):
        assert np.array_equal(clean[name], dirty[name])


@pytest.mark.parametrize("version", VERSIONS)
def test_columns_of_each_version(version: Any) -> None:
    tables = camhs.synthetic_extract(300, version=version).tables
    further = ["MHS102ServiceTypeReferredTo"] * (version != 6)
    further += ["MHS102OtherServiceType"] * (version != 5)
    order = ["MHS001MPI", "MHS005PatInd", "MHS101Referral", *further, "MHS201CareContact"]
    assert list(tables) == order
    for name in COLUMNS.keys() & tables.keys():
        assert list(tables[name]) == COLUMNS[name]
    assert list(tables["MHS001MPI"]) == [*MPI, "LSOA2021" if version == 6 else "LSOA2011"]
    assert list(tables["MHS101Referral"]) == REFERRAL + TEAM_OF_REFERRAL * (version != 5)


def test_every_cell_is_text(dirty: camhs.Extract) -> None:
    assert {type(cell) for cell in cells(dirty)} == {str}
    for columns in dirty.tables.values():
        assert len({len(column) for column in columns.values()}) == 1


def test_months_are_on_their_side_of_the_change() -> None:
    tables = camhs.synthetic_extract(300, version="both", months=6, dirt=False).tables
    months = {name: set(map(int, columns["UniqMonthID"])) for name, columns in tables.items()}
    assert months["MHS101Referral"] == set(range(SWITCH - 3, SWITCH + 3))
    assert months["MHS102ServiceTypeReferredTo"] == set(range(SWITCH - 3, SWITCH))
    assert months["MHS102OtherServiceType"] == set(range(SWITCH, SWITCH + 3))
    for row in rows(tables["MHS101Referral"]):
        assert (row["ServTeamType"] == "") == (int(row["UniqMonthID"]) < SWITCH)


def test_a_referral_is_in_every_month_until_it_closes(clean: camhs.Extract) -> None:
    months: dict[str, set[int]] = defaultdict(set)
    closed: dict[str, set[int]] = defaultdict(set)
    received = {}
    for row in rows(clean.tables["MHS101Referral"]):
        months[row["UniqServReqID"]].add(int(row["UniqMonthID"]))
        received[row["UniqServReqID"]] = row["ReferralRequestReceivedDate"]
        if row["ServDischDate"]:
            closed[row["UniqServReqID"]].add(int(row["UniqMonthID"]))
    last = max(max(seen) for seen in months.values())
    for referral, seen in months.items():
        day = np.array([received[referral]], dtype="datetime64[D]").astype(np.int64)
        assert seen == set(range(int(month_of(day)[0]), max(seen) + 1))
        assert closed[referral] <= {max(seen)}
        assert closed[referral] or max(seen) == last


def test_records_are_one_person_at_one_provider_in_one_submission(clean: camhs.Extract) -> None:
    about: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for name in ("MHS001MPI", "MHS101Referral"):
        for row in rows(clean.tables[name]):
            key = (row["UniqMonthID"], row["UniqSubmissionID"], row["Person_ID"], row["OrgIDProv"])
            about[row["RecordNumber"]].add(key)
    assert all(len(keys) == 1 for keys in about.values())
    assert len(set().union(*about.values())) == len(about)
    for name in ("MHS001MPI", "MHS005PatInd"):
        numbers = clean.tables[name]["RecordNumber"].tolist()
        assert sorted(numbers) == sorted(about)


def test_a_part_is_submitted_again_in_the_same_month(clean: camhs.Extract) -> None:
    table = rows(clean.tables["MHS101Referral"])
    times = Counter((row["UniqMonthID"], row["UniqServReqID"]) for row in table)
    assert set(times.values()) == {1, 2}
    keys = Counter((row["UniqSubmissionID"], row["UniqServReqID"]) for row in table)
    assert set(keys.values()) == {1}
    order = sorted({(int(row["UniqMonthID"]), int(row["UniqSubmissionID"])) for row in table})
    assert [number for _, number in order] == sorted(number for _, number in order)


def test_every_row_hangs_on_a_referral_of_its_record(clean: camhs.Extract) -> None:
    known = {
        (row["RecordNumber"], row["UniqServReqID"]) for row in rows(clean.tables["MHS101Referral"])
    }
    for name in clean.tables.keys() - {"MHS001MPI", "MHS005PatInd"}:
        for row in rows(clean.tables[name]):
            assert (row["RecordNumber"], row["UniqServReqID"]) in known


def test_truth_agrees_with_the_latest_record(clean: camhs.Extract) -> None:
    latest: dict[str, Row] = {}
    for row in rows(clean.tables["MHS101Referral"]):
        kept = latest.setdefault(row["UniqServReqID"], row)
        if number(row) > number(kept):
            latest[row["UniqServReqID"]] = row
    persons = {row["RecordNumber"]: row for row in rows(clean.tables["MHS001MPI"])}
    area = "LSOA2021" if "LSOA2021" in clean.tables["MHS001MPI"] else "LSOA2011"
    truth = rows(clean.truth)
    assert {row["UniqServReqID"] for row in truth} == latest.keys()
    for row in truth:
        last = latest[row["UniqServReqID"]]
        assert int(last["UniqMonthID"]) == row["UniqMonthID"]
        assert last["ReferralRequestReceivedDate"] == row["referral_date"]
        assert int(last["AgeServReferRecDate"]) == row["age"]
        assert last["ServDischDate"] == (row["closed_date"] or "")
        for name in ("Person_ID", "OrgIDProv", "SourceOfReferralMH", "PrimReasonReferralMH"):
            assert last[name] == (row[name] or "")
        for name in ("Gender", "GenderIDCode", "EthnicCategory"):
            assert persons[last["RecordNumber"]][name] == (row[name] or "")
        assert persons[last["RecordNumber"]][area] == (row["LSOA"] or "")
        if row["UniqMonthID"] >= SWITCH:
            assert last["UniqCareProfTeamLocalID"] == row["team_id"]
            assert last["ServTeamIntAgeGroup"] == row["ServTeamIntAgeGroup"]
            assert last["ReferRejectionDate"] == (row["rejection_date"] or "")


def test_truth_keeps_the_spelling_of_the_latest_record(dirty: camhs.Extract) -> None:
    def mended(cell: str) -> str:
        return cell.strip().removesuffix(".0").removesuffix(".").upper()

    def key(row: Row) -> tuple[int, ...]:
        return tuple(int(mended(row[name])) for name in KEY)

    table = sorted(rows(dirty.tables["MHS101Referral"]), key=key)
    latest = {mended(row["UniqServReqID"]): row for row in table}
    persons = {key(row): row for row in rows(dirty.tables["MHS001MPI"])}
    indicators = {key(row): row for row in rows(dirty.tables["MHS005PatInd"])}
    nobody = dict.fromkeys(MPI, "")
    assert latest.keys() == set(dirty.truth["UniqServReqID"])
    for row in rows(dirty.truth):
        last = latest[row["UniqServReqID"]]
        person = persons.get(key(last), nobody)
        assert key(last)[0] == row["UniqMonthID"]
        assert mended(last["Person_ID"]) == row["Person_ID"]
        for name in ("SourceOfReferralMH", "PrimReasonReferralMH"):
            assert last[name] == (row[name] or "")
        for name in ("Gender", "GenderIDCode", "EthnicCategory"):
            assert person[name] == (row[name] or "")
        for name in ("CPP", "LACStatus"):
            assert indicators[key(last)][name] == (row[name] or "")
        if row["UniqMonthID"] >= SWITCH:
            assert last["ServTeamType"] == row["team_type"]
            assert last["ServTeamIntAgeGroup"] == row["ServTeamIntAgeGroup"]
            assert last["ReferRejectReason"] == (row["rejection_reason"] or "")


def test_the_team_is_the_first_that_did_not_refuse() -> None:
    extract = camhs.synthetic_extract(600, version=5, dirt=False)
    truth = {row["UniqServReqID"]: row for row in rows(extract.truth)}
    teams: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows(extract.tables["MHS102ServiceTypeReferredTo"]):
        teams[row["UniqMonthID"], row["UniqSubmissionID"], row["UniqServReqID"]].append(row)
    refused = 0
    for (month, _, referral), members in teams.items():
        if int(month) != truth[referral]["UniqMonthID"]:
            continue
        kept = [row for row in members if not row["ReferRejectionDate"]]
        assert bool(kept) == (truth[referral]["rejected_all"] == 0)
        first = min(kept or members, key=lambda row: row["UniqCareProfTeamID"])
        assert first["UniqCareProfTeamID"] == truth[referral]["team_id"]
        codes = sorted({row["ServTeamTypeRefToMH"] for row in members})
        assert "|".join(codes) == truth[referral]["all_team_types"]
        refused += 0 < len(kept) < len(members)
    assert refused > 0


def test_truth_of_contacts(clean: camhs.Extract) -> None:
    contacts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows(clean.tables["MHS201CareContact"]):
        contacts[row["UniqServReqID"]][row["UniqCareContID"]] = row["CareContDate"]
    for row in rows(clean.truth):
        days = contacts[row["UniqServReqID"]].values()
        assert row["n_contacts"] == len(days)
        assert row["first_contact"] == min(days, default=None)
        assert row["first_attended"] is None or row["first_attended"] >= row["first_contact"]


def test_rejection_is_dated_and_reasoned(clean: camhs.Extract) -> None:
    for row in rows(clean.truth):
        assert (row["rejected_all"] == 1) == (row["rejection_date"] is not None)
        assert (row["rejected_all"] == 1) == (row["rejection_reason"] is not None)
        assert (row["duplicate"] == 1) == (row["rejection_reason"] == "01")
        if row["rejection_date"]:
            assert row["referral_date"] <= row["rejection_date"] <= row["closed_date"]
    assert set(clean.truth["rejection_reason"]) == {None, "01", "02", "03"}


def test_without_dirt_the_tables_are_clean(clean: camhs.Extract) -> None:
    assert set(clean.planted.values()) == {0}
    assert all(cell == cell.strip().upper() and not cell.endswith(".") for cell in cells(clean))
    for cell in cells(clean, *DATES):
        assert cell == "" or date.fromisoformat(cell)
    for columns in clean.tables.values():
        table = list(zip(*columns.values(), strict=True))
        assert len(set(table)) == len(table)
    assert all(0 <= age <= 60 for age in clean.truth["age"])


def test_lookup_of_the_right_census_and_of_another() -> None:
    extract = camhs.synthetic_extract(2000, dirt=False)
    areas = {area for area in extract.truth["LSOA"] if area is not None}
    assert areas <= extract.lookup.keys()
    assert set(extract.lookup.values()) == {str(decile) for decile in range(1, 11)}
    unmatched = len(extract.lookup.keys() - extract.lookup_other.keys()) / len(extract.lookup)
    assert unmatched == pytest.approx(0.06, abs=0.005)
    assert all(code.startswith("E019") for code in [*extract.lookup, *extract.lookup_other])


def test_the_local_table_knows_what_the_national_one_does_not() -> None:
    extract = camhs.synthetic_extract(2000, dirt=False)
    local = rows(extract.local)
    assert len({row["Person_ID"] for row in local}) == len(local)
    assert {row["CINStatus"] for row in local} == {"open", "closed", "none"}
    opens = min(extract.truth["referral_date"])
    for row in local:
        assert (row["CINFrom"] != "") == (row["CINStatus"] != "none")
        assert (row["CINTo"] != "") == (row["CINStatus"] == "closed")
        assert row["CINFrom"] <= (row["CINTo"] or opens) <= opens


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_written_is_read_again(dirty: camhs.Extract, kind: Any, tmp_path: Path) -> None:
    import pandas as pd

    paths = dirty.write(tmp_path / "new" / "folder", kind)
    lookups = {
        name: {"LSOA": list(table), "IMDDecile": list(table.values())}
        for name, table in [("lookup", dirty.lookup), ("lookup_other", dirty.lookup_other)]
    }
    sheets: dict[str, Any] = {**dirty.tables, "local": dirty.local, **lookups}
    assert [path.stem for path in paths] == list(sheets)
    for path in paths:
        if kind == "csv":
            with path.open(encoding="utf-8", newline="") as file:
                header, *lines = list(csv.reader(file))
        else:
            frame = pd.read_parquet(path)
            header, lines = list(frame), frame.to_numpy().tolist()
        assert header == list(sheets[path.stem])
        assert lines == [list(row.values()) for row in rows(sheets[path.stem])]


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import polars as pl

    from melogit.camhs.extract import extract as module

    extract = camhs.synthetic_extract(50, months=3)
    monkeypatch.setattr(module, "installed", lambda name: False)
    path = extract.write(tmp_path, "parquet")[0]
    frame = pl.read_parquet(path)
    assert frame.rows() == [tuple(row.values()) for row in rows(extract.tables["MHS001MPI"])]
