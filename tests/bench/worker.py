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

from memory import Peak
from peers import PACKAGES, PEERS


def read_frame(path: Path, numeric: list[str]) -> pd.DataFrame:
    """Read the rows as text, whatever they look like: pandas would turn the word ``None`` into a missing value."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in numeric:
        frame[name] = pd.to_numeric(frame[name])
    return frame


def timed_fit(peer: str, frame: pd.DataFrame, spec: dict[str, Any], calls: int) -> dict[str, Any]:
    """Fit ``calls`` times; mean seconds of a whole call, and KiB above what was resident before."""
    peak = Peak()
    start = time.perf_counter()
    for _ in range(calls):
        outcome = PEERS[peer](frame, spec)
    seconds = (time.perf_counter() - start) / calls
    memory = peak.kb()
    count = outcome.pop("evaluations", None)
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
            Path(spec["rows"]),
            [name for name in (spec["response"], spec["trials"], *spec["numbers"]) if name],
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
