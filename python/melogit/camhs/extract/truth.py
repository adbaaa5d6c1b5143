"""What a reader of the extract should find: one row per referral of the world.

Everything here comes from the world and from what was submitted of it, nothing from the tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.draws import Codes
from melogit.camhs.extract.calendar import NEVER, SWITCH, Texts, iso
from melogit.camhs.extract.contacts import ATTENDED
from melogit.camhs.extract.fields import NO_CHANGE, Fields, early_ethnicity
from melogit.camhs.extract.teams import PROVIDERS
from melogit.camhs.extract.world import World

Truth = dict[str, NDArray[Any]]


def tell(world: World, fields: Fields) -> Truth:
    """Give the true, final values of every referral.

    Parameters
    ----------
    world : World
        What is true.
    fields : Fields
        What is submitted: coded fields are as in the latest submission, misspelt or not.

    Returns
    -------
    dict of str to ndarray
        Identifiers are canonical, days ISO text, numbers int, and None is a missing value.
    """
    referrals, person = world.referrals, world.referrals.person
    age: NDArray[np.object_] = referrals.age.astype(object)
    age[fields.impossible_age] = None
    late = referrals.last_month >= SWITCH
    return {
        "UniqServReqID": referrals.identifier,
        "Person_ID": world.people.identifier[person],
        "OrgIDProv": np.array(PROVIDERS, dtype=object)[referrals.provider],
        "UniqMonthID": referrals.last_month,
        "referral_date": iso(referrals.received, None),
        "age": age,
        **_person_fields(world, fields),
        "SourceOfReferralMH": _known(fields.source.text),
        "PrimReasonReferralMH": _known(fields.reason.text),
        "team_id": world.teams.identifier[referrals.team],
        "team_type": fields.team_type.text,
        "all_team_types": _all_types(world, fields),
        "ServTeamIntAgeGroup": _without(~late, fields.age_group.text),
        "rejection_date": iso(referrals.rejected_on, None),
        "rejection_reason": _known(fields.rejection_reason.text),
        "closed_date": iso(fields.closed_on, None),
        **_contact_fields(world, fields),
        "rejected_all": referrals.rejected.astype(np.int64),
        "duplicate": referrals.duplicate.astype(np.int64),
    }


def _person_fields(world: World, fields: Fields) -> Truth:
    person = world.referrals.person
    learnt = fields.ethnicity_from[person]
    early = (learnt != NO_CHANGE) & (world.referrals.last_month < learnt)
    before = early_ethnicity(world.people.ethnicity)[person]
    demographic = {
        "Gender": fields.gender.text[person],
        "GenderIDCode": fields.gender_identity.text[person],
        "EthnicCategory": np.where(early, before, fields.ethnicity.text[person]),
        "LSOA": fields.area.text[person],
    }
    absent = fields.absent[person]
    return {
        **{name: _without(absent, _known(text)) for name, text in demographic.items()},
        "CPP": _known(fields.plan.text[person]),
        "LACStatus": _known(fields.care.text[person]),
    }


def _all_types(world: World, fields: Fields) -> Texts:
    """Join the distinct codes of all teams of each referral."""
    members = world.membership
    own = fields.team_type.text[members.referral]
    types = np.where(members.primary, own, world.teams.code[members.team])
    found: list[set[str]] = [set() for _ in range(world.referrals.person.shape[0])]
    for referral, code in zip(members.referral.tolist(), types.tolist(), strict=True):
        found[referral].add(code)
    return np.array(["|".join(sorted(codes)) for codes in found], dtype=object)


def _contact_fields(world: World, fields: Fields) -> Truth:
    n = world.referrals.person.shape[0]
    referral, day = world.contacts.referral, fields.contact_day
    after = day >= world.referrals.received[referral]
    attended = np.isin(world.contacts.status.astype(str), ATTENDED)
    return {
        "first_contact": iso(_earliest(n, referral[after], day[after]), None),
        "first_attended": iso(
            _earliest(n, referral[after & attended], day[after & attended]), None
        ),
        "n_contacts": np.bincount(referral, minlength=n),
    }


def _earliest(size: int, referral: Codes, day: Codes) -> Codes:
    never = np.iinfo(np.int64).max
    earliest = np.full(size, never)
    np.minimum.at(earliest, referral, day)
    return np.where(earliest == never, NEVER, earliest)


def _known(text: Texts) -> Texts:
    return _without(text == "", text)


def _without(missing: NDArray[np.bool_], text: Texts) -> Texts:
    kept: Texts = text.copy()
    kept[missing] = None
    return kept
