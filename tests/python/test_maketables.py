"""The protocol by which maketables sets a fit beside those of other packages."""

from __future__ import annotations

from typing import Any

import pytest
from fake_core import FakeFit

import melogit as ml

pytest.importorskip("pandas")


@pytest.fixture
def fit() -> Any:
    return ml.Fit(FakeFit(), "pandas")  # type: ignore[arg-type]


def test_the_maketables_protocol(fit: Any) -> None:
    table = fit.__maketables_coef_table__
    assert table.index.name == "Coefficient"
    assert {"b", "se", "t", "p", "ci95l", "ci95u"} <= set(table.columns)
    assert fit.__maketables_depvar__ == "rejected"
    assert fit.__maketables_stat__("N") == 71_740
    assert fit.__maketables_stat__("icc") == 0.0507
    assert fit.__maketables_stat__("r2") is None
    assert fit.__maketables_fixef_string__ is None


@pytest.mark.filterwarnings("ignore")  # what maketables' own imports warn about
def test_maketables_reads_a_fit(fit: Any) -> None:
    maketables = pytest.importorskip("maketables")
    table = maketables.ETable([fit, fit])
    text = table.df.to_string()
    assert "Child protection plan" in text
    assert "0.710" in text
    assert "71,740" in text or "71740" in text
