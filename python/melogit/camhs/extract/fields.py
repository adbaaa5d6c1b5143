"""What is submitted of the world: its codes as one careless system writes them, and what it mends later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.draws import Codes
from melogit.camhs.extract.calendar import NEVER, Texts
from melogit.camhs.extract.dirt import Dirt, Field, soiled
from melogit.camhs.extract.world import World

_IMPOSSIBLE: Final = ("-3", "130", "abc")
NO_CHANGE: Final = -1
# No referral of the world has this source.
STALE_SOURCE: Final = "M6"


@dataclass(frozen=True, slots=True)
class Fields:
    """Submitted values of persons, referrals and contacts.

    Attributes
    ----------
    gender, gender_identity, ethnicity, area, plan, care : Field
        By person.
    age, source, reason, rejection_reason, team_type, age_group : Field
        By referral; the last two of the team the referral belongs to.
    impossible_age : ndarray of bool
        Referrals whose age is no age.
    closed_on : ndarray of int
        Day of closing as submitted, by referral.
    contact_day : ndarray of int
        Day as submitted, by contact.
    absent : ndarray of bool
        Persons without a row in MHS001MPI.
    source_corrected : ndarray of bool
        Referrals whose source is right in the last month only.
    ethnicity_from : ndarray of int
        Month from which a person's ethnicity is right; `NO_CHANGE` for always.
    contact_corrected : ndarray of int
        Contacts whose status is right in the following month only.
    """

    gender: Field
    gender_identity: Field
    ethnicity: Field
    area: Field
    plan: Field
    care: Field
    age: Field
    source: Field
    reason: Field
    rejection_reason: Field
    team_type: Field
    age_group: Field
    impossible_age: NDArray[np.bool_]
    closed_on: Codes
    contact_day: Codes
    absent: NDArray[np.bool_]
    source_corrected: NDArray[np.bool_]
    ethnicity_from: Codes
    contact_corrected: Codes


def submit_fields(world: World, dirt: Dirt) -> Fields:
    """Write every field down, faults included, and count the faults that are not counted by row."""
    people, referrals = world.people, world.referrals
    absent = _absent(world, dirt)
    changed = _changed_ethnicities(world, dirt, absent)
    corrected = _corrected_sources(world, dirt)
    age, impossible = _ages(world, dirt)
    several_teams = np.bincount(world.membership.referral) > 1
    return Fields(
        gender=soiled(dirt, "Gender", people.gender, ("blanks", "floats")),
        gender_identity=soiled(
            dirt,
            "GenderIDCode",
            people.gender_identity,
            ("blanks", "floats", "invalid_codes"),
            invalid="8",
        ),
        ethnicity=soiled(
            dirt,
            "EthnicCategory",
            people.ethnicity,
            ("blanks", "lower_case", "trailing_dots", "invalid_codes"),
            invalid="Q",
            spare=np.flatnonzero(changed != NO_CHANGE),
        ),
        area=soiled(dirt, "LSOA", people.area, ("blanks", "lower_case")),
        plan=soiled(dirt, "CPP", people.plan, ("blanks", "floats", "invalid_codes"), invalid="7"),
        care=soiled(dirt, "LACStatus", people.care, ("blanks", "lower_case")),
        age=age,
        source=soiled(
            dirt,
            "SourceOfReferralMH",
            referrals.source,
            ("blanks", "lower_case", "trailing_dots", "invalid_codes"),
            invalid="Z9",
            spare=np.flatnonzero(corrected),
        ),
        reason=soiled(dirt, "PrimReasonReferralMH", referrals.reason, ("blanks", "lost_zeros")),
        rejection_reason=soiled(
            dirt, "ReferRejectReason", referrals.rejection_reason, ("lost_zeros", "blanks")
        ),
        # A second spelling of one code would look like a second kind of team.
        team_type=soiled(
            dirt,
            "ServTeamType",
            world.teams.code[referrals.team],
            ("blanks", "lower_case"),
            spare=np.flatnonzero(several_teams),
        ),
        age_group=soiled(
            dirt, "ServTeamIntAgeGroup", world.teams.age_group[referrals.team], ("lost_zeros",)
        ),
        impossible_age=impossible,
        closed_on=_closing_days(world, dirt),
        contact_day=_contact_days(world, dirt),
        absent=absent,
        source_corrected=corrected,
        ethnicity_from=changed,
        contact_corrected=_corrected_contacts(world, dirt),
    )


def wrong_source(source: Texts) -> Texts:
    """Give each referral another source than its own.

    Examples
    --------
    >>> wrong_source(np.array(["A1", "C1"], dtype=object)).tolist()
    ['B1', 'A1']
    """
    return np.where(source == "A1", "B1", "A1").astype(object)


def wrong_reason(reason: Texts) -> Texts:
    """Give each referral another reason than its own."""
    return np.where(reason == "05", "04", "05").astype(object)


def wrong_status(status: Texts) -> Texts:
    """Give each contact another attendance than its own."""
    return np.where(status == "5", "3", "5").astype(object)


def early_ethnicity(ethnicity: Texts) -> Texts:
    """Give what stood in the record before the ethnic group was known."""
    return np.where(ethnicity == "Z", "99", "Z").astype(object)


def _ages(world: World, dirt: Dirt) -> tuple[Field, NDArray[np.bool_]]:
    age = np.array([str(years) for years in world.referrals.age.tolist()], dtype=object)
    cells = dirt.pick("impossible_ages", np.ones(age.shape[0], dtype=bool))
    dirt.count("impossible_ages", cells.shape[0])
    field = soiled(dirt, "AgeServReferRecDate", age, ("blanks", "floats"), spare=cells)
    field.text[cells] = [_IMPOSSIBLE[i % len(_IMPOSSIBLE)] for i in range(cells.shape[0])]
    return field, _mask(age.shape[0], cells)


def _closing_days(world: World, dirt: Dirt) -> Codes:
    closed_on: Codes = world.referrals.closed_on.copy()
    cells = dirt.pick("closed_before_received", closed_on != NEVER)
    dirt.count("closed_before_received", cells.shape[0])
    early = 1 + (60 * dirt.streams.uniform("closed before", cells.shape[0])).astype(np.int64)
    closed_on[cells] = world.referrals.received[cells] - early
    return closed_on


def _contact_days(world: World, dirt: Dirt) -> Codes:
    day: Codes = world.contacts.day.copy()
    cells = dirt.pick("contacts_before_received", np.ones(day.shape[0], dtype=bool))
    dirt.count("contacts_before_received", cells.shape[0])
    early = 1 + (20 * dirt.streams.uniform("contact before", cells.shape[0])).astype(np.int64)
    day[cells] = world.referrals.received[world.contacts.referral[cells]] - early
    return day


def _absent(world: World, dirt: Dirt) -> NDArray[np.bool_]:
    """Lose persons; the count is of their referrals."""
    n = world.people.identifier.shape[0]
    absent = _mask(n, dirt.pick("missing_mpi", np.ones(n, dtype=bool)))
    dirt.count("missing_mpi", int(absent[world.referrals.person].sum()))
    return absent


def _corrected_sources(world: World, dirt: Dirt) -> NDArray[np.bool_]:
    several = world.referrals.last_month > world.referrals.first_month
    cells = dirt.pick("late_corrections", several)
    dirt.count("late_corrections", cells.shape[0])
    return _mask(several.shape[0], cells)


def _changed_ethnicities(world: World, dirt: Dirt, absent: NDArray[np.bool_]) -> Codes:
    """Learn some ethnic groups in the last month in which the person is submitted."""
    n = world.people.identifier.shape[0]
    person = world.referrals.person
    last, first = np.zeros(n, dtype=np.int64), np.full(n, world.calendar.last)
    np.maximum.at(last, person, world.referrals.last_month)
    np.minimum.at(first, person, world.referrals.first_month)
    cells = dirt.pick("late_person_corrections", (last > first) & ~absent)
    dirt.count("late_person_corrections", cells.shape[0])
    changed = np.full(n, NO_CHANGE)
    changed[cells] = last[cells]
    return changed


def _corrected_contacts(world: World, dirt: Dirt) -> Codes:
    goes_on = world.contacts.month < world.referrals.last_month[world.contacts.referral]
    cells = dirt.pick("contact_corrections", goes_on)
    dirt.count("contact_corrections", cells.shape[0])
    return cells


def _mask(size: int, cells: Codes) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    mask[cells] = True
    return mask
