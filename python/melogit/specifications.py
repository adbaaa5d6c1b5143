"""One odds ratio under several ways to do the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import checks as check
from melogit import output
from melogit.errors import MelogitError, OptionError
from melogit.frame import open_frame
from melogit.model import fit
from melogit.runs import Run, counting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from melogit.results import Fit
    from melogit.runs import RunProgress

_COLUMNS = (
    "specification", "term", "level", "level_n", "level_events", "n", "events", "odds_ratio",
    "lower", "upper", "p", "group", "sd", "llf", "converged", "notes",
)  # fmt: skip


def specification_table(
    specifications: Mapping[str, Any],
    data: Any = None,
    *,
    exposure: str,
    level: float = 0.95,
    progress: bool | Callable[[RunProgress], object] | None = None,
    **options: Any,
) -> Any:
    """Refit a model under named alternatives, and list the exposure's odds ratios.

    Parameters
    ----------
    specifications : mapping of str to str or mapping
        Name -> a formula, or a mapping with ``formula`` and whatever else differs: ``data``,
        ``exposure``, and the options of `melogit.fit` such as ``event``.
    data : data frame, dict of arrays, or Coded, optional
        What specifications without data of their own use.
    exposure : str
        The term whose odds ratios are wanted, such as ``"social_work"``.
    level : float, default 0.95
        Confidence level, between 0 and 1.
    progress : bool or callable, optional
        As in `melogit.fit`; a function is called with a `RunProgress`, which counts fits. One that
        melogit refuses counts as failed.
    **options
        Options of `melogit.fit` that all share.

    Returns
    -------
    frame
        A row per specification and level of the exposure but its reference: specification, term,
        level, level_n, level_events, n (rows of the analysis), events, odds_ratio, lower, upper,
        p, group (the grouping factors), sd (of the first one's intercept), llf, converged, and
        notes: the warnings of the fit. An analysis that melogit refuses keeps its row, without
        numbers, and the reason in notes.

    Raises
    ------
    OptionError
        If the specifications are not named formulas or lack data (``specification-type``).

    Notes
    -----
    Log-likelihoods compare only between rows that analyse the same records.

    Examples
    --------
    >>> import melogit as ml
    >>> clinics = {
    ...     "rejected": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1] * 10,
    ...     "urgent": ["no", "yes", "yes", "no"] * 30,
    ...     "location": [f"L{i % 6}" for i in range(120)],
    ... }
    >>> table = ml.specification_table(
    ...     {
    ...         "main": "rejected ~ urgent + (1 | location)",
    ...         "no clustering": "rejected ~ urgent",
    ...     },
    ...     clinics,
    ...     exposure="urgent",
    ... )
    >>> list(table["specification"])
    ['main', 'no clustering']
    """
    level = check.level(level)
    if not hasattr(specifications, "items") or not specifications:
        raise OptionError(
            "specifications is a dict of name to formula, or of name to a dict with 'formula'.",
            slug="specification-type",
        )
    with counting(progress, "fits") as told:
        run = Run(told, len(specifications))
        rows, source = _fitted(specifications, data, exposure, level, options, run)
    nan = float("nan")
    empty = {"specification": "", "term": "", "level": "", "group": "", "notes": "",
             "converged": False}  # fmt: skip
    columns = {key: [row.get(key, empty.get(key, nan)) for row in rows] for key in _COLUMNS}
    return output.frame(columns, output.choose(source or _backend(data)))


def _fitted(
    specifications: Mapping[str, Any],
    data: Any,
    exposure: str,
    level: float,
    options: dict[str, Any],
    run: Run,
) -> tuple[list[dict[str, Any]], str | None]:
    """Fit one after the other; rows of the table, and the kind of frame of the first."""
    rows: list[dict[str, Any]] = []
    source: str | None = None
    for name, given in specifications.items():
        asked = {"formula": given} if isinstance(given, str) else dict(given)
        formula, own = asked.pop("formula", None), asked.pop("data", data)
        term = asked.pop("exposure", exposure)
        if not isinstance(formula, str) or own is None:
            raise OptionError(
                f"Specification {name!r} needs a formula and data of its own or in data=.",
                slug="specification-type",
            )
        try:
            one = fit(formula, own, **{"progress": run.each, **options, **asked})
        except MelogitError as error:
            rows.append({"specification": name, "term": term, "notes": str(error).splitlines()[0]})
            run.over(failed=True)
            continue
        source = source or one._source
        rows.extend(_rows(str(name), one, term, level))
        run.over(failed=not one.converged)
    return rows, source


def _rows(name: str, one: Fit, term: str, level: float) -> list[dict[str, Any]]:
    core = one._core
    table = core.odds_ratio_table(level)
    own = [k for k, t in enumerate(table["term"]) if t == term and not table["reference"][k]]
    spread = core.variance_table(level)
    intercept = [
        sd for sd, effect, other in zip(spread["sd"], spread["term"], spread["with_term"], strict=True)
        if other is None and effect == "(Intercept)"
    ]  # fmt: skip
    warned = [f["message"] for f in one.diagnostics if f["severity"] == "warning"]
    shared = {
        "specification": name, "term": term, "n": core.nobs, "events": core.n_events,
        "group": ", ".join(core.groups()["group"]),
        "sd": intercept[0] if intercept else float("nan"), "llf": core.loglik,
        "converged": core.converged,
    }  # fmt: skip
    if not own:
        terms = ", ".join(dict.fromkeys(table["term"]))
        raise OptionError(
            f"Specification {name!r} has no term {term!r}; it has {terms}. Say exposure= in its "
            "own dict where the term has another name.",
            slug="specification-exposure",
        )
    return [
        {
            **shared, "level": table["level"][k], "level_n": table["n"][k],
            "level_events": table["events"][k], "odds_ratio": table["odds_ratio"][k],
            "lower": table["lower"][k], "upper": table["upper"][k], "p": table["p"][k],
            "notes": "; ".join([*([table["note"][k]] if table["note"][k] else []), *warned]),
        }
        for k in own
    ]  # fmt: skip


def _backend(data: Any) -> str | None:
    return None if data is None else open_frame(data).backend
