"""The study's analysis: every number it reports, recomputed another way."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import melogit as ml
from melogit import OptionError, camhs
from melogit.camhs import Analysis, analyse
from melogit.camhs.__main__ import main

MODEL = f"rejected ~ social_work + {' + '.join(camhs.ADJUSTMENT)} + (1 | location)"
SMALL = ("age_band", "gender")


@pytest.fixture(scope="module")
def referrals() -> pd.DataFrame:
    return camhs.synthetic_referrals(8000, locations=40, seed=4)


@pytest.fixture(scope="module")
def complete(referrals: pd.DataFrame) -> pd.DataFrame:
    return referrals.dropna()


@pytest.fixture(scope="module")
def analysis(referrals: pd.DataFrame) -> Analysis:
    return analyse(referrals)


# -- E-values --------------------------------------------------------------------------------------


def test_e_value_of_the_published_odds_ratio() -> None:
    value = camhs.e_value(2.65, 2.43, 2.88, common_odds=True)
    assert value.estimate == pytest.approx(2.639, abs=5e-4)
    assert value.bound == pytest.approx(2.492, abs=5e-4)


def test_e_value_of_a_risk_ratio() -> None:
    """VanderWeele and Ding's own example: risk ratio 3.9 (1.8 to 8.7) gives 7.2 and 3.0."""
    value = camhs.e_value(3.9, 1.8, 8.7)
    assert value.estimate == pytest.approx(7.26, abs=0.01)
    assert value.bound == pytest.approx(3.0, abs=0.01)


def test_e_value_does_not_care_for_the_direction() -> None:
    up, down = camhs.e_value(2.0, 1.6, 2.5), camhs.e_value(1 / 2.0, 1 / 2.5, 1 / 1.6)
    assert (up.estimate, up.bound) == pytest.approx((down.estimate, down.bound))


def test_e_value_of_an_interval_with_one_in_it() -> None:
    assert camhs.e_value(1.2, 0.9, 1.6).bound == 1.0
    assert camhs.e_value(0.8, 0.5, 1.3).bound == 1.0
    assert camhs.e_value(1.0, 1.0, 1.0).estimate == 1.0


@pytest.mark.parametrize("numbers", [(0.0, 0.0, 1.0), (2.0, 2.5, 3.0), (float("nan"), 1.0, 2.0)])
def test_e_value_of_nonsense_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(OptionError) as caught:
        camhs.e_value(*numbers)
    assert caught.value.slug == "e-value"


# -- rows ------------------------------------------------------------------------------------------


def test_every_model_uses_the_same_complete_rows(
    analysis: Analysis, referrals: pd.DataFrame, complete: pd.DataFrame
) -> None:
    models = [analysis.adjusted, *analysis.unadjusted.values()]
    assert {model.nobs for model in models} == {len(complete)}
    assert list(analysis.unadjusted) == ["social_work", *camhs.ADJUSTMENT]
    counts = analysis.counts
    assert (counts.rows_read, counts.rows_dropped) == (8000, 8000 - len(complete))
    assert dict(counts.missing) == referrals[list(analysis.question.columns)].isna().sum().to_dict()
    assert counts.events == complete["rejected"].sum()
    sizes = complete["location"].value_counts()
    assert (counts.smallest, counts.median, counts.largest) == (
        sizes.min(),
        sizes.median(),
        sizes.max(),
    )
    assert counts.locations == 40


def test_flow_as_a_frame(analysis: Analysis) -> None:
    flow = analysis.flow().set_index("stage")
    assert flow.loc["read", "rows"] == 8000
    assert flow.loc["analysed", "rows"] == analysis.adjusted.nobs
    assert flow.loc["analysed", "percent_of_read"] == pytest.approx(
        100 * analysis.adjusted.nobs / 8000
    )


# -- odds ratios -----------------------------------------------------------------------------------


