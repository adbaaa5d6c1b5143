"""Groups with one outcome each: a variance that runs off is named, at modest cost; a large one that is real is found."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import melogit as ml

DATA = Path(__file__).parents[1] / "reference" / "data"
FORMULA = "rejected ~ urgent + (1 | location)"


def separated(groups: int, size: int, mixed: int, seed: int = 0) -> dict[str, Any]:
    """Draw groups whose records are all rejected or all accepted, but for some with a coin each."""
    rng = np.random.default_rng(seed)
    rejected = np.repeat(rng.random(groups) < 0.4, size).astype(float)
    rejected[: mixed * size] = rng.random(mixed * size) < 0.5
    return {
        "rejected": rejected,
        "urgent": np.where(rng.random(groups * size) < 0.5, "yes", "no"),
        "location": np.repeat(np.arange(groups), size).astype(str),
    }


def alike(data: dict[str, Any]) -> int:
    """Count groups with one outcome only."""
    return int((pd.DataFrame(data).groupby("location")["rejected"].nunique() == 1).sum())


def finding(fit: ml.Fit) -> dict[str, Any] | None:
    found = [f for f in fit.diagnostics if f["slug"] == "variance-runs-off"]
    assert len(found) <= 1
    return found[0] if found else None


def sd(fit: ml.Fit) -> float:
    return float(fit.variance_components()["sd"][0])


@pytest.mark.parametrize(("size", "mixed"), [(10, 0), (10, 1), (2, 0), (5, 0)])
def test_a_variance_that_runs_off_is_named_with_the_count(size: int, mixed: int) -> None:
    data = separated(40, size, mixed)
    fit = ml.fit(FORMULA, data)
    said = finding(fit)
    assert said is not None
    assert said["severity"] == "warning"
    assert said["subject"] == "location"
    assert said["message"].startswith(f"{alike(data)} of 40 groups of 'location' have only")
    assert "Group more coarsely" in said["message"]
    assert fit._core.points <= 25
    assert sd(fit) > 40
    # The flag says what the certificate says, and nothing else.
    assert fit.converged == (fit._core.certificate < fit.settings["tolerance"])
    assert fit.converged or "still moving" in said["message"]


def test_it_costs_little() -> None:
    data = separated(200, 20, 2)
    start = time.perf_counter()
    laplace = ml.fit(FORMULA, data, points=1)
    alone = time.perf_counter() - start
    start = time.perf_counter()
    fit = ml.fit(FORMULA, data)
    both = time.perf_counter() - start
    assert finding(laplace) is not None
    assert finding(fit) is not None
    nodes = sum(step["nodes"] for step in fit._core.trace())
    # Evaluations of the search, each of so many nodes: 30 steps by 25 points, and what Laplace's method took.
    assert nodes < 25 * 60 + len(laplace._core.trace()) * 2
    assert both < 5 + 60 * alone


def test_covariates_may_separate_together_with_groups() -> None:
    # In every group "no" is rejected and "yes" is not, or all are alike.
    clinics = {
        "rejected": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1] * 10,
        "urgent": ["no", "yes", "yes", "no"] * 30,
        "location": [f"L{i % 6}" for i in range(120)],
    }
    said = finding(ml.fit(FORMULA, clinics))
    assert said is not None
    assert said["message"].startswith("2 of 6 groups of 'location'")
    assert "with the covariates" in said["message"]


@pytest.mark.parametrize("mixed", [6, 10, 20])
def test_a_large_variance_that_has_a_maximum_is_found(mixed: int) -> None:
    data = separated(40, 10, mixed)
    fit = ml.fit(FORMULA, data)
    close = ml.fit(FORMULA, data, points=99)
    assert fit.converged
    assert fit.llf == pytest.approx(close.llf, abs=0.05)
    assert sd(fit) == pytest.approx(sd(close), rel=0.01)
    assert (finding(fit) is not None) == (sd(close) > 10)


def test_a_large_variance_of_long_groups_is_no_finding() -> None:
    # SD 12 between groups of 60 records with a steep covariate: few groups are all alike.
    rng = np.random.default_rng(2)
    place = np.repeat(np.arange(80), 60)
    x = rng.uniform(-30, 30, len(place))
    eta = x + 12 * rng.normal(size=80)[place]
    y = (rng.random(len(place)) < 1 / (1 + np.exp(-eta))).astype(int)
    fit = ml.fit("y ~ x + (1 | place)", {"y": y, "x": x, "place": place.astype(str)})
    assert fit.converged
    assert sd(fit) == pytest.approx(12, rel=0.25)
    assert finding(fit) is None


def test_toenail_and_guimmun_are_what_they_were() -> None:
    toenail = pd.read_csv(DATA / "toenail.csv", dtype={"patientID": str, "treatment": str})
    fit = ml.fit("y ~ time * treatment + (1 | patientID)", toenail)
    close = ml.fit("y ~ time * treatment + (1 | patientID)", toenail, points=50)
    assert finding(fit) is None
    assert sd(fit) == pytest.approx(sd(close), rel=2e-3)
    guimmun = pd.read_csv(
        DATA / "guimmun.csv", dtype={"mom": str, "comm": str}, keep_default_na=False
    )
    fit = ml.fit("y ~ kid2p + (1 | mom) + (1 | comm)", guimmun)
    assert fit.converged
    assert finding(fit) is None


def test_the_count_survives_a_file(tmp_path: Path) -> None:
    fit = ml.fit(FORMULA, separated(40, 10, 0))
    fit.save(tmp_path / "fit.json")
    assert finding(ml.load(tmp_path / "fit.json")) == finding(fit)
