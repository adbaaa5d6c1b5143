"""The account in a notebook and the standalone report: order, escaping, self-containment."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from fake_core import SCRIPT, FakeFit, without_random_effects

import melogit as ml

VOID = {"meta", "br", "img", "link", "input"}
SHAPES = {"line", "path", "rect", "circle"}


class Page(HTMLParser):
    """Reads HTML strictly: every tag must close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture
def fit() -> Any:
    return ml.Fit(FakeFit(), "pandas")  # type: ignore[arg-type]


@pytest.fixture
def report(fit: Any, tmp_path: Any) -> Any:
    path = tmp_path / "report.html"
    fit.report(path)
    return path.read_text(encoding="utf-8")


def test_the_account_comes_in_the_promised_order(fit: Any) -> None:
    text = Page(fit._repr_html_()).text
    parts = [
        'logistic regression of rejected (event: yes)', "71,740 records, 16,340 events (22.8%)",
        "143 groups of 3 to 2,310 records (median 412)", "Laplace approximation (1 quadrature",
        "Yes; the predicted remaining drop in deviance is 3.2e-11.", "Odds ratios", "Reference",
        "Variation between groups of location", "Intraclass correlation", "Median odds ratio",
        "Notes", "58,260 of 130,000 rows (44.8%) were dropped", "Every record with social_work",
    ]  # fmt: skip
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions)


def test_the_account_names_the_quadrature() -> None:
    page = Page(ml.Fit(FakeFit(points=25), "pandas")._repr_html_())  # type: ignore[arg-type]
    assert "adaptive Gauss–Hermite quadrature, 25 points per effect" in page.text


def test_the_account_says_how_good_the_integration_is() -> None:
    fake = FakeFit()
    assert (
        "point). The Laplace approximation is good enough here."
        in Page(
            ml.Fit(fake, "pandas")._repr_html_()  # type: ignore[arg-type]
        ).text
    )
    # The warning says it, with what to do; it is not said twice.
    fake.findings.append(
        {"slug": "integration-moves", "severity": "warning", "subject": "age", "message": "Refit."}
    )
    text = Page(ml.Fit(fake, "pandas")._repr_html_()).text  # type: ignore[arg-type]
    assert "good enough" not in text
    assert "Refit." in text


def test_a_level_may_be_called_script(fit: Any, report: Any) -> None:
    for html in (fit._repr_html_(), report, fit.summary()._repr_html_(), fit.table()._repr_html_()):
        page = Page(html)
        assert SCRIPT in page.text
        assert "script" not in {tag for tag, _ in page.seen}


def test_markup_in_every_place_a_user_can_name(tmp_path: Any) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    fake = FakeFit(formula=evil, response=evil, event=evil)
    fake.odds["term"] = [evil] * 4 + ["age"]
    fake.odds["note"][3] = evil
    fake.variance["group"] = [evil] * 3
    fake.variance["term"][0] = evil
    fake.findings[0]["message"] = evil
    fake.effects = {evil: {**fake.effects["location"], "term": [evil] * 4, "level": [evil] * 4}}
    fit = ml.Fit(fake, "pandas")  # type: ignore[arg-type]
    fit.report(tmp_path / "report.html")
    for html in (fit._repr_html_(), (tmp_path / "report.html").read_text(encoding="utf-8")):
        page = Page(html)
        assert "img" not in {tag for tag, _ in page.seen}
        assert not any(name.startswith("on") for _, attrs in page.seen for name in attrs)


def test_nothing_is_fetched_and_nothing_runs(fit: Any, report: Any) -> None:
    for html in (fit._repr_html_(), report):
        page = Page(html)
        tags = {tag for tag, _ in page.seen}
        assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
        names = {name for _, attrs in page.seen for name in attrs}
        assert not names & {"src", "href", "srcset", "action", "style", "id"}
        assert not re.search(r"url\(|@import|@font-face|https?:", html)


