"""Data at the limit: each is refused in words or fitted with a finding that says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import melogit as ml
from melogit.errors import MelogitError

Penalty = Literal["jeffreys"] | None


def records() -> pd.DataFrame:
    """Sixty records in six groups."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "y": rng.integers(0, 2, 60),
            "x": rng.normal(size=60),
            "g": np.repeat(list("abcdef"), 10),
            "f": rng.choice(list("pqr"), 60),
        }
    )


def slugs(fit: ml.Fit) -> set[str]:
    return {finding["slug"] for finding in fit.diagnostics}


@pytest.mark.parametrize("penalty", [None, "jeffreys"])
@pytest.mark.parametrize(
    ("formula", "change", "slug"),
    [
        ("y ~ x + (1 | g)", lambda d: d.assign(y=1), "constant-outcome"),
        ("y ~ x + (1 | g)", lambda d: d.assign(g="a"), "one-group"),
        ("y ~ x + (1 | g)", lambda d: d.iloc[:1], "one-group"),
        ("y ~ 1", lambda d: d.iloc[:1], "constant-outcome"),
        ("y ~ x + (1 | g)", lambda d: d.assign(x=np.where(d.x > 1, np.inf, d.x)), "not-finite"),
        ("y ~ 1 + (1 | i)", lambda d: d.assign(i=np.arange(60).astype(str)), "all-distinct"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    formula: str, change: Callable[[pd.DataFrame], Any], slug: str, penalty: Penalty
) -> None:
    with pytest.raises(MelogitError) as caught:
        ml.fit(formula, change(records()), penalty=penalty)
    assert caught.value.slug == slug


@pytest.mark.parametrize("penalty", [None, "jeffreys"])
@pytest.mark.parametrize(
    ("change", "slug"),
    [
        (lambda d: d.assign(f=pd.Categorical(d.f, categories=list("pqrs"))), "unused-levels"),
        (lambda d: d.assign(x=d.x + 1e8), "aliased"),
        (lambda d: d.assign(x=1.0), "aliased"),
        (lambda d: d.assign(y=(d.x > 0).astype(int)), "separation"),
        (lambda d: d.assign(y=(d.x > 0).astype(int), x=d.x * 100), "separation"),
        (lambda d: d.assign(y=np.where(d.f == "p", 0, d.y)), "separation"),
    ],
)
def test_what_can_is_fitted_with_a_finding(
    change: Callable[[pd.DataFrame], Any], slug: str, penalty: Penalty
) -> None:
    fit = ml.fit("y ~ x + f + (1 | g)", change(records()), penalty=penalty)
    assert fit.converged
    assert slug in slugs(fit)


def test_offsets_beyond_all_reason_are_not_passed_over() -> None:
    frame = records()
    far = np.where(frame["y"] == 1, -800.0, 800.0)
    fit = ml.fit("y ~ x + (1 | g)", frame, offset=far)
    assert not fit.converged
    assert "not-converged" in slugs(fit)
    with pytest.raises(MelogitError) as caught:
        ml.fit("y ~ x + (1 | g)", frame, offset=far, penalty="jeffreys")
    assert caught.value.slug == "not-finite"


def test_a_unit_of_any_size_is_one_model() -> None:
    frame = records()
    near = ml.fit("y ~ x + (1 | g)", frame)
    far = ml.fit("y ~ x + (1 | g)", frame.assign(x=frame["x"] * 1e12))
    assert far.llf == pytest.approx(near.llf, abs=1e-8)
    assert far.params["x"] * 1e12 == pytest.approx(near.params["x"], abs=1e-5)


def test_a_separated_level_is_counted_and_named() -> None:
    frame = records()
    found = ml.fit(
        "y ~ f + x + (1 | g)", frame.assign(y=np.where(frame["f"] == "p", 0, frame["y"]))
    )
    separation = found.separation
    assert separation.kind == "quasi-complete"
    assert separation.cells.to_dict("list") == {
        "term": ["f"], "level": ["p"], "n": [22.0], "events": [0.0]
    }  # fmt: skip
    # 'p' is the reference: the intercept and every other level of the term run off.
    assert dict(zip(*separation.coefficients.to_dict("list").values(), strict=True)) == {
        "(Intercept)": "-infinity", "f[q]": "+infinity", "f[r]": "+infinity"
    }  # fmt: skip
    assert separation.trials == 22.0
    whole = ml.fit("y ~ x", frame.assign(y=(frame["x"] > 0).astype(int))).separation
    assert whole.kind == "complete"
    assert whole.trials == 60.0
    assert dict(zip(*whole.coefficients.to_dict("list").values(), strict=True)) == {
        "(Intercept)": "undetermined", "x": "+infinity"
    }  # fmt: skip
    none = ml.fit("y ~ x", frame).separation
    assert none.kind == "none"
    assert len(none.coefficients) == 0
    assert len(none.cells) == 0
