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
        """Lay the findings out for people: one line per kind, however many columns it is found in."""
        kinds: dict[tuple[str, str, str], list[Finding]] = {}
        for line in self.lines:
            kinds.setdefault((line.slug, line.words, line.unit), []).append(line)
        notes = ("The frame `findings` has them column by column.",)
        return Printed(
            "What was found on the way",
            ("Finding", ""),
            ("Count", "of", "For example"),
            tuple(map(_kind, kinds.values())),
            notes if len(kinds) < len(self.lines) else (),
        )


def _kind(lines: list[Finding]) -> Group:
    """Put findings of one kind into a line."""
    first = lines[0]
    label = f"{_places(lines)}: {first.words}"
    examples = next((line.examples for line in lines if line.examples), "")
    return Group(label, (f"{sum(line.count for line in lines):,}", first.unit, examples))


def _places(lines: list[Finding]) -> str:
    first = lines[0]
    if len(lines) == 1:
        return ".".join(part for part in (first.table, first.column) if part)
    tables = dict.fromkeys(line.table for line in lines)
    columns = sum(1 for line in lines if line.column)
    if not columns:
        return ", ".join(tables)
    return f"{columns} columns of {first.table if len(tables) == 1 else f'{len(tables)} tables'}"
