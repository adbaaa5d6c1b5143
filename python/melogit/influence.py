"""What each group does to a fit, and what its terms know of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit import checks as check
from melogit.estimates import Estimates
from melogit.runs import counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from melogit.runs import RunProgress


class Sensitivity(Estimates):
    """Leaving groups out; collinearity."""

    __slots__ = ()

    def influence(
        self,
        group: str | None = None,
        *,
        exact: bool = False,
        threads: int | None = None,
        progress: bool | Callable[[RunProgress], object] | None = None,
    ) -> Any:
        """Leave out one group after the other, and see what moves.

        Parameters
        ----------
        group : str, optional
            Grouping factor whose levels are left out; by default the first.
        exact : bool, default False
            Refit without each group, from the optimum; otherwise one Newton step, which finds the
            same groups and slightly understates large changes.
        threads : int, optional
            Threads to use at most. The result does not change.
        progress : bool or callable, optional
            As in `melogit.fit`; a function is called with a `RunProgress`, which counts groups.

        Returns
        -------
        frame of one row per group
            level, n, events; cooks_distance of the coefficients; largest (the coefficient that
            moves most, in its standard errors) and largest_dfbetas; log_sd_change (log SD of the
            group's first effect, without less with); converged (False where the other groups do
            not determine every parameter).

        Raises
        ------
        FitError
            If the fit did not converge (``not-converged``).
        OptionError
            If there is no such grouping factor, or the fit holds no rows.

        Notes
        -----
        DFBETAS are (with - without) / standard error of the full fit; Cook's distance is d'V⁻¹d / p
        over the p coefficients, V their covariance in the full fit. As rules of thumb people look
        at DFBETAS beyond 2/√groups and distances beyond 4/groups.

        References
        ----------
        Nieuwenhuis, te Grotenhuis, Pelzer (2012). influence.ME. The R Journal 4(2).
        https://doi.org/10.32614/RJ-2012-011

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0, 1] * 24, "place": [f"L{i % 8}" for i in range(120)]}
        >>> list(ml.fit("y ~ 1 + (1 | place)", clinics).influence()["level"])[:2]
        ['L0', 'L1']
        """
        return self._frame(self._left_out(group, threads, progress, exact=exact)[0])

    def dfbetas(
        self,
        group: str | None = None,
        *,
        exact: bool = False,
        threads: int | None = None,
        progress: bool | Callable[[RunProgress], object] | None = None,
    ) -> Any:
        """Give every coefficient without each group.

        Parameters
        ----------
        group, exact, threads, progress
            As in `influence`.

        Returns
        -------
        frame of one row per group and estimated coefficient
            level, name, estimate, without, dfbetas, odds_ratio, odds_ratio_without.
        """
        return self._frame(self._left_out(group, threads, progress, exact=exact)[1])

    def collinearity(self) -> Any:
        """Compute generalised variance inflation factors: term, df, gvif, gvif_scaled.

        ``gvif_scaled`` is GVIF^(1/(2 df)): by how much the term's standard errors are larger than
        if it were uncorrelated with the others. It is the same for any contrast.

        References
        ----------
        Fox, Monette (1992). Generalized collinearity diagnostics. JASA 87(417).
        https://doi.org/10.1080/01621459.1992.10475190
        """
        return self._frame(_core.collinearity(self._core))

    def _left_out(
        self, group: str | None, threads: int | None, progress: Any, *, exact: bool
    ) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        workers = None if threads is None else check.at_least_one("threads", threads)
        with counting(progress, "groups") as told:
            return _core.influence(self._core, group, bool(exact), workers, told)
