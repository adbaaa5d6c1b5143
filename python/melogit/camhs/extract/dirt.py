"""What is wrong with a real extract, how often, and how each fault is planted in a coded field.

A fault of spelling belongs to a person's or a referral's field, as one clinical system writes it,
and so stands in every row of that person or referral. Faults of identifiers and dates come cell by
cell (`melogit.camhs.extract.smudge`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.draws import Codes, Streams
from melogit.camhs.extract.calendar import Texts
from melogit.errors import OptionError

RATES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "blanks": 0.004,
        "lower_case": 0.004,
        "trailing_dots": 0.002,
        "floats": 0.004,
        "lost_zeros": 0.02,
        "invalid_codes": 0.002,
        "dates_day_first": 0.02,
        "dates_named_month": 0.01,
        "impossible_ages": 0.003,
        "closed_before_received": 0.003,
        "contacts_before_received": 0.002,
        "late_corrections": 0.02,
        "late_person_corrections": 0.01,
        "resubmission_corrections": 0.05,
        "contact_corrections": 0.02,
        "missing_mpi": 0.005,
        "duplicate_rows": 0.003,
    }
)
"""Share of the cells, rows or records concerned that get each fault, when ``dirt=True``."""

DUPLICATE_KEYS: Final = "duplicate_keys"
_DUPLICATE_KEYS_RATE: Final = 0.002

SPELLINGS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "blanks": lambda text: f" {text} ",
        "lower_case": str.lower,
        "trailing_dots": lambda text: f"{text}.",
        "floats": lambda text: f"{text}.0",
        "lost_zeros": lambda text: text.lstrip("0"),
    }
)
"""How a code is misspelt without changing what it means."""

_SUITS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "blanks": bool,
        "lower_case": lambda text: text.lower() != text,
        "trailing_dots": bool,
        "floats": lambda text: text.isdigit() and (text == "0" or not text.startswith("0")),
        "lost_zeros": lambda text: text.startswith("0") and len(text) > 1,
        "invalid_codes": bool,
    }
)


@dataclass(slots=True)
class Dirt:
    """The faults asked for, and the count of those planted so far.

    Attributes
    ----------
    rates : mapping of str to float
        Share of each fault; absent means none.
    planted : dict of str to int
        Count of each fault.
    """

    streams: Streams
    rates: Mapping[str, float]
    planted: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, streams: Streams, dirt: bool | Mapping[str, float], duplicate_keys: bool) -> Dirt:
        """Check what was asked for, and begin to count.

        Raises
        ------
        OptionError
            For an unknown fault, or a rate outside 0 to 1.
        """
        asked = dict(RATES if dirt is True else dirt or {})
        for name, rate in asked.items():
            _check(name, rate)
        if duplicate_keys:
            asked[DUPLICATE_KEYS] = _DUPLICATE_KEYS_RATE
        return cls(streams, asked, dict.fromkeys([*RATES, DUPLICATE_KEYS], 0))

    def pick(self, name: str, eligible: NDArray[np.bool_], at: str = "") -> Codes:
        """Pick exact numbers rather than by chance: at least one of the eligible if the rate is not 0."""
        places = np.flatnonzero(eligible)
        rate = self.rates.get(name, 0.0)
        if rate == 0.0 or places.shape[0] == 0:
            return places[:0]
        wanted = max(1, round(rate * places.shape[0]))
        return np.sort(places[self.streams.order(f"{name}/{at}", places.shape[0])[:wanted]])

    def count(self, name: str, number: int) -> None:
        """Add to the count of a fault."""
        self.planted[name] += int(number)


@dataclass(slots=True)
class Field:
    """A coded field of all persons or all referrals, with the fault of each cell.

    Attributes
    ----------
    text : ndarray of str
        What is submitted.
    fault : ndarray of int
        Position in `FAULTS`, -1 for none.
    """

    text: Texts
    fault: Codes

    def rows(self, dirt: Dirt, unit: Codes, shown: NDArray[np.bool_] | None = None) -> Texts:
        """Write the field in table rows, and count the faults that come into the table.

        Parameters
        ----------
        dirt : Dirt
            Takes the count.
        unit : ndarray of int
            Person or referral of each row.
        shown : ndarray of bool, optional
            Rows that have a value at all; the others are left "".
        """
        seen = unit if shown is None else unit[shown]
        found = np.bincount(self.fault[seen] + 1, minlength=len(FAULTS) + 1)[1:]
        for name, number in zip(FAULTS, found.tolist(), strict=True):
            dirt.count(name, number)
        text = self.text[unit]
        return text if shown is None else np.where(shown, text, "")


FAULTS: Final = (*SPELLINGS, "invalid_codes")
"""Faults of coded fields."""


def soiled(
    dirt: Dirt,
    name: str,
    text: Texts,
    faults: tuple[str, ...],
    *,
    invalid: str = "",
    spare: Codes | None = None,
) -> Field:
    """Misspell some cells of a field, each in one way at most.

    Parameters
    ----------
    dirt : Dirt
        Rates.
    name : str
        The field, so that each draws its own cells.
    text : ndarray of str
        Canonical codes.
    faults : tuple of str
        Which of `FAULTS` may befall this field.
    invalid : str
        The code that is no code, for ``"invalid_codes"``.
    spare : ndarray of int, optional
        Cells to leave alone.
    """
    text = text.copy()
    fault = np.full(text.shape[0], -1)
    free = np.ones(text.shape[0], dtype=bool)
    if spare is not None:
        free[spare] = False
    for kind in faults:
        suits = np.array([_SUITS[kind](code) for code in text.tolist()], dtype=bool)
        cells = dirt.pick(kind, suits & free, name)
        free[cells] = False
        fault[cells] = FAULTS.index(kind)
        spelling = SPELLINGS.get(kind)
        text[cells] = [spelling(code) if spelling else invalid for code in text[cells].tolist()]
    return Field(text, fault)


def _check(name: str, rate: float) -> None:
    if name not in RATES:
        near = get_close_matches(name, list(RATES), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(RATES)}."
        raise OptionError(f"There is no fault called {name!r}.{hint}", slug="extract-dirt")
    if not 0.0 <= rate <= 1.0:
        raise OptionError(
            f"The rate of {name} must be between 0 and 1, not {rate!r}.", slug="extract-dirt"
        )
