"""Damaged files, nonsense at the compiled boundary, Ctrl-C: a panic of the core never reaches the analyst's kernel."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import core_fit

import melogit as ml
from melogit import _core


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "3", "not json", '{"formula": "y ~ x"}', "\ufeff{}", "[" * 100_000],
)
def test_files_that_are_no_model(text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ml.LoadError) as caught:
        ml.load(path)
    assert isinstance(caught.value, ValueError)


def test_damaged_models_never_panic(records: pd.DataFrame) -> None:
    """One value of a saved model replaced by nonsense: refused, or read into a model that still answers."""
    contrasts = {"source": [("late", "Self - School")]}
    formula = "y ~ ns(x, df=3) * source + bs(x, df=3) + poly(x, 2) + (1 + x | location)"
    saved = json.loads(core_fit(formula, records, contrasts=contrasts).to_json())
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        items = (
            node.items()
            if isinstance(node, dict)
            else enumerate(node)
            if isinstance(node, list)
            else ()
        )
        for key, value in list(items):
            places.append((node, key))
            walk(value)

    walk(saved)
    chooser = random.Random(1)
    for node, key in chooser.sample(places, min(300, len(places))):
        kept = node[key]
        node[key] = chooser.choice([None, -1, 1e308, "nonsense", [], {}, [1, 2, 3], True])
        try:
            fit = ml.Fit(_core.Fit.from_json(json.dumps(saved)), "pandas")
            fit.tidy(effects="all")
            str(fit.summary())
            fit.predict(records.head(3), kind="typical")
        except Exception as error:  # noqa: BLE001 - whatever it is, the next lines judge it
            # A panic is a BaseException, and passes by this clause. Python's own errors are for damage that the core
            # had no reason to see, such as a name that became empty.
            assert isinstance(error, (ml.MelogitError, ValueError, KeyError, IndexError)), (
                key,
                error,
            )
        finally:
            node[key] = kept


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"y": np.zeros(3)},
        {"y": np.zeros((3, 2)), "x": np.zeros(3)},
        {"y": np.zeros(3), "x": np.zeros(4)},
        {"y": np.zeros(3, dtype=np.float32), "x": np.zeros(3)},
        {"y": np.zeros(6)[::2], "x": np.zeros(3)},
        {"y": (np.array([0, 1, 9], dtype=np.int32), ["a", "b"], False), "x": np.zeros(3)},
        {"y": (np.array([0, 1, -7], dtype=np.int32), ["a", "b"], False), "x": np.zeros(3)},
        {"y": (np.array([0, 1, 1], dtype=np.int64), ["a", "b"], False), "x": np.zeros(3)},
        {"y": (np.array([0, 1, 1], dtype=np.int32), [], False), "x": np.zeros(3)},
        {"y": None, "x": "x"},
    ],
)
def test_the_core_never_panics(columns: Any) -> None:
    """The compiled boundary refuses what the Python side would never send."""
    options: dict[str, Any] = {
        "event": None, "contrasts": {}, "references": {}, "missing": "drop", "aliased": "drop", "points": 1, "weights": None,
        "offset": None, "threads": None, "max_iterations": None, "tolerance": None,
    }  # fmt: skip
    with pytest.raises((ml.MelogitError, TypeError, ValueError)) as caught:
        _core.fit("y ~ x", columns, 3, options)
    assert not isinstance(caught.value, ml.InternalError)


INTERRUPTED = """
    import signal, sys, threading, time
    import numpy as np
    import melogit as ml

    # Two crossed factors of 3,000 levels, each with an effect: seconds for one evaluation, a minute for the whole.
    rng = np.random.default_rng(1)
    n = 90_000
    a, b = rng.integers(0, 3_000, (2, n))
    eta = rng.normal(0, 0.7, 3_000)[a] + rng.normal(0, 0.5, 3_000)[b]
    data = {
        "y": (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        "a": np.array([f"a{i}" for i in a], dtype=object),
        "b": np.array([f"b{i}" for i in b], dtype=object),
    }
    started = []

    def press():
        started.append(time.monotonic())
        signal.raise_signal(signal.SIGINT)

    threading.Timer(1.5, press).start()
    try:
        ml.fit("y ~ 1 + (1 | a) + (1 | b)", data)
    except KeyboardInterrupt:
        print("stopped after", time.monotonic() - started[0])
        sys.exit(7)
    print("finished" if started else "finished before the key was pressed")
"""


def test_ctrl_c_stops_a_long_fit() -> None:
    """The key works while the core computes, in a process of its own: a signal must not hit the test runner."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 7, done.stdout + done.stderr
    assert float(done.stdout.split()[-1]) < 15.0


def test_importing_is_silent_and_light() -> None:
    """No output, and neither pandas nor matplotlib until something asks for them."""
    code = "import sys, melogit; print(sorted({'pandas', 'matplotlib', 'polars', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
