"""The exception tree: every class, its parents, its text, its slug."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import melogit as ml
from melogit import errors

TREE = {
    "FormulaError": ValueError,
    "ColumnNotFoundError": KeyError,
    "DataError": ValueError,
    "OutcomeError": errors.DataError,
    "CountError": errors.DataError,
    "GroupingError": errors.DataError,
    "LevelError": errors.DataError,
    "SizeError": errors.DataError,
    "AliasedError": errors.DataError,
    "CodebookError": ValueError,
    "LexiconError": ValueError,
    "OptionError": ValueError,
    "FitError": RuntimeError,
    "LoadError": ValueError,
    "InternalError": RuntimeError,
}


def test_the_tree_is_complete() -> None:
    assert set(errors.__all__) == {"MelogitError", *TREE}
    for name in errors.__all__:
        assert name in (errors.__doc__ or ""), f"{name} is missing from the drawing"


@pytest.mark.parametrize(("name", "parent"), TREE.items())
def test_each_class_is_what_one_expects_to_catch(name: Any, parent: Any) -> None:
    cls = getattr(ml, name)
    error = cls("What is wrong.", slug="some-cause")
    assert isinstance(error, ml.MelogitError)
    assert isinstance(error, parent)
    assert (str(error), error.message, error.slug) == (
        "What is wrong.",
        "What is wrong.",
        "some-cause",
    )


@pytest.mark.parametrize("name", TREE)
def test_each_class_survives_a_worker_process(name: Any) -> None:
    error = getattr(ml, name)("What is wrong.", "some-cause")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is type(error)
        assert (twin.message, twin.slug) == (error.message, error.slug)


def test_a_key_error_does_not_show_its_repr() -> None:
    assert str(ml.ColumnNotFoundError("no column 'a'", "column-not-found")) == "no column 'a'"


def test_the_core_may_pass_the_slug_by_position() -> None:
    assert ml.FitError("broke", "not-finite").slug == "not-finite"
