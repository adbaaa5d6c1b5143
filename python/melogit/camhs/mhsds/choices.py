"""What the analyst chose: checked once, and put into words for an appendix."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from melogit.camhs.mhsds import codes, months
from melogit.camhs.mhsds.teams import PUBLISHED_TYPES
from melogit.errors import OptionError

OUTCOMES = ("rejected", "not_offered", "not_accessed")
_DUPLICATES = ("in", "out", "accepted")
_UNITS = ("all", "first")
_KEYS = ("refuse", "last")
_CAMHS = ("any", "published")


@dataclass(frozen=True, slots=True)
class Choices:
    """The arguments of `melogit.camhs.read_mhsds` that decide who is counted and as what.

    Attributes
    ----------
    outcomes : tuple of str
        Names of outcome rules.
    duplicates : str
        What a rejection as a duplicate counts as.
    window : int
        Days within which a contact has to be attended.
    ages : (int, int) or None
        Youngest and oldest, both included.
    camhs : str or frozenset of str
        The CAMHS rule, or team types.
    unit : str
        ``"all"`` or ``"first"``.
    months : (int, int) or None
        First and last month number.
    duplicate_keys : str
        What to do about contradicting rows.
    """

    outcomes: tuple[str, ...]
    duplicates: str
    window: int
    ages: tuple[int, int] | None
    camhs: str | frozenset[str]
    unit: str
    months: tuple[int, int] | None
    duplicate_keys: str

    def words(self) -> dict[str, str]:
        """Say every rule in a sentence, by name.

        Examples
        --------
        >>> chosen = check(("rejected",), "out", 365, (0, 17), "any", "first", None, "refuse")
        >>> print(chosen.words()["unit"])
        The earliest referral of each person in the cohort, by date and then by identifier.
        """
        said = {"record": _RECORD, "versions": _VERSIONS}
        said["months"] = "All months of the extract."
        if self.months:
            first, last = self.months
            said["months"] = (
                f"Submissions of months {first} ({months.named(first)}) to {last} "
                f"({months.named(last)})."
            )
        said["age"] = "No restriction by age."
        if self.ages:
            said["age"] = (
                f"Aged {self.ages[0]} to {self.ages[1]} at referral, in whole years as submitted "
                "(AgeServReferRecDate); a referral without a possible age is left out."
            )
        said["camhs"] = self._camhs()
        said["duplicate referrals"] = {
            "in": "A rejection as a duplicate (reason 01) counts as a rejection.",
            "out": "Referrals rejected as duplicates (reason 01) are left out.",
            "accepted": "A rejection as a duplicate (reason 01) does not count as a rejection.",
        }[self.duplicates]
        said |= {f"outcome {name}": self._outcome(name) for name in self.outcomes}
        said["unit"] = {
            "all": "All referrals.",
            "first": "The earliest referral of each person in the cohort, by date and then by "
            "identifier.",
        }[self.unit]
        said["contradicting rows"] = {
            "refuse": "None: the reader refuses an extract with different rows under one key.",
            "last": "Of rows under one key in one submission the last one as read holds.",
        }[self.duplicate_keys]
        return said

    def _camhs(self) -> str:
        if self.camhs == "any":
            return (
                "Any team: no restriction beyond age, since many teams for children are coded as "
                "general ones (A06, F01 and others)."
            )
        if self.camhs == "published":
            return (
                f"Some team of the referral is of type {', '.join(PUBLISHED_TYPES)}, or is meant "
                "for children and young people (ServTeamIntAgeGroup 02)."
            )
        return f"Some team of the referral is of type {', '.join(sorted(self.camhs))}."

    def _outcome(self, name: str) -> str:
        if name == "rejected":
            reason = "" if self.duplicates != "accepted" else " and its reason is not 01"
            return (
                "1 if there is a date of rejection (of every team, where there are several before "
                f"April 2024){reason}, else 0."
            )
        if name == "not_offered":
            return (
                "1 if no care contact is dated on or after the referral, whether attended or not, "
                "else 0."
            )
        return (
            f"1 if no contact was attended (codes 5, 6) within {self.window} days of the referral, "
            f"else 0; referrals with less than {self.window} days to the end of the extract are "
            "left out."
        )


_RECORD = (
    "One row per referral (UniqServReqID): the record of the highest month, and in it of the highest "
    "submission. Fields of the person are those submitted with that record (RecordNumber)."
)
_VERSIONS = (
    f"Up to month {months.LAST_OF_VERSION_5} (March 2024) team and rejection are read from MHS102, "
    "from then on from MHS101Referral; the month of the record decides."
)


def check(
    outcomes: str | Sequence[str],
    duplicates: str,
    window: int,
    ages: tuple[int, int] | None,
    camhs: str | Collection[str],
    unit: str,
    months: tuple[int, int] | None,
    duplicate_keys: str,
) -> Choices:
    """Check the arguments of `melogit.camhs.read_mhsds`.

    Raises
    ------
    OptionError
        If one has no meaning.
    """
    named = (outcomes,) if isinstance(outcomes, str) else tuple(outcomes)
    for name in named:
        _known("outcomes", name, OUTCOMES)
    _known("duplicates", duplicates, _DUPLICATES)
    _known("unit", unit, _UNITS)
    _known("duplicate_keys", duplicate_keys, _KEYS)
    if not _is_whole(window) or window < 0:
        _refuse("window", window, "needs a number of days, 0 or more")
    return Choices(
        outcomes=tuple(dict.fromkeys(named)),
        duplicates=duplicates,
        window=int(window),
        ages=None if ages is None else _pair("ages", ages),
        camhs=_camhs(camhs),
        unit=unit,
        months=None if months is None else _months(months),
        duplicate_keys=duplicate_keys,
    )


def _camhs(camhs: Any) -> str | frozenset[str]:
    if isinstance(camhs, str):
        if camhs not in _CAMHS and codes.canonical(camhs)[1:].isdigit():
            _refuse("camhs", camhs, f"looks like a team type; pass a set of them: {{{camhs!r}}}")
        _known("camhs", camhs, _CAMHS)
        return camhs
    types = frozenset(camhs)
    if not types or not all(isinstance(code, str) for code in types):
        _refuse("camhs", camhs, "needs 'any', 'published', or team types such as {'C05', 'A06'}")
    return types


def _months(given: Any) -> tuple[int, int]:
    pair = _pair("months", given)
    for month in pair:
        meant = months.from_calendar(str(month))
        if meant is not None:
            _refuse("months", given, f"needs month numbers; {months.named(meant)} is {meant}")
    return pair


def _pair(option: str, given: Any) -> tuple[int, int]:
    if not isinstance(given, tuple | list) or len(given) != 2 or not all(map(_is_whole, given)):
        _refuse(option, given, "needs two whole numbers: first and last, both included")
    first, last = int(given[0]), int(given[1])
    if first > last:
        _refuse(option, given, "has the larger number first")
    return first, last


def _is_whole(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _known(option: str, value: Any, known: Sequence[str]) -> None:
    if value not in known:
        close = get_close_matches(str(value), known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        _refuse(option, value, f"is not one of {', '.join(map(repr, known))}{hint}")


def _refuse(option: str, value: Any, why: str) -> NoReturn:
    raise OptionError(f"{option}={value!r} {why}", slug=f"{option.replace('_', '-')}-option")
