"""The analysis as HTML: a notebook cell, and one page that stands by itself."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from melogit import _core, account, plotdata, svg
from melogit import format as show
from melogit.camhs import paper, words
from melogit.camhs.codes import in_sentence, title
from melogit.camhs.compared import comparison_columns
from melogit.html import plate, replace_text

if TYPE_CHECKING:
    from melogit.camhs.analysis import Analysis
    from melogit.plotdata import Mark

_PAGE = (
    "html{background:Canvas;color-scheme:light dark}body{margin:1.5em auto;padding:0 1em;max-width:72em}"
    "main .melogit.melogit{max-width:70em}"
    "main .melogit.melogit table.melogit-table th:first-child{min-width:17em}"
)
_STYLE = (
    "<style>.melogit.melogit .camhs-words{max-width:46em;margin:.6em 0}"
    ".melogit.melogit .camhs-synthetic{border-left:6px double var(--melogit-warn);"
    "padding-left:.8em}</style>"
)


def fragment(analysis: Analysis) -> str:
    """Render the words, the table and the risks for one notebook cell."""
    parts = [
        _title(analysis),
        _words(analysis),
        paper.odds_table(analysis).html(),
        paper.risk_table(analysis).html(),
    ]
    return plate("".join(parts))


def page(analysis: Analysis) -> str:
    """Render everything as a page of its own; nothing in it is fetched or run."""
    name = escape(_heading_text(analysis))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{name}</title><style>{_PAGE}</style></head><body><main>"
        f"{plate(_body(analysis))}</main></body></html>\n"
    )


def write(analysis: Analysis, path: Path) -> Path:
    """Write the page to a file, whole or not at all, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, page(analysis))
    return path


def _body(analysis: Analysis) -> str:
    core, level = analysis.adjusted._core, analysis.question.level
    planted = comparison_columns(core, analysis.question, analysis.planted)
    variation = account.variation_table(core, level)
    tables = [paper.e_value_table(analysis), paper.flow_table(analysis)]
    tables += [variation] if variation is not None else []
    tables += [paper.comparison_table(planted, level)] if planted is not None else []
    parts = [
        _title(analysis),
        _words(analysis),
        paper.odds_table(analysis).html(),
        _forest(analysis),
        paper.risk_table(analysis).html(),
        *(table.html() for table in tables),
        _caterpillar(analysis),
        _models(analysis),
    ]
    return "".join(parts)


def _heading_text(analysis: Analysis) -> str:
    question = analysis.question
    return f"{title(question.outcome)}, according to {in_sentence(question.exposure)}"


def _title(analysis: Analysis) -> str:
    return f'{_STYLE}<p class="melogit-title">{escape(_heading_text(analysis))}</p>'


def _words(analysis: Analysis) -> str:
    spoken = words.paragraphs(analysis)
    first = " camhs-synthetic" if analysis.planted is not None else ""
    return "".join(
        f'<p class="camhs-words{first if i == 0 else ""}">{escape(paragraph)}</p>'
        for i, paragraph in enumerate(spoken)
    )


def _forest(analysis: Analysis) -> str:
    name = show.level_name(analysis.question.level)
    marks = [
        _named(mark) for mark in plotdata.forest(analysis.adjusted._core, analysis.question.level)
    ]
    return (
        _heading(f"Adjusted odds ratios and {name} confidence intervals")
        + svg.forest(marks, "Forest plot of the adjusted odds ratios in the table above")
        + _note(
            "Filled: the interval excludes 1. Hollow: it includes 1. Diamond: reference. "
            "Arrow: the interval goes on."
        )
    )


def _named(mark: Mark) -> Mark:
    """Give a factor its wording in place of its column name."""
    if not mark.heading:
        return mark
    return plotdata.Mark(title(mark.label), heading=True)


def _caterpillar(analysis: Analysis) -> str:
    core, question = analysis.adjusted._core, analysis.question
    marks = plotdata.caterpillar(core, question.location, "(Intercept)", question.level)
    # Without names: a location with few referrals should not be found by its label.
    unnamed = [
        plotdata.Mark("", estimate=mark.estimate, lower=mark.lower, upper=mark.upper)
        for mark in marks
    ]
    name = show.level_name(question.level)
    return (
        _heading(f"{title(question.location)}s, from the lowest odds to the highest")
        + svg.caterpillar(unnamed, f"Effects of {len(marks)} locations in log odds")
        + _note(f"Conditional modes with {name} intervals, adjusted. Filled: excludes 0.")
    )


def _models(analysis: Analysis) -> str:
    formula = escape(analysis.adjusted.formula)
    found = account.account(analysis.adjusted._core, analysis.question.level)
    notes = "".join(f"<li><b>{note.kind}:</b> {escape(note.text)}</li>" for note in found.notes)
    return (
        _heading("The adjusted model")
        + f"<code>{formula}</code><ul><li><b>Converged:</b> {escape(found.verdict)}.</li>{notes}"
        f"<li><b>Made with</b> melogit {escape(_core.__version__)}.</li></ul>"
    )


def _heading(text: str) -> str:
    return f'<p class="melogit-heading-2">{escape(text)}</p>'


def _note(text: str) -> str:
    return f'<p class="melogit-note">{escape(text)}</p>'
