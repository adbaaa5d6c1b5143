"""Studies that have not been done yet: draws from a design, and its power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from melogit import _core, output
from melogit import checks as check
from melogit.errors import OptionError
from melogit.runs import counting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from melogit.runs import RunProgress

# Names that a design's columns take already.
_TAKEN = ("outcome", "location")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Power:
    """What a study would show, from many simulated ones.

    Attributes
    ----------
    frame : frame
        parameter, truth (a log odds ratio, or the SD), odds_ratio (NaN for the SD), power (share of
        replicates whose two-sided Wald test rejects no effect; for the SD the likelihood-ratio test
        of no differences between locations), power_error (its Monte Carlo standard error),
        estimates (replicates that have one), mean and std_dev of the estimates, mean_std_error,
        and the share of intervals that hold the truth: coverage (Wald), coverage_profile.
    failures : frame
        slug, replicates: analyses that gave nothing. They count against the power.
    replicates : int
        Studies simulated.
    seed : int
        What they can be repeated with: ``rng=seed``.
    """

    frame: Any
    failures: Any
    replicates: int
    seed: int

    def __repr__(self) -> str:
        """Show the table."""
        return f"{self.replicates} simulated studies, seed {self.seed}\n{self.frame}"


@dataclass(frozen=True, slots=True)
class _Design:
    sizes: list[int]
    intercept: float
    names: list[str]
    exposures: list[tuple[float, float, bool]]
    sd: float

    @property
    def core(self) -> tuple[list[int], float, list[tuple[float, float, bool]], float]:
        """What the core takes."""
        return self.sizes, self.intercept, self.exposures, self.sd


def simulate_design(
    *,
    locations: int,
    referrals: int | Sequence[int],
    risk: float,
    odds_ratios: Mapping[str, float],
    shares: float | Mapping[str, float] = 0.5,
    sd: float = 0.5,
    by_location: Sequence[str] = (),
    rng: Any = None,
    backend: Literal["pandas", "polars", "pyarrow", "dict"] | None = None,
) -> Any:
    """Draw the data of a study from a stated truth.

    Parameters
    ----------
    locations : int
        Groups, at least 2.
    referrals : int or sequence of int
        Records per location; one number for all, or one each.
    risk : float
        Risk of an unexposed record in a typical location, between 0 and 1.
    odds_ratios : mapping of str to float
        Yes/no exposures and their odds ratios, given the location.
    shares : float or mapping of str to float, default 0.5
        Share of records that are exposed, between 0 and 1.
    sd : float, default 0.5
        SD of the locations' log odds.
    by_location : sequence of str
        Exposures that a whole location has or lacks, such as a policy.
    rng : int or numpy.random.Generator, optional
        Seed of the draw.
    backend : {"pandas", "polars", "pyarrow", "dict"}, optional
        Kind of frame; by default the first of these that is installed.

    Returns
    -------
    frame
        outcome (0/1), an exposure (0/1) per name, location (``L1``, ``L2``, ...).

    Raises
    ------
    OptionError
        If the numbers describe no study.

    Examples
    --------
    >>> import melogit as ml
    >>> drawn = ml.simulate_design(
    ...     locations=3, referrals=2, risk=0.3, odds_ratios={"plan": 2}, rng=1, backend="dict"
    ... )
    >>> list(drawn), drawn["location"]
    (['outcome', 'plan', 'location'], ['L1', 'L1', 'L2', 'L2', 'L3', 'L3'])
    """
    design = _design(locations, referrals, risk, odds_ratios, shares, sd, by_location)
    chosen = None if backend is None else check.one_of(
        "backend", backend, ("pandas", "polars", "pyarrow", "dict")
    )  # fmt: skip
    groups, exposures, outcome = _core.draw_design(design.core, check.seed(rng))
    columns = dict(zip(design.names, (x.astype(int) for x in exposures), strict=True))
    labels = [f"L{group + 1}" for group in groups.tolist()]
    found: dict[str, Any] = {"outcome": outcome.astype(int), **columns, "location": labels}
    return output.frame(found, output.choose(None) if chosen is None else chosen)


def power(
    *,
    locations: int,
    referrals: int | Sequence[int],
    risk: float,
    odds_ratios: Mapping[str, float],
    shares: float | Mapping[str, float] = 0.5,
    sd: float = 0.5,
    by_location: Sequence[str] = (),
    replicates: int = 1000,
    level: float = 0.95,
    profile: bool = False,
    points: int = 1,
    rng: Any = None,
    threads: int | None = None,
    progress: bool | Callable[[RunProgress], object] | None = None,
) -> Power:
    """Power of a study with records in locations, by simulating and analysing it many times.

    Parameters
    ----------
    locations, referrals, risk, odds_ratios, shares, sd, by_location
        The design and the truth, as in `simulate_design`.
    replicates : int, default 1000
        Studies; 1,000 give a power of 80 % a Monte Carlo standard error of 1.3 %.
    level : float, default 0.95
        Confidence level; tests are at ``1 - level``.
    profile : bool, default False
        Also count how often profile-likelihood intervals hold the truth.
    points : int, default 1
        Quadrature points of the analysis, as in `melogit.fit`.
    rng : int or numpy.random.Generator, optional
        Seed of the draws.
    threads : int, optional
        Threads to use at most. The result does not change.
    progress : bool or callable, optional
        As in `melogit.fit`; a function is called with a `RunProgress`, which counts studies.

    Returns
    -------
    Power
        A row per exposure, then the intercept and the SD.

    Raises
    ------
    OptionError
        If the numbers describe no study, or an argument has no meaning.

    Notes
    -----
    Every study is drawn anew, exposures included, and analysed by
    ``outcome ~ exposures + (1 | location)``.

    Examples
    --------
    >>> import melogit as ml
    >>> found = ml.power(
    ...     locations=20, referrals=30, risk=0.3, odds_ratios={"plan": 2}, replicates=50, rng=1
    ... )
    >>> list(found.frame["parameter"])
    ['plan', '(Intercept)', 'sd']
    """
    design = _design(locations, referrals, risk, odds_ratios, shares, sd, by_location)
    how, used = _how(replicates, rng, level, profile, points), check.threads(threads)
    with counting(progress, "studies") as told:
        table, failures = _core.design_power(design.core, design.names, how, used, told)
    return _power(table, failures, how, output.choose(None))


def power_of_fit(
    core: _core.Fit,
    backend: str,
    odds_ratios: Mapping[str, float],
    how: Any,
    threads: Any,
    progress: Any,
) -> Power:
    """Check what `Fit.power` was given, and run it."""
    from math import log

    if not odds_ratios or not all(_positive(x) for x in odds_ratios.values()):
        raise OptionError(
            "odds_ratios= needs at least one coefficient's name with an odds ratio above 0.",
            slug="design-exposure",
        )
    truths = [(str(name), log(ratio)) for name, ratio in odds_ratios.items()]
    checked, used = _how(*how), check.threads(threads)
    with counting(progress, "studies") as told:
        table, failures = _core.fit_power(core, truths, checked, used, told)
    return _power(table, failures, checked, backend)


def _how(
    replicates: Any, rng: Any, level: Any, profile: bool, points: Any
) -> tuple[int, int, float, bool, int]:
    count = check.at_least_one("replicates", replicates)
    seed, level = check.seed(rng), check.level(level)
    return count, seed, level, bool(profile), check.at_least_one("points", points)


def _power(table: dict[str, list[Any]], failures: Any, how: Any, backend: str) -> Power:
    from math import exp, nan

    ratios = [
        nan if name == "sd" else exp(truth)
        for name, truth in zip(table["parameter"], table["truth"], strict=True)
    ]
    columns = {"parameter": table["parameter"], "truth": table["truth"], "odds_ratio": ratios}
    failed = {"slug": [slug for slug, _ in failures], "replicates": [n for _, n in failures]}
    return Power(
        output.frame({**columns, **table}, backend), output.frame(failed, backend), how[0], how[1]
    )


def _positive(value: Any) -> bool:
    from math import isfinite

    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and isfinite(value) and value > 0


def _design(
    locations: Any, referrals: Any, risk: Any, odds_ratios: Any, shares: Any, sd: Any,
    by_location: Any,
) -> _Design:  # fmt: skip
    from math import log

    groups = check.at_least_one("locations", locations)
    if hasattr(referrals, "__index__"):
        sizes = [check.at_least_one("referrals", referrals)] * groups
    else:
        sizes = [check.at_least_one("referrals", size) for size in referrals]
    if len(sizes) != groups:
        raise OptionError(
            f"referrals= has {len(sizes)} numbers for {groups} locations; give one for each, or "
            "one number for all.",
            slug="design-referrals",
        )
    if not _positive(risk) or risk >= 1:
        raise OptionError(
            f"risk={risk!r} must be a number between 0 and 1, such as 0.3.", slug="design-risk"
        )
    names = [str(name) for name in odds_ratios]
    if not names or set(names) & set(_TAKEN) or "(Intercept)" in names or "sd" in names:
        raise OptionError(
            "odds_ratios= needs at least one exposure by name, and none may be called outcome, "
            "location, sd, or (Intercept).",
            slug="design-names",
        )
    shared = dict.fromkeys(names, shares) if not hasattr(shares, "keys") else dict(shares)
    for named, option in ((shared, "shares"), (dict.fromkeys(by_location), "by_location")):
        unknown = [name for name in named if name not in names]
        if unknown:
            raise OptionError(
                f"{option}= names {unknown[0]!r}, which odds_ratios= does not.", slug="design-names"
            )
    exposures = []
    for name in names:
        share, ratio = shared.get(name, 0.5), odds_ratios[name]
        if not _positive(ratio) or not _positive(share) or share >= 1:
            raise OptionError(
                f"Exposure {name!r} needs an odds ratio above 0 and a share between 0 and 1, not "
                f"{ratio!r} and {share!r}.",
                slug="design-exposure",
            )
        exposures.append((float(share), log(ratio), name in by_location))
    if sd != 0 and not _positive(sd):
        raise OptionError(f"sd={sd!r} must be a number from 0 up.", slug="design-sd")
    return _Design(sizes, log(risk / (1 - risk)), names, exposures, float(sd))
