"""What the API has kept, read page by page as a retrainer reads it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.stack.background import Background
from tests.stack.ledger import Comparison, Item, Ledger
from tests.stack.stack import Stack

PAGE = 1000
# Rows of predictions come in several times a second, after an outage a little later.
SECONDS_UNTIL_KEPT = 20
LARGEST = 2**31


@dataclass(frozen=True)
class Route:
    url: str

    def page(self, since: int, limit: int = PAGE) -> tuple[list[Item], int]:
        answer = requests.get(self.url, params={"since": since, "limit": limit}, timeout=10)
        answer.raise_for_status()
        content = answer.json()
        return content["items"], content["next_since"]

    def since(self, start: int) -> Iterator[Item]:
        items, start = self.page(start)
        while items:
            yield from items
            items, start = self.page(start)

    def end(self) -> int:
        """The number behind which there is nothing yet."""
        low, high = 0, LARGEST
        while low < high:
            middle = (low + high) // 2
            if self.page(middle, 1)[0]:
                low = middle + 1
            else:
                high = middle
        return low


class UnderLoad:
    """People in the background, and what they were told beside what is kept."""

    # Predictions that may be answered and not kept: those whose worker was killed, or that found no room.
    may_lose = 0

    def __init__(self, stack: Stack, name: str) -> None:
        self._routes = [Route(f"{stack.url('inference')}/v1/{noun}") for noun in ("predictions", "feedback")]
        self._starts = [route.end() for route in self._routes]
        self.people = Background(stack.url("inference"), name)
        self.ledger: Ledger = self.people.ledger

    @contextmanager
    def calling(self) -> Iterator[None]:
        """All is well before what goes wrong in here, and afterwards the callers have gone."""
        self.people.start()
        try:
            self.people.wait_until_well()
            yield
        finally:
            self.people.stop()

    def settle(self) -> None:
        """Whatever went wrong: what was acknowledged is kept once, and whoever was sent away was told for how long."""
        ledger, found = self.ledger, self.compare()
        sys.stdout.write(f"\n  {describe(ledger, found, self.people.recovered)}\n")
        lost = set(found.missing_predictions)
        assert found.faults() == [], found.faults()
        assert len(lost) <= self.may_lose, f"{len(lost)} predictions are answered and not kept, such as {min(lost)}"
        assert ledger.unknown.keys() <= lost
        assert ledger.unacknowledged == {}
        assert ledger.refused_verdicts.keys() <= ({503, 404} if self.may_lose else {503})
        assert ledger.says_when_to_come_back()

    def compare(self) -> Comparison:
        """Once every prediction is in the log, or will never be."""
        deadline = time.monotonic() + SECONDS_UNTIL_KEPT
        while True:
            predictions, feedback = (
                list(route.since(start)) for route, start in zip(self._routes, self._starts, strict=True)
            )
            found = self.ledger.compare(predictions, feedback)
            if len(found.missing_predictions) <= self.may_lose or time.monotonic() > deadline:
                return found
            time.sleep(0.5)


def describe(ledger: Ledger, found: Comparison, recovered: float) -> str:
    return (
        f"{ledger.name}: {len(ledger.predictions):,} predictions, failed {ledger.failures or 'none'}, "
        f"{ledger.latency}; verdicts: {len(ledger.acknowledged)} acknowledged, "
        f"refused {ledger.refused_verdicts or 'none'}; missing {len(found.missing)}, "
        f"duplicates {len(found.duplicates)}, predictions not kept {len(found.missing_predictions)}; "
        f"well {recovered:.1f} s afterwards"
    )
