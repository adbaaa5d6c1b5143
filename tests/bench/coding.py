"""Times the coding of an extract by a codebook beside the same coding by hand in pandas and in polars.

Run by ``make bench``. Ten million rows, eight variables; text columns first, then categoricals. Every program and every
repetition has a process of its own, the programs taking turns; each warms up on a thousandth of the rows. Time is the
median of whole calls, memory the worst peak above the loaded frame (a lower bound: what a program freed while loading, and
uses again, does not count). All must code every row alike.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from coding_programs import PROGRAMS, VARIABLES, codes_of, columns
from memory import Peak

START = {"text": False, "categories": True}


def measure(program: str, start: str, rows: int) -> dict[str, Any]:
    """Code once, in this process."""
    load, code = PROGRAMS[program]
    code(load(columns(rows // 1000, seed=2), START[start]))
    frame = load(columns(rows), START[start])
    gc.collect()
    peak = Peak()
    before = time.perf_counter()
    coded = code(frame)
    seconds = time.perf_counter() - before
    memory = peak.kb()
    sums = {name: zlib.crc32(codes_of(coded[name]).tobytes()) for name in VARIABLES}
    return {"seconds": seconds, "memory_kb": memory, "sums": sums}


def ask(program: str, start: str, rows: int) -> dict[str, Any]:
    """Code once, in a process of its own."""
    command = [sys.executable, __file__, "--rows", str(rows), "--one", program, "--start", start]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )
    if run.returncode:
        raise SystemExit(f"{program}, from {start}: {run.stderr}")
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    print(f"#   {program}, from {start}: {answer['seconds']:.3f} s", file=sys.stderr)
    return answer


def table(start: str, rows: int, repeats: int) -> str:
    """One markdown table."""
    answers: dict[str, list[dict[str, Any]]] = {program: [] for program in PROGRAMS}
    for _ in range(repeats):
        for program, given in answers.items():
            given.append(ask(program, start, rows))
    first = answers[next(iter(PROGRAMS))][0]["sums"]
    for program, given in answers.items():
        for name in VARIABLES:
            if any(answer["sums"][name] != first[name] for answer in given):
                raise SystemExit(f"{program} codes {name} differently from {start}")
    cells, output_kb = rows * len(VARIABLES), rows * len(VARIABLES) / 1024
    lines = [
        f"### Coding {rows:,} rows x {len(VARIABLES)} variables, from columns of {start}",
        "",
        "| program | seconds, median (min to max) | million cells a second | peak memory / coded output |",
        "|---|---:|---:|---:|",
    ]
    for program, given in answers.items():
        seconds = [answer["seconds"] for answer in given]
        middle = statistics.median(seconds)
        peaks = [answer["memory_kb"] for answer in given if answer["memory_kb"] is not None]
        memory = f"{max(peaks) / output_kb:.2f}" if peaks else ""
        lines.append(
            f"| {program} | {middle:.3g} ({min(seconds):.3g} to {max(seconds):.3g}) "
            f"| {cells / middle / 1e6:.0f} | {memory} |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Parse the command line, measure, print markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--start", choices=START, help="with --one: what the columns hold")
    parser.add_argument("--one", choices=PROGRAMS, help="code once in this process, print JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.start or "text", arguments.rows)))
        return
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("melogit", "pandas", "polars", "pyarrow")
    )
    print(f"Coding. {packages}. Median of {arguments.repeats}, in turn, a process each.\n")
    for start in START:
        print(table(start, arguments.rows, arguments.repeats), flush=True)


if __name__ == "__main__":
    main()
