"""The invented young people: their covariates and how these hang together.

All shares below are invented. They only need to be plausible in the ways that
matter to an adjusted analysis: deprived places have more deprived residents;
deprivation goes with social work involvement; age goes with gender, with the
source of the referral and with the team; hospital referrals go to the crisis
team; involved young people are referred by social services more often.
The random effect of a location is drawn independently of all of these, as the
model assumes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.codes import AGE_LOWER, LEVELS
from melogit.camhs.draws import Codes, Floats, Streams, choose, spread_evenly

# Ages 0 to 17: referrals rise through primary school and peak at 14 and 15.
_AGES: Final = (
    0.3,
    0.4,
    0.8,
    1.5,
    2.5,
    4.0,
    5.0,
    5.5,
    6.0,
    6.5,
    6.5,
    7.0,
    7.5,
    10.0,
    11.5,
    11.5,
    9.0,
    6.0,
)
_ETHNICITY: Final = (0.44, 0.13, 0.09, 0.26, 0.08)
_SOCIAL_WORK: Final = (0.82, 0.05, 0.055, 0.035, 0.04)

# Rows: age bands.
_GENDER_BY_AGE: Final = (
    (0.62, 0.378, 0.002),
    (0.64, 0.356, 0.004),
    (0.52, 0.470, 0.010),
    (0.34, 0.635, 0.025),
    (0.34, 0.625, 0.035),
)
_SOURCE_BY_AGE: Final = (
    (0.50, 0.10, 0.08, 0.07, 0.23, 0.02),
    (0.48, 0.09, 0.05, 0.20, 0.15, 0.03),
    (0.48, 0.10, 0.05, 0.25, 0.07, 0.05),
    (0.42, 0.13, 0.05, 0.20, 0.04, 0.16),
    (0.38, 0.22, 0.05, 0.10, 0.03, 0.22),
)
_DESTINATION_BY_AGE: Final = (
    (0.40, 0.25, 0.330, 0.010, 0.010),
    (0.40, 0.24, 0.325, 0.020, 0.015),
    (0.46, 0.25, 0.200, 0.050, 0.040),
    (0.50, 0.22, 0.070, 0.130, 0.080),
    (0.50, 0.22, 0.040, 0.170, 0.070),
)
# Log-weights added per age band.
_SOCIAL_WORK_BY_AGE: Final = (
    (0.0, -0.8, 0.6, 0.1, -0.3),
    (0.0, -0.2, 0.3, 0.1, -0.1),
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.2, -0.2, 0.0, 0.2),
    (0.0, 0.4, -0.8, 0.0, 0.3),
)
# Log-weights added per step of deprivation from the middle quintile.
_ETHNICITY_PER_STEP: Final = (0.0, 0.08, 0.0, 0.18, 0.10)
_SOCIAL_WORK_PER_STEP: Final = (0.0, 0.15, 0.30, 0.20, 0.20)
_SOURCE_PER_STEP: Final = (0.0, -0.12, 0.05, 0.0, 0.0, 0.05)
# Log-weight of "Social services" as the source, per kind of involvement.
_SERVICES_BY_INVOLVEMENT: Final = (0.0, 0.5, 2.0, 1.8, 2.2)
# Rows: source of referral.
_DESTINATION_BY_SOURCE: Final = (
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.4, 0.0, 0.0, 0.0),
    (0.0, 0.2, -0.2, 0.2, -0.5),
    (0.0, 0.3, 0.3, 0.0, -0.3),
    (0.0, 0.0, 1.0, 0.0, 0.0),
    (0.0, -0.3, -1.5, 2.5, 0.3),
)
# Rows: gender.
_DESTINATION_BY_GENDER: Final = (
    (0.0, 0.0, 0.4, 0.0, -1.2),
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.3, 0.2, 0.0),
)

# Cuts of the deprivation score between quintiles, least to most deprived.
_DEPRIVATION_CUTS: Final = (-2.49, -1.24, -0.11, 1.24)
# The study had 71,740 first referrals; the cohort's 71,000 come from 52,592 people.
PEOPLE_PER_REFERRAL: Final = 52_592 / 71_000


@dataclass(frozen=True, slots=True)
class Population:
    """Covariates of n referrals as integer codes, and which of them are missing.

    Attributes
    ----------
    age : ndarray of int, shape (n,)
        Age at referral in whole years.
    codes : mapping of str to ndarray of int, shape (n,)
        Position of each referral in ``LEVELS[variable]``.
    location, team, patient : ndarray of int, shape (n,)
        Group numbers from 0.
    missing : mapping of str to ndarray of bool, shape (n,)
        True where the recorded value would be absent.
    """

    age: Codes
    codes: Mapping[str, Codes]
    location: Codes
    team: Codes
    patient: Codes
    missing: Mapping[str, NDArray[np.bool_]]


def draw_population(streams: Streams, n: int, locations: int, teams: int) -> Population:
    """Draw the covariates of `n` referrals in `locations` places.

    Each person has one location, quintile, ethnic group and gender; a later
    referral of the same person is up to two years later and has its own social
    work involvement, source and team.
    """
    people = max(1, round(n * PEOPLE_PER_REFERRAL))
    person = _referred(streams, n, people)
    place = _places(streams, locations)
    home = spread_evenly(place["size"], people)[streams.order("home", people)]
    first_age = choose(streams.uniform("age", people), np.log(_AGES))
    quintile = _deprivation(streams, place["deprivation"][home])
    ethnicity = _ethnicity(streams, quintile, place["diversity"][home])
    gender = choose(streams.uniform("gender", people), _by(_GENDER_BY_AGE, _band(first_age)))
    later = np.arange(n) >= people
    age = np.minimum(17, first_age[person] + later * (3 * streams.uniform("later", n)).astype(int))
    codes = _referral_codes(streams, age, quintile[person], gender[person])
    codes["ethnicity"] = ethnicity[person]
    row = streams.order("row", n)
    return Population(
        age=age[row],
        codes={name: codes[name][row] for name in LEVELS},
        location=home[person][row],
        team=_teams(streams, home[person], teams)[row],
        patient=person[row],
        missing=_missing(streams, place["recording"][home], person, row),
    )


def _referred(streams: Streams, n: int, people: int) -> Codes:
    """Give every person one referral, and the rest to people at random."""
    extra = (streams.uniform("again", n - people) * people).astype(np.int64)
    return np.concatenate([np.arange(people), extra])


def _places(streams: Streams, locations: int) -> dict[str, Floats]:
    """Draw size, deprivation, diversity and quality of recording of each place."""
    size = np.exp(0.9 * streams.normal("size", locations))
    return {
        "size": 0.15 + 0.85 * size / size.mean(),
        "deprivation": 1.1 * streams.normal("deprivation", locations),
        "diversity": streams.normal("diversity", locations),
        "recording": streams.normal("recording", locations),
    }


def _deprivation(streams: Streams, score: Floats) -> Codes:
    """Give each person a quintile, 0 least to 4 most deprived."""
    uniform = streams.uniform("quintile", score.shape[0])
    return np.searchsorted(_DEPRIVATION_CUTS, score + np.log(uniform / (1.0 - uniform)))


def _ethnicity(streams: Streams, quintile: Codes, diversity: Floats) -> Codes:
    # Added to the log-weights per unit of a place's diversity score.
    per_place = np.array([0.0, 0.3, 0.6, 0.5, 0.4])
    return choose(
        streams.uniform("ethnicity", quintile.shape[0]),
        np.log(_ETHNICITY) + np.outer(quintile - 2, _ETHNICITY_PER_STEP),
        np.outer(diversity, per_place),
    )


def _referral_codes(
    streams: Streams, age: Codes, quintile: Codes, gender: Codes
) -> dict[str, Codes]:
    """Draw what can differ between two referrals of one person."""
    n, band, step = age.shape[0], _band(age), quintile - 2
    involvement = choose(
        streams.uniform("social_work", n),
        (np.log(_SOCIAL_WORK) + np.array(_SOCIAL_WORK_BY_AGE))[band],
        np.outer(step, _SOCIAL_WORK_PER_STEP),
    )
    services = np.zeros((len(_SERVICES_BY_INVOLVEMENT), len(LEVELS["source"])))
    services[:, LEVELS["source"].index("Social services")] = _SERVICES_BY_INVOLVEMENT
    source = choose(
        streams.uniform("source", n),
        _by(_SOURCE_BY_AGE, band),
        services[involvement],
        np.outer(step, _SOURCE_PER_STEP),
    )
    destination = choose(
        streams.uniform("destination", n),
        _by(_DESTINATION_BY_AGE, band),
        np.array(_DESTINATION_BY_SOURCE)[source],
        np.array(_DESTINATION_BY_GENDER)[gender],
    )
    return {
        "social_work": involvement,
        "age_band": band,
        "gender": gender,
        "imd_quintile": quintile,
        "source": source,
        "destination": destination,
    }


def _teams(streams: Streams, location: Codes, teams: int) -> Codes:
    """Send seven in ten referrals to the location's own team, the rest anywhere."""
    n = location.shape[0]
    elsewhere = (streams.uniform("team", n) * teams).astype(np.int64)
    return np.where(streams.uniform("own team", n) < 0.7, location % teams, elsewhere)


def _missing(
    streams: Streams, recording: Floats, person: Codes, row: Codes
) -> dict[str, NDArray[np.bool_]]:
    """Decide what was not recorded: about 13 % of ethnicity, a little elsewhere.

    Recording differs between places and between nothing else, so the rows that
    remain still follow the planted model. Real records are not so kind.
    """
    people = recording.shape[0]
    rate = {
        "ethnicity": 1.0 / (1.0 + np.exp(2.0 - 0.5 * recording)),
        "imd_quintile": np.full(people, 0.012),
        "gender": np.full(people, 0.004),
    }
    absent = {name: streams.uniform(f"{name}/missing", people) < p for name, p in rate.items()}
    return {name: flag[person][row] for name, flag in absent.items()}


def _band(age: Codes) -> Codes:
    return np.searchsorted(AGE_LOWER, age, side="right") - 1


def _by(shares: tuple[tuple[float, ...], ...], code: Codes) -> Floats:
    """Look up the log of a table of shares by row."""
    return np.asarray(np.log(shares)[code])
