"""Streamlit as it is, which also gives free memory back to the system when the signal USR1 tells it to.

What is resident after that is held by somebody; what goes was free, and only kept by the C library for who asks next.
"""

import ctypes
import gc
import signal
import sys
from types import FrameType


def give_back(number: int, frame: FrameType | None) -> None:
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def main() -> None:
    from streamlit.web.cli import main as streamlit

    signal.signal(signal.SIGUSR1, give_back)
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    streamlit()


if __name__ == "__main__":
    main()
