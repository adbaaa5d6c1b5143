"""The table model, its five renderings, and the numbers in it: exact text throughout."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Any, cast

import pytest
from fake_core import SCRIPT, FakeFit, without_random_effects

from melogit import _core
from melogit import format as show
from melogit.account import odds_table, variation_table
from melogit.tables import Group, Row, Table

AWKWARD = 'a|b & 5% _x_ {y} $z$ #1 ~^\\ <i>"q"</i>\nnext'


def core(fake: FakeFit | None = None) -> _core.Fit:
    return cast("_core.Fit", fake or FakeFit())


def small() -> Table:
    rows = (Row("GP", ("1,000", "Reference")), Row("School", ("250", "1.20 (1.01 to 1.43)")))
    groups = (Group("source", ("", ""), rows), Group("age", ("1,250", "0.97 (0.95 to 0.99)")))
    return Table("Odds ratios", ("Variable", "Level"), ("n", "OR"), groups, ("[a] a note",))


def test_text() -> None:
    assert small().text() == (
        "Odds ratios\n"
        "────────────────────────────────────\n"
        "Variable      n                   OR\n"
        "────────────────────────────────────\n"
        "source\n"
        "  GP      1,000            Reference\n"
        "  School    250  1.20 (1.01 to 1.43)\n"
        "age       1,250  0.97 (0.95 to 0.99)\n"
        "────────────────────────────────────\n"
        "[a] a note"
    )
    assert str(small()) == repr(small()) == small().text()


def test_markdown() -> None:
    assert small().markdown() == (
        "**Odds ratios**\n"
        "\n"
        "| Variable | Level | n | OR |\n"
        "| :-- | :-- | --: | --: |\n"
        "| source | GP | 1,000 | Reference |\n"
        "| source | School | 250 | 1.20 (1.01 to 1.43) |\n"
        "| age |  | 1,250 | 0.97 (0.95 to 0.99) |\n"
        "\n"
        "\\[a\\] a note"
    )


def test_latex() -> None:
    assert small().latex() == (
        "% needs \\usepackage{booktabs}\n"
        "\\begin{table}\n"
        "\\caption{Odds ratios}\n"
        "\\begin{tabular}{lrr}\n"
        "\\toprule\n"
        "Variable & n & OR \\\\\n"
        "\\midrule\n"
        "source &  &  \\\\\n"
        "\\quad GP & 1,000 & Reference \\\\\n"
        "\\quad School & 250 & 1.20 (1.01 to 1.43) \\\\\n"
        "age & 1,250 & 0.97 (0.95 to 0.99) \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
        "\\par\\footnotesize {[}a{]} a note\n"
        "\\end{table}"
    )


def test_csv() -> None:
    assert small().csv() == (
        "Variable,Level,n,OR\n"
        'source,GP,"1,000",Reference\n'
        "source,School,250,1.20 (1.01 to 1.43)\n"
        'age,,"1,250",0.97 (0.95 to 0.99)\n'
    )


def test_html() -> None:
    assert small().html() == (
        '<table class="melogit-table"><caption>Odds ratios</caption>'
        '<thead><tr><th scope="col">Variable</th><th scope="col">n</th>'
        '<th scope="col">OR</th></tr></thead>'
        '<tbody><tr class="melogit-group"><th scope="rowgroup">source</th><td></td><td></td></tr>'
        '<tr class="melogit-level"><th scope="row">GP</th><td>1,000</td><td>Reference</td></tr>'
        '<tr class="melogit-level"><th scope="row">School</th><td>250</td>'
        "<td>1.20 (1.01 to 1.43)</td></tr></tbody>"
        '<tbody><tr class="melogit-single"><th scope="row">age</th><td>1,250</td><td>0.97 (0.95 to 0.99)</td></tr></tbody>'
        '</table><p class="melogit-note">[a] a note</p>'
    )


def awkward() -> Table:
    return Table("c", ("V", "L"), ("n",), (Group("g", ("",), (Row(AWKWARD, ("1",)),)),))


def test_awkward_labels_in_text_keep_to_their_line() -> None:
    assert len(awkward().text().splitlines()) == 7


def test_awkward_labels_in_latex() -> None:
    assert (
        r"\quad a\textbar{}b \& 5\% \_x\_ \{y\} \$z\$ \#1 \textasciitilde{}\textasciicircum{}"
        r"\textbackslash{} \textless{}i\textgreater{}\textquotedbl{}q\textquotedbl{}"
        r"\textless{}/i\textgreater{} next & 1 \\"
    ) in awkward().latex()


def test_awkward_labels_in_markdown() -> None:
    line = awkward().markdown().splitlines()[4]
    assert line == (
        r"| g | a\|b \& 5% \_x\_ {y} $z$ \#1 \~^\\ \<i\>"
        r'"q"\</i\> next | 1 |'
    )


def test_awkward_labels_in_csv_come_back() -> None:
    lines = list(csv.reader(io.StringIO(awkward().csv())))
    assert lines[1] == ["g", AWKWARD, "1"]


@pytest.mark.parametrize("label", ["=1+1", "+44", "-5", "@SUM(A1)"])
def test_csv_labels_are_not_spreadsheet_formulas(label: Any) -> None:
    table = Table("c", ("V", "L"), ("n",), (Group(label, ("-0.5",)),))
    assert list(csv.reader(io.StringIO(table.csv())))[1] == ["'" + label, "-0.5"]


class Tags(HTMLParser):
    """Collects the tags a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)


def test_awkward_labels_in_html_are_text() -> None:
    tags = Tags()
    tags.feed(awkward().html())
    assert set(tags.tags) == {"table", "caption", "thead", "tbody", "tr", "th", "td"}


