"""melogit beside lme4 and glmmTMB on public data: the policy and the origin of every number are in tests/reference."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from conftest import Agreement, core_fit, core_predict, standard_errors
from reference import Case, group_columns, level_parts, stored_cases

from melogit import _core

CASES = {case.id: case for case in stored_cases()}
LOGLIK = 1e-5
"""How far below the best stored log-likelihood is still equal."""
ESTIMATE = 1e-3
"""Distance of an estimate, in its own standard errors; of a mode, in its conditional SDs."""
ERROR = 1e-3
"""Relative distance of a standard error from glmmTMB's; by quadrature, from lme4's."""
PROBABILITY = 1e-4
"""Distance of a predicted probability."""


def slack(shortfall: float) -> float:
    """How far a program's estimates may be off for having stopped short.

    Near the optimum the log-likelihood is a parabola: half a squared distance in standard errors. A program that stopped
    d short may be sqrt(2 d) standard errors away, and that is its distance, not ours.
    """
    return math.sqrt(2.0 * max(shortfall, 0.0))


@functools.cache
def fitted(case_id: str) -> _core.Fit:
    """Fit a case once for all of its tests."""
    case = CASES[case_id]
    return core_fit(case.formula, case.frame(), contrasts=case.contrasts, points=case.points)


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_all_stored_fits_are_here() -> None:
    expected = {"cbpp", "contraception", "verbagg", "toenail", "bacteria", "guimmun", "insteval"}
    assert {case.stored["dataset"] for case in CASES.values()} == expected
    assert len(CASES) == 21
    assert sorted({case.points for case in CASES.values()}) == [1, 5, 7, 9, 20, 25, 50]


def test_rows_and_convergence(case: Case) -> None:
    fit = fitted(case.id)
    assert fit.nobs == case.stored["n"]
    assert fit.converged, fit.diagnostics()
    assert set(fit.names) == set(case.sources()[0].params)


def test_log_likelihood(case: Case, agreement: Agreement) -> None:
    best = case.sources()[0]
    agreement(
        case.id,
        "log-likelihood below the best stored",
        best.loglik - fitted(case.id).loglik,
        LOGLIK,
    )


def test_coefficients(case: Case, agreement: Agreement) -> None:
    fit, best = fitted(case.id), case.sources()[0]
    ours = dict(zip(fit.names, fit.params.tolist(), strict=True))
    distance = max(
        abs(ours[name] - value) / best.errors[name] for name, value in best.params.items()
    )
    agreement(case.id, "coefficients, from the best stored fit (SE)", distance, ESTIMATE)


def test_standard_errors(case: Case, agreement: Agreement) -> None:
    program = "glmmTMB" if case.points == 1 else "lme4"
    (source,) = (source for source in case.sources() if source.software.startswith(program))
    ours = standard_errors(fitted(case.id))
    distance = max(abs(ours[name] / value - 1.0) for name, value in source.errors.items())
    agreement(case.id, f"standard errors, from {program}'s (relative)", distance, ERROR)


def test_variance_components(case: Case, agreement: Agreement) -> None:
    table = fitted(case.id).variance_table(0.95)
    ours = {
        (group_columns(group), frozenset([term, other or term])): (value, error)
        for group, term, other, sd, correlation, error in zip(
            *(
                table[name]
                for name in ("group", "term", "with_term", "sd", "correlation", "std_error")
            ),
            strict=True,
        )
        for value in [correlation if other else sd]
    }
    stored = case.variances()
    assert len(ours) == len(stored)
    allowed = ESTIMATE + slack(case.shortfall(case.stored["software"]))
    for group, term, other, value in stored:
        estimate, error = ours[group, frozenset([term, other or term])]
        agreement(
            case.id,
            "SDs and correlations of random effects (SE)",
            abs(estimate - value) / error,
            allowed,
        )


def test_conditional_modes(case: Case, agreement: Agreement) -> None:
    ours = {
        (group_columns(group), frozenset(level_parts(group, level)), term): (mode, sd)
        for group, table in fitted(case.id).random_effects().items()
        for level, term, mode, sd in zip(
            *(table[name] for name in ("level", "term", "mode", "sd")), strict=True
        )
    }
    allowed = ESTIMATE + slack(case.shortfall(case.stored["software"]))
    for group, level, term, mode, sd in case.modes():
        our_mode, our_sd = ours[group, level, term]
        agreement(
            case.id, "modes of random effects (conditional SD)", abs(our_mode - mode) / sd, allowed
        )
        agreement(case.id, "conditional SDs (relative)", abs(our_sd / sd - 1.0), allowed)


@pytest.mark.parametrize(
    ("kind", "key"), [("conditional", "fitted_head"), ("typical", "fixed_only_head")]
)
def test_predictions(case: Case, kind: str, key: str, agreement: Agreement) -> None:
    # insteval was fitted by glmmTMB alone, without predictions: its own rows must then at least predict themselves.
    head = case.frame().head(6)
    ours = core_predict(fitted(case.id), head, kind)
    assert np.isfinite(ours).all()
    if key in case.stored:
        distance = float(np.abs(ours - np.asarray(case.stored[key])).max())
        allowed = PROBABILITY + 0.25 * slack(case.shortfall(case.stored["software"]))
        agreement(case.id, f"{kind} predictions (probability)", distance, allowed)


def test_contrasts_are_one_model() -> None:
    """Helmert, polynomial and treatment contrasts span the same columns: one likelihood, one prediction."""
    fits = [fitted(f"contraception_{name}") for name in ("laplace", "helmert", "poly")]
    assert [fit.loglik for fit in fits] == pytest.approx([fits[0].loglik] * 3, abs=1e-8)
    head = CASES["contraception_laplace"].frame().head(50)
    predictions = [core_predict(fit, head, "conditional") for fit in fits]
    np.testing.assert_allclose(predictions[1], predictions[0], atol=1e-6)
    np.testing.assert_allclose(predictions[2], predictions[0], atol=1e-6)
