"""How far a long fit has come: a typed snapshot, told to the caller, a terminal or a notebook."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from melogit import format as show
from melogit.errors import OptionError
from melogit.optional import optional

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Told = Callable[[Any], object]
    Raw = Callable[..., object]


@dataclass(frozen=True)
class Progress:
    """What a running fit has done so far.

    A fit tells it after its first second and then at most four times a second; a quick fit never
    does. Watching changes no number.

    Attributes
    ----------
    seconds : float
        Since the call of the core; reading the frame is not in it.
    evaluations : int
        Parameters at which the deviance is known.
    passes : int
        Passes over the records.
    deviance : float or None
        At the last evaluation; -2 times the log-likelihood, up to a constant of counts.
    remaining : float or None
        The drop in deviance that the last step promised: the fit ends near its tolerance, 1e-8.

    Examples
    --------
    >>> import melogit as ml
    >>> print(ml.Progress(3.2, 5, 14, 86322.5433, 0.0012))
    3.2 s, 5 evaluations, 14 passes over the records, deviance 86,322.54, 1e-03 still to go
    """

    seconds: float
    evaluations: int
    passes: int
    deviance: float | None
    remaining: float | None

    def __str__(self) -> str:
        parts = [f"{self.seconds:.1f} s"]
        if self.evaluations:
            parts.append(f"{self.evaluations} evaluation{'s' * (self.evaluations > 1)}")
        if self.passes:
            parts.append(
                f"{show.count(self.passes)} pass{'es' * (self.passes > 1)} over the records"
            )
        if self.deviance is not None:
            parts.append(f"deviance {self.deviance:,.2f}")
        if self.remaining is not None:
            parts.append(f"{self.remaining:.0e} still to go")
        return ", ".join(parts)


@contextmanager
def telling(
    progress: bool | Told | None,
    kind: Callable[..., object] = Progress,
    name: str = "Progress",
) -> Iterator[Raw | None]:
    """Give what the core is to call, and clear away what was shown when the fit is over.

    `kind` makes a snapshot, a melogit.`name`, from the numbers that the core calls with.
    """
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise OptionError(
            f"progress= is True, False, or a function that takes a melogit.{name}, not a "
            f"{type(progress).__name__}.",
            slug="progress-type",
        )
    if callable(progress):
        told: Told = progress
        yield lambda *numbers: told(kind(*numbers))
        return
    place = None if progress is False else _place(asked=progress is True)
    if place is None:
        yield None
        return
    try:
        yield lambda *numbers: place.show(kind(*numbers))
    finally:
        place.clear()


def _place(*, asked: bool) -> _Terminal | _Notebook | None:
    """Find where a reader is looking: a notebook, a terminal, or (unless it was asked for) nowhere."""
    if _in_notebook():
        return _Notebook()
    if asked or (sys.stderr is not None and sys.stderr.isatty()):
        return _Terminal()
    return None


def _in_notebook() -> bool:
    # A kernel has imported it; nothing is imported to find out.
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class _Terminal:
    """One line of the error stream, written over until the fit is over."""

    def __init__(self) -> None:
        self.width = 0

    def show(self, progress: object) -> None:
        line = f"melogit: {progress}"
        self._write(line)
        self.width = len(line)

    def clear(self) -> None:
        if self.width:
            self._write("")
            self.width = 0

    def _write(self, line: str) -> None:
        sys.stderr.write("\r" + line.ljust(self.width) + ("" if line else "\r"))
        sys.stderr.flush()


class _Notebook:
    """One output of the cell, updated until the fit is over."""

    def __init__(self) -> None:
        self.ipython = optional("IPython.display", "Progress in a notebook")
        self.handle: Any = None

    def show(self, progress: object) -> None:
        shown = self.ipython.Pretty(f"melogit: {progress}")
        if self.handle is None:
            self.handle = self.ipython.display(shown, display_id=True)
        else:
            self.handle.update(shown)

    def clear(self) -> None:
        if self.handle is not None:
            self.handle.update(self.ipython.Pretty(""))
