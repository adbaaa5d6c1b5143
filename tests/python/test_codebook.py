"""A codebook is the same whether it is read, built, written, or read again; a wrong one says where."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from coding_data import BOOK

import melogit as ml
from melogit.codebook import (
    Bands,
    Blank,
    Code,
    Exactly,
    List,
    Lookup,
    Map,
    Not,
    Number,
    Precedence,
    Rare,
    Step,
    Within,
)

TEXT = """\
title = "Referrals of one trust"
month = "UniqMonthID"

[variables.gender]
label = "Gender"
from = "GenderIDCode"
reference = "Female"
uncovered = "missing"
contrast = { "F v M" = "Female - Male" }
rare = { below = 10, into = "Other" }
levels = { "Male" = "1", "Female" = "2", "Other" = [3, "4"] }
missing = { "Not stated" = "Z", "Not known" = ["X", "9"] }

[variables.source]
from = "SourceOfReferralMH"
clean = false
levels = { "Primary care" = "A*", "Old" = { code = "C2", to_month = 1458 }, "Star" = { exactly = "B*" } }

[variables.ethnicity]
from = "EthnicCategory"
list = "ethnic_category"
group = "five_groups"
prefix = true

[variables.age_band]
from = "Age"
bands = ["[0, 5)", "[7, 10)"]
gaps = "allow"

[variables.age]
from = "Age"
number = { min = 0, max = 120.5 }

[variables.imd_quintile]
from = "LSOA2011"
lookup = { table = "imd2019", unmatched = 0.02 }
levels = { "1 most deprived" = ["1", "2"], "other" = "3..10" }
uncovered = { level = "other" }

