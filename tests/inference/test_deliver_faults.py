"""Whoever sends a message dies, is slow or not alone, on both databases: it comes, and again only as the same."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from inference.alerting.apprise_notifier import AppriseNotifier
from inference.alerting.delivery_store import LEASE
from inference.alerting.notifiers import Notifier
from tests.inference.judging import Judging, judging
from tests.inference.receivers import Webhook, webhook
from tests.inference.telling import alarm, deliverer, to

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

SECOND = timedelta(seconds=1)

# One that is killed when the message is out, and before that is noted.
VICTIM = """
import os, signal, sys
from inference.alerting.apprise_notifier import AppriseNotifier
from inference.alerting.delivery_store import DeliveryStore
from tests.inference.judging import judging
from tests.inference.telling import deliverer
class Doomed(DeliveryStore):
    def settle(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)
with judging(sys.argv[1]) as people:
    deliverer(people, AppriseNotifier(sys.argv[2]), Doomed(people.engine)).deliver()
"""


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def to_hook(hook: Webhook) -> AppriseNotifier:
    return AppriseNotifier(f"json://{hook.address}/")


def test_who_is_killed_before_it_is_noted_is_followed_by_another_with_the_same_message(
    people: Judging, database_url: str, hook: Webhook, to_hook: Notifier
) -> None:
    alert = alarm(people, to_hook)
    command = [sys.executable, "-c", VICTIM, database_url, f"json://{hook.address}/"]
    killed = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    assert len(hook.bodies) == 1
    people.now += LEASE - SECOND
    assert deliverer(people, to_hook).deliver() is False
    people.now += SECOND
    assert deliverer(people, to_hook).deliver() is True
    first, again = hook.bodies
    assert first == again
    assert to(to_hook, people, alert).delivered_at == people.now


def test_many_who_would_send_it_send_it_once(people: Judging, hook: Webhook, to_hook: Notifier) -> None:
    alarm(people, to_hook)
    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(lambda _: deliverer(people, to_hook).deliver(), range(6)))
    assert sorted(sent) == [False] * 5 + [True]
    assert len(hook.bodies) == 1


def test_who_was_overtaken_and_fails_in_the_end_does_not_undo_the_delivery(
    people: Judging, hook: Webhook, to_hook: Notifier
) -> None:
    alert = alarm(people, to_hook)
    due = people.deliveries.find_due(to_hook.destination, people.now)
    assert due is not None
    slow = people.deliveries.claim(due, people.now)
    assert slow is not None
    people.now += LEASE
    deliverer(people, to_hook).deliver()
    people.deliveries.settle(slow.delivery_id, people.now, "no answer in time", people.now + SECOND)
    people.now += 60 * SECOND
    assert deliverer(people, to_hook).deliver() is False
    assert len(hook.bodies) == 1
    done = to(to_hook, people, alert)
    assert done.delivered_at is not None
    assert [attempt.error for attempt in done.attempts] == [None, "no answer in time"]


def test_who_is_not_told_any_more_gets_nothing(people: Judging, hook: Webhook, to_hook: Notifier) -> None:
    alarm(people, to_hook)
    other = AppriseNotifier(f"json://{hook.address}/other")
    assert deliverer(people, other).deliver() is False
    assert hook.bodies == []
