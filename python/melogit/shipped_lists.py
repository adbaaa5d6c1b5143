"""The code lists that come with the package, as frames."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from melogit import _core, output
from melogit.errors import OptionError


def code_lists() -> Any:
    """List the code lists that come with the package.

    Returns
    -------
    frame of shape (n_lists, 9)
        ``name``, ``title``, ``field`` (the NHS data element), ``codes`` (how many), ``groupings``,
        ``source``, ``version``, ``url``, and ``note`` (what to know before relying on it); pandas
        where that is installed, else polars, pyarrow, or a dict of lists.

    Examples
    --------
    >>> import melogit as ml
    >>> "ethnic_category" in list(ml.code_lists()["name"])
    True
    """
    lists = _core.code_lists()
    plain = ("name", "title", "field", "source", "version", "url", "note")
    columns: dict[str, list[Any]] = {key: [entry[key] or "" for entry in lists] for key in plain}
    columns["codes"] = [len(entry["codes"]) for entry in lists]
    columns["groupings"] = [", ".join(entry["groupings"]) for entry in lists]
    order = ("name", "title", "field", "codes", "groupings", "source", "version", "url", "note")
    return output.frame({key: columns[key] for key in order}, output.choose(None))


def code_list(name: str) -> Any:
    """Show one code list.

    Parameters
    ----------
    name : str
        One of the names in `code_lists`.

    Returns
    -------
    frame
        A row per code: ``code``, ``label``, a column per grouping, ``missing`` (the cause, for a
        code that stands for a missing value), ``from_month`` and ``to_month`` (first and last
        month in which it counts, where the list says so), and ``source``.

    Raises
    ------
    OptionError
        If there is no such list.

    Examples
    --------
    >>> import melogit as ml
    >>> list(ml.code_list("ethnic_category")["code"])[:3]
    ['A', 'B', 'C']
    """
    lists = {entry["name"]: entry for entry in _core.code_lists()}
    if name not in lists:
        close = get_close_matches(str(name), lists, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise OptionError(
            f"There is no code list {name!r}.{hint} There are: {', '.join(lists)}.",
            slug="code-list-unknown",
        )
    chosen = lists[name]
    rows = [*chosen["codes"], *({**code, "label": code["cause"]} for code in chosen["missing"])]
    columns: dict[str, list[Any]] = {"code": [row["code"] for row in rows]}
    columns["label"] = [row["label"] for row in rows]
    for grouping in chosen["groupings"]:
        columns[grouping] = [row.get("groups", {}).get(grouping, "") for row in rows]
    columns["missing"] = [row.get("cause", "") for row in rows]
    for bound in ("from_month", "to_month"):
        columns[bound] = [_month(row.get(bound)) for row in rows]
    columns["source"] = [chosen["source"]] * len(rows)
    return output.frame(columns, output.choose(None))


def _month(number: int | None) -> str:
    # As text, so that "no bound" is the same in every kind of frame.
    return "" if number is None else str(number)
