"""The same bits for any number of threads: a result must not depend on the machine it was computed on."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest
from conftest import core_fit, core_predict, simulate

from melogit import _core

MODELS = {
    "no random effect": "y ~ x + source + gender",
    "one factor": "y ~ x + source + gender + (1 | location)",
    "slopes": "y ~ x + source + (1 + x | location)",
    "crossed": "y ~ x + source + (1 | location) + (1 | team)",
    "nested": "y ~ x + source + (1 | site/location)",
}
POINTS = {"one factor": 7, "slopes": 3, "nested": 3}


def bits(fit: _core.Fit) -> str:
    """Digest every number of a fit, to the last bit."""
    digest = hashlib.sha256()
    for array in (fit.params, fit.joint_cov):
        digest.update(array.tobytes())
    digest.update(fit.loglik.hex().encode())
    digest.update(repr(fit.random_effects()).encode())
    digest.update(repr(fit.trace()).encode())
    digest.update(repr(fit.integration()).encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """Draw enough rows that the work is cut into several chunks."""
    data = simulate(5, groups=400, size=60, slope=0.3)
    return data.assign(site=data["location"].str[:2])


@pytest.mark.parametrize("formula", MODELS.values(), ids=list(MODELS))
def test_threads_do_not_change_a_bit(many: pd.DataFrame, formula: str) -> None:
    fits = [core_fit(formula, many, threads=threads) for threads in (1, 2, 3)]
    assert all(fit.converged for fit in fits)
    assert len({bits(fit) for fit in fits}) == 1


@pytest.mark.parametrize("model", POINTS)
def test_threads_do_not_change_a_bit_by_quadrature(many: pd.DataFrame, model: str) -> None:
    fits = [
        core_fit(MODELS[model], many, threads=threads, points=POINTS[model])
        for threads in (1, 2, 3)
    ]
    assert all(fit.converged for fit in fits)
    assert len({bits(fit) for fit in fits}) == 1


def test_the_same_call_gives_the_same_bits(many: pd.DataFrame) -> None:
    formula = MODELS["crossed"]
    assert bits(core_fit(formula, many)) == bits(core_fit(formula, many))


def test_predictions_do_not_depend_on_threads(many: pd.DataFrame) -> None:
    one, three = (core_fit(MODELS["slopes"], many, threads=threads) for threads in (1, 3))
    for kind in ("conditional", "typical", "marginal"):
        assert core_predict(one, many, kind).tobytes() == core_predict(three, many, kind).tobytes()
