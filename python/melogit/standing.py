"""Which groups stand where: ranks, and who lies beyond the limits of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit import checks as check
from melogit.errors import OptionError
from melogit.estimates import Estimates
from melogit.variation import chosen_group

if TYPE_CHECKING:
    from collections.abc import Sequence


class Standing(Estimates):
    """Ranks and funnel plots of groups."""

    __slots__ = ()

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
        return self._frame(
            _core.ranking(self._core, chosen_group(self._core, group), term, level, seed, count)
        )

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
            self._core, chosen_group(self._core, group), (inner, outer), bool(overdispersion)
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
        name = chosen_group(self._core, group)
        table, dispersion = _core.funnel(self._core, name, (inner, outer), bool(overdispersion))
        return funnel_plot(table, dispersion, name, (inner, outer), ax)


def _two_levels(levels: Any) -> tuple[float, float]:
    pair = list(levels) if isinstance(levels, list | tuple) else []
    if len(pair) != 2:
        raise OptionError(
            f"levels={levels!r} must be two numbers: of the inner and the outer limits.",
            slug="levels-range",
        )
    inner, outer = sorted(check.level(level, "levels") for level in pair)
    return inner, outer
