"""What a fit can do because it still holds its coded rows: draws and refits of the same model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import _core, output
from melogit import checks as check
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import numpy.typing as npt

    from melogit.bootstraps import Bootstrap
    from melogit.designs import Power
    from melogit.runs import RunProgress


class Refits(Estimates):
    """Draws from the fitted model, and refits to them.

    A model that was loaded from a file, copied or unpickled holds no rows: what is here then
    raises an `OptionError` that says so.
    """

    __slots__ = ()

    def penalised_intervals(self, level: float = 0.95) -> Any:
        """Intervals and tests of the coefficients from the profile of the penalised likelihood.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame of p rows
            estimate, lower, upper (log odds), statistic (twice the drop in penalised
            log-likelihood from the estimate to zero), p_value (chi-square, one degree of freedom);
            indexed by coefficient in pandas, with a column ``name`` elsewhere.

        Raises
        ------
        OptionError
            If the fit has no penalty (``not-penalised``) or holds no rows, or `level` is not
            between 0 and 1.

        Examples
        --------
        >>> import melogit as ml
        >>> trial = {"cured": [0, 1, 1, 0, 1, 1, 1, 1], "drug": ["no"] * 4 + ["yes"] * 4}
        >>> fit = ml.fit("cured ~ drug", trial, penalty="jeffreys")
        >>> fit.penalised_intervals()["lower"].round(2).to_list()
        [-1.87, -0.75]

        References
        ----------
        Heinze, Schemper (2002). A solution to the problem of separation in logistic regression.
        Statistics in Medicine 21(16). https://doi.org/10.1002/sim.1047
        """
        table = self._core.penalised_profile(check.level(level))
        names = ("estimate", "lower", "upper", "statistic", "p_value")
        return output.labelled(table["name"], {name: table[name] for name in names}, self._backend)

    def simulate(self, replicates: int = 1, *, rng: Any = None) -> npt.NDArray[np.float64]:
        """Draw outcomes from the fitted model: new effects for every group, then events.

        Parameters
        ----------
        replicates : int, default 1
            How many outcomes.
        rng : int or numpy.random.Generator, optional
            Seed of the draws; the same seed gives the same draws on any machine.

        Returns
        -------
        numpy.ndarray of shape (replicates, nobs)
            Events per row used, in the order of the data.

        Raises
        ------
        OptionError
            If an argument has no meaning, or the fit holds no rows.

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0] * 30, "place": [f"L{i % 6}" for i in range(120)]}
        >>> ml.fit("y ~ 1 + (1 | place)", clinics).simulate(3, rng=1).shape
        (3, 120)
        """
        count = check.at_least_one("replicates", replicates)
        return _core.simulate(self._core, count, check.seed(rng))

    def bootstrap(
        self,
        replicates: int = 1000,
        *,
        rng: Any = None,
        threads: int | None = None,
        progress: bool | Callable[[RunProgress], object] | None = None,
    ) -> Bootstrap:
        """Refit outcomes drawn from the model: a parametric bootstrap.

        Parameters
        ----------
        replicates : int, default 1000
            How many outcomes, at least 2.
        rng : int or numpy.random.Generator, optional
            Seed of the draws.
        threads : int, optional
            Threads to use at most. The result does not change.
        progress : bool or callable, optional
            As in `melogit.fit`; a function is called with a `RunProgress`, which counts refits.

        Returns
        -------
        Bootstrap
            With ``conf_int``, ``frame``, ``draws``, and ``failures``: a replicate that gave no
            numbers is counted and named, never left out in silence.

        Raises
        ------
        FitError
            If the fit did not converge (``not-converged``).
        OptionError
            If an argument has no meaning, or the fit holds no rows.

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0, 1] * 24, "place": [f"L{i % 6}" for i in range(120)]}
        >>> drawn = ml.fit("y ~ 1 + (1 | place)", clinics).bootstrap(20, rng=1)
        >>> drawn.draws.shape
        (20, 4)
        """
        from melogit import bootstraps

        return bootstraps.run(self._core, self._backend, replicates, rng, threads, progress)

    def power(
        self,
        odds_ratios: Mapping[str, float],
        *,
        replicates: int = 1000,
        level: float = 0.95,
        rng: Any = None,
        threads: int | None = None,
        progress: bool | Callable[[RunProgress], object] | None = None,
    ) -> Power:
        """Power of a repeat of this study, rows and groups as they are, for stated odds ratios.

        Parameters
        ----------
        odds_ratios : mapping of str to float
            Coefficients, named as in ``params``, and the odds ratios taken as true. All other
            parameters are taken as estimated.
        replicates : int, default 1000
            Outcomes to draw and analyse.
        level : float, default 0.95
            Confidence level; tests are at ``1 - level``.
        rng : int or numpy.random.Generator, optional
            Seed of the draws.
        threads : int, optional
            Threads to use at most. The result does not change.
        progress : bool or callable, optional
            As in `melogit.fit`; a function is called with a `RunProgress`, which counts studies.

        Returns
        -------
        Power
            A row per coefficient; ``coverage_profile`` is NaN.

        Raises
        ------
        FitError
            If the fit did not converge (``not-converged``).
        OptionError
            If a name is not that of a coefficient, an argument has no meaning, or the fit holds
            no rows.
        """
        from melogit import designs

        how = (replicates, rng, level, False, 1)
        return designs.power_of_fit(self._core, self._backend, odds_ratios, how, threads, progress)
