"""Missing data: fits to imputations, pooled, and what missing values do to a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from melogit import _core, output
from melogit import checks as check
from melogit.coded import Coded
from melogit.errors import DataError, OptionError
from melogit.frame import open_frame
from melogit.imputers import imputations, split
from melogit.model import fit
from melogit.runs import Run, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from melogit.results import Fit
    from melogit.runs import RunProgress


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Imputed:
    """Fits of one model to several imputations of the same data, pooled by Rubin's rules.

    Attributes
    ----------
    fits : tuple of Fit
        One per imputation, in order.
    complete_df : float
        Degrees of freedom that complete data would have; infinite for Rubin's own rule.
    """

    fits: tuple[Fit, ...]
    complete_df: float
    _backend: str

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.fits)

    @property
    def nobs(self) -> int:
        """Rows used in each."""
        return self.fits[0].nobs

    @property
    def formula(self) -> str:
        """The model."""
        return self.fits[0].formula

    @property
    def params(self) -> Any:
        """Pooled coefficients, by name."""
        table = _core.pooled_coefficients(self.cores, self.complete_df, 0.95)
        return output.vector(table["name"], table["estimate"], self._backend, "params")

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Findings of all fits: ``imputation`` (from 1), slug, severity, subject, message."""
        return [
            {"imputation": number, **finding}
            for number, one in enumerate(self.fits, start=1)
            for finding in one.diagnostics
        ]

    def coefficients(self, level: float = 0.95) -> Any:
        """Pooled coefficients, in log odds.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            name, estimate, std_error, statistic, df, p_value, lower, upper; the variance within,
            between, and in total; relative_increase (of the variance, by missing values);
            missing_information (its fraction); efficiency (of m imputations against infinitely
            many); note.

        References
        ----------
        Rubin (1987). Multiple Imputation for Nonresponse in Surveys.
        Barnard, Rubin (1999). Biometrika 86(4). https://doi.org/10.1093/biomet/86.4.948
        """
        table = _core.pooled_coefficients(self.cores, self.complete_df, check.level(level))
        return output.frame(table, self._backend)

    def odds_ratios(self, level: float = 0.95) -> Any:
        """Pooled odds ratios, reference levels included.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            term, level, n and events (averaged over imputations), odds_ratio, lower, upper, p,
            missing_information, reference, note.
        """
        table = _core.pooled_odds_ratios(self.cores, self.complete_df, check.level(level))
        return output.frame(table, self._backend)

    def variance_components(self, level: float = 0.95) -> Any:
        """SDs and correlations, pooled as log SD and as Fisher's z.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            group, term, with_term, sd, variance, correlation; std_error, lower, upper of the sd or
            the correlation; df, missing_information; note. NaN where an SD is zero in some
            imputation.
        """
        table = _core.pooled_variances(self.cores, self.complete_df, check.level(level))
        return output.frame(table, self._backend)

    def term_tests(self, method: Literal["D1", "D2"] = "D1") -> Any:
        """Joint test of each term.

        Parameters
        ----------
        method : {"D1", "D2"}
            From the pooled estimates and covariances, or from the imputations' Wald statistics,
            which is coarser.

        Returns
        -------
        frame
            term, statistic (F), df1, df2, p_value, relative_increase (averaged).

        References
        ----------
        Li, Raghunathan, Rubin (1991). J Am Stat Assoc 86(416).
        https://doi.org/10.1080/01621459.1991.10475152
        Li, Meng, Raghunathan, Rubin (1991). Statistica Sinica 1(1), 65-92.
        Reiter (2007). Biometrika 94(2). https://doi.org/10.1093/biomet/asm028
        """
        chosen = check.one_of("method", method, ("D1", "D2"))
        return output.frame(_core.pooled_tests(self.cores, chosen, self.complete_df), self._backend)

    @property
    def cores(self) -> list[_core.Fit]:
        """The compiled fits."""
        return [one._core for one in self.fits]

    def __repr__(self) -> str:
        """Name the model and how many imputations."""
        return f"{self.m} imputations of {self.nobs:,} rows, pooled: {self.formula}"


