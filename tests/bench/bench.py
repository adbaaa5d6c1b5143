"""Times whole calls, from a pandas frame of text to a fit with standard errors, beside other programs.

Run by ``make bench`` (models A and H) and ``make bench-all`` (A to H). Each program lives in a process of its
own and is asked in turn; the table gives the median of five calls after one warm-up, the peak memory of a call, the work
done, and the log-likelihood reached, so that a quick wrong answer shows.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import Model, all_models
from peers import NO_RANDOM_EFFECT, PACKAGES

VARIATIONAL = "statsmodels variational Bayes"
# Above so many rows a frame of text is a test of the reader.
MOST_TEXT_ROWS = 2_000_000
HERE = Path(__file__).resolve().parent
# A program whose warm-up took longer than this is timed once more and no oftener; the table says so.
PATIENCE_SECONDS = 60.0


@dataclass
class Worker:
    """One program in one process, with what it answered so far."""

    peer: str
    process: subprocess.Popen[str]
    version: str = ""
    error: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    warm_up: dict[str, Any] = field(default_factory=dict)

    def read(self) -> dict[str, Any]:
        """Read the next answer; a process that ended is an answer too."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return (
            json.loads(line) if line.strip() else {"error": "the process ended without an answer"}
        )

    def fit(self, calls: int = 1) -> dict[str, Any]:
        """Ask for so many fits in a row and wait for their mean."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"fit {calls}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return {"error": "the process ended"}
        return self.read()

    def close(self) -> None:
        """Let the process end by itself."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(timeout=60)


def start(peer: str, spec: Path) -> Worker:
    """Start the worker of one program and wait until its frame is loaded."""
    if peer in PACKAGES:
        command = [sys.executable, str(HERE / "worker.py"), peer, str(spec)]
    else:
        command = [str(shutil.which("Rscript")), str(HERE / "worker.R"), peer, str(spec)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=HERE,
    )
    worker = Worker(peer, process)
    hello = worker.read()
    worker.version = str(hello.get("version", ""))
    if not hello.get("ready"):
        worker.error = str(hello.get("error", "did not start"))
    return worker


def peers_of(model: Model, slow: bool, only: list[str]) -> list[str]:
    """Every program that is to be tried on this model on this machine."""
    names = list(PACKAGES)
    if shutil.which("Rscript"):
        names += ["glmmTMB", "lme4"]
    if not slow:
        names = [name for name in names if name not in (*model.slow_peers, VARIATIONAL)]
    return [name for name in names if not only or name in only]