def test_odds_ratios_are_those_of_the_fits(analysis: Analysis, complete: pd.DataFrame) -> None:
    table = analysis.odds_ratios()
    adjusted = ml.fit(MODEL, complete).odds_ratios()
    assert list(table["variable"]) == list(adjusted["term"])
    assert np.allclose(table["adjusted_odds_ratio"], adjusted["odds_ratio"], rtol=1e-6)
    alone = ml.fit("rejected ~ source + (1 | location)", complete).odds_ratios()
    rows = table[table["variable"] == "source"]
    for ours, theirs in (("odds_ratio", "odds_ratio"), ("lower", "lower"), ("upper", "upper")):
        assert np.allclose(
            rows[f"unadjusted_{ours}"][1:].astype(float), alone[theirs][1:].astype(float), rtol=1e-6
        )


def test_counts_in_the_table(analysis: Analysis, complete: pd.DataFrame) -> None:
    table = analysis.odds_ratios().set_index(["variable", "level"])
    for variable in ("social_work", "imd_quintile"):
        counted = complete.groupby(variable, observed=False)["rejected"].agg(
            ["size", "sum", "mean"]
        )
        rows = table.loc[variable]
        assert rows["n"].tolist() == counted["size"].tolist()
        assert rows["events"].tolist() == counted["sum"].tolist()
        assert np.allclose(rows["event_percent"], 100 * counted["mean"])
        assert rows["percent"].sum() == pytest.approx(100)


def test_the_printed_table(analysis: Analysis) -> None:
    table = analysis.table()
    lines = table.text().splitlines()
    assert "Unadjusted OR (95% CI)" in lines[2]
    reference = next(line for line in lines if "No involvement" in line)
    assert reference.count("Reference") == 2
    assert sum("Reference" in line for line in lines) == len(camhs.LEVELS)
    assert "Social work involvement" in table.html()
    row = analysis.odds_ratios().query("level == 'Child protection plan'").iloc[0]
    line = next(line for line in lines if "Child protection plan" in line)
    for kind in ("unadjusted", "adjusted"):
        assert f"{row[f'{kind}_odds_ratio']:.2f} ({row[f'{kind}_lower']:.2f} to" in line


def test_what_was_planted_is_found() -> None:
    """Sum of squared z of 27 log odds ratios: below the 99.9 % point of chi-square, 55.5."""
    found = camhs.analyse(camhs.synthetic_referrals(30_000, locations=100, seed=8)).comparison()
    rows = found[found["variable"] != "location"]
    assert len(rows) == 27
    estimate, planted = rows["estimate"].astype(float), rows["planted"].astype(float)
    spread = np.log(rows["upper"].astype(float) / rows["lower"].astype(float)) / (2 * 1.959964)
    assert (np.log(estimate / planted) ** 2 / spread**2).sum() < 55.5
    sd = found[found["variable"] == "location"].iloc[0]
    assert sd["lower"] < 0.4 < sd["upper"]
    assert rows.set_index("level").loc["In care", "origin"] == "briefing"


def test_another_reference_rebases_what_was_planted(referrals: pd.DataFrame) -> None:
    found = camhs.analyse(referrals, references={"social_work": "In care"}).comparison()
    planted = found[found["variable"] == "social_work"].set_index("level")["planted"]
    assert planted["No involvement"] == pytest.approx(1 / 0.6)
    assert planted["Child protection plan"] == pytest.approx(2.0 / 0.6)


def test_only_a_synthetic_cohort_is_compared(referrals: pd.DataFrame) -> None:
    real = referrals.copy()
    real.attrs = {}
    analysis = camhs.analyse(real, adjust=SMALL)
    assert analysis.comparison() is None
    assert "synthetic" not in analysis.text()
    partly = camhs.analyse(referrals, adjust=SMALL)
    assert "is not the one that made the data" in " ".join(partly.text().split())
    assert partly.comparison() is None


# -- risks -----------------------------------------------------------------------------------------


