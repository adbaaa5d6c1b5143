"""Plots with matplotlib, which is imported when one is first drawn.

Every figure sits on its own white plate, so its dark ink is readable in a dark notebook. Shape
and fill carry every difference; colour only repeats it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from melogit import format as show
from melogit import plotdata
from melogit.errors import OptionError
from melogit.optional import optional
from melogit.plotdata import CROWDED_GROUPS, INK, NAMED_GROUPS, NAVY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from melogit import _core
    from melogit.plotdata import Mark

_PLATE = "#FFFFFF"


def forest_plot(core: _core.Fit, level: float, ax: Any = None) -> Any:
    """Draw the odds ratios on a log axis: see `melogit.Fit.forest_plot`."""
    marks = plotdata.forest(core, level)
    if not marks:
        raise OptionError(
            "The model has no terms besides its intercept, so there is no odds ratio to plot.",
            slug="nothing-to-plot",
        )
    ax = axes(ax, (8.0, 1.1 + 0.27 * len(marks)))
    low, high = plotdata.ratio_limits(marks)
    for i, mark in enumerate(marks):
        _forest_mark(ax, mark, i, (low, high))
    ax.axvline(1, color=INK, linewidth=1, linestyle=(0, (5, 3)), zorder=1)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = plotdata.ratio_ticks(low, high)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(len(marks) - 0.4, -0.6)
    ax.set_yticks(range(len(marks)), [_plain("  " * mark.indented + mark.label) for mark in marks])
    for tick, mark in zip(ax.get_yticklabels(), marks, strict=True):
        tick.set_fontweight("normal" if mark.indented else "bold")
    ax.set_xlabel(f"Odds ratio, {show.level_name(level)} confidence interval (log scale)")
    _legend(ax, "1")
    return ax


def caterpillar_plot(
    core: _core.Fit, group: str | None, term: str | None, level: float, ax: Any = None
) -> Any:
    """Draw the groups' effects in order: see `melogit.Fit.caterpillar_plot`."""
    group, term = _chosen(core, group, term)
    marks = plotdata.caterpillar(core, group, term, level)
    named = len(marks) <= NAMED_GROUPS
    ax = axes(ax, (7.0, 1.2 + (0.2 * len(marks) if named else 6.0)))
    positions = range(len(marks))
    crowded = len(marks) > CROWDED_GROUPS
    ax.hlines(
        positions,
        [mark.lower for mark in marks],
        [mark.upper for mark in marks],
        color=NAVY,
        linewidth=1.4 if named else 0.6,
        alpha=0.3 if crowded else 1.0,
    )
    estimates = [mark.estimate for mark in marks]
    if crowded:
        ax.plot(estimates, positions, color=INK, linewidth=1.8, zorder=3)
    else:
        faces = [NAVY if mark.excludes(0) else _PLATE for mark in marks]
        ax.scatter(
            estimates, positions, s=22 if named else 6, c=faces, edgecolors=NAVY, linewidths=1.1,
            zorder=3,
        )  # fmt: skip
    ax.axvline(0, color=INK, linewidth=1, linestyle=(0, (5, 3)), zorder=2 if crowded else 1)
    ax.set_ylim(-0.8, len(marks) - 0.2)
    if named:
        ax.set_yticks(positions, [_plain(mark.label) for mark in marks])
    else:
        ax.set_yticks([])
        ax.set_ylabel(_plain(f"{len(marks):,} groups of {group}, lowest effect first"))
    ax.set_xlabel(
        _plain(f"Effect of {group}, {term} (log odds, {show.level_name(level)} interval)")
    )
    if not crowded:
        _legend(ax, "0")
    return ax


def _forest_mark(ax: Any, mark: Mark, y: int, ends: tuple[float, float]) -> None:
    # The right-hand text hangs on the axes' edge, whatever the scale.
    ax.annotate(
        mark.text, (1.02, y), xycoords=("axes fraction", "data"), va="center", fontsize=9,
        color=INK, annotation_clip=False,
    )  # fmt: skip
    if mark.reference:
        ax.plot([1], [y], marker="D", color=NAVY, markerfacecolor=_PLATE, markersize=6, zorder=3)
    elif mark.drawn:
        lower, upper = max(mark.lower, ends[0]), min(mark.upper, ends[1])
        if not math.isnan(lower) and not math.isnan(upper):
            ax.plot([lower, upper], [y, y], color=NAVY, linewidth=1.6, zorder=2)
        for beyond, edge, sign in (
            (mark.lower < ends[0], ends[0], "<"),
            (mark.upper > ends[1], ends[1], ">"),
        ):
            if beyond:
                ax.plot([edge], [y], marker=sign, color=NAVY, markersize=7, clip_on=False)
        face = NAVY if mark.excludes(1) else _PLATE
        ax.plot(
            [mark.estimate], [y], marker="s", color=NAVY, markerfacecolor=face, markersize=6,
            linestyle="none", zorder=3,
        )  # fmt: skip


def _chosen(core: _core.Fit, group: str | None, term: str | None) -> tuple[str, str]:
    effects = core.random_effects()
    if not effects:
        raise OptionError("The model has no random effects to plot.", slug="nothing-to-plot")
    group = next(iter(effects)) if group is None else group
    _known("group", group, list(effects))
    terms = list(dict.fromkeys(effects[group]["term"]))
    term = terms[0] if term is None else term
    _known("term", term, terms)
    return group, term


def _known(option: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise OptionError(
            f"{option}={value!r} is not one of {', '.join(map(repr, allowed))}.",
            slug=f"{option}-choice",
        )


def axes(ax: Any, size: tuple[float, float]) -> Any:
    """Prepare the axes given, or those of a new figure of `size` inches, on a white plate."""
    if ax is None:
        pyplot = optional("matplotlib.pyplot", "A plot")
        figure, ax = pyplot.subplots(figsize=size, layout="constrained", facecolor=_PLATE)
        # savefig and notebooks ask the figure; "auto" would let a dark style win there.
        figure.patch.set_alpha(1.0)
    ax.set_facecolor(_PLATE)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)
    ax.tick_params(axis="both", colors=INK, labelcolor=INK, length=3)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.label.set_color(INK)
    ax.yaxis.label.set_color(INK)
    ax.grid(axis="x", color="#D5DAE0", linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def _legend(ax: Any, value: str) -> None:
    ax.set_title(
        f"filled: interval excludes {value}; hollow: includes {value}",
        fontsize=8.5, loc="left", color=INK,
    )  # fmt: skip


def _plain(text: str) -> str:
    # A dollar sign would start matplotlib's mathematics.
    return "".join(c if c.isprintable() else " " for c in text).replace("$", r"\$")
