"""Contrasts as a caller writes them, what they show, and what their coefficients are."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import core_fit, standard_errors
from numpy.testing import assert_allclose

import melogit as ml
from melogit import _core

SOURCES = ["GP", "School", "Self"]


def params(fit: _core.Fit) -> dict[str, float]:
    return dict(zip(fit.names, fit.params.tolist(), strict=True))


@pytest.mark.parametrize(
    "kind",
    ["treatment", "sum", "helmert", "polynomial", "successive", "forward", "simple", ["b - a"],
     ["(a + b)/2 - c", "d - b"], {"polynomial": [0, 5, 10, 16]}],
    ids=str,
)  # fmt: skip
def test_the_two_matrices_are_inverses(kind: Any) -> None:
    contrast = ml.contrast(kind, ["a", "b", "c", "d"], "b")
    square = np.column_stack([np.ones(4), contrast.matrix.to_numpy()])
    assert_allclose(contrast.hypotheses.to_numpy() @ square, np.eye(4), atol=1e-12)
    assert list(contrast.matrix.index) == ["a", "b", "c", "d"]
    assert list(contrast.matrix.columns) == list(contrast.labels)
    assert list(contrast.hypotheses.index) == ["(Intercept)", *contrast.labels]


def test_other_names_of_one_contrast() -> None:
    first, *others = (ml.contrast(name, SOURCES) for name in ("successive", "backward", "sdif"))
    for other in others:
        assert (other.name, other.labels) == (first.name, first.labels)
        assert_allclose(other.matrix, first.matrix)
    assert first.labels == ("School - GP", "Self - School")
    names = [ml.contrast(name, SOURCES).name for name in ("Poly", "contr.poly", "Helmert")]
    assert names == ["polynomial", "polynomial", "helmert"]


def test_frames_follow_the_data(records: pd.DataFrame) -> None:
    fit = ml.fit("y ~ gender", pl.from_pandas(records), contrasts={"gender": "sum"})
    matrix = fit.contrasts["gender"].matrix
    assert isinstance(matrix, pl.DataFrame)
    assert matrix.to_dict(as_series=False) == {"name": ["F", "M"], "S.F": [1.0, -1.0]}
    assert fit.contrasts["gender"].hypotheses["name"].to_list() == ["(Intercept)", "S.F"]


def test_both_matrices_are_shown() -> None:
    contrast = ml.contrast({"rare v GP": "(School + Self)/2 - GP"}, SOURCES)
    text = str(contrast)
    assert repr(contrast) == text
    assert "rare v GP    (School + Self)/2 - GP" in text
    assert "Contrast matrix" in text
    assert "-2/3" in text
    html = ml.contrast(["<b> - a"], ["a", "<b>"])._repr_html_()
    assert "&lt;b&gt; - a" in html
    assert "<b> - a" not in html


@pytest.mark.parametrize(
    ("kind", "slug"),
    [
        ("summ", "contrast-choice"),
        ("a - b", "contrast-choice"),
        (3, "contrast-type"),
        ([], "contrast-type"),
        ({}, "contrast-type"),
        ([1], "contrast-type"),
        ({"": "a - b"}, "contrast-type"),
        ({"polynomial": []}, "contrast-type"),
        ({"polynomial": ["1"]}, "contrast-type"),
        ({"polynomial": [0, 1]}, "scores-count"),
        ({"polynomial": [0, 1, 1]}, "scores-order"),
        ({"polynomial": [0, 1, float("nan")]}, "scores-order"),
        (["a - d"], "unknown-level"),
        (["a + b - c"], "comparison-sum"),
        (["a - a"], "comparison-empty"),
        (["a - (b"], "comparison-syntax"),
        (["a - b", "b - a"], "redundant-comparison"),
        (["a - b", "b - c", "c - a"], "too-many-comparisons"),
        (["a - b", "a - b"], "repeated-label"),
    ],
)
def test_what_is_no_contrast_is_refused(kind: Any, slug: str) -> None:
    with pytest.raises(ml.MelogitError) as caught:
        ml.contrast(kind, ["a", "b", "c"])
    assert caught.value.slug == slug
    assert isinstance(caught.value, ml.LevelError if slug == "unknown-level" else ml.OptionError)


@pytest.mark.parametrize(
    ("levels", "reference", "slug"),
    [
        (["a"], None, "one-level"),
        (["a", "a"], None, "repeated-level"),
        (["a", "b"], "c", "unknown-reference"),
    ],
)
def test_levels_that_cannot_be(levels: list[str], reference: str | None, slug: str) -> None:
    with pytest.raises(ml.LevelError) as caught:
        ml.contrast("treatment", levels, reference)
    assert caught.value.slug == slug


def test_levels_are_a_list_of_names() -> None:
    for levels in ("ab", [1, 2]):
        with pytest.raises(ml.OptionError):
            ml.contrast("sum", levels)  # type: ignore[arg-type]


def test_the_caret_is_under_the_level() -> None:
    with pytest.raises(ml.LevelError) as caught:
        ml.contrast(["School - Slef"], SOURCES)
    lines = str(caught.value).splitlines()
    assert lines[1].index("Slef") == lines[2].index("^")
    assert "Did you mean 'Self'?" in lines[3]


def test_a_comparison_is_the_difference_of_treatment_coefficients(records: pd.DataFrame) -> None:
    formula = "y ~ x + source + (1 | location)"
    plain = core_fit(formula, records)
    names = ["source[School]", "source[Self]"]
    at = [plain.names.index(name) for name in names]
    covariance = plain.joint_cov[np.ix_(at, at)]
    for text, weights in (
        ("Self - School", [-1.0, 1.0]),
        ("(School + Self)/2 - GP", [0.5, 0.5]),
        ("GP - School", [-1.0, 0.0]),
    ):
        fit = core_fit(formula, records, contrasts={"source": [(text, text)]})
        w = np.array(weights)
        expected = float(w @ [params(plain)[name] for name in names])
        assert params(fit)[f"source[{text}]"] == pytest.approx(expected, abs=1e-6)
        error = float(np.sqrt(w @ covariance @ w))
        assert standard_errors(fit)[f"source[{text}]"] == pytest.approx(error, rel=1e-6)


def test_formula_and_argument_are_one_thing(records: pd.DataFrame) -> None:
    for written, given in (
        ('C(source, "Self - School")', ["Self - School"]),
        (
            'C(source, "a"="Self - School", "b"="GP - Self")',
            {"a": "Self - School", "b": "GP - Self"},
        ),
        ('C(source, Poly, scores="0 1 10")', {"polynomial": [0, 1, 10]}),
        ("C(source, Backward)", "backward"),
        ('C(source, Simple, ref="Self")', "simple"),
    ):
        references = {"source": "Self"} if given == "simple" else None
        one = ml.fit(f"y ~ {written}", records)
        other = ml.fit("y ~ source", records, contrasts={"source": given}, references=references)
        assert one.params.to_dict() == other.params.to_dict()


def test_simple_contrasts_show_the_reference(records: pd.DataFrame) -> None:
    simple = ml.fit("y ~ source", records, contrasts={"source": "simple"}).odds_ratios()
    treatment = ml.fit("y ~ source", records).odds_ratios()
    assert list(simple["level"]) == list(treatment["level"]) == SOURCES
    assert list(simple["reference"]) == [True, False, False]
    assert_allclose(simple["odds_ratio"], treatment["odds_ratio"], rtol=1e-6)
    assert_allclose(simple["n"], treatment["n"])


def test_a_fit_shows_its_contrasts(records: pd.DataFrame) -> None:
    fit = ml.fit("y ~ source * gender", records, contrasts={"source": ["Self - School"]})
    assert list(fit.contrasts) == ["source", "gender"]
    source = fit.contrasts["source"]
    assert (source.name, source.reference) == ("custom", None)
    assert source.comparisons[1:] == ("Self - School", "GP - (School + Self)/2")
    assert [name for name in fit.params.index if ":" not in name][1:3] == [
        f"source[{label}]" for label in source.labels
    ]
    assert fit.contrasts["gender"].reference == "F"
    assert set(fit.coding["contrast"]) == {"custom", "treatment"}


def test_the_report_says_what_is_compared(records: pd.DataFrame, tmp_path: Any) -> None:
    path = tmp_path / "report.html"
    ml.fit("y ~ source", records, contrasts={"source": "helmert"}).report(path)
    text = path.read_text(encoding="utf-8")
    assert "What the coefficients compare" in text
    assert "-GP/6 - School/6 + Self/3" in text
    ml.fit("y ~ source", records).report(path)
    assert "What the coefficients compare" not in path.read_text(encoding="utf-8")


def test_a_contrast_that_no_term_uses_is_said(records: pd.DataFrame) -> None:
    fit = ml.fit("y ~ 0 + source", records, contrasts={"source": ["Self - School"]})
    assert "contrast-not-used" in [finding["slug"] for finding in fit.diagnostics]
    assert fit.contrasts["source"].name == "indicator"
    assert fit.contrasts["source"].coefficients == tuple(SOURCES)
    used = ml.fit("y ~ source", records, contrasts={"source": ["Self - School"]})
    assert "contrast-not-used" not in [finding["slug"] for finding in used.diagnostics]


def test_a_saved_model_keeps_its_contrasts(records: pd.DataFrame, tmp_path: Any) -> None:
    fit = ml.fit(
        "y ~ source + (1 | location)", records, contrasts={"source": {"late": "Self - School"}}
    )
    path = tmp_path / "model.json"
    fit.save(path)
    again = ml.load(path)
    assert again.contrasts["source"].comparisons == fit.contrasts["source"].comparisons
    assert_allclose(again.predict(records), fit.predict(records), rtol=1e-13)


def test_damaged_comparisons_are_refused(records: pd.DataFrame) -> None:
    saved = json.loads(
        core_fit("y ~ source", records, contrasts={"source": [("a", "Self - School")]}).to_json()
    )
    weights = saved["design"]["factors"][0]["contrast"]["custom"]["weights"]
    for damage in ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, -1.0]):
        weights[0] = damage
        with pytest.raises(ml.LoadError):
            _core.Fit.from_json(json.dumps(saved))
