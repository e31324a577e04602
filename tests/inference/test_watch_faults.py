"""A worker dies while it looks at verdicts, or several look at once: there is one alert, whole, with its messages."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert

from inference.alerting.watch_store import WatchStore
from inference.errors import DatabaseUnavailable
from inference.tables import feedback
from inference.transactions import announce_writer
from tests.inference.dying import look_and_die_after
from tests.inference.judging import NOON, Judging, judging, look_at_all

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

# A worker that is killed with the alert and its messages written, and nothing committed.
VICTIM = """
import os, signal, sys
from sqlalchemy import event
from tests.inference.judging import judging
with judging(sys.argv[1]) as people:
    event.listen(people.engine, "after_cursor_execute", lambda _, __, statement, *___:
        "INSERT INTO deliveries" in statement and os.kill(os.getpid(), signal.SIGKILL))
    people.watch().look()
"""


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@both
@pytest.mark.parametrize("closes", [False, True], ids=["opened", "closed"])
def test_a_look_that_breaks_off_anywhere_leaves_nothing_half_done(people: Judging, closes: bool) -> None:
    watch = people.watch()
    people.reject(0, 1, 2)
    if closes:
        watch.look()
        people.go_to(40)
    before = [(alert, people.events(alert), people.told(alert)) for alert in people.found()]
    statements = 1
    while look_and_die_after(watch, people, statements):
        after = [(alert, people.events(alert), people.told(alert)) for alert in people.found()]
        # The last word of it is the one that ends the transaction.
        assert after == before
        statements += 1
    assert statements > 5
    [alert] = people.found()
    wanted = ["opened", "closed"] if closes else ["opened"]
    assert people.events(alert) == wanted
    assert people.told(alert) == [(purpose, who) for purpose in wanted for who in people.destinations]
    assert alert.times_seen == 1


@both
def test_what_was_not_committed_is_neither_counted_nor_logged(
    people: Judging, caplog: pytest.LogCaptureFixture
) -> None:
    watch = people.watch()
    people.reject(0, 1, 2)
    statements = 1
    while look_and_die_after(watch, people, statements):
        assert "alert_opened" not in caplog.text
        statements += 1
    assert caplog.text.count("alert_opened rule=burst model_version=1") == 1
    assert b'inference_alerts_opened_total{kind="alert",rule="burst"} 1.0' in people.metrics.render()


@both
def test_after_a_worker_was_killed_in_its_turn_another_finds_the_alert(people: Judging, database_url: str) -> None:
    people.reject(0, 1, 2)
    folder = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", VICTIM, database_url], check=False, cwd=folder)
    assert killed.returncode == -signal.SIGKILL
    assert people.found() == []
    look_at_all(people.watch())
    [alert] = people.found()
    assert len(people.told(alert)) == 2


@both
def test_many_who_look_at_once_open_one_alert_and_tell_everybody_once(people: Judging) -> None:
    people.reject(0, 1, 2)
    people.reject(2.5, by="bob")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(look_at_all, [people.watch() for _ in range(6)]))
    [alert] = people.found()
    assert alert.times_seen == 1
    assert people.told(alert) == [("opened", "first"), ("opened", "second")]


class SlowStore(WatchStore):
    """Between its two questions somebody says something."""

    def __init__(self, people: Judging, say: Callable[[], object]) -> None:
        super().__init__(people.engine)
        self._say = say

    def find_horizon(self) -> int | None:
        horizon = super().find_horizon()
        self._say()
        return horizon


@both
def test_what_comes_while_one_looks_is_seen_once_by_the_next_look(people: Judging) -> None:
    people.reject(0, 1)
    people.watch(store=SlowStore(people, lambda: people.reject(2))).look()
    assert people.found() == []
    people.watch().look()
    [alert] = people.found()
    assert (alert.times_seen, alert.rejected) == (1, 3)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_verdict_that_is_committed_after_a_later_one_is_not_passed_over(people: Judging) -> None:
    """Postgres numbers rows before they are there: whoever looks waits for those that are on their way."""
    watch = people.watch()
    slow, *others = people.predict(3)
    with people.engine.connect() as connection:
        announce_writer(connection, feedback)
        row = {"prediction_id": slow, "verdict": "rejected", "created_at": people.now, "verdict_since": people.now}
        connection.execute(insert(feedback).values(row))
        for prediction_id in others:
            people.say(prediction_id, "rejected", 1)
        with pytest.raises(DatabaseUnavailable):
            watch.look()
        connection.commit()
    watch.look()
    [alert] = people.found()
    assert (alert.rejected, alert.since) == (3, NOON)
