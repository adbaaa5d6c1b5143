"""A process that holds one frame and one program, and fits on demand: ``python worker.py PEER SPEC.json``.

It speaks JSON lines: a hello with versions, then one answer per ``fit N`` line (N calls) on its
standard input. The parent asks the
workers in turn, so that a slow minute of the machine falls on every program alike. Memory is this process's own.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from peers import PACKAGES, PEERS


def _status_kb(field: str) -> int | None:
    """A field of the kernel's account of this process in KiB, where there is one (Linux)."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return None


def _reset_peak() -> bool:
    """Set the kernel's high-water mark back to what is resident now."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _lifetime_peak_kb() -> int | None:
    """Peak resident size since the process began, where the platform tells (not on Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak // 1024 if sys.platform == "darwin" else peak


def read_frame(path: Path, numeric: list[str]) -> pd.DataFrame:
    """Read the rows as text, whatever they look like: pandas would turn the word ``None`` into a missing value."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in numeric:
        frame[name] = frame[name].astype(int)
    return frame


def timed_fit(peer: str, frame: pd.DataFrame, spec: dict[str, Any], calls: int) -> dict[str, Any]:
    """Fit ``calls`` times; mean seconds of a whole call, and KiB above what was resident before."""
    can_reset = _reset_peak()
    before = _status_kb("VmRSS") if can_reset else _lifetime_peak_kb()
    start = time.perf_counter()
    for _ in range(calls):
        outcome = PEERS[peer](frame, spec)
    seconds = (time.perf_counter() - start) / calls
    after = _status_kb("VmHWM") if can_reset else _lifetime_peak_kb()
    count = outcome.pop("evaluations", None)
    memory = None if before is None or after is None else max(0, after - before)
    return {
        **outcome,
        "evaluations": count() if count else None,
        "seconds": seconds,
        "memory_kb": memory,
    }


def main() -> None:
    """Answer ``fit`` lines until the parent closes the pipe."""
    # Some programs print progress: keep the real standard output for the protocol and send theirs to the error stream.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    peer = sys.argv[1]
    spec = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    try:
        package = PACKAGES[peer]
        # Loaded before the clock and the memory mark: the time of an import is not the time of a fit.
        importlib.import_module(package)
        frame = read_frame(
            Path(spec["rows"]), [name for name in (spec["response"], spec["trials"]) if name]
        )
        say({"ready": True, "version": f"{package} {version(package)}"})
    except Exception as error:
        say({"ready": False, "error": f"{type(error).__name__}: {error}"})
        return
    for line in sys.stdin:
        word, _, calls = line.strip().partition(" ")
        if word != "fit":
            break
        try:
            say(timed_fit(peer, frame, spec, int(calls or 1)))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
