"""Step by step forward; where one fails, all that this run has touched gets its old image back, the last first."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from .errors import DeployError, Interrupted
from .images import short
from .steps import Step
from .waiting import say

DONE, ROLLED_BACK, BY_HAND, REFUSED = 0, 1, 2, 3
REMINDED_AFTER_SECONDS = 1.0


@dataclass
class Outcome:
    code: int
    sentence: str
    rows: list[tuple[Step, str]] = field(default_factory=list)  # each with what became of it


class Guard:
    """Ctrl-C, and what a workflow sends when it is cancelled: an error in the middle of what is done."""

    def __init__(self) -> None:
        self._is_closed = False

    def close(self) -> None:
        """From now on a signal is only answered."""
        self._is_closed = True

    def __call__(self, number: int, _: FrameType | None) -> None:
        if self._is_closed:
            say(f"{signal.Signals(number).name}: the images of before are being put back; this has to come to its end")
            return
        # Python drops an error that is raised while it clears something away. So it comes again until it is heard.
        reminder = threading.Timer(REMINDED_AFTER_SECONDS, self._remind, (number,))
        reminder.daemon = True
        reminder.start()
        raise Interrupted(f"stopped by {signal.Signals(number).name}")

    def _remind(self, number: int) -> None:
        if not self._is_closed:
            os.kill(os.getpid(), number)


@contextmanager
def guarded() -> Iterator[Guard]:
    guard = Guard()
    before = {number: signal.signal(number, guard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield guard
    finally:
        guard.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def roll_out(steps: Sequence[Step], release: str) -> Outcome:
    """All steps that are needed, or none."""
    rows = [(step, "has it already") for step in steps if not step.is_needed]
    begun: list[Step] = []
    with guarded() as guard:
        try:
            for step in (each for each in steps if each.is_needed):
                say(f"{step.name}: {short(step.before)} -> {short(step.image)}")
                begun.append(step)
                step.apply()
                step.check()
                rows.append((step, "serves"))
        except (Exception, Interrupted) as error:
            guard.close()
            return take_back([step for step in begun if step.is_touched], describe(error))
    return Outcome(DONE, f"Release {release} is deployed and well.", rows)


def describe(error: BaseException) -> str:
    known = isinstance(error, DeployError | Interrupted)
    return str(error) if known else f"{type(error).__name__}: {error}"


def take_back(touched: Sequence[Step], why: str) -> Outcome:
    say(f"FAILED: {why}")
    restored: list[Step] = []
    rows: list[tuple[Step, str]] = []
    by_hand: list[Step] = []
    for step in reversed(touched):
        try:
            rows.append((step, put_back(step)))
            restored.append(step)
        except Exception as error:
            say(f"  {step.name}: {describe(error)}")
            rows.append((step, f"NOT put back: {describe(error)}"))
            by_hand.append(step)
    if by_hand:
        return Outcome(BY_HAND, ask_for_hands(why, by_hand), rows)
    return Outcome(ROLLED_BACK, tell(why, restored), rows)


def put_back(step: Step) -> str:
    """What became of it."""
    say(f"{step.name}: back to {short(step.before)}")
    if not step.before:
        say(f"  {step.name}: had no image before, so there is none to put back")
        return "had nothing before; what failed is still there"
    step.restore()
    if not step.can_go_back:
        say(f"  {step.name}: {step.before} is no digest: put back, and not looked at")
        return "put back, and not looked at"
    step.check_restored()
    return "put back, and well"


def tell(why: str, restored: Sequence[Step]) -> str:
    if not restored:
        return f"FAILED: {why}. Nothing had been changed."
    now = ", ".join(f"{step.name}: {step.before or 'what failed, as there was nothing before'}" for step in restored)
    return f"FAILED: {why}. Rolled back; there now: {now}."


def ask_for_hands(why: str, steps: Sequence[Step]) -> str:
    commands = "".join(f"\n    {step.by_hand()}" for step in steps)
    return f"FAILED: {why}. The rollback failed too; put the old images back by hand:{commands}"
