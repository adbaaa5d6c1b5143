"""Checks of arguments that several functions share."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from melogit.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence


def one_of(option: str, value: Any, allowed: Sequence[str]) -> str:
    """Check an option that is one of a few words.

    Raises
    ------
    OptionError
        Naming the words allowed, and the nearest one to what was given.

    Examples
    --------
    >>> one_of("missing", "drop", ("drop", "error"))
    'drop'
    """
    if isinstance(value, str) and value in allowed:
        return value
    close = get_close_matches(str(value), allowed, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    choices = ", ".join(repr(choice) for choice in allowed)
    raise OptionError(
        f"{option}={value!r} is not one of {choices}.{hint}", slug=_slug(option, "choice")
    )


def level(value: Any, option: str = "level") -> float:
    """Check a confidence level.

    Raises
    ------
    OptionError
        If it is not a number between 0 and 1; 95 is the usual mistake.

    Examples
    --------
    >>> level(0.95)
    0.95
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and 0 < value < 1:
        return float(value)
    hint = f" Did you mean {value / 100:g}?" if number and 1 < value < 100 else ""
    raise OptionError(
        f"{option}={value!r} must be a number between 0 and 1, such as 0.95.{hint}",
        slug=_slug(option, "range"),
    )


def at_least_one(option: str, value: Any) -> int:
    """Check a count.

    Raises
    ------
    OptionError
        If it is not a whole number of at least 1.

    Examples
    --------
    >>> at_least_one("points", 7)
    7
    """
    # numpy's integers have __index__; bool has it too, and is never meant.
    if not hasattr(value, "__index__") or isinstance(value, bool) or int(value) < 1:
        raise OptionError(
            f"{option}={value!r} must be a whole number of at least 1.", slug=_slug(option, "range")
        )
    return int(value)


def threads(value: Any) -> int | None:
    """Check a number of threads; None leaves it to the machine.

    Examples
    --------
    >>> threads(2)
    2
    """
    return None if value is None else at_least_one("threads", value)


def seed(rng: Any, option: str = "rng") -> int:
    """Turn ``rng=`` into the seed of the core's own generator, which gives the same draws anywhere.

    Parameters
    ----------
    rng : int, numpy.random.Generator, or None
        A whole number is the seed itself; a generator is asked for one, and so moves on; None
        takes one from the operating system.

    Raises
    ------
    OptionError
        If it is something else, or a negative number.

    Examples
    --------
    >>> seed(7)
    7
    """
    if rng is None:
        from secrets import randbits

        return randbits(63)
    if hasattr(rng, "__index__") and not isinstance(rng, bool) and 0 <= int(rng) < 2**64:
        return int(rng)
    if hasattr(rng, "integers"):
        return int(rng.integers(2**63))
    raise OptionError(
        f"{option}={rng!r} must be a whole number from 0 up, or a numpy.random.Generator.",
        slug=_slug(option, "type"),
    )


def points(value: Any) -> int | Literal["auto"]:
    """Check a number of quadrature points, or the word that leaves it to the fit.

    Raises
    ------
    OptionError
        If it is neither ``"auto"`` nor a whole number of at least 1.

    Examples
    --------
    >>> points("auto"), points(25)
    ('auto', 25)
    """
    if isinstance(value, str):
        if value == "auto":
            return "auto"
        raise OptionError(
            f"points={value!r} must be 'auto' or a whole number of at least 1.",
            slug="points-range",
        )
    return at_least_one("points", value)


def _slug(option: str, fault: str) -> str:
    return f"{option.replace('_', '-')}-{fault}"