[variables.social_work]
order = ["None", "Past", "In care"]
[[variables.social_work.precedence]]
level = "In care"
when = { LACStatus = "Y", "Age in years" = { within = "[0, 18)" } }
[[variables.social_work.precedence]]
level = "Past"
when = { CPP = { not = ["1", "X"] } }
[[variables.social_work.precedence]]
missing = "Not recorded"
when = { CPP = { blank = true } }
[[variables.social_work.precedence]]
level = "None"
otherwise = true
"""

BUILT = ml.Codebook(
    {
        "gender": Map(
            "GenderIDCode",
            {"Male": "1", "Female": "2", "Other": [3, "4"]},
            missing={"Not stated": "Z", "Not known": ["X", "9"]},
            label="Gender",
            reference="Female",
            uncovered="missing",
            contrast={"F v M": "Female - Male"},
            rare=Rare("Other", below=10),
        ),
        "source": Map(
            "SourceOfReferralMH",
            {"Primary care": "A*", "Old": Code("C2", to_month=1458), "Star": Exactly("B*")},
            clean=False,
        ),
        "ethnicity": List("EthnicCategory", "ethnic_category", group="five_groups", prefix=True),
        "age_band": Bands("Age", ["[0, 5)", "[7, 10)"], gaps="allow"),
        "age": Number("Age", min=0, max=120.5),
        "imd_quintile": Map(
            "LSOA2011",
            {"1 most deprived": ["1", "2"], "other": "3..10"},
            lookup=Lookup("imd2019", unmatched=0.02),
            uncovered={"level": "other"},
        ),
        "social_work": Precedence(
            [
                Step("In care", LACStatus="Y", when={"Age in years": Within("[0, 18)")}),
                Step("Past", CPP=Not("1", "X")),
                Step(missing="Not recorded", CPP=Blank()),
                Step("None", otherwise=True),
            ],
            order=["None", "Past", "In care"],
        ),
    },
    title="Referrals of one trust",
    month="UniqMonthID",
)


def test_built_and_read_are_the_same() -> None:
    assert ml.Codebook.parse(TEXT) == BUILT


@pytest.mark.parametrize("book", [BUILT, BOOK], ids=["large", "small"])
def test_the_text_of_a_codebook_is_that_codebook(book: ml.Codebook) -> None:
    again = ml.Codebook.parse(book.to_toml())
    assert again == book
    assert again.to_toml() == book.to_toml() == str(book)


def test_files(tmp_path: Any) -> None:
    path = tmp_path / "codebook.toml"
    BUILT.write(path)
    assert ml.Codebook.read(path) == BUILT
    # As an editor on Windows writes it.
    path.write_bytes(b"\xef\xbb\xbf" + BUILT.to_toml().replace("\n", "\r\n").encode())
    assert ml.Codebook.read(path) == BUILT


def test_copies_are_equal_and_changes_are_not() -> None:
    assert pickle.loads(pickle.dumps(BUILT)) == BUILT == copy.deepcopy(BUILT)
    assert BUILT != BOOK
    assert ml.Codebook.parse(TEXT.replace('"2"', '"7"', 1)) != BUILT
    assert BUILT != "a text"
    assert ml.Codebook.parse(TEXT.replace('"Past", "In care"', '"In care", "Past"')) != BUILT


def test_a_codebook_says_what_it_has() -> None:
    assert BUILT.title == "Referrals of one trust"
    assert BUILT.variables[:2] == ["gender", "source"]
    assert BUILT.columns == [
        "GenderIDCode", "SourceOfReferralMH", "EthnicCategory", "Age", "LSOA2011", "LACStatus",
        "Age in years", "CPP", "UniqMonthID",
    ]  # fmt: skip
    assert "'Referrals of one trust', 7 variables: gender" in repr(BUILT)


def refused(text: str) -> ml.CodebookError:
    with pytest.raises(ml.CodebookError) as caught:
        ml.Codebook.parse(text, name="mine.toml")
    return caught.value


@pytest.mark.parametrize(
    ("wrong", "right", "line", "under"),
    [
        ("form =", "from =", 6, "form"),
        ('"Male" = "1" "Female"', '"Male" = "1", "Female"', 11, None),
        ('levels = { "Male" = 01', 'levels = { "Male" = "1"', 11, None),
        ('list = "ethnic_categories"', 'list = "ethnic_category"', 21, '"ethnic_categories"'),
        ('bands = ["[0, 5)", "[4, 10)"]', 'bands = ["[0, 5)", "[7, 10)"]', 27, None),
        ('"[0, 5"', '"[0, 5)"', 27, None),
        ('uncovered = "mising"', 'uncovered = "missing"', 8, '"mising"'),
        ('reference = "Femal"', 'reference = "Female"', 7, '"Femal"'),
        ('"Female" = "1"', '"Female" = "2"', 11, None),
    ],
)  # fmt: skip
def test_a_slip_is_shown_with_line_and_caret(
    wrong: str, right: str, line: int, under: str | None
) -> None:
    text = TEXT.replace(right, wrong, 1)
    assert text != TEXT
    error = refused(text)
    shown = str(error).splitlines()
    assert "mine.toml" in error.message
    at, caret = next((i, row) for i, row in enumerate(shown) if set(row.strip(" |")) == {"^"})
    source = text.splitlines()[line - 1]
    assert source.strip() in shown[at - 1]
    if under is not None:
        start = caret.index("^")
        assert shown[at - 1][start : start + caret.count("^")] == under
    assert error.slug.startswith("codebook-")


def test_a_built_codebook_is_checked_as_a_read_one() -> None:
    with pytest.raises(ml.CodebookError, match="Femal"):
        ml.Codebook({"x": Map("a", {"Male": "1", "Female": "2"}, reference="Femal")})


@pytest.mark.parametrize(
    ("variables", "slug"),
    [
        ("gender.toml", "codebook-type"),
        ({"x": Map("a", {1: "A"})}, "codebook-value"),  # type: ignore[dict-item]
        ({"x": Map("a", {"A": object()})}, "codebook-value"),
        ({"x": Number("a", max=float("inf"))}, "codebook-value"),
        ({1: Number("a")}, "codebook-value"),
    ],
)
def test_what_cannot_be_written_down_is_refused(variables: Any, slug: str) -> None:
    with pytest.raises(ml.CodebookError) as caught:
        ml.Codebook(variables)
    assert caught.value.slug == slug


def test_files_that_cannot_be_read(tmp_path: Any) -> None:
    with pytest.raises(ml.CodebookError, match="No such file") as caught:
        ml.Codebook.read(tmp_path / "absent.toml")
    assert caught.value.slug == "codebook-file"
    path = tmp_path / "latin.toml"
    path.write_bytes('title = "Café"'.encode("latin-1"))
    with pytest.raises(ml.CodebookError, match="not UTF-8"):
        ml.Codebook.read(path)


def test_plain_dicts_do_as_well_as_classes() -> None:
    plain = ml.Codebook({"x": {"from": "a", "levels": {"One": 1, "Two": [2, "3"]}}})
    assert plain == ml.Codebook({"x": Map("a", {"One": 1, "Two": [2, "3"]})})
