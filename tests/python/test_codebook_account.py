"""The account of a coding: whole as frame and CSV, readable and safe as a page."""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd
import pytest
from coding_data import BOOK, FRAMES, lines
from test_html import Page

import melogit as ml
from melogit.codebook import Map, Number, Precedence, Rare, Step
from melogit.spreadsheet import spreadsheet_text

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


@pytest.fixture
def account() -> Any:
    return BOOK.apply(FRAMES["pandas object"]()).account


def test_the_frame_is_whole_and_adds_up(account: Any) -> None:
    frame = account.frame()
    assert list(frame.columns) == [
        "variable", "source", "cleaned", "read_as", "coded", "level", "cause", "rows",
    ]  # fmt: skip
    assert (frame.groupby("variable")["rows"].sum() == account.rows).all()
    assert "Y" in set(frame.loc[frame["variable"] == "care", "source"].str[-1])


def test_the_page_says_in_this_order_what_a_reader_asks(account: Any) -> None:
    text = Page(account.to_html()).text
    parts = [
        "Coding account: Referrals", "7 rows", "Gender (gender)", "Columns", "GenderIDCode",
        "Male = 1; Female = 2; Other = 3", "Not known = X", "Reference", "Female", "refused",
        "Female (reference)", "mended (case): X", "Missing: Not known", "Missing: no value",
        "age_band", "[0, 5)", "care", "(1) In care if LACStatus is Y",
    ]  # fmt: skip
    for part in parts:
        assert part in text, part
    order = [
        text.index(part)
        for part in ("7 rows", "GenderIDCode", "Missing: Not known", "[0, 5)", "LACStatus")
    ]
    assert order == sorted(order)


def test_spellings_of_a_combination_are_one_line_of_the_page() -> None:
    steps = [Step("In care", care="Y"), Step("On a plan", plan="3"), Step("Neither", plan="1")]
    book = ml.Codebook({"work": Precedence(steps, uncovered="missing")})
    care = ["N", "N", "N", "N", "y", "Y", "N"]
    plan = ["3", "3.0", " 3 ", "1", "3", " 3", "7"]
    account = book.apply({"care": care, "plan": plan}).account
    assert len(account.frame()) == 7
    found = [" ".join(line.split()) for line in str(account).splitlines()]
    for line in (
        "care=N; plan=3 2 mended (blanks, decimal) 3",
        "care=Y; plan=3 2 mended (blanks, case) 2",
        "care=N; plan=1 1",
        "care=N; plan=7 not covered: no step holds 1",
    ):
        assert line in found, "\n".join(found)


def test_the_page_is_written_whole_and_fetches_nothing(account: Any, tmp_path: Any) -> None:
    path = tmp_path / "account.html"
    assert account.to_html(path) is None
    text = path.read_text(encoding="utf-8")
    assert text == account.to_html()
    page = Page(text)
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in page.seen}
    assert "default-src 'none'" in text
    assert "prefers-color-scheme:dark" in text
    assert not any(
        name in ("src", "href") or name.startswith("on") for _, attrs in page.seen for name in attrs
    )


def test_markup_in_every_place_a_user_can_name(tmp_path: Any) -> None:
    levels = {EVIL: EVIL, "b": "2", "Other": "9"}
    book = ml.Codebook(
        {
            EVIL: Map(
                EVIL,
                levels,
                label=EVIL,
                description=EVIL,
                missing={EVIL: "x" + EVIL},
                rare=Rare("Other", below=1),
                clean=False,
                uncovered={"level": EVIL},
            ),
            "p": Precedence([Step(EVIL, when={EVIL: EVIL}), Step("no", otherwise=True)]),
        },
        title=EVIL,
        description=EVIL,
    )
    coded = book.apply({EVIL: [EVIL, "x" + EVIL, "2", EVIL + "!"]})
    for html in (coded.account.to_html(), coded.account._repr_html_(), coded._repr_html_()):
        page = Page(html)
        assert EVIL in page.text
        assert not {"script", "img"} & {tag for tag, _ in page.seen}
        assert not any(name.startswith("on") for _, attrs in page.seen for name in attrs)
    assert EVIL in str(coded.account)


