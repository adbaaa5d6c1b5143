"""The invented care contacts: an accepted referral is offered some, a rejected one hardly any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from melogit.camhs.draws import Codes, Streams
from melogit.camhs.extract.calendar import NEVER, Calendar, Texts, month_of
from melogit.camhs.extract.people import pick
from melogit.camhs.extract.referrals import Referrals
from melogit.camhs.extract.teams import PROVIDERS

_TRIAGED: Final = 0.04
# A course of contacts does not go on for longer than this.
_LONGEST: Final = 480
# On time, late; did not attend, cancelled by the patient, by the provider; too late to be seen.
_STATUS: Final = ("5", "6", "3", "2", "4", "7")
_SHARES: Final = (0.70, 0.04, 0.12, 0.07, 0.06, 0.01)
ATTENDED: Final = ("5", "6")


@dataclass(frozen=True, slots=True)
class Contacts:
    """One entry per contact, by referral.

    Attributes
    ----------
    identifier : ndarray of str
        UniqCareContID.
    referral : ndarray of int
        Number of the referral.
    day, month : ndarray of int
        The date given, and the month number of the submission that first held it.
    status : ndarray of str
        AttendStatus.
    """

    identifier: Texts
    referral: Codes
    day: Codes
    month: Codes
    status: Texts


def draw_contacts(streams: Streams, referrals: Referrals, calendar: Calendar) -> Contacts:
    """Offer appointments while a referral is open.

    The first follows after about six weeks, or by the day of closing; a referral near the end of
    the extract may not have had its first yet. One rejected referral in twenty-five was seen once
    before it was turned away.
    """
    n = referrals.received.shape[0]
    until = np.where(referrals.closed_on == NEVER, calendar.closes, referrals.closed_on)
    wait = 5 - (35.0 * np.log(streams.uniform("first contact", n))).astype(np.int64)
    offered = np.where(
        referrals.closed_on == NEVER,
        referrals.received + wait,
        np.minimum(referrals.received + wait, until),
    )
    open_for = np.minimum(until - offered, _LONGEST)
    more = np.floor(open_for / 30 * (0.5 + streams.uniform("intensity", n))).astype(np.int64)
    triaged = streams.uniform("triage", n) < _TRIAGED
    count = np.where(referrals.rejected, triaged, np.where(open_for < 0, 0, 1 + more))
    start = np.where(referrals.rejected, referrals.received, offered)
    length = np.where(referrals.rejected, referrals.rejected_on - referrals.received, open_for)
    return _appointments(streams, referrals, count.astype(np.int64), start, length)


def _appointments(
    streams: Streams, referrals: Referrals, count: Codes, start: Codes, length: Codes
) -> Contacts:
    referral = np.repeat(np.arange(count.shape[0]), count)
    m = referral.shape[0]
    first = np.arange(m) == np.repeat(np.cumsum(count) - count, count)
    later = (streams.uniform("later contact", m) * (length[referral] + 1)).astype(np.int64)
    day = start[referral] + np.where(first, 0, later)
    provider = referrals.provider[referral].tolist()
    names = [f"{PROVIDERS[p]}C{i:09d}" for i, p in enumerate(provider, start=1)]
    return Contacts(
        identifier=np.array(names, dtype=object),
        referral=referral,
        day=day,
        month=month_of(day),
        status=pick(streams.uniform("attendance", m), _STATUS, _SHARES),
    )
