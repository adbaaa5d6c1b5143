"""How strong an unmeasured confounder would have to be: the E-value of a ratio, whatever it is of."""

from __future__ import annotations

from melogit.bias import EValue
from melogit.bias import e_value as of_odds_ratio


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
    return of_odds_ratio(ratio, lower, upper, rare=not common_odds)


__all__ = ["EValue", "e_value"]
