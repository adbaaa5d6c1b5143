"""Contrasts: what the coefficients of a categorical column compare.

Numbers come from the core; here they are asked for, checked, and shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from melogit import _core, output
from melogit import format as show
from melogit.checks import one_of
from melogit.errors import OptionError
from melogit.tables import Group, Table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NAMES = ("treatment", "sum", "helmert", "polynomial", "successive", "backward", "sdif", "forward",
         "simple")  # fmt: skip

# What a caller may write for a contrast.
Written: TypeAlias = str | Sequence[str] | Mapping[str, str] | Mapping[str, Sequence[float]]
# What crosses to the core: a name, label and text of each comparison, or scores.
Asked: TypeAlias = str | list[tuple[str, str]] | list[float]


def asked(option: str, given: Any) -> Asked:
    """Check a contrast as a caller writes it.

    Raises
    ------
    OptionError
        If it is none of a name, comparisons, or the scores of a polynomial.

    Examples
    --------
    >>> asked("contrasts", "helmert"), asked("contrasts", "Poly")
    ('helmert', 'polynomial')
    >>> asked("contrasts", ["CPP - Other"])
    [('CPP - Other', 'CPP - Other')]
    >>> asked("contrasts", {"CPP v other": "CPP - Other"})
    [('CPP v other', 'CPP - Other')]
    >>> asked("contrasts", {"polynomial": [0, 5, 10]})
    [0.0, 5.0, 10.0]
    """
    if isinstance(given, str):
        if "-" in given:
            raise OptionError(
                f"{option}={given!r} is not the name of a contrast. To compare levels, put the "
                f"comparison in a list: [{given!r}].",
                slug=f"{option}-choice",
            )
        # As formulas do: "Helmert", "Poly", and R's "contr.sum" are names, too.
        name = given.lower().removeprefix("contr.")
        return "polynomial" if name == "poly" else one_of(option, name, NAMES)
    if isinstance(given, Mapping):
        items = list(given.items())
        if len(items) == 1 and items[0][0] == "polynomial" and not isinstance(items[0][1], str):
            return _scores(option, items[0][1])
        return _comparisons(option, items)
    if isinstance(given, Sequence) and not isinstance(given, bytes):
        return _comparisons(option, [(text, text) for text in given])
    raise _unclear(option, given)


def _scores(option: str, given: Any) -> list[float]:
    plain = given.tolist() if hasattr(given, "tolist") else given
    numbers = isinstance(plain, Sequence) and all(
        isinstance(score, int | float) and not isinstance(score, bool) for score in plain
    )
    if not numbers or not plain:
        raise OptionError(
            f"{option}: the scores of a polynomial are a list of numbers, one per level, not "
            f"{given!r}.",
            slug=f"{option}-type",
        )
    return [float(score) for score in plain]


def _comparisons(option: str, items: list[tuple[Any, Any]]) -> list[tuple[str, str]]:
    words = all(isinstance(label, str) and isinstance(text, str) for label, text in items)
    if not words or not items or not all(label.strip() for label, _ in items):
        raise _unclear(option, dict(items))
    return [(label, text) for label, text in items]


def _unclear(option: str, given: Any) -> OptionError:
    return OptionError(
        f"{option}={given!r} is not a contrast. Write a name such as 'sum', comparisons such as "
        "['CPP - Other'] or {'CPP v other': 'CPP - Other'}, or {'polynomial': [0, 5, 10]}.",
        slug=f"{option}-type",
    )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Contrast:
    """A contrast over the levels of one categorical column.

    Made by `melogit.contrast`, and by `Fit.contrasts` for the columns of a model.

    Parameters
    ----------
    name : str
        Which contrast: ``"treatment"``, ..., or ``"custom"`` for comparisons written out.
    levels : tuple of str
        The L levels, in order.
    reference : str or None
        The reference level, where the contrast has one.
    labels : tuple of str
        Label of each column, as in the names of coefficients.
    coefficients : tuple of str
        The intercept and the labels.
    comparisons : tuple of str
        What each coefficient is, in words, such as ``(a + b)/2 - c``.
    values, weights : ndarray
        The contrast matrix (levels by columns) and the hypothesis matrix (coefficients by levels).
    backend : str or None
        Which frames to make.

    Examples
    --------
    >>> import melogit as ml
    >>> contrast = ml.contrast(["CPP - Other"], ["None", "CPP", "Other"])
    >>> contrast.labels
    ('CPP - Other', 'rest 1')
    >>> contrast.comparisons
    ('(None + CPP + Other)/3', 'CPP - Other', 'None - (CPP + Other)/2')
    """

    name: str
    levels: tuple[str, ...]
    reference: str | None
    labels: tuple[str, ...]
    coefficients: tuple[str, ...]
    comparisons: tuple[str, ...]
    values: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    backend: str | None = None

    @property
    def matrix(self) -> Any:
        """Contrast matrix: a row per level, a column per coefficient other than the intercept.

        Indexed by level in pandas; with a column ``name`` elsewhere.
        """
        columns = {label: self.values[:, c] for c, label in enumerate(self.labels)}
        return output.labelled(self.levels, columns, output.choose(self.backend))

    @property
    def hypotheses(self) -> Any:
        """Hypothesis matrix: a row per coefficient, with its weight of each level.

        The inverse of the contrast matrix with a column of ones before it. Indexed by coefficient
        in pandas; with a column ``name`` elsewhere.

        References
        ----------
        Schad, Vasishth, Hohenstein, Kliegl (2020). How to capitalize on a priori contrasts in
        linear (mixed) models. J Mem Lang 110. https://doi.org/10.1016/j.jml.2019.104038
        """
        columns = {level: self.weights[:, c] for c, level in enumerate(self.levels)}
        return output.labelled(self.coefficients, columns, output.choose(self.backend))

    def tables(self) -> tuple[Table, Table]:
        """Both matrices as tables of finished text: what is compared, and the columns' values."""
        compared = zip(self.coefficients, self.comparisons, self.weights, strict=True)
        coded = zip(self.levels, self.values, strict=True)
        return (
            Table(
                f"What the coefficients compare ({self.name} contrast)",
                ("Coefficient", ""),
                ("Comparison", *self.levels),
                tuple(Group(name, (words, *map(show.fraction, row)))
                      for name, words, row in compared),
            ),
            Table(
                "Contrast matrix",
                ("Level", ""),
                self.labels,
                tuple(Group(level, tuple(map(show.fraction, row))) for level, row in coded),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return both matrices as text."""
        return "\n\n".join(table.text() for table in self.tables())

    def __repr__(self) -> str:
        """Return both matrices as text, so that a prompt shows them."""
        return str(self)

    def _repr_html_(self) -> str:
        from melogit.html import plate

        return plate("".join(table.html() for table in self.tables()))


def contrast(kind: Written, levels: Sequence[str], reference: str | None = None) -> Contrast:
    """Show what a contrast compares, without fitting a model.

    Parameters
    ----------
    kind : str, list of str, or dict
        A name: ``"treatment"``, ``"sum"``, ``"helmert"``, ``"polynomial"``, ``"successive"`` (each
        level less the one before; also ``"backward"`` and ``"sdif"``), ``"forward"``,
        ``"simple"``. Or comparisons: ``["CPP - Other"]``, or with labels ``{"CPP v other":
        "CPP - Other"}``. Or ``{"polynomial": [0, 5, 10]}``, polynomials over scores.
    levels : sequence of str
        The levels in order, at least two.
    reference : str, optional
        For treatment and simple contrasts; by default the first level.

    Returns
    -------
    Contrast
        With ``matrix`` and ``hypotheses`` as frames, in pandas where that is installed; prints as text, shows as HTML in a notebook.

    Raises
    ------
    LevelError
        If a comparison names no level (``unknown-level``), or the levels are too few or repeated.
    OptionError
        If there is no such contrast, or the comparisons do not sum to zero, repeat each other, or
        do not parse; the message has a caret under the place.

    Notes
    -----
    A comparison is a sum of levels with weights that sum to zero: ``a - b``, ``(a + b)/2 - c``,
    ``0.5*a + 0.5*b - c``. Names of levels stand as they are, blanks and signs included; the longest
    name that fits is meant. Backticks protect a name that would be read otherwise. A number before
    ``*`` or after ``/`` is a weight; elsewhere it is the level of that name. Fewer comparisons than
    the factor has columns are filled up with orthogonal ones, labelled ``rest 1``, ``rest 2``: they
    keep the model what it is, and change no estimate of the others.

    Examples
    --------
    >>> import melogit as ml
    >>> print(ml.contrast("successive", ["low", "mid", "high"]).tables()[0].text())
    What the coefficients compare (successive contrast)
    ─────────────────────────────────────────────────
    Coefficient            Comparison  low  mid  high
    ─────────────────────────────────────────────────
    (Intercept)  (low + mid + high)/3  1/3  1/3   1/3
    mid - low               mid - low   -1    1     0
    high - mid             high - mid    0   -1     1
    ─────────────────────────────────────────────────
    """
    names = list(levels)
    if isinstance(levels, str) or not all(isinstance(level, str) for level in names):
        raise OptionError(
            f"levels={levels!r} is not a list of the names of levels.", slug="levels-type"
        )
    found = _core.contrast(asked("contrast", kind), names, reference)
    return shown(found, None)


def shown(found: dict[str, Any], backend: str | None) -> Contrast:
    """Wrap a contrast of the core."""
    return Contrast(
        name=found["name"],
        levels=tuple(found["levels"]),
        reference=found["reference"],
        labels=tuple(found["labels"]),
        coefficients=tuple(found["coefficients"]),
        comparisons=tuple(found["comparisons"]),
        values=found["matrix"],
        weights=found["hypotheses"],
        backend=backend,
    )
