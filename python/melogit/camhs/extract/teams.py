"""The invented teams of three invented providers, and who else a referral went to.

Each provider has eight teams that receive referrals, one code each, and two that only ever join:
a service for looked-after children and one for young offenders. The team a referral belongs to is
the first by identifier among those that did not reject it; further teams are drawn so that this is
always the team whose effect was planted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from melogit.camhs.codes import LEVELS
from melogit.camhs.draws import Codes, Streams
from melogit.camhs.extract.calendar import Texts

PROVIDERS: Final = ("XA1", "XB2", "XC3")
_COMMUNITY, _SINGLE_POINT, _NEURO, _CRISIS, _EATING = LEVELS["destination"]
# In the order of their identifiers.
_DESTINATIONS: Final = (
    _COMMUNITY,
    _NEURO,
    _SINGLE_POINT,
    _COMMUNITY,
    _EATING,
    _CRISIS,
    _NEURO,
    _COMMUNITY,
)
RECEIVING: Final = len(_DESTINATIONS)
_JOINING: Final = ("C06", "C07")
_EACH: Final = RECEIVING + len(_JOINING)
# A crisis team of each provider has another code; the two neurodevelopment teams differ too.
_CRISIS_CODES: Final = ("A02", "C05", "A11")
_NEURO_CODES: Final = ("C04", "C01")
_FOR_CHILDREN, _FOR_ALL = "02", "01"
_ALL_AGES: Final = ("A02", "A11", "A18")
_YOUNGEST_OFFENDER: Final = 13


@dataclass(frozen=True, slots=True)
class Teams:
    """Identifier, code and intended age group of every team, by team number."""

    identifier: Texts
    code: Texts
    age_group: Texts


@dataclass(frozen=True, slots=True)
class Membership:
    """Which teams each referral went to, sorted by referral.

    Attributes
    ----------
    referral, team : ndarray of int, shape (m,)
        One entry per referral and team.
    primary : ndarray of bool, shape (m,)
        Whether the team is the one the referral belongs to.
    refused : ndarray of bool, shape (m,)
        Whether this team, and not the referral as a whole, said no.
    """

    referral: Codes
    team: Codes
    primary: NDArray[np.bool_]
    refused: NDArray[np.bool_]


def list_teams() -> Teams:
    """List the teams of all providers.

    Examples
    --------
    >>> teams = list_teams()
    >>> teams.identifier[:2].tolist(), teams.code[:2].tolist()
    (['XA1T01', 'XA1T02'], ['A06', 'C04'])
    """
    codes = [code for provider in range(len(PROVIDERS)) for code in _codes(provider)]
    return Teams(
        identifier=_objects([f"{p}T{n:02d}" for p in PROVIDERS for n in range(1, _EACH + 1)]),
        code=_objects(codes),
        age_group=_objects([_FOR_ALL if c in _ALL_AGES else _FOR_CHILDREN for c in codes]),
    )


def _codes(provider: int) -> list[str]:
    neuro = iter(_NEURO_CODES)
    single = {
        _COMMUNITY: "A06",
        _SINGLE_POINT: "A18",
        _CRISIS: _CRISIS_CODES[provider],
        _EATING: "C10",
    }
    return [single.get(kind) or next(neuro) for kind in _DESTINATIONS] + list(_JOINING)


def primary_teams(streams: Streams, provider: Codes, destination: Codes, place: Codes) -> Codes:
    """Send seven in ten referrals to the team of their place, the rest to any of the right kind."""
    chosen = np.empty(provider.shape[0], dtype=np.int64)
    own = streams.uniform("own team of kind", provider.shape[0]) < 0.7
    other = streams.uniform("any team of kind", provider.shape[0])
    for kind, label in enumerate(LEVELS["destination"]):
        numbers = np.array([i for i, name in enumerate(_DESTINATIONS) if name == label])
        choice = np.where(own, place % len(numbers), (other * len(numbers)).astype(np.int64))
        here = destination == kind
        chosen[here] = numbers[choice[here]]
    return np.asarray(provider * _EACH + chosen)


def receiving(team: Codes) -> Codes:
    """Give the receiving teams numbers without gaps, for their effects."""
    return np.asarray(team // _EACH * RECEIVING + team % _EACH)


def memberships(
    streams: Streams,
    primary: Codes,
    rejected: NDArray[np.bool_],
    in_care: NDArray[np.bool_],
    age: Codes,
) -> Membership:
    """Draw the further teams of each referral.

    A team with a higher identifier decides as the referral was decided; a team with a lower one
    refused, and only ever does so for a referral that another team kept.
    """
    n = primary.shape[0]
    number, base = primary % _EACH, primary // _EACH * _EACH
    all_of = np.arange(n)
    room = RECEIVING - 1 - number
    above = (streams.uniform("team above", n) < 0.08) & (room > 0)
    below = (streams.uniform("team below", n) < 0.06) & (number > 0) & ~rejected
    care = in_care & (streams.uniform("care team", n) < 0.5)
    youth = (age >= _YOUNGEST_OFFENDER) & (streams.uniform("youth team", n) < 0.02)
    higher = (
        primary + 1 + (streams.uniform("which above", n) * np.maximum(room, 1)).astype(np.int64)
    )
    lower = base + (streams.uniform("which below", n) * np.maximum(number, 1)).astype(np.int64)
    parts = (
        (np.ones(n, dtype=bool), primary),
        (above, higher),
        (below, lower),
        (care, base + RECEIVING),
        (youth, base + RECEIVING + 1),
    )
    referral = np.concatenate([all_of[which] for which, _ in parts])
    team = np.concatenate([number[which] for which, number in parts])
    kind = np.repeat(np.arange(len(parts)), [int(which.sum()) for which, _ in parts])
    order = np.lexsort((team, referral))
    return Membership(referral[order], team[order], kind[order] == 0, kind[order] == 2)


def _objects(texts: list[str]) -> Texts:
    return np.array(texts, dtype=object)
