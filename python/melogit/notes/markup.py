"""Mentions in their sentences, marked: a notebook cell, and a page that stands by itself.

Every text is escaped and nothing is run or fetched. No mark is by colour alone: a mention that counts
is underlined and bold, one that does not is dotted, struck if it is denied, and each line ends in words.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import format as show
from melogit import html

if TYPE_CHECKING:
    from melogit.notes.noted import Noted

_STYLE = """
.melogit.melogit mark.melogit-hit{background:none;color:inherit;font-weight:700;
border-bottom:3px solid var(--melogit-mark)}
.melogit.melogit .melogit-out{border-bottom:3px dotted var(--melogit-warn);text-decoration:none}
.melogit.melogit s.melogit-out{text-decoration:line-through 2px var(--melogit-warn)}
.melogit.melogit .melogit-cue{border-bottom:2px dashed var(--melogit-soft)}
.melogit.melogit .melogit-verdict{color:var(--melogit-soft);font-size:.93em}
"""
_CAUTION = "This holds text of the notes: treat it as the notes are treated."
_LEGEND = (
    "Bold and underlined: counts. Struck: negated. Dotted: left out for another reason. "
    "Dashed: the words that decided it."
)


def cell(noted: Noted, limit: int) -> str:
    """Render as a fragment for one notebook cell."""
    return html.plate(_body(noted, limit))


def page(noted: Noted, limit: int) -> str:
    """Render as a page of its own."""
    return html.document("Themes in notes", _body(noted, limit))


def _body(noted: Noted, limit: int) -> str:
    themes = np.asarray(noted._found["mentions"]["theme"], dtype=int)
    parts = [f"<style>{_STYLE}</style>", noted.table().html()]
    parts += [f'<p class="melogit-note">{text}</p>' for text in (_LEGEND, _CAUTION)]
    for place, theme in enumerate(noted.lexicon.themes):
        found = np.flatnonzero(themes == place).tolist()
        rows = noted._mentions(found[:limit])
        items = "".join(_line(noted, rows, row, number) for row, number in enumerate(found[:limit]))
        parts.append(f'<p class="melogit-heading-2">{escape(theme)}</p>')
        parts.append(f"<ul>{items}</ul>" if items else '<p class="melogit-note">No mention.</p>')
        if len(found) > limit:
            more = show.plural(len(found) - limit, "more mention")
            parts.append(f'<p class="melogit-note">{more} not shown.</p>')
    return "".join(parts)


def _line(noted: Noted, rows: dict[str, list[Any]], row: int, number: int) -> str:
    """Render a mention: row `row` of the columns, and mention `number` of all."""
    found = noted._found["mentions"]
    start = found["sentence_start"][number]
    sentence = rows["sentence"][row]
    excluded = rows["excluded"][row]
    hit = (found["start"][number], found["end"][number])
    tag, kind = ("mark", "hit") if not excluded else ("span", "out")
    marks = [(*hit, "s" if excluded == "negated" else tag, kind)]
    cues = (found[name][number] for name in ("negated", "historical", "family"))
    # One phrase may be a cue of two kinds; a family word inside the term is marked already.
    marks += [
        (*place, "span", "cue")
        for place in dict.fromkeys(place for place in cues if place)
        if place[1] <= hit[0] or hit[1] <= place[0]
    ]
    text, at = "", 0
    for begin, end, tag, kind in sorted(marks):
        text += escape(sentence[at : begin - start])
        marked = escape(sentence[begin - start : end - start])
        text += f'<{tag} class="melogit-{kind}">{marked}</{tag}>'
        at = end - start
    text += escape(sentence[at:])
    name = escape(str(rows[noted.id][row]))
    verdict = escape(_verdict(rows, row))
    return f'<li>{text} <span class="melogit-verdict">[{name}: {verdict}]</span></li>'


def _verdict(rows: dict[str, list[Any]], number: int) -> str:
    words = [
        f"{what} by “{rows[name][number]}”" if by else f"{what}: “{rows[name][number]}”"
        for name, what, by in (
            ("negated", "negated", True),
            ("historical", "historical", True),
            ("family", "family member", False),
        )
        if rows[name][number]
    ]
    if rows["excluded"][number] == "subject" and not rows["family"][number]:
        words.append("no family member named")
    return "; ".join(["counts" if rows["counted"][number] else "does not count", *words])
