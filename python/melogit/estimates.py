"""The estimates of a fitted model, in the user's own kind of frame; the base of `melogit.Fit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from melogit import checks as check
from melogit import output

if TYPE_CHECKING:
    from melogit import _core
    from melogit.contrasts import Contrast


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Whether the fixed effects separate events from non-events, found before the fit.

    Attributes
    ----------
    kind : {"none", "quasi-complete", "complete"}
        Whether a combination of covariates predicts no record, some, or every one without error.
    trials : float
        Records (or trials) predicted without error.
    coefficients : frame
        name, and where its maximum-likelihood estimate lies: ``+infinity``, ``-infinity``, or
        ``undetermined`` where the likelihood rises in directions of both signs.
    cells : frame
        term, level, n, events of every level that has no event, or nothing else.

    References
    ----------
    Albert, Anderson (1984). On the existence of maximum likelihood estimates in logistic
    regression models. Biometrika 71(1). https://doi.org/10.1093/biomet/71.1.1
    """

    kind: str
    trials: float
    coefficients: Any
    cells: Any


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Estimates:
    """Coefficients, fit statistics, and variation between groups, read from the core unchanged.

    Parameters
    ----------
    core : melogit._core.Fit
        The compiled result.
    backend : str or None
        The backend of the user's data; None for a loaded model.
    """

    _core: _core.Fit
    _source: str | None = None

    # -- the model -----------------------------------------------------------------------------

    @property
    def formula(self) -> str:
        """The model in its canonical spelling."""
        return self._core.formula

    @property
    def response(self) -> str:
        """The outcome."""
        return self._core.response

    @property
    def event(self) -> str:
        """What was counted, such as ``rejected = yes``."""
        return self._core.event

    @property
    def nobs(self) -> int:
        """Rows used, after those with missing values were dropped."""
        return self._core.nobs

    @property
    def n_events(self) -> float:
        """Events among them; a sum of weights where there are weights."""
        return self._core.n_events

    @property
    def converged(self) -> bool:
        """Whether the optimiser reached the maximum; if not, do not report the estimates."""
        return self._core.converged

    @property
    def diagnostics(self) -> list[dict[str, str]]:
        """Findings, each with ``slug``, ``severity`` (note or warning), ``subject``, ``message``."""
        from melogit.notices import findings

        return findings(self._core)

    @property
    def separation(self) -> Separation:
        """What separates events from non-events: coefficients without a finite estimate, cells."""
        found = self._core.separation()
        none: dict[str, list[Any]] = {"name": [], "estimate": []}
        return Separation(
            kind="none" if found is None else "complete" if found["complete"] else "quasi-complete",
            trials=0.0 if found is None else found["trials"],
            coefficients=self._frame(none if found is None else found["coefficients"]),
            cells=self._frame(self._core.one_sided_cells()),
        )

    @property
    def missing(self) -> dict[str, Any]:
        """Account of missing rows: ``rows_read``, ``rows_dropped``, ``columns`` (name -> count)."""
        return self._core.missing()

    @property
    def coding(self) -> Any:
        """How categories were coded: column, level, reference, contrast, declared; a row a level."""
        rows = [
            (column["column"], level, level == column["reference"], column["contrast"],
             column["declared"])
            for column in self._core.coding()
            for level in column["levels"]
        ]  # fmt: skip
        names = ("column", "level", "reference", "contrast", "declared")
        return self._frame({name: [row[i] for row in rows] for i, name in enumerate(names)})

    @property
    def contrasts(self) -> dict[str, Contrast]:
        """Column -> its `Contrast`: what each coefficient compares, as matrices and in words."""
        from melogit.contrasts import shown

        return {name: shown(found, self._source) for name, found in self._core.contrasts().items()}

    @property
    def settings(self) -> dict[str, Any]:
        """Every option and tolerance that was in force."""
        return self._core.settings()

    @property
    def integration(self) -> Any:
        """How far a closer integration over the random effects would move the result.

        One row per look, in order; the last is about the result. Empty without random effects, and
        where no closer rule is within reach.

        Returns
        -------
        frame
            points (per effect; 1 is the Laplace approximation); next_points of the rule it was
            compared with (missing where that is the second-order terms of the Laplace
            approximation: where they are small enough to be near the integral, and for crossed
            factors); llf_change of the maximised log-likelihood, and its Monte Carlo error
            llf_error (zero where nothing was drawn); the estimate that would move most, parameter,
            and by how many standard errors, largest_change (missing where it was too costly to
            find).

        Notes
        -----
        Without fitting again: value and gradient of what is compared with, at the estimates, and
        the step that the Hessian then predicts. For crossed factors the moves are those of the variances,
        with what the coefficients owe to them. ``points="auto"`` made the looks before the last.

        References
        ----------
        Shun, McCullagh (1995). Laplace approximation of high dimensional integrals. Journal of the
        Royal Statistical Society B 57(4): the second-order terms.
        """
        return self._frame(self._core.integration())

    @property
    def trace(self) -> Any:
        """Frame of the optimiser's evaluations, in order.

        ``deviance``; ``nodes`` per group it was integrated with (quadrature starts from Laplace's
        optimum, found with 1); ``promised``, by how much it could still drop (NaN where that was not
        computed); ``sweeps`` over the records to find the groups' effects.
        """
        steps = self._core.trace()
        names = ("deviance", "nodes", "promised", "sweeps")
        return self._frame({name: [step[name] for step in steps] for name in names})

    # -- coefficients --------------------------------------------------------------------------

    @property
    def params(self) -> Any:
        """Coefficients (p), by name; NaN where a redundant column was dropped."""
        return self._vector("params", self._core.params)

    @property
    def bse(self) -> Any:
        """Standard errors of the coefficients (p)."""
        return self._vector("bse", self._core.coefficient_table(0.95)["std_error"])

    @property
    def zvalues(self) -> Any:
        """Wald statistics (p)."""
        return self._vector("zvalues", self._core.coefficient_table(0.95)["statistic"])

    @property
    def pvalues(self) -> Any:
        """Two-sided p-values of the Wald statistics (p)."""
        return self._vector("pvalues", self._core.coefficient_table(0.95)["p_value"])

    def conf_int(self, level: float = 0.95) -> Any:
        """Confidence intervals of the coefficients: ``lower`` and ``upper`` by name.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame of p rows
            Indexed by coefficient in pandas; with a column ``name`` elsewhere.

        Raises
        ------
        OptionError
            If `level` is not between 0 and 1.
        """
        table = self._core.coefficient_table(check.level(level))
        columns = {"lower": table["lower"], "upper": table["upper"]}
        return output.labelled(self._core.names, columns, self._backend)

    def cov_params(self, *, variance: bool = False) -> Any:
        """Covariance of the estimates, both sides labelled.

        Parameters
        ----------
        variance : bool, default False
            Also the variance parameters, after the p coefficients.

        Returns
        -------
        frame of p (or p + t) rows
            Indexed by name in pandas; with a column ``name`` elsewhere.
        """
        size = len(self._core.joint_names if variance else self._core.names)
        names = self._core.joint_names[:size]
        covariance = self._core.joint_cov[:size, :size]
        columns = {name: covariance[:, i] for i, name in enumerate(names)}
        return output.labelled(names, columns, self._backend)

    def odds_ratios(self, level: float = 0.95) -> Any:
        """Odds ratios with Wald intervals, reference levels included.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            term, level, n, events, odds_ratio, lower, upper, p, reference (bool), note.

        Raises
        ------
        OptionError
            If `level` is not between 0 and 1.

        Notes
        -----
        An odds ratio for a common outcome is further from 1 than the risk ratio: see
        `standardised_risks`.
        """
        table = self._core.odds_ratio_table(check.level(level))
        names = ("term", "level", "n", "events", "odds_ratio", "lower", "upper", "p",
                 "reference", "note")  # fmt: skip
        return self._frame({name: table[name] for name in names})

    def term_tests(self) -> Any:
        """Joint Wald test of each term: term, statistic (chi-square), df, p_value."""
        return self._frame(self._core.term_tests())

    # -- fit statistics ------------------------------------------------------------------------

    @property
    def llf(self) -> float:
        """Log-likelihood at the estimates."""
        return self._core.loglik

    @property
    def penalised_llf(self) -> float | None:
        """Log-likelihood plus penalty, what a penalised fit maximises; None without a penalty."""
        return self._core.penalised_loglik

    @property
    def deviance(self) -> float:
        """Minus twice the log-likelihood."""
        return -2.0 * self._core.loglik

    @property
    def df(self) -> int:
        """Parameters estimated: coefficients and variances."""
        return self._core.df

    @property
    def aic(self) -> float:
        """Akaike's information criterion, ``deviance + 2 df``."""
        return self.deviance + 2.0 * self.df

    @property
    def bic(self) -> float:
        """Schwarz's information criterion, ``deviance + log(nobs) df``."""
        from math import log

        return self.deviance + log(self.nobs) * self.df

    # -- variation between groups --------------------------------------------------------------

    @property
    def groups(self) -> Any:
        """Grouping factors: group, levels, and records per level (min, median, max), nested_in."""
        return self._frame(self._core.groups())

    @property
    def random_effects(self) -> dict[str, Any]:
        """Grouping factor -> frame of level, term, mode, sd (conditional, in log odds)."""
        effects = self._core.random_effects()
        return {group: self._frame(columns) for group, columns in effects.items()}

    def variance_components(self, level: float = 0.95) -> Any:
        """Variances and correlations of the random effects.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            group, term, with_term (of a correlation), sd, variance, correlation; std_error,
            lower, upper are of the sd, or of the correlation.
        """
        return self._frame(self._core.variance_table(check.level(level)))

    def clustering_test(self) -> dict[str, float] | None:
        """Likelihood-ratio test against no random effects: statistic, df, p_value, mixture."""
        return self._core.clustering_test()

    # -- helpers -------------------------------------------------------------------------------

    @property
    def _backend(self) -> str:
        return output.choose(self._source)

    def _frame(self, columns: dict[str, Any]) -> Any:
        return output.frame(columns, self._backend)

    def _vector(self, title: str, values: Any) -> Any:
        return output.vector(self._core.names, values, self._backend, title)