def test_the_odds_ratio_table() -> None:
    table = odds_table(core())
    assert table.heads == ("n", "Events (%)", "OR (95% CI)", "p", "Global p")
    factor, age = table.groups
    assert factor.label == "social_work"
    assert factor.cells == ("", "", "", "", "<0.001")
    assert [row.label for row in factor.rows] == [
        "None",
        "Past & closed",
        "Child protection plan",
        SCRIPT,
    ]
    assert [row.cells for row in factor.rows] == [
        ("50,000", "10,000 (20.0%)", "Reference", "", ""),
        ("12,000", "2,700 (22.5%)", "1.14 (1.07 to 1.23)", "0.012", ""),
        ("9,700", "3,600 (37.1%)", "2.03 (1.88 to 2.20)", "<0.001", ""),
        ("40", "40 (100.0%)", "∞ [a]", "", ""),
    ]
    assert age == Group("age", ("71,740", "16,340 (22.8%)", "0.034 (0.030 to 0.038)", "<0.001", ""))
    assert table.notes == ("[a] every record is an event",)


def test_the_confidence_level_is_in_the_heading() -> None:
    assert odds_table(core(), 0.9).heads[2] == "OR (90% CI)"


def test_a_zero_odds_ratio_and_one_not_estimated() -> None:
    fake = FakeFit()
    fake.odds["odds_ratio"][2:4] = [0.0, float("nan")]
    fake.odds["lower"][2] = fake.odds["upper"][2] = None
    fake.odds["note"][2:4] = ["no record is an event", "redundant"]
    rows = odds_table(core(fake)).groups[0].rows
    assert rows[2].cells[2] == "0 [a]"
    assert rows[3].cells[2] == "not estimated [b]"


def test_the_variation_table() -> None:
    table = variation_table(core())
    assert table is not None
    (group,) = table.groups
    assert table.caption == "Variation between groups of location"
    assert [(row.label, *row.cells) for row in group.rows] == [
        ("SD of (Intercept), log odds", "0.419", "0.345 to 0.508"),
        ("SD of age, log odds", "0.050", "0.032 to 0.077"),
        ("Correlation of (Intercept) and age", "-0.310", "-0.520 to -0.060"),
        ("Intraclass correlation (ICC)", "0.051", "0.035 to 0.073"),
        ("Median odds ratio (MOR)", "1.49", "1.39 to 1.62"),
    ]
    where, note = table.notes
    assert where == (
        "ICC and MOR hold where every variable with a random slope is 0, or at its reference."
    )
    assert note == (
        "Against the same model without random effects: likelihood-ratio χ² = 799.50, df = 3, "
        "p <0.001 (conservative χ² reference)."
    )


def test_a_variance_of_zero_says_where_it_is() -> None:
    fake = FakeFit()
    fake.variance["sd"] = [0.0, 0.05, float("nan")]
    fake.variance["correlation"][2] = float("nan")
    for end in ("lower", "upper"):
        fake.variance[end] = [float("nan")] * 3
    table = variation_table(core(fake))
    assert table is not None
    rows = [(row.label, *row.cells) for row in table.groups[0].rows]
    assert rows[0] == ("SD of (Intercept), log odds", "0", "at its boundary")
    assert rows[2] == ("Correlation of (Intercept) and age", "not defined", "")


@pytest.mark.parametrize(
    ("value", "lower", "upper", "text"),
    [
        (2.034, 1.88, 2.2, "2.03 (1.88 to 2.20)"),
        (1.0, 0.98, 1.02, "1.00 (0.98 to 1.02)"),
        (0.99553, 0.99399, 0.99708, "0.996 (0.994 to 0.997)"),
        (1.0000021, 1.0000011, 1.0000031, "1.000002 (1.000001 to 1.000003)"),
        (1.34, 0.996, 1.81, "1.34 (1.00 to 1.81)"),
        (1.36, 1.0002, 1.81, "1.36 (1.00 to 1.81)"),
        (1.02, 1.004, 1.036, "1.020 (1.004 to 1.036)"),
        (0.03, 0.01, 0.05, "0.030 (0.010 to 0.050)"),
        (float("inf"), float("nan"), float("nan"), "∞"),
        (1.0, float("nan"), float("nan"), "1.00"),
    ],
)
def test_an_interval_close_to_1_gets_more_decimals(
    value: float, lower: float, upper: float, text: str
) -> None:
    assert show.odds_with_interval(value, lower, upper) == text


def test_long_notes_are_wrapped_in_text() -> None:
    table = Table("", ("A", "B"), ("C",), (Group("a", ("1",)),), ("word " * 40,))
    assert max(map(len, table.text().splitlines())) <= 88


def test_no_variation_table_without_random_effects() -> None:
    assert variation_table(core(without_random_effects())) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.00"), (0.0995, "0.10"), (0.0994, "0.099"), (0.00994, "0.0099"),
        (0.00099, "9.9e-04"), (9999.0, "9,999.00"), (123456.0, "1.2e+05"),
        (float("inf"), "∞"), (0.0, "0"), (float("nan"), ""), (None, ""),
    ],
)  # fmt: skip
def test_odds_ratios_are_rounded_for_display(value: Any, text: Any) -> None:
    assert show.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.05, "0.050"), (1.0, ">0.999"),
     (None, "")],
)  # fmt: skip
def test_p_values(value: Any, text: Any) -> None:
    assert show.p_value(value) == text


def test_half_an_interval_is_not_shown() -> None:
    assert show.interval(1.2, None) == ""
    assert show.with_interval(2.0, None, 3.0) == "2.00"
