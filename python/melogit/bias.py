"""How strong an unmeasured confounder would have to be: E-values and tipping points."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit import checks as check
from melogit import format as show
from melogit.errors import OptionError
from melogit.estimates import Estimates

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class EValue:
    """E-value of an estimate and of the end of its interval nearest to 1.

    Attributes
    ----------
    estimate : float
        Least risk ratio that an unmeasured confounder would need with both the
        exposure and the outcome, beyond the adjustment made, to explain the
        whole estimate away.
    bound : float
        The same for the nearer end of the confidence interval; 1 when the
        interval includes 1.
    """

    estimate: float
    bound: float


def e_value(ratio: float, lower: float, upper: float, *, rare: bool = False) -> EValue:
    """Compute the E-value of an odds ratio.

    E = RR + sqrt(RR (RR - 1)) for RR > 1; a ratio below 1 is inverted first.
    The odds ratio of an outcome with a risk above about 15 % overstates the risk
    ratio, which is then approximated by the odds ratio's square root.

    Parameters
    ----------
    ratio, lower, upper : float
        Odds ratio and interval, all positive.
    rare : bool, default False
        Whether the outcome is rare, so that the odds ratio stands for the risk
        ratio as it is. Say True for a risk ratio too.

    Returns
    -------
    EValue

    Raises
    ------
    OptionError
        If a number is not positive and finite, or lower <= ratio <= upper fails.

    References
    ----------
    VanderWeele, Ding (2017). Sensitivity analysis in observational research: introducing the
    E-value. Annals of Internal Medicine 167(4). https://doi.org/10.7326/M16-2607

    Examples
    --------
    >>> value = e_value(2.65, 2.43, 2.88)
    >>> round(value.estimate, 3), round(value.bound, 3)
    (2.639, 2.492)
    """
    return EValue(*_core.e_value(float(ratio), float(lower), float(upper), not rare))


class Bias(Estimates):
    """What an unmeasured confounder could do to the odds ratios."""

    __slots__ = ()

    def e_values(self, level: float = 0.95, *, rare: bool = False) -> Any:
        """Compute the E-value of every odds ratio.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level of the intervals.
        rare : bool, default False
            Whether the outcome is rare: see `melogit.e_value`.

        Returns
        -------
        frame
            term, level, odds_ratio, lower, upper, e_value, e_value_bound; NaN where there is no
            finite odds ratio. Reference levels are left out.
        """
        return self._frame(_core.e_value_table(self._core, check.level(level), not rare))

    def tipping_point(
        self,
        term: str,
        level: str | None = None,
        *,
        confounder_odds_ratios: Sequence[float] = (1.5, 2.0, 3.0, 5.0, 10.0),
        prevalences: Sequence[float] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
        risk: float | None = None,
        confidence: float = 0.95,
    ) -> Any:
        """Find the unmeasured confounders that would leave nothing of an odds ratio.

        For a yes/no confounder of a given odds ratio with the outcome and a given prevalence among
        the unexposed: the prevalence among the exposed at which an exposure without any effect
        would show the odds ratio found.

        Parameters
        ----------
        term, level : str
            Row of the odds-ratio table; `level` is not needed for a number.
        confounder_odds_ratios : sequence of float
            Odds ratios between confounder and outcome, given exposure and covariates. Use values
            below 1 for a confounder that protects.
        prevalences : sequence of float
            Prevalences of the confounder among the unexposed, 0 to 1.
        risk : float, optional
            Risk of the outcome among the unexposed; by default the share of events at the reference
            level (of all records, for a number).
        confidence : float, default 0.95
            Level of the interval.

        Returns
        -------
        frame
            confounder_odds_ratio, prevalence_unexposed, prevalence_estimate (that explains the
            estimate), prevalence_bound (that moves the nearer end of the interval to 1). NaN:
            no prevalence would.

        Raises
        ------
        OptionError
            If there is no such row, it has no finite odds ratio, or a number has no meaning.

        Notes
        -----
        For a rare outcome this is the classical bias factor (1 + p₁(γ-1)) / (1 + p₀(γ-1)). For a
        common one that factor is not the bias of an odds ratio, and the risk of the unexposed
        enters: both groups' risks are averaged over the confounder. The confounder is taken to be
        independent of the covariates, and to act alike at all of them.

        References
        ----------
        Lin, Psaty, Kronmal (1998). Assessing the sensitivity of regression results to unmeasured
        confounders in observational studies. Biometrics 54(3). https://doi.org/10.2307/2533848
        """
        table = self._core.odds_ratio_table(check.level(confidence, "confidence"))
        rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
        row = _chosen(rows, term, level)
        odds, lower, upper = (show.as_float(row[key]) for key in ("odds_ratio", "lower", "upper"))
        points = _core.tipping_points(
            (odds, lower, upper),
            _unexposed(rows, row) if risk is None else float(risk),
            [float(value) for value in confounder_odds_ratios],
            [float(value) for value in prevalences],
        )
        return self._frame(points)


def _chosen(rows: list[dict[str, Any]], term: str, level: str | None) -> dict[str, Any]:
    terms = list(dict.fromkeys(str(row["term"]) for row in rows))
    if term not in terms:
        close = get_close_matches(str(term), terms, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise OptionError(
            f"term={term!r} is not a term of this model.{hint} Its terms: {', '.join(terms)}.",
            slug="term-choice",
        )
    own = [row for row in rows if row["term"] == term and not row["reference"]]
    if level is None and len(own) == 1:
        return own[0]
    levels = [str(row["level"]) for row in own]
    if level not in levels:
        raise OptionError(
            f"level={level!r} is not a level of {term!r} with an odds ratio; choose one of "
            f"{', '.join(map(repr, levels))}.",
            slug="level-choice",
        )
    return own[levels.index(level)]


def _unexposed(rows: list[dict[str, Any]], row: dict[str, Any]) -> float:
    """Share of events at the reference level; of all records, where there is none."""
    same = (other for other in rows if other["term"] == row["term"] and other["reference"])
    counted = next(same, row)
    return float(counted["events"]) / float(counted["n"])
