"""Every exception melogit raises on purpose.

::

    MelogitError (Exception)
    ├── FormulaError (ValueError)            the formula text is not a model
    ├── ColumnNotFoundError (KeyError)       the formula or codebook names a column the data lack
    ├── DataError (ValueError)               the data cannot be used as asked
    │   ├── OutcomeError                     the outcome is not a yes/no outcome
    │   ├── CountError                       events and trials do not make sense
    │   ├── GroupingError                    a column cannot carry a random effect
    │   ├── LevelError                       a level is unknown, or there is only one
    │   ├── SizeError                        the model is too large for what it asks
    │   └── AliasedError                     columns are redundant and `aliased="error"`
    ├── CodebookError (ValueError)           a codebook declares what cannot be
    ├── LexiconError (ValueError)            a lexicon declares what cannot be
    ├── OptionError (ValueError)             an argument has no meaning
    ├── FitError (RuntimeError)              the numbers broke down
    ├── LoadError (ValueError)               a saved model cannot be read
    └── InternalError (RuntimeError)         a defect of melogit itself

Bad input raises. A fit that ran but should not be trusted does not: it returns, with
``fit.converged`` and ``fit.diagnostics`` saying so.
"""

from __future__ import annotations

__all__ = [
    "AliasedError",
    "CodebookError",
    "ColumnNotFoundError",
    "CountError",
    "DataError",
    "FitError",
    "FormulaError",
    "GroupingError",
    "InternalError",
    "LevelError",
    "LexiconError",
    "LoadError",
    "MelogitError",
    "OptionError",
    "OutcomeError",
    "SizeError",
]


class MelogitError(Exception):
    """Anything melogit refuses, with a sentence for people and a slug for programs.

    Parameters
    ----------
    message : str
        What is wrong, where, the likely cause, and what to do.
    slug : str, default "unspecified"
        Stable name of the cause, for tests and scripts to compare.

    Examples
    --------
    >>> error = ColumnNotFoundError("There is no column 'aeg'.", slug="column-not-found")
    >>> str(error), error.slug, isinstance(error, KeyError)
    ("There is no column 'aeg'.", 'column-not-found', True)
    """

    def __init__(self, message: str, slug: str = "unspecified") -> None:
        # Both go into `args`, so that pickling (a worker process) keeps the slug.
        super().__init__(message, slug)
        self.message = message
        self.slug = slug

    def __str__(self) -> str:
        """Return the message; `KeyError` alone would show its quoted form."""
        return self.message


class FormulaError(MelogitError, ValueError):
    """The formula text is not a model; the message points at the place with a caret."""


class ColumnNotFoundError(MelogitError, KeyError):
    """The formula, a codebook, or an option names a column that the data do not have."""


class DataError(MelogitError, ValueError):
    """The data cannot be used as asked."""


class OutcomeError(DataError):
    """The outcome does not take two values, or only one of them is present."""


class CountError(DataError):
    """Counts of events and trials are negative, fractional, or more than the trials."""


class GroupingError(DataError):
    """A column cannot carry a random effect."""


class LevelError(DataError):
    """A factor has one level only, or a level the model never saw."""


class SizeError(DataError):
    """The model needs more memory or time than can be meant."""


class AliasedError(DataError):
    """Columns of the model are redundant and the caller asked to be refused."""


class CodebookError(MelogitError, ValueError):
    """A codebook is not one, or contradicts itself; the message has line, caret, and cure."""


class LexiconError(MelogitError, ValueError):
    """A lexicon is not one, or contradicts itself; the message has line, caret, and cure."""


class OptionError(MelogitError, ValueError):
    """An argument has no meaning, or contradicts another."""


class FitError(MelogitError, RuntimeError):
    """The numbers broke down before there was anything to return."""


class LoadError(MelogitError, ValueError):
    """A saved model is missing, damaged, or of a version this release cannot read."""


class InternalError(MelogitError, RuntimeError):
    """A defect of melogit itself: please report it, with the message."""
