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

`fit` estimates a model and returns a `Fit`; `Fit.save` and `load` keep one as JSON. Everything
melogit refuses is a `MelogitError`. `melogit.camhs` holds the study this package was written for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit._core import __version__, debug_build
from melogit.errors import (
    AliasedError,
    ColumnNotFoundError,
    CountError,
    DataError,
    FitError,
    FormulaError,
    GroupingError,
    InternalError,
    LevelError,
    LoadError,
    MelogitError,
    OptionError,
    OutcomeError,
    SizeError,
)
from melogit.model import fit, load
from melogit.results import Fit

if TYPE_CHECKING:
    from types import ModuleType

    camhs: ModuleType

__all__ = [
    "AliasedError",
    "ColumnNotFoundError",
    "CountError",
    "DataError",
    "Fit",
    "FitError",
    "FormulaError",
    "GroupingError",
    "InternalError",
    "LevelError",
    "LoadError",
    "MelogitError",
    "OptionError",
    "OutcomeError",
    "SizeError",
    "__version__",
    "camhs",
    "fit",
    "load",
]

if debug_build:
    import warnings

    warnings.warn(
        "melogit was built without optimisation and is many times slower than a release build; "
        "install a wheel, or build with `maturin develop --release`.",
        RuntimeWarning,
        stacklevel=2,
    )


def __getattr__(name: str) -> Any:
    """Import `melogit.camhs` at first use: most callers never need the study."""
    if name == "camhs":
        from importlib import import_module

        return import_module("melogit.camhs")
    raise AttributeError(f"module 'melogit' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
