"""How much memory a call needs, as the kernel counts it."""

from __future__ import annotations

import sys
from pathlib import Path


def status_kb(field: str) -> int | None:
    """A field of the kernel's account of this process in KiB, where there is one (Linux)."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return None


def reset_peak() -> bool:
    """Set the kernel's high-water mark back to what is resident now."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def lifetime_peak_kb() -> int | None:
    """Peak resident size since the process began, where the platform tells (not on Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak // 1024 if sys.platform == "darwin" else peak


class Peak:
    """Peak of resident memory from its making on, above what was resident then."""

    def __init__(self) -> None:
        self.exact = reset_peak()
        self.before = status_kb("VmRSS") if self.exact else lifetime_peak_kb()

    def kb(self) -> int | None:
        """KiB above the start; without the kernel's help the growth of the lifetime's peak, a lower bound."""
        after = status_kb("VmHWM") if self.exact else lifetime_peak_kb()
        return None if self.before is None or after is None else max(0, after - self.before)
