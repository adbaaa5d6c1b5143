"""The invented people: what their records say of them, and where they live.

Covariates are those of the synthetic cohort; here they become codes of the national data set.
What the data set has no field for (a child in need, a case open to a social worker) goes into a
table of the local authority. Small-area codes are invented: they begin with E019, which no
published code does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.codes import LEVELS, NHS_CODES
from melogit.camhs.draws import Codes, Floats, Streams
from melogit.camhs.extract.calendar import NEVER, Texts, iso
from melogit.camhs.population import Population

_NOBODY, _PAST, _PLAN, _OTHER, _CARE = range(len(LEVELS["social_work"]))
_DECILES: Final = 10
# Share of areas whose code differs between the censuses of 2011 and 2021.
_RECODED: Final = 0.06
_OTHER_AREA: Final = 950_000
_AREA: Final = 900_000


@dataclass(frozen=True, slots=True)
class People:
    """One entry per person, by person number.

    Attributes
    ----------
    identifier : ndarray of str
        Person_ID.
    social_work : ndarray of int
        Position in ``LEVELS["social_work"]``; it does not change during the extract.
    gender, gender_identity, ethnicity, area, plan, care : ndarray of str
        Fields of the tables of persons; "" where nothing was recorded.
    case : ndarray of int
        Local authority: 0 unknown to it, 1 assessed and no more, 2 closed, 3 open.
    case_from, case_to : ndarray of int
        Days.
    """

    identifier: Texts
    social_work: Codes
    gender: Texts
    gender_identity: Texts
    ethnicity: Texts
    area: Texts
    plan: Texts
    care: Texts
    case: Codes
    case_from: Codes
    case_to: Codes

    def local(self) -> dict[str, Texts]:
        """Give the table of the local authority: only people it has heard of."""
        known = np.flatnonzero(self.case)
        status = np.array(["", "none", "closed", "open"], dtype=object)
        return {
            "Person_ID": self.identifier[known],
            "CINStatus": status[self.case[known]],
            "CINFrom": iso(self.case_from[known]),
            "CINTo": iso(self.case_to[known]),
        }


def draw_people(streams: Streams, population: Population, first: Codes, opens: int) -> People:
    """Write down what the records say of each person.

    Parameters
    ----------
    streams : Streams
        Random numbers.
    population : Population
        The cohort's covariates, one row per referral.
    first : ndarray of int, shape (people,)
        Row of each person's first referral.
    opens : int
        First day of the extract; local cases began before it.
    """
    n = first.shape[0]
    codes = {name: code[first] for name, code in population.codes.items()}
    absent = {name: flag[first] for name, flag in population.missing.items()}
    gender, identity = _genders(streams, codes["gender"], absent["gender"])
    plan, care = _indicators(streams, codes["social_work"])
    case = _cases(streams, codes["social_work"])
    return People(
        identifier=_numbered(4_100_000_001, 3 * streams.order("person number", n)),
        social_work=codes["social_work"],
        gender=gender,
        gender_identity=identity,
        ethnicity=_ethnicities(streams, codes["ethnicity"], absent["ethnicity"]),
        area=_areas(streams, codes["imd_quintile"], absent["imd_quintile"]),
        plan=plan,
        care=care,
        case=case,
        **_case_days(streams, case, opens),
    )


def deciles(people: int) -> dict[str, str]:
    """Give each invented area its decile of deprivation, 1 the most deprived.

    Examples
    --------
    >>> table = deciles(2000)
    >>> len(table), table["E01900000"], table["E01900499"]
    (500, '1', '10')
    """
    each = _areas_per_decile(people)
    return {f"E01{_AREA + area}": str(area // each + 1) for area in range(each * _DECILES)}


def other_vintage(people: int) -> dict[str, str]:
    """Give the areas of another census: about 6 % have other codes, as after a split or a merger."""
    table = deciles(people)
    step = round(1 / _RECODED)
    return {
        f"E01{_OTHER_AREA + i}" if i % step == step // 2 else code: decile
        for i, (code, decile) in enumerate(table.items())
    }


def pick(uniform: Floats, codes: tuple[str, ...], shares: tuple[float, ...]) -> Texts:
    """Pick a code per draw with the given shares.

    Examples
    --------
    >>> pick(np.array([0.1, 0.9]), ("N", ""), (0.8, 0.2)).tolist()
    ['N', '']
    """
    bounds = np.cumsum(shares)[:-1] / np.sum(shares)
    place = np.searchsorted(bounds, uniform, side="right")
    return np.asarray(np.array(codes, dtype=object)[place], dtype=object)


def _numbered(start: int, number: Codes) -> Texts:
    return np.array([str(start + i) for i in number.tolist()], dtype=object)


def _areas_per_decile(people: int) -> int:
    return min(100, max(5, people // 40))


def _areas(streams: Streams, quintile: Codes, absent: NDArray[np.bool_]) -> Texts:
    n = quintile.shape[0]
    each = _areas_per_decile(n)
    # Quintile 0 is the least deprived: deciles 9 and 10, counted from 0 as 8 and 9.
    decile = 2 * (4 - quintile) + (streams.uniform("decile", n) < 0.5)
    area = decile * each + (streams.uniform("area", n) * each).astype(np.int64)
    names = np.array(list(deciles(n)), dtype=object)
    return np.where(absent, "", names[area])


def _genders(streams: Streams, gender: Codes, absent: NDArray[np.bool_]) -> tuple[Texts, Texts]:
    """Give the older field and the newer; one in twelve has the older only."""
    n = gender.shape[0]
    u = streams.uniform("gender code", n)
    identity = np.array(["1", "2", "3"], dtype=object)[gender]
    identity[(gender == 2) & (u < 0.3)] = "4"
    older = np.array(["1", "2", "9"], dtype=object)[gender]
    identity[(gender < 2) & (u < 0.08)] = ""
    unknown = pick(streams.uniform("gender unknown", n), ("X", "Z", ""), (0.4, 0.3, 0.3))
    older_unknown = pick(streams.uniform("sex unknown", n), ("X", ""), (0.6, 0.4))
    return np.where(absent, older_unknown, older), np.where(absent, unknown, identity)


def _ethnicities(streams: Streams, ethnicity: Codes, absent: NDArray[np.bool_]) -> Texts:
    n = ethnicity.shape[0]
    u = streams.uniform("ethnic code", n)
    text = np.empty(n, dtype=object)
    for group, codes in enumerate(NHS_CODES["ethnicity"].values()):
        # The first code of a group is the common one.
        shares = (2.0,) + (1.0,) * (len(codes) - 1)
        here = ethnicity == group
        text[here] = pick(u[here], codes, shares)
    unknown = pick(streams.uniform("ethnicity unknown", n), ("Z", "99", ""), (0.6, 0.25, 0.15))
    return np.where(absent, unknown, text)


def _indicators(streams: Streams, level: Codes) -> tuple[Texts, Texts]:
    """Give the child protection plan and the looked-after indicator."""
    n = level.shape[0]
    u = streams.uniform("plan code", n)
    never = pick(u, ("1", "X", ""), (0.85, 0.07, 0.08))
    by_level = [
        never,
        np.where(u < 0.7, "2", "1"),
        np.full(n, "3"),
        np.where(u < 0.25, "2", "1"),
        pick(u, ("1", "2", "3"), (0.70, 0.25, 0.05)),
    ]
    plan = np.empty(n, dtype=object)
    for code, text in enumerate(by_level):
        plan[level == code] = text[level == code]
    outside = pick(streams.uniform("care code", n), ("N", ""), (0.92, 0.08))
    return plan, np.where(level == _CARE, "Y", outside)


def _cases(streams: Streams, level: Codes) -> Codes:
    """Give what the local authority knows, so that the five levels can be told apart again."""
    n = level.shape[0]
    u = streams.uniform("case", n)
    # Past involvement that the plan does not show is a closed case.
    past = np.where((streams.uniform("plan code", n) >= 0.7) | (u < 0.4), 2, 0)
    return np.select(
        [level == _PAST, level == _PLAN, level == _OTHER, level == _CARE],
        [past, np.where(u < 0.7, 3, 0), 3, np.where(u < 0.9, 3, 0)],
        np.where(u < 0.05, 1, 0),
    )


def _case_days(streams: Streams, case: Codes, opens: int) -> dict[str, Codes]:
    n = case.shape[0]
    ended = opens - 10 - (500 * streams.uniform("case to", n)).astype(np.int64)
    length = 30 + (900 * streams.uniform("case length", n)).astype(np.int64)
    began = np.where(case == 3, opens, ended) - length
    return {
        "case_from": np.where(case >= 2, began, NEVER),
        "case_to": np.where(case == 2, ended, NEVER),
    }
