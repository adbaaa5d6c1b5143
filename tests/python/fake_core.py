"""A core whose every number is set by hand, so that tests of display can compare exact text.

It has the shape of `melogit._core.Fit` and computes nothing. Its awkward corners are deliberate: a
level called ``<script>``, a level with no finite odds ratio, a group that needs escaping.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

SCRIPT = "<script>alert(1)</script>"
NAN = float("nan")
INF = float("inf")


def _names() -> list[str]:
    return [
        "(Intercept)",
        "social_work[Past & closed]",
        "social_work[Child protection plan]",
        f"social_work[{SCRIPT}]",
        "age",
    ]


def _odds_ratios() -> dict[str, list[Any]]:
    return {
        "term": ["social_work"] * 4 + ["age"],
        "level": ["None", "Past & closed", "Child protection plan", SCRIPT, ""],
        "reference": [True, False, False, False, False],
        "n": [50_000, 12_000, 9_700, 40, 71_740],
        "events": [10_000.0, 2_700.0, 3_600.0, 40.0, 16_340.0],
        "odds_ratio": [1.0, 1.14, 2.034, INF, 0.0341],
        "lower": [NAN, 1.07, 1.88, NAN, 0.0302],
        "upper": [NAN, 1.23, 2.2, NAN, 0.0385],
        "p": [NAN, 0.0123, 1e-9, NAN, 0.00001],
        "note": ["", "", "", "every record is an event", ""],
    }


def _coefficients() -> dict[str, list[Any]]:
    return {
        "name": _names(),
        "term": ["(Intercept)", "social_work", "social_work", "social_work", "age"],
        "level": ["", "Past & closed", "Child protection plan", SCRIPT, ""],
        "estimate": [-1.5, 0.131, 0.71, INF, -3.378],
        "std_error": [0.1, 0.035, 0.04, NAN, 0.062],
        "statistic": [-15.0, 3.743, 17.75, NAN, -54.48],
        "p_value": [0.0, 0.0123, 1e-9, NAN, 0.00001],
        "lower": [-1.696, 0.062, 0.632, NAN, -3.5],
        "upper": [-1.304, 0.2, 0.788, NAN, -3.256],
    }


def _variance() -> dict[str, list[Any]]:
    return {
        "group": ["location", "location", "location"],
        "term": ["(Intercept)", "age", "(Intercept)"],
        "with_term": [None, None, "age"],
        "sd": [0.419, 0.05, NAN],
        "variance": [0.1756, 0.0025, NAN],
        "correlation": [NAN, NAN, -0.31],
        "std_error": [0.041, 0.011, 0.12],
        "lower": [0.345, 0.032, -0.52],
        "upper": [0.508, 0.077, -0.06],
    }


def _heterogeneity() -> dict[str, list[Any]]:
    return {
        "group": ["location"],
        "sd": [0.419],
        "icc": [0.0507],
        "icc_lower": [0.0349],
        "icc_upper": [0.0728],
        "mor": [1.491],
        "mor_lower": [1.389],
        "mor_upper": [1.624],
    }


def _missing() -> dict[str, Any]:
    columns = {"rejected": 0, "social_work": 58_000, "age": 260, "location": 0}
    return {"rows_read": 130_000, "rows_dropped": 58_260, "columns": columns}


def _effects() -> dict[str, dict[str, list[Any]]]:
    levels = ["Lambeth", "Lewisham", "S&S <b>", "Croydon $1"]
    return {
        "location": {
            "level": levels,
            "term": ["(Intercept)"] * 4,
            "mode": [0.5, -0.62, 0.03, -0.1],
            "sd": [0.1, 0.12, 0.2, 0.09],
        }
    }


@dataclass
class FakeFit:
    """Stands in for `melogit._core.Fit`; change a field to change the story."""

    formula: str = "rejected ~ social_work + age + (1 + age | location)"
    response: str = "rejected"
    event: str = "yes"
    nobs: int = 71_740
    n_events: float = 16_340.0
    n_trials: float = 71_740.0
    grouped: bool = False
    loglik: float = -35_000.5
    null_loglik: float | None = -35_400.25
    df: int = 8
    converged: bool = True
    points: int = 1
    certificate: float = 3.2e-11
    names: list[str] = field(default_factory=_names)
    odds: dict[str, list[Any]] = field(default_factory=_odds_ratios)
    coefficients: dict[str, list[Any]] = field(default_factory=_coefficients)
    variance: dict[str, list[Any]] = field(default_factory=_variance)
    measures: dict[str, list[Any]] = field(default_factory=_heterogeneity)
    gaps: dict[str, Any] = field(default_factory=_missing)
    effects: dict[str, dict[str, list[Any]]] = field(default_factory=_effects)
    findings: list[dict[str, str]] = field(
        default_factory=lambda: [
            {
                "slug": "separation",
                "severity": "warning",
                "subject": f"social_work[{SCRIPT}]",
                "message": f"Every record with social_work = {SCRIPT} is an event.",
            }
        ]
    )
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> np.ndarray[Any, Any]:
        return np.array(self.coefficients["estimate"])

    @property
    def joint_names(self) -> list[str]:
        return [*self.names, "sd(location, (Intercept))"]

    @property
    def joint_cov(self) -> np.ndarray[Any, Any]:
        size = len(self.joint_names)
        return np.arange(float(size * size)).reshape(size, size)

    def coefficient_table(self, level: float) -> dict[str, list[Any]]:
        return self.coefficients

    def odds_ratio_table(self, level: float) -> dict[str, list[Any]]:
        return self.odds

    def term_tests(self) -> dict[str, list[Any]]:
        return {
            "term": ["social_work", "age"],
            "statistic": [400.0, 2968.0],
            "df": [2.0, 1.0],
            "p_value": [1e-80, 0.0],
        }

    def variance_table(self, level: float) -> dict[str, list[Any]]:
        return self.variance

    def groups(self) -> dict[str, list[Any]]:
        if not self.effects:
            names = ("group", "levels", "min", "median", "max", "nested_in")
            return {name: [] for name in names}
        return {
            "group": ["location"],
            "levels": [143],
            "min": [3],
            "median": [412.0],
            "max": [2310],
            "nested_in": [None],
        }

    def heterogeneity(self, level: float) -> dict[str, list[Any]]:
        return self.measures

    def clustering_test(self) -> dict[str, float] | None:
        if not self.effects:
            return None
        return {"statistic": 799.5, "df": 3.0, "p_value": 1e-100, "mixture": False}

    def random_effects(self) -> dict[str, dict[str, list[Any]]]:
        return self.effects

    def diagnostics(self) -> list[dict[str, str]]:
        return self.findings

    def missing(self) -> dict[str, Any]:
        return self.gaps

    def coding(self) -> list[dict[str, Any]]:
        return [
            {
                "column": "social_work",
                "levels": ["None", "Past & closed", "Child protection plan", SCRIPT],
                "reference": "None",
                "contrast": "treatment",
                "declared": False,
            }
        ]

    def settings(self) -> dict[str, Any]:
        return {"points": self.points, "missing": "drop"}

    def integration(self) -> dict[str, list[Any]]:
        return {
            "points": [self.points], "next_points": [5], "llf_change": [0.0021],
            "llf_error": [0.0], "largest_change": [-0.004], "parameter": ["age"],
        }  # fmt: skip

    def integration_words(self) -> str:
        return "The Laplace approximation is good enough here."

    def trace(self) -> list[dict[str, float]]:
        return [
            {"deviance": 70_100.0, "nodes": 1, "promised": NAN, "sweeps": 5},
            {"deviance": 70_001.0, "nodes": 1, "promised": 3.2e-11, "sweeps": 2},
        ]

    def predict(
        self,
        columns: dict[str, Any],
        nrows: int,
        kind: str,
        level: float,
        new_levels: str,
        offset: Any,
        interval: str,
    ) -> dict[str, Any]:
        self.asked = {
            "columns": columns, "kind": kind, "level": level, "new_levels": new_levels,
            "offset": offset, "interval": interval,
        }  # fmt: skip
        base = np.linspace(0.1, 0.9, nrows)
        return {
            "estimate": base,
            "std_error": base / 10,
            "linear": np.log(base / (1 - base)),
            "lower": base / 2,
            "upper": (1 + base) / 2,
        }

    def standardise(
        self, columns: dict[str, Any], nrows: int, column: str, level: float, offset: Any
    ) -> dict[str, list[Any]]:
        self.asked = {"columns": columns, "column": column, "level": level, "offset": offset}
        names = ("risk", "risk_lower", "risk_upper", "risk_ratio", "rr_lower", "rr_upper",
                 "risk_difference", "rd_lower", "rd_upper")  # fmt: skip
        return {"level": ["None", "Past"], **{name: [0.2, 0.3] for name in names}}

    def to_json(self) -> str:
        return json.dumps({"format": "fake"})


def without_random_effects() -> FakeFit:
    """Make the same model without its groups."""
    core = FakeFit(formula="rejected ~ social_work + age", effects={})
    core.variance = {name: [] for name in core.variance}
    core.measures = {name: [] for name in core.measures}
    return core
