"""What a fit says about its groups: how much they differ."""

from __future__ import annotations

from typing import Any

from melogit import _core
from melogit import checks as check
from melogit.errors import OptionError
from melogit.estimates import Estimates


class Variation(Estimates):
    """Shares of variance, median and interval odds ratios."""

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
        return self._frame(
            _core.interval_odds_ratios(self._core, chosen_group(self._core, group), share, level)
        )

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
        own: dict[str, Any] = {}
        if at is None:
            table = self._core.heterogeneity(check.level(level))
        else:
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


def chosen_group(core: _core.Fit, group: str | None) -> str:
    """Check the name of a grouping factor; by default it is the first.

    Raises
    ------
    OptionError
        If there is none of that name, or none at all.
    """
    names = core.groups()["group"]
    if not names:
        raise OptionError(
            "The model has no random effects, so there are no groups to speak of.",
            slug="no-groups",
        )
    return str(names[0]) if group is None else check.one_of("group", group, names)
