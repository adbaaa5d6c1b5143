"""What was noticed on the way and did not stop the reading: each kind once, with its count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from melogit import output
from melogit.tables import Group
from melogit.tables import Table as Printed


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that was noticed.

    Attributes
    ----------
    slug : str
        Stable name, for programs.
    table, column : str
        Where; the column is empty where a whole row is meant.
    words : str
        What, and what was done about it.
    count : int
        How often.
    unit : str
        What is counted: ``"rows"`` of the table, ``"referrals"``, ``"contacts"``, or ``"persons"``.
    examples : str
        Some of the texts in question; never identifiers.
    """

    slug: str
    table: str
    column: str
    words: str
    count: int
    unit: str = "rows"
    examples: str = ""


@dataclass(slots=True)
class Findings:
    """A growing list of findings; nothing that was counted zero times is kept.

    Examples
    --------
    >>> found = Findings()
    >>> found.add("age-impossible", "MHS101Referral", "AgeServReferRecDate", "above 120", 2)
    >>> found.add("age-not-whole", "MHS101Referral", "AgeServReferRecDate", "not whole", 0)
    >>> found.columns()["slug"]
    ['age-impossible']
    """

    lines: list[Finding] = field(default_factory=list)

    def add(
        self,
        slug: str,
        table: str,
        column: str,
        words: str,
        count: int,
        unit: str = "rows",
        examples: str = "",
    ) -> None:
        """Keep a finding, unless there was nothing to count."""
        if count:
            self.lines.append(Finding(slug, table, column, words, int(count), unit, examples))

    def columns(self) -> dict[str, list[Any]]:
        """Give the findings as columns."""
        names = ("slug", "table", "column", "words", "count", "unit", "examples")
        return {name: [getattr(line, name) for line in self.lines] for name in names}

    def frame(self, backend: str) -> Any:
        """Give the findings as a frame of a backend."""
        return output.frame(self.columns(), backend)

    def table(self) -> Printed:
        """Lay the findings out for people."""
        groups = tuple(
            Group(
                ".".join(part for part in (line.table, line.column) if part) + ": " + line.words,
                (f"{line.count:,}", line.unit, line.examples),
            )
            for line in self.lines
        )
        return Printed(
            "What was found on the way", ("Finding", ""), ("Count", "of", "For example"), groups
        )
