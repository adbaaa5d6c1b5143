"""Codes that the reader's own rules look at; they are compared mended and handed on as submitted."""

from __future__ import annotations

import re
from collections.abc import Iterable

import narwhals.stable.v2 as nw

BLANKS = " \t\r\n\v\f\u00a0"
"""What counts as a blank: engines differ unless told, and web pages leave the last one behind."""


def canonical(code: str) -> str:
    """Give the form in which codes are compared.

    Examples
    --------
    >>> [canonical(code) for code in (" c05", "01", "1.0", "5.", "00")]
    ['C05', '1', '1', '5', '0']
    """
    plain = re.sub(r"\.0*$", "", code.strip()).strip().upper()
    return (plain.lstrip("0") or "0") if plain.isascii() and plain.isdigit() else plain


def compared(column: str) -> nw.Expr:
    """Do the same to a column."""
    plain = nw.col(column).str.strip_chars(BLANKS).str.replace_all(r"\.0*$", "")
    plain = plain.str.strip_chars(BLANKS).str.to_uppercase()
    plain = plain.str.replace_all(r"^0+$", "0")
    without_zeros = plain.str.replace_all(r"^0+", "")
    return nw.when(plain.str.contains(r"^0[0-9]+$")).then(without_zeros).otherwise(plain)


def is_one_of(column: str, wanted: Iterable[str]) -> nw.Expr:
    """Say whether a column holds one of some codes; a missing code is none of them."""
    return compared(column).is_in(sorted({canonical(code) for code in wanted})).fill_null(False)
