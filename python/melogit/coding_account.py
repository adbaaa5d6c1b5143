"""The account of a coding: which code became which level, how often, and what is missing why."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from melogit import coding_page, output
from melogit.spreadsheet import spreadsheet_text

if TYPE_CHECKING:
    from os import PathLike

    from melogit import _core

COLUMNS = ("variable", "source", "cleaned", "read_as", "coded", "level", "cause", "rows")


@dataclass(frozen=True)
class Entry:
    """A line of the account: one source text, or one combination of them, and what became of it."""

    source: str
    cleaned: str
    read_as: str
    coded: str
    level: str
    cause: str
    rows: int
    covered: bool

    @property
    def has_value(self) -> bool:
        """Whether its rows got a level, or are numbers."""
        return bool(self.level)


@dataclass(frozen=True)
class VariableAccount:
    """The account of one variable.

    Attributes
    ----------
    declared : dict
        What the codebook declares, as `_core.Codebook.variables` returns it.
    levels : tuple of str
        Levels in printed order, rare ones merged.
    entries : tuple of Entry
        What was read; their rows add up to the rows of the data.
    merged : tuple of str
        Levels merged for being rare.
    unmatched : tuple of (int, int, int) or None
        Rows the look-up table should have and lacks, rows it has, and rows of areas it is not made
        for.
    """

    declared: dict[str, Any]
    levels: tuple[str, ...]
    entries: tuple[Entry, ...]
    merged: tuple[str, ...]
    unmatched: tuple[int, int, int] | None

    @classmethod
    def of(cls, declared: dict[str, Any], coded: _core.CodedVariable) -> VariableAccount:
        """Take the account of a coded variable."""
        lines = coded.account()
        entries = (Entry(*line) for line in zip(*lines.values(), strict=True))
        return cls(
            declared, tuple(coded.levels), tuple(entries), tuple(coded.merged), coded.unmatched
        )

    @property
    def name(self) -> str:
        """Name in formulas."""
        return str(self.declared["name"])


@dataclass(frozen=True, eq=False, repr=False)
class CodingAccount:
    """What became what, with counts: the record of a coding that a report owes its readers.

    It prints as text, shows as HTML in a notebook, and is what item 7.1 of the RECORD statement
    asks for: complete lists of codes, and how they define every variable.

    Attributes
    ----------
    title, description : str or None
        Those of the codebook.
    rows : int
        Rows read.
    variables : list of VariableAccount
        In the codebook's order.
    backend : str or None
        Which kind of frame `frame` makes.

    Examples
    --------
    >>> from melogit.codebook import Codebook, Map
    >>> book = Codebook({"gender": Map("sex", {"Male": "1", "Female": "2"})})
    >>> account = book.apply({"sex": ["1", "2", "1"]}).account
    >>> sum(account.frame()["rows"])
    3
    """

    title: str | None
    description: str | None
    rows: int
    variables: list[VariableAccount]
    backend: str | None = None

    def frame(self) -> Any:
        """Return the account as a frame, whole, of the same kind as the data.

        Returns
        -------
        frame
            A row per variable and source code: ``variable``, ``source`` (the text as read; one
            ``column=text`` per column for a precedence), ``cleaned`` (what was mended: blanks,
            case, ...), ``read_as`` (the code after mending), ``coded`` (the level before rare ones
            were merged), ``level``, ``cause`` (why there is none, or that no rule covered it),
            ``rows``. Within a variable, the rows add up to the rows of the data.
        """
        return output.frame(self._columns(), output.choose(self.backend))

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the account as CSV, whole, such that a spreadsheet shows every code as it is.

        Text is quoted and counts are not. Text that a spreadsheet would run as a formula
        (``=1+1``, ``-1``) or turn into another number or a date (``01``, ``5-9``) is given a
        leading apostrophe; so is text that begins with one. Programs that read the file should
        take one leading apostrophe away, or use `frame`, which holds the text itself.
        """
        from melogit.html import replace_text

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(COLUMNS)
        for line in zip(*self._columns().values(), strict=True):
            writer.writerow([*map(spreadsheet_text, line[:-1]), line[-1]])
        replace_text(path, out.getvalue())

    def to_html(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return the account as a page that stands by itself, or write it to a file.

        No script, no font, and no image is in it, and nothing is fetched. Where a variable has
        very many codes, its rarest are summed up in a line; `frame` and `to_csv` have them all.
        """
        from melogit.html import returned_or_written

        return returned_or_written(coding_page.page(self), path)

    def _columns(self) -> dict[str, list[Any]]:
        lines = [
            (variable.name, entry) for variable in self.variables for entry in variable.entries
        ]
        columns: dict[str, list[Any]] = {"variable": [name for name, _ in lines]}
        for column in COLUMNS[1:]:
            columns[column] = [getattr(entry, column) for _, entry in lines]
        return columns

    def _repr_html_(self) -> str:
        return coding_page.fragment(self)

    def __str__(self) -> str:
        """Return the account as text for a terminal."""
        return coding_page.text(self)

    def __repr__(self) -> str:
        """Return the text, so that a prompt shows it."""
        return coding_page.text(self)
