"""How much memory this process holds and has held, in megabytes of 10^6 bytes, as the system counts it."""

import contextlib
import os
import resource
import subprocess
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")  # Linux only


def resident_megabytes() -> float:
    """What is in memory now."""
    if STATUS.exists():
        return _status_megabytes("VmRSS")
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True)
    return int(answer.stdout) * 1024 / 1e6


def peak_megabytes() -> float:
    """The most there was, since the process began or, on Linux, since `forget_peak`."""
    if STATUS.exists():
        return _status_megabytes("VmHWM")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def forget_peak() -> None:
    """Let the peak begin at what is in memory now. Where the system does not allow it, it goes on."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # man 5 proc


def _status_megabytes(field: str) -> float:
    lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kilobytes) * 1024 / 1e6
