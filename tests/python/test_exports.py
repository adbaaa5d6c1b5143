"""What `import melogit` gives, costs, and leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import melogit as ml
from melogit import errors

PUBLIC = {
    "Codebook",
    "Contrast",
    "EValue",
    "Fit",
    "Lexicon",
    "Progress",
    "RunProgress",
    "__version__",
    "camhs",
    "code_list",
    "code_lists",
    "codebook",
    "cohen_kappa",
    "compare",
    "contrast",
    "e_value",
    "fit",
    "fit_imputed",
    "fleiss_kappa",
    "imputations",
    "load",
    "missing_data_table",
    "power",
    "simulate_design",
    "specification_table",
    "variance_change",
    *errors.__all__,
}


def test_the_public_names_are_these() -> None:
    assert set(ml.__all__) == PUBLIC
    assert sorted(ml.__all__) == ml.__all__
    assert dir(ml) == ml.__all__


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_exists(name: Any) -> None:
    assert getattr(ml, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'glmer'"):
        ml.glmer  # noqa: B018 - the access is the test


def test_importing_does_not_import_what_it_may_not_need() -> None:
    script = (
        "import sys, json; before = set(sys.modules); import melogit; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True
    )
    loaded = json.loads(run.stdout)
    heavy = {"numpy", "narwhals", "pandas", "polars", "pyarrow", "matplotlib", "melogit.camhs"}
    assert not heavy & set(loaded)


def test_every_public_thing_is_documented() -> None:
    for name in PUBLIC - {"__version__"}:
        assert (getattr(ml, name).__doc__ or "").strip(), f"{name} has no docstring"
    for thing in (
        ml.Fit,
        ml.Codebook,
        *(getattr(ml.codebook, name) for name in ml.codebook.__all__),
    ):
        for name, member in vars(thing).items():
            if callable(member) and not name.startswith("_"):
                assert (member.__doc__ or "").strip(), f"{thing.__name__}.{name} has no docstring"


USERS_NAMES = [
    "odds_ratios",
    "params",
    "bse",
    "zvalues",
    "pvalues",
    "conf_int",
    "cov_params",
    "llf",
    "deviance",
    "aic",
    "bic",
    "nobs",
    "converged",
    "diagnostics",
    "variance_components",
    "random_effects",
    "icc",
    "median_odds_ratio",
    "predict",
    "tidy",
    "glance",
    "summary",
    "forest_plot",
    "caterpillar_plot",
    "save",
    "report",
    "standardised_risks",
    "effects",
    "marginal_effects",
    "interaction",
    "heterogeneity",
    "interval_odds_ratios",
    "rank",
    "funnel",
    "funnel_plot",
    "formula",
    "missing",
    "coding",
    "contrasts",
]


@pytest.mark.parametrize("name", USERS_NAMES)
def test_a_fit_has_every_promised_name(name: Any) -> None:
    assert hasattr(ml.Fit, name)
