"""Cohen's and Fleiss' kappa: how far raters agree beyond chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import _core, checks, output
from melogit import format as show
from melogit.errors import DataError, OptionError
from melogit.frame import _series, open_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from melogit._core import Column


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance.

    Attributes
    ----------
    name : str
        Which kappa, and its weights.
    estimate, se, lower, upper : float
        Kappa, its standard error, and its interval at `level`, cut off at -1 and 1; NaN where they
        do not exist, and then `diagnostics` says why.
    se_null : float
        The standard error if raters agree no more than by chance: for a test of that alone.
    observed, expected : float
        The (weighted) share of agreement, and what chance would give.
    n, omitted, raters : int
        Subjects used, subjects left out for want of codes, raters.
    level : float
        Of the interval.
    categories : tuple
        The codes, in order.
    diagnostics : tuple of dict
        What a reader should know: ``slug``, ``severity``, ``subject``, ``message``.
    """

    name: str
    estimate: float
    se: float
    lower: float
    upper: float
    se_null: float
    observed: float
    expected: float
    n: int
    omitted: int
    raters: int
    level: float
    categories: tuple[Any, ...]
    diagnostics: tuple[dict[str, str], ...] = field(default=())
    _each: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    _backend: str = field(default="dict", repr=False)

    def by_category(self) -> Any:
        """Return Fleiss' kappa of every category against all others, one row each.

        Raises
        ------
        OptionError
            For Cohen's kappa, which has none.
        """
        if not self._each:
            raise OptionError(
                "Only Fleiss' kappa is given by category; use fleiss_kappa.", slug="by-category"
            )
        names = ("estimate", "se", "lower", "upper", "observed", "expected")
        columns: dict[str, list[Any]] = {"category": list(self.categories)}
        columns |= {name: [each[name] for each in self._each] for name in names}
        return output.frame(columns, self._backend)

    def __str__(self) -> str:
        size = f"{show.plural(self.n, 'subject')}, {show.plural(self.raters, 'rater')}"
        if np.isnan(self.estimate):
            value = "undefined"
        else:
            value = f"{self.estimate:.3f}"
            if not np.isnan(self.lower):
                name = show.level_name(self.level)
                value += f" ({name} CI {self.lower:.3f} to {self.upper:.3f})"
        left = f", {show.count(self.omitted)} left out" if self.omitted else ""
        lines = [f"{self.name}: {value}; {size}{left}"]
        if self.n:
            lines.append(f"Agreement {self.observed:.3f}, by chance {self.expected:.3f}")
        lines += [
            f"{note['severity'].capitalize()}: {note['message']}." for note in self.diagnostics
        ]
        return "\n".join(lines)


def cohen_kappa(
    a: Any,
    b: Any,
    weights: str | None = None,
    level: float = 0.95,
    order: Sequence[Any] | None = None,
) -> Kappa:
    """Compute Cohen's kappa of two raters.

    Parameters
    ----------
    a, b : array, list or series, n values
        The codes of the two raters: numbers, text, booleans or categories; missing ones are left out.
    weights : {None, "linear", "quadratic"}
        How much a disagreement still counts, for codes in order: numbers, declared categories, or
        text with `order`.
    level : float, default 0.95
        Of the interval.
    order : sequence, optional
        Every code, in order.

    Returns
    -------
    Kappa
        With the standard error of Fleiss, Cohen and Everitt (1969), which holds for large samples
        whatever kappa is.

    Raises
    ------
    DataError
        If the raters differ in number or kind of codes, or a code is not in `order`.
    OptionError
        If an option has no meaning.

    Examples
    --------
    >>> a = ["yes", "yes", "no", "no", "no", "yes", "yes", "no", "no", "no"]
    >>> b = ["yes", "yes", "no", "no", "no", "yes", "no", "no", "no", "yes"]
    >>> print(cohen_kappa(a, b))
    Cohen's kappa: 0.583 (95% CI 0.069 to 1.000); 10 subjects, 2 raters
    Agreement 0.800, by chance 0.520
    """
    level = checks.level(level)
    if weights is not None:
        checks.one_of("weights", weights, ("linear", "quadratic"))
    columns = [_series("a", a), _series("b", b)]
    if len({len(_values(column)) for column in columns}) > 1:
        sizes = " and ".join(str(len(_values(column))) for column in columns)
        raise DataError(
            f"a and b have {sizes} codes; each subject needs one by each.", slug="raters-length"
        )
    codes, categories, ordered = _common(columns, order)
    if weights is not None and not ordered:
        raise OptionError(
            f"weights={weights!r} needs codes in order, and text has none. Give order=[...], or "
            "numbers, or categories declared alike by both raters.",
            slug="weights-order",
        )
    found = _core.cohen_kappa(codes[0], codes[1], len(categories), weights, level)
    name = "Cohen's kappa" + (f" ({weights} weights)" if weights else "")
    return _kappa(name, found, level, categories)


