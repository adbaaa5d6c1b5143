"""Profile-likelihood intervals, traces, and contours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from melogit import _core, output
from melogit import checks as check
from melogit.errors import OptionError
from melogit.estimates import Estimates
from melogit.runs import counting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from melogit.runs import RunProgress


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Profile:
    """What `Fit.profile` returns: intervals, and the traces they were read from.

    Attributes
    ----------
    frame : frame
        parameter, estimate, lower, upper, note; a row per parameter.
    trace : frame
        parameter, value, zeta: the signed root of the rise in deviance, ζ. A straight line means
        that a Wald interval would do.
    level : float
        Confidence level.
    refits : int
        Refits that were needed.
    """

    frame: Any
    trace: Any
    level: float
    refits: int

    def __repr__(self) -> str:
        """Show the intervals."""
        return f"Profile-likelihood intervals at level {self.level:g}\n{self.frame}"


class Profiles(Estimates):
    """Intervals from the likelihood itself, not from its curvature at the maximum."""

    __slots__ = ()

    def profile(
        self,
        parameters: Sequence[str] | str | None = None,
        *,
        level: float = 0.95,
        steps: int = 2,
        threads: int | None = None,
        progress: bool | Callable[[RunProgress], object] | None = None,
    ) -> Profile:
        """Profile-likelihood intervals of coefficients, SDs, and correlations.

        Parameters
        ----------
        parameters : str or sequence of str, optional
            Names: of coefficients as in ``params``, ``sd[group,effect]``, and
            ``cor[group,effect.effect]``; by default all.
        level : float, default 0.95
            Confidence level, between 0 and 1.
        steps : int, default 2
            Points per side of each trace at least, up to the bound.
        threads : int, optional
            Threads to use at most. The result does not change.
        progress : bool or callable, optional
            As in `melogit.fit`; a function is called with a `RunProgress`, which counts bounds.

        Returns
        -------
        Profile
            Coefficients in log odds. An SD whose interval reaches zero has the lower bound 0; a
            bound that no finite value reaches, as under separation, is infinite.

        Raises
        ------
        FitError
            If the fit did not converge (``not-converged``).
        OptionError
            If a parameter is not one of the model (``unknown-parameter``), an argument has no
            meaning, or the fit holds no rows.

        Notes
        -----
        A value belongs to the interval when the deviance, minimised over everything else, rises by
        no more than the quantile of χ² with one degree of freedom. Unlike a Wald interval it need
        not be symmetric, does not depend on the scale of the parameter, and respects the boundary
        of an SD.

        References
        ----------
        Venzon, Moolgavkar (1988). A method for computing profile-likelihood-based confidence
        intervals. Applied Statistics 37(1). https://doi.org/10.2307/2347496

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0, 1] * 24, "place": [f"L{i % 6}" for i in range(120)]}
        >>> found = ml.fit("y ~ 1 + (1 | place)", clinics).profile()
        >>> list(found.frame["parameter"])
        ['(Intercept)', 'sd[place,(Intercept)]']
        """
        names = None if parameters is None else _names("parameters", parameters)
        level = check.level(level)
        count = check.at_least_one("steps", steps)
        used = check.threads(threads)
        with counting(progress, "bounds") as told:
            rows, trace, refits = _core.profile(self._core, names, level, count, used, told)
        return Profile(self._frame(rows), self._frame(trace), level, refits)

    def profile_contour(
        self,
        a: str,
        b: str,
        levels: Sequence[float] = (0.5, 0.8, 0.95),
        *,
        rays: int = 36,
        threads: int | None = None,
        progress: bool | Callable[[RunProgress], object] | None = None,
    ) -> Any:
        """Contours of the profile likelihood of two parameters, as points.

        Parameters
        ----------
        a, b : str
            Names, as in `profile`; not a correlation, and not two SDs of one random term.
        levels : sequence of float, default (0.5, 0.8, 0.95)
            Joint confidence levels.
        rays : int, default 36
            Points per contour.
        threads : int, optional
            Threads to use at most. The result does not change.
        progress : bool or callable, optional
            As in `melogit.fit`; a function is called with a `RunProgress`, which counts rays.

        Returns
        -------
        frame
            level, angle (radians), the values under the names `a` and `b`, rise (of the deviance),
            and boundary: whether an SD ended at zero before the contour was reached.

        Raises
        ------
        FitError
            If the fit did not converge, or an estimate is at a boundary or at infinity
            (``contour-boundary``).
        OptionError
            If the parameters have no contour (``contour-parameters``), are not of the model, or
            the fit holds no rows.

        Notes
        -----
        Inside a contour the deviance rises by no more than the quantile of χ² with two degrees of
        freedom.
        """
        names = _names("a and b", [a, b])
        inside = [check.level(level, "levels") for level in levels]
        count = check.at_least_one("rays", rays)
        pair, used = (names[0], names[1]), check.threads(threads)
        with counting(progress, "rays") as told:
            points = _core.profile_contour(self._core, pair, inside, count, used, told)
        found = {"level": points["level"], "angle": points["angle"], a: points["a"], b: points["b"]}
        rest = {"rise": points["rise"], "boundary": points["boundary"]}
        return output.frame({**found, **rest}, self._backend)


def _names(option: str, given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else list(given)
    if not names or not all(isinstance(name, str) for name in names):
        raise OptionError(
            f"{option} must be names of parameters, such as '(Intercept)', not {given!r}.",
            slug="parameters-type",
        )
    return names
