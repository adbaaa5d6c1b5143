"""Dates written as text: three ways of writing them, and what is refused.

Inside the reader a date is its number of days since 1970, which every kind of frame can compare
and subtract; it becomes a real date again at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from melogit.camhs.mhsds import distinct
from melogit.camhs.mhsds.fields import Table
from melogit.camhs.mhsds.findings import Findings
from melogit.errors import DataError

NO_VALUE: Final = frozenset({"", "NULL", "NONE", "NAN", "NAT", "<NA>"})
"""Words that programs write for "no value" where an identifier or a date should be."""

_TIME = re.compile(r"[T ]\d{1,2}:\d\d.*$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_NAMED = re.compile(r"^(\d{1,2})[- ]([A-Z]{3})[- ](\d{4})$")
_MONTHS = {
    name: place
    for place, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_EPOCH = date(1970, 1, 1)
_YEARS = range(1900, 2101)

_WORDS = {
    "date-iso": "dates written as 2023-04-01",
    "date-slashes": "dates written as 01/04/2023, read with the day first",
    "date-named": "dates written as 01-Apr-2023",
    "date-with-time": "dates with a time of day, which was left out",
    "date-mended": "dates with blanks, dots or letters in lower case around them, mended",
    "date-no-value": "a word for 'no value', read as no date",
    "date-unreadable": "cannot be read as a date: no date",
}


@dataclass(slots=True)
class Reading:
    """One date text, taken apart."""

    days: float | None
    form: str
    time: bool
    mended: bool


def read_text(text: str) -> Reading:
    """Read one date.

    Examples
    --------
    >>> [read_text(t).days for t in ("2023-04-01", "01/04/2023", " 1-apr-2023.", "31/02/2023")]
    [19448.0, 19448.0, 19448.0, None]
    >>> read_text("2023-04-01T09:30:00").time
    True
    """
    stripped = text.strip()
    timed = _TIME.sub("", stripped)
    core = timed.rstrip(". ")
    plain = core.upper()
    if plain in NO_VALUE:
        return Reading(None, "date-no-value", time=False, mended=False)
    mended = stripped != text or core != timed or _lower(core)
    for form, pattern, order in (
        ("date-iso", _ISO, (1, 2, 3)),
        ("date-slashes", _SLASHED, (3, 2, 1)),
        ("date-named", _NAMED, (3, 2, 1)),
    ):
        found = pattern.match(plain)
        if found:
            days = _days(*(found[place] for place in order))
            if days is not None:
                return Reading(days, form, time=timed != stripped, mended=mended)
    return Reading(None, "date-unreadable", time=False, mended=False)


def read_column(
    frame: nw.DataFrame[Any], table: Table, column: str, findings: Findings
) -> nw.DataFrame[Any]:
    """Read a column of dates, and count how they were written.

    Raises
    ------
    DataError
        If the dates with slashes have the month first (slug ``dates-month-first``).
    """
    counts: dict[str, distinct.Remark] = {}
    evidence = {"day first": 0, "month first": 0}

    def parse(text: str) -> tuple[float | None, str]:
        reading = read_text(text)
        for place in _evidence(text):
            evidence[place] += 1
        said = [reading.form]
        said += ["date-with-time"] if reading.time else []
        said += ["date-mended"] if reading.mended else []
        return reading.days, "|".join(said)

    frame, remarks = distinct.read(frame, column, parse)
    for said, remark in remarks.items():
        for slug in said.split("|"):
            total = counts.setdefault(slug, distinct.Remark())
            total.rows += remark.rows
            total.texts = (total.texts + remark.texts)[:3]
    if evidence["month first"] and not evidence["day first"]:
        raise DataError(
            f"Column {column} of {table.name} has dates such as "
            f"{counts['date-unreadable'].texts[0]!r}, where the second number is above 12, and "
            "none where the first is: its dates with slashes have the month first, and dates such "
            "as 04/05/2023 would be misread in silence. Write the column as 2023-04-05.",
            slug="dates-month-first",
        )
    for slug, words in _WORDS.items():
        if slug in counts:
            shown = counts[slug].examples() if slug == "date-unreadable" else ""
            findings.add(slug, table.name, column, words, counts[slug].rows, examples=shown)
    return frame


def as_dates(frame: nw.DataFrame[Any], columns: list[str]) -> nw.DataFrame[Any]:
    """Turn days since 1970 into real dates.

    Examples
    --------
    >>> import polars as pl
    >>> print(as_dates(nw.from_native(pl.DataFrame({"seen": [0.0, None]})), ["seen"])["seen"][0])
    1970-01-01
    """
    made = []
    for column in columns:
        days = frame[column].cast(nw.Float64()).to_numpy()
        known = np.isfinite(days)
        values = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
        values[known] = days[known].astype(np.int64).astype("datetime64[D]")
        made.append(nw.new_series(column, values, backend=frame.implementation))
    return frame.with_columns(*made)


def _lower(text: str) -> bool:
    """Say whether the name of a month is all in lower case; "Apr" and "APR" are both usual."""
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and all(c.islower() for c in letters)


def _days(year: str, month: str, day: str) -> float | None:
    place = _MONTHS.get(month, 0) if month.isalpha() else int(month)
    try:
        found = date(int(year), place, int(day))
    except ValueError:
        return None
    return float((found - _EPOCH).days) if found.year in _YEARS else None


def _evidence(text: str) -> list[str]:
    """Say what a date with slashes reveals about the order of its numbers."""
    found = _SLASHED.match(_TIME.sub("", text.strip()).rstrip(". "))
    if not found:
        return []
    first, second = int(found[1]), int(found[2])
    if first > 12 >= second:
        return ["day first"]
    return ["month first"] if second > 12 >= first else []
