"""The funnel plot with matplotlib, in the style of `melogit.plots`."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from melogit import format as show
from melogit.plotdata import INK, NAVY
from melogit.plots import _PLATE, _plain, axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Names are for who is furthest out: with more of them nobody is.
_MOST_NAMED = 12
# Half a dot's width, in points.
_DOT = 3
# Where a name may stand beside its dot, in points, best first.
_CORNERS = ((5, 4, "left", "bottom"), (-5, 4, "right", "bottom"),
            (5, -4, "left", "top"), (-5, -4, "right", "top"))  # fmt: skip


def funnel_plot(
    table: Mapping[str, Sequence[Any]],
    dispersion: float,
    group: str,
    levels: tuple[float, float],
    ax: Any = None,
) -> Any:
    """Draw ratios against precision: see `melogit.Fit.funnel_plot`."""
    precision, ratio = table["precision"], table["ratio"]
    ax = axes(ax, (7.5, 5.0))
    ax.spines["left"].set_visible(True)
    ax.tick_params(axis="y", length=3)
    most, least = max(precision), min(precision)
    # The limits are drawn from where they are still of the plot's height.
    grid = [most * 1.05 * (k / 200) ** 2 for k in range(1, 201)]
    grid = [at for at in grid if at >= 0.5 * least]
    for level, dashes in zip(levels, ((0, (5, 3)), (0, ())), strict=True):
        z = NormalDist().inv_cdf((1 + level) / 2)
        reach = [z * (dispersion / at) ** 0.5 for at in grid]
        name = f"{show.level_name(level)} limits"
        ax.plot(grid, [1 + r for r in reach], color=INK, linewidth=1, linestyle=dashes, label=name)
        ax.plot(grid, [max(1 - r, 0) for r in reach], color=INK, linewidth=1, linestyle=dashes)
    ax.axhline(1, color=INK, linewidth=0.8, zorder=1)
    outside = [
        not lower <= value <= upper
        for value, lower, upper in zip(
            ratio, table["outer_lower"], table["outer_upper"], strict=True
        )
    ]
    faces = [NAVY if out else _PLATE for out in outside]
    ax.scatter(precision, ratio, s=26, c=faces, edgecolors=NAVY, linewidths=1.1, zorder=3)
    furthest = sorted(
        (k for k, out in enumerate(outside) if out), key=lambda k: -abs(table["z"][k])
    )
    ax.set_xlim(0, most * 1.08)
    ax.set_ylim(bottom=0)
    widened = "" if dispersion == 1 else f", limits widened {dispersion**0.5:.2f} times"
    ax.set_xlabel(_plain(f"Precision of {group} (inverse variance of the ratio{widened})"))
    ax.set_ylabel("Observed over expected events")
    ax.set_title(
        f"filled: beyond the {show.level_name(levels[1])} limits", fontsize=8.5, loc="left",
        color=INK,
    )  # fmt: skip
    legend = ax.legend(loc="upper right", fontsize=8, labelcolor=INK, facecolor=_PLATE)
    legend.get_frame().set_edgecolor("#D5DAE0")
    # At the end, when it is known how large everything is.
    taken = [legend.get_window_extent(), *_dots(ax, [(precision[k], ratio[k]) for k in furthest])]
    for k in furthest[:_MOST_NAMED]:
        _name(ax, _plain(str(table["level"][k])), (precision[k], ratio[k]), taken)
    return ax


def _dots(ax: Any, places: Sequence[tuple[float, float]]) -> list[Any]:
    """Boxes around dots: a name across another's dot would be taken for its."""
    from matplotlib.transforms import Bbox

    half = _DOT * ax.figure.dpi / 72
    centres = [ax.transData.transform(place) for place in places]
    return [Bbox([[x - half, y - half], [x + half, y + half]]) for x, y in centres]


def _name(ax: Any, name: str, dot: tuple[float, float], taken: list[Any]) -> None:
    """Write a name beside its dot where nothing is yet, or not at all."""
    for right, up, horizontal, vertical in _CORNERS:
        text = ax.annotate(
            name, dot, xytext=(right, up), textcoords="offset points", fontsize=8, color=INK,
            ha=horizontal, va=vertical,
        )  # fmt: skip
        box = text.get_window_extent()
        inside = ax.bbox.contains(*box.min) and ax.bbox.contains(*box.max)
        if inside and not any(box.overlaps(other) for other in taken):
            taken.append(box)
            return
        text.remove()
