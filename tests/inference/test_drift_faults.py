"""A worker dies between a drift report and its alert, or several look at once: there is one alert, and it is whole."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference.alerting.alert_store import Alert
from tests.inference.drifting import Trainer
from tests.inference.dying import look_and_die_after
from tests.inference.judging import Judging, judging

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

OPENED = [("opened", "first"), ("opened", "second")]
CLOSED = [("closed", "first"), ("closed", "second")]

# A worker that stored a report, and is killed with the alert and its messages written, and nothing committed.
VICTIM = """
import os, signal, sys
from sqlalchemy import event
from tests.inference.drifting import Trainer
from tests.inference.judging import judging
with judging(sys.argv[1]) as people:
    trainer = Trainer(people)
    trainer.report("drifted")
    event.listen(people.engine, "after_cursor_execute", lambda _, __, statement, *___:
        "INSERT INTO deliveries" in statement and os.kill(os.getpid(), signal.SIGKILL))
    trainer.look()
"""


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def trainer(people: Judging) -> Trainer:
    return Trainer(people)


def only(trainer: Trainer) -> Alert:
    [alert] = trainer.alerts()
    return alert


def test_many_who_look_at_once_open_one_alert_and_tell_everybody_once(people: Judging, trainer: Trainer) -> None:
    trainer.report("drifted", "drifted")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: trainer.look(), range(6)))
    assert only(trainer).times_seen == 2
    assert people.told(only(trainer)) == OPENED


def test_reports_that_come_while_three_look_on_are_each_seen_once(people: Judging, trainer: Trainer) -> None:
    with ThreadPoolExecutor(3) as pool:
        for _ in range(30):
            trainer.report("drifted")
            list(pool.map(lambda _: trainer.look(), range(3)))
    assert only(trainer).times_seen == 30


def test_after_a_worker_was_killed_between_report_and_alert_another_opens_it(
    people: Judging, trainer: Trainer, database_url: str
) -> None:
    folder = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", VICTIM, database_url], check=False, cwd=folder)
    assert killed.returncode == -signal.SIGKILL
    assert [report.found.state for report in trainer.reports.list_reports(None, 10)] == ["drifted"]
    assert trainer.alerts() == []
    trainer.look()
    assert only(trainer).times_seen == 1
    assert people.told(only(trainer)) == OPENED


@pytest.mark.parametrize("closes", [False, True], ids=["opened", "closed"])
def test_a_look_that_breaks_off_anywhere_leaves_nothing_half_done(
    people: Judging, trainer: Trainer, closes: bool
) -> None:
    trainer.report("drifted")
    if closes:
        trainer.look()
        trainer.report("stable", "stable", day=1)
    before = [(alert, people.events(alert), people.told(alert)) for alert in trainer.alerts()]
    statements = 1
    while look_and_die_after(people.watch(), people, statements):
        assert [(alert, people.events(alert), people.told(alert)) for alert in trainer.alerts()] == before
        statements += 1
    assert statements > 8
    assert people.told(only(trainer)) == OPENED + CLOSED * closes
    assert only(trainer).times_seen == 1
