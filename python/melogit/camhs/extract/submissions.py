"""Which rows a provider submits in which month: records, and the rows that hang on them.

A referral is submitted in every month from receipt to closure. In one month in four a provider
submits part of its records a second time, with a higher number. A record stands for one person at
one provider in one submission, and every other table refers to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.draws import Codes, Streams
from melogit.camhs.extract.calendar import SWITCH, Calendar, Texts
from melogit.camhs.extract.contacts import Contacts
from melogit.camhs.extract.referrals import Referrals
from melogit.camhs.extract.teams import PROVIDERS, Membership

_RESUBMITTED: Final = 0.25
_AGAIN: Final = 0.4
_FIRST_SUBMISSION: Final = 700_000
_FIRST_RECORD: Final = 5_000_000_000
NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Records:
    """One entry per record: a person at a provider in one submission.

    Attributes
    ----------
    person, provider, month : ndarray of int
        What it is about.
    again : ndarray of bool
        Whether it was submitted a second time in its month.
    """

    person: Codes
    provider: Codes
    month: Codes
    again: NDArray[np.bool_]

    def submission_numbers(self) -> Texts:
        """Give UniqSubmissionID: higher for a later month, and for a second submission."""
        numbers = (self.month * len(PROVIDERS) + self.provider) * 2 + self.again
        distinct, place = np.unique(numbers, return_inverse=True)
        texts = np.array([str(_FIRST_SUBMISSION + i) for i in distinct.tolist()], dtype=object)
        return np.asarray(texts[place], dtype=object)

    def numbers(self) -> Texts:
        """Give RecordNumber."""
        last = _FIRST_RECORD + self.person.shape[0]
        return np.array([str(i) for i in range(_FIRST_RECORD, last)], dtype=object)

    def newest_first(self, record: Codes) -> Codes:
        """Sort rows by person, the newest month and submission first."""
        keys = (-self.again[record].astype(np.int64), -self.month[record], self.person[record])
        return np.lexsort(keys)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table: the record each hangs on, and what it is about.

    `subject` is a person, a referral, an entry of the memberships or a contact, by table.
    """

    record: Codes
    subject: Codes

    def at(self, places: Codes) -> Rows:
        """Take some rows, in the given order."""
        return Rows(self.record[places], self.subject[places])


@dataclass(frozen=True, slots=True)
class Submissions:
    """All rows of all tables, by number.

    Attributes
    ----------
    records : Records
        What the rows hang on.
    persons, referrals, contacts : Rows
        Rows of MHS001MPI and MHS005PatInd, of MHS101Referral, of MHS201CareContact.
    teams, further : Rows
        Rows of MHS102 until and after the change of version.
    corrected : ndarray of bool
        Rows of `referrals` whose first submission is followed by a second in the same month.
    """

    records: Records
    persons: Rows
    referrals: Rows
    teams: Rows
    further: Rows
    contacts: Rows
    corrected: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Months:
    """Each referral in each of its months: the first record, and the second or `NONE`."""

    referral: Codes
    first_row: Codes
    record: Codes
    second: Codes


def submit(
    streams: Streams,
    referrals: Referrals,
    membership: Membership,
    contacts: Contacts,
    repeated: Codes,
    calendar: Calendar,
) -> Submissions:
    """Lay out the rows of all tables.

    Parameters
    ----------
    repeated : ndarray of int
        Contacts that are submitted in the following month again.
    """
    records, months = _records(streams, referrals, calendar)
    rows = _twice(Rows(months.record, months.referral), months.second)
    rows = rows.at(records.newest_first(rows.record))
    second_exists = np.zeros(records.person.shape[0], dtype=bool)
    second_exists[months.record[months.second != NONE]] = True
    everyone = np.arange(records.person.shape[0])
    persons = Rows(everyone, records.person)
    before = records.month[rows.record] < SWITCH
    return Submissions(
        records=records,
        persons=persons.at(records.newest_first(everyone)),
        referrals=rows,
        teams=_team_rows(rows.at(np.flatnonzero(before)), membership),
        further=_further_rows(rows.at(np.flatnonzero(~before)), membership),
        contacts=_contact_rows(records, referrals, contacts, months, repeated),
        corrected=second_exists[rows.record],
    )


def _records(streams: Streams, referrals: Referrals, calendar: Calendar) -> tuple[Records, _Months]:
    count = referrals.last_month - referrals.first_month + 1
    referral = np.repeat(np.arange(count.shape[0]), count)
    first_row = np.cumsum(count) - count
    month = referrals.first_month[referral] + np.arange(referral.shape[0]) - first_row[referral]
    person, provider = referrals.person[referral], referrals.provider[referral]
    group = (month - calendar.first) * len(PROVIDERS) + provider
    people = int(person.max()) + 1
    _, first, record = np.unique(group * people + person, return_index=True, return_inverse=True)
    groups = (calendar.last - calendar.first + 1) * len(PROVIDERS)
    again = streams.uniform("provider resubmits", groups) < _RESUBMITTED
    again = again[group[first]] & (streams.uniform("record again", first.shape[0]) < _AGAIN)
    copied = np.flatnonzero(again)
    second = np.full(first.shape[0], NONE)
    second[copied] = first.shape[0] + np.arange(copied.shape[0])
    place = np.concatenate([first, first[copied]])
    records = Records(
        person=person[place],
        provider=provider[place],
        month=month[place],
        again=np.arange(place.shape[0]) >= first.shape[0],
    )
    return records, _Months(referral, first_row, record, second[record])


def _twice(rows: Rows, second: Codes) -> Rows:
    """Add the rows of second submissions."""
    copied = np.flatnonzero(second != NONE)
    return Rows(
        np.concatenate([rows.record, second[copied]]),
        np.concatenate([rows.subject, rows.subject[copied]]),
    )


def _team_rows(rows: Rows, membership: Membership) -> Rows:
    """Give one row per team for each row of a referral."""
    starts = np.searchsorted(membership.referral, rows.subject, side="left")
    ends = np.searchsorted(membership.referral, rows.subject, side="right")
    count = ends - starts
    inside = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return Rows(np.repeat(rows.record, count), np.repeat(starts, count) + inside)


def _further_rows(rows: Rows, membership: Membership) -> Rows:
    """Keep the further teams: from version 6 on the first stands on the referral."""
    all_rows = _team_rows(rows, membership)
    return all_rows.at(np.flatnonzero(~membership.primary[all_rows.subject]))


def _contact_rows(
    records: Records, referrals: Referrals, contacts: Contacts, months: _Months, repeated: Codes
) -> Rows:
    """Submit each contact in its month, and some in the following month again."""
    contact = np.concatenate([np.arange(contacts.day.shape[0]), repeated])
    month = contacts.month[contact]
    month[contacts.day.shape[0] :] += 1
    referral = contacts.referral[contact]
    place = months.first_row[referral] + month - referrals.first_month[referral]
    rows = _twice(Rows(months.record[place], contact), months.second[place])
    return rows.at(records.newest_first(rows.record))
