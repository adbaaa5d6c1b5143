"""A synthetic cohort of CAMHS referrals, for learning, testing and timing.

**No row describes a person.** The odds ratios of social work involvement and
of deprivation are those of a published briefing, planted; everything else is
invented (see `melogit.camhs.PLANTED` for the origin of each number).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from melogit.camhs.codes import LEVELS
from melogit.camhs.draws import Codes, Floats, Streams
from melogit.camhs.planted import PLANTED, Planted
from melogit.camhs.population import Population, draw_population
from melogit.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

SEED = 1
TEAMS = 24
_ORDERED = ("age_band", "imd_quintile")
_NOTE = (
    "Synthetic: no row describes a person. Social work and deprivation odds ratios are "
    "planted from the COACHES briefing; everything else is invented."
)


def synthetic_referrals(
    n: int = 71_000,
    *,
    seed: int = SEED,
    locations: int = 150,
    odds_ratios: Mapping[str, Mapping[str, float]] | None = None,
    location_sd: float = 0.4,
    missing: bool = True,
    as_codes: bool = False,
    patients: bool = False,
    teams: bool = False,
) -> pd.DataFrame:
    """Draw a synthetic cohort of referrals with known odds ratios.

    The log-odds of rejection are the planted intercept, plus the log of the
    planted odds ratios of the referral's categories, plus a normal effect of
    its location: the planted odds ratios are *conditional* on location, which
    is what a multilevel logistic regression estimates.

    Parameters
    ----------
    n : int
        Number of referrals.
    seed : int
        Same seed, same cohort: in every process and with every numpy version.
    locations : int
        Number of locations, of unequal size.
    odds_ratios : mapping, optional
        ``{variable: {level: odds ratio}}``, replacing some planted values.
    location_sd : float
        Standard deviation of the location effect, log-odds.
    missing : bool
        Leave about 13 % of ethnic groups unrecorded, and a few values of
        deprivation and gender. Without it the same cohort is complete.
    as_codes : bool
        Give categories as integers, positions in ``melogit.camhs.LEVELS``
        (-1 for missing; locations and teams count from 0), instead of labels.
    patients, teams : bool
        Add a column `patient` (52,592 people at the default n) or `team` (24),
        each with its own planted random effect. Most people have one referral,
        so a Laplace fit finds much less than the planted SD of `patient`.

    Returns
    -------
    pandas.DataFrame, shape (n, 11) or more
        `referral_id`, `location`, `social_work`, `ethnicity`, `age` (whole
        years), `age_band`, `gender`, `imd_quintile`, `source`, `destination`,
        `rejected` (1 rejected, 0 an appointment was offered), and `patient`
        and `team` when asked for. Categories declare their order, reference
        first. ``frame.attrs["camhs"]`` records that the frame is synthetic and
        what was planted. Without pandas: a dict of numpy arrays.

    Raises
    ------
    OptionError
        For a size below 1, an unknown variable or level, an odds ratio that is
        not positive, or a negative standard deviation.

    Examples
    --------
    >>> from melogit import camhs
    >>> referrals = camhs.synthetic_referrals(1000, seed=7)
    >>> referrals.shape
    (1000, 11)
    >>> referrals.attrs["camhs"]["synthetic"]
    True
    """
    _check_sizes(n=n, locations=locations)
    planted = PLANTED.changed(odds_ratios, location_sd)
    streams = Streams(seed)
    population = draw_population(streams, n, locations, TEAMS)
    eta = _log_odds(streams, population, planted, patients=patients, teams=teams)
    rejected = streams.uniform("rejected", n) < 1.0 / (1.0 + np.exp(-eta))
    columns = _columns(population, missing, rejected.astype(np.int64))
    columns |= {"patient": population.patient + 1} if patients else {}
    columns |= {"team": population.team} if teams else {}
    labels = None if as_codes else _labels(locations)
    return _frame(columns, labels, _attributes(planted, seed, patients=patients, teams=teams))


def _check_sizes(**sizes: int) -> None:
    for name, value in sizes.items():
        if value < 1:
            raise OptionError(f"{name} must be at least 1, not {value!r}.", slug="cohort-size")


def _log_odds(
    streams: Streams, population: Population, planted: Planted, *, patients: bool, teams: bool
) -> Floats:
    """Add up the log-odds of rejection of every referral."""
    eta = np.full(population.age.shape[0], planted.intercept)
    for variable, levels in planted.odds_ratios().items():
        eta += np.log(list(levels.values()))[population.codes[variable]]
    groups = {"location": population.location}
    groups |= {"patient": population.patient} if patients else {}
    groups |= {"team": population.team} if teams else {}
    for name, code in groups.items():
        size = int(code.max()) + 1
        eta += planted.spread(name) * streams.normal(f"effect of {name}", size)[code]
    return eta


def _columns(population: Population, missing: bool, rejected: Codes) -> dict[str, Codes]:
    """Lay out the columns in the order of a table, with -1 where nothing was recorded."""
    recorded = dict(population.codes)
    if missing:
        for name, absent in population.missing.items():
            recorded[name] = np.where(absent, -1, recorded[name])
    return {
        "referral_id": np.arange(1, rejected.shape[0] + 1),
        "location": population.location,
        "social_work": recorded.pop("social_work"),
        "ethnicity": recorded.pop("ethnicity"),
        "age": population.age,
        **recorded,
        "rejected": rejected,
    }


def _labels(locations: int) -> dict[str, tuple[str, ...]]:
    """Name the categories, padding numbers so that they sort as they count."""
    width = len(str(locations))
    return {
        "location": tuple(f"Location {i:0{width}d}" for i in range(1, locations + 1)),
        "team": tuple(f"Team {i:02d}" for i in range(1, TEAMS + 1)),
        **LEVELS,
    }


def _attributes(planted: Planted, seed: int, *, patients: bool, teams: bool) -> dict[str, Any]:
    """Say on the frame itself that it is synthetic, in plain JSON types."""
    groups = ["location"] + ["patient"] * patients + ["team"] * teams
    return {
        "synthetic": True,
        "note": _NOTE,
        "seed": seed,
        "intercept": planted.intercept,
        "odds_ratios": planted.odds_ratios(),
        "spreads": {group: planted.spread(group) for group in groups},
    }


class _Attributes(dict[str, Any]):
    """What a frame says of itself; made once and never changed.

    pandas copies `attrs` deeply whenever a column is taken: 0.4 ms each time for these.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> _Attributes:
        return self


def _frame(
    columns: dict[str, Codes],
    labels: Mapping[str, tuple[str, ...]] | None,
    attributes: dict[str, Any],
) -> pd.DataFrame:
    """Make a data frame, or a dict of arrays where pandas is not installed."""
    try:
        import pandas as pd
    except ImportError:
        arrays = {name: _array(code, (labels or {}).get(name)) for name, code in columns.items()}
        return cast("pd.DataFrame", arrays)
    data = {
        name: pd.Categorical.from_codes(code, list(labels[name]), ordered=name in _ORDERED)
        if labels and name in labels
        else code
        for name, code in columns.items()
    }
    frame: pd.DataFrame = pd.DataFrame(data)
    frame.attrs["camhs"] = _Attributes(attributes)
    return frame


def _array(code: Codes, labels: tuple[str, ...] | None) -> np.ndarray[Any, Any]:
    """Turn codes into labels, None for missing; leave plain numbers alone."""
    if labels is None:
        return code
    # The appended None is what code -1 picks.
    return np.array([*labels, None], dtype=object)[code]
