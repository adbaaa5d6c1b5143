"""Plots with matplotlib: on a white plate, without relying on colour."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from fake_core import SCRIPT, FakeFit, without_random_effects

import melogit as ml


@pytest.fixture
def fit() -> Any:
    return ml.Fit(FakeFit(), "dict")  # type: ignore[arg-type]


@pytest.fixture
def pyplot() -> Any:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_forest_plot(fit: Any, pyplot: Any, tmp_path: Any) -> None:
    pyplot.style.use("dark_background")
    ax = fit.forest_plot()
    pyplot.style.use("default")
    labels = [tick.get_text().strip() for tick in ax.get_yticklabels()]
    assert labels == [
        "social_work",
        "None",
        "Past & closed",
        "Child protection plan",
        SCRIPT,
        "age",
    ]
    assert ax.get_xscale() == "log"
    assert ax.figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    markers = {line.get_marker() for line in ax.lines}
    assert {"D", "s"} <= markers
    ax.figure.savefig(tmp_path / "forest.png")
    _, mine = pyplot.subplots()
    assert fit.forest_plot(ax=mine) is mine


def test_caterpillar_plot(fit: Any, pyplot: Any, tmp_path: Any) -> None:
    ax = fit.caterpillar_plot()
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == ["Lewisham", r"Croydon \$1", "S&S <b>", "Lambeth"]
    ax.figure.savefig(tmp_path / "caterpillar.png")
    with pytest.raises(ml.OptionError, match="group='clinic'"):
        fit.caterpillar_plot("clinic")
    with pytest.raises(ml.OptionError, match="term='age'"):
        fit.caterpillar_plot("location", "age")


def crowd(fit: Any, many: int) -> None:
    """Give the fit so many locations, their modes on a straight line."""
    fit._core.effects["location"] = {
        "level": [f"L{i}" for i in range(many)], "term": ["(Intercept)"] * many,
        "mode": [i / many for i in range(many)], "sd": [0.1] * many,
    }  # fmt: skip


def test_many_groups_are_not_named(fit: Any, pyplot: Any) -> None:
    crowd(fit, 200)
    ax = fit.caterpillar_plot()
    assert list(ax.get_yticks()) == []
    assert "200 groups of location" in ax.get_ylabel()


def test_a_crowd_becomes_a_line_over_a_band(fit: Any, pyplot: Any, tmp_path: Any) -> None:
    many = 3000
    crowd(fit, many)
    ax = fit.caterpillar_plot()
    assert ax.get_title(loc="left") == ""
    assert any(len(line.get_xdata()) == many for line in ax.lines)
    fit.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "melogit-modes" in page
    assert "L2999" not in page
    assert "Line: modes. Band: intervals." in page


def test_nothing_to_plot(pyplot: Any) -> None:
    fit = ml.Fit(without_random_effects(), "pandas")  # type: ignore[arg-type]
    with pytest.raises(ml.OptionError, match="no random effects") as caught:
        fit.caterpillar_plot()
    assert caught.value.slug == "nothing-to-plot"


def test_a_missing_package_is_named(fit: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ml.OptionError, match="pip install matplotlib") as caught:
        fit.forest_plot()
    assert caught.value.slug == "package-missing"
