"""The whole invented world of an extract: people, referrals, teams and contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melogit.camhs.draws import Streams
from melogit.camhs.extract.calendar import Calendar
from melogit.camhs.extract.contacts import Contacts, draw_contacts
from melogit.camhs.extract.people import People, draw_people
from melogit.camhs.extract.referrals import Referrals, draw_referrals, in_care, in_time
from melogit.camhs.extract.teams import Membership, Teams, list_teams, memberships
from melogit.camhs.planted import Planted
from melogit.camhs.population import PEOPLE_PER_REFERRAL, draw_population

_PLACES = 60


@dataclass(frozen=True, slots=True)
class World:
    """What is true, before anything is submitted."""

    calendar: Calendar
    people: People
    referrals: Referrals
    teams: Teams
    membership: Membership
    contacts: Contacts


def draw_world(streams: Streams, people: int, calendar: Calendar, planted: Planted) -> World:
    """Draw the world of an extract.

    Examples
    --------
    >>> from melogit.camhs.planted import PLANTED
    >>> world = draw_world(Streams(1), 100, Calendar.of(5, 12), PLANTED)
    >>> len(world.people.identifier), len(world.referrals.identifier)
    (100, 135)
    """
    population = draw_population(streams, round(people / PEOPLE_PER_REFERRAL), _PLACES, 1)
    order, first = in_time(population)
    persons = draw_people(streams, population, first, calendar.opens)
    referrals = draw_referrals(streams, population, order, persons, calendar, planted)
    return World(
        calendar=calendar,
        people=persons,
        referrals=referrals,
        teams=list_teams(),
        membership=memberships(
            streams,
            referrals.team,
            referrals.rejected,
            in_care(persons, referrals),
            np.asarray(referrals.age),
        ),
        contacts=draw_contacts(streams, referrals, calendar),
    )
