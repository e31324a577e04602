"""How much memory a server's worker takes: resident, and where the system says so, without what it shares."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Weight:
    """In megabytes of 10^6 bytes."""

    resident: float
    proportional: float | None  # pages that are shared count in equal parts; Linux only


@dataclass(frozen=True, slots=True)
class Process:
    number: int
    parent: int
    kilobytes: int


def weigh_worker(master: int) -> Weight:
    """Of the largest process among `master` and what it started: that one holds the model."""
    worker = max(family_of(master, processes()), key=lambda process: process.kilobytes)
    return Weight(worker.kilobytes * KILOBYTE / 1e6, proportional_megabytes(worker.number))


def processes() -> list[Process]:
    every = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True)
    return [Process(*map(int, line.split())) for line in every.stdout.splitlines()]


def family_of(ancestor: int, every: list[Process]) -> list[Process]:
    family = {ancestor}
    # A child may be listed before its parent, so the list is read until nobody is added.
    while children := {process.number for process in every if process.parent in family} - family:
        family |= children
    return [process for process in every if process.number in family]


def proportional_megabytes(number: int) -> float | None:
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * KILOBYTE / 1e6 for line in lines if line.startswith("Pss:")), None)
