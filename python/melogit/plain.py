"""Declarations as plain values: dicts, lists, text, and numbers, as the file of a codebook holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from melogit.errors import CodebookError

# Keys of the file that are spelled otherwise here, because they are words of Python or of no use as names.
_KEYS = {"source": "from", "name": "list"}


class Declared:
    """Anything with a tree of plain values, as the file would hold it."""

    def tree(self) -> Any:
        """Return the plain values; what was left at its default is left out."""
        given = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}  # type: ignore[arg-type]
        return {
            _KEYS.get(key, key): plain(value)
            for key, (value, default) in given.items()
            if value is not None and value is not default
        }


def plain(value: Any) -> Any:
    """Turn a declaration into dicts, lists, text, numbers, and booleans.

    Raises
    ------
    CodebookError
        If something in it is none of these.
    """
    if isinstance(value, Declared):
        return value.tree()
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        return value.item()
    raise CodebookError(
        f"A codebook cannot hold {value!r}, a {type(value).__name__}; it holds text, numbers, "
        "lists, mappings, and the classes of melogit.codebook.",
        slug="codebook-value",
    )


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    raise CodebookError(
        f"Names, levels, and causes in a codebook are text, and {key!r} is a "
        f"{type(key).__name__}; write {str(key)!r}.",
        slug="codebook-value",
    )
