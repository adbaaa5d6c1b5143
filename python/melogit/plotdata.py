"""What the plots show, before anything draws: one list for matplotlib and for the report's SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist
from typing import TYPE_CHECKING

from melogit import format as show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from melogit import _core

# Government Analysis Function palette; the ink is its dark grey.
NAVY, TEAL, PLUM, ORANGE, INK, LILAC = (
    "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1",
)  # fmt: skip

# Groups up to which a caterpillar plot names each one.
NAMED_GROUPS = 60
# Groups beyond which markers would lie on each other: then a line of modes over a band of intervals.
CROWDED_GROUPS = 200
# Beyond these an interval leaves the plot with an arrow: a separated level must not flatten it.
_WIDEST = (0.01, 100.0)


@dataclass(frozen=True)
class Mark:
    """One line of a plot.

    Attributes
    ----------
    label : str
        Text at the left.
    heading : bool
        A factor's name: text only.
    indented : bool
        A level under such a heading.
    reference : bool
        The level the others are compared with: a diamond at 1.
    estimate, lower, upper : float
        Odds ratios in a forest plot, log odds in a caterpillar plot; NaN where there is none.
    text : str
        Text at the right.
    """

    label: str
    heading: bool = False
    indented: bool = False
    reference: bool = False
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    text: str = ""

    @property
    def drawn(self) -> bool:
        """Whether there is an estimate to draw."""
        return not self.heading and math.isfinite(self.estimate) and self.estimate != 0

    def excludes(self, value: float) -> bool:
        """Whether the interval excludes a value; drawn as a filled marker, otherwise hollow."""
        return self.lower > value or self.upper < value


def forest(core: _core.Fit, level: float) -> list[Mark]:
    """List the odds ratios, a heading before each factor."""
    table = core.odds_ratio_table(level)
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    marks = []
    for term, members in groupby(rows, key=lambda row: str(row["term"])):
        lines = list(members)
        alone = len(lines) == 1 and not lines[0]["level"]
        if not alone:
            marks.append(Mark(term, heading=True))
        for row in lines:
            label = term if alone else str(row["level"])
            odds, low, high = (show.as_float(row[key]) for key in ("odds_ratio", "lower", "upper"))
            text = show.odds_with_interval(odds, low, high)
            if row["reference"]:
                odds, low, high, text = 1.0, math.nan, math.nan, "Reference"
            marks.append(
                Mark(
                    label,
                    indented=not alone,
                    reference=bool(row["reference"]),
                    estimate=odds,
                    lower=low,
                    upper=high,
                    text=text,
                )
            )
    return marks


def caterpillar(core: _core.Fit, group: str, term: str, level: float) -> list[Mark]:
    """List the groups' effects in log odds, smallest first, with normal intervals."""
    effects = core.random_effects()[group]
    z = NormalDist().inv_cdf(0.5 + level / 2)
    marks = [
        Mark(str(label), estimate=mode, lower=mode - z * sd, upper=mode + z * sd)
        for label, of, mode, sd in zip(
            effects["level"], effects["term"], effects["mode"], effects["sd"], strict=True
        )
        if of == term
    ]
    return sorted(marks, key=lambda mark: mark.estimate)


def ratio_limits(marks: Sequence[Mark]) -> tuple[float, float]:
    """Choose the ends of the odds-ratio axis: what is finite, a little wider, and 1 inside."""
    ends = [
        value
        for mark in marks
        for value in (mark.estimate, mark.lower, mark.upper)
        if math.isfinite(value) and value > 0
    ]
    low = max(min([*ends, 0.8]), _WIDEST[0])
    high = min(max([*ends, 1.25]), _WIDEST[1])
    return low / 1.15, high * 1.15


def ratio_ticks(low: float, high: float) -> list[float]:
    """Choose round odds ratios between the ends, at most nine."""
    fine = [a * 10.0**b for b in range(-3, 4) for a in (1, 2, 5)]
    half = [a * 10.0**b for b in range(-3, 4) for a in (1, 1.5, 2, 3, 5)]
    decades = [10.0**b for b in range(-3, 4)]
    for choice in (half, fine, decades):
        inside = [round(tick, 6) for tick in choice if low <= tick <= high]
        if len(inside) <= 9:
            break
    return inside


def linear_ticks(low: float, high: float) -> list[float]:
    """Choose round log odds between the ends, at most nine."""
    span = high - low
    step = 10.0 ** math.floor(math.log10(span / 4))
    step *= next(a for a in (1, 2, 5, 10) if span / (a * step) <= 8)
    first = math.ceil(low / step)
    return [round(i * step, 6) for i in range(first, math.floor(high / step) + 1)]
