"""The stub of the compiled core says what the core is: same names, same parameters, every public thing documented."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

import melogit
from melogit import _core

STUB = Path(melogit.__file__).with_name("_core.pyi")
TREE = ast.parse(STUB.read_text(encoding="utf-8"))
FUNCTIONS = {node.name: node for node in TREE.body if isinstance(node, ast.FunctionDef)}
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
CONSTANTS = {
    node.target.id
    for node in TREE.body
    if isinstance(node, ast.AnnAssign)
    and isinstance(node.target, ast.Name)
    and ast.unparse(node.annotation) != "TypeAlias"
}
METHODS = {
    (name, member.name): member
    for name, node in CLASSES.items()
    for member in node.body
    if isinstance(member, ast.FunctionDef)
}


def decorators(node: ast.FunctionDef) -> set[str]:
    return {ast.unparse(decorator) for decorator in node.decorator_list}


def parameters(node: ast.FunctionDef) -> list[str]:
    arguments = node.args
    return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def public(thing: Any) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_module_has_the_stubs_names() -> None:
    stubbed = set(FUNCTIONS) | set(CLASSES) | CONSTANTS
    assert {name for name in stubbed if not name.startswith("_")} == public(_core)
    assert all(hasattr(_core, name) for name in stubbed)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_the_stubs_members(name: str) -> None:
    assert {member for owner, member in METHODS if owner == name} == public(getattr(_core, name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_the_stubs_parameters(name: str) -> None:
    assert list(inspect.signature(getattr(_core, name)).parameters) == parameters(FUNCTIONS[name])


@pytest.mark.parametrize("key", METHODS, ids=".".join)
def test_members_are_of_the_stubs_kind(key: tuple[str, str]) -> None:
    owner, name = key
    node, member = METHODS[key], inspect.getattr_static(getattr(_core, owner), name)
    marks = decorators(node)
    if "property" in marks:
        assert inspect.isdatadescriptor(member)
        return
    assert isinstance(member, staticmethod) == ("staticmethod" in marks)
    assert list(inspect.signature(getattr(getattr(_core, owner), name)).parameters) == parameters(
        node
    )


def test_the_core_is_frozen() -> None:
    for name in CLASSES:
        with pytest.raises(TypeError):
            getattr(_core, name)()  # made by fitting or loading only


def test_public_names_are_there_and_documented() -> None:
    assert sorted(melogit.__all__) == sorted(set(melogit.__all__))
    assert set(melogit.__all__) <= set(dir(melogit))
    for name in melogit.__all__:
        thing = getattr(melogit, name)
        if name != "__version__":
            assert inspect.getdoc(thing), f"{name} has no docstring"


def test_every_error_is_also_a_builtin_one() -> None:
    errors = [getattr(melogit, name) for name in melogit.__all__ if name.endswith("Error")]
    assert len(errors) == 16
    for error in errors:
        assert issubclass(error, melogit.MelogitError)
        if error is not melogit.MelogitError:
            assert issubclass(error, (ValueError, KeyError, RuntimeError))


def test_the_version_is_cargos() -> None:
    from importlib.metadata import version

    assert melogit.__version__ == version("melogit")
