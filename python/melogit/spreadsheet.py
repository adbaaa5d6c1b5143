"""Text that survives being opened in a spreadsheet."""

from __future__ import annotations

import re

# A spreadsheet takes a cell that starts so for a formula and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Digits with the signs of numbers, dates, and times between them ...
_NUMBER_OR_DATE = re.compile(r"\s*[\d.,][\d\s.,/:eE+%-]*")
# ... of which these come out as they went in ...
_PLAIN_NUMBER = re.compile(r"(0|[1-9]\d{0,14})(\.\d{0,9}[1-9])?")
# ... and the names of months next to digits, which become dates.
_MONTH = (
    r"(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?"
    r"|oct(ober)?|nov(ember)?|dec(ember)?)"
)
_DATE = re.compile(
    rf"\d{{1,4}}[ /-]?{_MONTH}([ /-]?\d{{1,4}})?|{_MONTH}[ /-]?\d{{1,4}}", re.IGNORECASE
)


def spreadsheet_text(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run, or turn into something else.

    Text that begins with an apostrophe gets another, so that taking one away always gives the
    text back.

    Examples
    --------
    >>> [spreadsheet_text(text) for text in ("A1", "7", "01", "=1+1", "-1", "5-9", "MAR1", "'x")]
    ['A1', '7', "'01", "'=1+1", "'-1", "'5-9", "'MAR1", "''x"]
    """
    changed = (
        _NUMBER_OR_DATE.fullmatch(text) and not _PLAIN_NUMBER.fullmatch(text)
    ) or _DATE.fullmatch(text)
    risky = _is_formula(text) or text.startswith("'") or changed
    return "'" + text if risky else text


def harmless_label(text: str) -> str:
    """Put an apostrophe before a label that a spreadsheet would run as a formula.

    Examples
    --------
    >>> [harmless_label(text) for text in ("GP", "=1+1", " -1", "01")]
    ['GP', "'=1+1", "' -1", '01']
    """
    return "'" + text if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip(" ").startswith(_FORMULA)
