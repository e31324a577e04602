"""What the container that this process is in has taken of the processor, and what it has in memory.

The kernel's own counters of the container, where there is one, since a plan bills all that is in it. Elsewhere it is
the sum over gunicorn and its workers (cpu_family.py): the machine's counters are of everybody on it.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CGROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# What version 1 says where there is no limit is near 2^63, rounded to pages.
NO_LIMIT = 2**60
# Of /proc/PID/stat, behind the name in brackets: when the process began, in ticks since the machine did.
STARTED = 19


@dataclass(frozen=True, slots=True)
class Usage:
    # Of the processor, since the life began; another life counts from 0 again.
    cpu_seconds: float
    life: str
    age_seconds: float
    memory_bytes: int
    # 0: none.
    memory_limit_bytes: int


class Meter(Protocol):
    def read(self) -> Usage:
        """Raises OSError."""


def find_meter(root: int, cgroups: Path = CGROUPS, proc: Path = PROC) -> Meter | None:
    """`root` is the process whose family this is. None where the system does not say: on macOS."""
    if sys.platform != "linux":
        return None
    if is_a_container_of_version_2(cgroups):
        return ContainerMeter(cgroups, proc, cpu_of_version_2, memory_of_version_2)
    if is_a_container_of_version_1(cgroups):
        return ContainerMeter(cgroups, proc, cpu_of_version_1, memory_of_version_1)
    # Here, so that a process on macOS does not pay for it.
    from inference.cpu_family import FamilyMeter

    return FamilyMeter(root, proc)


def is_a_container_of_version_2(cgroups: Path) -> bool:
    """The machine's own group, which is at this place without a container, has no type and no memory of its own."""
    return (cgroups / "cgroup.type").is_file() and (cgroups / "cpu.stat").is_file()


def is_a_container_of_version_1(cgroups: Path) -> bool:
    """Only the machine's own group has an agent for its release."""
    processor = cgroups / "cpuacct"
    return (processor / "cpuacct.usage").is_file() and not (processor / "release_agent").exists()


@dataclass(frozen=True, slots=True)
class ContainerMeter:
    cgroups: Path
    proc: Path
    read_cpu: Callable[[Path], float]
    read_memory: Callable[[Path], tuple[int, int]]

    def read(self) -> Usage:
        # A container has a first process of its own, and ends with it.
        life, age = read_life(1, self.proc)
        memory, limit = self.read_memory(self.cgroups)
        return Usage(self.read_cpu(self.cgroups), life, age, memory, limit)


def cpu_of_version_2(cgroups: Path) -> float:
    return value_in(cgroups / "cpu.stat", "usage_usec") / 1e6


def memory_of_version_2(cgroups: Path) -> tuple[int, int]:
    """As `docker stats` has it: without pages of files that nobody has asked for lately. 0 where it is not counted."""
    try:
        taken = read_number(cgroups / "memory.current") - value_in(cgroups / "memory.stat", "inactive_file")
        return max(taken, 0), read_limit(cgroups / "memory.max")
    except OSError:
        return 0, 0


def cpu_of_version_1(cgroups: Path) -> float:
    return read_number(cgroups / "cpuacct" / "cpuacct.usage") / 1e9


def memory_of_version_1(cgroups: Path) -> tuple[int, int]:
    memory = cgroups / "memory"
    try:
        taken = read_number(memory / "memory.usage_in_bytes") - value_in(memory / "memory.stat", "total_inactive_file")
        return max(taken, 0), read_limit(memory / "memory.limit_in_bytes")
    except OSError:
        return 0, 0


def read_number(path: Path) -> int:
    return int(path.read_bytes())


def read_limit(path: Path) -> int:
    said = path.read_bytes().strip()
    limit = 0 if said == b"max" else int(said)
    return limit if limit < NO_LIMIT else 0


def value_in(path: Path, name: str) -> int:
    """Of a file with a name and a number in each line; 0 where it does not have the name."""
    lines = (line.split() for line in path.read_bytes().splitlines())
    return next((int(line[1]) for line in lines if line[0] == name.encode()), 0)


def read_life(process: int, proc: Path) -> tuple[str, float]:
    """What no other process is called, also after the machine was started again; and how long it has lived."""
    started = int(read_stat(process, proc)[STARTED])
    boot = ""
    with suppress(OSError):
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    up = float((proc / "uptime").read_bytes().split()[0])
    return f"{boot}:{process}:{started}", max(0.0, up - started / TICKS)


def read_stat(process: int, proc: Path) -> list[bytes]:
    """The fields behind the name, which may hold anything. Raises OSError."""
    return (proc / str(process) / "stat").read_bytes().rpartition(b")")[2].split()
