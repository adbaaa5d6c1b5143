"""Ages written as text: whole years from 0 to 120, or none."""

from __future__ import annotations

import re
from typing import Any, Final

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import distinct
from melogit.camhs.mhsds.fields import Table
from melogit.camhs.mhsds.findings import Findings

OLDEST: Final = 120
_WHOLE = re.compile(r"^([+-]?\d+)(?:\.0*)?$")
_WORDS = {
    "age-mended": "ages with blanks around them or '.0' behind, mended",
    "age-impossible": f"below 0 or above {OLDEST}: no age",
    "age-unreadable": "not a whole number of years: no age",
}


def parse(text: str) -> tuple[float | None, str]:
    """Read one age.

    Examples
    --------
    >>> parse("14"), parse(" 14.0"), parse("-1"), parse("abc")
    ((14.0, ''), (14.0, 'age-mended'), (None, 'age-impossible'), (None, 'age-unreadable'))
    """
    found = _WHOLE.match(text.strip())
    if not found:
        return None, "age-unreadable" if text.strip() else ""
    age = int(found[1])
    if not 0 <= age <= OLDEST:
        return None, "age-impossible"
    return float(age), "" if text == found[1] else "age-mended"


def read_column(
    frame: nw.DataFrame[Any], table: Table, column: str, findings: Findings
) -> nw.DataFrame[Any]:
    """Read a column of ages, and count what was mended or impossible."""
    frame, remarks = distinct.read(frame, column, parse)
    for slug, words in _WORDS.items():
        if slug in remarks:
            said = remarks[slug]
            findings.add(slug, table.name, column, words, said.rows, examples=said.examples())
    return frame
