"""Notes to covariates: frames, mentions and their places, HTML, agreement."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import melogit as ml

LEXICON = """
[themes.harm]
label = "Self-harm"
terms = ["self-harm*", "overdose*", "cutting"]
not = ["cutting grass"]
[themes.parent]
subject = "family"
historical = "count"
terms = ["depress*", "maternal depression"]
"""
NOTES = [
    "Self-harming weekly, café trips help. Mother has depression.",
    "Denies self-harm. History of overdose.",
    None,
    "",
    "Brother self-harms; she is depressed.",
]
FRAMES = {
    "dict": lambda columns: columns,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
}


def lexicon() -> ml.Lexicon:
    return ml.Lexicon.parse(LEXICON)


def data(kind: str = "dict") -> Any:
    return FRAMES[kind]({"referral": ["a", "a", "b", "c", "c"], "note": NOTES})


def columns(frame: Any) -> dict[str, list[Any]]:
    """Cells as lists, NaN as None."""
    if isinstance(frame, pa.Table):
        return frame.to_pydict()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dict(as_series=False)
    return {
        name: [None if value != value else value for value in list(frame[name])] for name in frame
    }


@pytest.mark.parametrize("kind", FRAMES)
def test_covariates_are_in_the_users_kind_of_frame(kind: str) -> None:
    noted = lexicon().apply(data(kind), id="referral")
    frame = noted.frame
    assert isinstance(frame, type(FRAMES["pandas" if kind == "dict" else kind]({})))
    assert columns(frame) == {
        "referral": ["a", "a", "b", "c", "c"],
        "harm": [1, 0, None, 0, 0],
        "parent": [1, 0, None, 0, 0],
    }
    assert columns(noted.by_id()) == {
        "referral": ["a", "b", "c"],
        "n_notes": [2, 1, 2],
        "n_missing": [0, 1, 0],
        "harm": [1, None, 0],
        "parent": [1, None, 0],
    }
    assert (noted.n, noted.missing, noted.empty) == (5, 1, 1)


@pytest.mark.parametrize("kind", FRAMES)
def test_mentions_hold_the_place_and_the_words_that_decided(kind: str) -> None:
    rows = columns(lexicon().apply(data(kind), id="referral").mentions)
    assert rows["matched"] == [
        "Self-harming", "depression", "self-harm", "overdose", "self-harms", "depressed",
    ]  # fmt: skip
    assert rows["excluded"] == ["", "", "negated", "historical", "subject", "subject"]
    assert rows["negated"] == ["", "", "Denies", "", "", ""]
    assert rows["historical"] == ["", "", "", "History of", "", ""]
    assert rows["family"] == ["", "Mother", "", "", "Brother", ""]
    assert rows["counted"] == [reason == "" for reason in rows["excluded"]]
    for row, start, end, matched, sentence in zip(
        *(rows[name] for name in ("row", "start", "end", "matched", "sentence")), strict=True
    ):
        assert NOTES[row][start:end] == matched
        assert matched in sentence
        assert sentence in NOTES[row]


def test_counts_add_up_and_leave_missing_notes_out() -> None:
    noted = lexicon().apply(data("pandas"))
    counts = noted.counts
    assert counts["note"].tolist() == [0, 0, 1, 1, 3, 3, 4, 4]
    reasons = counts[["counted", "negated", "historical", "subject"]].sum(axis=1)
    assert (reasons == counts["mentions"]).all()
    assert noted.totals() == {
        "theme": ["harm", "parent"],
        "notes": [1, 1],
        "mentions": [4, 2],
        "counted": [1, 1],
        "negated": [1, 0],
        "historical": [1, 0],
        "subject": [1, 1],
    }


def test_a_pandas_index_stays_with_the_rows() -> None:
    frame = pd.DataFrame({"note": NOTES}, index=list("vwxyz"))
    assert lexicon().apply(frame).frame.index.tolist() == list("vwxyz")


def test_markers_of_missing_text_are_missing() -> None:
    texts = pd.Series(["self-harm", None, pd.NA, float("nan")], dtype=object)
    noted = lexicon().apply(pd.DataFrame({"note": texts}))
    assert noted.missing == 3
    assert lexicon().apply(pd.DataFrame({"note": texts.astype("string")})).missing == 3
    assert lexicon().apply(pl.LazyFrame({"note": NOTES, "x": range(5)})).missing == 1


@pytest.mark.parametrize(
    ("call", "error", "slug"),
    [
        (lambda: lexicon().apply({"text": ["a"]}), ml.ColumnNotFoundError, "column-not-found"),
        (lambda: lexicon().apply({"note": [1]}), ml.DataError, "notes-not-text"),
        (lambda: lexicon().apply({"note": ["a\ud800"]}), ml.DataError, "not-unicode"),
        (
            lambda: lexicon().apply({"note": ["a"], "harm": [1]}, id="harm"),
            ml.OptionError,
            "id-name",
        ),
        (
            lambda: lexicon().apply({"note": ["a"], "r": [None]}, id="r").by_id(),
            ml.OptionError,
            "id-missing",
        ),
        (lambda: ml.Lexicon.parse("[themes.a]\nterm = []"), ml.LexiconError, "lexicon-unknown-key"),
        (lambda: ml.Lexicon.parse(""), ml.LexiconError, "lexicon-no-theme"),
        (lambda: ml.cohen_kappa([1], [1, 2]), ml.DataError, "raters-length"),
        (lambda: ml.cohen_kappa([1], ["a"]), ml.DataError, "raters-kinds"),
        (lambda: ml.cohen_kappa(["a"], ["b"], "linear"), ml.OptionError, "weights-order"),
        (lambda: ml.cohen_kappa([1], [2], "cubic"), ml.OptionError, "weights-choice"),
        (lambda: ml.cohen_kappa(["a"], ["b"], order=["a"]), ml.DataError, "not-a-category"),
        (lambda: ml.fleiss_kappa([[1], [2]]), ml.DataError, "raters-shape"),
        (lambda: ml.cohen_kappa([1], [1]).by_category(), ml.OptionError, "by-category"),
    ],
)
def test_refusals(call: Any, error: Any, slug: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert caught.value.slug == slug


def test_a_lexicon_is_its_text(tmp_path: Any) -> None:
    starter = ml.Lexicon.starter()
    path = tmp_path / "lexicon.toml"
    starter.write(path)
    assert ml.Lexicon.read(path) == starter
    assert hash(ml.Lexicon.read(path)) == hash(starter)
    assert starter != lexicon()
    path.write_text("[themes.a]\nterms = [\"x y\", 'X-Y']", encoding="utf-8")
    with pytest.raises(ml.LexiconError, match=r"lexicon\.toml, line 2"):
        ml.Lexicon.read(path)
    path.write_bytes("[themes.a]\nterms = ['café']".encode("latin-1"))
    with pytest.raises(ml.DataError, match="UTF-8"):
        ml.Lexicon.read(path)


class Page(HTMLParser):
    """Tags in order, and the text; every tag must close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


