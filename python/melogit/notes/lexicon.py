"""Free-text notes to covariates: a lexicon of themes, what it finds, and the places to check by eye."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from melogit import _core, output
from melogit import format as show
from melogit.errors import DataError, OptionError
from melogit.frame import open_frame
from melogit.notes import cells
from melogit.notes.noted import COLUMNS, Noted
from melogit.tables import Group, Table

if TYPE_CHECKING:
    from os import PathLike


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Lexicon:
    r"""Themes to look for in notes, the terms of each, and the cues that change what a mention says.

    Make one with `Lexicon.read`, `Lexicon.parse` or `Lexicon.starter`. The text is TOML::

        [themes.self_harm]
        label = "Self-harm"
        terms = ["self-harm*", "cutting", "OD"]   # "*": any ending of the word
        not = ["cutting grass"]                   # no mention, although a term is inside
        subject = "patient"                       # or "family", or "any"
        historical = "exclude"                    # or "count": mentions of the past count too

        [cues]                                    # optional, on top of those that are shipped
        window = 6                                # words that a cue reaches, within the sentence
        add = { negation = ["declines"] }
        drop = { family = ["twin"] }

    A list such as ``negation = [...]`` under ``[cues]`` replaces the one shipped. `to_toml` shows all.

    Terms are searched word by word: upper and lower case, hyphens, apostrophes and a possessive 's
    make no difference, but a term that is a single word of up to four capitals ("CPP") must be
    written so. Of terms that overlap, the first counts, and the longest of these.

    Notes
    -----
    A mention is *negated* (denied), *historical* (past) or a *family* member's if a cue reaches it:
    one before it in the same sentence, up to `window` words away, with no word of ``ends`` ("but")
    in between; or one of the lists named ``_after`` behind it. The rules are those of NegEx [1]_ and
    ConText [2]_. They do not know what is feared, planned, or in doubt ("?self-harm"), a sentence
    broken over two lines, a misspelt term, or who "she" is. So check what was found by eye
    (`Noted.to_html`, `Noted.sample`) and against a human coding (`Noted.agreement`).

    References
    ----------
    .. [1] Chapman WW, Bridewell W, Hanbury P, Cooper GF, Buchanan BG. A simple algorithm for
       identifying negated findings and diseases in discharge summaries. Journal of Biomedical
       Informatics 2001; 34: 301-310.
    .. [2] Harkema H, Dowling JN, Thornblade T, Chapman WW. ConText: an algorithm for determining
       negation, experiencer, and temporal status from clinical reports. Journal of Biomedical
       Informatics 2009; 42: 839-851.

    Examples
    --------
    >>> lexicon = Lexicon.parse('[themes.self_harm]\nterms = ["self-harm*", "overdose*"]')
    >>> notes = {"note": ["Self-harming weekly.", "Denies self-harm.", None, ""]}
    >>> noted = lexicon.apply(notes)
    >>> noted.totals()["notes"], noted.missing, noted.empty
    ([1], 1, 1)
    """

    _core: _core.Lexicon

    @classmethod
    def parse(cls, text: str, name: str = "lexicon") -> Lexicon:
        """Read the text of a lexicon.

        Parameters
        ----------
        text : str
            TOML.
        name : str, default "lexicon"
            What messages call it.

        Raises
        ------
        LexiconError
            If it is none; the message shows the lines and what to do.
        """
        return cls(_core.Lexicon.parse(text, name))

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Lexicon:
        """Read a lexicon from a file.

        Raises
        ------
        OSError
            If the file cannot be read.
        LexiconError
            If it holds no lexicon.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise DataError(
                f"{Path(path).name} is not a text in UTF-8; save it again as UTF-8.",
                slug="not-unicode",
            ) from None
        return cls.parse(text, Path(path).name)

    @classmethod
    def starter(cls) -> Lexicon:
        """Return the lexicon that comes with the package.

        It has themes for safeguarding, mental ill health of a parent, instability of home, and missed
        appointments. It is a starting point to be agreed with clinicians and with experts by
        experience, and has not been validated on any notes.

        Examples
        --------
        >>> Lexicon.starter().themes
        ['safeguarding', 'parental_mental_health', 'home_instability', 'missed_appointments']
        """
        return cls(_core.Lexicon.starter())

    @property
    def title(self) -> str | None:
        """What it is for."""
        return self._core.title

    @property
    def themes(self) -> list[str]:
        """The names of the themes, in the order written."""
        return list(self._core.themes()["name"])

    def to_toml(self) -> str:
        """Return the whole lexicon as text, cues included: the record to publish with results."""
        return self._core.to_toml()

    def write(self, path: str | PathLike[str]) -> None:
        """Write `to_toml` to a file, whole or not at all."""
        from melogit.html import replace_text

        replace_text(path, self.to_toml())

    def apply(self, data: Any, text: str = "note", id: str | None = None) -> Noted:  # noqa: A002
        """Look for the themes in notes.

        Parameters
        ----------
        data : data frame, or dict of lists, n rows
            One row per note.
        text : str, default "note"
            The column with the notes: text, or missing.
        id : str, optional
            A column that says what a note belongs to, such as a referral; it may repeat.

        Returns
        -------
        Noted
            0 or 1 per note and theme, counts, and mentions. Missing notes are missing in it, not 0;
            empty ones are 0; both are counted. It holds text of the notes, and nothing else does.

        Raises
        ------
        ColumnNotFoundError
            If a column is not in the data.
        DataError
            If notes are not text.
        OptionError
            If `id` is also the name of a theme, or of a column of `Noted.mentions`.
        """
        if id is not None and (id in self.themes or id in COLUMNS):
            raise OptionError(
                f"id={id!r} is also the name of a theme, or of another column of the result. Rename "
                "one of the two.",
                slug="id-name",
            )
        wanted = [text] if id is None else [text, id]
        data = cells.collect(data, wanted)
        opened = open_frame(data)
        notes = cells.read(data, opened, text)
        found = self._core.apply(notes)
        ids = list(range(len(notes))) if id is None else cells.read(data, opened, id)
        return Noted(
            lexicon=self,
            id=id or "note",
            has_id=id is not None,
            _notes=notes,
            _ids=ids,
            _found=found,
            _backend=output.choose(opened.backend),
            _index=opened.index,
        )

    def table(self) -> Table:
        """Lay the themes out: whom mentions are about, whether the past counts, and the terms."""
        rows = self._core.themes()
        groups = tuple(
            Group(
                label or name,
                (name, subject, "counts" if past else "does not", ", ".join(terms), ", ".join(nots)),
            )
            for name, label, subject, past, terms, nots in zip(
                rows["name"], rows["label"], rows["subject"], rows["count_historical"],
                rows["terms"], rows["not"], strict=True,
            )
        )  # fmt: skip
        heads = ("Column", "About", "The past", "Terms", "But not")
        return Table(self.title or "Lexicon", ("Theme", ""), heads, groups)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lexicon) and self.to_toml() == other.to_toml()

    def __hash__(self) -> int:
        return hash(self.to_toml())

    def __repr__(self) -> str:
        rows = self._core.themes()
        terms = show.plural(sum(map(len, rows["terms"])), "term")
        return f"<melogit.Lexicon {show.plural(len(rows['name']), 'theme')}, {terms}>"

    def _repr_html_(self) -> str:
        from melogit.html import plate

        return plate(self.table().html())
