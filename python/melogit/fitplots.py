"""Plots of how well a model fits, with matplotlib."""

from __future__ import annotations

from typing import Any

from melogit import format as show
from melogit.plotdata import INK, NAVY, ORANGE
from melogit.plots import axes

# Beyond this many residuals a line shows more than dots would.
_MOST_DOTS = 2_000


def calibration_plot(
    groups: dict[str, list[Any]], curve: dict[str, list[Any]], level: float, ax: Any
) -> Any:
    """Draw observed against predicted risk: see `melogit.Fit.calibration_plot`."""
    ax = axes(ax, (5.4, 5.4))
    ends = [*groups["predicted"], *groups["lower"], *groups["upper"], *curve["predicted"]]
    low, high = max(min(ends) - 0.02, 0.0), min(max(ends) + 0.02, 1.0)
    ax.plot([low, high], [low, high], color=INK, linewidth=1, linestyle=(0, (5, 3)), zorder=1)
    ax.plot(curve["predicted"], curve["observed"], color=ORANGE, linewidth=1.8, zorder=2)
    ax.vlines(groups["predicted"], groups["lower"], groups["upper"], color=NAVY, zorder=3)
    ax.scatter(groups["predicted"], groups["observed"], s=26, color=NAVY, zorder=4)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.set_aspect("equal")
    ax.grid(visible=True, color="#D5DAE0", linewidth=0.6)
    ax.spines["left"].set_visible(True)
    ax.set_xlabel("Predicted risk")
    ax.set_ylabel("Observed share of events")
    words = f"dots: groups, {show.level_name(level)} interval; line: smooth curve; dashes: ideal"
    ax.set_title(words, fontsize=8.5, loc="left", color=INK)
    return ax


def residual_plot(residuals: list[float], tests: dict[str, list[Any]], ax: Any) -> Any:
    """Draw sorted residuals against uniform quantiles: see `melogit.Fit.residual_plot`."""
    ax = axes(ax, (5.4, 5.4))
    ordered = sorted(residuals)
    expected = [(i + 0.5) / len(ordered) for i in range(len(ordered))]
    ax.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (5, 3)), zorder=1)
    if len(ordered) > _MOST_DOTS:
        ax.plot(expected, ordered, color=NAVY, linewidth=1.8, zorder=2)
    else:
        ax.scatter(expected, ordered, s=9, color=NAVY, zorder=2)
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    ax.grid(visible=True, color="#D5DAE0", linewidth=0.6)
    ax.spines["left"].set_visible(True)
    ax.set_xlabel("Expected of a right model (uniform)")
    ax.set_ylabel("Simulated residual")
    found = zip(tests["test"], tests["p_value"], strict=True)
    ax.set_title(
        "; ".join(f"{name}: p = {value:.2g}" for name, value in found),
        fontsize=8.5, loc="left", color=INK,
    )  # fmt: skip
    return ax
