"""Numbers at every step from the extract to the cohort (STROBE item 13)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from os import PathLike
from typing import Any

import narwhals.stable.v2 as nw

from melogit import output
from melogit.html import document, plate, replace_text, returned_or_written
from melogit.spreadsheet import harmless_label
from melogit.tables import Group, Table


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of MHS101Referral, and how many referrals and persons they are about."""

    rows: int
    referrals: int
    persons: int

    def __sub__(self, other: Count) -> Count:
        """Take another count away."""
        return Count(
            self.rows - other.rows, self.referrals - other.referrals, self.persons - other.persons
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what happened in words, and the counts before and after."""

    name: str
    words: str
    before: Count
    after: Count


@dataclass(frozen=True)
class CohortFlow:
    """The way from the rows of an extract to the referrals of a cohort.

    A person leaves with the last of their referrals, so persons out are those of whom no referral
    remains.

    Attributes
    ----------
    steps : tuple of Step
        In the order in which they were taken.
    backend : str
        The kind of frame that `frame` gives.

    Examples
    --------
    >>> from melogit.camhs.mhsds.flow import Count, Step
    >>> read = Step("read", "rows of MHS101Referral", Count(5, 3, 2), Count(5, 3, 2))
    >>> latest = Step("latest", "earlier submissions", Count(5, 3, 2), Count(3, 3, 2))
    >>> flow = CohortFlow((read, latest), "dict")
    >>> flow.frame()["rows_out"], flow.remaining
    ([0, 2], Count(rows=3, referrals=3, persons=2))
    """

    steps: tuple[Step, ...]
    backend: str

    @property
    def remaining(self) -> Count:
        """What is left after the last step."""
        return self.steps[-1].after

    def columns(self) -> dict[str, list[Any]]:
        """Give the flow as columns, one row per step."""
        columns: dict[str, list[Any]] = {
            "step": [step.name for step in self.steps],
            "what": [step.words for step in self.steps],
        }
        for unit in ("rows", "referrals", "persons"):
            columns[f"{unit}_in"] = [getattr(step.before, unit) for step in self.steps]
            columns[f"{unit}_out"] = [getattr(s.before - s.after, unit) for s in self.steps]
            columns[f"{unit}_remaining"] = [getattr(step.after, unit) for step in self.steps]
        return columns

    def frame(self) -> Any:
        """Give the flow as a frame of the cohort's kind."""
        return output.frame(self.columns(), self.backend)

    def table(self) -> Table:
        """Lay the flow out for people: what left at each step, and what remained."""
        groups = []
        for step in self.steps:
            out, left = step.before - step.after, step.after
            cells = (
                f"{out.rows:,}", f"{left.rows:,}", f"{out.referrals:,}", f"{left.referrals:,}",
                f"{out.persons:,}", f"{left.persons:,}",
            )  # fmt: skip
            groups.append(Group(step.words, cells))
        heads = (
            "Rows out", "left", "Referrals out", "left", "Persons out", "left",
        )  # fmt: skip
        return Table("From the extract to the cohort", ("Step", ""), heads, tuple(groups))

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the flow as CSV, whole or not at all.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        replace_text(path, _csv(self.columns()))

    def to_html(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return the flow as a page that stands by itself, or write it to a file.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        page = document("Flow of referrals", self.table().html(), width="72em")
        return returned_or_written(page, path)

    def __str__(self) -> str:
        """Return the flow as a text table."""
        return self.table().text()

    def __repr__(self) -> str:
        """Return the text table, so that a prompt shows it."""
        return self.table().text()

    def _repr_html_(self) -> str:
        return plate(self.table().html())


class Steps:
    """A flow in the making.

    Parameters
    ----------
    frame : narwhals DataFrame
        Where it begins, with `UniqServReqID` and `Person_ID`.
    words : str
        What it begins with.
    """

    def __init__(self, frame: nw.DataFrame[Any], words: str) -> None:
        start = count(frame)
        self._steps = [Step("read", words, start, start)]

    def take(self, name: str, words: str, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
        """Note what remains after a step, and hand it on."""
        before = self._steps[-1].after
        # Steps only take rows out: as many rows are the same rows.
        after = before if len(frame) == before.rows else count(frame)
        self._steps.append(Step(name, words, before, after))
        return frame

    def flow(self, backend: str) -> CohortFlow:
        """Close the flow."""
        return CohortFlow(tuple(self._steps), backend)


def count(frame: nw.DataFrame[Any]) -> Count:
    """Count rows, and the referrals and persons they name."""
    referrals, persons = (
        frame[name].drop_nulls().n_unique() for name in ("UniqServReqID", "Person_ID")
    )
    return Count(len(frame), referrals, persons)


def _csv(columns: dict[str, list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([harmless_label(c) if isinstance(c, str) else c for c in row])
    return out.getvalue()
