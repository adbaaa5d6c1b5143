"""Coding that can be stated, audited, and repeated: codes of an extract to variables of a model.

>>> import melogit as ml
>>> book = ml.Codebook(
...     {
...         "gender": Map("GenderIDCode", {"Male": "1", "Female": "2"}, missing={"Unknown": "X"}),
...         "age_band": Bands("Age", {"0 to 9": "[0, 10)", "10 to 17": "[10, 18)"}),
...     }
... )
>>> coded = book.apply({"GenderIDCode": ["1", "2", "x"], "Age": [4, 11.5, 17]})
>>> coded
<melogit.Coded 3 rows, 2 variables: gender, age_band>
>>> print(book)
[variables.gender]
from = "GenderIDCode"
levels = { "Male" = "1", "Female" = "2" }
missing = { "Unknown" = "X" }
<BLANKLINE>
[variables.age_band]
from = "Age"
bands = { "0 to 9" = "[0, 10)", "10 to 17" = "[10, 18)" }
<BLANKLINE>

``coded.frame`` has the coded columns, ``coded.account`` says what became of which code, how often,
and ``melogit.fit(formula, coded)`` takes both.

Every variable may also have a ``label`` and a ``description``; ``missing``, cause -> codes;
``order`` and ``reference`` of its levels; a ``contrast``; what becomes of values that are
``uncovered`` (``"refuse"``, ``"missing"``, or ``{"level": "Other"}``); a rule for ``rare`` levels;
and ``clean=False``, which takes codes as they stand, without mending blanks, case, or lost zeros.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit.declared import Bands, List, Lookup, Map, Number, Precedence, Rare, Step
from melogit.errors import CodebookError
from melogit.patterns import Blank, Code, Exactly, Not, Within
from melogit.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from melogit.coded import Coded

__all__ = [
    "Bands",
    "Blank",
    "Code",
    "Codebook",
    "Exactly",
    "List",
    "Lookup",
    "Map",
    "Not",
    "Number",
    "Precedence",
    "Rare",
    "Step",
    "Within",
]


class Codebook:
    """How the columns of an extract become the variables of a model.

    Parameters
    ----------
    variables : mapping of str to variable
        Name in formulas -> `Map`, `List`, `Bands`, `Number`, or `Precedence`; or the same as plain
        dicts, with the keys of the file.
    title, description : str, optional
        What it is for.
    month : str, optional
        The column of month numbers on which the validity of codes depends.

    Raises
    ------
    CodebookError
        If the declaration contradicts itself: codes that overlap, bands with a gap, levels no
        code leads to. The message shows the line of the file and the cure.

    Examples
    --------
    >>> book = Codebook({"gender": Map("GenderIDCode", {"Male": "1", "Female": "2"})})
    >>> Codebook.parse(book.to_toml()) == book
    True
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        *,
        title: str | None = None,
        description: str | None = None,
        month: str | None = None,
    ) -> None:
        if not isinstance(variables, Mapping):
            raise CodebookError(
                "Codebook(...) takes a dict of name to variable; to read a file call "
                "Codebook.read(path), to read TOML text Codebook.parse(text).",
                slug="codebook-type",
            )
        tree = {"title": title, "description": description, "month": month, "variables": variables}
        given = plain({key: value for key, value in tree.items() if value is not None})
        self._core = _core.Codebook.from_json(_json(given))

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Codebook:
        """Read a TOML file.

        Raises
        ------
        CodebookError
            If the file cannot be read, is not TOML, or its declaration is wrong: the message has
            the line, a caret under the place, and the cure.
        """
        try:
            # An editor may have put a byte order mark in front.
            text = Path(path).read_text(encoding="utf-8-sig")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CodebookError(f"Cannot read {str(path)!r}: {reason}.", "codebook-file") from error
        except UnicodeDecodeError as error:
            raise CodebookError(
                f"{str(path)!r} is not UTF-8 text; save it as UTF-8.", "codebook-file"
            ) from error
        return cls.parse(text, name=Path(path).name)

    @classmethod
    def parse(cls, text: str, *, name: str = "codebook") -> Codebook:
        """Read TOML text; `name` is what messages call it."""
        return cls._of(_core.Codebook.parse(text, name))

    @classmethod
    def _of(cls, core: _core.Codebook) -> Codebook:
        book = cls.__new__(cls)
        book._core = core
        return book

    def to_toml(self) -> str:
        """Return the one canonical text; reading it gives an equal codebook."""
        return self._core.to_toml()

    def write(self, path: str | PathLike[str]) -> None:
        """Write `to_toml` to a file, whole or not at all."""
        from melogit.html import replace_text

        replace_text(path, self.to_toml())

    @property
    def title(self) -> str | None:
        """What it is for."""
        return self._core.title

    @property
    def variables(self) -> list[str]:
        """Names of the variables, in order."""
        return [variable["name"] for variable in self._core.variables()]

    @property
    def columns(self) -> list[str]:
        """The columns it reads, in order of first use."""
        return self._core.columns()

    def apply(
        self,
        data: Any,
        *,
        lookups: Mapping[str, Any] | None = None,
        keep: Sequence[str] = (),
        threads: int | None = None,
    ) -> Coded:
        """Code the rows of an extract.

        Parameters
        ----------
        data : data frame, or dict of arrays
            One row per record: pandas, polars, pyarrow, any other frame narwhals understands, or
            a dict of equally long arrays. Codes may be text, numbers, or categories.
        lookups : mapping of str to table, optional
            Name of a look-up -> dict of code to code, frame of two columns (code, value), or
            ``(frame, code_column, value_column)``.
        keep : sequence of str, optional
            Columns that go into the result as they are: the outcome, the place.
        threads : int, optional
            Threads to use at most; by default what the machine offers. The result is the same.

        Returns
        -------
        Coded
            The frame, the account of what became what, and the settled codebook.

        Raises
        ------
        ColumnNotFoundError
            If the data lack a column.
        DataError
            If values occur that the codebook does not cover (``uncovered-codes``, with counts,
            for all variables together), or a look-up table is of the wrong year.
        OptionError
            If a look-up is not handed over, or a name is both kept and coded.

        Examples
        --------
        >>> book = Codebook({"gender": Map("sex", {"Male": "1", "Female": "2"})})
        >>> coded = book.apply({"sex": ["2", " 1", "2"], "rejected": [0, 1, 0]}, keep=["rejected"])
        >>> coded.references
        {'gender': 'Male'}
        """
        from melogit.applying import apply

        return apply(self, data, lookups, keep, threads)

    def __eq__(self, other: object) -> bool:
        """Say whether both declare the same."""
        return isinstance(other, Codebook) and self._core.same(other._core)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return Codebook.parse, (self.to_toml(),)

    def __str__(self) -> str:
        """Return the TOML text."""
        return self.to_toml()

    def __repr__(self) -> str:
        """Name it in a line."""
        names = self.variables
        title = f" {self.title!r}," if self.title else ""
        return f"<melogit.Codebook{title} {len(names)} variables: {', '.join(names)}>"


def _json(tree: Any) -> str:
    try:
        return json.dumps(tree, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise CodebookError(
            "A codebook cannot hold NaN or infinity; leave a bound out, or write inf inside an "
            'interval such as "[18, inf)".',
            slug="codebook-value",
        ) from None
