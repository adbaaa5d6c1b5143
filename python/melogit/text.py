"""The account of a model as plain text, and the one-line `repr`."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from melogit import format as show
from melogit.account import Account, account

if TYPE_CHECKING:
    from melogit import _core

_WIDTH = 88


class Summary:
    """What `fit.summary()` returns: prints as text, shows as HTML in a notebook.

    Attributes
    ----------
    account : Account
        The content, ready to render.
    """

    def __init__(self, content: Account) -> None:
        self.account = content

    def __str__(self) -> str:
        """Return the plain text."""
        return render(self.account)

    def __repr__(self) -> str:
        """Return the plain text, so that a prompt shows it."""
        return render(self.account)

    def _repr_html_(self) -> str:
        from melogit.html import render as render_html

        return render_html(self.account)


def summary(core: _core.Fit, level: float) -> Summary:
    """Make the summary of a model."""
    return Summary(account(core, level))


def render(content: Account) -> str:
    """Lay the account out for a terminal."""
    facts = [("Model", content.formula), *content.facts, ("Converged", content.verdict + ".")]
    width = max(len(name) for name, _ in facts)
    lines = [content.title, ""]
    for name, fact in facts:
        lines += _hanging(f"{name.ljust(width)}  ", fact)
    for table in (content.odds, content.variation):
        if table is not None:
            lines += ["", table.text()]
    lines.append("")
    for note in content.notes:
        lines += _hanging(f"{note.kind}: ", note.text)
    return "\n".join(lines)


def one_line(core: _core.Fit) -> str:
    """Name a model in a line or two: formula, size, convergence."""
    state = "converged" if core.converged else "NOT CONVERGED"
    return (
        f"<melogit.Fit {core.formula}\n"
        f" {show.plural(core.nobs, 'record')}, {show.plural(core.n_events, 'event')}, "
        f"{state}, deviance {-2 * core.loglik:,.2f}>"
    )


def _hanging(start: str, text: str) -> list[str]:
    return wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
