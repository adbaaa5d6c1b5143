"""A lexicon against a human coding, theme by theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import _core, output
from melogit import format as show
from melogit.errors import DataError
from melogit.frame import open_frame
from melogit.notes import cells
from melogit.tables import Group, Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from melogit.notes.noted import Noted

_PLAIN = (
    "n", "omitted", "both", "lexicon_only", "human_only", "neither", "observed",
    "positive_agreement", "negative_agreement",
)  # fmt: skip
_SHARES = ("sensitivity", "specificity", "ppv")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LexiconAgreement:
    """How far a lexicon agrees with a human.

    Sensitivity is the share of the human's yes that the lexicon found, ``ppv`` the share of its own that
    the human shares; their intervals are Wilson's. ``positive_agreement`` and ``negative_agreement`` say
    how far the two agree on yes and on no; where a theme is rare, kappa can be low although both
    are high.

    Attributes
    ----------
    level : float
        Of the intervals.
    """

    level: float
    _themes: dict[str, dict[str, Any]]
    _backend: str

    @property
    def frame(self) -> Any:
        """One row per theme."""
        rows = self._themes.values()
        columns: dict[str, list[Any]] = {"theme": list(self._themes)}
        columns |= {name: [row[name] for row in rows] for name in _PLAIN}
        columns |= {
            new: [row[name] for row in rows]
            for new, name in (
                ("kappa", "estimate"), ("kappa_se", "se"), ("kappa_lower", "lower"), ("kappa_upper", "upper"),
            )
        }  # fmt: skip
        for name in _SHARES:
            for place, end in enumerate(("", "_lower", "_upper")):
                columns[name + end] = [row[name][place] for row in rows]
        return output.frame(columns, self._backend)

    @property
    def diagnostics(self) -> list[dict[str, str]]:
        """What a reader should know: ``slug``, ``severity``, ``subject`` (the theme), ``message``."""
        return [
            {**note, "subject": theme}
            for theme, row in self._themes.items()
            for note in row["findings"]
        ]

    def table(self) -> Table:
        """Lay it out."""
        groups = tuple(
            Group(
                theme,
                (
                    show.count(row["n"]),
                    _shown(row["estimate"], row["lower"], row["upper"]),
                    *(_shown(*row[name]) for name in ("sensitivity", "ppv")),
                ),
            )
            for theme, row in self._themes.items()
        )
        name = show.level_name(self.level)
        heads = ("n", f"Kappa ({name} CI)", f"Sensitivity ({name} CI)", f"PPV ({name} CI)")
        notes = tuple(f"{note['subject']}: {note['message']}." for note in self.diagnostics)
        return Table("The lexicon against the human coding", ("Theme", ""), heads, groups, notes)

    def __str__(self) -> str:
        return self.table().text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from melogit.html import plate

        return plate(self.table().html())


def compare(
    noted: Noted, human: Any, ids: list[Any], columns: dict[str, list[Any]], level: float
) -> LexiconAgreement:
    """Compare codes of the lexicon, one per id, with a human's frame."""
    human = cells.collect(human, [])
    opened = open_frame(human)
    coded = [theme for theme in noted.lexicon.themes if theme in opened.names]
    if not coded:
        themes = ", ".join(noted.lexicon.themes)
        raise DataError(
            f"The human coding has no column named like a theme. Themes: {themes}.", slug="no-theme"
        )
    rows = _matched(noted, human, opened, ids)
    found = {}
    for theme in coded:
        codes = _codes(theme, opened.columns([theme])[theme])
        mine = np.array([-1 if _none(x) else int(x) for x in columns[theme]], dtype=np.int32)[rows]
        found[theme] = _core.compare_codings(np.ascontiguousarray(mine), codes, level)
    return LexiconAgreement(level, found, output.choose(opened.backend))


def _matched(noted: Noted, human: Any, opened: Any, ids: list[Any]) -> list[int]:
    """For each row of the human's, the place of its id."""
    if not noted.has_id or noted.id not in opened.names:
        if opened.nrows != len(ids):
            what = "ids" if noted.has_id else "notes"
            raise DataError(
                f"The human coding has {opened.nrows:,} rows and there are {len(ids):,} {what}. Code "
                "all of them, missing where not coded, or apply the lexicon with id= and give the "
                "human coding that column.",
                slug="coding-rows",
            )
        return list(range(len(ids)))
    place = {key: row for row, key in enumerate(ids)}
    wanted = cells.read(human, opened, noted.id)
    strange = [key for key in wanted if key not in place]
    if strange:
        raise DataError(
            f"The human coding has {show.count(len(strange))} {noted.id} without a note, such as "
            f"{strange[0]!r}. Check that ids are of one kind (number or text) in both.",
            slug="coding-ids",
        )
    if len(set(wanted)) < len(wanted):
        raise DataError(
            f"The human coding has a {noted.id} twice; settle on one row each.",
            slug="coding-repeated",
        )
    return [place[key] for key in wanted]


def _codes(theme: str, column: Any) -> npt.NDArray[np.int32]:
    if isinstance(column, np.ndarray):
        values = np.where(np.isnan(column), -1, column)
        if np.isin(values, (-1, 0, 1)).all() and not (column == -1).any():
            return np.ascontiguousarray(values, dtype=np.int32)
    elif column[1] == ["False", "True"]:
        return np.ascontiguousarray(column[0], dtype=np.int32)
    raise DataError(
        f"The human coding of {theme!r} has other codes than 0 and 1. Recode it: 1 has the theme, 0 "
        "has not, missing not coded.",
        slug="coding-values",
    )


def _shown(value: float, lower: float, upper: float) -> str:
    return show.with_interval(value, lower, upper, show.share)


def _none(value: Any) -> bool:
    return value is None or value != value
