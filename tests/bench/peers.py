"""One function per program: a frame and a model in, a fit with standard errors out.

Each takes what its own users would write, from a frame of text columns; whatever turns text into numbers is inside the
timed call. Imports are late: a worker loads only the program it times.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Spec = dict[str, Any]
Outcome = dict[str, Any]


class NotCompared(Exception):
    """The program has no such model, or not in a form that compares."""


def melogit(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """The mixed model by melogit, with its default number of threads."""
    return _melogit(frame, spec, spec["right"])


def melogit_one_thread(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """The mixed model by melogit on one thread."""
    return _melogit(frame, spec, spec["right"], threads=1)


def melogit_plain(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """The same fixed part without random effects: what the mixed part costs on top."""
    return _melogit(frame, spec, spec["fixed_part"])


def _melogit(frame: pd.DataFrame, spec: Spec, right: str, **options: Any) -> Outcome:
    import melogit as ml

    left = spec["response"] if spec["trials"] is None else f"{spec['response']} / {spec['trials']}"
    # The number of points is said, so that the same method is timed as the other programs use.
    fit = ml.fit(f"{left} ~ {right}", frame, points=spec["points"], **options)
    errors = np.asarray(fit.bse, dtype=float)
    return {
        "loglik": float(fit.llf),
        "has_se": bool(np.isfinite(errors).all()),
        # A function, so that asking for the trace is not part of the timed call.
        "evaluations": lambda: len(fit.trace),
    }


def glmm(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """The PyPI package ``glmm``: Laplace, Wald errors from its default exact Hessian."""
    import glmm as package

    if spec["points"] > 1:
        raise NotCompared("quadrature is not timed with glmm")

    if spec["trials"] is None:
        fit = package.fit(frame, f"{spec['response']} ~ {spec['right']}", "binomial")
    else:
        trials = frame[spec["trials"]].to_numpy(dtype=float)
        data = frame.assign(proportion=frame[spec["response"]].to_numpy() / trials)
        fit = package.fit(data, f"proportion ~ {spec['right']}", "binomial", weights=trials)
    # With trials it reports the binomial constant too, as melogit does.
    return {
        "loglik": float(fit.loglik),
        "has_se": fit.se is not None,
        "evaluations": lambda: int(fit.n_eval),
    }


def gpboost(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """GPBoost's grouped random effects; ``get_coef(std_err=True)`` is part of the call, as is the dummy coding."""
    import gpboost as package

    if (
        spec["trials"] is not None
        or spec["points"] > 1
        or any("*" in term for term in spec["fixed"])
    ):
        raise NotCompared("counts, quadrature and interactions are not timed with GPBoost")
    design = pd.get_dummies(frame[spec["fixed"]], drop_first=True, dtype=float)
    design.insert(0, "Intercept", 1.0)
    slope = {}
    if spec["slope"] is not None:
        # Its intercepts and slopes are uncorrelated: a smaller model, so the log-likelihood may fall short.
        slope = {
            "group_rand_coef_data": frame[[spec["slope"]]].to_numpy(dtype=float),
            "ind_effect_group_rand_coef": [1],
        }
    model = package.GPModel(group_data=frame[spec["groups"]], likelihood="bernoulli_logit", **slope)
    model.fit(y=frame[spec["response"]].to_numpy(dtype=float), X=design)
    table = np.asarray(model.get_coef(std_err=True), dtype=float)
    return {
        "loglik": -float(model.get_current_neg_log_likelihood()),
        "has_se": bool(table.ndim == 2 and table.shape[0] > 1 and np.isfinite(table).all()),
    }


def statsmodels_plain(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """Statsmodels' logistic regression without random effects, to set beside our plain fit."""
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    if spec["trials"] is not None or spec["points"] > 1:
        raise NotCompared("counts and quadrature are not timed with statsmodels")
    fit = smf.glm(
        f"{spec['response']} ~ {spec['fixed_part']}", frame, family=sm.families.Binomial()
    ).fit()
    return {"loglik": float(fit.llf), "has_se": bool(np.isfinite(fit.bse).all())}


def statsmodels_vb(frame: pd.DataFrame, spec: Spec) -> Outcome:
    """Statsmodels' only mixed logistic model. Variational Bayes: a different estimate, so no log-likelihood to compare."""
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    if spec["trials"] is not None or spec["slope"] is not None:
        raise NotCompared("counts and slopes are not timed with statsmodels")
    parts = {group: f"0 + C({group})" for group in spec["groups"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = BinomialBayesMixedGLM.from_formula(
            f"{spec['response']} ~ {spec['fixed_part']}", parts, frame
        )
        fit = model.fit_vb()
    return {"loglik": float("nan"), "has_se": bool(np.isfinite(fit.fe_sd).all())}


PEERS: dict[str, Callable[[pd.DataFrame, Spec], Outcome]] = {
    "melogit": melogit,
    "melogit (1 thread)": melogit_one_thread,
    "melogit, no random effect": melogit_plain,
    "glmm": glmm,
    "GPBoost": gpboost,
    "statsmodels GLM, no random effect": statsmodels_plain,
    "statsmodels variational Bayes": statsmodels_vb,
}
PACKAGES = {
    "melogit": "melogit",
    "melogit (1 thread)": "melogit",
    "melogit, no random effect": "melogit",
    "glmm": "glmm",
    "GPBoost": "gpboost",
    "statsmodels GLM, no random effect": "statsmodels",
    "statsmodels variational Bayes": "statsmodels",
}
NO_RANDOM_EFFECT = frozenset({"melogit, no random effect", "statsmodels GLM, no random effect"})
