"""`Fit`: a fitted model as its user sees it. Every number comes from the core unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from melogit import _core, output, tidying
from melogit import checks as check
from melogit.accuracy import Accuracy
from melogit.bias import Bias
from melogit.effects import Effects
from melogit.influence import Sensitivity
from melogit.maketables import Maketables
from melogit.profiles import Profiles
from melogit.refits import Refits
from melogit.residuals import ResidualChecks
from melogit.standing import Standing
from melogit.testing import FitTests
from melogit.variation import Variation

if TYPE_CHECKING:
    from os import PathLike

    from melogit.tables import Table
    from melogit.text import Summary


class Fit(
    Profiles,
    FitTests,
    Effects,
    Variation,
    Standing,
    Accuracy,
    ResidualChecks,
    Sensitivity,
    Bias,
    Refits,
    Maketables,
):
    """A fitted mixed-effects logistic regression, made by `melogit.fit` or `melogit.load`.

    Coefficients, standard errors, and effects are in log odds unless a name says otherwise.
    Frames come in the backend of the data the model was fitted to.

    Parameters
    ----------
    core : melogit._core.Fit
        The compiled result.
    backend : str or None
        The backend of the user's data; None for a loaded model.

    Examples
    --------
    >>> import melogit as ml
    >>> clinics = {
    ...     "rejected": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1] * 10,
    ...     "urgent": ["no", "yes", "yes", "no"] * 30,
    ...     "location": [f"L{i % 6}" for i in range(120)],
    ... }
    >>> fit = ml.fit("rejected ~ urgent + (1 | location)", clinics)
    >>> list(fit.odds_ratios()["level"])
    ['no', 'yes']
    """

    __slots__ = ()

    # -- predictions ---------------------------------------------------------------------------

    def predict(
        self,
        new: Any,
        *,
        kind: Literal["conditional", "typical", "marginal"] = "conditional",
        interval: bool | Literal["confidence", "prediction"] = False,
        level: float = 0.95,
        new_levels: Literal["error", "typical", "marginal"] = "error",
        offset: Any = None,
    ) -> Any:
        """Predict probabilities for new rows.

        Parameters
        ----------
        new : data frame, or dict of arrays
            The formula's columns besides the outcome; grouping columns only for ``conditional``.
        kind : {"conditional", "typical", "marginal"}
            For the row's own groups; for groups whose effect is zero; or averaged over groups.
        interval : bool or {"confidence", "prediction"}, default False
            Also an interval: of the probability (True is ``confidence``), or of the probability in a
            group yet to be seen (``prediction``), which adds how much groups differ. For
            ``conditional`` with several grouping factors the model must still hold its rows.
        level : float, default 0.95
            Its confidence level.
        new_levels : {"error", "typical", "marginal"}
            What to do about a group the model never saw: refuse, take one whose effect is zero, or
            average over groups, the row's other groups as they are.
        offset : str or array-like of shape (n_rows,), optional
            In log odds; needed if the model was fitted with the option ``offset=``.

        Returns
        -------
        series or frame of n_rows
            In the backend of `new` and with its pandas index; NaN in rows with a missing value.
            With `interval`: estimate, lower, upper, and on the log-odds scale linear and std_error.

        Raises
        ------
        ColumnNotFoundError
            If a column is absent.
        LevelError
            If a factor has a level the model never saw.
        OptionError
            If an argument has no meaning, or there is no interval of the kind asked for.

        References
        ----------
        Booth, Hobert (1998). Standard errors of prediction in generalized linear mixed models.
        J Am Stat Assoc 93(441). https://doi.org/10.1080/01621459.1998.10474107
        """
        kind_ = check.one_of("kind", kind, ("conditional", "typical", "marginal"))
        unseen: Any = check.one_of("new_levels", new_levels, ("error", "typical", "marginal"))
        if isinstance(interval, bool):
            bounds = "confidence" if interval else "none"
        else:
            bounds = check.one_of("interval", interval, ("confidence", "prediction"))
        level = check.level(level)
        from melogit import newdata

        data = newdata.read(self._core, new, groups=kind_ == "conditional")
        shift = data.frame.numeric("offset", offset)
        found = self._core.predict(
            data.columns, data.frame.nrows, kind_, level, unseen, shift, bounds
        )
        backend, index = output.choose(data.frame.backend), data.frame.index
        if bounds == "none":
            return output.series(found["estimate"], backend, "estimate", index)
        names = ("estimate", "lower", "upper", "linear", "std_error")
        return output.frame({name: found[name] for name in names}, backend, index)

    def standardised_risks(
        self, data: Any, column: str, *, level: float = 0.95, offset: Any = None
    ) -> Any:
        """Average risk of the people in `data`, were all of them at each level of a column.

        Parameters
        ----------
        data : data frame, or dict of arrays
            The people to average over, usually those the model was fitted to.
        column : str
            A categorical column of the fixed part.
        level : float, default 0.95
            Confidence level, between 0 and 1.
        offset : str or array-like of shape (n_rows,), optional
            In log odds; needed if the model was fitted with the option ``offset=``.

        Returns
        -------
        frame
            level, risk, risk_lower, risk_upper, and against the reference level risk_ratio,
            rr_lower, rr_upper, risk_difference, rd_lower, rd_upper.

        Raises
        ------
        ColumnNotFoundError
            If a column is absent.
        OptionError
            If `level` is not between 0 and 1.

        Notes
        -----
        G-computation with the random effects integrated out; delta method over the joint
        covariance of coefficients and variances.
        """
        level = check.level(level)
        from melogit import newdata

        held = newdata.read(self._core, data, groups=False)
        shift = held.frame.numeric("offset", offset)
        table = self._core.standardise(held.columns, held.frame.nrows, column, level, shift)
        return output.frame(table, output.choose(held.frame.backend))

    # -- tables, plots, files ------------------------------------------------------------------

    def tidy(
        self,
        *,
        exponentiate: bool = False,
        conf_level: float = 0.95,
        effects: Literal["fixed", "ran_pars", "ran_vals", "all"] = "fixed",
    ) -> Any:
        """Estimates in the columns of R's broom.mixed.

        Parameters
        ----------
        exponentiate : bool, default False
            Fixed effects as odds ratios; their standard errors then by the delta method.
        conf_level : float, default 0.95
            Confidence level, between 0 and 1.
        effects : {"fixed", "ran_pars", "ran_vals", "all"}
            Coefficients; SDs and correlations; the groups' conditional modes; or all three.

        Returns
        -------
        frame
            effect, group, level, term, estimate, std_error, statistic, p_value, conf_low,
            conf_high.

        Raises
        ------
        OptionError
            If an argument has no meaning.

        References
        ----------
        Bolker, Robinson. broom.mixed, https://cran.r-project.org/package=broom.mixed
        """
        chosen = check.one_of("effects", effects, ("fixed", "ran_pars", "ran_vals", "all"))
        columns = tidying.tidy(self._core, chosen, check.level(conf_level, "conf_level"),
                               exponentiate=exponentiate)  # fmt: skip
        return self._frame(columns)

    def glance(self) -> Any:
        """One row about the whole model: sizes, likelihood, criteria, convergence.

        ``points`` is the number of quadrature points, and ``next_rule_change`` by how many standard
        errors the next rule would move the estimate it moves most: see `integration`.
        """
        row = {
            "formula": self.formula, "nobs": self.nobs, "n_events": self.n_events, "df": self.df,
            "llf": self.llf, "deviance": self.deviance, "aic": self.aic, "bic": self.bic,
            "points": self._core.points, "converged": self.converged,
        }  # fmt: skip
        looks = self._core.integration()["largest_change"]
        row["next_rule_change"] = looks[-1] if looks else None
        return self._frame({name: [value] for name, value in row.items()})

    def table(self, level: float = 0.95) -> Table:
        """Odds ratios as a paper shows them; renders as text, HTML, Markdown, LaTeX, and CSV.

        Returns
        -------
        melogit.tables.Table
            With methods ``text()``, ``html()``, ``markdown()``, ``latex()``, ``csv()``.
        """
        from melogit.account import odds_table

        return odds_table(self._core, check.level(level))

    def summary(self, level: float = 0.95) -> Summary:
        """Give the whole account: prints as text, shows as HTML in a notebook."""
        from melogit.text import summary

        return summary(self._core, check.level(level))

    def forest_plot(self, *, level: float = 0.95, ax: Any = None) -> Any:
        """Draw the odds ratios with matplotlib.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            Its figure is ``.figure``.

        Raises
        ------
        OptionError
            If matplotlib is not installed, or there is nothing to draw.
        """
        from melogit.plots import forest_plot

        return forest_plot(self._core, check.level(level), ax)

    def caterpillar_plot(
        self,
        group: str | None = None,
        term: str | None = None,
        *,
        level: float = 0.95,
        ax: Any = None,
    ) -> Any:
        """Draw one grouping factor's effects, in order, with intervals.

        Parameters
        ----------
        group, term : str, optional
            Grouping factor and random term; by default the first of each.
        level : float, default 0.95
            Level of the intervals, mode ± z conditional SDs.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        OptionError
            If matplotlib is not installed, or there is no such group or term.
        """
        from melogit.plots import caterpillar_plot

        return caterpillar_plot(self._core, group, term, check.level(level), ax)

    def report(self, path: str | PathLike[str], *, level: float = 0.95) -> None:
        """Write the account as one self-contained HTML page, with plots.

        Raises
        ------
        OSError
            If the file cannot be written; an existing one is then untouched.
        """
        from melogit.html import write

        write(self._core, path, check.level(level))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model as JSON for `melogit.load`; no row of the data is in it.

        The names of levels and groups, and the groups' effects, are: treat the file as an output
        to be checked.

        Raises
        ------
        OSError
            If the file cannot be written; an existing one is then untouched.
        """
        from melogit.html import replace_text

        replace_text(path, self._core.to_json())

    def __repr__(self) -> str:
        """Name the model in two lines."""
        from melogit.text import one_line

        return one_line(self._core)

    def _repr_html_(self) -> str:
        from melogit.account import account
        from melogit.html import render

        return render(account(self._core))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by way of the JSON text, so that workers may return a model."""
        return _restore, (self._core.to_json(), self._source)


def _restore(text: str, source: str | None) -> Fit:
    return Fit(_core.Fit.from_json(text), source)
