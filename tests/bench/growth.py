"""How the cost of a fit grows: seconds and peak memory for 10⁴ to 10⁷ rows and for 10 to 300 coefficients, as markdown.

Run by ``make bench-growth``. Each case has a process to itself, which makes the frame (with categories, not text), fits
once to warm up when that is quick, and then so often that the smallest of the times is worth reading.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohorts import COVARIATES, localities, wide
from memory import Peak

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).resolve().parent
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
COEFFICIENTS = (10, 30, 100, 300)
WIDE_ROWS = 200_000
# Fits are repeated while they have taken less than this together.
PATIENCE_SECONDS = 10.0


def case(kind: str, size: int) -> tuple[str, pd.DataFrame]:
    """Formula and frame of one case."""
    if kind == "rows":
        return f"rejected ~ {' + '.join(COVARIATES)} + (1 | locality)", localities(
            size, size // 1000
        )
    if kind == "crossed rows":
        effects = "(1 | locality) + (1 | provider)"
        return f"rejected ~ {' + '.join(COVARIATES)} + {effects}", localities(size, size // 1000)
    frame = wide(WIDE_ROWS, size)
    factors = [name for name in frame if name not in ("place", "y")]
    return f"y ~ {' + '.join(factors)} + (1 | place)", frame


def run(kind: str, size: int) -> dict[str, Any]:
    """Fit one case in this process."""
    import melogit as ml

    formula, frame = case(kind, size)
    peak = Peak()
    times: list[float] = []
    while not times or (sum(times) < PATIENCE_SECONDS and len(times) < 6):
        start = time.perf_counter()
        fit = ml.fit(formula, frame, points=1)
        times.append(time.perf_counter() - start)
    kb = peak.kb()
    return {
        "rows": len(frame),
        "coefficients": len(fit.params),
        "seconds": min(times),
        "sweeps": int(sum(fit.trace["sweeps"])),
        "mib": None if kb is None else kb / 1024,
        "converged": bool(fit.converged),
    }


def main() -> None:
    """Run every case in a process of its own, or one in this."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", nargs=2, metavar=("KIND", "SIZE"), help=argparse.SUPPRESS)
    parser.add_argument("--most-rows", type=int, default=ROWS[-1])
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(run(arguments.case[0], int(arguments.case[1]))))
        return
    cases = [
        (kind, n) for kind in ("rows", "crossed rows") for n in ROWS if n <= arguments.most_rows
    ]
    cases += [("coefficients", p) for p in COEFFICIENTS]
    print("| case | rows | coefficients | seconds | ns per row | MiB | sweeps | converged |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for kind, size in cases:
        command = [sys.executable, str(HERE / "growth.py"), "--case", kind, str(size)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=HERE, check=False)
        if done.returncode:
            print(
                f"| {kind} | {size:,} | failed: {done.stderr.strip().splitlines()[-1]} |",
                flush=True,
            )
            continue
        found = json.loads(done.stdout)
        memory = "" if found["mib"] is None else f"{found['mib']:.0f}"
        print(
            f"| {kind} | {found['rows']:,} | {found['coefficients']} | {found['seconds']:.3g} "
            f"| {1e9 * found['seconds'] / found['rows']:.0f} | {memory} | {found['sweeps']} "
            f"| {'yes' if found['converged'] else 'no'} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
