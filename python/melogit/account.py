"""The account of a fitted model in words and tables, before anything decides how it looks.

The notebook, the report, and the summary all show this one account.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from melogit import format as show
from melogit.notices import findings
from melogit.tables import Group, Row, Table

if TYPE_CHECKING:
    from melogit import _core


@dataclass(frozen=True)
class Note:
    """A remark under the tables; `kind` is the word it opens with."""

    kind: str
    text: str


@dataclass(frozen=True)
class Account:
    """Everything a reader is told, in this order.

    Attributes
    ----------
    title : str
        Outcome and event.
    formula : str
        The model.
    facts : tuple of (str, str)
        Name and content: records, groups, method.
    converged : bool
        Whether the estimates may be used.
    verdict : str
        The same in words.
    odds : Table or None
        Odds ratios with reference rows and global p; None where there are no covariates.
    variation : Table or None
        SD, ICC, and MOR per grouping factor.
    notes : tuple of Note
        Dropped rows, then every diagnostic.
    """

    title: str
    formula: str
    facts: tuple[tuple[str, str], ...]
    converged: bool
    verdict: str
    odds: Table | None
    variation: Table | None
    notes: tuple[Note, ...]


def account(core: _core.Fit, level: float = 0.95) -> Account:
    """Gather the account of a model at a confidence level."""
    mixed = bool(core.groups()["group"])
    kind = "Mixed-effects logistic regression" if mixed else "Logistic regression"
    # Counts name their events in the formula itself.
    event = f" (event: {core.event})" if core.event and not core.grouped else ""
    verdict = (
        f"Yes; the predicted remaining drop in deviance is {core.certificate:.1e}"
        if core.converged
        else "NO: the optimiser stopped before the maximum. Do not report these estimates"
    )
    odds = odds_table(core, level)
    return Account(
        title=f"{kind} of {core.response}{event}",
        formula=core.formula,
        facts=(("Records", _records(core)), *_groups(core), ("Method", _method(core))),
        converged=core.converged,
        verdict=verdict,
        odds=odds if odds.groups else None,
        variation=variation_table(core, level),
        notes=tuple(_notes(core)),
    )


def odds_table(core: _core.Fit, level: float = 0.95) -> Table:
    """Lay odds ratios out as papers do: variable, level, n, events, OR with interval, p."""
    rows = _records_of(core.odds_ratio_table(level))
    tests = core.term_tests()
    global_p = dict(zip(tests["term"], tests["p_value"], strict=True))
    marks: dict[str, str] = {}
    groups = []
    for term, members in groupby(rows, key=lambda row: str(row["term"])):
        lines = list(members)
        if len(lines) == 1 and not lines[0]["level"]:
            groups.append(Group(term, (*_odds_cells(lines[0], marks), "")))
            continue
        levels = tuple(Row(str(row["level"]), (*_odds_cells(row, marks), "")) for row in lines)
        head = ("", "", "", "", show.p_value(global_p.get(term)))
        groups.append(Group(term, head, levels))
    return Table(
        caption="Odds ratios, adjusted for everything else in the model",
        stub=("Variable", "Level"),
        heads=("n", "Events (%)", f"OR ({show.level_name(level)} CI)", "p", "Global p"),
        groups=tuple(groups),
        notes=tuple(f"[{mark}] {note}" for note, mark in marks.items()),
    )


def variation_table(core: _core.Fit, level: float = 0.95) -> Table | None:
    """Lay out how much groups differ: SD and correlations, then ICC and median odds ratio."""
    variance = _records_of(core.variance_table(level))
    if not variance:
        return None
    measures = {row["group"]: row for row in _records_of(core.heterogeneity(level))}
    groups, slopes = [], False
    for name, members in groupby(variance, key=lambda row: str(row["group"])):
        rows = [_variance_row(row) for row in members]
        if name in measures:
            slopes = slopes or len(rows) > 1
            rows += _heterogeneity_rows(measures[name])
        groups.append(Group(name, ("", ""), tuple(rows)))
    *others, last = (group.label for group in groups)
    names = f"{', '.join(others)} and {last}" if others else last
    at_zero = "ICC and MOR hold where every variable with a random slope is 0, or at its reference."
    return Table(
        caption=f"Variation between groups of {names}",
        stub=("Grouping", "Measure"),
        heads=("Estimate", f"{show.level_name(level)} CI"),
        groups=tuple(groups),
        notes=(*([at_zero] if slopes else []), *_clustering(core)),
    )


def _records_of(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _odds_cells(row: dict[str, Any], marks: dict[str, str]) -> tuple[str, str, str, str]:
    odds = show.odds_with_interval(row["odds_ratio"], row["lower"], row["upper"])
    if row["reference"]:
        odds = "Reference"
    elif not odds:
        odds = "not estimated"
    if row["note"]:
        # a, b, c ... then 27, 28: a table with that many notes is in trouble anyway.
        used = len(marks)
        mark = marks.setdefault(str(row["note"]), chr(97 + used) if used < 26 else str(used + 1))
        odds = f"{odds} [{mark}]"
    p = "" if row["reference"] else show.p_value(row["p"])
    return show.count(row["n"]), show.count_percent(row["events"], row["n"]), odds, p


def _variance_row(row: dict[str, Any]) -> Row:
    if row["with_term"] is not None:
        label = f"Correlation of {row['term']} and {row['with_term']}"
        value = show.estimate(row["correlation"]) or "not defined"
        return Row(label, (value, show.interval(row["lower"], row["upper"], show.estimate)))
    around = show.interval(row["lower"], row["upper"], show.share)
    if row["sd"] == 0:
        around = "at its boundary"
    return Row(f"SD of {row['term']}, log odds", (show.share(row["sd"]), around))


def _heterogeneity_rows(row: dict[str, Any]) -> list[Row]:
    icc = show.interval(row["icc_lower"], row["icc_upper"], show.share)
    mor = show.interval(row["mor_lower"], row["mor_upper"])
    return [
        Row("Intraclass correlation (ICC)", (show.share(row["icc"]), icc)),
        Row("Median odds ratio (MOR)", (show.ratio(row["mor"]), mor)),
    ]


def _clustering(core: _core.Fit) -> list[str]:
    test = core.clustering_test()
    if test is None:
        return []
    how = "50:50 mixture of χ² distributions" if test["mixture"] else "conservative χ² reference"
    p = show.p_value(test["p_value"])
    p = p if p[:1] in "<>" else f"= {p}"
    statistic = f"χ² = {test['statistic']:,.2f}, df = {test['df']:g}, p {p} ({how})"
    return [f"Against the same model without random effects: likelihood-ratio {statistic}."]


def _records(core: _core.Fit) -> str:
    share = show.percent(core.n_events, core.n_trials)
    events = f"{show.plural(core.n_events, 'event')} ({share})"
    if core.grouped or core.n_trials != core.nobs:
        trials = show.plural(core.n_trials, "trial")
        return f"{show.plural(core.nobs, 'record')}, {trials}, {events}"
    return f"{show.plural(core.nobs, 'record')}, {events}"


def _groups(core: _core.Fit) -> list[tuple[str, str]]:
    facts = []
    for row in _records_of(core.groups()):
        nested = f", nested in {row['nested_in']}" if row["nested_in"] else ""
        smallest, largest = show.count(row["min"]), show.plural(row["max"], "record")
        sizes = f"{smallest} to {largest} (median {show.count(row['median'])})"
        if row["min"] == row["max"]:
            sizes = f"{largest} each"
        size = f"{show.plural(row['levels'], 'group')} of {sizes}"
        facts.append((f"Groups: {row['group']}", size + nested))
    return facts


def _method(core: _core.Fit) -> str:
    if not core.groups()["group"]:
        return "Maximum likelihood, no random effects"
    method = (
        "Laplace approximation (1 quadrature point)"
        if core.points == 1
        else f"adaptive Gauss–Hermite quadrature, {core.points} points per effect"
    )
    words = core.integration_words()
    # Where it is not good enough a warning says so, with what to do.
    if not words or any(found["slug"] == "integration-moves" for found in core.diagnostics()):
        return f"Maximum likelihood, {method}"
    return f"Maximum likelihood, {method}. {words}"


def _notes(core: _core.Fit) -> list[Note]:
    account = core.missing()
    dropped = account["rows_dropped"]
    notes = []
    if dropped:
        per = "; ".join(f"{name} {show.count(n)}" for name, n in account["columns"].items() if n)
        notes.append(
            Note(
                "Missing",
                f"{show.count(dropped)} of {show.plural(account['rows_read'], 'row')} "
                f"({show.percent(dropped, account['rows_read'])}) were dropped for a missing "
                f"value. Missing per column: {per}.",
            )
        )
    else:
        notes.append(Note("Missing", f"none of {show.plural(account['rows_read'], 'row')}."))
    found = findings(core)
    # What may spoil the estimates comes before what only explains them.
    found.sort(key=lambda finding: finding["severity"] != "warning")
    sorted_levels = [finding for finding in found if finding["slug"] == "default-reference"]
    for finding in found:
        if finding["slug"] == "default-reference" and len(sorted_levels) > 1:
            continue
        kind = "Warning" if finding["severity"] == "warning" else "Note"
        notes.append(Note(kind, finding["message"]))
    if len(sorted_levels) > 1:
        notes.append(_references(core, [finding["subject"] for finding in sorted_levels]))
    return notes


def _references(core: _core.Fit, columns: list[str]) -> Note:
    """Say once what the core says for every column of text."""
    chosen = {column["column"]: column["reference"] for column in core.coding()}
    listed = ", ".join(f"{name} {chosen.get(name, '')!r}" for name in columns)
    return Note(
        "Note",
        f"Levels that the data do not declare are in sorted order. Reference levels: {listed}. To "
        "choose another, declare the order of the categories or pass "
        f"references={{{columns[0]!r}: …}}.",
    )
