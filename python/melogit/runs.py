"""How far a run of many fits has come: a typed snapshot, told as that of one fit is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from melogit import format as show
from melogit.progress import Progress, telling

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from melogit.progress import Raw, Told

# As the core does it: nothing in the first second, then four times a second at most.
_SILENT = 1.0
_PAUSE = 0.25


@dataclass(frozen=True)
class RunProgress:
    """What a run of many refits has done so far.

    As with `Progress`: told after the first second, then at most four times a second. A run that
    was told about is told about once more at its end.

    Attributes
    ----------
    seconds : float
        Since the run began.
    total : int
        Pieces of work there are; 0 while that is not known.
    done : int
        Those that are over, failures included.
    failed : int
        Those that are over and gave no numbers.
    what : str
        What is counted, such as ``"refits"``.
    within : Progress or None
        How far the present piece has come, where one alone takes long.

    Examples
    --------
    >>> import melogit as ml
    >>> print(ml.RunProgress(4.4, 1000, 312, 4, "refits"))
    312 of 1,000 refits, 4 failed, about 10 s left
    """

    seconds: float
    total: int
    done: int
    failed: int
    what: str
    within: Progress | None = None

    @property
    def seconds_left(self) -> float | None:
        """What the rest takes if it is like what is over; None before anything is."""
        return self.seconds * (self.total - self.done) / self.done if self.done else None

    def __str__(self) -> str:
        parts = [f"{show.count(self.done)} of {show.count(self.total)} {self.what}"]
        if self.failed:
            parts.append(f"{show.count(self.failed)} failed")
        left = self.seconds_left
        if left is not None and self.done < self.total:
            parts.append(f"about {_rounded(left)} left")
        told = ", ".join(parts) if self.total else f"{self.what}: {self.seconds:.1f} s"
        return told if self.within is None else f"{told} (this one: {self.within})"


def _rounded(seconds: float) -> str:
    """Say a guess of a time as closely as a guess can be."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{max(1, round(seconds))} s"


def counting(progress: bool | Told | None, what: str) -> AbstractContextManager[Raw | None]:
    """`telling` of a run: the core calls with seconds, total, done, failed."""
    return telling(progress, partial(_counted, what), "RunProgress")


def _counted(
    what: str, seconds: float, total: int, done: int, failed: int, within: Progress | None = None
) -> RunProgress:
    return RunProgress(seconds, total, done, failed, what, within)


class Run:
    """A run of fits made one after the other in Python, told about as one that the core makes."""

    def __init__(self, tell: Raw | None, total: int) -> None:
        self.tell = tell
        self.total = total
        self.done = self.failed = 0
        self.start = time.monotonic()
        self.next = _SILENT

    @property
    def each(self) -> bool | Told:
        """What each fit is to take as ``progress=``."""
        return False if self.tell is None else self._within

    def over(self, *, failed: bool = False) -> None:
        """Count one more."""
        self.done += 1
        self.failed += failed
        told = self.next > _SILENT
        if self._elapsed() >= self.next or (told and self.done == self.total):
            self._say(None)

    def _within(self, progress: Progress) -> None:
        if self._elapsed() >= self.next:
            self._say(progress)

    def _say(self, within: Progress | None) -> None:
        if self.tell is not None:
            self.next = self._elapsed() + _PAUSE
            self.tell(self._elapsed(), self.total, self.done, self.failed, within)

    def _elapsed(self) -> float:
        return time.monotonic() - self.start
