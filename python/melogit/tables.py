"""One table, five renderings: text, HTML, Markdown, LaTeX, CSV. Every label is escaped in each.

A `Table` holds finished text: numbers are formatted before they come here. Its rows come in
groups, a factor and its levels; a group without rows is a single line.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from melogit.spreadsheet import harmless_label

_INDENT = "  "
_NOTE_WIDTH = 88
# Cells of more characters are words, which may wrap, not numbers.
_WORDS = 36
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "∞": r"$\infty$", "χ": r"$\chi$", "²": r"\textsuperscript{2}", "[": "{[}", "]": "{]}",
}  # fmt: skip
_MARKDOWN = "\\`*_[]<>|~#&"


@dataclass(frozen=True)
class Row:
    """A line under a group: a level and its cells."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A heading line, usually a factor, and the rows under it; without rows, a line by itself."""

    label: str
    cells: tuple[str, ...]
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of finished text.

    Attributes
    ----------
    caption : str
        What the table shows.
    stub : tuple of (str, str)
        Titles of the label columns: that of groups, and that of the rows within them.
    heads : tuple of str
        Titles of the cells.
    groups : tuple of Group
        The lines.
    notes : tuple of str
        Lines below the table.

    Examples
    --------
    >>> rows = (Row("GP", ("Reference",)), Row("School", ("1.20",)))
    >>> table = Table(
    ...     "Odds ratios", ("Variable", "Level"), ("OR",), (Group("source", ("",), rows),)
    ... )
    >>> print(table.text())
    Odds ratios
    ───────────────────
    Variable         OR
    ───────────────────
    source
      GP      Reference
      School       1.20
    ───────────────────
    """

    caption: str
    stub: tuple[str, str]
    heads: tuple[str, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Render for a terminal, in a fixed-width font."""
        lines = [(self.stub[0], self.heads)]
        for group in self.groups:
            lines.append((group.label, group.cells))
            lines += [(_INDENT + row.label, row.cells) for row in group.rows]
        clean = [[_one_line(label), *map(_one_line, cells)] for label, cells in lines]
        widths = [max(map(len, column)) for column in zip(*clean, strict=True)]
        drawn = ["  ".join(_padded(line, widths)).rstrip() for line in clean]
        rule = "─" * max(map(len, drawn))
        caption = [_one_line(self.caption)] if self.caption else []
        return "\n".join(
            [*caption, rule, drawn[0], rule, *drawn[1:], rule, *_wrapped(self.notes, len(rule))]
        )

    def html(self) -> str:
        """Render as a semantic HTML table, without style: see `melogit.html.STYLE`."""
        head = "".join(
            f'<th scope="col">{_html(name)}</th>' for name in (self.stub[0], *self.heads)
        )
        # Beside factors and their indented levels, a line by itself must read as a heading too.
        single = ' class="melogit-single"' if any(group.rows for group in self.groups) else ""
        body = "".join(_html_group(group, single) for group in self.groups)
        notes = "".join(f'<p class="melogit-note">{_html(note)}</p>' for note in self.notes)
        return (
            f'<table class="melogit-table"><caption>{_html(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead>{body}</table>{notes}"
        )

    def markdown(self) -> str:
        """Render as a GitHub-flavoured Markdown table, groups and levels in two columns."""
        heads, lines = self._flat()
        drawn = ["| " + " | ".join(map(_markdown, line)) + " |" for line in (heads, *lines)]
        labels = len(heads) - len(self.heads)
        drawn.insert(1, "|" + " :-- |" * labels + " --: |" * len(self.heads))
        caption = [f"**{_markdown(self.caption)}**", ""] if self.caption else []
        notes = [line for note in self.notes for line in ("", _markdown(note))]
        return "\n".join([*caption, *drawn, *notes])

    def latex(self) -> str:
        r"""Render as a LaTeX `table`; the preamble needs ``\usepackage{booktabs}``."""
        lines = []
        for group in self.groups:
            lines.append(_latex_line(_latex(group.label), group.cells))
            lines += [_latex_line(r"\quad " + _latex(row.label), row.cells) for row in group.rows]
        notes = [rf"\par\footnotesize {_latex(note)}" for note in self.notes]
        return "\n".join(
            [
                "% needs \\usepackage{booktabs}",
                r"\begin{table}",
                rf"\caption{{{_latex(self.caption)}}}",
                rf"\begin{{tabular}}{{l{'r' * len(self.heads)}}}",
                r"\toprule",
                _latex_line(_latex(self.stub[0]), self.heads),
                r"\midrule",
                *lines,
                r"\bottomrule",
                r"\end{tabular}",
                *notes,
                r"\end{table}",
            ]
        )

    def csv(self) -> str:
        """Render as comma-separated text with a header line, groups and levels in two columns.

        A label that a spreadsheet would run as a formula is given a leading apostrophe.
        """
        heads, lines = self._flat()
        labels = len(heads) - len(self.heads)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(heads)
        for line in lines:
            writer.writerow([*map(harmless_label, line[:labels]), *line[labels:]])
        return out.getvalue()

    def _flat(self) -> tuple[list[str], list[list[str]]]:
        """Spell the groups out: every line carries its group and its level."""
        if not any(group.rows for group in self.groups):
            heads = [self.stub[0], *self.heads]
            return heads, [[group.label, *group.cells] for group in self.groups]
        lines = []
        for group in self.groups:
            if not group.rows or any(group.cells):
                lines.append([group.label, "", *group.cells])
            lines += [[group.label, row.label, *row.cells] for row in group.rows]
        return [*self.stub, *self.heads], lines

    def __str__(self) -> str:
        """Return the text rendering."""
        return self.text()

    def __repr__(self) -> str:
        """Return the text rendering, so that a prompt shows the table."""
        return self.text()

    def _repr_html_(self) -> str:
        from melogit.html import plate

        return plate(self.html())

    def _repr_markdown_(self) -> str:
        return self.markdown()


def _one_line(text: str) -> str:
    """Keep a label on its line: control characters, which could move a cursor, become blanks."""
    return "".join(c if c.isprintable() or c == " " else " " for c in text)


def _wrapped(notes: tuple[str, ...], table: int) -> list[str]:
    width = max(table, _NOTE_WIDTH)
    return [line for note in notes for line in wrap(_one_line(note), width, break_long_words=False)]


def _padded(line: list[str], widths: list[int]) -> list[str]:
    return [
        line[0].ljust(widths[0]),
        *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
    ]


def _html(text: str) -> str:
    return escape(_one_line(text), quote=True)


def _html_group(group: Group, single: str) -> str:
    cells = "".join(map(_html_cell, group.cells))
    if not group.rows:
        return f'<tbody><tr{single}><th scope="row">{_html(group.label)}</th>{cells}</tr></tbody>'
    lines = [
        f'<tr class="melogit-group"><th scope="rowgroup">{_html(group.label)}</th>{cells}</tr>'
    ]
    for row in group.rows:
        cells = "".join(map(_html_cell, row.cells))
        lines.append(
            f'<tr class="melogit-level"><th scope="row">{_html(row.label)}</th>{cells}</tr>'
        )
    return f"<tbody>{''.join(lines)}</tbody>"


def _html_cell(text: str) -> str:
    words = ' class="melogit-words"' if len(text) > _WORDS else ""
    return f"<td{words}>{_html(text)}</td>"


def _markdown(text: str) -> str:
    return "".join("\\" + c if c in _MARKDOWN else c for c in _one_line(text))


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in _one_line(text))


def _latex_line(label: str, cells: tuple[str, ...]) -> str:
    return " & ".join([label, *map(_latex, cells)]) + r" \\"
