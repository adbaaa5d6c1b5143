"""The parts of a table -> one frame of text under the reader's names, or an error with a cure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import cells, distinct, months
from melogit.camhs.mhsds.fields import BOTH, Field, Table
from melogit.camhs.mhsds.findings import Findings
from melogit.camhs.mhsds.parts import Part
from melogit.errors import ColumnNotFoundError, DataError

ROW = "_row"
"""Position of a row among all rows of its table, in the order of parts and rows as read."""

_SHOWN = 30


def read_table(
    table: Table, parts: Sequence[Part], backend: str, findings: Findings
) -> nw.DataFrame[Any]:
    """Read the columns of a table from all its parts, months as numbers, the rest as text.

    Raises
    ------
    ColumnNotFoundError
        If a part lacks a column that its rows cannot be read without (slug ``column-not-found``).
    DataError
        If headings repeat, or months are calendar months.
    """
    filled: dict[tuple[str, str], int] = {}
    frames = [_read_part(table, part, backend, filled) for part in parts]
    for (name, heading), rows in sorted(filled.items()):
        words = f"{name} was read from the heading {heading}"
        findings.add("heading", table.name, heading, words, rows)
    frame = nw.maybe_reset_index(nw.concat(frames)).with_row_index(ROW)
    frame, remarks = distinct.read(frame, "UniqMonthID", months.parse)
    for slug, words in (
        ("month-mended", "month numbers with blanks or '.0', mended"),
        ("month-unreadable", "not a month number: the row was left out"),
    ):
        said = remarks.get(slug, distinct.Remark())
        findings.add(slug, table.name, "UniqMonthID", words, said.rows, examples=said.examples())
    return frame.with_columns(nw.col(ROW).cast(nw.Int64()))


def _read_part(
    table: Table, part: Part, backend: str, filled: dict[tuple[str, str], int]
) -> nw.DataFrame[Any]:
    """Read one part; `filled` counts the values that came from headings of other names."""
    if not part.headings:
        return _empty(table, backend)
    held = _headings(part)
    where = {
        field: [held[h.casefold()] for h in field.headings if h.casefold() in held]
        for field in table.fields
    }
    _check_always(table, part, where)
    raw = part.read(list(dict.fromkeys(name for names in where.values() for name in names)))
    _check_versions(table, part, where, raw)
    made = {}
    for field, names in where.items():
        texts = [cells.as_text(raw[n], f"Column {n} of {part.label}").alias(n) for n in names]
        for text in texts:
            heading = _as_declared(field, text.name)
            if heading != field.name:
                key = (field.name, heading)
                filled[key] = filled.get(key, 0) + len(text) - text.null_count()
        made[field.name] = _first_filled(raw, texts).alias(field.name)
    return raw.select(*made.values())


def _empty(table: Table, backend: str) -> nw.DataFrame[Any]:
    implementation: Any = backend
    names = table.names()
    return nw.from_dict(
        {name: [] for name in names}, {name: nw.String() for name in names}, backend=implementation
    )


def _headings(part: Part) -> dict[str, str]:
    """Give the headings by their form without case and blanks."""
    held: dict[str, str] = {}
    for heading in part.headings:
        plain = _plain(heading)
        if plain in held:
            raise DataError(
                f"{part.label} has columns {held[plain]!r} and {heading!r}, which differ in case or "
                "blanks at most; keep one of them.",
                slug="column-repeated",
            )
        held[plain] = heading
    return held


def _plain(heading: str) -> str:
    return heading.lstrip("\ufeff").strip().casefold()


def _as_declared(field: Field, heading: str) -> str:
    return next(known for known in field.headings if known.casefold() == _plain(heading))


def _first_filled(raw: nw.DataFrame[Any], texts: list[nw.Series[Any]]) -> nw.Series[Any]:
    if not texts:
        return raw.with_columns(_x=nw.lit(None, dtype=nw.String()))["_x"]
    if len(texts) == 1:
        return texts[0]
    return raw.select(*texts).select(_x=nw.coalesce(*(text.name for text in texts)))["_x"]


def _check_always(table: Table, part: Part, where: dict[Field, list[str]]) -> None:
    for field, names in where.items():
        if not names and field.versions == BOTH:
            raise ColumnNotFoundError(_missing(table, part, field, ""), slug="column-not-found")


def _check_versions(
    table: Table, part: Part, where: dict[Field, list[str]], raw: nw.DataFrame[Any]
) -> None:
    """Refuse rows of a version without the columns that came with it."""
    missing = [field for field, names in where.items() if not names and field.versions]
    if not missing or not len(raw):
        return
    heading = next(names[0] for field, names in where.items() if field.kind == "month")
    month = cells.as_text(raw[heading], f"Column {heading} of {part.label}").alias("month")
    numbers = distinct.read(month.to_frame(), "month", months.parse)[0]["month"].drop_nulls()
    versions = {5 if n <= months.LAST_OF_VERSION_5 else 6 for n in numbers.unique().to_list()}
    for field in missing:
        if versions & set(field.versions):
            edge = months.LAST_OF_VERSION_5
            span = f"up to {edge}" if field.versions == (5,) else f"from {edge + 1} on"
            why = f", which its rows of months {span} need"
            text = _missing(table, part, field, why)
            raise ColumnNotFoundError(text, slug="column-not-found")


def _missing(table: Table, part: Part, field: Field, why: str) -> str:
    """Say which column is missing, what it may be called, and what the part has."""
    folded = {_plain(heading): heading for heading in part.headings}
    near = (get_close_matches(h.casefold(), folded, n=1, cutoff=0.75) for h in field.headings)
    close = next((found[0] for found in near if found), None)
    names = " or ".join(field.headings)
    shown = ", ".join(part.headings[:_SHOWN])
    more = len(part.headings) - _SHOWN
    return (
        f"{part.label} (table {table.name}) has no column {names}{why}. "
        + (f"Did you mean {folded[close]!r}? Rename it. " if close else "")
        + "If the extract was made without it, ask for it, or add it empty: it will count as "
        f"missing. Columns: {shown}" + (f", and {more} more." if more > 0 else ".")
    )