def fleiss_kappa(ratings: Any, level: float = 0.95) -> Kappa:
    """Compute Fleiss' kappa of two or more raters.

    Parameters
    ----------
    ratings : data frame, dict of lists, or array, n subjects x m raters
        The codes, one column per rater; raters may differ from subject to subject. Missing codes are
        allowed; subjects with fewer than two are left out.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    Kappa
        With Gwet's standard error, which holds whatever kappa is, and an interval by Student's t;
        `Kappa.by_category` has kappa per category. The standard error printed by many programs is
        that of Fleiss, Nee and Landis (1979), here `se_null`: it holds only if there is no agreement
        beyond chance, and makes no interval.

    Raises
    ------
    DataError
        If there are fewer than two raters, or kinds of codes are mixed.

    Examples
    --------
    >>> kappa = fleiss_kappa([["a", "a", "a"], ["b", "b", "a"], ["a", "b", "a"], ["b", "b", "b"]])
    >>> round(kappa.estimate, 3), kappa.n, kappa.raters
    (0.333, 4, 3)
    """
    level = checks.level(level)
    columns, backend = _raters(ratings)
    if len(columns) < 2:
        raise DataError(
            "ratings needs a column for each of at least two raters.", slug="raters-shape"
        )
    codes, categories, _ = _common(columns, None)
    table = np.ascontiguousarray(np.stack(codes, axis=1), dtype=np.int32)
    overall, each = _core.fleiss_kappa(table.ravel(), len(columns), len(categories), level)
    return _kappa("Fleiss' kappa", overall, level, categories, tuple(each), backend)


def _kappa(
    name: str,
    found: dict[str, Any],
    level: float,
    categories: list[Any],
    each: tuple[dict[str, Any], ...] = (),
    backend: str = "dict",
) -> Kappa:
    found = dict(found)
    notes = tuple(found.pop("findings"))
    return Kappa(
        name=name, level=level, categories=tuple(categories), diagnostics=notes, _each=each,
        _backend=backend, **found,
    )  # fmt: skip


def _raters(ratings: Any) -> tuple[list[Column], str]:
    if isinstance(ratings, list | tuple | np.ndarray):
        rows = [list(row) for row in ratings]
        if len({len(row) for row in rows}) > 1:
            raise DataError("The rows of ratings differ in length.", slug="raters-shape")
        columns = [_series("ratings", list(column)) for column in zip(*rows, strict=True)]
        return columns, output.choose(None)
    opened = open_frame(ratings)
    return list(opened.columns(opened.names).values()), output.choose(opened.backend)


def _values(column: Column) -> npt.NDArray[Any]:
    return column if isinstance(column, np.ndarray) else column[0]


def _common(
    columns: list[Column], order: Sequence[Any] | None
) -> tuple[list[npt.NDArray[np.int32]], list[Any], bool]:
    """Bring the codes of several raters to one list of categories; say whether these are in order."""
    # A column without any code fits either kind.
    numeric = {isinstance(c, np.ndarray) for c in columns if _known(c).any()}
    if len(numeric) > 1:
        raise DataError(
            "Some raters' codes are numbers and others' text. Give all of them in one kind.",
            slug="raters-kinds",
        )
    named = [_named(column) for column in columns]
    seen = {value for values in named for value in values if value is not None}
    levels = [column[1] for column in columns if not isinstance(column, np.ndarray) and column[2]]
    declared = len(levels) == len(columns) and all(level == levels[0] for level in levels)
    if order is not None:
        categories = list(dict.fromkeys(order))
    elif declared:
        categories = list(levels[0])
    else:
        categories = sorted(seen)
    place = {category: number for number, category in enumerate(categories)}
    strange = sorted(str(value) for value in seen if value not in place)
    if strange:
        raise DataError(
            f"{strange[0]!r} is a code that order= does not have.", slug="not-a-category"
        )
    codes = [
        np.array([-1 if value is None else place[value] for value in values], dtype=np.int32)
        for values in named
    ]
    return codes, categories, order is not None or declared or True in numeric


def _known(column: Column) -> npt.NDArray[np.bool_]:
    if isinstance(column, np.ndarray):
        return ~np.isnan(column)
    known: npt.NDArray[np.bool_] = column[0] >= 0
    return known


def _named(column: Column) -> list[Any]:
    if isinstance(column, np.ndarray):
        return [
            None if np.isnan(x) else int(x) if x == int(x) else float(x) for x in column.tolist()
        ]
    codes, levels, _ = column
    return [None if code < 0 else levels[code] for code in codes.tolist()]
