"""The cohort that a generated extract must give, worked out from its truth in plain Python."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

DATES = ("referral_date", "rejection_date", "closed_date", "first_contact", "first_attended")


def plain_rows(frame: Any) -> list[dict[str, Any]]:
    """Give the rows of any frame as dicts of plain values: dates as ISO text, no value as None."""
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in nw.from_native(frame).iter_rows(named=True)
    ]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, str):
        return value
    return int(value)


def expected_rows(
    truth: Mapping[str, Any],
    *,
    end: str,
    outcomes: Collection[str] = ("rejected",),
    duplicates: str = "in",
    window: int = 365,
    ages: tuple[int, int] | None = (0, 17),
    camhs: str | Collection[str] = "any",
    unit: str = "all",
) -> list[dict[str, Any]]:
    """Apply the rules to the truth, referral by referral; `end` is the extract's last day."""
    kept = []
    for row in as_rows(truth):
        if ages is not None and not (row["age"] is not None and ages[0] <= row["age"] <= ages[1]):
            continue
        if not _admitted(row, camhs):
            continue
        if duplicates == "out" and row["duplicate"]:
            continue
        left = (date.fromisoformat(end) - date.fromisoformat(row["referral_date"])).days
        if "not_accessed" in outcomes and left < window:
            continue
        kept.append(row | _outcomes(row, outcomes, duplicates, window))
    kept.sort(key=lambda row: (row["referral_date"], row["UniqServReqID"]))
    if unit == "first":
        first: dict[str, dict[str, Any]] = {}
        for row in kept:
            first.setdefault(row["Person_ID"], row)
        kept = list(first.values())
    return kept


def as_rows(truth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Turn the truth's columns into rows of plain values."""
    columns = {name: list(values) for name, values in truth.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _admitted(row: Mapping[str, Any], camhs: str | Collection[str]) -> bool:
    types = {_code(text) for text in (row["all_team_types"] or "").split("|")}
    if camhs == "any":
        return True
    if camhs == "published":
        age_group = _code(row["ServTeamIntAgeGroup"] or "").lstrip("0")
        return bool(types & {"C05", "C06", "C07"}) or age_group == "2"
    return bool(types & set(camhs))


def _code(text: str) -> str:
    plain = text.strip().upper().rstrip(".")
    return plain.removesuffix(".0")


def _outcomes(
    row: Mapping[str, Any], outcomes: Collection[str], duplicates: str, window: int
) -> dict[str, int]:
    rejected = row["rejected_all"] and not (duplicates == "accepted" and row["duplicate"])
    accessed = False
    if row["first_attended"]:
        days = date.fromisoformat(row["first_attended"]) - date.fromisoformat(row["referral_date"])
        accessed = days.days <= window
    found = {
        "rejected": int(rejected),
        "not_offered": int(row["first_contact"] is None),
        "not_accessed": int(not accessed),
    }
    return {name: found[name] for name in outcomes}


def permuted(tables: Mapping[str, Mapping[str, Any]], seed: int) -> dict[str, dict[str, list[Any]]]:
    """Shuffle the rows of every table."""
    draw = random.Random(seed)
    shuffled = {}
    for name, table in tables.items():
        columns = {column: list(values) for column, values in table.items()}
        order = list(range(len(next(iter(columns.values())))))
        draw.shuffle(order)
        shuffled[name] = {column: [v[i] for i in order] for column, v in columns.items()}
    return shuffled
