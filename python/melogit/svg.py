"""Plots as inline SVG text, for a report that must open without matplotlib or a network.

Colours come from the page's style (`melogit.html.STYLE`), so the plots follow light and dark.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from melogit import plotdata

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from melogit.plotdata import Mark

_ROW, _TOP, _BOTTOM = 22, 12, 46
_LABELS, _PANEL, _TEXT = 250, 380, 170
_CATERPILLAR_HEIGHT, _CATERPILLAR_WIDTH = 300, 760


def forest(marks: Sequence[Mark], title: str) -> str:
    """Draw odds ratios on a log axis, one line each.

    Filled markers exclude 1, hollow ones include it, a diamond is the reference: shape and fill,
    not colour, carry the difference.
    """
    low, high = plotdata.ratio_limits(marks)
    height = _TOP + _ROW * len(marks) + _BOTTOM
    base = _TOP + _ROW * len(marks) + 4

    def across(value: float) -> float:
        share = math.log(max(min(value, high), low) / low) / math.log(high / low)
        return _LABELS + share * _PANEL

    parts = [_axis(across(t), f"{t:g}", base) for t in plotdata.ratio_ticks(low, high)]
    parts.append(_line(across(1), _TOP, across(1), base, "melogit-null"))
    for i, mark in enumerate(marks):
        middle = _TOP + _ROW * (i + 0.5)
        parts.append(_forest_row(mark, middle, across, (low, high)))
    parts.append(_words(_LABELS + _PANEL / 2, height - 8, "Odds ratio (log scale)", "middle"))
    return _svg(_LABELS + _PANEL + _TEXT, height, title, parts)


def caterpillar(marks: Sequence[Mark], title: str) -> str:
    """Draw groups' effects in log odds from smallest to largest.

    Filled markers exclude 0, hollow ones include it. The names are in the markers' tooltips. Many
    groups become a line over a band.
    """
    ends = [value for mark in marks for value in (mark.lower, mark.upper)] + [0.0]
    low, high = min(ends) - 0.05, max(ends) + 0.05
    left, right, base = 60, _CATERPILLAR_WIDTH - 16, _CATERPILLAR_HEIGHT - 36
    step = (right - left) / max(len(marks), 1)

    def down(value: float) -> float:
        return base - (value - low) / (high - low) * (base - _TOP)

    parts = []
    for tick in plotdata.linear_ticks(low, high):
        parts.append(_line(left, down(tick), right, down(tick), "melogit-grid"))
        parts.append(_words(left - 8, down(tick) + 4, f"{tick:g}", "end"))
    zero = _line(left, down(0), right, down(0), "melogit-null")
    places = [(left + step * (i + 0.5), mark) for i, mark in enumerate(marks)]
    if len(marks) > plotdata.CROWDED_GROUPS:
        parts += [*_band(places, down), zero]
    else:
        parts.append(zero)
        parts += [_caterpillar_mark(mark, x, down, step) for x, mark in places]
    below = "Groups, from the lowest effect to the highest (log odds)"
    parts.append(_words((left + right) / 2, _CATERPILLAR_HEIGHT - 10, below, "middle"))
    return _svg(_CATERPILLAR_WIDTH, _CATERPILLAR_HEIGHT, title, parts)


def _caterpillar_mark(mark: Mark, x: float, down: Callable[[float], float], step: float) -> str:
    fill = "melogit-solid" if mark.excludes(0) else "melogit-hollow"
    return (
        f"<g><title>{_safe(mark.label)}: {mark.estimate:.2f}</title>"
        + _line(x, down(mark.lower), x, down(mark.upper), "melogit-bar")
        + f'<circle class="{fill}" cx="{x:.1f}" cy="{down(mark.estimate):.1f}" '
        f'r="{max(1.5, min(4, step / 2.5)):.1f}"/></g>'
    )


def _band(places: Sequence[tuple[float, Mark]], down: Callable[[float], float]) -> tuple[str, str]:
    bars = "".join(f"M{x:.2f} {down(m.lower):.1f}V{down(m.upper):.1f}" for x, m in places)
    modes = "L".join(f"{x:.2f} {down(m.estimate):.1f}" for x, m in places)
    return f'<path class="melogit-band" d="{bars}"/>', f'<path class="melogit-modes" d="M{modes}"/>'


def _forest_row(
    mark: Mark, y: float, across: Callable[[float], float], ends: tuple[float, float]
) -> str:
    weight = "melogit-label" if mark.indented else "melogit-heading"
    parts = [_words(14 if mark.indented else 0, y + 4, _shortened(mark.label), css=weight)]
    parts.append(_words(_LABELS + _PANEL + 12, y + 4, mark.text))
    if mark.reference:
        x = across(1)
        parts.append(f'<path class="melogit-hollow" d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"/>')
    elif mark.drawn:
        if mark.lower > 0 or math.isfinite(mark.upper):
            parts.append(_line(across(mark.lower), y, across(mark.upper), y, "melogit-bar"))
        parts += _arrows(mark, y, across, ends)
        fill = "melogit-solid" if mark.excludes(1) else "melogit-hollow"
        x = across(mark.estimate)
        parts.append(f'<rect class="{fill}" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>')
    return "".join(parts)


def _arrows(
    mark: Mark, y: float, across: Callable[[float], float], ends: tuple[float, float]
) -> list[str]:
    arrows = []
    for value, edge, way in ((mark.lower, ends[0], 6), (mark.upper, ends[1], -6)):
        if value < edge if way > 0 else value > edge:
            x = across(edge)
            arrows.append(
                f'<path class="melogit-bar" fill="none" d="M{x + way:.1f} {y - 5:.1f}'
                f'L{x:.1f} {y:.1f}L{x + way:.1f} {y + 5:.1f}"/>'
            )
    return arrows


def _axis(x: float, label: str, base: float) -> str:
    return _line(x, _TOP, x, base, "melogit-grid") + _words(x, base + 16, label, "middle")


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _words(x: float, y: float, text: str, anchor: str = "start", css: str = "melogit-label") -> str:
    return (
        f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_safe(text)}</text>'
    )


def _shortened(text: str, room: int = 36) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _safe(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in text), quote=True)


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="melogit-plot" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'aria-label="{_safe(title)}"><title>{_safe(title)}</title>{"".join(parts)}</svg>'
    )
