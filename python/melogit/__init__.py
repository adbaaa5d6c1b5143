"""Mixed-effects logistic regression: lme4's formulas, a Rust engine, any data frame.

>>> import melogit as ml
>>> clinics = {
...     "rejected": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1] * 10,
...     "urgent": ["no", "yes", "yes", "no"] * 30,
...     "location": [f"L{i % 6}" for i in range(120)],
... }
>>> fit = ml.fit("rejected ~ urgent + (1 | location)", clinics)
>>> fit.nobs
120

`fit` estimates a model and returns a `Fit`; `Fit.save` and `load` keep one as JSON. `contrast`
shows what the coefficients of a categorical column compare; `compare` tests nested fits. A `Codebook` turns the codes of an
extract into the variables of a model, and accounts for every row; a `Lexicon` does the same for
notes in free text. `fit_imputed` pools imputations, `specification_table` repeats an analysis under
named alternatives, `power` asks what a study would show. Everything melogit refuses is a `MelogitError`. `melogit.camhs` holds the study
this package was written for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import codebook
from melogit._core import __version__, debug_build
from melogit.bias import EValue, e_value
from melogit.codebook import Codebook
from melogit.comparing import compare
from melogit.contrasts import Contrast, contrast
from melogit.errors import (
    AliasedError,
    CodebookError,
    ColumnNotFoundError,
    CountError,
    DataError,
    FitError,
    FormulaError,
    GroupingError,
    InternalError,
    LevelError,
    LexiconError,
    LoadError,
    MelogitError,
    OptionError,
    OutcomeError,
    SizeError,
)
from melogit.explained import variance_change
from melogit.model import fit, load
from melogit.progress import Progress
from melogit.results import Fit
from melogit.runs import RunProgress
from melogit.shipped_lists import code_list, code_lists

if TYPE_CHECKING:
    from types import ModuleType

    from melogit.designs import power, simulate_design
    from melogit.imputed import fit_imputed
    from melogit.imputers import imputations
    from melogit.missing_table import missing_data_table
    from melogit.notes import Lexicon, cohen_kappa, fleiss_kappa
    from melogit.specifications import specification_table

    camhs: ModuleType

__all__ = [
    "AliasedError",
    "Codebook",
    "CodebookError",
    "ColumnNotFoundError",
    "Contrast",
    "CountError",
    "DataError",
    "EValue",
    "Fit",
    "FitError",
    "FormulaError",
    "GroupingError",
    "InternalError",
    "LevelError",
    "Lexicon",
    "LexiconError",
    "LoadError",
    "MelogitError",
    "OptionError",
    "OutcomeError",
    "Progress",
    "RunProgress",
    "SizeError",
    "__version__",
    "camhs",
    "code_list",
    "code_lists",
    "codebook",
    "cohen_kappa",
    "compare",
    "contrast",
    "e_value",
    "fit",
    "fit_imputed",
    "fleiss_kappa",
    "imputations",
    "load",
    "missing_data_table",
    "power",
    "simulate_design",
    "specification_table",
    "variance_change",
]

if debug_build:
    import warnings

    warnings.warn(
        "melogit was built without optimisation and is many times slower than a release build; "
        "install a wheel, or build with `maturin develop --release`.",
        RuntimeWarning,
        stacklevel=2,
    )


# Imported at first use: most callers never need them, and they bring numpy.
_LATE = {
    "Lexicon": "melogit.notes",
    "camhs": "melogit.camhs",
    "cohen_kappa": "melogit.notes",
    "fit_imputed": "melogit.imputed",
    "fleiss_kappa": "melogit.notes",
    "imputations": "melogit.imputers",
    "missing_data_table": "melogit.missing_table",
    "power": "melogit.designs",
    "simulate_design": "melogit.designs",
    "specification_table": "melogit.specifications",
}


def __getattr__(name: str) -> Any:
    """Import what is needed seldom at its first use."""
    if name not in _LATE:
        raise AttributeError(f"module 'melogit' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_LATE[name])
    return module if module.__name__ == f"melogit.{name}" else getattr(module, name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
