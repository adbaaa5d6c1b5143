"""The tables of an extract, as a CSV file would hold them: text in every cell, "" for nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.draws import Codes
from melogit.camhs.extract.calendar import NEVER, SWITCH, Texts, Version, iso, month_of
from melogit.camhs.extract.dirt import DUPLICATE_KEYS, Dirt
from melogit.camhs.extract.fields import (
    NO_CHANGE,
    STALE_SOURCE,
    Fields,
    early_ethnicity,
    wrong_reason,
    wrong_source,
    wrong_status,
)
from melogit.camhs.extract.smudge import smudge
from melogit.camhs.extract.submissions import Records, Rows, Submissions
from melogit.camhs.extract.teams import PROVIDERS
from melogit.camhs.extract.world import World

Tables = dict[str, dict[str, Texts]]

_SETTLED = 3


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Rows of a table with its copies already among them.

    `copies` are rows that must stay as they are; `stale` are the first of two with one key.
    """

    rows: Rows
    source: Codes
    copies: Codes
    stale: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Printer:
    """Writes tables of one extract.

    Attributes
    ----------
    world : World
        What is true.
    fields : Fields
        What is submitted.
    submissions : Submissions
        Which rows there are.
    dirt : Dirt
        Faults of rows and cells, and all counts.
    version : {5, 6, "both"}
        Which columns there are.
    """

    world: World
    fields: Fields
    submissions: Submissions
    dirt: Dirt
    version: Version

    def tables(self) -> Tables:
        """Write all tables."""
        tables: Tables = {}
        present = np.flatnonzero(~self.fields.absent[self.submissions.persons.subject])
        self._print(tables, "MHS001MPI", self.submissions.persons.at(present))
        self._print(tables, "MHS005PatInd", self.submissions.persons)
        self._print(tables, "MHS101Referral", self.submissions.referrals)
        if self.version != 6:
            self._print(tables, "MHS102ServiceTypeReferredTo", self.submissions.teams)
        if self.version != 5:
            self._print(tables, "MHS102OtherServiceType", self.submissions.further)
        self._print(tables, "MHS201CareContact", self.submissions.contacts)
        return tables

    def _print(self, tables: Tables, name: str, rows: Rows) -> None:
        sheet = _copied(self.dirt, name, rows)
        write = {
            "MHS001MPI": self._persons,
            "MHS005PatInd": self._indicators,
            "MHS101Referral": self._referrals,
            "MHS102ServiceTypeReferredTo": self._teams,
            "MHS102OtherServiceType": self._further,
            "MHS201CareContact": self._contacts,
        }[name]
        columns = _keys(self.submissions.records, sheet.rows.record) | write(sheet)
        smudge(self.dirt, name, columns, sheet.copies)
        tables[name] = columns

    def _months(self, sheet: _Sheet) -> Codes:
        return self.submissions.records.month[sheet.rows.record]

    def _persons(self, sheet: _Sheet) -> dict[str, Texts]:
        person, fields = sheet.rows.subject, self.fields
        learnt = fields.ethnicity_from[person]
        early = (learnt != NO_CHANGE) & (self._months(sheet) < learnt)
        ethnicity = fields.ethnicity.rows(self.dirt, person)
        before = early_ethnicity(self.world.people.ethnicity)[person]
        area = "LSOA2021" if self.version == 6 else "LSOA2011"
        return {
            "Person_ID": self.world.people.identifier[person],
            "OrgIDProv": self._providers(sheet),
            "Gender": fields.gender.rows(self.dirt, person),
            "GenderIDCode": fields.gender_identity.rows(self.dirt, person),
            "EthnicCategory": np.where(early, before, ethnicity),
            area: fields.area.rows(self.dirt, person),
        }

    def _indicators(self, sheet: _Sheet) -> dict[str, Texts]:
        person = sheet.rows.subject
        return {
            "Person_ID": self.world.people.identifier[person],
            "CPP": self.fields.plan.rows(self.dirt, person),
            "LACStatus": self.fields.care.rows(self.dirt, person),
        }

    def _referrals(self, sheet: _Sheet) -> dict[str, Texts]:
        referral, month = sheet.rows.subject, self._months(sheet)
        true = self.world.referrals
        closed = true.last_month[referral] == month
        closed_on = np.where(closed, self.fields.closed_on[referral], NEVER)
        columns = {
            "UniqServReqID": true.identifier[referral],
            "Person_ID": self.world.people.identifier[true.person[referral]],
            "OrgIDProv": self._providers(sheet),
            "ReferralRequestReceivedDate": iso(true.received[referral]),
            "AgeServReferRecDate": self.fields.age.rows(self.dirt, referral),
            "SourceOfReferralMH": self._sources(sheet, month),
            "PrimReasonReferralMH": self._reasons(sheet),
            "ServDischDate": iso(closed_on),
        }
        return columns if self.version == 5 else columns | self._team_of_referral(sheet, month)

    def _sources(self, sheet: _Sheet, month: Codes) -> Texts:
        referral, true = sheet.rows.subject, self.world.referrals
        early = self.fields.source_corrected[referral] & (month < true.last_month[referral])
        text = self.fields.source.rows(self.dirt, referral, ~sheet.stale)
        text = np.where(early, wrong_source(true.source)[referral], text)
        return np.where(sheet.stale, STALE_SOURCE, text)

    def _reasons(self, sheet: _Sheet) -> Texts:
        """Put another reason into some records that were submitted again in the same month."""
        referral, source = sheet.rows.subject, sheet.source
        picked = self.dirt.pick("resubmission_corrections", self.submissions.corrected)
        self.dirt.count("resubmission_corrections", picked.shape[0])
        wrong = np.isin(source, picked)
        text = self.fields.reason.rows(self.dirt, referral, ~wrong)
        return np.where(wrong, wrong_reason(self.world.referrals.reason)[referral], text)

    def _team_of_referral(self, sheet: _Sheet, month: Codes) -> dict[str, Texts]:
        """Give the columns that stand on the referral from version 6 on."""
        referral, true = sheet.rows.subject, self.world.referrals
        now = month >= SWITCH
        rejected = now & self._decided(referral, month)
        closed = now & (true.last_month[referral] == month)
        identifier = self.world.teams.identifier[true.team[referral]]
        return {
            "UniqCareProfTeamLocalID": np.where(now, identifier, ""),
            "ServTeamType": self.fields.team_type.rows(self.dirt, referral, now),
            "ServTeamIntAgeGroup": self.fields.age_group.rows(self.dirt, referral, now),
            "ReferClosReason": np.where(closed, true.closing_reason[referral], ""),
            "ReferRejectionDate": iso(np.where(rejected, true.rejected_on[referral], NEVER)),
            "ReferRejectReason": self.fields.rejection_reason.rows(self.dirt, referral, rejected),
        }

    def _teams(self, sheet: _Sheet) -> dict[str, Texts]:
        members, true = self.world.membership, self.world.referrals
        entry, month = sheet.rows.subject, self._months(sheet)
        referral = members.referral[entry]
        decided = self._decided(referral, month)
        said_no = np.minimum(true.received[referral] + _SETTLED, self.world.calendar.closes)
        refused = members.refused[entry] & (month_of(said_no) <= month)
        day = np.where(refused, said_no, np.where(decided, true.rejected_on[referral], NEVER))
        reason = self.fields.rejection_reason.rows(self.dirt, referral, decided)
        return {
            "UniqServReqID": true.identifier[referral],
            "UniqCareProfTeamID": self.world.teams.identifier[members.team[entry]],
            "ServTeamTypeRefToMH": self._team_types(entry),
            "ReferRejectionDate": iso(day),
            "ReferRejectReason": np.where(refused, "02", reason),
        }

    def _further(self, sheet: _Sheet) -> dict[str, Texts]:
        members, entry = self.world.membership, sheet.rows.subject
        return {
            "UniqServReqID": self.world.referrals.identifier[members.referral[entry]],
            "UniqOtherCareProfTeamLocalID": self.world.teams.identifier[members.team[entry]],
            "ServTeamTypeRefToMH": self._team_types(entry),
        }

    def _team_types(self, entry: Codes) -> Texts:
        members = self.world.membership
        primary = members.primary[entry]
        own = self.fields.team_type.rows(self.dirt, members.referral[entry], primary)
        return np.where(primary, own, self.world.teams.code[members.team[entry]])

    def _contacts(self, sheet: _Sheet) -> dict[str, Texts]:
        true, contact = self.world.contacts, sheet.rows.subject
        corrected = np.isin(contact, self.fields.contact_corrected)
        early = corrected & (self._months(sheet) == true.month[contact])
        status = np.where(early, wrong_status(true.status)[contact], true.status[contact])
        return {
            "UniqServReqID": self.world.referrals.identifier[true.referral[contact]],
            "UniqCareContID": true.identifier[contact],
            "CareContDate": iso(self.fields.contact_day[contact]),
            "AttendStatus": status,
        }

    def _providers(self, sheet: _Sheet) -> Texts:
        names = np.array(PROVIDERS, dtype=object)
        return np.asarray(names[self.submissions.records.provider[sheet.rows.record]])

    def _decided(self, referral: Codes, month: Codes) -> NDArray[np.bool_]:
        """Say in which rows of a rejected referral the rejection is known already."""
        true = self.world.referrals
        return np.asarray(true.rejected[referral] & (month_of(true.rejected_on[referral]) <= month))


