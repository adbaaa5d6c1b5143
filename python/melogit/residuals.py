"""Residuals of a fit, and tests of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from melogit import _core
from melogit import checks as check
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from melogit._core import QuantileResiduals


class ResidualChecks(Estimates):
    """Simulated quantile residuals, the classical kinds, and tests of the model by them."""

    __slots__ = ()

    def residuals(
        self,
        kind: Literal["quantile", "pearson", "deviance", "response"] = "quantile",
        *,
        by: str | None = None,
        conditional: bool = False,
        replicates: int = 250,
        rng: Any = None,
        threads: int | None = None,
    ) -> Any:
        """Compute residuals of the rows used, or of groups of them.

        Parameters
        ----------
        kind : {"quantile", "pearson", "deviance", "response"}, default "quantile"
            A quantile residual is where the outcome lies among outcomes drawn from the model,
            between 0 and 1, uniform if the model is right. The others are of conditional risks;
            of yes/no records they lie on two lines and show little.
        by : str, optional
            Grouping factor: first add up events over each of its levels. Quantile only.
        conditional : bool, default False
            Keep the groups' effects at their estimates in the draws, instead of drawing new groups.
            Quantile only.
        replicates : int, default 250
            Outcomes drawn.
        rng : int or numpy.random.Generator, optional
            Seed of the draws.
        threads : int, optional
            Threads to use at most. The result does not change.

        Returns
        -------
        frame
            row (of the data, counted from 0) or level, trials, observed, expected (events; drawn on
            average, or by the conditional risk), residual.

        Raises
        ------
        OptionError
            If an argument has no meaning, or the fit holds no rows.

        References
        ----------
        Dunn, Smyth (1996). Randomized quantile residuals. J Comput Graph Stat 5(3).
        https://doi.org/10.1080/10618600.1996.10474708

        Hartig. DHARMa: residual diagnostics for hierarchical regression models.
        https://cran.r-project.org/package=DHARMa

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0, 1] * 24, "place": [f"L{i % 8}" for i in range(120)]}
        >>> fit = ml.fit("y ~ 1 + (1 | place)", clinics)
        >>> list(fit.residuals(by="place", rng=1)["level"])[:2]
        ['L0', 'L1']
        """
        kinds = ("quantile", "pearson", "deviance", "response")
        if check.one_of("kind", kind, kinds) != "quantile":
            return self._frame(_core.classic_residuals(self._core, kind))
        found = self._simulated(by, replicates, rng, threads, conditional=conditional)
        return self._frame(found.table())

    def residual_tests(
        self,
        *,
        by: str | None = None,
        conditional: bool = False,
        replicates: int = 250,
        rng: Any = None,
        threads: int | None = None,
    ) -> Any:
        """Test simulated residuals for uniformity, dispersion, and outliers.

        Parameters
        ----------
        by, conditional, replicates, rng, threads
            As in `residuals`. Dispersion of yes/no records says nothing; by a grouping factor it
            does.

        Returns
        -------
        frame of three rows
            test, statistic, expected, p_value. ``uniformity``: Kolmogorov-Smirnov distance (exact
            below 100 residuals). ``dispersion``: variance about the typical outcome, over its mean
            in the draws. ``outliers``: residuals beyond all draws but a share of 1 / (replicates +
            1) at either end, exact binomial test.
        """
        found = self._simulated(by, replicates, rng, threads, conditional=conditional)
        return self._frame(found.tests())

    def residual_plot(
        self,
        *,
        by: str | None = None,
        conditional: bool = False,
        replicates: int = 250,
        rng: Any = None,
        threads: int | None = None,
        ax: Any = None,
    ) -> Any:
        """Draw simulated residuals against what a right model gives: a quantile-quantile plot.

        Parameters
        ----------
        by, conditional, replicates, rng, threads
            As in `residuals`.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from melogit.fitplots import residual_plot

        found = self._simulated(by, replicates, rng, threads, conditional=conditional)
        return residual_plot(found.table()["residual"], found.tests(), ax)

    def _simulated(
        self, by: str | None, replicates: int, rng: Any, threads: int | None, *, conditional: bool
    ) -> QuantileResiduals:
        count = check.at_least_one("replicates", replicates)
        workers = None if threads is None else check.at_least_one("threads", threads)
        seed = check.seed(rng)
        return _core.quantile_residuals(self._core, count, seed, bool(conditional), by, workers)
