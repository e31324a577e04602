"""A crowd that judges one prediction a minute, with a share of rejections that the test sets."""

import random
from collections.abc import Sequence

from inference.alerting.watch import Watch
from tests.inference.judging import Judging

# Verdicts: a look costs more than they do.
LOOKS_EVERY = 5


def by_chance(count: int, share: float, seed: int) -> list[bool]:
    """Whether each is a rejection: exactly that share of them, in any order."""
    said = [number < round(count * share) for number in range(count)]
    random.Random(seed).shuffle(said)
    return said


class Crowd:
    """People who judge one prediction a minute, of one version after the other."""

    def __init__(self, people: Judging, watch: Watch) -> None:
        self.people = people
        self.watch = watch
        self.minute = 0

    def judge(self, said: Sequence[bool], version: str = "1", by: str | None = None, pause: float = 1) -> None:
        made = self.people.predict(len(said), version)
        for number, (prediction_id, is_rejected) in enumerate(zip(made, said, strict=True), start=1):
            self.people.say(prediction_id, "rejected" if is_rejected else "confirmed", self.minute, by)
            self.minute += pause
            if number % LOOKS_EVERY == 0:
                self.watch.look()
        self.watch.look()
