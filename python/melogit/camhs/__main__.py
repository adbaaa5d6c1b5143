"""``python -m melogit.camhs``: the study on a synthetic cohort, from nothing to a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from time import perf_counter

from melogit.camhs import paper
from melogit.camhs.analysis import analyse
from melogit.camhs.cohort import SEED, synthetic_referrals
from melogit.errors import MelogitError


def main(arguments: Sequence[str] | None = None) -> int:
    """Generate the cohort, analyse it, print what was found, write tables and report.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command-line arguments; by default those of the process.

    Returns
    -------
    int
        0, or 2 when the arguments make no sense or the folder cannot be written.
    """
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        # A Windows console without UTF-8 has no box-drawing lines: print "?" and go on.
        sys.stdout.reconfigure(errors="replace")
    try:
        run(options.out, options.n, options.seed, options.threads)
    except (MelogitError, OSError) as error:
        print(f"melogit.camhs: {error}", file=sys.stderr)
        return 2
    return 0


def run(folder: Path, n: int, seed: int, threads: int | None) -> None:
    """Do the work of `main`."""
    started = perf_counter()
    referrals = synthetic_referrals(n, seed=seed)
    generated = perf_counter() - started
    analysis = analyse(referrals, threads=threads)
    written = [analysis.report(folder / "report.html"), *analysis.to_csv(folder)]
    total = perf_counter() - started
    print(analysis.text(), paper.odds_table(analysis).text(), sep="\n\n")
    print("", paper.risk_table(analysis).text(), sep="\n")
    print("\nSeconds:")
    for name, spent in {f"cohort of {n:,}": generated, **analysis.seconds, "in all": total}.items():
        print(f"  {name:<24}{spent:8.3f}")
    print("\nWritten:", *(f"  {path}" for path in written), sep="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m melogit.camhs",
        description="Analyse a synthetic cohort of CAMHS referrals; no real data are involved.",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build"), help="folder for report and tables"
    )
    parser.add_argument("--n", type=int, default=71_000, help="referrals to generate")
    parser.add_argument("--seed", type=int, default=SEED, help="same seed, same cohort")
    parser.add_argument("--threads", type=int, default=None, help="threads to use at most")
    return parser


if __name__ == "__main__":
    sys.exit(main())