def measure(model: Model, repeats: int, slow: bool, only: list[str]) -> list[Worker]:
    """Time every program on one model, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        frame = model.frame()
        print(f"# {model.key}: {len(frame):,} rows", file=sys.stderr)
        # Categories are kept as they are; text goes through a file that R reads too.
        rows = Path(folder) / f"rows.{'parquet' if len(frame) > MOST_TEXT_ROWS else 'csv'}"
        frame.to_parquet(rows) if rows.suffix == ".parquet" else frame.to_csv(rows, index=False)
        spec = Path(folder) / "spec.json"
        spec.write_text(json.dumps({**model.as_dict(), "rows": str(rows)}), encoding="utf-8")
        workers = [start(peer, spec) for peer in peers_of(model, slow, only)]
        ready = [worker for worker in workers if not worker.error]
        for worker in ready:
            worker.warm_up = worker.fit()
            worker.error = str(worker.warm_up.get("error", ""))
            print(
                f"#   {worker.peer}: {worker.error or worker.warm_up['seconds']}", file=sys.stderr
            )
        for turn in range(repeats):
            for worker in ready:
                if worker.error or (turn > 0 and worker.warm_up["seconds"] > PATIENCE_SECONDS):
                    continue
                # A call of milliseconds is timed in bunches of about a fifth of a second.
                answer = worker.fit(max(1, min(200, round(0.2 / worker.warm_up["seconds"]))))
                worker.error = str(answer.get("error", ""))
                if not worker.error:
                    worker.answers.append(answer)
        for worker in workers:
            worker.close()
    return workers


def seconds_of(worker: Worker) -> float:
    """Median seconds of the timed calls."""
    return float(statistics.median(answer["seconds"] for answer in worker.answers))


def _memory(worker: Worker) -> str:
    peaks = [
        answer["memory_kb"]
        for answer in worker.answers
        if isinstance(answer.get("memory_kb"), (int, float))
    ]
    return f"{max(peaks) / 1024:.0f}" if peaks else ""


def _loglik(worker: Worker) -> float:
    """Log-likelihood reached; NaN for a program whose value does not compare."""
    value = worker.answers[-1]["loglik"]
    return math.nan if value is None else float(value)


def table(model: Model, workers: list[Worker]) -> str:
    """One markdown table; ratios are to the fastest other program that fits the same mixed model with errors."""
    done = [worker for worker in workers if worker.answers]
    mixed = [
        worker
        for worker in done
        if worker.peer not in NO_RANDOM_EFFECT and not math.isnan(_loglik(worker))
    ]
    fastest = min(
        (worker for worker in mixed if not worker.peer.startswith("melogit")),
        key=seconds_of,
        default=None,
    )
    best = max((_loglik(worker) for worker in mixed), default=math.nan)
    lines = [
        f"### {model.key}: {model.title}",
        "",
        f"`{model.response}{'' if model.trials is None else ' / ' + model.trials} ~ {model.right}`",
        "",
        "| program | seconds, median (min to max) | times | fastest peer / this | MiB | evaluations | log-likelihood | short of best | SE |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for worker in sorted(done, key=seconds_of):
        times = [answer["seconds"] for answer in worker.answers]
        last = worker.answers[-1]
        compares = worker in mixed
        ratio = (
            f"{seconds_of(fastest) / seconds_of(worker):.3g}"
            if fastest is not None and compares
            else ""
        )
        loglik = _loglik(worker)
        lines.append(
            f"| {worker.peer} ({worker.version}) | {seconds_of(worker):.4g} ({min(times):.4g} to {max(times):.4g}) "
            f"| {len(times)} | {ratio} | {_memory(worker)} | {last.get('evaluations') or ''} "
            f"| {'' if math.isnan(loglik) else f'{loglik:.6f}'} | {f'{best - loglik:.1e}' if compares else ''} "
            f"| {'yes' if last['has_se'] else 'no'} |"
        )
    return "\n".join([*lines, "", *_remarks(model, workers, done)])


def _remarks(model: Model, workers: list[Worker], done: list[Worker]) -> list[str]:
    by_name = {worker.peer: worker for worker in done}
    lines = []
    ours, plain = by_name.get("melogit"), by_name.get("melogit, no random effect")
    if ours and plain:
        ratio = seconds_of(ours) / seconds_of(plain)
        lines.append(
            f"The mixed fit costs {ratio:.1f} times our own fit of the same rows without random effects."
        )
    lines += [f"{w.peer}: not timed ({w.error})." for w in workers if not w.answers]
    absent = [name for name in model.slow_peers if name not in by_name]
    lines += [
        f"{name}: not timed without --slow (minutes a fit, or no fit at all)." for name in absent
    ]
    return [line + "\n" for line in lines]


def machine() -> str:
    """Name the machine in one line: figures without it mean nothing."""
    cpu = platform.processor() or platform.machine()
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        cpu = next(
            (
                line.split(":", 1)[1].strip()
                for line in info.splitlines()
                if line.startswith("model name")
            ),
            cpu,
        )
    except OSError:
        pass
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Parse the command line, measure, print markdown."""
    models = all_models()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", help=f"any of {', '.join(models)} (default: A H)")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--slow", action="store_true", help="also the programs that need minutes")
    parser.add_argument(
        "--only", action="append", default=[], metavar="PROGRAM", help="time these programs only"
    )
    arguments = parser.parse_args()
    unknown = [key for key in arguments.models if key not in models]
    if unknown:
        parser.error(f"no such model: {', '.join(unknown)}; there are {', '.join(models)}")
    print(f"Machine: {machine()}. Median of {arguments.repeats} calls, in turn, after one warm-up;")
    print(f"a program whose warm-up took over {PATIENCE_SECONDS:.0f} s is timed once.\n")
    for key in arguments.models or ["A", "H"]:
        workers = measure(models[key], arguments.repeats, arguments.slow, arguments.only)
        print(table(models[key], workers), flush=True)


if __name__ == "__main__":
    main()
