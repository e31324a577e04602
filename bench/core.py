"""What the driver needs of the machine: a core of its own, the servers on another one, and enough connections."""

import gc
import os
import resource
import sys
from collections.abc import Coroutine
from typing import TypeVar

import uvloop

SERVER_CORE = 0
DRIVER_CORE = 1
OPEN_FILES = 4_096
Result = TypeVar("Result")


def pin(core: int, process: int = 0) -> None:
    """Keep a process (0: this one) and what it starts from now on to one core. Where that cannot be, it may roam."""
    if sys.platform == "linux" and core in range(os.cpu_count() or 1):
        os.sched_setaffinity(process, {core})


def allow_connections() -> None:
    """Each is an open file, here and in the servers started from here; some systems give 256 unless asked."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def drive(work: Coroutine[None, None, Result]) -> Result:
    """Run a driver's work on the fastest loop there is, and without pauses of its own for collecting garbage."""
    allow_connections()
    gc.disable()
    try:
        return uvloop.run(work)
    finally:
        gc.enable()
