"""Packages melogit can use and does not require: imported when first needed, never before."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from melogit.errors import OptionError


def optional(name: str, purpose: str) -> Any:
    """Import a package that only some users have.

    Parameters
    ----------
    name : str
        Module to import, for example ``"matplotlib.pyplot"``.
    purpose : str
        What needs it, to complete the sentence "... needs matplotlib".

    Returns
    -------
    module
        Typed as `Any`, so that type checking does not depend on what is installed.

    Raises
    ------
    OptionError
        If the package is not installed (slug ``package-missing``).

    Examples
    --------
    >>> optional("json", "This example").dumps([1])
    '[1]'
    """
    package = name.partition(".")[0]
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise OptionError(
            f"{purpose} needs the package {package}, which is not installed. Install it, "
            f"for example with: python -m pip install {package}",
            slug="package-missing",
        ) from None


def installed(name: str) -> bool:
    """Say whether a package could be imported, without importing it.

    Examples
    --------
    >>> installed("json"), installed("no_such_package")
    (True, False)
    """
    return find_spec(name) is not None