def test_html_marks_the_place_and_says_it_in_words() -> None:
    noted = lexicon().apply(data("pandas"), id="referral")
    page = noted.to_html()
    assert '<mark class="melogit-hit">Self-harming</mark>' in page
    assert '<s class="melogit-out">self-harm</s>' in page
    assert '<span class="melogit-cue">Denies</span>' in page
    seen = Page(page)
    assert "does not count; negated by “Denies”" in seen.words
    assert "does not count; historical by “History of”" in seen.words
    assert "does not count; no family member named" in seen.words
    assert "text of the notes" in seen.words
    assert Page(noted._repr_html_()).tags.count("mark") == 2
    assert "3 more mentions not shown." in noted.to_html(limit=1)


def test_html_escapes_every_text() -> None:
    bad = "<script>alert(1)</script>&\"'"
    book = ml.Lexicon.parse(f"[themes.'<b>x']\nlabel = '''{bad}'''\nterms = ['script']")
    noted = book.apply({"note": [bad + " script"], "who": ["<i>"]}, id="who")
    for text in (noted.to_html(), noted._repr_html_(), book._repr_html_()):
        assert not {"script", "b", "i"} & set(Page(text).tags)
    assert len(noted.mentions) == 3


def test_html_goes_to_a_file(tmp_path: Any) -> None:
    noted = lexicon().apply(data())
    path = tmp_path / "notes.html"
    assert noted.to_html(path) is None
    assert path.read_text(encoding="utf-8") == noted.to_html()


def test_a_sample_is_blind_and_can_be_repeated() -> None:
    noted = lexicon().apply(data("pandas"))
    drawn = noted.sample(4, rng=1)
    assert list(drawn.columns) == ["mention", "theme", "matched", "sentence"]
    assert drawn.equals(noted.sample(4, rng=np.random.default_rng(1)))
    assert len(set(drawn["mention"])) == 4
    assert noted.mentions.loc[drawn["mention"], "matched"].tolist() == drawn["matched"].tolist()
    assert len(noted.sample(100)) == 6


def test_texts() -> None:
    noted = lexicon().apply(data())
    assert repr(noted) == "<melogit.Noted 5 notes read, 1 missing, 1 empty>"
    assert re.search(r"harm +1 \(25\.0%\) +4 +1 +1 +1 +1", str(noted))
    assert repr(lexicon()) == "<melogit.Lexicon 2 themes, 5 terms>"


def test_nothing_found_and_nothing_read() -> None:
    noted = lexicon().apply({"note": ["Seen at school."]})
    assert len(noted.mentions) == 0
    assert "No mention." in noted.to_html()
    assert len(noted.sample(3)) == 0
    assert lexicon().apply({"note": []}).totals()["notes"] == [0, 0]


