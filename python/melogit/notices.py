"""Findings that concern the frame rather than the numbers, beside the core's own diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from melogit import format as show

if TYPE_CHECKING:
    from melogit import _core

# Share of the rows a text column must lose before its missing values look like a reading accident.
MANY_MISSING = 0.30


def text_read_as_missing(core: _core.Fit) -> list[dict[str, str]]:
    """Find text columns that lost many rows, which is how a level called "None" disappears.

    `pandas.read_csv` turns the texts ``None``, ``NA``, ``null`` and a dozen others into missing
    values. A column of social work status whose commonest level is "None" then loses most of its
    rows, all of them unexposed.

    Returns
    -------
    list of dict
        One finding per column, with the keys of ``fit.diagnostics``.
    """
    account = core.missing()
    rows = account["rows_read"]
    text = {column["column"] for column in core.coding() if not column["declared"]}
    return [
        {
            "slug": "text-read-as-missing",
            "severity": "warning",
            "subject": name,
            "message": (
                f"{name!r} is missing in {show.count(count)} of {show.count(rows)} rows "
                f"({show.percent(count, rows)}). If the data came through pandas.read_csv, a level "
                'spelled "None", "NA" or "null" was turned into a missing value: read the file '
                "again with keep_default_na=False (and na_values=[...] for what is truly missing)."
            ),
        }
        for name, count in account["columns"].items()
        if rows and name in text and count / rows > MANY_MISSING
    ]


def findings(core: _core.Fit) -> list[dict[str, str]]:
    """List the core's diagnostics, then those above."""
    return [*core.diagnostics(), *text_read_as_missing(core)]
