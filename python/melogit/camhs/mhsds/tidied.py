"""The tables of an extract, read, mended, and free of rows that are there twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import ages, columns, dates, duplicates, identifiers, months
from melogit.camhs.mhsds.choices import Choices
from melogit.camhs.mhsds.fields import (
    CONTACTS,
    INDICATORS,
    NAMES,
    PERSONS,
    REFERRALS,
    TABLES,
    TEAMS,
    Table,
)
from melogit.camhs.mhsds.findings import Findings
from melogit.camhs.mhsds.flow import Steps
from melogit.camhs.mhsds.parts import Source
from melogit.errors import DataError

_CONTACT_OUTCOMES = {"not_offered", "not_accessed"}


@dataclass(frozen=True, slots=True)
class Tidied:
    """What the cohort is made from.

    Attributes
    ----------
    frames : dict
        Table -> its rows; a table that the extract lacks and the choices do not need is absent.
    sensitive : frozenset of str
        Identifiers whose case carries meaning.
    end : int
        Last month of MHS101Referral.
    steps : Steps
        The flow so far.
    """

    frames: dict[Table, nw.DataFrame[Any]]
    sensitive: frozenset[str]
    end: int
    steps: Steps


def tidy(source: Source, choices: Choices, findings: Findings) -> Tidied:
    """Read every table that is there and needed.

    Raises
    ------
    DataError
        If a table is missing (slug ``table-missing``) or empty (slug ``table-empty``).
    """
    raw = _read(source, choices, findings)
    raw, sensitive = identifiers.mend(raw, findings)
    for name in sorted(sensitive):
        words = "identifiers use both cases within one: case was left as it is"
        findings.add("id-case-kept", "", name, words, 1, "columns")
    for table in raw:
        for name in table.of_kind("date"):
            raw[table] = dates.read_column(raw[table], table, name, findings)
        for name in table.of_kind("age"):
            raw[table] = ages.read_column(raw[table], table, name, findings)
    steps = Steps(raw[REFERRALS], "rows of MHS101Referral as read")
    frames = {
        table: _settle(frame, table, choices, findings, steps if table is REFERRALS else None)
        for table, frame in raw.items()
    }
    referred = frames[REFERRALS]
    if not len(referred):
        raise DataError(
            f"{REFERRALS.name} has no row with a month number and an identifier of the referral"
            + (" in the months asked for." if choices.months else "."),
            slug="table-empty",
        )
    end = int(referred["UniqMonthID"].max())
    _warn_of_ends(frames, end, findings)
    return Tidied(frames, sensitive, end, steps)


def _read(source: Source, choices: Choices, findings: Findings) -> dict[Table, nw.DataFrame[Any]]:
    frames: dict[Table, nw.DataFrame[Any]] = {}
    # The referrals come first: their months say which of the other tables are needed.
    for table in sorted(TABLES, key=lambda table: table is not REFERRALS):
        parts = source.parts.get(table.number)
        needed = _needed(table, frames.get(REFERRALS), choices)
        if parts is None and needed:
            raise DataError(
                f"The extract has no table {NAMES[table.number]}, which {needed}. Found: "
                f"{source.shown()}. A table is found by its number (MHS{table.number}) in the name "
                "of a file or frame. If the extract was made without it, ask for it, or hand over "
                "frames with an empty mapping in its place: its fields will be missing.",
                slug="table-missing",
            )
        if parts is None:
            words = "not in the extract, and not needed for what was asked"
            findings.add("table-absent", table.name, "", words, 1, "tables")
            continue
        frame = columns.read_table(table, parts, source.backend, findings)
        if not len(frame):
            _empty(table, choices)
            words = "the table has no rows"
            findings.add("table-empty", table.name, "", words, 1, "tables")
        frames[table] = frame
    return frames


def _needed(table: Table, referrals: nw.DataFrame[Any] | None, choices: Choices) -> str:
    """Say why a table is needed, or nothing if it is not."""
    if table is REFERRALS:
        return "has the referrals"
    if table in (PERSONS, INDICATORS):
        return "has fields of the persons"
    if table is CONTACTS:
        asked = [name for name in choices.outcomes if name in _CONTACT_OUTCOMES]
        return f"the outcome {asked[0]} is read from" if asked else ""
    old = referrals is not None and len(
        referrals.filter(nw.col("UniqMonthID") <= months.LAST_OF_VERSION_5)
    )
    return "has teams and rejections up to March 2024" if old else ""


def _empty(table: Table, choices: Choices) -> None:
    asked = [name for name in choices.outcomes if name in _CONTACT_OUTCOMES]
    if table is CONTACTS and asked:
        raise DataError(
            f"{table.name} has no rows, so the outcome {asked[0]} would be 1 for every referral. "
            "The table was probably lost when the extract was made.",
            slug="table-empty",
        )
    if table is REFERRALS:
        raise DataError(f"{table.name} has no rows.", slug="table-empty")


def _settle(
    frame: nw.DataFrame[Any],
    table: Table,
    choices: Choices,
    findings: Findings,
    steps: Steps | None,
) -> nw.DataFrame[Any]:
    """Take out rows that cannot be placed, are not asked for, are copies, or have lost."""

    def note(name: str, words: str, kept: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
        return kept if steps is None else steps.take(name, words, kept)

    frame = note(
        "month-missing",
        "rows without a readable month number",
        frame.filter(~nw.col("UniqMonthID").is_null()),
    )
    if table is REFERRALS:
        named = frame.filter(~nw.col("UniqServReqID").is_null())
        words = "rows without an identifier of the referral"
        findings.add(
            "referral-nameless", table.name, "UniqServReqID", words, len(frame) - len(named)
        )
        frame = note("referral-nameless", words, named)
    if choices.months:
        first, last = choices.months
        within = (nw.col("UniqMonthID") >= first) & (nw.col("UniqMonthID") <= last)
        frame = note(
            "months", f"rows of months before {first} or after {last}", frame.filter(within)
        )
    kept = duplicates.without_copies(frame, table)
    words = "rows that agree with another one in every column used, left out"
    findings.add("copies", table.name, "", words, len(frame) - len(kept))
    frame = note("copies", "rows that are there already", kept)
    kept = duplicates.without_conflicts(frame, table, choices.duplicate_keys)
    words = "rows that contradict a later one under the same key, left out"
    findings.add("conflicts", table.name, "", words, len(frame) - len(kept))
    if choices.duplicate_keys == "last":
        note("conflicts", "rows that contradict a later one under the same key", kept)
    return kept


def _warn_of_ends(frames: dict[Table, nw.DataFrame[Any]], end: int, findings: Findings) -> None:
    """Count the months at the end of the extract that a table does not reach."""
    for table, frame in frames.items():
        if table is not REFERRALS and table is not TEAMS and len(frame):
            short = end - int(frame["UniqMonthID"].max())
            words = f"ends before {REFERRALS.name}, which ends in {months.named(end)}"
            findings.add("table-short", table.name, "UniqMonthID", words, max(short, 0), "months")
