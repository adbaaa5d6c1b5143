"""The invented referrals: when they came, to whom, and what became of them.

The decision follows the planted odds ratios of the synthetic cohort, plus a normal effect of the
team, for every referral that is not a duplicate. Duplicates are turned away whatever they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.codes import AGE_LOWER, LEVELS, NHS_CODES
from melogit.camhs.draws import Codes, Floats, Streams
from melogit.camhs.extract.calendar import NEVER, Calendar, Texts, month_of
from melogit.camhs.extract.people import People, pick
from melogit.camhs.extract.teams import PROVIDERS, primary_teams, receiving
from melogit.camhs.planted import Planted
from melogit.camhs.population import Population

_CARE: Final = LEVELS["social_work"].index("In care")
_YEAR: Final = 365.25
_ADULTS: Final = 0.02
_DUPLICATES: Final = (0.01, 0.10)
# Reasons for referral by destination; "" is not recorded.
_REASONS: Final = (
    ("05", "04", "16", "11", "21", "19", ""),
    ("05", "04", "15", "10", "06", ""),
    ("25", "24", "26", "30"),
    ("18", "15", "04", "01"),
    ("12", "12", "12", "22"),
)


@dataclass(frozen=True, slots=True)
class Referrals:
    """One entry per referral, by person and then by date.

    Attributes
    ----------
    identifier : ndarray of str
        UniqServReqID, numbered in the order of receipt.
    person, provider, team : ndarray of int
        Numbers of the person, the provider, and the team it belongs to.
    received, rejected_on, closed_on : ndarray of int
        Days.
    age : ndarray of int
        Whole years at receipt.
    duplicate, rejected : ndarray of bool
        Turned away as a duplicate; turned away for any reason.
    source, reason, rejection_reason, closing_reason : ndarray of str
        Codes; "" for none.
    first_month, last_month : ndarray of int
        Months of the first and the last submission that hold it.
    """

    identifier: Texts
    person: Codes
    provider: Codes
    team: Codes
    received: Codes
    rejected_on: Codes
    closed_on: Codes
    age: Codes
    duplicate: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    source: Texts
    reason: Texts
    rejection_reason: Texts
    closing_reason: Texts
    first_month: Codes
    last_month: Codes


def in_time(population: Population) -> tuple[Codes, Codes]:
    """Sort the cohort's rows by person and age: give the order, and each person's first row."""
    order = np.lexsort((population.age, population.patient))
    _, first = np.unique(population.patient[order], return_index=True)
    return order, order[first]


def draw_referrals(
    streams: Streams,
    population: Population,
    order: Codes,
    people: People,
    calendar: Calendar,
    planted: Planted,
) -> Referrals:
    """Draw dates, teams and decisions for the cohort's rows in the given order."""
    n = order.shape[0]
    codes = {name: code[order] for name, code in population.codes.items()}
    person, place = population.patient[order], population.location[order]
    received, duplicate = _received(streams, person, calendar)
    age = _ages(streams, population.age[order], person, received)
    provider = _providers(streams, place)
    team = primary_teams(streams, provider, codes["destination"], place // len(PROVIDERS))
    codes["social_work"] = people.social_work[person]
    codes["age_band"] = (
        np.minimum(np.searchsorted(AGE_LOWER, age, side="right"), len(AGE_LOWER)) - 1
    )
    chance = 1.0 / (1.0 + np.exp(-_log_odds(streams, codes, team, planted)))
    rejected = (streams.uniform("rejected", n) < chance) | duplicate
    rejected_on = _rejection_days(streams, received, rejected, duplicate, calendar.closes)
    closed_on = _closing_days(streams, received, rejected_on, calendar.closes)
    return Referrals(
        identifier=_identifiers(provider, received),
        person=person,
        provider=provider,
        team=team,
        received=received,
        rejected_on=rejected_on,
        closed_on=closed_on,
        age=age,
        duplicate=duplicate,
        rejected=rejected,
        source=_sources(streams, codes["source"]),
        reason=_by_group(streams.uniform("reason", n), codes["destination"], _REASONS),
        rejection_reason=_rejection_reasons(streams, rejected, duplicate),
        closing_reason=_closing_reasons(streams, closed_on, rejected),
        first_month=month_of(received),
        last_month=month_of(np.where(closed_on == NEVER, calendar.closes, closed_on)),
    )


def in_care(people: People, referrals: Referrals) -> NDArray[np.bool_]:
    """Say which referrals are of a young person in care."""
    return np.asarray(people.social_work[referrals.person] == _CARE)


def _received(
    streams: Streams, person: Codes, calendar: Calendar
) -> tuple[Codes, NDArray[np.bool_]]:
    """Draw the days of receipt in order within each person; a duplicate follows within a fortnight."""
    n = person.shape[0]
    span = calendar.closes - calendar.opens + 1
    day = calendar.opens + (span * streams.uniform("received", n)).astype(np.int64)
    day = day[np.lexsort((day, person))]
    again = np.concatenate([[False], person[1:] == person[:-1]])
    chance = np.where(again, _DUPLICATES[1], _DUPLICATES[0])
    duplicate = streams.uniform("duplicate", n) < chance
    soon = np.roll(day, 1) + (14 * streams.uniform("duplicate after", n)).astype(np.int64)
    return np.where(duplicate & again, np.minimum(soon, calendar.closes), day), duplicate


def _ages(streams: Streams, age: Codes, person: Codes, received: Codes) -> Codes:
    """Let everyone grow older from their first referral; one in fifty is an adult."""
    _, first, count = np.unique(person, return_index=True, return_counts=True)
    adult = streams.uniform("adult", first.shape[0]) < _ADULTS
    older = 18 + (40 * streams.uniform("adult age", first.shape[0])).astype(np.int64)
    start = np.where(adult, older, age[first]) + streams.uniform("birthday", first.shape[0])
    elapsed = (received - np.repeat(received[first], count)) / _YEAR
    return np.floor(np.repeat(start, count) + elapsed).astype(np.int64)


def _providers(streams: Streams, place: Codes) -> Codes:
    n = place.shape[0]
    anywhere = (len(PROVIDERS) * streams.uniform("any provider", n)).astype(np.int64)
    return np.where(streams.uniform("own provider", n) < 0.9, place % len(PROVIDERS), anywhere)


def _log_odds(streams: Streams, codes: dict[str, Codes], team: Codes, planted: Planted) -> Floats:
    eta = np.full(team.shape[0], planted.intercept)
    for variable, levels in planted.odds_ratios().items():
        eta += np.log(list(levels.values()))[codes[variable]]
    number = receiving(team)
    effect = planted.spread("team") * streams.normal("effect of team", int(number.max()) + 1)
    return np.asarray(eta + effect[number])


def _rejection_days(
    streams: Streams,
    received: Codes,
    rejected: NDArray[np.bool_],
    duplicate: NDArray[np.bool_],
    closes: int,
) -> Codes:
    """Decide within weeks, and by the last day: an extract without pending decisions."""
    n = received.shape[0]
    wait = np.where(duplicate, 3.0, 12.0) * -np.log(streams.uniform("rejected after", n))
    day = np.minimum(received + wait.astype(np.int64), closes)
    return np.where(rejected, day, NEVER)


def _closing_days(streams: Streams, received: Codes, rejected_on: Codes, closes: int) -> Codes:
    n = received.shape[0]
    rejected = rejected_on != NEVER
    seen = received + 20 - (200.0 * np.log(streams.uniform("closed after", n))).astype(np.int64)
    filed = rejected_on + (5 * streams.uniform("filed after", n)).astype(np.int64)
    return np.where(rejected, np.minimum(filed, closes), np.where(seen > closes, NEVER, seen))


def _identifiers(provider: Codes, received: Codes) -> Texts:
    number = np.empty(received.shape[0], dtype=np.int64)
    number[np.argsort(received, kind="stable")] = np.arange(1, received.shape[0] + 1)
    pairs = zip(provider.tolist(), number.tolist(), strict=True)
    return np.array([f"{PROVIDERS[p]}R{i:08d}" for p, i in pairs], dtype=object)


def _sources(streams: Streams, source: Codes) -> Texts:
    groups = tuple(NHS_CODES["source"].values())
    return _by_group(streams.uniform("source code", source.shape[0]), source, groups)


def _by_group(uniform: Floats, group: Codes, codes: tuple[tuple[str, ...], ...]) -> Texts:
    text = np.empty(group.shape[0], dtype=object)
    for number, choices in enumerate(codes):
        here = group == number
        text[here] = pick(uniform[here], choices, (1.0,) * len(choices))
    return text


def _rejection_reasons(
    streams: Streams, rejected: NDArray[np.bool_], duplicate: NDArray[np.bool_]
) -> Texts:
    other = pick(streams.uniform("rejection reason", rejected.shape[0]), ("02", "03"), (0.85, 0.15))
    return np.where(duplicate, "01", np.where(rejected, other, ""))


def _closing_reasons(streams: Streams, closed_on: Codes, rejected: NDArray[np.bool_]) -> Texts:
    n = closed_on.shape[0]
    kept = pick(streams.uniform("closing reason", n), ("02", "03", "07"), (0.7, 0.2, 0.1))
    return np.where(closed_on == NEVER, "", np.where(rejected, "01", kept))
