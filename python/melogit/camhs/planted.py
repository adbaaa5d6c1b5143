"""What the synthetic cohort is made to contain, and where each number comes from.

Three origins are kept apart, because a reader must never mistake the one for
the other:

``"briefing"``
    the COACHES briefing (*CAMHS Referrals and Outcomes for Adolescents and
    Children with Social Workers*) reports it, or its direction;
``"preprint"``
    the study's preprint reports it (doi 10.31234/osf.io/9utzk_v1, which has a
    different outcome and different categories, so the two do not agree);
``"invented"``
    nobody reports it. It was made up to give the cohort a plausible shape, and
    says nothing about any real service or any real group of young people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import isfinite
from typing import Final, Literal

from melogit.camhs.codes import LEVELS
from melogit.errors import OptionError

Origin = Literal["briefing", "preprint", "invented", "caller"]


@dataclass(frozen=True, slots=True)
class PlantedEffect:
    """One odds ratio of the cohort, conditional on the location.

    Attributes
    ----------
    variable, level : str
        The category it belongs to; the comparison is the variable's first level.
    odds_ratio : float
        Odds of rejection against the reference, every other variable and the
        location held fixed.
    origin : {"briefing", "preprint", "invented", "caller"}
        Who says so; "caller" for a value passed to `synthetic_referrals`.
    note : str
        What the origin does and does not say.
    """

    variable: str
    level: str
    odds_ratio: float
    origin: Origin
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlantedSpread:
    """Standard deviation, in log-odds, of one random effect; all are invented."""

    group: str
    sd: float
    origin: Origin = "invented"


@dataclass(frozen=True, slots=True)
class Planted:
    """Everything planted in a synthetic cohort.

    Attributes
    ----------
    effects : tuple of PlantedEffect
        One per level, references included (odds ratio 1).
    spreads : tuple of PlantedSpread
        Location, team and patient.
    intercept : float
        Log-odds of rejection for the reference young person in a typical
        location; invented, set so that about 39 % of referrals are rejected.

    Examples
    --------
    >>> PLANTED.odds_ratio("social_work", "Child protection plan")
    2.0
    >>> PLANTED.spread("location")
    0.4
    """

    effects: tuple[PlantedEffect, ...]
    spreads: tuple[PlantedSpread, ...]
    intercept: float

    def __iter__(self) -> Iterator[PlantedEffect]:
        return iter(self.effects)

    def odds_ratio(self, variable: str, level: str) -> float:
        """Give the planted odds ratio of a level against its reference."""
        return self.odds_ratios()[variable][level]

    def spread(self, group: str) -> float:
        """Give the planted standard deviation (log-odds) of a grouping factor."""
        return {spread.group: spread.sd for spread in self.spreads}[group]

    def odds_ratios(self) -> dict[str, dict[str, float]]:
        """Give all odds ratios as ``{variable: {level: odds ratio}}``."""
        table: dict[str, dict[str, float]] = {}
        for effect in self.effects:
            table.setdefault(effect.variable, {})[effect.level] = effect.odds_ratio
        return table

    def columns(self) -> dict[str, list[str] | list[float]]:
        """Give the effects as columns, ready for any data-frame library."""
        return {
            "variable": [effect.variable for effect in self.effects],
            "level": [effect.level for effect in self.effects],
            "odds_ratio": [effect.odds_ratio for effect in self.effects],
            "origin": [str(effect.origin) for effect in self.effects],
            "note": [effect.note for effect in self.effects],
        }

    def changed(
        self,
        odds_ratios: Mapping[str, Mapping[str, float]] | None = None,
        location_sd: float | None = None,
    ) -> Planted:
        """Give a copy with some values replaced; the rest keep their origin.

        Parameters
        ----------
        odds_ratios : mapping, optional
            ``{variable: {level: odds ratio}}``; any subset of the levels.
        location_sd : float, optional
            Standard deviation of the location effect, log-odds.

        Raises
        ------
        OptionError
            For an unknown variable or level, the reference level, an odds ratio
            that is not a positive number, or a negative standard deviation.
        """
        wanted = _checked(self.odds_ratios(), odds_ratios or {})
        effects = tuple(
            replace(e, odds_ratio=wanted[e.variable, e.level], origin="caller", note="")
            if (e.variable, e.level) in wanted
            else e
            for e in self.effects
        )
        return replace(self, effects=effects, spreads=self._spreads(location_sd))

    def _spreads(self, location_sd: float | None) -> tuple[PlantedSpread, ...]:
        if location_sd is None or location_sd == self.spread("location"):
            return self.spreads
        if not (isfinite(location_sd) and location_sd >= 0):
            raise OptionError(
                f"location_sd must be a number of at least 0, not {location_sd!r}.",
                slug="cohort-spread",
            )
        return tuple(
            PlantedSpread("location", location_sd, "caller") if s.group == "location" else s
            for s in self.spreads
        )


def _checked(
    known: Mapping[str, Mapping[str, float]], asked: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], float]:
    """Check the caller's odds ratios against the cohort's variables and levels."""
    wanted: dict[tuple[str, str], float] = {}
    for variable, levels in asked.items():
        _known(variable, list(known), "variable of the synthetic cohort")
        for level, value in levels.items():
            _known(level, list(known[variable]), f"level of {variable}")
            if level == LEVELS[variable][0]:
                raise OptionError(
                    f"{level!r} is the reference of {variable}: its odds ratio is 1.",
                    slug="cohort-reference",
                )
            if not (isfinite(value) and value > 0):
                raise OptionError(
                    f"The odds ratio of {variable} {level!r} must be positive, not {value!r}.",
                    slug="cohort-odds-ratio",
                )
            wanted[variable, level] = float(value)
    return wanted


def _known(name: str, names: list[str], what: str) -> None:
    """Refuse a name that is not among the known ones, offering the nearest."""
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(names)}."
    raise OptionError(f"There is no {what} called {name!r}.{hint}", slug="cohort-name")


_PAST = "for another outcome"
_CARE = "less likely; the number is ours"
_MOST = "around 2"
_GRADED = "graded"

_REPORTED: Final[Mapping[tuple[str, str], tuple[float, Origin, str]]] = {
    ("social_work", "Past involvement"): (1.14, "preprint", _PAST),
    ("social_work", "Child protection plan"): (2.0, "briefing", _MOST),
    ("social_work", "Other current involvement"): (3.1, "briefing", "over 3"),
    ("social_work", "In care"): (0.6, "briefing", _CARE),
    ("imd_quintile", "4"): (1.19, "invented", _GRADED),
    ("imd_quintile", "3"): (1.41, "invented", _GRADED),
    ("imd_quintile", "2"): (1.68, "invented", _GRADED),
    ("imd_quintile", "1 most deprived"): (2.0, "briefing", _MOST),
}

# In the order of LEVELS, reference first.
_INVENTED: Final[Mapping[str, tuple[float, ...]]] = {
    "ethnicity": (1.0, 1.05, 1.20, 1.10, 1.25),
    "age_band": (1.0, 0.85, 0.80, 0.65, 0.75),
    "gender": (1.0, 0.85, 0.90),
    "source": (1.0, 1.15, 0.90, 1.30, 0.80, 0.40),
    "destination": (1.0, 1.50, 1.25, 0.45, 0.60),
}


def _effect(variable: str, position: int, level: str) -> PlantedEffect:
    if position == 0:
        return PlantedEffect(variable, level, 1.0, "invented", "reference")
    if (variable, level) in _REPORTED:
        return PlantedEffect(variable, level, *_REPORTED[variable, level])
    return PlantedEffect(variable, level, _INVENTED[variable][position], "invented")


PLANTED: Final = Planted(
    effects=tuple(
        _effect(variable, position, level)
        for variable, levels in LEVELS.items()
        for position, level in enumerate(levels)
    ),
    spreads=(
        PlantedSpread("location", 0.4),
        PlantedSpread("team", 0.3),
        PlantedSpread("patient", 0.8),
    ),
    intercept=-0.68,
)
"""The default: the briefing's odds ratios; everything else invented."""
