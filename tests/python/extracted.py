"""Reading an invented extract by hand: its rows, its cells, and which record is the latest."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from melogit import camhs

KEY = ["UniqMonthID", "UniqSubmissionID", "RecordNumber"]
MPI = [*KEY, "Person_ID", "OrgIDProv", "Gender", "GenderIDCode", "EthnicCategory"]
DATES = ["ReferralRequestReceivedDate", "ServDischDate", "ReferRejectionDate", "CareContDate"]
VERSIONS = [5, 6, "both"]
Row = dict[str, Any]


def rows(columns: dict[str, Any]) -> list[Row]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def cells(extract: camhs.Extract, *names: str) -> list[str]:
    """All cells of the named columns, or of all columns, in all tables."""
    return [
        cell
        for columns in extract.tables.values()
        for name, column in columns.items()
        if not names or name in names
        for cell in column.tolist()
    ]


def distinct(table: list[Row], key: str, value: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in table:
        found[row[key]].add(row[value])
    return found


def number(row: Row) -> tuple[int, int]:
    return int(row["UniqMonthID"]), int(row["UniqSubmissionID"])
