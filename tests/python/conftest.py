"""What several tests share: small data, the core called without the result class, and the table of agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

import melogit as ml
from melogit import _core
from melogit.frame import open_frame

Agreement = Callable[[str, str, float, float], None]

# The same examples every time: a suite that fails one night in ten teaches people to ignore it. `make test-long` draws
# new ones through the slow tests.
settings.register_profile(
    "melogit",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("melogit")

_MEASURED = pytest.StashKey[list[tuple[str, str, float, float]]]()


def core_fit(formula: str, frame: Any, **options: Any) -> _core.Fit:
    """Fit through the compiled core: its tables are plain dicts of lists, the same for every frame."""
    opened = open_frame(frame)
    columns = opened.columns(_core.formula_columns(formula))
    for name in ("weights", "offset"):
        if options.get(name) is not None:
            options[name] = np.ascontiguousarray(options[name], dtype=float)
    defaults: dict[str, Any] = {
        "event": None,
        "contrasts": {},
        "references": {},
        "missing": "drop",
        "aliased": "drop",
        "points": 1,
        "weights": None,
        "offset": None,
        "threads": None,
        "max_iterations": None,
        "tolerance": None,
    }
    return _core.fit(formula, columns, opened.nrows, {**defaults, **options})


def core_predict(fit: _core.Fit, frame: Any, kind: Any) -> npt.NDArray[np.float64]:
    """Return predicted probabilities for the rows of a frame."""
    return np.asarray(ml.Fit(fit, "pandas").predict(frame, kind=kind), dtype=float)


def standard_errors(fit: _core.Fit) -> dict[str, float]:
    """Standard error of every coefficient by name."""
    table = fit.coefficient_table(0.95)
    return dict(zip(table["name"], table["std_error"], strict=True))


def deviations(fit: _core.Fit) -> dict[tuple[str, str], float]:
    """Standard deviation by group and term; correlations are left out."""
    table = fit.variance_table(0.95)
    rows = zip(table["group"], table["term"], table["with_term"], table["sd"], strict=True)
    return {(group, term): sd for group, term, other, sd in rows if other is None}


def simulate(
    seed: int, *, groups: int = 30, size: int = 20, slope: float = 0.0, sd: float = 0.7
) -> pd.DataFrame:
    """Draw records with a number, two factors and a group whose effect is planted.

    Returns
    -------
    pandas.DataFrame, shape (groups * size, 6)
        `y` (0/1), `x`, `source`, `gender`, `location`, `team` (a second, crossed group).
    """
    rng = np.random.default_rng(seed)
    n = groups * size
    location = np.repeat(np.arange(groups), size)
    team = rng.integers(0, 12, n)
    x = rng.normal(size=n)
    source = rng.integers(0, 3, n)
    gender = rng.integers(0, 2, n)
    eta = -0.3 + 0.5 * x + np.array([0.0, 0.6, -0.4])[source] + 0.3 * gender
    eta += rng.normal(0.0, sd, groups)[location] + rng.normal(0.0, slope, groups)[location] * x
    eta += rng.normal(0.0, 0.4, 12)[team]
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(-eta))).astype(int)
    return pd.DataFrame(
        {
            "y": y,
            "x": x,
            "source": np.array(["GP", "School", "Self"], dtype=object)[source],
            "gender": np.array(["F", "M"], dtype=object)[gender],
            "location": [f"L{i:02d}" for i in location],
            "team": [f"T{i:02d}" for i in team],
        }
    )


@pytest.fixture
def records() -> pd.DataFrame:
    """600 records in 30 locations."""
    return simulate(1)


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    """Close figures, so that matplotlib does not warn about twenty of them in one process."""
    yield
    import sys

    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def agreement(pytestconfig: pytest.Config) -> Agreement:
    """Check a distance against its tolerance and keep it for the table at the end of the run."""
    measured = pytestconfig.stash.setdefault(_MEASURED, [])

    def check(case: str, quantity: str, distance: float, tolerance: float) -> None:
        measured.append((case, quantity, distance, tolerance))
        assert distance <= tolerance, (
            f"{case}: {quantity} off by {distance:.3g}, allowed {tolerance:.3g}"
        )

    return check


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the worst disagreement with the reference programs, quantity by quantity."""
    measured = config.stash.get(_MEASURED, [])
    if not measured:
        return
    terminalreporter.section("agreement with reference programs (worst case per quantity)")
    terminalreporter.write_line(f"{'quantity':<58} {'worst':>9} {'allowed':>9}  case")
    for quantity in dict.fromkeys(row[1] for row in measured):
        rows = [row for row in measured if row[1] == quantity]
        case, _, distance, tolerance = max(rows, key=lambda row: row[2] / row[3])
        terminalreporter.write_line(f"{quantity:<58} {distance:>9.2e} {tolerance:>9.2e}  {case}")