def test_the_report_forbids_everything_but_inline_style(report: Any) -> None:
    policies = [a["content"] for t, a in Page(report).seen if a.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_tables_are_marked_up_for_screen_readers(fit: Any) -> None:
    page = Page(fit._repr_html_())
    count = [tag for tag, _ in page.seen].count
    assert count("table") == count("caption") == count("thead") == 2
    scopes = [attrs.get("scope") for tag, attrs in page.seen if tag == "th"]
    assert set(scopes) == {"col", "row", "rowgroup"}


def test_every_class_is_scoped(fit: Any, report: Any) -> None:
    for html in (fit._repr_html_(), report):
        for _, attrs in Page(html).seen:
            assert all(name.startswith("melogit") for name in (attrs.get("class") or "").split())
        style = html[
            html.index("<style>.melogit" if "<style>.melogit" in html else "<style>\n.melogit") :
        ]
        style = re.sub(r"@media[^{]*", "", style[: style.index("</style>")])
        for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", style):
            for selector in selectors.strip(" \n{").split(","):
                assert ".melogit" in selector, selector


def test_light_and_dark_set_ink_and_paper_together(fit: Any) -> None:
    html = fit._repr_html_()
    for rule in (
        "prefers-color-scheme:dark",
        'data-jp-theme-light="false"',
        'data-jp-theme-light="true"',
    ):
        after = html[html.index(rule) :]
        body = after[: after.index("}")]
        assert "--melogit-paper" in body
        assert "--melogit-ink" in body


def contrast(first: str, second: str) -> float:
    """Compute WCAG's contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["_LIGHT", "_DARK"])
def test_words_can_be_read_on_the_plate(theme: Any) -> None:
    from melogit import html

    colours = dict(re.findall(r"--melogit-(\w+):(#\w{6})", getattr(html, theme)))
    for name in ("ink", "soft", "warn"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    assert contrast(colours["ink"], colours["shade"]) >= 4.5
    assert contrast(colours["mark"], colours["paper"]) >= 3


def test_severity_is_a_word_as_well_as_a_colour(fit: Any) -> None:
    assert "<b>Warning:</b>" in fit._repr_html_()


def test_a_model_that_did_not_converge_says_so_loudly() -> None:
    fit = ml.Fit(FakeFit(converged=False), "pandas")  # type: ignore[arg-type]
    text = Page(fit._repr_html_()).text
    assert "NO: the optimiser stopped before the maximum. Do not report these estimates." in text


def test_complete_rows_are_said_to_be_complete() -> None:
    fake = FakeFit(gaps={"rows_read": 10, "rows_dropped": 0, "columns": {"age": 0}})
    fit = ml.Fit(fake, "pandas")  # type: ignore[arg-type]
    assert "none of 10 rows." in Page(fit._repr_html_()).text


def test_a_model_without_groups(tmp_path: Any) -> None:
    fit = ml.Fit(without_random_effects(), "pandas")  # type: ignore[arg-type]
    text = Page(fit._repr_html_()).text
    assert text.strip().startswith("Logistic regression of rejected")
    assert "no random effects" in text
    assert "Variation between groups" not in text
    fit.report(tmp_path / "report.html")
    assert "Caterpillar" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_report_has_plots_that_do_not_rely_on_colour(report: Any) -> None:
    page = Page(report)
    svgs = [attrs for tag, attrs in page.seen if tag == "svg"]
    assert len(svgs) == 2
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in svgs)
    drawn = [a.get("class") for tag, a in page.seen if tag in SHAPES]
    assert {"melogit-solid", "melogit-hollow"} <= set(drawn)
    assert not re.search(r"NaN|nan|inf", re.sub(r"<title>.*?</title>", "", report))


def test_the_report_is_written_whole_or_not_at_all(fit: Any, tmp_path: Any) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    fit.report(path)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [child.name for child in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(OSError, match="nowhere"):
        fit.report(tmp_path / "nowhere" / "report.html")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_report_can_be_read_by_whom_the_folder_lets(fit: Any, tmp_path: Any) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    fit.report(tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_mode == plain.stat().st_mode


def test_a_model_without_covariates_shows_no_empty_table(tmp_path: Any) -> None:
    fake = FakeFit()
    fake.odds = {name: [] for name in fake.odds}
    fit = ml.Fit(fake, "pandas")  # type: ignore[arg-type]
    page = Page(fit._repr_html_())
    assert [tag for tag, _ in page.seen].count("table") == 1
    assert "Odds ratios" not in str(fit.summary())
    fit.report(tmp_path / "report.html")


def test_notes_of_the_same_kind_are_said_once_and_warnings_first() -> None:
    fake = FakeFit()
    note = {"slug": "default-reference", "severity": "note", "message": "one of many"}
    warning = {"slug": "x", "severity": "warning", "subject": "y", "message": "Beware."}
    fake.findings = [{**note, "subject": "social_work"}, {**note, "subject": "b"}, warning]
    text = Page(ml.Fit(fake, "pandas")._repr_html_()).text  # type: ignore[arg-type]
    assert "one of many" not in text
    assert "Reference levels: social_work 'None', b ''" in text
    assert text.index("Beware.") < text.index("Reference levels")


def test_effects_that_are_all_zero_are_not_drawn(tmp_path: Any) -> None:
    fake = FakeFit()
    fake.effects["location"]["mode"] = [0.0] * 4
    fit = ml.Fit(fake, "pandas")  # type: ignore[arg-type]
    fit.report(tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [tag for tag, _ in page.seen].count("svg") == 1
    assert "every effect is zero" in page.text
