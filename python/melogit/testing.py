"""Tests of a fit: terms, variances, hypotheses in words, pairs of levels; and robust errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from melogit import _core
from melogit import checks as check
from melogit import format as show
from melogit.errors import OptionError
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from typing_extensions import Self

_ADJUST = ("holm", "tukey", "bonferroni", "sidak", "mvt", "none")


@dataclass(frozen=True, slots=True, eq=False)
class HypothesisTest:
    """A joint Wald test of some hypotheses, and what each compares.

    Attributes
    ----------
    statistic : float
        Chi-square; NaN if the covariance does not tell the hypotheses apart.
    df : int
        Independent hypotheses.
    p_value : float
        Upper tail of chi-square.
    estimates : frame
        A row per hypothesis: hypothesis, estimate (log odds), std_error, lower, upper, value (under
        the hypothesis), statistic (z), p_value.
    """

    statistic: float
    df: int
    p_value: float
    estimates: Any

    def __repr__(self) -> str:
        """Give the joint test in a line."""
        return f"chi-square {self.statistic:.2f} on {self.df} df, p {show.p_value(self.p_value)}"


class FitTests(Estimates):
    """Tests of terms, variances, hypotheses, and pairs of levels; robust standard errors."""

    __slots__ = ()

    def anova(
        self,
        type: Literal["II", "III"] = "II",  # noqa: A002 - the word that readers of car know
        *,
        test: Literal["wald", "lr"] = "wald",
        threads: int | None = None,
    ) -> Any:
        """Test each term of the fixed part as a whole.

        Parameters
        ----------
        type : {"II", "III"}, default "II"
            II tests a term in the model of all terms that do not contain it: main effects before
            their interactions. III tests it in the whole model, its effect averaged over the
            levels of the factors it interacts with. Neither depends on the contrasts of the fit.
        test : {"wald", "lr"}, default "wald"
            From the covariance of the estimates, or by likelihood ratio, with refits.
        threads : int, optional
            For the refits; by default all processors.

        Returns
        -------
        frame of a row per term
            term, statistic (chi-square), df, p_value, note (why there is no test).

        Raises
        ------
        FitError
            If the fit, or a refit, has not converged.
        OptionError
            If an argument has no meaning, or ``test="lr"`` is asked of a fit that holds no rows.

        Notes
        -----
        A number that interacts with a factor is tested by its slope averaged over the levels;
        a factor that interacts with a number, where the number is zero: centre it first.

        References
        ----------
        Fox, Weisberg (2019). An R Companion to Applied Regression, 3rd ed., section 5.3.

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {
        ...     "rejected": [0, 1, 1, 0, 1] * 24,
        ...     "urgent": ["no", "yes", "yes", "no"] * 30,
        ...     "location": [f"L{i % 6}" for i in range(120)],
        ... }
        >>> list(ml.fit("rejected ~ urgent + (1 | location)", clinics).anova()["term"])
        ['urgent']
        """
        kind = check.one_of("type", type, ("II", "III"))
        likelihood = check.one_of("test", test, ("wald", "lr")) == "lr"
        return self._frame(_core.anova(self._core, kind, likelihood, _threads(threads)))

    def variance_test(self, group: str | None = None, *, threads: int | None = None) -> Any:
        """Test each variance by likelihood ratio, leaving its random term out.

        Parameters
        ----------
        group : str, optional
            One grouping factor; by default all.
        threads : int, optional
            For the refits; by default all processors.

        Returns
        -------
        frame of a row per random term
            group, term, statistic, df (variances and covariances left out), p_value, reference:
            a mixture of chi-squares, because a variance of zero is on the edge of what it can be;
            for a term of several effects, chi-square as an upper bound.

        Raises
        ------
        FitError
            If the fit, or a refit, has not converged.
        OptionError
            If there is no such group, or the fit holds no rows.

        References
        ----------
        Stram, Lee (1994). Variance components testing in the longitudinal mixed effects model.
        Biometrics 50(4). https://doi.org/10.2307/2533455

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0] * 30, "place": [f"L{i % 6}" for i in range(120)]}
        >>> list(ml.fit("y ~ 1 + (1 | place)", clinics).variance_test()["reference"])
        ['0.5 chi2(0) + 0.5 chi2(1)']
        """
        if group is not None and not isinstance(group, str):
            raise OptionError(
                f"group={group!r} must be the name of a grouping factor.", slug="group-type"
            )
        return self._frame(_core.variance_test(self._core, group, _threads(threads)))

    def test(self, *hypotheses: str | list[str], level: float = 0.95) -> HypothesisTest:
        """Test hypotheses about the coefficients, written in words.

        Parameters
        ----------
        *hypotheses : str, or a list of str
            Such as ``"social_work[CPP] = social_work[Other]"``, ``"2*age = 0.5"``, or ``"age"``
            (is zero). Sums of named coefficients with numbers; several in one text stand on lines
            of their own or between commas. Names that another reading would break stand in
            backticks.
        level : float, default 0.95
            Confidence level of the intervals, between 0 and 1.

        Returns
        -------
        HypothesisTest
            The joint Wald test, and in ``estimates`` each by itself.

        Raises
        ------
        FitError
            If the fit has not converged, or a coefficient has no finite estimate (separation).
        OptionError
            If a text is no hypothesis, names no coefficient (with a caret, and the nearest name),
            or contradicts another.

        Notes
        -----
        Hypotheses that follow from others add nothing to the joint test: its ``df`` counts the
        independent ones.

        Examples
        --------
        >>> import melogit as ml
        >>> data = {"y": [0, 1, 1, 0, 1, 1, 0, 0] * 15, "x": ["a", "b", "c"] * 40}
        >>> ml.fit("y ~ x", data).test("x[b] = x[c]").df
        1
        """
        # A list of them is what people pass who come from statsmodels.
        given: list[Any] = [*hypotheses]
        texts = list(given[0]) if len(given) == 1 and isinstance(given[0], list | tuple) else given
        for text in texts:
            if not isinstance(text, str):
                raise OptionError(
                    f"A hypothesis is text, such as 'age = 0', and {text!r} is not.",
                    slug="hypothesis-type",
                )
        found, joint = _core.test_hypotheses(self._core, texts, check.level(level))
        return HypothesisTest(*joint, self._frame(found))

    def pairwise(
        self,
        column: str,
        *,
        adjust: Literal["holm", "tukey", "bonferroni", "sidak", "mvt", "none"] = "holm",
        reference: str | None = None,
        level: float = 0.95,
    ) -> Any:
        """Compare the levels of a categorical column, all pairs of them, as odds ratios.

        Parameters
        ----------
        column : str
            A categorical column of the fixed part. Where it interacts with others, their levels
            are averaged over, each with the same weight.
        adjust : {"holm", "tukey", "bonferroni", "sidak", "mvt", "none"}, default "holm"
            How p-values and intervals allow for the number of comparisons. ``"mvt"`` takes the
            correlation between the comparisons as it is: the sharpest that keeps its level in any
            design, and with `reference` it is Dunnett's test. Intervals for ``"holm"`` are
            Bonferroni's.
        reference : str, optional
            Compare with this level only.
        level : float, default 0.95
            Confidence level of all intervals together, between 0 and 1.

        Returns
        -------
        frame of a row per pair
            level, reference, odds_ratio, lower, upper, estimate (log odds), std_error, statistic
            (z), p_value, p_unadjusted, p_error (standard error of the integral behind ``"mvt"``,
            else zero). NaN where a level has no finite estimate.

        Raises
        ------
        FitError
            If the fit has not converged.
        LevelError
            If there is no such reference level.
        OptionError
            If there is no such column, or it interacts with a number.

        References
        ----------
        Hothorn, Bretz, Westfall (2008). Simultaneous inference in general parametric models.
        Biometrical Journal 50(3). https://doi.org/10.1002/bimj.200810425

        Examples
        --------
        >>> import melogit as ml
        >>> data = {"y": [0, 1, 1, 0, 1, 1, 0, 0] * 15, "x": ["a", "b", "c"] * 40}
        >>> list(ml.fit("y ~ x", data).pairwise("x")["level"])
        ['b', 'c', 'c']
        """
        method = check.one_of("adjust", adjust, _ADJUST)
        for option, value in (("column", column), ("reference", reference)):
            if value is not None and not isinstance(value, str):
                raise OptionError(f"{option}={value!r} must be text.", slug=f"{option}-type")
        found = _core.pairwise(self._core, column, reference, method, check.level(level))
        return self._frame(found)

    def robust(
        self,
        cluster: Any = None,
        *,
        kind: Literal["CR0", "CR1", "CR2"] = "CR1",
        threads: int | None = None,
    ) -> Self:
        """Give the fit with a covariance that is robust to clusters (a sandwich).

        Estimates and likelihood stay; standard errors, intervals and Wald tests of the new fit
        allow records of a cluster to be alike in ways that the model does not know.

        Parameters
        ----------
        cluster : array-like or str, optional
            A value per row of the data, numbers or text; or the name of a grouping factor. By
            default the outermost grouping factor. A cluster must hold whole groups of every
            random effect.
        kind : {"CR0", "CR1", "CR2"}, default "CR1"
            The plain sandwich; times G / (G - 1) for G clusters, as in Stata; or with each
            cluster's score adjusted for what it did to the estimates, best for few clusters.
        threads : int, optional
            By default all processors.

        Returns
        -------
        Fit
            Its ``diagnostics`` say that its errors are robust, and warn of few clusters.

        Raises
        ------
        DataError
            If a cluster is missing in an analysed row, cuts through a group, or is the only one.
        FitError
            If the fit has not converged, or with CR2 the data do not tell its parameters apart.
        OptionError
            If an argument has no meaning, or the fit holds no rows.

        Notes
        -----
        The gradient of a mixed model's log-likelihood adds over clusters that share no random
        effect, and is exact, modes included. Tests use the normal and the chi-square
        distribution: with few clusters they reject too often. Likelihood-ratio tests know nothing
        of a sandwich and are refused.

        CR2 turns the score s of a cluster into (I - H V)^(-1/2) s, where H is minus the Hessian of
        the cluster's log-likelihood and V the inverse of the sum of all H; for coefficients and for
        variances apart, because a cluster's H of variances is mostly noise. To first order the new
        score has covariance H if the model holds, as at the truth; the raw one has (I - H V) H,
        which is less. In a logistic model without random effects, with W = p (1 - p),
        X'f(X V X') = f(H V) X' for X scaled by the root of W, so that this is the adjustment of
        residuals by Bell and McCaffrey, Kauermann and Carroll, and Fay and Graubard, with the
        symmetric root on the scale of that root. There clubSandwich takes the root on another
        scale, of a matrix of a row per distinct record, and so does melogit, unless a cluster has
        more than 1,500 distinct records: ``diagnostics`` then say that all are adjusted as in mixed
        models. The two differ by little.

        Where a cluster alone holds all information about something, such as a coefficient of its
        own, the root is zero (Moore-Penrose). So it is where the other clusters' information on a
        variance is negative, as can be with few clusters: ``diagnostics`` then warn.

        References
        ----------
        Bell, McCaffrey (2002). Bias reduction in standard errors for linear regression with
        multi-stage samples. Survey Methodology 28(2).

        Fay, Graubard (2001). Small-sample adjustments for Wald-type tests using sandwich
        estimators. Biometrics 57(4). https://doi.org/10.1111/j.0006-341X.2001.01198.x

        Kauermann, Carroll (2001). A note on the efficiency of sandwich covariance matrix
        estimation. J Am Stat Assoc 96(456). https://doi.org/10.1198/016214501753382309

        Liang, Zeger (1986). Longitudinal data analysis using generalized linear models. Biometrika
        73(1). https://doi.org/10.1093/biomet/73.1.13

        Pustejovsky, Tipton (2018). Small-sample methods for cluster-robust variance estimation. J
        Bus Econ Stat 36(4). https://doi.org/10.1080/07350015.2016.1247004

        Examples
        --------
        >>> import melogit as ml
        >>> clinics = {"y": [0, 1, 1, 0, 1] * 24, "place": [f"L{i % 6}" for i in range(120)]}
        >>> plain = ml.fit("y ~ 1", clinics)
        >>> plain.robust(clinics["place"]).params.equals(plain.params)
        True
        >>> mixed = ml.fit("y ~ 1 + (1 | place)", clinics)
        >>> [d["slug"] for d in mixed.robust(kind="CR2").diagnostics if "robust" in d["slug"]]
        ['robust-covariance']
        """
        sort = check.one_of("kind", kind, ("CR0", "CR1", "CR2"))
        group = cluster if isinstance(cluster, str) else None
        values = None
        if cluster is not None and group is None:
            from melogit.frame import open_frame

            held = open_frame({"cluster": _sized(cluster)})
            values = (held.columns(["cluster"]), held.nrows)
        found = _core.robust(self._core, group, values, sort, _threads(threads))
        return self.__class__(found, self._source)


def _threads(threads: int | None) -> int | None:
    return None if threads is None else check.at_least_one("threads", threads)


def _sized(cluster: Any) -> Any:
    if hasattr(cluster, "__len__") and not isinstance(cluster, bytes | dict):
        return cluster
    raise OptionError(
        f"cluster={cluster!r} must be one value per row, or the name of a grouping factor.",
        slug="cluster-type",
    )
