"""Faults of identifiers and dates, cell by cell: what a reader mends without being asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from melogit.camhs.draws import Codes
from melogit.camhs.extract.calendar import Texts
from melogit.camhs.extract.dirt import SPELLINGS, Dirt

_LETTERS: Final = ("blanks", "lower_case", "trailing_dots")
_DIGITS: Final = ("blanks", "floats")
_DATES: Final = ("dates_day_first", "dates_named_month", "blanks")

SMUDGES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "UniqMonthID": _DIGITS,
        "UniqSubmissionID": _DIGITS,
        "RecordNumber": _DIGITS,
        "Person_ID": _DIGITS,
        "OrgIDProv": _LETTERS,
        "UniqServReqID": _LETTERS,
        "UniqCareContID": _LETTERS,
        "UniqCareProfTeamID": _LETTERS,
        "UniqCareProfTeamLocalID": _LETTERS,
        "UniqOtherCareProfTeamLocalID": _LETTERS,
        "ReferralRequestReceivedDate": _DATES,
        "ServDischDate": _DATES,
        "ReferRejectionDate": _DATES,
        "CareContDate": _DATES,
    }
)
"""Which faults befall the cells of which column."""

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def smudge(dirt: Dirt, table: str, columns: dict[str, Texts], copies: Codes) -> None:
    """Change cells of a table in place, each in one way at most.

    Parameters
    ----------
    dirt : Dirt
        Rates and counts.
    table : str
        Name of the table, so that each draws its own cells.
    columns : dict of str to ndarray
        The table.
    copies : ndarray of int
        Rows to leave alone, because they are to stay exact copies of each other.
    """
    for name, faults in SMUDGES.items():
        if name not in columns:
            continue
        free = columns[name] != ""
        free[copies] = False
        for fault in faults:
            cells = dirt.pick(fault, free, f"{table}/{name}")
            free[cells] = False
            dirt.count(fault, cells.shape[0])
            columns[name][cells] = [_written(fault, text) for text in columns[name][cells].tolist()]


def _written(fault: str, text: str) -> str:
    """Write an identifier or an ISO date as a careless system does.

    Examples
    --------
    >>> _written("dates_named_month", "2023-04-01"), _written("lower_case", "XA1T01")
    ('01-Apr-2023', 'xa1t01')
    """
    if fault in SPELLINGS:
        return SPELLINGS[fault](text)
    year, month, day = text.split("-")
    if fault == "dates_day_first":
        return f"{day}/{month}/{year}"
    return f"{day}-{_MONTHS[int(month) - 1]}-{year}"
