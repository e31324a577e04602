"""The share rule goes on where it was, on both databases: after a restart, and with several who look in turns."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from sqlalchemy import delete

from inference.alerting.rate import Detector
from inference.tables import alert_events, alert_examples, alerts, cursors, deliveries, detectors
from tests.inference.crowd import by_chance
from tests.inference.judging import RATES, Judging, judging, look_at_all
from tests.inference.roles import superuser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


NAMES = (None, "ann", "bob", "ann", "ann", None, "eve", "ann")


def write_a_day(people: Judging) -> None:
    """Of several people, one of whom says more than counts; some change what they said, and the share rises."""
    said = by_chance(150, 0.1, seed=6) + by_chance(150, 0.5, seed=7)
    made = people.predict(100, version="old") + people.predict(200)
    for number, (prediction_id, is_rejected) in enumerate(zip(made, said, strict=True)):
        by = NAMES[number % len(NAMES)]
        people.say(prediction_id, "rejected" if is_rejected else "confirmed", number / 3, by)
        if number % 10 == 0:
            people.say(prediction_id, "confirmed" if is_rejected else "rejected", number / 3 + 0.1, by)


def looked_at_alone(people: Judging) -> Detector:
    """What one watch makes of all verdicts, looking once."""
    with superuser(people.engine) as connection:
        for table in (deliveries, alert_events, alert_examples, alerts, detectors, cursors):
            connection.execute(delete(table))
    look_at_all(people.watch(RATES))
    return people.detector()


def test_the_rules_go_on_after_a_restart_where_they_were(people: Judging) -> None:
    said = by_chance(60, 0.3, seed=8)
    for number, (prediction_id, is_rejected) in enumerate(zip(people.predict(60), said, strict=True)):
        people.say(prediction_id, "rejected" if is_rejected else "confirmed", number, NAMES[number % len(NAMES)])
        people.watch(RATES).look()
    in_small_steps = people.detector()
    assert in_small_steps.judged > 30
    assert in_small_steps == looked_at_alone(people)


def test_two_that_take_turns_find_what_one_alone_finds(people: Judging) -> None:
    is_over = Event()

    def look_on() -> None:
        watch = people.watch(RATES)
        while not is_over.is_set():
            watch.look()

    both = [Thread(target=look_on) for _ in range(2)]
    for each in both:
        each.start()
    try:
        write_a_day(people)
    finally:
        is_over.set()
        for each in both:
            each.join()
    look_at_all(people.watch(RATES))
    together = people.detector()
    [alert] = people.found()
    alone = looked_at_alone(people)
    assert together == alone
    [same] = people.found()
    assert (alert.since, alert.last_seen_at, alert.times_seen) == (same.since, same.last_seen_at, same.times_seen)
    assert together.judged < 300
