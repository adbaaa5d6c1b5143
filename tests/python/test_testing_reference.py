"""Tests of terms, pairs, hypotheses and robust errors beside car, emmeans, clubSandwich and lme4 (inference/testing.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from conftest import Agreement

import melogit as ml

REFERENCE = Path(__file__).parents[1] / "reference"
STORED: dict[str, Any] = json.loads((REFERENCE / "inference/testing.json").read_text())
LEVELS = {"livch": ["0", "1", "2", "3+"], "urban": ["N", "Y"]}


def contraception() -> pd.DataFrame:
    data = pd.read_csv(REFERENCE / "data/contraception.csv", keep_default_na=False)
    for column, levels in LEVELS.items():
        data[column] = pd.Categorical(data[column].astype(str), levels)
    data["district"] = data["district"].astype(str)
    return data


DATA = contraception()


@pytest.fixture(scope="module")
def additive() -> ml.Fit:
    return ml.fit("use ~ age + livch + urban", DATA)


@pytest.fixture(scope="module")
def mixed() -> ml.Fit:
    return ml.fit("use ~ age + livch + urban + (1 | district)", DATA, points=1)


@pytest.mark.parametrize("contrast", ["treatment", "sum", "helmert"])
@pytest.mark.parametrize(
    ("case", "formula"),
    [("glm2", "use ~ age + livch * urban"), ("glmx", "use ~ age * livch + urban")],
)
@pytest.mark.parametrize("kind", ["II", "III"])
@pytest.mark.parametrize("test", ["wald", "lr"])
def test_anova_is_that_of_car_under_any_contrast(
    case: str, formula: str, kind: Any, test: Any, contrast: str, agreement: Agreement
) -> None:
    fit = ml.fit(
        formula,
        DATA,
        contrasts={"livch": contrast, "urban": contrast} if case == "glm2" else {"livch": contrast},
    )
    table = fit.anova(kind, test=test).set_index("term")
    stored = STORED[case][f"{kind}_{test}"]
    assert set(table.index) == set(stored)
    for term, expected in stored.items():
        found = table.loc[term]
        assert found["df"] == expected["df"]
        distance = abs(found["statistic"] / expected["statistic"] - 1.0)
        agreement(f"{case} {term}", f"anova {kind} {test}: statistic", distance, 1e-6)
        assert found["p_value"] == pytest.approx(expected["p"], rel=1e-4)


@pytest.mark.parametrize("kind", ["II", "III"])
def test_anova_of_a_mixed_model_is_that_of_car(kind: Any, agreement: Agreement) -> None:
    fit = ml.fit("use ~ age + livch * urban + (1 | district)", DATA, points=1)
    table = fit.anova(kind).set_index("term")
    for term, expected in STORED["mixed2"][f"{kind}_wald"].items():
        assert table.loc[term, "df"] == expected["df"]
        distance = abs(table.loc[term, "statistic"] / expected["statistic"] - 1.0)
        # lme4's covariance is by finite differences: standard errors up to 0.05 % off, squares twice that.
        agreement(f"contraception {term}", "anova of a mixed model: statistic", distance, 2e-3)


def pairs(stored: dict[str, Any]) -> pd.DataFrame:
    """The table of emmeans, a row per pair in the order of `Fit.pairwise`."""
    table = pd.DataFrame(stored)
    names = (
        table["contrast"].str.replace(r"livch|\(|\)", "", regex=True).str.split(" - ", expand=True)
    )
    table["level"], table["reference"] = names[0], names[1]
    return table.set_index(["reference", "level"])


@pytest.mark.parametrize("adjust", ["none", "holm", "tukey", "bonferroni", "sidak", "mvt"])
@pytest.mark.parametrize("case", ["glm1", "glm2", "mixed1"])
def test_pairs_are_those_of_emmeans(case: str, adjust: Any, agreement: Agreement) -> None:
    formulas = {
        "glm1": "use ~ age + livch + urban",
        "glm2": "use ~ age + livch * urban",
        "mixed1": "use ~ age + livch + urban + (1 | district)",
    }
    fit = ml.fit(formulas[case], DATA, points=1)
    found = fit.pairwise("livch", adjust=adjust).set_index(["reference", "level"])
    stored = pairs(STORED[f"pairs_{case}"][adjust]).reindex(found.index)
    assert stored["estimate"].notna().all()
    # mvtnorm integrates with an error of up to 1e-3; ours is the smaller one.
    loose = adjust == "mvt"
    near = 2e-3 if case == "mixed1" else 1e-6
    relative = np.abs(found["estimate"] / stored["estimate"] - 1.0).max()
    agreement(f"{case} {adjust}", "pairwise: log odds ratio", relative, near)
    agreement(
        f"{case} {adjust}",
        "pairwise: standard error",
        np.abs(found["std_error"] / stored["se"] - 1).max(),
        near,
    )
    p = np.abs(found["p_value"] - stored["p"]).max()
    agreement(
        f"{case} {adjust}", "pairwise: p-value", p, 2e-3 if loose or case == "mixed1" else 1e-6
    )
    for bound in ("lower", "upper"):
        off = (np.abs(np.log(found[bound]) - stored[bound]) / found["std_error"]).max()
        agreement(
            f"{case} {adjust}",
            "pairwise: bound, in SE",
            off,
            1e-2 if loose or case == "mixed1" else 1e-5,
        )


def test_dunnett_is_that_of_emmeans(additive: ml.Fit, agreement: Agreement) -> None:
    found = additive.pairwise("livch", adjust="mvt", reference="0")
    stored = STORED["dunnett_glm1"]
    assert found["estimate"].to_numpy() == pytest.approx(np.array(stored["estimate"]), rel=1e-6)
    agreement("glm1", "Dunnett: p-value", np.abs(found["p_value"] - stored["p"]).max(), 1e-3)
    off = np.abs(np.log(found["upper"]) - stored["upper"]) / found["std_error"]
    agreement("glm1", "Dunnett: bound, in SE", off.max(), 1e-2)


def test_hypotheses_are_those_of_car(additive: ml.Fit) -> None:
    found = additive.test("livch[1] = livch[2]", "age + 0.5*urban[Y] = 0.3")
    stored = STORED["hypothesis_glm1"]
    assert found.df == stored["df"]
    assert found.statistic == pytest.approx(stored["statistic"], rel=1e-6)
    assert found.p_value == pytest.approx(stored["p"], rel=1e-5)


def sandwich_distance(fit: ml.Fit, stored: dict[str, Any], names: dict[str, str]) -> float:
    expected: npt.NDArray[np.float64] = np.array(stored["vcov"])
    order = [names.get(name, name) for name in stored["names"]]
    found = fit.cov_params().loc[order, order].to_numpy()
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    return float(np.abs((found - expected) / scale).max())


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2"])
def test_robust_covariance_is_that_of_clubsandwich(
    kind: Any, additive: ml.Fit, agreement: Agreement
) -> None:
    names = {
        "livch1": "livch[1]",
        "livch2": "livch[2]",
        "livch3+": "livch[3+]",
        "urbanY": "urban[Y]",
    }
    fit = additive.robust(DATA["district"], kind=kind)
    distance = sandwich_distance(fit, STORED["cr_glm1"][kind], names)
    agreement("contraception", f"clubSandwich {kind}: covariance / (SE SE)", distance, 1e-6)
    herds = pd.read_csv(REFERENCE / "data/cbpp.csv").astype({"period": str})
    counts = ml.fit("incidence / size ~ period", herds).robust(herds["herd"], kind=kind)
    names = {f"period{k}": f"period[{k}]" for k in range(2, 5)}
    distance = sandwich_distance(counts, STORED["cr_cbpp"][kind], names)
    agreement("cbpp, counts", f"clubSandwich {kind}: covariance / (SE SE)", distance, 1e-6)


def test_cr0_is_that_of_sandwich(additive: ml.Fit) -> None:
    found = additive.robust(DATA["district"], kind="CR0").cov_params().to_numpy()
    expected = np.array(STORED["cr_sandwich"]["HC0"])
    # R's order is that of the formula, as here.
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_likelihood_ratios_are_those_of_lme4(additive: ml.Fit, mixed: ml.Fit) -> None:
    without = ml.fit("use ~ age + urban + (1 | district)", DATA, points=1)
    slope = ml.fit("use ~ age + livch + urban + (1 + urban | district)", DATA, points=1)
    table = ml.compare(slope, without, mixed)
    assert list(table["df"]) == [4, 7, 9]
    for row, case in ((1, "lr_livch"), (2, "lr_slope")):
        assert table["statistic"][row] == pytest.approx(STORED[case]["statistic"], abs=1e-4)
        assert table["df_diff"][row] == STORED[case]["df"]
    assert table["p_value"][1] == pytest.approx(STORED["lr_livch"]["p"], rel=1e-3)
    assert list(table["reference"]) == ["", "chi2(3)", "0.5 chi2(1) + 0.5 chi2(2)"]
    # The variance of the slope is tested at the edge, which the plain p-value of lme4 is not.
    assert table["p_value"][2] < STORED["lr_slope"]["p"]
    clustered = ml.compare(additive, mixed)
    assert clustered["statistic"][1] == pytest.approx(STORED["lr_district"]["statistic"], abs=1e-4)
    assert clustered["p_value"][1] == pytest.approx(mixed.clustering_test()["p_value"], rel=1e-9)


def test_variance_tests_are_the_comparisons(mixed: ml.Fit) -> None:
    slope = ml.fit("use ~ age + livch + urban + (1 + urban | district)", DATA, points=1)
    found = slope.variance_test().set_index("term")
    compared = ml.compare(mixed, slope)
    assert found.loc["urban", "statistic"] == pytest.approx(compared["statistic"][1], abs=1e-6)
    assert found.loc["urban", "p_value"] == pytest.approx(compared["p_value"][1], rel=1e-5)
    assert found.loc["urban", "reference"] == compared["reference"][1]
    level = ml.fit(
        "use ~ age + livch + urban + (0 + I(urbanity) | district)",
        DATA.assign(urbanity=(DATA["urban"] == "Y") * 1.0),
        points=1,
    )
    assert found.loc["(Intercept)", "statistic"] == pytest.approx(
        2 * (slope.llf - level.llf), abs=1e-5
    )
    alone = mixed.variance_test("district")
    assert alone["statistic"][0] == pytest.approx(mixed.clustering_test()["statistic"], abs=1e-6)
