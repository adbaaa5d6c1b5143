"""Progress of runs of many refits: what is counted, told to whom, and that it changes nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import simulate
from screens import watch_notebook, watch_screen

import melogit as ml
from melogit import runs
from melogit.runs import Run, counting

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = simulate(4, groups=40, size=15, slope=0.3)
MANY = 20_000


class EnoughError(Exception):
    """Raised by a watcher that has seen enough."""


@pytest.fixture(scope="module")
def fit() -> ml.Fit:
    return ml.fit("y ~ x + (1 | location)", DATA, points=1)


def test_a_long_bootstrap_counts_to_its_end(fit: ml.Fit) -> None:
    told: list[ml.RunProgress] = []
    many = 1_500
    # How many refits take longer than the silent second is up to the machine.
    while len(told) < 2:
        told.clear()
        many *= 2
        assert many < 1_000_000
        drawn = fit.bootstrap(many, rng=3, threads=1, progress=told.append)
    done = [progress.done for progress in told]
    assert done == sorted(done)
    assert done[-1] == many
    assert told[0].seconds >= 1.0
    assert all(0 <= p.failed <= p.done <= p.total == many for p in told)
    assert told[-1].failed == drawn.n_failed
    assert {progress.what for progress in told} == {"refits"}
    # Each replicate has draws of its own, whoever watches and however many there are.
    np.testing.assert_array_equal(drawn.draws[:40], fit.bootstrap(40, rng=3).draws)


def test_a_watcher_can_stop_a_run(fit: ml.Fit) -> None:
    told: list[ml.RunProgress] = []

    def watch(progress: ml.RunProgress) -> None:
        told.append(progress)
        raise EnoughError

    start = time.perf_counter()
    with pytest.raises(EnoughError):
        fit.bootstrap(1_000_000, threads=1, progress=watch)
    assert len(told) == 1
    # A refit takes a millisecond: a million of them were not made, nor begun.
    assert time.perf_counter() - start < 30


def test_a_quick_run_is_silent(fit: ml.Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = watch_screen(monkeypatch)
    told: list[ml.RunProgress] = []
    fit.bootstrap(10, progress=told.append)
    fit.bootstrap(10)
    assert told == []
    assert screen.getvalue() == ""


def test_a_terminal_shows_the_count_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = watch_screen(monkeypatch)
    with counting(None, "refits") as tell:
        assert tell is not None
        tell(4.4, 1000, 312, 4)
        tell(8.0, 1000, 1000, 7)
    lines = [line.strip() for line in screen.getvalue().split("\r")]
    assert lines[1:3] == [
        "melogit: 312 of 1,000 refits, 4 failed, about 10 s left",
        "melogit: 1,000 of 1,000 refits, 7 failed",
    ]
    assert "".join(lines[3:]) == ""


def test_a_notebook_updates_one_output(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = watch_notebook(monkeypatch)
    with counting(None, "groups") as tell:
        assert tell is not None
        tell(2.0, 40, 10, 0)
        tell(8.0, 40, 40, 0)
    assert shown == [
        "melogit: 10 of 40 groups, about 6 s left",
        "melogit: 40 of 40 groups",
        "",
    ]


def test_words_of_a_run() -> None:
    within = ml.Progress(3.2, 5, 14, None, None)
    assert str(ml.RunProgress(600.0, 20, 1, 0, "fits")) == "1 of 20 fits, about 3 h left"
    assert str(ml.RunProgress(60.0, 20, 5, 0, "fits")) == "5 of 20 fits, about 3 min left"
    assert str(ml.RunProgress(9.0, 20, 0, 0, "fits", within)) == (
        "0 of 20 fits (this one: 3.2 s, 5 evaluations, 14 passes over the records)"
    )
    assert ml.RunProgress(9.0, 20, 0, 0, "fits").seconds_left is None


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_fits_one_after_the_other_are_told_as_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(runs, "time", clock)
    told: list[ml.RunProgress] = []
    within = ml.Progress(1.5, 5, 14, None, None)
    with counting(told.append, "fits") as tell:
        run = Run(tell, 4)
        run.over()
        assert callable(run.each)
        clock.now = 1.5
        run.each(within)
        run.each(within)
        run.over(failed=True)
        clock.now = 2.0
        run.over()
        clock.now = 2.1
        run.over()
    assert [(p.seconds, p.done, p.failed, p.within) for p in told] == [
        (1.5, 1, 0, within), (2.0, 3, 1, None), (2.1, 4, 1, None)
    ]  # fmt: skip
    assert Run(None, 4).each is False


def test_a_quick_run_of_fits_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = watch_screen(monkeypatch)
    one = {"y": [0, 1, 1, 0, 1] * 24, "x": [0, 1] * 60, "g": [f"L{i % 6}" for i in range(120)]}
    told: list[ml.RunProgress] = []
    ml.fit_imputed("y ~ x", [one, one], progress=told.append)
    ml.fit_imputed("y ~ x", [one, one])
    ml.specification_table({"a": "y ~ x"}, one, exposure="x", progress=told.append)
    assert told == []
    assert screen.getvalue() == ""


def design(**options: Any) -> ml.designs.Power:
    return ml.power(locations=10, referrals=20, risk=0.3, odds_ratios={"plan": 2}, **options)


LONG: dict[str, Callable[[ml.Fit, Any], object]] = {
    "bootstrap": lambda fit, watch: fit.bootstrap(MANY, threads=1, progress=watch),
    "power of a fit": lambda fit, watch: fit.power(
        {"x": 1.5}, replicates=MANY, threads=1, progress=watch
    ),
    "power of a design": lambda _, watch: design(replicates=MANY, threads=1, progress=watch),
    "profile": lambda _, watch: wide("y ~ x * source * gender + (1 | location)").profile(
        steps=200, threads=1, progress=watch
    ),
    "profile_contour": lambda fit, watch: fit.profile_contour(
        "x", "(Intercept)", rays=10_000, threads=1, progress=watch
    ),
    "influence": lambda _, watch: wide().influence(exact=True, threads=1, progress=watch),
    "dfbetas": lambda _, watch: wide().dfbetas(exact=True, threads=1, progress=watch),
}


def wide(formula: str = "y ~ x + (1 | location)") -> ml.Fit:
    return ml.fit(formula, simulate(4, groups=1_500, size=10), points=1)


@pytest.mark.parametrize("name", LONG)
def test_every_run_refuses_nonsense(name: str, fit: ml.Fit) -> None:
    with pytest.raises(ml.OptionError, match="RunProgress") as caught:
        LONG[name](fit, "yes")
    assert caught.value.slug == "progress-type"


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_every_run_counts_to_its_end(name: str, fit: ml.Fit) -> None:
    told: list[ml.RunProgress] = []
    LONG[name](fit, told.append)
    done = [progress.done for progress in told]
    assert done == sorted(done)
    assert done[-1] == told[-1].total > 0
