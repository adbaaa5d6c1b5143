"""What a variable of a codebook declares, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import format as show

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN_CODES = 20
_MONTHS_IGNORED = "the codebook names no column of months, so every code of the list counts"


def facts(declared: dict[str, Any], merged: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Say what a variable declares, as name and content.

    Parameters
    ----------
    declared : dict
        One of `_core.Codebook.variables`.
    merged : sequence of str
        The levels found to be rare.

    Returns
    -------
    list of (str, str)
        In the order of a printed page; what is not declared is left out.
    """
    found = [
        ("Columns", ", ".join(declared["columns"])),
        ("Rule", _rule(declared)),
        ("Months", _MONTHS_IGNORED if declared["months_ignored"] else ""),
        ("Missing", _outcomes(declared["missing"])),
        ("Reference", _reference(declared)),
        ("Contrast", _contrast(declared["contrast"])),
        ("Not covered", _uncovered(declared)),
        ("Rare levels", _rare(declared["rare"], merged)),
        ("Mending", "" if declared["clean"] else "none: codes are taken as they stand"),
    ]
    return [(name, content) for name, content in found if content]


def _rule(declared: dict[str, Any]) -> str:
    outcomes = declared["rule"]
    if declared["kind"] == "number":
        low, high = declared["min"], declared["max"]
        bounds = [f"from {low:g}"] * (low is not None) + [f"to {high:g}"] * (high is not None)
        return " ".join(["the number itself", *bounds])
    if declared["kind"] == "precedence":
        steps = [f"({at}) {_step(step)}" for at, step in enumerate(outcomes, start=1)]
        return "the first of these that holds: " + "; ".join(steps)
    looked_up = (
        f"looked up in the table {declared['lookup']!r}, then " if declared["lookup"] else ""
    )
    if declared["kind"] == "list":
        group = f", grouped by {declared['group']}" if declared["group"] else ""
        begins = ", by the beginning of the text" if declared["prefix"] else ""
        return f"{looked_up}code list {declared['list']}{group}{begins}: {_outcomes(outcomes)}"
    return looked_up + _outcomes(outcomes)


def _outcomes(outcomes: Sequence[dict[str, Any]]) -> str:
    # A band may be its own label.
    return "; ".join(
        each["outcome"]
        if each["when"] == [each["outcome"]]
        else f"{each['outcome']} = {_codes(each['when'])}"
        for each in outcomes
    )


def _codes(codes: Sequence[str]) -> str:
    more = len(codes) - _SHOWN_CODES
    shown = ", ".join(codes[:_SHOWN_CODES])
    return f"{shown} and {show.plural(more, 'more code')}" if more > 0 else shown


def _step(step: dict[str, Any]) -> str:
    outcome = f"missing, {step['outcome']}," if step["missing"] else step["outcome"]
    return f"{outcome} if {' and '.join(step['when'])}" if step["when"] else f"{outcome} otherwise"


def _reference(declared: dict[str, Any]) -> str:
    if not declared["levels"]:
        return ""
    return declared["reference"] or f"{declared['levels'][0]} (the first level)"


def _contrast(contrast: Any) -> str:
    if isinstance(contrast, dict):
        if isinstance(contrast.get("polynomial"), list):
            scores = ", ".join(f"{score:g}" for score in contrast["polynomial"])
            return f"polynomial over {scores}"
        return "; ".join(
            label if label == text else f"{label}: {text}" for label, text in contrast.items()
        )
    return contrast or ""


def _uncovered(declared: dict[str, Any]) -> str:
    level = declared["uncovered_level"]
    answers = {"refuse": "refused", "missing": "missing", "level": f"become {level!r}"}
    return answers[declared["uncovered"]]


def _rare(rare: dict[str, Any] | None, merged: Sequence[str]) -> str:
    if rare is None:
        return ""
    limits = []
    if rare["below"] is not None:
        limits.append(f"fewer than {show.plural(rare['below'], 'row')}")
    if rare["share"] is not None:
        limits.append(f"less than {100 * rare['share']:g}% of the rows with a level")
    settled = "; settled before" if rare["merged"] is not None else ""
    names = ", ".join(merged) or "none"
    return f"{' or '.join(limits)}: merged into {rare['into']} (merged: {names}{settled})"
