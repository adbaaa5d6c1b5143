"""What a cell may hold: codes with their months, and the tests of a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from melogit.plain import Declared, plain


@dataclass(frozen=True)
class Code(Declared):
    """A code that counts in certain months only.

    Parameters
    ----------
    code : str or int
        A code or pattern: ``"A03"``, ``"A*"``, ``"01..16"``.
    from_month, to_month : int, optional
        First and last month, as numbers of the codebook's column of months.

    Examples
    --------
    >>> Code("A03", to_month=1458).tree()
    {'code': 'A03', 'to_month': 1458}
    """

    code: str | int
    from_month: int | None = None
    to_month: int | None = None


@dataclass(frozen=True)
class Exactly(Declared):
    """A code that is taken literally, although it has a ``*`` or ``..`` in it.

    Examples
    --------
    >>> Exactly("A*").tree()
    {'exactly': 'A*'}
    """

    exactly: str


class Not(Declared):
    """Test of a step: the cell has a value, and it is none of these codes.

    Examples
    --------
    >>> Not("1", "2").tree()
    {'not': ['1', '2']}
    """

    def __init__(self, *codes: Any) -> None:
        self.codes = codes

    def tree(self) -> Any:
        """Return the plain values."""
        return {"not": plain(self.codes)}


class Blank(Declared):
    """Test of a step: the cell has no value.

    Examples
    --------
    >>> Blank().tree()
    {'blank': True}
    """

    def tree(self) -> Any:
        """Return the plain values."""
        return {"blank": True}


@dataclass(frozen=True)
class Within(Declared):
    """Test of a step: the cell is a number in this interval.

    Examples
    --------
    >>> Within("[0, 18)").tree()
    {'within': '[0, 18)'}
    """

    within: str
