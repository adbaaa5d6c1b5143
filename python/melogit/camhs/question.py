"""The models of an analysis as formulas, and the choices an analyst states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from melogit import checks as check
from melogit.errors import OptionError

ADJUSTMENT: Final = ("ethnicity", "age_band", "gender", "imd_quintile", "source", "destination")
"""What the study's main model adjusts for, beside the location."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the data, every choice of it stated.

    Attributes
    ----------
    outcome, exposure : str
        Columns; the exposure is a category.
    adjust : sequence of str
        Columns to adjust for; kept as a tuple.
    location : str
        Column whose levels differ by a random effect.
    event : str, number or None
        The outcome's value that counts; None for an outcome of 0/1 or True/False.
    references : tuple of (str, str)
        Columns and their reference levels, where these are not the first.
    points : int or "auto"
        Quadrature points; 1 is Laplace.
    level : float
        Confidence level of every interval.
    """

    outcome: str
    exposure: str
    adjust: Sequence[str]
    location: str
    event: Any = None
    references: tuple[tuple[str, str], ...] = ()
    points: int | Literal["auto"] = "auto"
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse what could only be a slip.

        Raises
        ------
        OptionError
            If `adjust` is one text, a column has two roles, or the level is no probability.
        """
        if isinstance(self.adjust, str):
            raise OptionError(
                f"adjust= is a sequence of columns: write adjust=({self.adjust!r},).",
                slug="adjust-type",
            )
        object.__setattr__(self, "adjust", tuple(self.adjust))
        for name in self.columns:
            if self.columns.count(name) > 1:
                raise OptionError(
                    f"Column {name!r} has two roles in the analysis; outcome, exposure, each "
                    "column of adjust= and location must differ.",
                    slug="two-roles",
                )
        object.__setattr__(self, "level", check.level(self.level))

    @property
    def variables(self) -> tuple[str, ...]:
        """The exposure, then what is adjusted for."""
        return (self.exposure, *self.adjust)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the adjusted model needs."""
        return (self.outcome, *self.variables, self.location)

    def formula(self, variables: Sequence[str]) -> str:
        """Write the model of the outcome on some variables, with its random location effect.

        Examples
        --------
        >>> Question("rejected", "social_work", (), "location").formula(["social_work"])
        'rejected ~ social_work + (1 | location)'
        """
        fixed = " + ".join(quoted(name) for name in variables)
        return f"{quoted(self.outcome)} ~ {fixed} + (1 | {quoted(self.location)})"

    def options(self, variables: Sequence[str]) -> dict[str, Any]:
        """Give the keyword arguments of `melogit.fit` for a model on some variables."""
        references = {name: ref for name, ref in self.references if name in variables}
        return {"event": self.event, "references": references or None, "points": self.points}


def quoted(name: str) -> str:
    """Write a column name so that a formula reads it as one.

    Examples
    --------
    >>> quoted("age_band"), quoted("age band")
    ('age_band', '`age band`')
    """
    return name if name.isidentifier() else f"`{name}`"
