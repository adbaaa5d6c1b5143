"""How good a fit's predictions are, on its own rows or on new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from melogit import _core
from melogit import checks as check
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from melogit._core import Forecasts

_KINDS = ("conditional", "typical", "marginal")


class Accuracy(Estimates):
    """Explained variation, discrimination, calibration.

    Every method takes ``data=``, new rows with their outcome, for validation in another place or
    period. Without it the rows of the fit are used, and the result flatters the model a little:
    it has seen them.
    """

    __slots__ = ()

    def goodness(
        self,
        data: Any = None,
        *,
        kind: Literal["conditional", "typical", "marginal"] | None = None,
        group: str | None = None,
        offset: Any = None,
    ) -> Any:
        """Give every measure of fit in one row.

        Parameters
        ----------
        data : data frame, or dict of arrays, optional
            New rows with outcome and covariates; by default the rows of the fit.
        kind : {"conditional", "typical", "marginal"}, optional
            Whose risk is judged, as in `predict`; by default ``conditional`` for the fit's own rows
            and ``marginal`` for new ones, whose groups it cannot know.
        group : str, optional
            Grouping factor for `auc_within` and `auc_between`; by default the first.
        offset : str or array-like of shape (n_rows,), optional
            For new rows of a model that was fitted with the option ``offset=``.

        Returns
        -------
        frame of one row
            kind, n, events; r2_marginal, r2_conditional (Nakagawa, latent scale), the same with
            the delta method's variance (r2_marginal_delta, r2_conditional_delta), r2_tjur; auc,
            auc_fixed (fixed effects alone), auc_within and auc_between groups; brier, brier_scaled,
            log_score (mean per trial); calibration_intercept, calibration_slope, each with _se; ici
            (mean distance of the smooth calibration curve from the diagonal), eci (100 x its mean
            square).

        Raises
        ------
        ColumnNotFoundError
            If new data lack a column.
        OptionError
            If an argument has no meaning, or the fit holds no rows and `data` is not given.

        Notes
        -----
        At its own rows, a slope above 1 for ``conditional`` risks is the price of shrinkage: group
        effects are drawn towards zero. It is no miscalibration in new groups.

        References
        ----------
        Nakagawa, Johnson, Schielzeth (2017). J R Soc Interface 14(134).
        https://doi.org/10.1098/rsif.2017.0213

        Austin, Steyerberg (2019). The integrated calibration index. Statistics in Medicine 38(21).
        https://doi.org/10.1002/sim.8281

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [0, 1, 1, 0, 1] * 24,
        ...     "x": list(range(10)) * 12,
        ...     "place": [f"L{i % 8}" for i in range(120)],
        ... }
        >>> row = ml.fit("y ~ x + (1 | place)", clinics).goodness()
        >>> float(row["n"][0])
        120.0
        """
        judged, chosen = self._forecasts(data, kind, group, offset)
        return self._frame({"kind": [chosen], **judged.goodness()})

    def auc(
        self,
        data: Any = None,
        *,
        kind: Literal["conditional", "typical", "marginal"] | None = None,
        group: str | None = None,
        level: float = 0.95,
        offset: Any = None,
    ) -> Any:
        """Compute areas under the ROC curve, with intervals.

        Parameters
        ----------
        data, kind, group, offset
            As in `goodness`.
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        frame
            scope, independent, pairs, auc, std_error, lower, upper. First ``overall`` with
            independent records (DeLong); where there are groups, then ``overall`` with groups as
            the independent units, ``within`` them and ``between`` them.

        Notes
        -----
        Random effects are held at what the fit says: ``between`` of conditional risks, on the
        fit's own rows, shows how well the groups' effects describe the same groups.

        References
        ----------
        DeLong, DeLong, Clarke-Pearson (1988). Biometrics 44(3). https://doi.org/10.2307/2531595

        Obuchowski (1997). Biometrics 53(2). https://doi.org/10.2307/2533958

        Van Oirbeek, Lesaffre (2010). Statistics in Medicine 29(30).
        https://doi.org/10.1002/sim.4110
        """
        level = check.level(level)
        judged, _ = self._forecasts(data, kind, group, offset)
        return self._frame(judged.auc(level))

    def calibration_curve(
        self,
        data: Any = None,
        *,
        kind: Literal["conditional", "typical", "marginal"] | None = None,
        bins: int | None = 10,
        level: float = 0.95,
        offset: Any = None,
    ) -> Any:
        """Compare observed with predicted risks.

        Parameters
        ----------
        data, kind, offset
            As in `goodness`.
        bins : int or None, default 10
            Groups of about equally many trials, lowest risks first; None for a smooth curve.
        level : float, default 0.95
            Level of the intervals of the observed shares.

        Returns
        -------
        frame
            With `bins`: n, events, predicted, observed, lower, upper (Wilson). Smooth: predicted,
            observed, by local quadratic regression over the nearest 75 % of the rows (R's loess).

        Raises
        ------
        OptionError
            If an argument has no meaning, or the fit holds no rows and `data` is not given.
        """
        level = check.level(level)
        judged, _ = self._forecasts(data, kind, None, offset)
        if bins is None:
            return self._frame(judged.curve())
        return self._frame(judged.bins(check.at_least_one("bins", bins), level))

    def calibration_plot(
        self,
        data: Any = None,
        *,
        kind: Literal["conditional", "typical", "marginal"] | None = None,
        bins: int = 10,
        level: float = 0.95,
        offset: Any = None,
        ax: Any = None,
    ) -> Any:
        """Draw groups with intervals and the smooth curve, over the diagonal.

        Parameters
        ----------
        data, kind, bins, level, offset
            As in `calibration_curve`.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from melogit.fitplots import calibration_plot

        level = check.level(level)
        judged, _ = self._forecasts(data, kind, None, offset)
        groups = judged.bins(check.at_least_one("bins", bins), level)
        return calibration_plot(groups, judged.curve(), level, ax)

    def hosmer_lemeshow(
        self,
        data: Any = None,
        *,
        groups: int = 10,
        kind: Literal["conditional", "typical", "marginal"] | None = None,
        offset: Any = None,
    ) -> Any:
        """Test calibration in groups of like risks, as reviewers ask for.

        Parameters
        ----------
        data, kind, offset
            As in `goodness`.
        groups : int, default 10
            Groups by quantiles of the predicted risk. Equal risks stay together.

        Returns
        -------
        frame of one row
            statistic, df (groups - 2 on the fit's own rows, groups on new ones), p_value, groups.

        Raises
        ------
        OptionError
            If fewer groups can be formed than the test needs, or an argument has no meaning.

        Notes
        -----
        Its p-value depends on the number of groups, it has little power in small samples, and in
        tens of thousands of records it rejects any model for departures that do not matter. With
        conditional risks its distribution is only near chi-square. `calibration_curve` and the
        measures of `goodness` say how large a departure is.

        References
        ----------
        Hosmer, Lemeshow (1980). Communications in Statistics A 9(10).
        https://doi.org/10.1080/03610928008827941
        """
        count = check.at_least_one("groups", groups)
        judged, _ = self._forecasts(data, kind, None, offset)
        statistic, df, p_value, formed = judged.hosmer_lemeshow(count)
        row = {"statistic": statistic, "df": df, "p_value": p_value, "groups": formed}
        return self._frame({name: [value] for name, value in row.items()})

    def _forecasts(
        self, data: Any, kind: str | None, group: str | None, offset: Any
    ) -> tuple[Forecasts, str]:
        default = "conditional" if data is None else "marginal"
        chosen = default if kind is None else check.one_of("kind", kind, _KINDS)
        if data is None:
            return _core.own_forecasts(self._core, chosen, group), chosen
        from melogit import newdata

        new = newdata.read(self._core, data, groups=chosen == "conditional", outcome=True)
        shift = new.frame.numeric("offset", offset)
        found = _core.new_forecasts(self._core, new.columns, new.frame.nrows, chosen, group, shift)
        return found, chosen
