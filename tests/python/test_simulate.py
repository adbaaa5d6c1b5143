"""Draws from a fitted model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import simulate

import melogit as ml


@pytest.fixture(scope="module")
def fitted() -> ml.Fit:
    data = simulate(3, groups=40, size=25)
    data.loc[[5, 17], "x"] = np.nan
    return ml.fit("y ~ x + (1 | location)", data)


def test_draws_are_the_same_again_and_new_for_another_seed(fitted: ml.Fit) -> None:
    first = fitted.simulate(4, rng=1)
    assert first.shape == (4, fitted.nobs)
    assert set(np.unique(first)) == {0.0, 1.0}
    assert np.array_equal(first, fitted.simulate(4, rng=1))
    assert np.array_equal(first[:2], fitted.simulate(2, rng=1))
    assert not np.array_equal(first, fitted.simulate(4, rng=2))


def test_draws_have_the_share_of_events_that_the_model_predicts(fitted: ml.Fit) -> None:
    drawn = fitted.simulate(400, rng=5)
    shares = drawn.mean(axis=1)
    expected = fitted.n_events / fitted.nobs
    assert abs(shares.mean() - expected) < 4 * shares.std() / np.sqrt(400) + 0.005


def test_counts_are_drawn_out_of_their_trials() -> None:
    data = {
        "y": [2, 5, 1, 7] * 10,
        "m": [10, 10, 4, 20] * 10,
        "g": [f"g{i % 8}" for i in range(40)],
    }
    drawn = ml.fit("y / m ~ 1 + (1 | g)", data).simulate(50, rng=np.random.default_rng(1))
    assert ((drawn >= 0) & (drawn <= np.array(data["m"]))).all()
    assert drawn.max() > 1


def test_a_model_without_rows_says_so(fitted: ml.Fit, tmp_path: Path) -> None:
    fitted.save(tmp_path / "fit.json")
    with pytest.raises(ml.OptionError, match="does not hold them"):
        ml.load(tmp_path / "fit.json").simulate()
    with pytest.raises(ml.OptionError, match="whole number from 0"):
        fitted.simulate(rng=-1)
