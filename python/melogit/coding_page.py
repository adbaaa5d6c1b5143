"""How the account of a coding looks: a page, a notebook cell, text for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from melogit import format as show
from melogit import html, rule_words
from melogit.tables import Group, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from melogit.coding_account import CodingAccount, Entry, VariableAccount

# Lines of codes per variable; a postcode has a million.
SHOWN_LINES = 200
_LEAST_LINES = 5
_HEADS = ("How it was read", "Rows", "Share")


def page(account: CodingAccount) -> str:
    """Render the account as a page of its own."""
    return html.document(_title(account), _body(account))


def fragment(account: CodingAccount) -> str:
    """Render the account for one notebook cell."""
    return html.plate(_body(account))


def text(account: CodingAccount) -> str:
    """Lay the account out for a terminal."""
    tables = [table(variable, account.rows).text() for variable in account.variables]
    return "\n\n".join([_title(account), summary(account).text(), *tables])


def summary(account: CodingAccount) -> Table:
    """Count, per variable, the rows with a value, missing, not covered, and mended."""
    groups = []
    for variable in account.variables:
        entries = variable.entries
        counts = (
            _rows(entry for entry in entries if entry.has_value),
            _rows(entry for entry in entries if not entry.has_value),
            _rows(entry for entry in entries if not entry.covered),
            _rows(entry for entry in entries if entry.cleaned),
        )
        groups.append(Group(_label(variable), tuple(map(show.count, counts))))
    heads = ("With a value", "Missing", "Not covered", "Mended")
    caption = f"Variables ({show.plural(account.rows, 'row')} read)"
    return Table(caption, ("Variable", ""), heads, tuple(groups))


def table(variable: VariableAccount, rows: int) -> Table:
    """Cross-tabulate source codes and levels: a block per level, then one per cause of a gap."""
    entries, groups = variable.entries, []
    lines, fold = _lines_each(variable), variable.declared["kind"] == "precedence"
    reference = variable.declared["reference"] or next(iter(variable.levels), None)
    for level in variable.levels:
        mine = [entry for entry in entries if entry.level == level]
        mark = " (reference)" if level == reference else ""
        groups.append(_group(level + mark, mine, rows, lines, fold))
    numbers = [entry for entry in entries if entry.has_value and not variable.levels]
    if numbers:
        groups.append(_group("A number", numbers, rows, lines, fold))
    missing = [entry for entry in entries if not entry.has_value]
    for cause in dict.fromkeys(entry.cause for entry in missing):
        mine = [entry for entry in missing if entry.cause == cause]
        groups.append(_group(f"Missing: {cause}", mine, rows, lines, fold))
    different = show.count(len(entries))
    note = f"Of {different} different codes the commonest are shown; frame and CSV have them all."
    cut = (note,) if len(entries) > SHOWN_LINES else ()
    caption = f"{_label(variable)}: codes and what became of them"
    return Table(caption, ("Level", "Code"), _HEADS, tuple(groups), cut)


def _group(label: str, entries: Sequence[Entry], rows: int, lines: int, fold: bool) -> Group:
    total = _rows(entries)
    cells = ("", show.count(total), show.percent(total, rows))
    if not entries:
        return Group(label, ("no row", *cells[1:]))
    readings = _by_reading(entries) if fold else map(_as_read, entries)
    shown = sorted(readings, key=lambda reading: -reading.rows)
    left = shown[lines:]
    drawn = [Row(each.code, (each.words, show.count(each.rows), "")) for each in shown[:lines]]
    if left:
        more = show.count(sum(each.rows for each in left))
        drawn.append(Row(f"… {show.plural(len(left), 'rarer code')}", ("", more, "")))
    return Group(label, cells, tuple(drawn))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A line of the table: a code, how it was read, and its rows."""

    code: str
    words: str
    rows: int


def _as_read(entry: Entry) -> _Reading:
    parts = []
    if entry.cleaned:
        parts.append(f"mended ({entry.cleaned}): {_code(entry.read_as)}")
    elif entry.read_as:
        parts.append(f"read as {_code(entry.read_as)}")
    return _Reading(_code(entry.source), "; ".join([*parts, *_remarks(entry)]), entry.rows)


def _by_reading(entries: Sequence[Entry]) -> list[_Reading]:
    """Put the spellings of a combination together: a few in each of three columns make hundreds."""
    spellings: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        key = (entry.read_as or entry.source, entry.coded, entry.cause)
        spellings.setdefault(key, []).append(entry)
    readings = []
    for (code, _, _), own in spellings.items():
        mended = [entry for entry in own if entry.cleaned]
        how = dict.fromkeys(mend for entry in mended for mend in entry.cleaned.split(", "))
        parts = [f"{show.count(_rows(mended))} mended ({', '.join(how)})"] if mended else []
        words = "; ".join([*parts, *_remarks(own[0])])
        readings.append(_Reading(_code(code), words, _rows(own)))
    return readings


def _remarks(entry: Entry) -> list[str]:
    uncovered = [] if entry.covered else [entry.cause]
    merged = entry.coded and entry.coded != entry.level
    return [*uncovered, f"rare: was {entry.coded}"] if merged else uncovered


def _lines_each(variable: VariableAccount) -> int:
    if len(variable.entries) <= SHOWN_LINES:
        return SHOWN_LINES
    causes = {entry.cause for entry in variable.entries if not entry.has_value}
    return max(_LEAST_LINES, SHOWN_LINES // max(1, len(variable.levels) + len(causes)))


def _code(source: str) -> str:
    """Show a code, quoted where blanks at its ends or in a row would not be seen."""
    return source if source == " ".join(source.split()) else f'"{source}"'


def _rows(entries: Iterable[Entry]) -> int:
    return sum(entry.rows for entry in entries)


def _label(variable: VariableAccount) -> str:
    label = variable.declared["label"]
    return f"{label} ({variable.name})" if label else variable.name


def _title(account: CodingAccount) -> str:
    return f"Coding account: {account.title}" if account.title else "Coding account"


def _body(account: CodingAccount) -> str:
    parts = [html.title(_title(account))]
    if account.description:
        parts.append(html.caption(account.description))
    parts.append(summary(account).html())
    for variable in account.variables:
        parts.append(html.heading(_label(variable)))
        if variable.declared["description"]:
            parts.append(html.caption(variable.declared["description"]))
        parts += [html.facts(_facts(variable)), table(variable, account.rows).html()]
    return "".join(parts)


def _facts(variable: VariableAccount) -> list[tuple[str, str]]:
    facts = rule_words.facts(variable.declared, variable.merged)
    if variable.unmatched is not None:
        without, found, elsewhere = variable.unmatched
        looked_up = without + found
        share = show.percent(without, looked_up) or "0%"
        count = f"{show.count(without)} of {show.plural(looked_up, 'row')} without an entry"
        allowed = f"at most {100 * variable.declared['unmatched']:g}% allowed"
        others = f"; {show.plural(elsewhere, 'row')} of areas it is not made for" * bool(elsewhere)
        facts.append(("Look-up", f"{count} ({share}); {allowed}{others}"))
    return facts
