"""Who never heard of quadrature gets the right answer, and every fit says how right it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import melogit as ml

DATA = Path(__file__).resolve().parents[1] / "reference" / "data"
TOENAIL = "y ~ treatment * time + (1 | patientID)"


@pytest.fixture(scope="module")
def toenail() -> pd.DataFrame:
    return pd.read_csv(DATA / "toenail.csv", dtype={"patientID": str, "treatment": str})


def looks(fit: ml.Fit) -> list[dict[str, Any]]:
    """The rows of `Fit.integration`."""
    return list(fit.integration.to_dict("records"))


def test_the_default_is_right_where_laplace_is_not(toenail: pd.DataFrame) -> None:
    fit = ml.fit(TOENAIL, toenail)
    # -625.42 with 25 points, which are not quite enough; the Laplace approximation says -627.81.
    assert fit.llf == pytest.approx(-625.398, abs=2e-3)
    assert fit.settings["points"] == "auto"
    first, last = looks(fit)[0], looks(fit)[-1]
    assert first["points"] == 1
    assert abs(first["largest_change"]) > 1.0
    assert first["parameter"] == "theta[patientID,(Intercept)]"
    assert last["points"] == fit.glance()["points"][0] > 25
    assert abs(last["largest_change"]) < 0.005
    assert "are good enough here" in str(fit.summary()).replace("\n" + " " * 18, " ")


def test_laplace_says_how_wrong_it_is(toenail: pd.DataFrame) -> None:
    fit = ml.fit(TOENAIL, toenail, points=1)
    (look,) = looks(fit)
    assert list(look) == [
        "points", "next_points", "llf_change", "llf_error", "largest_change", "parameter",
    ]  # fmt: skip
    assert fit.glance()["next_rule_change"][0] == look["largest_change"]
    (warning,) = (f for f in fit.diagnostics if f["slug"] == "integration-moves")
    assert warning["severity"] == "warning"
    assert 'points="auto"' in warning["message"]
    assert warning["message"] in str(fit.summary()) or "not good enough" in fit._repr_html_()


def test_nested_groups_are_integrated_level_by_level() -> None:
    frame = pd.read_csv(
        DATA / "guimmun.csv", dtype={"mom": str, "comm": str}, keep_default_na=False
    )
    formula = "y ~ kid2p + mom25p + ord + ethn + momEd + husEd + momWork + rural + pcInd81 + (1 | comm/mom)"
    fit = ml.fit(formula, frame)
    # Published with 12 points: -1323.9618 and 1.716657.
    assert fit.llf == pytest.approx(-1323.952, abs=0.01)
    assert fit.params["kid2p[Y]"] == pytest.approx(1.716657, abs=0.01)
    sd = fit.variance_components()["sd"].tolist()
    assert sd == pytest.approx([2.316, 1.025], abs=0.01)
    assert ml.Fit(type(fit._core).from_json(fit._core.to_json()), "pandas").llf == fit.llf


def test_crossed_groups_have_the_second_order_terms(toenail: pd.DataFrame) -> None:
    fit = ml.fit("y ~ time + (1 | patientID) + (1 | visit)", toenail)
    (look,) = looks(fit)
    assert look["points"] == 1
    assert look["next_points"] is None or pd.isna(look["next_points"])
    assert look["llf_error"] > 0
    assert "Monte Carlo" in str(fit.summary()).replace("\n", " ")


def test_one_factor_needs_no_draws_where_the_terms_are_small() -> None:
    frame = ml.camhs.synthetic_referrals(8_000, seed=3, locations=40, missing=False)
    formula = "rejected ~ social_work + (1 | location)"
    fit = ml.fit(formula, frame, points=1)
    (look,) = looks(fit)
    assert look["points"] == 1
    assert pd.isna(look["next_points"])
    assert look["llf_error"] == 0
    assert look["llf_change"] == pytest.approx(
        ml.fit(formula, frame, points=9).llf - fit.llf, rel=0.02
    )
    assert "its second-order terms would change" in str(fit.summary()).replace("\n" + " " * 18, " ")


def test_without_groups_there_is_nothing_to_integrate(toenail: pd.DataFrame) -> None:
    fit = ml.fit("y ~ time", toenail)
    assert len(fit.integration) == 0
    assert fit.glance()["next_rule_change"][0] is None
