"""Numbers as people read them. Rounding is for display only and happens nowhere else."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

INFINITY = "∞"


def as_float(value: Any) -> float:
    """Read a cell of the core: None stands for "there is no such number"."""
    return math.nan if value is None else float(value)


def ratio(value: Any) -> str:
    """Show an odds ratio: two decimals, more for a tiny one, "∞" and "0" as such.

    Examples
    --------
    >>> [ratio(x) for x in (2.034, 0.0341, 0.00002, 123456.0, float("inf"), 0.0, None)]
    ['2.03', '0.034', '2.0e-05', '1.2e+05', '∞', '0', '']
    """
    number = as_float(value)
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return INFINITY
    if number == 0:
        return "0"
    if number >= 10_000 or number < 0.001:
        return f"{number:.1e}"
    if number < 0.0995:
        return f"{number:.3f}" if number >= 0.00995 else f"{number:.4f}"
    return f"{number:,.2f}"


def estimate(value: Any, digits: int = 3) -> str:
    """Show a coefficient or a standard deviation.

    Examples
    --------
    >>> [estimate(x) for x in (0.70883, -12.5, 0.0000123, float("inf"), None)]
    ['0.709', '-12.500', '1.23e-05', '∞', '']
    """
    number = as_float(value)
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return INFINITY if number > 0 else f"-{INFINITY}"
    if number != 0 and (abs(number) < 0.5 * 10.0**-digits or abs(number) >= 1e6):
        return f"{number:.2e}"
    return f"{number:,.{digits}f}"


def fraction(value: Any, largest: int = 60) -> str:
    """Show a weight as a fraction with a small denominator, else with four decimals.

    Examples
    --------
    >>> [fraction(x) for x in (1.0, -0.5, 2 / 3, 0.0, -0.6324555)]
    ['1', '-1/2', '2/3', '0', '-0.6325']
    """
    number = as_float(value)
    near = Fraction(number).limit_denominator(largest)
    return str(near) if abs(float(near) - number) < 1e-10 else f"{number:.4f}"


def share(value: Any) -> str:
    """Show a number between 0 and 1, such as an intraclass correlation, or an SD, to three decimals.

    Examples
    --------
    >>> [share(x) for x in (0.1044, 0.00002, 0.0, None)]
    ['0.104', '<0.001', '0', '']
    """
    number = as_float(value)
    if number == 0:
        return "0"
    return "<0.001" if 0 < number < 0.0005 else estimate(value)


def interval(lower: Any, upper: Any, show: Any = ratio) -> str:
    """Show an interval with "to", which a screen reader says and a minus sign cannot confuse.

    Examples
    --------
    >>> interval(1.88, 2.2)
    '1.88 to 2.20'
    """
    low, high = show(lower), show(upper)
    return f"{low} to {high}" if low and high else ""


def with_interval(value: Any, lower: Any, upper: Any, show: Any = ratio) -> str:
    """Show an estimate and its interval as "2.03 (1.88 to 2.20)"."""
    middle, around = show(value), interval(lower, upper, show)
    return f"{middle} ({around})" if middle and around else str(middle)


def odds_with_interval(value: Any, lower: Any, upper: Any) -> str:
    """Show an odds ratio and its interval with as many decimals as it takes to tell them from 1.

    An effect per year, or per pound, is close to 1 and known well: "1.00 (1.00 to 1.00)" says
    nothing.

    Examples
    --------
    >>> odds_with_interval(2.034, 1.88, 2.2)
    '2.03 (1.88 to 2.20)'
    >>> odds_with_interval(0.99553, 0.99399, 0.99708), odds_with_interval(1.02, 1.004, 1.036)
    ('0.996 (0.994 to 0.997)', '1.020 (1.004 to 1.036)')
    """
    low, high = as_float(lower), as_float(upper)
    digits = 2
    if 0.5 < low < high < 2:
        digits = min(max(2, math.ceil(-math.log10(high - low))), 6)
        # One more where an interval that excludes 1 would seem to touch it.
        touches = f"{1:.{digits}f}" in (f"{low:.{digits}f}", f"{high:.{digits}f}")
        if touches and not low <= 1 <= high:
            more = digits + 1
            digits = digits if f"{1:.{more}f}" in (f"{low:.{more}f}", f"{high:.{more}f}") else more
    if digits == 2:
        return with_interval(value, lower, upper)
    return with_interval(value, lower, upper, lambda x: f"{as_float(x):.{digits}f}")


def p_value(value: Any) -> str:
    """Show a p-value to three decimals.

    Examples
    --------
    >>> [p_value(x) for x in (0.00001, 0.0123, 0.99999, None)]
    ['<0.001', '0.012', '>0.999', '']
    """
    number = as_float(value)
    if math.isnan(number):
        return ""
    if number < 0.001:
        return "<0.001"
    return ">0.999" if number > 0.9995 else f"{number:.3f}"


def count(value: Any) -> str:
    """Show a count; a sum of weights may have a fraction.

    Examples
    --------
    >>> count(71740), count(12.5), count(None)
    ('71,740', '12.5', '')
    """
    number = as_float(value)
    if math.isnan(number):
        return ""
    return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"


def percent(part: Any, whole: Any) -> str:
    """Show a share.

    Examples
    --------
    >>> percent(1, 3), percent(0, 0)
    ('33.3%', '')
    """
    top, bottom = as_float(part), as_float(whole)
    return f"{100 * top / bottom:.1f}%" if bottom > 0 and not math.isnan(top) else ""


def count_percent(part: Any, whole: Any) -> str:
    """Show "142 (33.3%)"."""
    share = percent(part, whole)
    return f"{count(part)} ({share})" if share else count(part)


def plural(number: Any, noun: str) -> str:
    """Show a count with its noun.

    Examples
    --------
    >>> plural(1, "record"), plural(71740, "record")
    ('1 record', '71,740 records')
    """
    return f"{count(number)} {noun}" + ("" if as_float(number) == 1 else "s")


def level_name(level: float) -> str:
    """Show a confidence level.

    Examples
    --------
    >>> level_name(0.95), level_name(0.995)
    ('95%', '99.5%')
    """
    return f"{100 * level:.10g}%"
