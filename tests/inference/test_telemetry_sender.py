"""Copies for Application Insights on their way: what leaves, what waits, and that nothing is lost or sent by two."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from inference.database import build_engine
from inference.retention import Retention
from inference.tables import telemetry_outbox
from inference.telemetry.items import Item, Outcome
from inference.telemetry.outbox import LEASE, TelemetryOutbox
from inference.telemetry.sender import GROUP, pause_after
from tests.inference.copies import JANE, TWEET, Clock, Endpoint, Worker
from tests.inference.stored import row_of

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

ACCEPTED, LATER, REFUSED = Outcome.ACCEPTED, Outcome.LATER, Outcome.REFUSED


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("inference.telemetry.sender.time", clock)
    monkeypatch.setattr("inference.telemetry.sender.datetime", clock)
    return clock


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def worker(engine: Engine, endpoint: Endpoint) -> Worker:
    return Worker(engine, endpoint)


def row_number(number: int) -> bytes:
    return row_of(f"tweet {number}")


# What leaves


@both
def test_a_rejection_that_was_taken_is_crossed_off(worker: Worker, endpoint: Endpoint) -> None:
    prediction_id = worker.reject()
    worker.stored.judge(worker.stored.predict("fine"), "confirmed", copied=True)
    assert worker.sender.send() is False
    [event] = endpoint.events()
    [row] = worker.rows()
    assert event.name == "prediction_rejected"
    assert event.properties == {
        "feedback_id": f"{prediction_id}:{row['sequence']}",
        "prediction_id": str(prediction_id),
        "predicted_label": "negative",
        "corrected_label": "positive",
        "probability": "0.7500",
        "model_name": "m",
        "model_version": "1",
        "text_length": str(len(TWEET)),
    }
    assert (row["next_attempt_at"], row["attempts"]) == (None, 1)
    assert row["sent_at"] is not None
    worker.sender.send()
    assert len(endpoint.asked) == 1
    assert b"inference_rejections_to_copy 0.0" in worker.metrics.render()


@both
def test_a_text_leaves_only_if_it_is_wanted_and_masked(engine: Engine, endpoint: Endpoint) -> None:
    worker = Worker(engine, endpoint, include_text=True)
    worker.reject()
    worker.telemetry.note_served(row_of(TWEET))
    worker.sender.send()
    assert [event.properties["text"] for event in endpoint.events()] == ["@AirParadis late, says @user"] * 2


@both
def test_nothing_of_a_person_leaves(worker: Worker, endpoint: Endpoint) -> None:
    worker.reject(author=JANE)
    worker.telemetry.note_served(row_of(TWEET, author=JANE))
    worker.sender.send()
    assert len(endpoint.events()) == 2
    said = repr(endpoint.events())
    assert all(word not in said for word in (JANE, "@jane", "late", "comment"))


@both
@pytest.mark.parametrize("include_text", [False, True])
def test_a_text_that_was_erased_meanwhile_does_not_leave(engine: Engine, include_text: bool) -> None:
    worker = Worker(engine, Endpoint(), include_text)
    worker.reject(author=JANE)
    Retention(engine).erase(JANE, datetime.now(UTC))
    worker.sender.send()
    [event] = worker.endpoint.events()
    assert event.properties["text_length"] == "0"
    assert not event.properties.get("text")


# What waits


@both
def test_what_is_not_taken_is_kept_and_tried_after_ever_longer_pauses(
    worker: Worker, endpoint: Endpoint, clock: Clock
) -> None:
    worker.reject()
    endpoint.says = always(LATER)
    for tries, pause in enumerate([1, 2, 4, 8, 16, 30, 30], 1):
        worker.sender.send()
        [row] = worker.waiting()
        assert (row["attempts"], row["sent_at"]) == (tries, None)
        clock.leap(pause - 0.5)
        assert worker.sender.send() is False
        assert len(endpoint.asked) == tries
        clock.leap(0.51)
    endpoint.says = always(ACCEPTED)
    worker.sender.send()
    assert (worker.waiting(), len(endpoint.events())) == ([], 1)


@both
def test_once_it_is_taken_again_the_pauses_are_short_again(worker: Worker, endpoint: Endpoint, clock: Clock) -> None:
    for outcome in (LATER, LATER, ACCEPTED, LATER):
        worker.reject()
        endpoint.says = always(outcome)
        worker.sender.send()
        clock.leap(2.01 if outcome is LATER else 0)
    assert len(endpoint.asked) == 4
    worker.sender.send()
    assert len(endpoint.asked) == 5


@both
def test_an_outage_of_days_is_survived(worker: Worker, endpoint: Endpoint, clock: Clock) -> None:
    """The power of two that the pause would be is more than a float can hold."""
    tries_of_three_days = 3 * 24 * 60 * 2
    assert pause_after(tries_of_three_days) == 30
    worker.reject()
    with worker.engine.begin() as connection:
        connection.execute(update(telemetry_outbox).values(attempts=tries_of_three_days))
    endpoint.says = always(LATER)
    worker.sender.send()
    clock.leap(30.01)
    endpoint.says = always(ACCEPTED)
    worker.sender.send()
    assert (worker.waiting(), len(endpoint.events())) == ([], 1)


@both
def test_what_is_refused_is_kept_for_an_hour_and_nothing_waits_for_it(
    worker: Worker, endpoint: Endpoint, clock: Clock
) -> None:
    refused = str(worker.reject())
    endpoint.says = always(REFUSED)
    worker.sender.send()
    endpoint.says = always(ACCEPTED)
    other = str(worker.reject())
    clock.leap(3590)
    worker.sender.send()
    assert [event.properties["prediction_id"] for event in endpoint.events()] == [other]
    clock.leap(10)
    worker.sender.send()
    assert [event.properties["prediction_id"] for event in endpoint.events()] == [other, refused]
    assert worker.waiting() == []


@both
def test_of_a_group_only_what_was_not_taken_is_sent_again(worker: Worker, endpoint: Endpoint, clock: Clock) -> None:
    ids = [str(worker.reject()) for _ in range(4)]
    answers = dict(zip(ids, (ACCEPTED, LATER, REFUSED, ACCEPTED), strict=True))
    endpoint.says = lambda item: answers[item.properties["prediction_id"]]
    worker.sender.send()
    endpoint.says = always(ACCEPTED)
    clock.leap(1.01)
    worker.sender.send()
    assert sent_ids(endpoint) == [ids[0], ids[3], ids[1]]
    clock.leap(3600)
    worker.sender.send()
    assert sent_ids(endpoint) == [ids[0], ids[3], ids[1], ids[2]]


def always(outcome: Outcome) -> Callable[[Item], Outcome]:
    return lambda _: outcome


def sent_ids(endpoint: Endpoint) -> list[str]:
    return [event.properties["prediction_id"] for event in endpoint.events()]


@both
def test_of_many_a_group_is_sent_after_the_other_without_a_pause(
    worker: Worker, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.telemetry.sender.GROUP", 2)
    ids = [str(worker.reject()) for _ in range(5)]
    assert [worker.sender.send() for _ in range(3)] == [True, True, False]
    assert [len(items) for items in endpoint.asked] == [2, 2, 1]
    assert sent_ids(endpoint) == ids


# Who sends it


@both
def test_nobody_else_gets_what_is_being_sent_until_the_lease_has_run_out(worker: Worker, database_url: str) -> None:
    worker.reject()
    another = build_engine(database_url)
    now = datetime.now(UTC)
    [first] = worker.outbox.claim(now, GROUP)
    assert TelemetryOutbox(another).claim(now + LEASE - timedelta(seconds=1), GROUP) == []
    [second] = TelemetryOutbox(another).claim(now + LEASE, GROUP)
    another.dispose()
    assert (first.sequence, first.attempts, second.attempts) == (second.sequence, 1, 2)


@both
def test_what_another_has_sent_is_not_taken_up_again_by_who_was_too_slow(worker: Worker) -> None:
    worker.reject()
    now = datetime.now(UTC)
    [slow] = worker.outbox.claim(now, GROUP)
    [quick] = worker.outbox.claim(now + LEASE, GROUP)
    worker.outbox.settle([quick.sequence], {}, now + LEASE)
    worker.outbox.settle([], {slow.sequence: now + LEASE}, now + LEASE)
    assert worker.waiting() == []


@both
def test_a_crowd_of_senders_sends_each_once(worker: Worker, database_url: str) -> None:
    for number in range(120):
        worker.reject(f"tweet {number}")
    engines = [build_engine(database_url) for _ in range(3)]
    with ThreadPoolExecutor(len(engines)) as threads:
        claimed = list(threads.map(claim_all, engines))
    for engine in engines:
        engine.dispose()
    sequences = [sequence for each in claimed for sequence in each]
    assert sorted(sequences) == [row["sequence"] for row in worker.rows()]


def claim_all(engine: Engine) -> list[int]:
    outbox, claimed = TelemetryOutbox(engine), list[int]()
    now = datetime.now(UTC)
    while found := outbox.claim(now, 7):
        claimed += [copy.sequence for copy in found]
    return claimed


# What is worth little by the piece


@both
def test_the_rest_goes_on_after_a_failure_though_nobody_rejects_anything(
    worker: Worker, endpoint: Endpoint, clock: Clock
) -> None:
    endpoint.says = always(LATER)
    worker.telemetry.note_served(row_number(1))
    worker.sender.send()
    endpoint.says = always(ACCEPTED)
    worker.telemetry.note_served(row_number(2))
    clock.leap(1.01)
    worker.sender.send()
    # The first is not made up for: there are always more of them.
    assert [event.properties["text_length"] for event in endpoint.events()] == [str(len("tweet 2"))]


@both
def test_what_comes_faster_than_the_sender_looks_is_sent_all_the_same(worker: Worker, endpoint: Endpoint) -> None:
    for number in range(2 * GROUP + 1):
        worker.telemetry.note_served(row_number(number))
    assert [worker.sender.send() for _ in range(3)] == [True, True, False]
    assert len(endpoint.events()) == 2 * GROUP + 1


@both
def test_rejections_go_first_and_the_rest_waits_while_they_are_not_taken(worker: Worker, endpoint: Endpoint) -> None:
    worker.reject()
    worker.telemetry.note_served(row_number(1))
    endpoint.says = always(LATER)
    worker.sender.send()
    assert [[item.name for item in items] for items in endpoint.asked] == [["prediction_rejected"]]
    assert len(worker.telemetry.take_served(GROUP)) == 1


@both
def test_requests_of_an_outage_wait_and_are_not_counted_twice(worker: Worker, endpoint: Endpoint, clock: Clock) -> None:
    def take_half(item: Item) -> Outcome:
        return ACCEPTED if item.properties["status"] == "200" else LATER

    worker.sender.send()
    for status in (200, 503):
        worker.telemetry.note_request("/v1/predictions", status, 0.5)
    endpoint.says = take_half
    clock.leap(60)
    worker.sender.send()
    endpoint.says = always(ACCEPTED)
    clock.leap(1.01)
    worker.sender.send()
    assert [(item.name, item.properties["status"]) for item in endpoint.taken] == [
        ("request_seconds", "200"),
        ("request_seconds", "503"),
    ]


@both
def test_requests_of_a_long_outage_are_bounded(
    worker: Worker, endpoint: Endpoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.telemetry.sender.GROUP", 10)
    endpoint.says = always(LATER)
    worker.sender.send()
    for _ in range(20):
        worker.telemetry.note_request("/v1/predictions", 200, 0.5)
        clock.leap(61)
        worker.sender.send()
    assert max(len(items) for items in endpoint.asked) == 11
    latest = endpoint.asked[-1][-1]
    endpoint.says = always(ACCEPTED)
    clock.leap(31)
    worker.sender.send()
    assert (len(endpoint.taken), endpoint.taken[-1]) == (10, latest)
