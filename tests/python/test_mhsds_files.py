"""Folders of files: names, parts, engines, and that they read the same as frames."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from mhsds_tables import column, contact, extract, found, old, read, referral, team
from mhsds_truth import plain_rows

from melogit import DataError, OptionError, camhs

ENGINES = ("pandas", "polars", "pyarrow")


@pytest.fixture
def tables() -> dict[str, dict[str, list[Any]]]:
    """Both versions, with something of every kind."""
    rows = [
        old(referral("R1", "P1", month=1487)),
        old(referral("R1", "P1", month=1488, ServDischDate="01/05/2024")),
        referral("R2", "P2", month=1489, ReferRejectionDate="20-Apr-2024", ReferRejectReason="1"),
        referral("R3", "P3", month=1489, SourceOfReferralMH='with, comma "quoted"'),
        referral("r4.", "P4", month=1490, ServTeamType=" c05"),
    ]
    teams = [team(row, name) for row in rows[:2] for name in ("T2", "T1")]
    contacts = [
        contact("C1", "2024-04-12"),
        contact("C2", "2024-04-13T10:00:00", UniqServReqID="R4"),
    ]
    return extract(rows, teams=teams, contacts=contacts)


def write(tables: dict[str, Any], folder: Path, kind: str) -> Path:
    folder.mkdir()
    for name, columns in tables.items():
        frame = pl.DataFrame(
            {n: [None if v is None else str(v) for v in vs] for n, vs in columns.items()}
        )
        if kind == "csv":
            frame.write_csv(folder / f"{name}.csv")
        else:
            frame.write_parquet(folder / f"{name}.parquet")
    return folder


def content(cohort: camhs.MhsdsCohort) -> Any:
    found = [tuple(row.items()) for row in plain_rows(cohort.findings)]
    return plain_rows(cohort.frame), cohort.flow.columns(), found, cohort.rules


@pytest.mark.parametrize("backend", ENGINES)
def test_csv_parquet_and_frames_are_the_same(tables: Any, tmp_path: Path, backend: str) -> None:
    choices: dict[str, Any] = {"outcomes": ("rejected", "not_offered"), "camhs": {"A06", "C05"}}
    expected = content(read(tables, backend, **choices))
    assert [row["UniqServReqID"] for row in expected[0]] == ["R1", "R2", "R3", "R4"]
    for kind in ("csv", "parquet"):
        folder = write(tables, tmp_path / kind, kind)
        for source in (folder, str(folder)):
            assert content(read(source, backend, **choices)) == expected
    frames = {
        "pandas": {name: pd.DataFrame(table) for name, table in tables.items()},
        "polars": {name: pl.DataFrame(table) for name, table in tables.items()},
        "pyarrow": {name: pa.table(table) for name, table in tables.items()},
    }[backend]
    cohort = read(frames, None, **choices)
    assert nw.from_native(cohort.frame).implementation.value == backend
    assert content(cohort) == expected


def test_typed_frames_read_like_text(tables: Any) -> None:
    """Whole numbers, floats with gaps, real dates, categories and booleans, as pandas makes them."""
    as_text = read(tables, "pandas", outcomes="not_offered")
    frames = {name: pd.DataFrame(table) for name, table in tables.items()}
    referrals = frames["MHS101Referral"]
    referrals["UniqMonthID"] = referrals["UniqMonthID"].astype("int64")
    referrals["AgeServReferRecDate"] = referrals["AgeServReferRecDate"].astype("float64")
    day = referrals["ReferralRequestReceivedDate"]
    referrals["ReferralRequestReceivedDate"] = pd.to_datetime(day)
    referrals["SourceOfReferralMH"] = referrals["SourceOfReferralMH"].astype("category")
    referrals["UniqSubmissionID"] = referrals["UniqSubmissionID"].astype("Int64")
    typed = read(frames, None, outcomes="not_offered")
    assert plain_rows(typed.frame) == plain_rows(as_text.frame)
    mixed = dict(frames)
    mixed["MHS001MPI"] = frames["MHS001MPI"].assign(
        Gender=np.array([1.0, None, 2, "1", True], dtype=object),
        GenderIDCode=[1.0, np.nan, 2, 1, 1],
    )
    cohort = read(mixed, None, ages=None)
    assert column(cohort, "Gender")[1:] == ["2", "1", "true"]
    assert column(cohort, "GenderIDCode")[1:] == ["2.0", "1.0", "1.0"]
    typed_polars = {name: pl.from_pandas(frame) for name, frame in frames.items()}
    again = read(typed_polars, None, outcomes="not_offered")
    assert plain_rows(again.frame) == plain_rows(as_text.frame)


def test_frames_of_different_kinds_go_together(tables: Any) -> None:
    expected = read(tables, "polars")
    mixed: dict[str, Any] = dict(tables)
    mixed["MHS101Referral"] = pl.DataFrame(tables["MHS101Referral"]).lazy()
    mixed["MHS001MPI"] = pd.DataFrame(tables["MHS001MPI"])
    mixed["MHS201CareContact"] = pa.table(tables["MHS201CareContact"])
    cohort = read(mixed, None)
    assert isinstance(cohort.frame, pl.DataFrame)
    assert plain_rows(cohort.frame) == plain_rows(expected.frame)
    assert isinstance(read(tables, None).frame, pd.DataFrame)


def test_names_and_parts(tables: Any, tmp_path: Path) -> None:
    """Prefix, suffix, case, folders of parts, other files beside them; rows in several parts."""
    expected = content(read(tables, "polars"))
    folder = write(tables, tmp_path / "extract", "csv")
    (folder / "MHS101Referral.csv").rename(folder / "whole.txt")
    whole = pl.read_csv(folder / "whole.txt", infer_schema=False)
    parts = folder / "MHS101Referral"
    parts.mkdir()
    # The part of version 5 lacks the columns of version 6, as it would.
    version_6 = ["UniqCareProfTeamLocalID", "ServTeamType", "ServTeamIntAgeGroup",
                 "ReferRejectionDate", "ReferRejectReason"]  # fmt: skip
    whole.head(2).drop(version_6).write_csv(parts / "part-00000.csv")
    whole.slice(2).select(sorted(whole.columns)).write_csv(parts / "part-00001.csv")
    (parts / "_SUCCESS").touch()
    (parts / ".part-00000.csv.crc").write_bytes(b"\x00")
    (folder / "MHS001MPI.csv").rename(folder / "trust_mhs001mpi_2024.CSV")
    (folder / "MHS005PatInd.csv").rename(folder / "dbo.MHS 005 PatInd (2).csv")
    (folder / "MHS003AccommStatus.csv").write_text("not,read\n")
    assert content(read(folder, "polars")) == expected


@pytest.mark.parametrize("backend", ENGINES)
def test_kinds_of_csv(tables: Any, tmp_path: Path, backend: str) -> None:
    """A byte order mark, semicolons, Windows line ends, compression, headings in another case."""
    expected = content(read(tables, backend))
    folder = write(tables, tmp_path / "extract", "csv")
    path = folder / "MHS001MPI.csv"
    text = path.read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n")
    head, _, body = text.partition("\r\n")
    path.write_bytes(
        b"\xef\xbb\xbf" + (head.lower().replace("gender;", " Gender ;") + "\r\n" + body).encode()
    )
    path = folder / "MHS005PatInd.csv"
    with path.open("rb") as plain, gzip.open(folder / "MHS005PatInd.csv.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    path.unlink()
    assert content(read(folder, backend)) == expected


def test_folders_that_cannot_be_read(tables: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist") as refused:
        read(tmp_path / "nowhere")
    assert refused.value.slug == "not-a-folder"
    folder = write(tables, tmp_path / "extract", "csv")
    with pytest.raises(DataError, match="is a file"):
        read(folder / "MHS001MPI.csv")
    shutil.copy(folder / "MHS001MPI.csv", tmp_path / "kept.csv")
    for broken in (b"", b"\xff\xfeU\x00n\x00i\x00q\x00", b"RecordNumber,Person_ID\n\xe9,\xe9\n"):
        (folder / "MHS001MPI.csv").write_bytes(broken)
        for backend in ENGINES:
            with pytest.raises((DataError, KeyError), match=r"MHS001MPI"):
                read(folder, backend)
    shutil.copy(tmp_path / "kept.csv", folder / "MHS001MPI.csv")
    (folder / "MHS001MPI.parquet").write_bytes(b"PAR1")
    for backend in ENGINES:
        with pytest.raises(DataError) as refused:
            read(folder, backend)
        assert refused.value.slug == "file-unreadable"
    pl.read_csv(folder / "MHS001MPI.csv").write_parquet(folder / "MHS001MPI.parquet")
    with pytest.raises(DataError, match="both as CSV and as Parquet") as refused:
        read(folder)
    assert refused.value.slug == "table-twice"


def test_sources_that_are_none() -> None:
    for source in (None, 3, [1]):
        with pytest.raises(OptionError) as refused:
            read(source, None)
        assert refused.value.slug == "not-an-extract"
    with pytest.raises(OptionError) as refused:
        read({"MHS101Referral": 3}, None)
    assert refused.value.slug == "not-a-frame"
    with pytest.raises(OptionError) as refused:
        read({}, "modin")
    assert refused.value.slug == "unknown-backend"


def test_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from melogit.camhs.mhsds import parts

    monkeypatch.setattr(parts, "installed", lambda name: False)
    for source in (tmp_path, {"MHS101Referral": {"UniqServReqID": ["R1"]}}):
        with pytest.raises(OptionError) as refused:
            read(source, None)
        assert refused.value.slug == "package-missing"


def test_lsoa_of_either_year() -> None:
    """Both columns side by side: the first that is filled counts, and the findings say how often."""
    rows = [referral("R1", "P1"), referral("R2", "P2"), referral("R3", "P3")]
    tables = extract(rows)
    tables["MHS001MPI"]["LSOA2011"] = ["E1", "", None]
    tables["MHS001MPI"]["LSOA2021"] = ["E9", "E2", None]
    cohort = read(tables)
    assert column(cohort, "LSOA") == ["E1", "E2", None]
    assert found(cohort)["heading", "LSOA2011"] == 1
    assert found(cohort)["heading", "LSOA2021"] == 2
