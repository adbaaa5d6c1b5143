"""The account of a cohort: flow, findings and rules as frames, text, CSV and HTML."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pytest
from mhsds_tables import contact, extract, read, referral

from melogit import camhs

NASTY = "<script>alert('x')</script>&\"</td>"


class Tags(HTMLParser):
    """Collects tags, and refuses those that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in {"meta", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def cohort() -> camhs.MhsdsCohort:
    rows = [
        referral("R1", "P1", month=1489),
        referral("R1", "P1", month=1490),
        referral("R2", "P1", AgeServReferRecDate=NASTY),
        referral("R3", "P2", AgeServReferRecDate="18"),
    ]
    contacts = [contact("C1", "2024-04-12", NASTY)]
    return read(extract(rows, contacts=contacts), camhs={"A06", NASTY})


def test_flow_frame(cohort: camhs.MhsdsCohort) -> None:
    frame = nw.from_native(cohort.flow.frame())
    assert frame.columns == [
        "step", "what", "rows_in", "rows_out", "rows_remaining", "referrals_in", "referrals_out",
        "referrals_remaining", "persons_in", "persons_out", "persons_remaining",
    ]  # fmt: skip
    assert frame.select("step", "rows_in", "rows_out", "rows_remaining").rows()[-5:] == [
        ("latest", 4, 1, 3),
        ("date", 3, 0, 3),
        ("age-missing", 3, 1, 2),
        ("age", 2, 1, 1),
        ("camhs", 1, 0, 1),
    ]
    assert cohort.flow.remaining == camhs.mhsds.flow.Count(1, 1, 1)


def test_text(cohort: camhs.MhsdsCohort) -> None:
    text = str(cohort)
    for words in ("earlier submissions of a referral", "The rules", "What was found on the way"):
        assert words in text
    assert str(cohort.flow) in text
    assert repr(cohort.flow) == str(cohort.flow)
    assert repr(cohort).startswith("<MhsdsCohort: 1 referral of 1 person, ")
    for step in cohort.flow.steps:
        assert step.words in text
    for rule in cohort.rules:
        assert f"\n{rule}: " in text


def test_csv(cohort: camhs.MhsdsCohort, tmp_path: Path) -> None:
    path = tmp_path / "flow.csv"
    cohort.flow.to_csv(path)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = cohort.flow.columns()
    assert [row["step"] for row in rows] == columns["step"]
    assert [int(row["persons_out"]) for row in rows] == columns["persons_out"]
    with pytest.raises(FileNotFoundError):
        cohort.flow.to_csv(tmp_path / "no" / "flow.csv")


@pytest.mark.parametrize("part", ["flow", "cohort"])
def test_html(cohort: camhs.MhsdsCohort, part: str, tmp_path: Path) -> None:
    """Well formed, without script, nothing fetched, every label escaped, light and dark."""
    thing: Any = cohort.flow if part == "flow" else cohort
    path = tmp_path / "page.html"
    page = thing.to_html()
    assert thing.to_html(path) is None
    assert path.read_text(encoding="utf-8") == page
    for text in (page, thing._repr_html_()):
        tags = Tags()
        tags.feed(text)
        assert not tags.open
        assert not tags.seen & {"script", "img", "link", "iframe"}
        assert not re.search(r"https?://|url\(|@import", text)
        assert "prefers-color-scheme:dark" in text
    assert "earlier submissions of a referral" in page
    if part == "cohort":
        assert "&lt;script&gt;" in page


def test_findings_show_no_identifiers(cohort: camhs.MhsdsCohort) -> None:
    frame = nw.from_native(cohort.findings)
    assert frame.columns == ["slug", "table", "column", "words", "count", "unit", "examples"]
    assert all(count > 0 for count in frame["count"].to_list())
    for row in frame.iter_rows(named=True):
        assert not (row["slug"].startswith("id-") and row["examples"])


def test_findings_of_one_kind_are_one_line() -> None:
    rows = [
        referral("R1 ", " P1", ServDischDate="03/05/2024"),
        referral(" R2", "P2", ServDischDate="2024-05-04"),
    ]
    cohort = read(extract(rows))
    kinds: dict[str, int] = {}
    for row in nw.from_native(cohort.findings).iter_rows(named=True):
        kinds[row["words"]] = kinds.get(row["words"], 0) + row["count"]
    text = str(cohort).split("What was found on the way")[1]
    found = [" ".join(line.split()) for line in text.splitlines()]
    for words, count in kinds.items():
        lines = [line for line in found if f": {words} {count} " in line]
        assert len(lines) == 1, (words, found)
    blanks = "identifiers with blanks around them, mended"
    assert kinds[blanks] == 7
    assert f"6 columns of 3 tables: {blanks} 7 rows" in found
    assert "2 columns of MHS101Referral: dates written as 2023-04-01 3 rows" in found
    absent = "not in the extract, and not needed for what was asked"
    assert f"MHS102, MHS201CareContact: {absent} 2 tables" in found
    assert "has them column by column" in text


def test_rules_state_every_choice() -> None:
    tables = extract([referral()], contacts=[contact("C1", "2024-04-12")])
    default = read(tables).rules
    choices: list[dict[str, Any]] = [
        {"duplicates": "out"}, {"ages": None}, {"ages": (5, 16)}, {"camhs": "published"},
        {"camhs": {"A06"}}, {"unit": "first"}, {"months": (1480, 1490)},
        {"duplicate_keys": "last"}, {"outcomes": ("not_offered",)},
        {"outcomes": ("not_accessed",), "window": 5}, {"duplicates": "accepted"},
    ]  # fmt: skip
    for choice in choices:
        assert read(tables, **choice).rules != default, choice
    assert (
        "within 5 days"
        in read(tables, outcomes="not_accessed", window=5).rules["outcome not_accessed"]
    )
