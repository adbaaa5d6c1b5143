"""What a fit says on the scale of risks: effects of levels, of numbers, and of two factors together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from melogit import _core
from melogit import checks as check
from melogit.errors import OptionError
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["marginal", "typical", "observed"]
Interval = Literal["delta", "simulation", "bootstrap"]

_KINDS = ("marginal", "typical", "observed")
_INTERVALS = ("delta", "simulation", "bootstrap")
_CONTRASTS = ("reference", "pairwise", "sequential")


class Effects(Estimates):
    """Risks, risk differences, risk ratios and odds ratios, averaged over people.

    Every question is answered by the same averages. Each row is given one value of a column, all
    else as it is; its risk is computed; and the risks are averaged over the rows. `kind` says whose
    risk that is:

    - ``marginal``: over the population of groups, the random effects integrated out;
    - ``typical``: in a group whose effects are zero;
    - ``observed``: in the row's own group, at the group's estimated effects.

    Intervals are those of the delta method over the joint covariance of coefficients and variances
    (``delta``); percentiles over draws from their normal law (``simulation``); or percentiles over
    refits to outcomes drawn from the model (``bootstrap``).
    """

    __slots__ = ()

    def effects(
        self,
        column: str,
        data: Any = None,
        *,
        contrast: Literal["reference", "pairwise", "sequential"] | Sequence[Any] = "reference",
        kind: Kind = "marginal",
        at: Sequence[float] | None = None,
        over: str | Sequence[str] | None = None,
        weights: Any = None,
        offset: Any = None,
        interval: Interval = "delta",
        level: float = 0.95,
        replicates: int = 1000,
        rng: Any = None,
        threads: int | None = None,
    ) -> Any:
        """Compare average risks between the values of a column, all else as it is.

        Parameters
        ----------
        column : str
            A categorical column of the fixed part; or a number, with `at`.
        data : data frame, or dict of arrays, optional
            The people to average over; by default the rows that were analysed.
        contrast : {"reference", "pairwise", "sequential"}, or list of pairs
            Each level with the reference level; with every level before it; with the one before it;
            or the pairs given, each a level and what it is compared with.
        kind : {"marginal", "typical", "observed"}
            Whose risk: averaged over groups, in a typical group, or in each row's own group.
        at : sequence of float, optional
            The values of a number to compare; the first is the reference.
        over : str or list of str, optional
            Columns whose combinations of levels are averaged apart. Beyond the formula's columns
            they must be in `data`.
        weights : str or array-like of shape (n_rows,), optional
            How many people each row stands for; by default one, also in counts of events out of
            trials.
        offset : str or array-like of shape (n_rows,), optional
            In log odds; needed with `data` if the model was fitted with the option ``offset=``.
        interval : {"delta", "simulation", "bootstrap"}
            How intervals are made; ``observed`` has those of the delta method only.
        level : float, default 0.95
            Confidence level, between 0 and 1.
        replicates : int, default 1000
            Draws or refits.
        rng : int or numpy.random.Generator, optional
            Their seed.
        threads : int, optional
            Threads to use; results do not depend on it.

        Returns
        -------
        frame
            Columns of `over`; term, level, versus, n (rows averaged over); risk at the level;
            risk_difference, risk_ratio and odds_ratio against the risk at `versus`. Each has its
            std_error, lower and upper (``risk_lower``, ``rd_lower``, ``rr_lower``, ``or_lower``); scales:
            logit, plain, and logarithms. A level against itself has none.

        Raises
        ------
        ColumnNotFoundError
            If a column is absent.
        FitError
            If the model did not converge, or bootstrap refits did not.
        LevelError
            If a level or a group is not one of the model's.
        OptionError
            If an argument has no meaning, or the fit holds no rows and `data` is not given.

        Notes
        -----
        The odds ratio of average risks is nearer to one than the model's, which is for people of
        one group with the same covariates: that is no contradiction.

        References
        ----------
        Robins (1986). A new approach to causal inference in mortality studies with a sustained
        exposure period. Math Modelling 7. https://doi.org/10.1016/0270-0255(86)90088-6

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [int(i * 7 % 11 < 4 + 2 * (i % 2)) for i in range(330)],
        ...     "urgent": ["no", "yes"] * 165,
        ...     "place": [f"L{i // 55}" for i in range(330)],
        ... }
        >>> found = ml.fit("y ~ urgent + (1 | place)", clinics).effects("urgent")
        >>> [round(float(risk), 3) for risk in found["risk"]]
        [0.364, 0.545]
        """
        options = self._asked(data, kind, over, weights, offset, interval, level, replicates, rng,
                              threads)  # fmt: skip
        pairs = None if isinstance(contrast, str) else _pairs(contrast)
        name = check.one_of("contrast", contrast, _CONTRASTS) if pairs is None else "pairs"
        from melogit.frame import numbers

        values = None if at is None else numbers("at", at)
        table = _core.effects(self._core, column, values, name, pairs, options)
        return self._frame(table)

    def marginal_effects(
        self,
        column: str,
        data: Any = None,
        *,
        step: float | None = None,
        kind: Kind = "marginal",
        over: str | Sequence[str] | None = None,
        weights: Any = None,
        offset: Any = None,
        interval: Interval = "delta",
        level: float = 0.95,
        replicates: int = 1000,
        rng: Any = None,
        threads: int | None = None,
    ) -> Any:
        """Average change in risk with a number: per unit, or for a step.

        Parameters
        ----------
        column : str
            A numeric column of the fixed part. Curves, transformations and interactions of it move
            along.
        data : data frame, or dict of arrays, optional
            The people to average over; by default the rows that were analysed.
        step : float, optional
            Average the change in risk when the number grows by this much; by default its slope, from
            differences over 1e-4 standard deviations to either side.
        kind, over, weights, offset, interval, level, replicates, rng, threads
            As in `effects`.

        Returns
        -------
        frame
            Columns of `over`; term, n, estimate, std_error, statistic, p_value, lower, upper.

        Raises
        ------
        DataError
            If the number is not defined after the step, such as beyond the knots of ``bs``.
        OptionError
            If the column is categorical, or an argument has no meaning.

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1] * 10,
        ...     "age": [11.0, 14.0, 17.0] * 40,
        ...     "place": [f"L{i % 6}" for i in range(120)],
        ... }
        >>> found = ml.fit("y ~ age + (1 | place)", clinics).marginal_effects("age")
        >>> list(found["term"])
        ['age']
        """
        options = self._asked(data, kind, over, weights, offset, interval, level, replicates, rng,
                              threads)  # fmt: skip
        step = None if step is None else float(step)
        return self._frame(_core.marginal_effects(self._core, column, step, options))

    def interaction(
        self,
        first: str,
        second: str,
        data: Any = None,
        *,
        kind: Kind = "marginal",
        over: str | Sequence[str] | None = None,
        weights: Any = None,
        offset: Any = None,
        interval: Interval = "delta",
        level: float = 0.95,
        replicates: int = 1000,
        rng: Any = None,
        threads: int | None = None,
    ) -> Any:
        """Measure how two factors act together, on the scales of odds and of risks.

        Parameters
        ----------
        first, second : str
            Categorical columns of the fixed part, whether or not their interaction is in the model.
        data : data frame, or dict of arrays, optional
            The people to average over; by default the rows that were analysed.
        kind, over, weights, offset, interval, level, replicates, rng, threads
            As in `effects`; `kind` is about the risks.

        Returns
        -------
        frame
            Columns of `over`; for each level of either but its reference: level, versus, by_level,
            by_versus, scale (odds or risk), measure, estimate, std_error, lower, upper.

        Raises
        ------
        ColumnNotFoundError
            If a column of `over` is absent.
        FitError
            If the model did not converge, or bootstrap refits did not.
        OptionError
            If a column is not categorical in the model, both are one, or an argument has no meaning.

        Notes
        -----
        Measures of odds are the model's own, for people of one group, averaged on the log scale
        where other terms make them differ between people: odds ratios against neither
        (odds_ratio_first, odds_ratio_second, odds_ratio_both), of one within the other's level
        (odds_ratio_first_within, odds_ratio_second_within), and ratio_of_ratios, which is
        multiplicative. Measures of risk are standardised: risk_neither, risk_first, risk_second,
        risk_both, interaction_contrast (R11 - R10 - R01 + R00) and ratio_of_ratios. On either scale
        the additive ones: reri, attributable_proportion, and synergy_index, which is NaN where the
        effects alone add up to less than none. Additive measures are meant for factors that raise
        the risk: choose reference levels so.

        References
        ----------
        Hosmer, Lemeshow (1992). Confidence interval estimation of interaction. Epidemiology 3(5).
        https://doi.org/10.1097/00001648-199209000-00012
        Knol, VanderWeele (2012). Recommendations for presenting analyses of effect modification and
        interaction. Int J Epidemiol 41(2). https://doi.org/10.1093/ije/dyr218

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "y": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1] * 10,
        ...     "urgent": ["no", "yes"] * 65,
        ...     "young": ["no", "no", "yes", "yes", "no"] * 26,
        ...     "place": [f"L{i % 6}" for i in range(130)],
        ... }
        >>> fit = ml.fit("y ~ urgent * young + (1 | place)", clinics)
        >>> "reri" in list(fit.interaction("urgent", "young")["measure"])
        True
        >>> apart = fit.interaction("urgent", "young", over="place")
        >>> sorted(set(apart["place"]))
        ['L0', 'L1', 'L2', 'L3', 'L4', 'L5']
        """
        options = self._asked(data, kind, over, weights, offset, interval, level, replicates, rng,
                              threads)  # fmt: skip
        return self._frame(_core.interaction(self._core, first, second, options))

    def _asked(
        self,
        data: Any,
        kind: str,
        over: str | Sequence[str] | None,
        weights: Any,
        offset: Any,
        interval: str,
        level: float,
        replicates: int,
        rng: Any,
        threads: int | None,
    ) -> dict[str, Any]:
        kind = check.one_of("kind", kind, _KINDS)
        interval = check.one_of("interval", interval, _INTERVALS)
        apart = [over] if isinstance(over, str) else list(over or ())
        options: dict[str, Any] = {
            "kind": kind,
            "over": apart,
            "interval": interval,
            "level": check.level(level),
            "replicates": check.at_least_one("replicates", replicates),
            # Seeds are drawn only where they are used: a generator passed in moves on otherwise.
            "seed": 0 if interval == "delta" else check.seed(rng),
            "threads": None if threads is None else check.at_least_one("threads", threads),
        }
        from melogit.frame import numbers
        from melogit.newdata import read

        if data is not None:
            held = read(self._core, data, groups=kind == "observed", more=apart)
            options |= {
                "columns": held.columns,
                "nrows": held.frame.nrows,
                "weights": held.frame.numeric("weights", weights),
                "offset": held.frame.numeric("offset", offset),
            }
        elif offset is not None:
            raise OptionError(
                "offset= goes with data=; the rows that were analysed have the offset of the fit.",
                slug="offset-without-data",
            )
        elif isinstance(weights, str):
            options["weights_column"] = weights
        elif weights is not None:
            options["weights"] = numbers("weights", weights)
        return options


def _pairs(contrast: Any) -> list[tuple[str, str]]:
    try:
        # A text of two letters would unpack into a pair of its letters.
        texts = any(isinstance(pair, str) for pair in contrast)
        pairs = [] if texts else [(_label(level), _label(versus)) for level, versus in contrast]
    except (TypeError, ValueError):
        pairs = []
    if pairs:
        return pairs
    raise OptionError(
        f"contrast={contrast!r} is not one of {', '.join(map(repr, _CONTRASTS))}, nor a list of pairs "
        "such as [('CPP', 'None')]: a level, and what it is compared with.",
        slug="contrast-choice",
    )


def _label(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