def test_risks_by_hand(analysis: Analysis, complete: pd.DataFrame) -> None:
    """G-computation spelt out: give everyone the level, predict, average over rows and locations."""
    risks = analysis.risks().set_index("level")
    by_hand = {
        level: float(
            np.mean(analysis.adjusted.predict(complete.assign(social_work=level), kind="marginal"))
        )
        for level in camhs.LEVELS["social_work"]
    }
    base = by_hand["No involvement"]
    for level, risk in by_hand.items():
        assert risks.loc[level, "risk"] == pytest.approx(risk, rel=1e-6)
        assert risks.loc[level, "risk_ratio"] == pytest.approx(risk / base, rel=1e-6)
        assert risks.loc[level, "risk_difference"] == pytest.approx(risk - base, abs=1e-7)


def test_risk_ratios_lie_between_one_and_the_odds_ratio(analysis: Analysis) -> None:
    risks = analysis.risks()
    rows = risks[~risks["reference"]]
    assert (np.abs(np.log(rows["risk_ratio"])) < np.abs(np.log(rows["odds_ratio"]))).all()
    assert (np.sign(np.log(rows["risk_ratio"])) == np.sign(np.log(rows["odds_ratio"]))).all()
    e_values = analysis.e_values()
    first = rows.iloc[0]
    value = camhs.e_value(
        first["odds_ratio"], first["or_lower"], first["or_upper"], common_odds=True
    )
    assert e_values.loc[0, ["e_value", "e_value_bound"]].tolist() == [value.estimate, value.bound]


# -- frames and columns ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "dict"])
def test_any_frame_gives_the_same_numbers(kind: str, referrals: pd.DataFrame) -> None:
    text = referrals.astype(dict.fromkeys([*camhs.LEVELS, "location"], object))
    expected = camhs.analyse(text, adjust=SMALL)
    data: Any
    if kind == "dict":
        data = {name: text[name].to_numpy() for name in text}
        data["gender"] = text["gender"].tolist()
    elif kind == "polars":
        data = pytest.importorskip("polars").from_pandas(text)
    else:
        data = pytest.importorskip("pyarrow").Table.from_pandas(text)
    found = camhs.analyse(data, adjust=SMALL)
    assert found.counts == expected.counts
    assert found.risk_columns["risk"] == pytest.approx(expected.risk_columns["risk"])
    assert found.table().text() == expected.table().text()


def test_a_lazy_polars_frame(referrals: pd.DataFrame) -> None:
    polars = pytest.importorskip("polars")
    text = referrals.astype(dict.fromkeys([*camhs.LEVELS, "location"], object))
    frame = polars.from_pandas(text)
    found, expected = (camhs.analyse(data, adjust=SMALL) for data in (frame.lazy(), frame))
    assert found.counts == expected.counts


def test_other_columns_names_and_a_number(referrals: pd.DataFrame) -> None:
    renamed = referrals.rename(columns={"social_work": "social work", "location": "place (code)"})
    renamed["turned away"] = np.where(renamed["rejected"] == 1, "yes", "no")
    found = camhs.analyse(
        renamed,
        outcome="turned away",
        exposure="social work",
        adjust=["age"],
        location="place (code)",
        event="yes",
    )
    expected = camhs.analyse(referrals, adjust=["age"])
    assert found.risk_columns["risk"] == pytest.approx(expected.risk_columns["risk"])
    row = found.odds_ratios().query("variable == 'age'").iloc[0]
    assert row["level"] == ""
    assert "had turned away = yes" in found.text()
    assert found.comparison() is None


def test_no_adjustment_at_all(referrals: pd.DataFrame) -> None:
    found = camhs.analyse(referrals, adjust=())
    table = found.odds_ratios()
    assert np.allclose(table["unadjusted_odds_ratio"], table["adjusted_odds_ratio"], rtol=1e-6)
    assert len(found.table().notes) == 1


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"adjust": "age_band"}, "adjust-type"),
        ({"adjust": ("social_work",)}, "two-roles"),
        ({"adjust": ("gender", "gender")}, "two-roles"),
        ({"exposure": "location"}, "two-roles"),
        ({"level": 95}, "level-range"),
    ],
)
def test_slips_are_refused(arguments: dict[str, Any], slug: str, referrals: pd.DataFrame) -> None:
    with pytest.raises(OptionError) as caught:
        camhs.analyse(referrals, **arguments)
    assert caught.value.slug == slug


