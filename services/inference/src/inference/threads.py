"""On a core that threads share, answers go before what can wait."""

import os
import sys
import threading

NICENESS = 10


def step_back() -> None:
    """On Linux each thread has a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
