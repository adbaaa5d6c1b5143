"""The account of a model as HTML: a notebook cell, and a page that stands by itself.

Self-contained: no script, no font, no image, nothing fetched. The account sits on its own plate,
whose background and ink change together, so it is readable whatever the notebook's theme.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from melogit import _core, plotdata, svg
from melogit import format as show
from melogit.account import Account, account
from melogit.tables import Group, Row, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

_DARK = (
    "--melogit-paper:#16191d;--melogit-ink:#e9ebee;--melogit-soft:#aeb6bf;--melogit-rule:#454d57;"
    "--melogit-shade:#22272e;--melogit-mark:#6fb3e8;--melogit-warn:#f59a6b"
)
_LIGHT = (
    "--melogit-paper:#ffffff;--melogit-ink:#1f2328;--melogit-soft:#55606b;--melogit-rule:#c3c9d0;"
    "--melogit-shade:#f1f4f7;--melogit-mark:#12436D;--melogit-warn:#801650"
)

# The doubled class outranks the notebooks' own rules for tables (JupyterLab stripes and
# right-aligns them). A theme that names itself outranks the system's preference.
STYLE = f"""
.melogit{{{_LIGHT};color-scheme:light}}
@media (prefers-color-scheme:dark){{.melogit{{{_DARK};color-scheme:dark}}}}
body[data-jp-theme-light="true"] .melogit,body.vscode-light .melogit{{{_LIGHT};color-scheme:light}}
body[data-jp-theme-light="false"] .melogit,body.vscode-dark .melogit,
html[theme="dark"] .melogit{{{_DARK};color-scheme:dark}}
.melogit.melogit{{background:var(--melogit-paper);color:var(--melogit-ink);padding:1em 1.2em;
max-width:60em;font:14px/1.45 system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
border:1px solid var(--melogit-rule);border-radius:4px;overflow-x:auto;text-align:left}}
.melogit.melogit .melogit-title{{font-size:1.2em;font-weight:600;margin:0 0 .2em;
color:var(--melogit-ink)}}
.melogit.melogit code{{font:.93em/1.4 ui-monospace,Consolas,Menlo,monospace;background:none;
color:var(--melogit-soft);padding:0;white-space:pre-wrap}}
.melogit.melogit dl{{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1.2em;
margin:.8em 0 0;padding:0}}
.melogit.melogit dt{{color:var(--melogit-soft);font-weight:400;margin:0;float:none;width:auto}}
.melogit.melogit dd{{margin:0;padding:0;width:auto}}
.melogit.melogit .melogit-bad{{color:var(--melogit-warn);font-weight:700}}
.melogit.melogit table.melogit-table{{border-collapse:collapse;margin:1.3em 0 .3em;border:0;
font-size:1em;color:var(--melogit-ink);background:none;width:auto;table-layout:auto}}
.melogit.melogit table.melogit-table caption{{caption-side:top;text-align:left;font-weight:600;
padding:0 0 .4em;color:var(--melogit-ink)}}
.melogit.melogit table.melogit-table tr,.melogit.melogit table.melogit-table tbody tr:hover,
.melogit.melogit table.melogit-table tbody tr:nth-child(n){{background:none}}
.melogit.melogit table.melogit-table tbody tr.melogit-group:nth-child(n){{
background:var(--melogit-shade)}}
.melogit.melogit table.melogit-table th,.melogit.melogit table.melogit-table td{{
padding:.22em .7em;border:0;text-align:right;vertical-align:baseline;font-weight:400;
font-variant-numeric:tabular-nums;white-space:nowrap;color:inherit;background:none}}
.melogit.melogit table.melogit-table th:first-child{{text-align:left;white-space:normal;
max-width:26em;overflow-wrap:anywhere}}
.melogit.melogit table.melogit-table td.melogit-words{{white-space:normal;min-width:11em;
overflow-wrap:anywhere}}
.melogit.melogit table.melogit-table:has(td.melogit-words) th:first-child{{min-width:11em}}
.melogit.melogit table.melogit-table:has(td.melogit-words) thead th{{white-space:normal}}
.melogit.melogit table.melogit-table thead th{{font-weight:600;
border-top:2px solid var(--melogit-ink);border-bottom:1px solid var(--melogit-ink)}}
.melogit.melogit table.melogit-table tbody:last-child tr:last-child th,
.melogit.melogit table.melogit-table tbody:last-child tr:last-child td{{
border-bottom:2px solid var(--melogit-ink)}}
.melogit.melogit table.melogit-table tr.melogit-group th,
.melogit.melogit table.melogit-table tr.melogit-single th{{font-weight:600}}
.melogit.melogit table.melogit-table tr.melogit-level th{{padding-left:1.9em}}
.melogit.melogit p.melogit-note{{margin:.2em 0;color:var(--melogit-soft);font-size:.93em}}
.melogit.melogit .melogit-heading-2{{font-size:1em;font-weight:600;margin:1.3em 0 .3em}}
.melogit.melogit ul{{margin:0;padding:0;list-style:none}}
.melogit.melogit li{{margin:.3em 0;padding:.1em 0 .1em .8em;
border-left:3px solid var(--melogit-rule)}}
.melogit.melogit li.melogit-warning{{border-left:6px double var(--melogit-warn)}}
.melogit.melogit li.melogit-warning b{{color:var(--melogit-warn)}}
.melogit.melogit svg.melogit-plot{{display:block;width:100%;max-width:800px;height:auto;
margin:.4em 0}}
.melogit svg .melogit-label,.melogit svg .melogit-heading{{fill:var(--melogit-ink);
font:13px system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}}
.melogit svg .melogit-heading{{font-weight:600}}
.melogit svg .melogit-grid{{stroke:var(--melogit-rule);stroke-width:.6}}
.melogit svg .melogit-null{{stroke:var(--melogit-ink);stroke-width:1;stroke-dasharray:5 3}}
.melogit svg .melogit-bar{{stroke:var(--melogit-mark);stroke-width:1.6}}
.melogit svg .melogit-band{{stroke:var(--melogit-mark);stroke-width:1;stroke-opacity:.3;fill:none}}
.melogit svg .melogit-modes{{stroke:var(--melogit-ink);stroke-width:2;fill:none}}
.melogit svg .melogit-solid{{fill:var(--melogit-mark);stroke:var(--melogit-mark)}}
.melogit svg .melogit-hollow{{fill:var(--melogit-paper);stroke:var(--melogit-mark);
stroke-width:1.6}}
@media print{{.melogit.melogit{{{_LIGHT};border:0;padding:0;max-width:none}}
.melogit.melogit tbody{{break-inside:avoid}}}}
"""


def plate(content: str) -> str:
    """Put HTML on the plate, with its style: a fragment for one notebook cell."""
    return f'<div class="melogit"><style>{STYLE}</style>{content}</div>'


def render(content: Account) -> str:
    """Render an account as a fragment for one notebook cell."""
    return plate(_body(content))


def page(core: _core.Fit, level: float) -> str:
    """Render a model as a page of its own: the account, plots, coding of levels, and settings."""
    content = account(core, level)
    return document(content.title, _body(content) + _plots(core, level) + _appendix(core))


def document(name: str, content: str, *, width: str = "64em") -> str:
    """Put HTML on the plate, in a document of its own that fetches and runs nothing."""
    style = f"html{{background:Canvas;color-scheme:light dark}}body{{margin:1.5em auto;max-width:{width}}}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        # Even a browser's own prefetching has nothing to do: only inline style is allowed.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(name)}</title><style>{style}</style></head><body><main>"
        f"{plate(content)}</main></body></html>\n"
    )


def write(core: _core.Fit, path: str | PathLike[str], level: float) -> None:
    """Write the page to a file, whole or not at all."""
    replace_text(path, page(core, level))


def returned_or_written(page: str, path: str | PathLike[str] | None) -> str | None:
    """Return a page, or write it if there is a path, whole or not at all."""
    if path is None:
        return page
    replace_text(path, page)
    return None


def replace_text(path: str | PathLike[str], text: str) -> None:
    """Write text to a file by way of a temporary neighbour, so that no reader sees half of it.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written; an existing file is then untouched.
    """
    target = Path(path)
    # Not a NamedTemporaryFile: those are readable by their owner alone, and so would the report be.
    temporary = target.with_name(f".{target.name}.{token_hex(8)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _body(content: Account) -> str:
    verdict = escape(content.verdict) + "."
    if not content.converged:
        verdict = f'<span class="melogit-bad">{verdict}</span>'
    tables = "".join(
        table.html() for table in (content.odds, content.variation) if table is not None
    )
    notes = "".join(
        f'<li class="melogit-{note.kind.lower()}"><b>{note.kind}:</b> {escape(note.text)}</li>'
        for note in content.notes
    )
    return (
        f"{title(content.title)}<code>{escape(content.formula)}</code>"
        f"<dl>{_described(content.facts)}<dt>Converged</dt><dd>{verdict}</dd></dl>"
        f"{tables}"
        f'<p class="melogit-heading-2">Notes</p><ul>{notes}</ul>'
    )


def _plots(core: _core.Fit, level: float) -> str:
    name = show.level_name(level)
    parts = []
    marks = plotdata.forest(core, level)
    if any(mark.drawn for mark in marks):
        parts.append(heading(f"Odds ratios and {name} confidence intervals"))
        parts.append(svg.forest(marks, "Forest plot of the odds ratios in the table above"))
        parts.append(caption("Filled: the interval excludes 1. Hollow: it includes 1. "
                              "Diamond: reference. Arrow: the interval goes on."))  # fmt: skip
    for group, effects in core.random_effects().items():
        for term in dict.fromkeys(effects["term"]):
            drawn = plotdata.caterpillar(core, group, term, level)
            parts.append(heading(f"Effects of {group}: {term}"))
            if not any(mark.estimate for mark in drawn):
                parts.append(caption("No variation was found: every effect is zero."))
                continue
            parts.append(svg.caterpillar(drawn, f"Caterpillar plot of {group}, {term}"))
            crowded = len(drawn) > plotdata.CROWDED_GROUPS
            how = "Line: modes. Band: intervals." if crowded else "Filled: excludes 0."
            parts.append(caption(f"Conditional modes with {name} intervals. {how}"))
    return "".join(parts)


def _appendix(core: _core.Fit) -> str:
    coding = tuple(
        Group(
            str(column["column"]),
            ("declared by the data" if column["declared"] else "sorted", str(column["contrast"])),
            tuple(
                Row(str(level), ("reference" if level == column["reference"] else "", ""))
                for level in column["levels"]
            ),
        )
        for column in core.coding()
    )
    settings = tuple(Group(str(key), (str(value),)) for key, value in core.settings().items())
    tables = [Table("Settings", ("Setting", ""), ("Value",), settings)]
    if coding:
        stub = ("Column", "Level")
        tables.insert(0, Table("Coding of categories", stub, ("Order", "Contrast"), coding))
    tables[1:1] = _compared(core)
    return "".join(table.html() for table in tables)


def _compared(core: _core.Fit) -> list[Table]:
    """Lay out what coefficients compare, for columns where their labels do not say it."""
    plain = ("treatment", "indicator")
    if all(column["contrast"] in plain for column in core.coding()):
        return []
    groups = tuple(
        Group(
            name,
            ("",),
            tuple(
                Row(coefficient, (words,))
                for coefficient, words in zip(
                    found["coefficients"], found["comparisons"], strict=True
                )
            ),
        )
        for name, found in core.contrasts().items()
        if found["name"] not in plain
    )
    return [
        Table("What the coefficients compare", ("Column", "Coefficient"), ("Comparison",), groups)
    ]


def title(text: str) -> str:
    """Make the title of a plate."""
    return f'<p class="melogit-title">{escape(text)}</p>'


def heading(text: str) -> str:
    """Make a heading below the title."""
    return f'<p class="melogit-heading-2">{escape(text)}</p>'


def caption(text: str) -> str:
    """Make a remark in the soft ink of captions."""
    return f'<p class="melogit-note">{escape(text)}</p>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Make a list of names and what they stand for."""
    return f"<dl>{_described(pairs)}</dl>"


def _described(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in pairs)