@pytest.mark.parametrize("kind", FRAMES)
def test_agreement_with_a_human(kind: str) -> None:
    noted = lexicon().apply(data(kind), id="referral")
    human = FRAMES[kind]({"referral": ["c", "a", "b"], "harm": [1, 1, 0]})
    agreement = noted.agreement(human)
    row = {name: values[0] for name, values in columns(agreement.frame).items()}
    assert (row["theme"], row["n"], row["omitted"]) == ("harm", 2, 1)
    assert (row["both"], row["lexicon_only"], row["human_only"], row["neither"]) == (1, 0, 1, 0)
    assert (row["sensitivity"], row["ppv"], row["kappa"]) == (0.5, 1.0, 0.0)
    assert "harm" in str(agreement)
    Page(agreement._repr_html_())


def test_agreement_note_by_note() -> None:
    noted = lexicon().apply({"note": ["self-harm", "no self-harm", "well", "overdose"] * 5})
    agreement = noted.agreement({"harm": [True, False, False, True] * 5, "parent": [0] * 20})
    assert [note["slug"] for note in agreement.diagnostics] == [
        "kappa-no-spread",
        "kappa-one-category",
    ]
    assert [note["subject"] for note in agreement.diagnostics] == ["harm", "parent"]
    assert list(agreement.frame["negative_agreement"]) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("human", "slug"),
    [
        ({"other": [1]}, "no-theme"),
        ({"harm": [1]}, "coding-rows"),
        ({"harm": [2], "referral": ["a"]}, "coding-values"),
        ({"harm": ["yes"], "referral": ["a"]}, "coding-values"),
        ({"harm": [1], "referral": ["z"]}, "coding-ids"),
        ({"harm": [1, 0], "referral": ["a", "a"]}, "coding-repeated"),
    ],
)
def test_a_human_coding_that_does_not_fit_is_refused(human: Any, slug: str) -> None:
    noted = lexicon().apply(data(), id="referral")
    with pytest.raises(ml.DataError) as caught:
        noted.agreement(human)
    assert caught.value.slug == slug


def pairs(table: list[list[int]]) -> tuple[list[int], list[int]]:
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [i for i, _ in cells], [j for _, j in cells]


def test_cohens_kappa_takes_any_kind_of_code() -> None:
    """Cohen (1960): 200 patients, kappa 0.492."""
    a, b = pairs([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    plain = ml.cohen_kappa(a, b)
    assert round(plain.estimate, 3) == 0.492
    assert (plain.n, plain.raters, plain.categories) == (200, 2, (0, 1, 2))
    names = np.array(["x", "y", "z"], dtype=object)
    assert ml.cohen_kappa(names[a], names[b]).estimate == plain.estimate
    text = ml.cohen_kappa(names[a].tolist(), pd.Series(names[b]), "linear", order=["x", "y", "z"])
    declared = [pd.Series(pd.Categorical(names[x], ["x", "y", "z"])) for x in (a, b)]
    weighted = ml.cohen_kappa(*declared, weights="linear")
    assert weighted.estimate == text.estimate == ml.cohen_kappa(a, b, "linear").estimate
    assert weighted.name == "Cohen's kappa (linear weights)"
    some = ml.cohen_kappa([*a, 1, None], [*b, float("nan"), 2])
    assert (some.estimate, some.omitted) == (plain.estimate, 2)
    assert ml.cohen_kappa(a, b, level=0.99).lower < plain.lower


def test_fleiss_kappa_takes_frames_and_arrays() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 40)
    codes = np.where(rng.random((40, 4)) < 0.7, truth[:, None], rng.integers(0, 3, (40, 4)))
    kappa = ml.fleiss_kappa(codes)
    assert (kappa.n, kappa.raters, kappa.categories) == (40, 4, (0, 1, 2))
    assert kappa.lower < kappa.estimate < kappa.upper
    assert kappa.se_null < kappa.se
    raters = {f"r{i}": codes[:, i] for i in range(4)}
    for make in (pd.DataFrame, pl.DataFrame, pa.table, dict):
        again = ml.fleiss_kappa(make(raters))
        assert (again.estimate, again.se) == (kappa.estimate, kappa.se)
    each = columns(ml.fleiss_kappa(pl.DataFrame(raters)).by_category())
    assert each["category"] == [0, 1, 2]
    assert min(each["estimate"]) <= kappa.estimate <= max(each["estimate"])


def test_kappa_without_a_value_says_why() -> None:
    kappa = ml.cohen_kappa(["a", "a"], ["a", "a"])
    assert np.isnan(kappa.estimate)
    assert "undefined" in str(kappa)
    assert "every code is the same category" in str(kappa)
    assert "no subject has a code by both raters" in str(ml.cohen_kappa([None], [1]))
    with pytest.raises(AttributeError):
        kappa.estimate = 1.0  # type: ignore[misc]
