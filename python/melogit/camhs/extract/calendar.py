"""Month numbers of the national data set, and days written as text.

The Mental Health Services Data Set counts months from April 1900: month 1489 is April 2024, the
first that follows version 6. Days are whole numbers since 1970 here, with `NEVER` for a date that
has not come about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.draws import Codes
from melogit.errors import OptionError

Texts = NDArray[np.object_]
Version = Literal[5, 6, "both"]

SWITCH: Final = 1489
"""First month of version 6: April 2024."""

NEVER: Final = -1
_FIRST: Final = np.datetime64("1900-04", "M")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of an extract.

    Attributes
    ----------
    first, last : int
        First and last month number.

    Examples
    --------
    >>> Calendar.of("both", 18)
    Calendar(first=1480, last=1497)
    >>> Calendar.of(5, 2).opens, Calendar.of(5, 2).closes
    (19754, 19813)
    """

    first: int
    last: int

    @classmethod
    def of(cls, version: Version, months: int) -> Calendar:
        """Place `months` months so that they end, begin or straddle the change of version."""
        if version not in (5, 6, "both"):
            raise OptionError(
                f"version must be 5, 6 or 'both', not {version!r}.", slug="extract-version"
            )
        least = 2 if version == "both" else 1
        if months < least:
            raise OptionError(
                f"months must be at least {least} for version {version!r}, not {months!r}.",
                slug="extract-months",
            )
        first = {5: SWITCH - months, 6: SWITCH, "both": SWITCH - months // 2}[version]
        return cls(first, first + months - 1)

    @property
    def opens(self) -> int:
        """First day."""
        return _day(_FIRST + (self.first - 1))

    @property
    def closes(self) -> int:
        """Last day."""
        return _day(_FIRST + self.last) - 1


def month_of(days: Codes) -> Codes:
    """Give the month number of each day.

    Examples
    --------
    >>> day = np.array(["2024-03-31", "2024-04-01"], dtype="datetime64[D]").astype(int)
    >>> month_of(day)
    array([1488, 1489])
    """
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    return np.asarray((months - _FIRST).astype(np.int64) + 1)


def iso(days: Codes, never: Any = "") -> Texts:
    """Write days as ``2024-03-31``, and `never` for those that have not come about.

    Examples
    --------
    >>> iso(np.array([19813, NEVER])).tolist()
    ['2024-03-31', '']
    """
    distinct, place = np.unique(days, return_inverse=True)
    written = np.datetime_as_string(distinct.astype("datetime64[D]")).astype(object)
    written[distinct == NEVER] = never
    return np.asarray(written[place], dtype=object)


def _day(month: np.datetime64) -> int:
    return int(month.astype("datetime64[D]").astype(np.int64))
