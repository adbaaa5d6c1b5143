"""Progress of long fits: what is told, to whom, and that a quick fit tells nothing."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from screens import watch_notebook, watch_screen

import melogit as ml
from melogit.progress import telling

NUMBERS = (1.25, 3, 9, 1234.5, None)


def crossed(rows: int, first: int, second: int) -> dict[str, Any]:
    """Draw a crossed design whose factors meet everywhere: a fit of seconds when they are large."""
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, first, rows), rng.integers(0, second, rows)
    eta = rng.normal(size=first)[a] + rng.normal(size=second)[b]
    y = (rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(float)
    return {"y": y, "a": a.astype(str), "b": b.astype(str)}


class EnoughError(Exception):
    """Raised by a watcher that has seen enough."""


def test_a_long_fit_tells_and_a_watcher_can_stop_it() -> None:
    told: list[ml.Progress] = []

    def watch(progress: ml.Progress) -> None:
        told.append(progress)
        raise EnoughError

    start = time.perf_counter()
    with pytest.raises(EnoughError):
        ml.fit(
            "y ~ 1 + (1 | a) + (1 | b)", crossed(120_000, 6_000, 3_000), points=1, progress=watch
        )
    assert len(told) == 1
    assert told[0].seconds >= 1.0
    assert told[0].passes >= 0
    assert time.perf_counter() - start > told[0].seconds


def test_a_quick_fit_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = watch_screen(monkeypatch)
    told: list[ml.Progress] = []
    data = crossed(400, 12, 7)
    ml.fit("y ~ 1 + (1 | a)", data, points=1, progress=told.append)
    ml.fit("y ~ 1 + (1 | a)", data, points=1)
    assert told == []
    assert screen.getvalue() == ""


def test_a_terminal_shows_one_line_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = watch_screen(monkeypatch)
    with telling(None) as tell:
        assert tell is not None
        tell(*NUMBERS)
        tell(2.5, 4, 12, 1200.0, 0.5)
    shown = screen.getvalue()
    assert "\n" not in shown
    assert "melogit: 1.2 s, 3 evaluations, 9 passes over the records, deviance 1,234.50" in shown
    assert "0.5 still to go" not in shown
    assert "5e-01 still to go" in shown
    assert shown.endswith("\r")
    assert shown.split("\r")[-2].strip() == ""


def test_without_a_reader_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_screen(monkeypatch)
    with telling(False) as tell:
        assert tell is None
    screen = watch_screen(monkeypatch, terminal=False)
    with telling(None) as tell:
        assert tell is None
    with telling(True) as tell:
        assert tell is not None
        tell(*NUMBERS)
    assert "evaluations" in screen.getvalue()


def test_a_notebook_updates_one_output(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = watch_notebook(monkeypatch)
    with telling(None) as tell:
        assert tell is not None
        tell(*NUMBERS)
        tell(*NUMBERS)
    assert [text.startswith("melogit: 1.2 s") for text in shown] == [True, True, False]
    assert shown[-1] == ""


def test_nonsense_is_refused() -> None:
    with pytest.raises(ml.OptionError) as caught, telling("yes"):  # type: ignore[arg-type]
        pass
    assert caught.value.slug == "progress-type"