def fit_imputed(
    formula: str,
    data: Any,
    *,
    imputation: str | None = None,
    complete_df: float | None = None,
    progress: bool | Callable[[RunProgress], object] | None = None,
    **options: Any,
) -> Imputed:
    """Fit a model to each imputation of a data set, and pool the fits.

    Parameters
    ----------
    formula : str
        As in `melogit.fit`. Give curves their knots and bounds: an imputation must not choose them.
    data : sequence of frames, or one frame
        Completed frames with the same rows and columns; or one frame of all of them, with a column
        that numbers the imputations. `imputations` gets the frames out of common imputers.
    imputation : str, optional
        That column's name, such as ``".imp"``. The number 0 marks the data before imputation, as
        in R's mice, and is left out.
    complete_df : float, optional
        Degrees of freedom that complete data would have, for the correction of Barnard and Rubin;
        by default infinitely many.
    progress : bool or callable, optional
        As in `melogit.fit`; a function is called with a `RunProgress`, which counts fits.
    **options
        As in `melogit.fit`.

    Returns
    -------
    Imputed

    Raises
    ------
    OptionError
        If there are fewer than two imputations (``one-imputation``), or an argument has no meaning.
    DataError
        If imputations differ in columns (``imputation-columns``), levels (``imputation-levels``),
        rows (``imputation-rows``), or knots (``imputation-curves``): the message says which.
    FitError
        If a fit did not converge (``not-converged``).

    Notes
    -----
    Every fit after the first starts at the estimates of the first, and has as many quadrature points.

    Examples
    --------
    >>> import melogit as ml
    >>> one = {"y": [0, 1, 1, 0, 1] * 24, "x": [0, 1] * 60, "g": [f"L{i % 6}" for i in range(120)]}
    >>> two = {**one, "x": [1] + one["x"][1:]}
    >>> pooled = ml.fit_imputed("y ~ x + (1 | g)", [one, two])
    >>> pooled.m, list(pooled.params.keys())
    (2, ['(Intercept)', 'x'])
    """
    df = float("inf") if complete_df is None else complete_df
    if isinstance(df, bool) or not isinstance(df, int | float) or not df > 0:
        raise OptionError(
            f"complete_df={complete_df!r} must be a number above 0.", slug="complete-df-range"
        )
    frames = imputations(data) if imputation is None else split(data, imputation)
    if len(frames) < 2:
        raise OptionError(
            f"{len(frames)} imputation gives no variance between imputations. Pass at least 2 "
            "completed frames, better 20, or name the column that numbers them in imputation=.",
            slug="one-imputation",
        )
    _check_alike(frames, _core.formula_columns(formula))
    with counting(progress, "fits") as told:
        run = Run(told, len(frames))
        first = fit(formula, frames[0], **options, progress=run.each)
        run.over(failed=not first.converged)
        # All by one rule: estimates by different points would differ by more than imputation.
        same = {**options, "points": first._core.points, "start": first, "progress": run.each}
        fits = [first]
        for frame in frames[1:]:
            fits.append(fit(formula, frame, **same))
            run.over(failed=not fits[-1].converged)
    _core.check_poolable([one._core for one in fits])
    return Imputed(tuple(fits), float(df), first._backend)


def _check_alike(frames: list[Any], wanted: list[str]) -> None:
    first = open_frame(_plain(frames[0]), wanted)
    for number, frame in enumerate(frames[1:], start=2):
        own = open_frame(_plain(frame), wanted)
        absent = [name for name in wanted if name in first.names and name not in own.names]
        if absent:
            raise DataError(
                f"Imputation {number} has no column {absent[0]!r}, and imputation 1 has.",
                slug="imputation-columns",
            )
        if own.nrows != first.nrows:
            raise DataError(
                f"Imputation {number} has {own.nrows:,} rows and imputation 1 has {first.nrows:,}; "
                "all must hold the same rows in the same order.",
                slug="imputation-rows",
            )


def _plain(data: Any) -> Any:
    return data.frame if isinstance(data, Coded) else data
