"""What a lexicon found in notes: covariates, counts, and mentions with their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import checks, output
from melogit import format as show
from melogit.errors import OptionError
from melogit.tables import Group, Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import numpy.typing as npt

    from melogit.notes.codings import LexiconAgreement
    from melogit.notes.lexicon import Lexicon

_COUNTS = ("mentions", "counted", "negated", "historical", "subject")
# Columns of results, which an id must not be called.
COLUMNS = frozenset(
    (*_COUNTS, "row", "theme", "term", "matched", "start", "end", "sentence", "family", "excluded")
)
# Mentions that a notebook cell shows, and a page.
_CELL, _PAGE = 20, 500


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Noted:
    r"""Notes to which a lexicon was applied. Frames are of the kind that was handed in.

    It holds the notes, and `mentions`, `sample`, `to_html` and what a notebook shows of it hold
    their sentences: treat each as the notes themselves are treated, and clear a notebook's output
    before it leaves the place where the notes may be. `frame` and `counts` hold no text.

    Attributes
    ----------
    lexicon : Lexicon
        What was looked for.
    id : str
        The name of the column that identifies notes; ``"note"``, the number of the row from 0, if
        none was given.
    has_id : bool
        Whether one was.

    Examples
    --------
    >>> import melogit as ml
    >>> lexicon = ml.Lexicon.parse('[themes.harm]\nterms = ["self-harm*", "overdose*"]')
    >>> notes = {"note": ["Mum reports self-harm.", "No self-harm, took an overdose in the past."]}
    >>> noted = lexicon.apply(notes)
    >>> list(noted.mentions["matched"]), list(noted.mentions["excluded"])
    (['self-harm', 'self-harm', 'overdose'], ['', 'negated', 'negated'])
    >>> list(noted.frame["harm"])
    [1, 0]
    """

    lexicon: Lexicon
    id: str
    has_id: bool
    _notes: list[Any]
    _ids: list[Any]
    _found: dict[str, Any]
    _backend: str
    _index: Any

    # -- what goes into a model ----------------------------------------------------------------

    @property
    def frame(self) -> Any:
        """One row per note: its id, and per theme 1, 0, or missing where the note is."""
        columns = {self.id: self._ids, **self._codes()}
        return output.frame(columns, self._backend, self._index)

    def by_id(self) -> Any:
        """Return one row per id, in order of appearance.

        A theme is 1 if any note of the id has it, 0 if some note is there and none has it, and
        missing if all its notes are. ``n_notes`` and ``n_missing`` count its notes.
        """
        ids, columns = self._by_id()
        return output.frame({self.id: ids, **columns}, self._backend)

    # -- what to check -------------------------------------------------------------------------

    @property
    def counts(self) -> Any:
        """One row per note and theme.

        ``mentions`` is the sum of ``counted`` and of those left out: ``negated``, ``historical``,
        and ``subject`` (about somebody else than the theme asks for), each mention under the first
        that holds. Rows of missing notes are left out.
        """
        there = ~self._found["missing"]
        themes = self.lexicon.themes
        rows = np.flatnonzero(there).tolist()
        columns: dict[str, Iterable[Any]] = {
            self.id: [self._ids[row] for row in rows for _ in themes],
            "theme": themes * len(rows),
        }
        for name in _COUNTS:
            columns[name] = self._tally(name)[there].ravel()
        return output.frame(columns, self._backend)

    @property
    def mentions(self) -> Any:
        """One row per mention, with text of the notes.

        The id, ``row`` of the note from 0, ``theme``, ``term`` as the lexicon has it, ``matched`` text,
        its ``start`` and ``end`` in the note in characters, the ``sentence``; ``negated``, ``historical`` and
        ``family`` as the words said so ("" if none did); whether it ``counted``, and if not why it was
        ``excluded``.
        """
        return output.frame(self._mentions(), self._backend)

    def totals(self) -> dict[str, list[Any]]:
        """Count per theme: notes that have it, then as in `counts`."""
        counted = self._tally("counted")
        sums = {name: self._tally(name).sum(axis=0).tolist() for name in _COUNTS}
        return {"theme": self.lexicon.themes, "notes": (counted > 0).sum(axis=0).tolist(), **sums}

    @property
    def n(self) -> int:
        """Notes read, missing ones included."""
        return len(self._notes)

    @property
    def missing(self) -> int:
        """Notes that are missing."""
        return int(self._found["missing"].sum())

    @property
    def empty(self) -> int:
        """Notes that are there and hold no word."""
        return int(self._found["empty"])

    def sample(self, n: int, rng: int | np.random.Generator | None = None) -> Any:
        """Draw mentions at random for a check by somebody who does not see what was made of them.

        Parameters
        ----------
        n : int
            How many, at most.
        rng : int or numpy.random.Generator, optional
            A seed, so that the draw can be repeated.

        Returns
        -------
        frame
            ``mention`` (the row of `mentions`, from 0), ``theme``, ``matched``, ``sentence``, in random
            order. It shows how far mentions are right, and cannot show what was missed: for that,
            draw notes, have them coded, and use `agreement`.
        """
        size = len(self._found["mentions"]["note"])
        drawn = np.random.default_rng(rng).permutation(size)[: checks.at_least_one("n", n)].tolist()
        rows = self._mentions(drawn)
        columns: dict[str, list[Any]] = {"mention": drawn}
        columns |= {name: rows[name] for name in ("theme", "matched", "sentence")}
        return output.frame(columns, self._backend)

    def agreement(self, human: Any, level: float = 0.95) -> LexiconAgreement:
        """Compare with a human coding.

        Parameters
        ----------
        human : data frame, or dict of lists
            A column of 0 and 1 (or False and True) per theme that was coded; missing cells are left
            out. If it has the id column, its rows are matched to `by_id`; otherwise they are the
            notes, in order.
        level : float, default 0.95
            Of the intervals.

        Returns
        -------
        LexiconAgreement
            Kappa, sensitivity, positive predictive value and more, per theme.

        Raises
        ------
        DataError
            If rows do not match, or codes are other than 0 and 1.
        """
        from melogit.notes.codings import compare

        ids, columns = self._by_id() if self.has_id else (self._ids, self._codes())
        return compare(self, human, ids, columns, checks.level(level))

    # -- how it shows --------------------------------------------------------------------------

    def table(self) -> Table:
        """Lay the totals out."""
        totals = self.totals()
        there = self.n - self.missing
        groups = tuple(
            Group(theme, (show.count_percent(notes, there), *map(show.count, numbers)))
            for theme, notes, *numbers in zip(*totals.values(), strict=True)
        )
        heads = ("Notes", "Mentions", "Counted", "Negated", "Historical", "Other subject")
        return Table("Themes in notes", ("Theme", ""), heads, groups, (self._account(),))

    def to_html(self, path: str | PathLike[str] | None = None, limit: int = _PAGE) -> str | None:
        """Show mentions in their sentences, marked, for checking by eye.

        Parameters
        ----------
        path : str or path, optional
            Where to write the page; without it the page is returned. It holds text of the notes.
        limit : int, default 500
            Mentions shown at most per theme, in the order of the notes.

        Returns
        -------
        str or None
            A page that stands by itself, without scripts.
        """
        from melogit import html
        from melogit.notes import markup

        page = markup.page(self, checks.at_least_one("limit", limit))
        return html.returned_or_written(page, path)

    def __str__(self) -> str:
        return self.table().text()

    def __repr__(self) -> str:
        return f"<melogit.Noted {self._account()}>"

    def _repr_html_(self) -> str:
        from melogit.notes import markup

        return markup.cell(self, _CELL)

    # -- inside --------------------------------------------------------------------------------

    def _account(self) -> str:
        return (
            f"{show.plural(self.n, 'note')} read, {show.count(self.missing)} missing, "
            f"{show.count(self.empty)} empty"
        )

    def _tally(self, name: str) -> npt.NDArray[np.int64]:
        counts = np.asarray(self._found[f"n_{name}"], dtype=np.int64)
        return counts.reshape(self.n, len(self.lexicon.themes))

    def _codes(self) -> dict[str, list[Any]]:
        has = (self._tally("counted") > 0).astype(int)
        gone = self._found["missing"].tolist()
        empty = float("nan") if self._backend == "pandas" else None
        return {
            theme: [empty if lost else code for code, lost in zip(codes, gone, strict=True)]
            for theme, codes in zip(self.lexicon.themes, has.T.tolist(), strict=True)
        }

    def _by_id(self) -> tuple[list[Any], dict[str, list[Any]]]:
        rows: dict[Any, list[int]] = {}
        for row, key in enumerate(self._ids):
            if key is None or key != key:  # NaN differs from itself
                raise OptionError(
                    f"Row {row} (counted from 0) has no {self.id}, so its note belongs to nothing. "
                    "Drop such rows, or give them one.",
                    slug="id-missing",
                )
            rows.setdefault(key, []).append(row)
        gone, counted = self._found["missing"], self._tally("counted") > 0
        empty = float("nan") if self._backend == "pandas" else None
        groups = list(rows.values())
        lost = [int(gone[group].sum()) for group in groups]
        columns: dict[str, list[Any]] = {
            theme: [
                empty if missed == len(group) else int(counted[group, number].any())
                for group, missed in zip(groups, lost, strict=True)
            ]
            for number, theme in enumerate(self.lexicon.themes)
        }
        return list(rows), {
            "n_notes": [len(group) for group in groups],
            "n_missing": lost,
            **columns,
        }

    def _mentions(self, rows: list[int] | None = None) -> dict[str, list[Any]]:
        """Columns of `mentions`: of all, or of those with these numbers."""
        found = self._found["mentions"]
        if rows is not None:
            found = {name: [values[row] for row in rows] for name, values in found.items()}
        terms = self.lexicon._core.themes()
        notes = [self._notes[row] for row in found["note"]]

        def cut(starts: list[int], ends: list[int]) -> list[str]:
            return [note[a:b] for note, a, b in zip(notes, starts, ends, strict=True)]

        def cue(places: list[tuple[int, int] | None]) -> list[str]:
            return [note[p[0] : p[1]] if p else "" for note, p in zip(notes, places, strict=True)]

        return {
            self.id: [self._ids[row] for row in found["note"]],
            "row": list(found["note"]),
            "theme": [terms["name"][theme] for theme in found["theme"]],
            "term": [
                terms["terms"][theme][term]
                for theme, term in zip(found["theme"], found["term"], strict=True)
            ],
            "matched": cut(found["start"], found["end"]),
            "start": list(found["start"]),
            "end": list(found["end"]),
            "sentence": cut(found["sentence_start"], found["sentence_end"]),
            "negated": cue(found["negated"]),
            "historical": cue(found["historical"]),
            "family": cue(found["family"]),
            "counted": [reason is None for reason in found["excluded"]],
            "excluded": [reason or "" for reason in found["excluded"]],
        }