def test_the_csv_is_safe_in_a_spreadsheet_and_whole(tmp_path: Any) -> None:
    codes = ["=1+1", "-1", "01", "A1", "5-9", "7", "@x", "+2", "'q", "1.10"]
    book = ml.Codebook({"x": Map("a", {"All": codes}, clean=False)})
    account = book.apply({"a": [*codes, "7"]}).account
    path = tmp_path / "account.csv"
    account.to_csv(path)
    with path.open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    shown = [line["source"] for line in read]
    assert [text.removeprefix("'") for text in shown] == [line[1] for line in lines(account)]
    assert not any(text.startswith(("=", "-", "+", "@")) for text in shown)
    assert {"'01", "'5-9", "''q", "'1.10", "A1", "7"} <= set(shown)
    assert sum(int(line["rows"]) for line in read) == 11
    assert path.read_text(encoding="utf-8").splitlines()[1].endswith(
        ",2"
    ) or ",2\n" in path.read_text(encoding="utf-8")
    # The frame holds the text itself.
    assert sorted(account.frame()["source"]) == sorted(codes)


@pytest.mark.parametrize(
    "text", ["A1", "7", "0", "10.5", "0 to 4", "[0, 5)", "", "Male", "Marble", "March", "MARS1"]
)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert spreadsheet_text(text) == text


@pytest.mark.parametrize(
    "text",
    ["=A1", "+1", "-1", "@x", " =1", "\t=1", "01", "1.0", "1e5", "1/2", "10-12", "5-9", "12:30", "1,5",
     "MAR1", "1 Mar", "SEPT2", "1234567890123456", "'a", "50%"],
)  # fmt: skip
def test_text_that_a_spreadsheet_changes_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_text(text) == "'" + text


def test_thousands_of_codes_are_cut_on_the_page_and_whole_elsewhere(tmp_path: Any) -> None:
    codes = [f"C{k:04d}" for k in range(2_700)]
    levels = {"Low": "C0000..C0899", "Middle": "C0900..C1799", "High": "C1800..C2699"}
    book = ml.Codebook({"x": Map("a", levels)})
    account = book.apply({"a": [*codes, "C2699", "C2699"]}).account
    html = account.to_html()
    assert len(html) < 100_000
    text = Page(html).text
    assert "Of 2,700 different codes the commonest are shown; frame and CSV have them all." in text
    assert text.count("… 834 rarer codes") == 3
    assert "C2699" in text
    assert len(account.frame()) == 2_700
    account.to_csv(tmp_path / "a.csv")
    assert len((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()) == 2_701


def test_blanks_and_missing_values_can_be_seen() -> None:
    book = ml.Codebook({"x": Map("a", {"A": "1"})})
    text = str(book.apply({"a": [" 1", None, "1"]}).account)
    assert '" 1"' in text
    assert "(no value)" in text
    assert "mended (blanks): 1" in text


def test_rare_levels_and_numbers_are_said_in_words() -> None:
    book = ml.Codebook(
        {
            "x": Map("a", {"A": "1", "B": "2", "Other": "3"}, rare=Rare("Other", below=2)),
            "n": Number("a", min=0, max=10),
        }
    )
    coded = book.apply({"a": ["1", "1", "2"]})
    text = Page(coded.account.to_html()).text
    assert "fewer than 2 rows: merged into Other (merged: B)" in text
    assert "rare: was B" in text
    assert "the number itself from 0 to 10" in text
    settled = Page(coded.codebook.apply({"a": ["2"]}).account.to_html()).text
    assert "merged: B; settled before" in settled


def test_levels_without_a_row_are_shown() -> None:
    book = ml.Codebook({"x": Map("a", {"A": "1", "B": "2"})})
    assert "no row" in str(book.apply({"a": ["1"]}).account)


def test_what_was_coded_names_itself() -> None:
    coded = BOOK.apply(FRAMES["pandas object"]())
    assert repr(coded) == "<melogit.Coded 7 rows, 3 variables: gender, age_band, care>"
    assert repr(coded.account) == str(coded.account)
    assert coded.references == {"gender": "Female", "age_band": "0 to 4", "care": "Not in care"}


def test_the_account_of_an_arrow_table_is_one() -> None:
    import pyarrow as pa

    assert isinstance(BOOK.apply(FRAMES["pyarrow string"]()).account.frame(), pa.Table)
    assert isinstance(BOOK.apply(FRAMES["dict of lists"]()).account.frame(), pd.DataFrame)


def test_code_lists() -> None:
    lists = ml.code_lists()
    assert {"ethnic_category", "source_of_referral", "team_type", "gender"} <= set(lists["name"])
    assert (lists["codes"] > 0).all()
    assert lists["source"].str.len().min() > 0
    ethnic = ml.code_list("ethnic_category").set_index("code")
    assert ethnic.loc["A", "five_groups"] == "White"
    assert ethnic.loc["Z", "missing"] != ""
    assert (ml.code_list("team_type").set_index("code").loc["A03", "to_month"]) == "1458"
    with pytest.raises(ml.OptionError, match="Did you mean 'ethnic_category'") as caught:
        ml.code_list("ethnic_categorie")
    assert caught.value.slug == "code-list-unknown"