def test_a_column_that_is_not_there(referrals: pd.DataFrame) -> None:
    with pytest.raises(ml.ColumnNotFoundError, match="Did you mean 'gender'"):
        camhs.analyse(referrals, adjust=("gendre",))


def test_the_analysis_is_frozen_and_names_itself(analysis: Analysis) -> None:
    with pytest.raises(AttributeError):
        analysis.backend = "polars"  # type: ignore[misc]
    assert repr(analysis).startswith("<camhs.Analysis of rejected by social_work: ")


# -- words, files, program -------------------------------------------------------------------------


def test_the_words(analysis: Analysis) -> None:
    text = " ".join(analysis.text().split())
    for said in (
        "These data are synthetic",
        "were left out of every model",
        'An odds ratio is not "times as likely". For "Other current involvement"',
        "percentage points",
        "median odds ratio",
        "E-value",
        "These are associations",
    ):
        assert said in text
    risk = analysis.risks().set_index("level").loc["In care"]
    assert f"In absolute terms {100 * risk['risk']:.1f}% would be rejected" in text


def test_files_hold_the_numbers(analysis: Analysis, tmp_path: Path) -> None:
    written = analysis.to_csv(tmp_path / "made" / "here")
    assert {path.name for path in written} == {
        "odds_ratios.csv",
        "risks.csv",
        "e_values.csv",
        "flow.csv",
        "locations.csv",
        "planted.csv",
        "table.csv",
    }
    again = pd.read_csv(tmp_path / "made" / "here" / "risks.csv")
    assert again["risk"].tolist() == analysis.risk_columns["risk"]
    printed = (tmp_path / "made" / "here" / "table.csv").read_text(encoding="utf-8-sig")
    assert printed.splitlines()[0].startswith("Variable,Level,n (%)")


def test_a_label_cannot_run_in_a_spreadsheet_or_a_browser(
    tmp_path: Path, referrals: pd.DataFrame
) -> None:
    levels = {"In care": "=cmd()", "Past involvement": "<script>alert(1)</script>"}
    hostile = referrals.assign(social_work=referrals["social_work"].cat.rename_categories(levels))
    hostile.attrs = {}
    analysis = camhs.analyse(hostile, adjust=SMALL)
    analysis.to_csv(tmp_path)
    with (tmp_path / "risks.csv").open(encoding="utf-8", newline="") as file:
        assert "'=cmd()" in [row["level"] for row in csv.DictReader(file)]
    page = analysis.report(tmp_path / "report.html").read_text(encoding="utf-8")
    for html in (page, analysis._repr_html_()):
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_the_report_stands_by_itself(analysis: Analysis, tmp_path: Path) -> None:
    page = analysis.report(tmp_path / "new" / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    for outside in ("http://", "https://", "src=", "<link", "@import", "url("):
        assert outside not in page
    assert page.count("<svg") == 2
    assert "prefers-color-scheme:dark" in page
    # Small locations must not be found by their labels.
    assert "Location 01" not in page


def test_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["--out", str(tmp_path / "build"), "--n", "4000", "--seed", "3", "--threads", "1"])
        == 0
    )
    said = capsys.readouterr()
    assert said.err == ""
    assert "unadjusted and adjusted odds ratios" in said.out
    assert "cohort of 4,000" in said.out
    assert len(list((tmp_path / "build").glob("*.csv"))) == 7
    assert (tmp_path / "build" / "report.html").exists()
    # The cohort itself is not written anywhere.
    assert max(path.stat().st_size for path in (tmp_path / "build").glob("*.csv")) < 20_000


def test_the_program_on_a_console_without_utf8(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "melogit.camhs", "--out", str(tmp_path), "--n", "4000"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    run = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"Reference" in run.stdout


def test_the_program_refuses_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path), "--n", "0"]) == 2
    assert capsys.readouterr().err == "melogit.camhs: n must be at least 1, not 0.\n"
    (tmp_path / "a file").write_text("")
    assert main(["--out", str(tmp_path / "a file" / "x"), "--n", "4000"]) == 2
    assert capsys.readouterr().err.startswith("melogit.camhs: ")
