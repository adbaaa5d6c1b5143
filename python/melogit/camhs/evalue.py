"""How strong an unmeasured confounder would have to be: the E-value."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

from melogit.errors import OptionError


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


def e_value(ratio: float, lower: float, upper: float, *, common_odds: bool = False) -> EValue:
    """Compute the E-value of a risk ratio, or of the odds ratio of a common outcome.

    E = RR + sqrt(RR (RR - 1)) for RR > 1; a ratio below 1 is inverted first.
    The odds ratio of an outcome with a risk above about 15 % overstates the risk
    ratio, which is then approximated by the odds ratio's square root.

    Parameters
    ----------
    ratio, lower, upper : float
        Estimate and interval, all positive.
    common_odds : bool
        True when these are odds ratios of a common outcome.

    Returns
    -------
    EValue

    Raises
    ------
    OptionError
        If a number is not positive and finite, or lower <= ratio <= upper fails.

    References
    ----------
    VanderWeele TJ, Ding P (2017). Sensitivity analysis in observational research:
    introducing the E-value. *Annals of Internal Medicine* 167, 268-274.

    Examples
    --------
    >>> value = e_value(2.65, 2.43, 2.88, common_odds=True)
    >>> round(value.estimate, 3), round(value.bound, 3)
    (2.639, 2.492)
    """
    numbers = (lower, ratio, upper)
    if not (all(isfinite(x) and x > 0 for x in numbers) and lower <= ratio <= upper):
        raise OptionError(
            f"An E-value needs a positive ratio inside its interval, not {ratio} ({lower}-{upper}).",
            slug="e-value",
        )
    if common_odds:
        lower, ratio, upper = (sqrt(x) for x in numbers)
    if ratio < 1:
        lower, ratio, upper = 1 / upper, 1 / ratio, 1 / lower
    return EValue(_formula(ratio), _formula(max(1.0, lower)))


def _formula(ratio: float) -> float:
    return ratio + sqrt(ratio * (ratio - 1.0))