def _keys(records: Records, record: Codes) -> dict[str, Texts]:
    """Give the columns that every table begins with."""
    months, place = np.unique(records.month[record], return_inverse=True)
    texts = np.array([str(month) for month in months.tolist()], dtype=object)
    return {
        "UniqMonthID": texts[place],
        "UniqSubmissionID": records.submission_numbers()[record],
        "RecordNumber": records.numbers()[record],
    }


def _copied(dirt: Dirt, table: str, rows: Rows) -> _Sheet:
    """Repeat some rows as they are, and put a stale row before some others."""
    n = rows.record.shape[0]
    free = np.ones(n, dtype=bool)
    keyed = dirt.pick(DUPLICATE_KEYS, free) if table == "MHS101Referral" else np.arange(0)
    dirt.count(DUPLICATE_KEYS, keyed.shape[0])
    free[keyed] = False
    doubled = dirt.pick("duplicate_rows", free, table)
    dirt.count("duplicate_rows", doubled.shape[0])
    times = np.ones(n, dtype=np.int64)
    times[keyed] = times[doubled] = 2
    source = np.repeat(np.arange(n), times)
    repeated = np.flatnonzero(times[source] == 2)
    stale = np.zeros(source.shape[0], dtype=bool)
    stale[(np.cumsum(times) - times)[keyed]] = True
    return _Sheet(rows.at(source), source, repeated, stale)
