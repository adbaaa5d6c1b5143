"""Applying a codebook: the same from every kind of frame, nothing silent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from coding_data import BOOK, CODED, FRAMES, frame_names, labels, level_counts, lines, one

import melogit as ml
from melogit import output, sources
from melogit.codebook import Bands, Code, List, Lookup, Map, Number, Precedence, Rare, Step
from melogit.coded_frame import coded_frame
from melogit.factor import Factor
from melogit.frame import open_frame

GENDER = ml.Codebook({"gender": Map("sex", {"Male": "1", "Female": "2"}, missing={"Unknown": "9"})})
EXPECTED_ACCOUNT = lines(BOOK.apply(FRAMES["pandas object"]()).account)


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_gives_the_same(name: str) -> None:
    coded = BOOK.apply(FRAMES[name]())
    assert {column: labels(coded.frame[column]) for column in CODED} == CODED
    assert frame_names(coded.frame) == list(CODED)
    assert lines(coded.account) == EXPECTED_ACCOUNT


@pytest.mark.parametrize("name", FRAMES)
def test_pieces_of_any_size_give_the_same(name: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(sources, "PIECE_ROWS", 2)
    monkeypatch.setattr(sources, "WORTH_ARROW_ROWS", 1)
    coded = BOOK.apply(FRAMES[name]())
    assert {column: labels(coded.frame[column]) for column in CODED} == CODED
    assert lines(coded.account) == EXPECTED_ACCOUNT


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_nothing(threads: int) -> None:
    coded = BOOK.apply(FRAMES["polars String"](), threads=threads)
    assert {column: labels(coded.frame[column]) for column in CODED} == CODED


def test_the_account_counts_what_was_mended_and_what_is_missing_why() -> None:
    account = BOOK.apply(FRAMES["pandas object"]()).account
    assert level_counts(account, "gender") == {
        "Male": 2, "Female": 2, "Other": 1, "[Not known]": 1, "[no value]": 1,
    }  # fmt: skip
    assert level_counts(account, "care") == {"In care": 2, "Not in care": 3, "[Not recorded]": 2}
    mended = {
        line[1]: (line[2], line[3]) for line in lines(account) if line[0] == "gender" and line[2]
    }
    assert mended == {" 1": ("blanks", "1"), "x": ("case", "X")}


def test_frames_are_of_the_users_kind_and_keep_order_rows_and_index() -> None:
    frame = FRAMES["pandas object"]()
    frame.index = pd.Index([7, 7, 1, 2, 3, 4, 5], name="row")
    frame["outcome"] = [0, 1, 0, 1, 0, 1, 0]
    coded = BOOK.apply(frame, keep=["outcome"]).frame
    assert coded.index.equals(frame.index)
    assert list(coded.columns) == ["gender", "age_band", "care", "outcome"]
    assert coded["care"].dtype == pd.CategoricalDtype(["Not in care", "In care"], ordered=True)
    assert coded["care"].cat.codes.dtype == np.int8
    pd.testing.assert_series_equal(coded["outcome"], frame["outcome"])
    polars = BOOK.apply(FRAMES["polars String"]()).frame
    assert polars.schema["care"] == pl.Enum(["Not in care", "In care"])
    arrow = BOOK.apply(FRAMES["pyarrow string"]()).frame
    assert arrow.schema.field("care").type.ordered
    assert arrow["care"].chunk(0).dictionary.to_pylist() == ["Not in care", "In care"]


def test_codes_are_not_copied_into_pandas() -> None:
    codes = np.array([0, -1, 1], dtype=np.int8)
    frame = coded_frame(
        [("x", Factor(codes, ["a", "b"]))], [], open_frame(pd.DataFrame({"y": [1, 2, 3]}))
    )
    assert np.shares_memory(frame["x"].array.codes.base, codes) or np.shares_memory(
        frame["x"].array.codes, codes
    )


@pytest.mark.parametrize(
    "name", ["polars String", "pyarrow string", "pandas object", "dict of lists"]
)
def test_kept_columns_pass_untouched(name: str) -> None:
    frame = FRAMES[name]()
    coded = BOOK.apply(frame, keep=["LACStatus"]).frame
    kept = frame["LACStatus"]
    assert (
        labels(coded["LACStatus"])[:2] == list(kept)[:2]
        if isinstance(kept, list)
        else labels(kept)[:2]
    )
    if not isinstance(kept, list):
        assert type(coded["LACStatus"]) is type(kept)


def test_without_pandas_a_dict_keeps_the_order_of_levels(monkeypatch: Any) -> None:
    monkeypatch.setattr(output, "choose", lambda backend: backend or "dict")
    coded = BOOK.apply(FRAMES["dict of lists"]())
    assert isinstance(coded.frame, dict)
    assert {column: labels(coded.frame[column]) for column in CODED} == CODED
    codes, levels, declared = open_frame(coded.frame).columns(["care"])["care"]
    assert (levels, declared) == (["Not in care", "In care"], True)
    assert codes.tolist() == [1, 0, 0, -1, 1, 0, -1]
    assert isinstance(coded.account.frame(), dict)


def test_other_frames_come_back_through_narwhals() -> None:
    from melogit.coded_frame import _narwhals

    columns = {"x": Factor(np.array([1, -1], dtype=np.int8), ["a", "b"]), "n": np.array([1.5, 2.0])}
    frame = _narwhals(columns.items(), {}, "polars")
    assert frame["x"].to_list() == ["b", None]
    assert frame.schema["x"] == pl.Enum(["a", "b"])


def test_a_missing_column_is_named_with_the_nearest() -> None:
    for frame in (pd.DataFrame({"sx": ["1"]}), pl.DataFrame({"sx": ["1"]}), {"sx": ["1"]}):
        with pytest.raises(ml.ColumnNotFoundError, match="'sex'.*'?sx'?"):
            GENDER.apply(frame)


def test_a_column_in_the_index_or_twice_is_explained() -> None:
    with pytest.raises(ml.ColumnNotFoundError, match="reset_index"):
        GENDER.apply(pd.DataFrame({"sex": ["1"], "y": [1]}).set_index("sex"))
    with pytest.raises(ml.DataError, match="2 columns called 'sex'"):
        GENDER.apply(pd.DataFrame([["1", "2"]], columns=["sex", "sex"]))


def test_keep_is_checked() -> None:
    frame = {"sex": ["1"], "gender": ["M"]}
    with pytest.raises(ml.OptionError, match="'gender'") as caught:
        GENDER.apply(frame, keep=["gender"])
    assert caught.value.slug == "keep-coded"
    with pytest.raises(ml.ColumnNotFoundError, match="Did you mean 'gender'"):
        GENDER.apply(frame, keep=["gendr"])


def test_what_is_not_covered_is_refused_for_all_variables_at_once() -> None:
    book = ml.Codebook(
        {"a": Map("a", {"A": "1"}), "b": Map("b", {"B": "1"}), "c": Number("c", max=9)}
    )
    with pytest.raises(ml.DataError) as caught:
        book.apply({"a": ["1", "7", "7"], "b": ["8", "1", "1"], "c": [1, 2, 10]})
    assert caught.value.slug == "uncovered-codes"
    for part in (
        "3 variables",
        "a (from a)",
        "b (from b)",
        "c (from c)",
        "'7' (2 rows)",
        "'8'",
        "'10'",
    ):
        assert part in caught.value.message


def test_what_is_not_covered_goes_where_it_was_sent_and_is_counted() -> None:
    values = ["1", "7", "7"]
    missing = one({"A": "1"}, values, uncovered="missing")
    assert labels(missing.frame["x"]) == ["A", None, None]
    assert level_counts(missing.account, "x") == {"A": 1, "[not covered]": 2}
    other = one({"A": "1"}, values, uncovered={"level": "Other"}, order=["A", "Other"])
    assert labels(other.frame["x"]) == ["A", "Other", "Other"]
    assert ("x", "7", "", "", "Other", "Other", "not covered", 2) in lines(other.account)


def test_impossible_ages_are_not_covered() -> None:
    bands = ml.Codebook({"age": Bands("a", ["[0, 18)"]), "n": Number("a", min=0, max=120)})
    with pytest.raises(ml.DataError, match="-1") as caught:
        bands.apply({"a": [3, -1, 200]})
    assert caught.value.slug == "uncovered-codes"


def test_numbers_stay_numbers() -> None:
    book = ml.Codebook({"age": Number("a", min=0, max=120)})
    for frame in (pd.DataFrame, pl.DataFrame, pa.table):
        coded = book.apply(frame({"a": [3.5, None, 17.0]}))
        found = labels(coded.frame["age"])
        assert found[0] == 3.5
        assert found[1] is None
        assert coded.references == {}
        assert sum(line[-1] for line in lines(coded.account)) == 3


def test_codes_of_the_wrong_month() -> None:
    levels = {"Old": Code("1", to_month=1458), "New": Code("1", from_month=1459)}
    book = ml.Codebook({"x": Map("a", levels)}, month="m")
    coded = book.apply({"a": ["1", "1", "1"], "m": [1458, 1459, "1460"]})
    assert labels(coded.frame["x"]) == ["Old", "New", "New"]


def test_the_shipped_list() -> None:
    book = ml.Codebook({"e": List("e", "ethnic_category", group="five_groups")}, month="m")
    assert labels(book.apply({"e": ["A", "d", "99", "S"], "m": [1459] * 4}).frame["e"]) == [
        "White",
        "Mixed",
        None,
        "Other",
    ]


AREAS = {"E01": 1, "E02": 2.0, "E03": "3"}
TABLES: dict[str, Any] = {
    "dict": AREAS,
    "pandas": pd.DataFrame({"area": list(AREAS), "decile": [1.0, 2.0, 3.0]}),
    "polars": pl.DataFrame({"area": list(AREAS), "decile": [1, 2, 3]}),
    "pyarrow": pa.table({"area": list(AREAS), "decile": ["1", "2", "3"]}),
    "named": (
        pd.DataFrame({"decile": [1, 2, 3], "x": [0, 0, 0], "area": list(AREAS)}),
        "area",
        "decile",
    ),
    "dict of lists": {"area": list(AREAS), "decile": [1, 2, 3]},
}
LOOKED_UP = ml.Codebook(
    {"q": Map("lsoa", {"poor": ["1", "2"], "rich": "3"}, lookup=Lookup("imd", unmatched=0.25))}
)


@pytest.mark.parametrize("name", TABLES)
def test_look_ups(name: str) -> None:
    coded = LOOKED_UP.apply({"lsoa": ["E01", "E03", "E02", "W99"]}, lookups={"imd": TABLES[name]})
    assert labels(coded.frame["q"]) == ["poor", "rich", "poor", None]
    assert "1 of 4 rows without an entry (25.0%)" in coded.account.to_html()


def test_a_look_up_of_the_wrong_year_is_refused() -> None:
    with pytest.raises(ml.DataError, match="imd") as caught:
        LOOKED_UP.apply({"lsoa": ["E01", "W98", "W99"]}, lookups={"imd": AREAS})
    assert "unmatched" in caught.value.slug


def test_look_ups_are_checked() -> None:
    data = {"lsoa": ["E01"]}
    with pytest.raises(ml.MelogitError, match="imd"):
        LOOKED_UP.apply(data)
    two = pd.DataFrame({"a": ["E01", "E01", "E02"], "b": [1, 2, 3]})
    with pytest.raises(ml.DataError, match="two values") as caught:
        LOOKED_UP.apply(data, lookups={"imd": two})
    assert caught.value.slug == "lookup-repeated"
    same = pd.DataFrame({"a": ["E01", "E01"], "b": [1, 1.0]})
    assert labels(LOOKED_UP.apply(data, lookups={"imd": same}).frame["q"]) == ["poor"]
    for table, slug in [
        (two.assign(c=1), "lookup-columns"),
        (3, "not-a-frame"),
        ("imd.csv", "not-a-frame"),
    ]:
        with pytest.raises(ml.OptionError, match="imd") as option:
            LOOKED_UP.apply(data, lookups={"imd": table})
        assert option.value.slug == slug
    with pytest.raises(ml.OptionError, match="lookups="):
        LOOKED_UP.apply(data, lookups=[AREAS])  # type: ignore[arg-type]


def test_rare_levels_are_settled_for_the_next_data() -> None:
    levels = {"A": "1", "B": "2", "C": "3", "Other": "9"}
    book = ml.Codebook({"x": Map("a", levels, rare=Rare("Other", below=2))})
    first = book.apply({"a": ["1", "1", "2", "2", "3", "9"]})
    assert labels(first.frame["x"]) == ["A", "A", "B", "B", "Other", "Other"]
    again = first.codebook.apply({"a": ["3", "3", "3", "1", "2"]})
    assert labels(again.frame["x"]) == ["Other", "Other", "Other", "A", "B"]
    assert first.codebook != book
    assert ml.Codebook.parse(first.codebook.to_toml()) == first.codebook
    assert again.codebook == first.codebook
    assert ("x", "3", "", "", "C", "Other", "", 1) in lines(first.account)


def test_a_dict_of_columns_that_share_sources_is_coded_once() -> None:
    """Variables of the same column may stand far apart in the codebook."""
    book = ml.Codebook(
        {"a": Map("x", {"A": "1"}), "b": Map("y", {"B": "1"}), "c": Map("x", {"C": "1"})}
    )
    coded = book.apply({"x": ["1"], "y": ["1"]})
    assert frame_names(coded.frame) == ["a", "b", "c"]
    assert [line[0] for line in lines(coded.account)] == ["a", "b", "c"]


def test_an_empty_extract() -> None:
    coded = BOOK.apply({"GenderIDCode": [], "LACStatus": [], "Age": []})
    assert len(coded.frame) == 0
    assert sum(line[-1] for line in lines(coded.account)) == 0


def test_precedence_is_the_order_of_the_steps() -> None:
    steps = [Step("Strong", a="1"), Step("Weak", b="1"), Step("None", otherwise=True)]
    data = {"a": ["1", "1", "0", "0"], "b": ["1", "0", "1", "0"]}
    coded = ml.Codebook({"x": Precedence(steps)}).apply(data)
    assert labels(coded.frame["x"]) == ["Strong", "Strong", "Weak", "None"]
    swapped = ml.Codebook({"x": Precedence([steps[1], steps[0], steps[2]])}).apply(data)
    assert labels(swapped.frame["x"]) == ["Weak", "Strong", "Weak", "None"]
