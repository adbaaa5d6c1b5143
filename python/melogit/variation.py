"""What a fit says about its groups: how much they differ, in what order they stand, and who stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit import checks as check
from melogit.errors import OptionError
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from melogit.results import Fit


class Variation(Estimates):
    """Shares of variance, median and interval odds ratios, ranks, funnel plots."""

    __slots__ = ()

    def heterogeneity(self, *, at: Any = None, level: float = 0.95) -> Any:
        """Variances between groups, their shares and median odds ratios.

        Parameters
        ----------
        at : data frame, or dict of arrays, optional
            Values of the columns that have random slopes: a row for each kind of person. By default
            those of an intercept alone, where every such column is zero.
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            Columns of `at`; group, variance, sd; icc (its share of the latent variance), cumulative
            (the share of it and of the factors that it is nested in: the correlation of two people
            who share a group of it), and mor (median odds ratio), each with its lower and upper.

        Raises
        ------
        ColumnNotFoundError
            If `at` lacks a column that has random slopes.
        DataError
            If it has missing values there.

        References
        ----------
        Goldstein, Browne, Rasbash (2002). Partitioning variation in multilevel models.
        Understanding Statistics 1(4). https://doi.org/10.1207/S15328031US0104_02
        Larsen, Merlo (2005). Appropriate assessment of neighborhood effects on individual health.
        Am J Epidemiol 161(1). https://doi.org/10.1093/aje/kwi017

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0, 1] * 30, "place": [f"L{i % 6}" for i in range(150)]}
        >>> list(ml.fit("y ~ 1 + (1 | place)", clinics).heterogeneity()["group"])
        ['place']
        """
        own, table = self._partition(at, level)
        return self._frame({**own, **table})

    def icc(self, level: float = 0.95, *, at: Any = None) -> Any:
        """Intraclass correlation on the latent scale, V / (ΣV + π²/3): group, icc, lower, upper.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.
        at : data frame, or dict of arrays, optional
            As in `heterogeneity`: V then is that of people with these values.

        References
        ----------
        Goldstein, Browne, Rasbash (2002). Partitioning variation in multilevel models.
        Understanding Statistics 1(4). https://doi.org/10.1207/S15328031US0104_02
        """
        return self._measure("icc", "icc", level, at)

    def median_odds_ratio(self, level: float = 0.95, *, at: Any = None) -> Any:
        """Median odds ratio, exp(0.6745 √(2V)): group, median_odds_ratio, lower, upper.

        Of two alike people in two random groups, the higher-risk group's odds over the other's,
        in the median.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.
        at : data frame, or dict of arrays, optional
            As in `heterogeneity`: V then is that of people with these values.

        References
        ----------
        Merlo et al. (2006). A brief conceptual tutorial of multilevel analysis in social
        epidemiology. J Epidemiol Community Health 60(4). https://doi.org/10.1136/jech.2004.029454
        """
        return self._measure("mor", "median_odds_ratio", level, at)

    def interval_odds_ratios(
        self, group: str | None = None, *, share: float = 0.8, level: float = 0.95
    ) -> Any:
        """Odds ratios between people of two random groups: their middle, and how many are opposed.

        Parameters
        ----------
        group : str, optional
            Grouping factor; by default the first.
        share : float, default 0.8
            Share of pairs of groups that the interval odds ratio holds.
        level : float, default 0.95
            Confidence level of the bounds of its ends and of the share, between 0 and 1.

        Returns
        -------
        frame
            name of the coefficient, odds_ratio; ior_lower and ior_upper, the ends of the interval
            odds ratio, each with bounds (ior_lower_lower, ior_lower_upper, ior_upper_lower,
            ior_upper_upper); opposed, the share of pairs whose odds ratio lies on the other side of
            one, with opposed_lower and opposed_upper.

        Notes
        -----
        Meant for covariates of the groups themselves: two people of one group do not differ in them,
        so that their effect is always seen together with a difference between groups.

        References
        ----------
        Larsen, Merlo (2005). Appropriate assessment of neighborhood effects on individual health.
        Am J Epidemiol 161(1). https://doi.org/10.1093/aje/kwi017
        Merlo et al. (2016). An original stepwise multilevel logistic regression analysis of
        discriminatory accuracy. PLoS ONE 11(4). https://doi.org/10.1371/journal.pone.0153778

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [0, 1, 1, 0, 1] * 30,
        ...     "place": [f"L{i % 6}" for i in range(150)],
        ...     "rural": ["yes" if i % 6 < 2 else "no" for i in range(150)],
        ... }
        >>> fit = ml.fit("y ~ rural + (1 | place)", clinics)
        >>> list(fit.interval_odds_ratios()["name"])
        ['rural[yes]']
        """
        share, level = check.level(share, "share"), check.level(level)
        return self._frame(_core.interval_odds_ratios(self._core, self._group(group), share, level))

    def rank(
        self,
        group: str | None = None,
        term: str | None = None,
        *,
        level: float = 0.95,
        replicates: int = 2000,
        rng: Any = None,
    ) -> Any:
        """Rank the groups by their effects, with intervals that allow for ranking.

        Parameters
        ----------
        group, term : str, optional
            Grouping factor and random term; by default the first of each.
        level : float, default 0.95
            Level of the intervals, between 0 and 1.
        replicates : int, default 2000
            Draws of all effects, for the intervals of ranks.
        rng : int or numpy.random.Generator, optional
            Their seed.

        Returns
        -------
        frame
            One row per group, in the order of the levels: level, effect (log odds), std_error, rank
            (1 is the lowest effect), expected_rank given the data, rank_lower, rank_upper; and
            comparison_lower, comparison_upper, made for comparing two groups: that the intervals of
            a pair do not overlap happens, on average over pairs, in 1 − level of the cases where
            the two are equal.

        Raises
        ------
        OptionError
            If there is no such group or term, or the groups do not differ at all.

        Notes
        -----
        With several grouping factors the covariance between two groups' effects that comes through
        the other factors is left out.

        References
        ----------
        Laird, Louis (1989). Empirical Bayes ranking methods. J Educ Stat 14(1).
        https://doi.org/10.3102/10769986014001029
        Goldstein, Healy (1995). The graphical presentation of a collection of means.
        J R Stat Soc A 158(1). https://doi.org/10.2307/2983411
        Goldstein, Spiegelhalter (1996). League tables and their limitations.
        J R Stat Soc A 159(3). https://doi.org/10.2307/2983325

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [int(i % 7 < i % 6) for i in range(300)],
        ...     "place": [f"L{i % 6}" for i in range(300)],
        ... }
        >>> [int(rank) for rank in ml.fit("y ~ 1 + (1 | place)", clinics).rank(rng=1)["rank"]]
        [1, 2, 3, 4, 5, 6]
        """
        count, level = check.at_least_one("replicates", replicates), check.level(level)
        seed = check.seed(rng)
        return self._frame(_core.ranking(self._core, self._group(group), term, level, seed, count))

    def funnel(
        self,
        group: str | None = None,
        *,
        levels: Sequence[float] = (0.95, 0.998),
        overdispersion: bool = False,
    ) -> Any:
        """Observed against expected events by group, with the limits of chance.

        Parameters
        ----------
        group : str, optional
            Grouping factor; by default the first.
        levels : two floats, default (0.95, 0.998)
            Levels of the inner and the outer limits.
        overdispersion : bool, default False
            Widen the limits for many groups that all differ a little, by the root of the mean
            squared z whose outer tenths were brought in.

        Returns
        -------
        frame
            One row per group: level, n (records, or trials), observed, expected (of the same people
            in the average over groups), ratio, precision (inverse variance of the ratio), z, lower,
            upper, outer_lower, outer_upper (limits of the ratio).

        Raises
        ------
        OptionError
            If the fit holds no rows, or there is no such group.

        References
        ----------
        Spiegelhalter (2005). Funnel plots for comparing institutional performance. Stat Med 24(8).
        https://doi.org/10.1002/sim.1970

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [int(i % 7 < i % 6) for i in range(300)],
        ...     "place": [f"L{i % 6}" for i in range(300)],
        ... }
        >>> len(ml.fit("y ~ 1 + (1 | place)", clinics).funnel()["ratio"])
        6
        """
        inner, outer = _two_levels(levels)
        table, _ = _core.funnel(
            self._core, self._group(group), (inner, outer), bool(overdispersion)
        )
        return self._frame(table)

    def funnel_plot(
        self,
        group: str | None = None,
        *,
        levels: Sequence[float] = (0.95, 0.998),
        overdispersion: bool = False,
        ax: Any = None,
    ) -> Any:
        """Draw `funnel`: the ratio of observed to expected events against the number expected.

        Parameters
        ----------
        group, levels, overdispersion
            As in `funnel`.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            Groups beyond the outer limits are filled and named.

        Raises
        ------
        OptionError
            If matplotlib is not installed, the fit holds no rows, or there is no such group.
        """
        from melogit.funnel_plot import funnel_plot

        inner, outer = _two_levels(levels)
        name = self._group(group)
        table, dispersion = _core.funnel(self._core, name, (inner, outer), bool(overdispersion))
        return funnel_plot(table, dispersion, name, (inner, outer), ax)

    def _group(self, group: str | None) -> str:
        names = self._core.groups()["group"]
        if not names:
            raise OptionError(
                "The model has no random effects, so there are no groups to speak of.",
                slug="no-groups",
            )
        return str(names[0]) if group is None else check.one_of("group", group, names)

    def _partition(self, at: Any, level: float) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the columns of `at`, repeated for every grouping factor, and those of the result."""
        level = check.level(level)
        if at is None:
            return {}, _core.heterogeneity_at(self._core, None, 0, level)
        from melogit.frame import open_frame

        needed = _core.slope_columns(self._core)
        frame = open_frame(at, needed)
        columns = frame.columns(needed)
        table = _core.heterogeneity_at(self._core, columns, frame.nrows, level)
        if clash := sorted(set(table).intersection(frame.names)):
            raise OptionError(
                f"at= has a column {clash[0]!r}, which is a column of the result. Rename it.",
                slug="at-column",
            )
        factors = len(table["group"]) // max(frame.nrows, 1)
        own = {
            name: [value for value in list(frame.raw(name)) for _ in range(factors)]
            for name in frame.names
        }
        return own, table

    def _measure(self, key: str, title: str, level: float, at: Any) -> Any:
        own, table = self._partition(at, level)
        return self._frame(
            {
                **own,
                "group": table["group"],
                title: table[key],
                "lower": table[f"{key}_lower"],
                "upper": table[f"{key}_upper"],
            }
        )


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


def _two_levels(levels: Any) -> tuple[float, float]:
    pair = list(levels) if isinstance(levels, list | tuple) else []
    if len(pair) != 2:
        raise OptionError(
            f"levels={levels!r} must be two numbers: of the inner and the outer limits.",
            slug="levels-range",
        )
    inner, outer = sorted(check.level(level, "levels") for level in pair)
    return inner, outer
