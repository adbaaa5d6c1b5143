"""Parametric bootstrap of a fitted model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from melogit import _core, output
from melogit import checks as check
from melogit.errors import OptionError
from melogit.runs import counting

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

KINDS = ("percentile", "basic", "normal", "bias_corrected")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Bootstrap:
    """What `Fit.bootstrap` returns: refits to outcomes drawn from the model.

    Attributes
    ----------
    names : tuple of str
        Coefficients, ``sd[group,effect]``, ``cor[group,effect.effect]``, ``icc[group]``,
        ``mor[group]``.
    estimates : numpy.ndarray of shape (k,)
        Their values in the fit.
    draws : numpy.ndarray of shape (replicates, k)
        Their values in the refits: NaN throughout where a replicate failed, infinite where a
        coefficient was separated.
    failures : frame
        replicate, slug (``constant-outcome``, ``not-converged``, ``separation``, or that of an
        error), message.
    seed : int
        What the draws can be repeated with: ``rng=seed``.
    """

    names: tuple[str, ...]
    estimates: npt.NDArray[np.float64]
    draws: npt.NDArray[np.float64]
    failures: Any
    seed: int
    _backend: str
    _counts: dict[str, int]

    @property
    def n_failed(self) -> int:
        """Replicates without numbers."""
        return int(np.isnan(self.draws).all(axis=1).sum())

    @property
    def frame(self) -> Any:
        """The draws as a frame: a row per replicate, a column per name."""
        columns = {name: self.draws[:, k] for k, name in enumerate(self.names)}
        return output.frame(columns, self._backend)

    def conf_int(
        self,
        level: float = 0.95,
        *,
        kind: Literal["percentile", "basic", "normal", "bias_corrected"] = "percentile",
    ) -> Any:
        """Bootstrap intervals.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.
        kind : {"percentile", "basic", "normal", "bias_corrected"}
            Quantiles of the draws; twice the estimate minus those; estimate minus bias plus or
            minus z standard errors; or quantiles shifted by the median bias. The accelerated form
            (BCa) is not offered: its acceleration needs a jackknife over independent records.

        Returns
        -------
        frame
            name, estimate, bias, std_error, lower, upper, draws (that are numbers).

        Raises
        ------
        OptionError
            If an argument has no meaning.

        References
        ----------
        Davison, Hinkley (1997). Bootstrap Methods and their Application, chapter 5.
        """
        chosen = check.one_of("kind", kind, KINDS)
        return self._table(list(self.names), self.draws, self.estimates, check.level(level), chosen)

    def statistic(
        self,
        function: Callable[[dict[str, float]], float],
        level: float = 0.95,
        *,
        kind: Literal["percentile", "basic", "normal", "bias_corrected"] = "percentile",
        name: str = "statistic",
    ) -> Any:
        """Interval of any function of the parameters.

        Parameters
        ----------
        function : callable
            Takes a dict of name to value, returns a number.
        level, kind
            As in `conf_int`.
        name : str
            What to call it.

        Returns
        -------
        frame
            One row, as in `conf_int`.
        """
        chosen = check.one_of("kind", kind, KINDS)

        def at(values: npt.NDArray[np.float64]) -> float:
            return float(function(dict(zip(self.names, values.tolist(), strict=True))))

        draws = np.array(
            [np.nan if np.isnan(row).all() else at(row) for row in self.draws], dtype=np.float64
        )
        estimate = np.array([at(self.estimates)])
        return self._table([name], draws, estimate, check.level(level), chosen)

    def _table(self, names: list[str], draws: Any, estimates: Any, level: float, kind: str) -> Any:
        flat = np.ascontiguousarray(draws, dtype=np.float64).ravel()
        table = _core.bootstrap_intervals(flat, estimates.tolist(), level, kind)
        return output.frame({"name": names, "estimate": estimates, **table}, self._backend)

    def __repr__(self) -> str:
        """Say how many replicates there are, and what became of them."""
        counts = ", ".join(f"{slug}: {count}" for slug, count in sorted(self._counts.items()))
        return (
            f"Parametric bootstrap: {len(self.draws)} replicates, {self.n_failed} without numbers"
            + (f" ({counts})" if counts else "")
            + f", seed {self.seed}"
        )


def run(
    core: _core.Fit, backend: str, replicates: Any, rng: Any, threads: Any, progress: Any
) -> Bootstrap:
    """Check the arguments, draw, and refit."""
    count = check.at_least_one("replicates", replicates)
    if count < 2:
        raise OptionError(
            "replicates=1 says nothing about spread; use 1,000 for intervals.",
            slug="replicates-range",
        )
    seed, used = check.seed(rng), check.threads(threads)
    with counting(progress, "refits") as told:
        names, estimates, draws, failures = _core.bootstrap(core, count, seed, used, told)
    return Bootstrap(
        tuple(names),
        np.asarray(estimates, dtype=np.float64),
        draws,
        output.frame(failures, backend),
        seed,
        backend,
        dict(Counter(failures["slug"])),
    )
