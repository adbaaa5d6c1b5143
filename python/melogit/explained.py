"""How much of the difference between groups another model accounts for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit import checks as check

if TYPE_CHECKING:
    from melogit.results import Fit


def variance_change(
    before: Fit,
    after: Fit,
    *,
    level: float = 0.95,
    replicates: int = 200,
    rng: Any = None,
    threads: int | None = None,
) -> Any:
    """Give the proportional change in variance between groups from one model to another.

    Parameters
    ----------
    before, after : Fit
        Models of the same rows, usually the second with more covariates than the first.
    level : float, default 0.95
        Confidence level, between 0 and 1.
    replicates : int, default 200
        Outcomes drawn from the second model, each fitted by both, for the percentiles of the
        interval; 0 for none.
    rng : int or numpy.random.Generator, optional
        Their seed.
    threads : int, optional
        Threads to use; results do not depend on it.

    Returns
    -------
    frame
        One row per grouping factor that both have: group, variance_before, variance_after, change
        ((before − after) / before, negative where the variance grew), lower, upper.

    Raises
    ------
    FitError
        If a model did not converge.
    OptionError
        If the models have different rows or no grouping factor in common, or hold no rows.

    Notes
    -----
    In a logistic model the variance of a record stays at π²/3, so adding covariates of the records
    stretches the scale and with it the variance between groups: the change is read most easily for
    covariates of the groups.

    References
    ----------
    Merlo et al. (2005). A brief conceptual tutorial on multilevel analysis in social epidemiology:
    interpreting neighbourhood differences. J Epidemiol Community Health 59(12).
    https://doi.org/10.1136/jech.2004.028035

    Examples
    --------
    >>> import melogit as ml
    >>> clinics = {
    ...     "y": [int(i % 7 < i % 6) for i in range(300)],
    ...     "place": [f"L{i % 6}" for i in range(300)],
    ...     "rural": ["yes" if i % 6 < 3 else "no" for i in range(300)],
    ... }
    >>> plain = ml.fit("y ~ 1 + (1 | place)", clinics)
    >>> more = ml.fit("y ~ rural + (1 | place)", clinics)
    >>> bool(variance_change(plain, more, replicates=0)["change"][0] > 0)
    True
    """
    count = 0 if replicates == 0 else check.at_least_one("replicates", replicates)
    workers = None if threads is None else check.at_least_one("threads", threads)
    seed = 0 if count == 0 else check.seed(rng)
    table = _core.variance_change(
        before._core, after._core, check.level(level), seed, count, workers
    )
    return after._frame(table)
