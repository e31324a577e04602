"""Looking again and again until something is so, and saying what is seen meanwhile."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from .errors import DeployError

# Nobody who watches should wonder for longer whether it still goes on.
SILENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Pace:
    poll_seconds: float = 5.0
    timeout_seconds: float = 600.0  # a free plan takes minutes to pull an image and start it
    answer_seconds: float = 10.0  # how long one request may take
    in_a_row: int = 3  # a process that comes up and dies is not well


@dataclass(frozen=True)
class Seen:
    is_good: bool
    words: str


def say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def wait(what: str, look: Callable[[], Seen], pace: Pace, in_a_row: int = 1) -> None:
    """Until it is seen as often as that, one time after the other; an error when the time is up."""
    begun_at = said_at = time.monotonic()
    said = ""
    count = 0
    while True:
        seen = look()
        now = time.monotonic()
        count = count + 1 if seen.is_good else 0
        if seen.words != said or now - said_at >= SILENCE_SECONDS or count == in_a_row:
            times = f" ({count} of {in_a_row})" if count and in_a_row > 1 else ""
            say(f"  {what}: {seen.words}{times}, after {now - begun_at:.0f} s")
            said, said_at = seen.words, now
        if count == in_a_row:
            return
        if now - begun_at >= pace.timeout_seconds:
            raise DeployError(f"{what}: not as it must be after {pace.timeout_seconds:g} s; last seen: {seen.words}")
        time.sleep(pace.poll_seconds)
