"""Month numbers of the data set: what they mean, and which version a month belongs to.

A month number counts months since April 1900: 1459 is October 2021, 1488 March 2024.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from melogit.errors import DataError

LAST_OF_VERSION_5: Final = 1488
"""March 2024: from the next month on, team and rejection stand on the referral itself."""

# April 2000 to March 2050: before, there was no such data set; after, it is a slip.
_FIRST, _LAST = 1201, 1800
_CALENDAR = re.compile(r"^((?:19|20)\d\d)[-/ ]?(0[1-9]|1[0-2])(?:[-/ ]?\d\d)?(?:[T ].*)?$")
_EPOCH = date(1970, 1, 1)
_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(year: int, month: int) -> int:
    """Give the number of a calendar month.

    Examples
    --------
    >>> number(2021, 10), number(2024, 3)
    (1459, 1488)
    """
    return (year - 1900) * 12 + month - 3


def calendar(month: int) -> tuple[int, int]:
    """Give year and month of a month number.

    Examples
    --------
    >>> calendar(1459)
    (2021, 10)
    """
    year, rest = divmod(month + 2, 12)
    return 1900 + year, rest + 1


def named(month: int) -> str:
    """Name a month number in words.

    Examples
    --------
    >>> named(1489)
    'April 2024'
    """
    year, place = calendar(month)
    return f"{_NAMES[place - 1]} {year}"


def last_day(month: int) -> int:
    """Give the last day of a month, in days since 1970.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> print(date(1970, 1, 1) + timedelta(days=last_day(1487)))
    2024-02-29
    """
    year, place = calendar(month + 1)
    return (date(year, place, 1) - _EPOCH).days - 1


def from_calendar(text: str) -> int | None:
    """Read a calendar month ("202304", "2023-04", "2023-04-01") as its month number, else None.

    Examples
    --------
    >>> from_calendar("202304"), from_calendar("1477")
    (1477, None)
    """
    found = _CALENDAR.match(text)
    return number(int(found[1]), int(found[2])) if found else None


def parse(text: str) -> tuple[float | None, str]:
    """Read one month number, for `melogit.camhs.mhsds.distinct.read`.

    Raises
    ------
    DataError
        If it is a calendar month (slug ``month-calendar``): whether a year and month or a number
        was submitted is not for a reader to guess.

    Examples
    --------
    >>> parse(" 1477.0"), parse("n/a")
    ((1477.0, 'month-mended'), (None, 'month-unreadable'))
    """
    plain = re.sub(r"\.0*$", "", text.strip())
    if plain.isascii() and plain.isdigit() and _FIRST <= int(plain) <= _LAST:
        return float(plain), "" if plain == text else "month-mended"
    meant = from_calendar(plain)
    if meant is not None:
        raise DataError(
            f"UniqMonthID holds calendar months such as {text!r}, and needs the month numbers of "
            f"the data set, which count from April 1900: {named(meant)} is {meant}. Convert "
            "the column first: (year - 1900) * 12 + month - 3.",
            slug="month-calendar",
        )
    return None, "month-unreadable"
