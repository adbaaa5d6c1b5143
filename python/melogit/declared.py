"""What a codebook declares, built in Python: one class per kind of rule, each the same as its TOML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from melogit.plain import Declared, plain


@dataclass(frozen=True)
class Rare(Declared):
    """Which levels are merged for having too few rows; a level without any row stays as it is.

    Parameters
    ----------
    into : str
        The level that takes them.
    below : int, optional
        Merge levels of fewer rows than this.
    share : float, optional
        Merge levels of a smaller share of the rows with a level than this.
    merged : sequence of str, optional
        The levels merged, once that is settled: nothing is counted any more.

    Examples
    --------
    >>> Rare("Other", below=10).tree()
    {'into': 'Other', 'below': 10}
    """

    into: str
    below: int | None = None
    share: float | None = None
    merged: Sequence[str] | None = None


@dataclass(frozen=True)
class Lookup(Declared):
    """A table from code to code that is handed over when the codebook is applied.

    Parameters
    ----------
    table : str
        Its name among the ``lookups`` of `Codebook.apply`.
    unmatched : float, optional
        The largest share of values that may be without an entry; by default 0.01. More means a
        table of the wrong year, and is refused.

    Examples
    --------
    >>> Lookup("imd2019").tree()
    {'table': 'imd2019'}
    """

    table: str
    unmatched: float | None = None


@dataclass(frozen=True)
class _Variable(Declared):
    """What every variable may say beside its rule; see `melogit.codebook`."""

    _: KW_ONLY
    label: str | None = None
    description: str | None = None
    missing: Mapping[str, Any] | None = None
    order: Sequence[str] | None = None
    reference: str | None = None
    contrast: str | Sequence[str] | Mapping[str, Any] | None = None
    uncovered: Literal["refuse", "missing"] | Mapping[str, str] | None = None
    rare: Rare | Mapping[str, Any] | None = None
    clean: bool = True


@dataclass(frozen=True)
class Map(_Variable):
    """Codes of one column to levels, in printed order.

    Parameters
    ----------
    source : str
        The column.
    levels : mapping of str to code or list of codes
        Level -> ``"1"``, ``"A*"``, ``"01..16"``, ``["3", "4"]``, `Code`, or `Exactly`.
    lookup : Lookup, optional
        A table that turns the code into another first.

    Examples
    --------
    >>> Map("GenderIDCode", {"Male": "1", "Female": "2"}, missing={"Not stated": "Z"}).tree()
    {'missing': {'Not stated': 'Z'}, 'from': 'GenderIDCode', 'levels': {'Male': '1', 'Female': '2'}}
    """

    source: str
    levels: Mapping[str, Any]
    lookup: Lookup | Mapping[str, Any] | None = None


@dataclass(frozen=True)
class List(_Variable):
    """A shipped list of codes: see `melogit.code_lists`.

    Parameters
    ----------
    source : str
        The column.
    name : str
        The list.
    group : str, optional
        One of its groupings; without it each code is a level of its own.
    prefix : bool, default False
        Whether text that only begins with a code counts; the longest such code wins.
    lookup : Lookup, optional
        A table that turns the code into another first.

    Examples
    --------
    >>> List("EthnicCategory", "ethnic_category", group="five_groups").tree()
    {'from': 'EthnicCategory', 'list': 'ethnic_category', 'group': 'five_groups'}
    """

    source: str
    name: str
    group: str | None = None
    prefix: bool = False
    lookup: Lookup | Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Bands(_Variable):
    """Intervals of a number.

    Parameters
    ----------
    source : str
        The column.
    bands : mapping of str to str, or sequence of str
        Level -> interval such as ``"[5, 10)"``; or intervals, which are then the levels.
    gaps : {"allow"}, optional
        Allow gaps between the bands.

    Examples
    --------
    >>> Bands("Age", ["[0, 5)", "[5, 10)"]).tree()
    {'from': 'Age', 'bands': ['[0, 5)', '[5, 10)']}
    """

    source: str
    bands: Mapping[str, str] | Sequence[str]
    gaps: Literal["allow"] | None = None


@dataclass(frozen=True)
class Number(_Variable):
    """A number that stays one.

    Parameters
    ----------
    source : str
        The column.
    min, max : float, optional
        Smallest and largest number covered.

    Examples
    --------
    >>> Number("Age", min=0, max=120).tree()
    {'from': 'Age', 'number': {'min': 0, 'max': 120}}
    """

    source: str
    min: float | None = None
    max: float | None = None

    def tree(self) -> Any:
        """Return the plain values."""
        whole = super().tree()
        bounds = {key: whole.pop(key) for key in ("min", "max") if key in whole}
        return {**whole, "number": bounds}


class Step(Declared):
    """One step of a `Precedence`: what it gives, and what must hold in every column it names.

    Parameters
    ----------
    level : str, optional
        The level it gives.
    missing : str, optional
        Instead of a level, the cause of a missing value.
    otherwise : bool, default False
        The last step may hold for everything that is left, codes that nobody foresaw included.
        Steps that name their codes leave those uncovered, to be asked about.
    when : mapping of str to test, optional
        Tests of columns whose names are no Python names.
    **columns
        Column -> code, list of codes, `Not`, `Blank`, or `Within`.

    Examples
    --------
    >>> Step("In care", LACStatus="Y").tree()
    {'level': 'In care', 'when': {'LACStatus': 'Y'}}
    >>> from melogit.codebook import Blank
    >>> Step(missing="Not recorded", LACStatus=Blank()).tree()
    {'missing': 'Not recorded', 'when': {'LACStatus': {'blank': True}}}
    """

    def __init__(
        self,
        level: str | None = None,
        *,
        missing: str | None = None,
        otherwise: bool = False,
        when: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        self.outcome = {"level": level, "missing": missing}
        self.otherwise = otherwise
        self.when = {**columns, **(when or {})}

    def tree(self) -> Any:
        """Return the plain values."""
        when = {"when": plain(self.when)} if self.when else {}
        otherwise = {"otherwise": True} if self.otherwise else {}
        outcome = {key: plain(value) for key, value in self.outcome.items() if value is not None}
        return {**outcome, **when, **otherwise}


@dataclass(frozen=True)
class Precedence(_Variable):
    """Tests over several columns: the first step that holds decides.

    Parameters
    ----------
    precedence : sequence of Step
        The steps, the strongest first.

    Examples
    --------
    >>> flags = Precedence([Step("In care", LAC="Y"), Step("Not in care", otherwise=True)])
    >>> flags.tree()["precedence"][1]
    {'level': 'Not in care', 'otherwise': True}
    """

    precedence: Sequence[Step | Mapping[str, Any]]
