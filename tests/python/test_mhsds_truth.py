"""On generated extracts, whose truth is known, the reader's cohort is the true one, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from mhsds_truth import expected_rows, permuted, plain_rows

from melogit import DataError, camhs

ENGINES = ("pandas", "polars", "pyarrow")
CHOICES: list[dict[str, Any]] = [
    {},
    {"outcomes": ("rejected", "not_offered"), "unit": "first"},
    {"outcomes": ("not_accessed",), "window": 90, "duplicates": "out", "unit": "first"},
    {"outcomes": ("rejected", "not_accessed"), "window": 0, "duplicates": "accepted"},
    {"camhs": "published", "ages": None},
    {"camhs": {"A06", "C10"}, "ages": (5, 16), "unit": "first"},
]


def last_day(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Give the end of the extract's last month; worked out without the reader."""
    months = tables["MHS101Referral"]["UniqMonthID"]
    last = max(int(str(month).strip().split(".")[0]) for month in months)
    year, place = 1900 + (last - 1) // 12, (last - 1) % 12 + 4
    year, place = (year + 1, place - 12) if place > 12 else (year, place)
    days = (31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[place - 1]
    return f"{year}-{place:02d}-{days}"


def check(tables: Any, extract: Any, backend: str | None = None, **choices: Any) -> Any:
    cohort = camhs.read_mhsds(tables, backend=backend, **choices)
    expected = expected_rows(
        extract.truth, end=last_day(extract.tables),
        **{name: value for name, value in choices.items() if name != "duplicate_keys"},
    )  # fmt: skip
    found = plain_rows(cohort.frame)
    assert [row["UniqServReqID"] for row in found] == [row["UniqServReqID"] for row in expected]
    names = {name for row in expected for name in row}
    differing = [
        (f["UniqServReqID"], name, f[name], e[name])
        for f, e in zip(found, expected, strict=True)
        for name in names
        if f[name] != e[name]
    ]
    assert differing == []
    assert not expected or set(found[0]) == names
    flow = nw.from_native(cohort.flow.frame())
    for unit in ("rows", "referrals", "persons"):
        rows = zip(
            *(flow[f"{unit}_{part}"].to_list() for part in ("in", "out", "remaining")), strict=True
        )
        assert all(came - went == stayed for came, went, stayed in rows)
        assert flow[f"{unit}_in"].to_list()[1:] == flow[f"{unit}_remaining"].to_list()[:-1]
    assert cohort.flow.remaining.rows == len(found) == cohort.flow.remaining.referrals
    assert cohort.flow.remaining.persons == len({row["Person_ID"] for row in found})
    return cohort


@pytest.mark.parametrize("dirt", [False, True], ids=["clean", "dirty"])
@pytest.mark.parametrize("version", [5, 6, "both"])
@pytest.mark.parametrize("seed", [1, 2])
def test_cohort_is_the_truth(version: Any, seed: int, dirt: bool) -> None:
    """Every set of choices meets every kind of extract once."""
    extract = camhs.synthetic_extract(400, version=version, rng=seed, dirt=dirt)
    for choices in CHOICES[seed - 1 :: 2]:
        check(extract.tables, extract, backend="polars", **choices)


@pytest.mark.slow
@pytest.mark.parametrize("version", [5, 6, "both"])
@pytest.mark.parametrize("seed", range(100, 110))
def test_cohort_is_the_truth_at_length(version: Any, seed: int) -> None:
    extract = camhs.synthetic_extract(1000, version=version, rng=seed, months=30)
    for choices in CHOICES:
        check(extract.tables, extract, backend="polars", **choices)


@pytest.mark.parametrize("version", [5, 6, "both"])
@pytest.mark.parametrize("backend", ENGINES)
def test_every_engine_gives_the_truth(version: Any, backend: str) -> None:
    extract = camhs.synthetic_extract(250, version=version, rng=11)
    choices = {"outcomes": ("rejected", "not_offered", "not_accessed"), "window": 60}
    cohort = check(extract.tables, extract, backend=backend, **choices)
    assert nw.from_native(cohort.frame).implementation.value == backend


@pytest.mark.parametrize("backend", ENGINES)
def test_order_of_rows_does_not_matter(backend: str) -> None:
    extract = camhs.synthetic_extract(200, version="both", rng=5)
    as_given = check(extract.tables, extract, backend=backend)
    shuffled = check(permuted(extract.tables, 7), extract, backend=backend)
    assert as_given.flow.columns() == shuffled.flow.columns()
    assert as_given._found.columns() == shuffled._found.columns()


def test_contradicting_rows() -> None:
    extract = camhs.synthetic_extract(300, version="both", rng=3, duplicate_keys=True)
    with pytest.raises(DataError) as refused:
        camhs.read_mhsds(extract.tables)
    assert refused.value.slug == "duplicate-keys"
    cohort = check(extract.tables, extract, backend="polars", duplicate_keys="last")
    out = {step.name: (step.before - step.after).rows for step in cohort.flow.steps}
    assert out["conflicts"] == extract.planted["duplicate_keys"]


@pytest.mark.parametrize("version", [5, 6, "both"])
def test_dirt_is_counted(version: Any) -> None:
    """What was planted is what was found, where the reader and not the codebook is to find it."""
    extract = camhs.synthetic_extract(400, version=version, rng=4)
    cohort = check(extract.tables, extract, backend="polars")
    counts: dict[str, int] = {}
    for row in nw.from_native(cohort.findings).iter_rows(named=True):
        counts[row["slug"]] = counts.get(row["slug"], 0) + row["count"]
    planted = extract.planted
    assert counts["copies"] == planted["duplicate_rows"]
    assert counts["date-slashes"] == planted["dates_day_first"]
    assert counts["date-named"] == planted["dates_named_month"]
    assert counts["person-missing"] == planted["missing_mpi"]
    assert counts["referral-after-closure"] == planted["closed_before_received"]
    assert counts["contact-early"] == planted["contacts_before_received"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_written_extracts_read_like_frames(kind: str, tmp_path: Path) -> None:
    extract = camhs.synthetic_extract(200, version="both", rng=6)
    for name, columns in extract.tables.items():
        frame = pl.DataFrame({heading: list(values) for heading, values in columns.items()})
        if kind == "csv":
            frame.write_csv(tmp_path / f"{name}.csv")
        else:
            frame.write_parquet(tmp_path / f"{name}.parquet")
    from_files = check(tmp_path, extract, outcomes=("rejected", "not_offered"))
    from_frames = check(extract.tables, extract, "polars", outcomes=("rejected", "not_offered"))
    assert from_files.frame.equals(from_frames.frame)
    assert from_files.findings.equals(from_frames.findings)


def test_local_columns_of_a_generated_extract() -> None:
    extract = camhs.synthetic_extract(200, rng=8)
    cohort = check_local(extract)
    assert cohort.flow.remaining.rows == len(plain_rows(cohort.frame))


def check_local(extract: Any) -> Any:
    """Join the generator's local records, and compare them person by person."""
    local = {name: list(values) for name, values in extract.local.items()}
    cohort = camhs.read_mhsds(extract.tables, local=local, backend="polars")
    own = [name for name in local if name != "Person_ID"]
    by_person = dict(
        zip(local["Person_ID"], zip(*(local[name] for name in own), strict=True), strict=True)
    )
    for row in plain_rows(cohort.frame):
        expected = by_person.get(row["Person_ID"])
        assert tuple(row[name] for name in own) == tuple(expected or [None] * len(own))
    return cohort
