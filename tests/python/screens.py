"""A terminal and a notebook for tests of progress."""

from __future__ import annotations

import io
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Screen(io.StringIO):
    """An error stream that says whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def watch_screen(monkeypatch: pytest.MonkeyPatch, *, terminal: bool = True) -> Screen:
    """Put a screen in the place of the error stream, outside of any notebook.

    Not a fixture: pytest puts its own stream there after fixtures have been set up.
    """
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    return screen


def watch_notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pretend to be in a kernel; what its one output shows, in order."""
    shown: list[str] = []

    class Handle:
        def update(self, what: Any) -> None:
            shown.append(what.data)

    def display(what: Any, *, display_id: bool) -> Handle:
        assert display_id
        shown.append(what.data)
        return Handle()

    shell = ModuleType("IPython")
    shell.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    output = ModuleType("IPython.display")
    output.display = display  # type: ignore[attr-defined]
    output.Pretty = lambda data: SimpleNamespace(data=data)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", output)
    return shown
